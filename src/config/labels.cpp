// SPDX-License-Identifier: Apache-2.0
#include "config/labels.h"

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

namespace es::config {

Labels parse_labels(std::string_view content) {
  Labels labels;
  for (std::string& line : split(content, '\n')) {
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty()) labels.push_back(split(line, ';'));
  }
  return labels;
}

Labels read_labels(const std::filesystem::path& path) {
  constexpr uint64_t limit = uint64_t{16} << 20;
  try {
    return parse_labels(read_text_file(path, limit));
  } catch (const Error& error) {
    throw Error(error.kind(), text(error.what(), " (Could not open labels file:", path.string(), ")"));
  }
}

}  // namespace es::config
