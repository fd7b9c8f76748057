// SPDX-License-Identifier: Apache-2.0
//
// The keys of an nvinfer configuration file, one row each. Readers, element properties, range checks, messages and
// docs/config.md all come from these rows.
#pragma once

#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/infer_config.h"

namespace es::config {

class Key;

// Which numbers a key takes: a range, or the listed ones where there is a list. A number that is not in it (NaN is in
// none) is refused.
struct Range {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  std::span<const int> listed = {};

  bool contains(double value) const;
  // "1 to 1024", "0 or more", "one of 0, 1, 2"; empty where every number is allowed.
  std::string words() const;
};

// For the few keys that are more than one checked value: reads it and sets what it means. False: in this file the key
// means nothing and is to be reported as unknown.
template <typename Struct>
using Handler = bool (*)(Struct&, const Key&);

// Where the value goes; the member's type decides how the text is converted. Old names have no member of their own.
using PropertyField =
    std::variant<std::monostate, int InferConfig::*, unsigned InferConfig::*, bool InferConfig::*,
                 double InferConfig::*, float InferConfig::*, std::string InferConfig::*,
                 std::filesystem::path InferConfig::*, std::vector<int> InferConfig::*,
                 std::vector<double> InferConfig::*, std::vector<std::string> InferConfig::*,
                 ProcessMode InferConfig::*, NetworkType InferConfig::*, NetworkMode InferConfig::*,
                 ModelColorFormat InferConfig::*, TensorOrder InferConfig::*, ClusterMode InferConfig::*,
                 InferDims InferConfig::*, std::vector<std::filesystem::path> InferConfig::*>;
using ClassField = std::variant<std::monostate, int ClassAttributes::*, unsigned ClassAttributes::*,
                                float ClassAttributes::*, Color ClassAttributes::*>;

enum class Traits : unsigned {
  none = 0,
  one_way = 1,    // a boolean that an INI file can only switch on
  legacy = 2,     // known in INI files alone
  no_effect = 4,  // read and checked, but nothing here depends on it
  as_int = 8,     // a boolean that nvinfer reads as an integer: "1 # on" is fine, "true" is not
};
constexpr Traits operator|(Traits a, Traits b) {
  return static_cast<Traits>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
constexpr bool has(Traits traits, Traits trait) {
  return (static_cast<unsigned>(traits) & static_cast<unsigned>(trait)) != 0;
}

template <typename Struct, typename Field>
struct KeyRow {
  std::string_view name;
  Field field = {};
  Handler<Struct> handler = nullptr;  // instead of the rule of the field's type
  Range range = {};
  Traits traits = Traits::none;
  // nvinfer's own sentence for a value out of range: {value}, {key} and {group} stand for themselves. For a path, the
  // noun of "Could not parse <noun> path".
  std::string_view nvinfer_words = {};
  // The element property that sets the same value, where there is one.
  std::string_view property = {};
  std::string_view type = {};  // for the reference page, where the field's type does not tell
  std::string_view meaning;
};
using PropertyRow = KeyRow<InferConfig, PropertyField>;
using ClassRow = KeyRow<ClassAttributes, ClassField>;

// The keys are listed under these headings in docs/config.md.
struct PropertySection {
  std::string_view title;
  std::span<const PropertyRow> rows;
};

std::span<const PropertySection> property_sections();
std::span<const ClassRow> class_rows();

// Null where there is no such key.
const PropertyRow* find_property_row(std::string_view key);
const ClassRow* find_class_row(std::string_view key);

// All names, for "did you mean".
std::vector<std::string_view> property_key_names();
std::vector<std::string_view> class_key_names();

// Reads the key's value into the row's field and checks it. False where the key is to be reported as unknown.
bool apply(const PropertyRow& row, InferConfig& config, const Key& key);
bool apply(const ClassRow& row, ClassAttributes& attributes, const Key& key);

// The value of a field as the file would write it ("0.2", "1;0;0;1"); empty for an old name.
std::string value_text(const PropertyRow& row, const InferConfig& config);
std::string value_text(const ClassRow& row, const ClassAttributes& attributes);

// The type of a row in one word ("int", "bool", "path", "list of int").
std::string_view type_name(const PropertyRow& row);
std::string_view type_name(const ClassRow& row);

// docs/config.md.
std::string reference_page();

}  // namespace es::config
