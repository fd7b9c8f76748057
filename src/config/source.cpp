// SPDX-License-Identifier: Apache-2.0
#include "config/source.h"

#include <algorithm>

namespace es::config {

Error with_words(const Error& error, std::string_view nvinfer_words) {
  std::string message = error.what();
  message.insert(std::min(message.find('\n'), message.size()), text(" (", nvinfer_words, ")"));
  return Error(error.kind(), message);
}

bool Key::group_has(std::string_view other_key) const {
  const auto keys = source_.keys(group_);
  return std::find(keys.begin(), keys.end(), other_key) != keys.end();
}

std::filesystem::path Key::resolve(const std::string& value, std::string_view noun) const {
  try {
    return resolve_path(file_, value);
  } catch (const Error& error) {
    refuse(name_, " is '", printable(value), "', a path that can be looked up is needed: ", error.what(),
           " (Error: Could not parse ", noun, " path)");
  }
}

std::string Key::where() const {
  const int line = source_.line(group_, name_);
  const std::string number = line ? text(":", line) : "";
  const std::string group = group_.empty() ? "" : text("[", printable(group_), "] ");
  return text(file_.string(), number, ": ", group);
}

Color read_color(const Key& key) {
  const auto values = key.get<std::vector<double>>();
  if (values.size() != 4) {
    key.refuse(key.name(), " has ", values.size(), " numbers, red;green;blue;alpha are needed (Error: Group ",
               key.group(), ", Number of Color params should be exactly 4 floats {r, g, b, a} between 0 and 1)");
  }
  return {values[0], values[1], values[2], values[3]};
}

}  // namespace es::config
