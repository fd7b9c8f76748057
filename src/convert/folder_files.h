// SPDX-License-Identifier: Apache-2.0
//
// The files of a deployment folder that are neither the model nor a configuration.
#pragma once

#include <string>
#include <vector>

#include "convert/convert.h"

namespace es::convert {

std::string labels_file(const Recipe& recipe);
// The parameters of the blocks that compute a network's features.
std::string dsp_json(const edge_impulse::Project& project, const Recipe& recipe);
// The parser's sources and Makefile, names relative to the folder; empty for classifiers.
std::vector<File> parser_files(const Recipe& recipe);
std::string readme_file(const Recipe& recipe, const Report& report);
std::string report_json(const edge_impulse::Import& import, const Recipe& recipe, const Report& report);

}  // namespace es::convert
