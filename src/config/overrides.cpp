// SPDX-License-Identifier: Apache-2.0
//
// Element properties, by the rows of the key table: the text of a property is the value of its key, read by rules of
// its own.
#include <algorithm>
#include <cctype>

#include "config/key_table.h"
#include "config/source.h"

namespace es::config {
namespace {

// "0:2:3": an integer, one separator of any kind, and so on. Negative entries are ignored, so "-1" means all.
std::vector<int> class_ids_from(std::string_view value) {
  std::vector<int> ids;
  while (!value.empty()) {
    while (!value.empty() && std::isspace(static_cast<unsigned char>(value.front()))) value.remove_prefix(1);
    const size_t end = std::min(value.find_first_not_of("0123456789", value.starts_with('-') ? 1 : 0), value.size());
    const auto id = to_integer(value.substr(0, end));
    if (!id || *id > std::numeric_limits<int>::max()) break;
    if (*id >= 0) ids.push_back(static_cast<int>(*id));
    value.remove_prefix(std::min(end + 1, value.size()));
  }
  return ids;
}

class PropertyText final : public Source {
 public:
  explicit PropertyText(const Override& override) : override_(override) {}

  std::vector<std::string> groups() const override { return {}; }
  std::vector<std::string> keys(const std::string&) const override { return {}; }
  int line(const std::string&, const std::string&) const override { return 0; }
  std::string quote(int) const override { return {}; }

  void read(const std::string&, const std::string&, const Target& target) const override {
    struct Reader {
      const Override& from;
      [[noreturn]] void refuse(std::string_view needed) const {
        fail(ErrorKind::usage, "property ", from.property, " is '", printable(from.value), "', ", needed, " is needed");
      }
      void operator()(int* out) const {
        const auto number = to_integer(from.value);
        if (from.value == "primary") {
          *out = 1;
        } else if (from.value == "secondary") {
          *out = 2;
        } else if (number && *number >= std::numeric_limits<int>::min() &&
                   *number <= std::numeric_limits<unsigned>::max()) {
          *out = static_cast<int>(*number);
        } else {
          refuse("a whole number");
        }
      }
      void operator()(bool* out) const {
        const bool on = from.value == "true" || from.value == "1";
        if (!on && from.value != "false" && from.value != "0") refuse("true or false");
        *out = on;
      }
      void operator()(std::string* out) const { *out = from.value; }
      void operator()(std::vector<int>* out) const { *out = class_ids_from(from.value); }
      void operator()(double*) const { refuse("no fraction"); }
      void operator()(std::vector<double>*) const { refuse("no list of fractions"); }
      void operator()(std::vector<std::string>*) const { refuse("no list of texts"); }
    };
    std::visit(Reader{override_}, target);
  }

 private:
  const Override& override_;
};

const PropertyRow& row_of_property(const std::string& property) {
  std::vector<std::string_view> names;
  for (const auto& section : property_sections()) {
    for (const auto& row : section.rows) {
      if (row.property.empty()) continue;
      if (row.property == property) return row;
      names.push_back(row.property);
    }
  }
  const auto guess = did_you_mean(property, names);
  fail(ErrorKind::usage, "nvinfer has no property '", printable(property), "'",
       guess ? text("; did you mean '", *guess, "'?") : "");
}

}  // namespace

void apply_override(InferConfig& config, const Override& override) {
  const PropertyRow& row = row_of_property(override.property);
  if (override.property == "model-engine-file") {
    config.model_engine_file = override.value;  // taken as it stands: no file whose folder it could be relative to
    return;
  }
  // The property replaces the list, where the file's key adds to it.
  if (override.property == "filter-out-class-ids") config.filter_out_class_ids.clear();
  const PropertyText source(override);
  const std::filesystem::path where = "property " + override.property;
  try {
    apply(row, config, Key(source, Format::property, where, "", std::string(row.name), nullptr));
  } catch (const Error& error) {
    throw Error(ErrorKind::usage, error.what());
  }
}

}  // namespace es::config
