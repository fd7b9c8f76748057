// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "convert/recipe.h"

namespace es::convert {

// A deepstream-app configuration that shows the model on a video file.
std::string app_file_name(const Recipe& recipe);
std::string app_file(const Recipe& recipe);

}  // namespace es::convert
