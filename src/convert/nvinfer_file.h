// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "convert/recipe.h"

namespace es::convert {

enum class Stage { primary, secondary };

// The name of the file and its text: a Gst-nvinfer configuration with, above each derived key, a comment that says what
// it was derived from.
std::string nvinfer_file_name(const Recipe& recipe, Stage stage);
std::string nvinfer_file(const Recipe& recipe, Stage stage);

// Where nvinfer writes the engine it builds from this file, and where the file tells it to look.
std::string engine_file_name(const Recipe& recipe, Stage stage);

// The name of the parser's shared library, relative to the folder.
std::string parser_library(const Recipe& recipe);

// What the parser of a network is called whose decoding is left to the user.
std::string skeleton_function(const Recipe& recipe);

}  // namespace es::convert
