// SPDX-License-Identifier: Apache-2.0
//
// The labels file: lines of pieces separated by ';'.
//
// A detector's class c has the label labels[c][0]: one label a line. A classifier's output layer l, class v, has
// labels[l][v]: one line for each output layer, the labels of its classes separated by ';'.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace es::config {

using Labels = std::vector<std::vector<std::string>>;

// Empty lines are skipped and do not count; blanks are kept; a carriage return at the end of a line goes. Throws
// unreadable where the file cannot be read, malformed beyond 16 MiB.
Labels read_labels(const std::filesystem::path& path);
Labels parse_labels(std::string_view content);

}  // namespace es::config
