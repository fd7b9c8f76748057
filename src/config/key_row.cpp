// SPDX-License-Identifier: Apache-2.0
//
// What can be done with any row: read a value into its field, look it up, write it.
#include <algorithm>
#include <type_traits>

#include "config/key_table.h"
#include "config/source.h"

namespace es::config {
namespace {

std::string replaced(std::string words, std::string_view placeholder, std::string_view by) {
  for (size_t at = 0; (at = words.find(placeholder, at)) != std::string::npos; at += by.size()) {
    words.replace(at, placeholder.size(), by);
  }
  return words;
}

template <typename Number, typename Row>
void check(const Row& row, const Key& key, Number value) {
  if (row.range.contains(value)) return;
  std::string shown;
  if constexpr (std::is_integral_v<Number>) {
    shown = std::to_string(value);
  } else {
    shown = number_text(value);
  }
  std::string words(row.nvinfer_words);
  words = replaced(words, "{value}", shown);
  words = replaced(words, "{key}", key.name());
  words = replaced(words, "{group}", key.group());
  key.refuse(key.name(), " is ", shown, ", ", row.range.words(), " is needed", words.empty() ? "" : " (" + words + ")");
}

// The value as the member wants it. Numbers are checked while they still have the file's sign and width.
template <typename T, typename Row>
void read_into(T& member, const Row& row, const Key& key) {
  if constexpr (std::is_same_v<T, bool>) {
    const bool on = has(row.traits, Traits::as_int) ? key.get<int>() != 0 : key.get<bool>();
    const bool stays = !on && key.format() == Format::ini && has(row.traits, Traits::one_way);
    if (!stays) member = on;
  } else if constexpr (std::is_floating_point_v<T>) {
    const double value = key.get<double>();
    check(row, key, value);
    member = static_cast<T>(value);
  } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
    const int value = key.get<int>();
    check(row, key, value);
    member = static_cast<T>(value);
  } else if constexpr (std::is_same_v<T, std::filesystem::path>) {
    member = key.path(row.nvinfer_words);
  } else if constexpr (std::is_same_v<T, Color>) {
    member = read_color(key);
  } else if constexpr (!std::is_same_v<T, InferDims> && !std::is_same_v<T, std::vector<std::filesystem::path>>) {
    member = key.get<T>();  // the two types left out have handlers
  }
}

template <typename Row, typename Struct>
bool apply_row(const Row& row, Struct& target, const Key& key) {
  if (row.handler) return row.handler(target, key);
  std::visit(
      [&](auto field) {
        if constexpr (!std::is_same_v<decltype(field), std::monostate>) read_into(target.*field, row, key);
      },
      row.field);
  return true;
}

template <typename T>
std::string written(const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value ? "1" : "0";
  } else if constexpr (std::is_floating_point_v<T>) {
    return number_text(value);
  } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
    return std::to_string(static_cast<long long>(value));
  } else if constexpr (std::is_same_v<T, std::filesystem::path>) {
    return value.string();
  } else if constexpr (std::is_same_v<T, std::string>) {
    return value;
  } else if constexpr (std::is_same_v<T, InferDims>) {
    return value.given() ? text(value.channels, ";", value.height, ";", value.width) : "";
  } else if constexpr (std::is_same_v<T, std::vector<std::filesystem::path>>) {
    std::vector<std::string> paths(value.begin(), value.end());
    return join(paths, ";");
  } else if constexpr (std::is_same_v<T, Color>) {
    return text(value.red, ";", value.green, ";", value.blue, ";", value.alpha);
  } else {
    return join(value, ";");
  }
}

template <typename Row, typename Struct>
std::string row_text(const Row& row, const Struct& source) {
  return std::visit(
      [&](auto field) -> std::string {
        if constexpr (std::is_same_v<decltype(field), std::monostate>) {
          return {};
        } else {
          return written(source.*field);
        }
      },
      row.field);
}

template <typename T>
constexpr std::string_view name_of_type() {
  if constexpr (std::is_same_v<T, bool>) return "bool";
  if constexpr (std::is_floating_point_v<T>) return "double";
  if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) return "int";
  if constexpr (std::is_same_v<T, std::filesystem::path>) return "path";
  if constexpr (std::is_same_v<T, std::string>) return "string";
  if constexpr (std::is_same_v<T, Color>) return "color";
  if constexpr (std::is_same_v<T, std::vector<std::string>>) return "list of string";
  if constexpr (std::is_same_v<T, std::vector<double>>) return "list of double";
  if constexpr (std::is_same_v<T, std::vector<std::filesystem::path>>) return "list of path";
  return "list of int";
}

template <typename Struct, typename Row>
std::string_view row_type(const Row& row) {
  if (!row.type.empty()) return row.type;
  if (has(row.traits, Traits::as_int)) return "int";
  return std::visit(
      [](auto field) -> std::string_view {
        if constexpr (std::is_same_v<decltype(field), std::monostate>) {
          return {};
        } else {
          return name_of_type<std::remove_cvref_t<decltype(std::declval<Struct>().*field)>>();
        }
      },
      row.field);
}

}  // namespace

bool Range::contains(double value) const {
  if (listed.empty()) return value >= min && value <= max;
  return std::any_of(listed.begin(), listed.end(), [&](int allowed) { return allowed == value; });
}

std::string Range::words() const {
  const bool has_max = max != std::numeric_limits<double>::infinity();
  if (!listed.empty()) return "one of " + join(listed, ", ");
  if (min == -std::numeric_limits<double>::infinity()) return has_max ? number_text(max) + " or less" : "a number";
  return has_max ? number_text(min) + " to " + number_text(max) : number_text(min) + " or more";
}

bool apply(const PropertyRow& row, InferConfig& config, const Key& key) { return apply_row(row, config, key); }
bool apply(const ClassRow& row, ClassAttributes& attributes, const Key& key) { return apply_row(row, attributes, key); }
std::string value_text(const PropertyRow& row, const InferConfig& config) { return row_text(row, config); }
std::string value_text(const ClassRow& row, const ClassAttributes& attributes) { return row_text(row, attributes); }
std::string_view type_name(const PropertyRow& row) { return row_type<InferConfig>(row); }
std::string_view type_name(const ClassRow& row) { return row_type<ClassAttributes>(row); }

const PropertyRow* find_property_row(std::string_view key) {
  for (const auto& section : property_sections()) {
    for (const auto& row : section.rows) {
      if (row.name == key) return &row;
    }
  }
  return nullptr;
}

const ClassRow* find_class_row(std::string_view key) {
  for (const auto& row : class_rows()) {
    if (row.name == key) return &row;
  }
  return nullptr;
}

std::vector<std::string_view> property_key_names() {
  std::vector<std::string_view> names;
  for (const auto& section : property_sections()) {
    for (const auto& row : section.rows) names.push_back(row.name);
  }
  return names;
}

std::vector<std::string_view> class_key_names() {
  std::vector<std::string_view> names;
  for (const auto& row : class_rows()) names.push_back(row.name);
  return names;
}

}  // namespace es::config
