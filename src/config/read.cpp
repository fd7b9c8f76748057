// SPDX-License-Identifier: Apache-2.0
//
// The order in which nvinfer evaluates a file: [property] whole; then, for detectors and instance
// segmentation alone, [class-attrs-all], its copy for every class, and [class-attrs-N] in file order.
#include "config/read.h"

#include <algorithm>
#include <optional>
#include <set>

#include "base/file.h"
#include "base/key_file.h"
#include "config/key_table.h"
#include "config/source.h"

namespace es::config {
namespace {

constexpr std::string_view class_group_prefix = "class-attrs-";
const std::string property_group = "property";
const std::string all_classes_group = "class-attrs-all";

// Properties that protect keys from the file. The two object filters protect each other's key too.
struct Protection {
  std::string_view property;
  std::string_view key;
};
constexpr Protection protections[] = {
    {"unique-id", "gie-unique-id"},
    {"gpu-id", "gpu-id"},
    {"batch-size", "batch-size"},
    {"model-engine-file", "model-engine-file"},
    {"process-mode", "process-mode"},
    {"interval", "interval"},
    {"infer-on-gie-id", "operate-on-gie-id"},
    {"infer-on-gie-id", "operate-on-class-ids"},
    {"infer-on-class-ids", "operate-on-gie-id"},
    {"infer-on-class-ids", "operate-on-class-ids"},
    {"input-tensor-meta", "input-tensor-from-meta"},
};

class Reader {
 public:
  Reader(const Source& source, Format format, const std::filesystem::path& file, Warnings* warnings)
      : source_(source), format_(format), file_(file), warnings_(warnings) {}

  InferConfig read(const ReadOptions& options) {
    InferConfig config;
    config.origin.file = file_;
    record_lines(config.origin);
    for (const auto& override : options.set_before) apply_override(config, override);
    require(has_group(property_group), ErrorKind::malformed, file_.string(),
            ": has no [property] group, it is needed (Could not find group property)");
    read_properties(config, options);
    if (config.network_type == NetworkType::detector || config.network_type == NetworkType::instance_segmentation) {
      read_classes(config);
    }
    if (warnings_ && !unknown_.empty()) warnings_->insert(warnings_->begin(), join(unknown_, "\n"));
    return config;
  }

 private:
  Key key(const std::string& group, const std::string& name) const {
    return {source_, format_, file_, group, name, warnings_};
  }

  bool has_group(const std::string& group) const {
    const auto groups = source_.groups();
    return std::find(groups.begin(), groups.end(), group) != groups.end();
  }

  void record_lines(Origin& origin) const {
    for (const auto& group : source_.groups()) {
      if (group != property_group && !group.starts_with(class_group_prefix)) continue;
      for (const auto& name : source_.keys(group)) origin.lines[{group, name}] = source_.line(group, name);
    }
  }

  // A legacy key is no key of a YAML file.
  template <typename Row>
  bool known(const Row* row) const {
    return row && !(format_ == Format::yaml && has(row->traits, Traits::legacy));
  }

  void read_properties(InferConfig& config, const ReadOptions& options) {
    std::set<std::string_view> skipped;
    for (const auto& [property, name] : protections) {
      for (const auto& override : options.set_before) {
        if (override.property == property) skipped.insert(name);
      }
    }
    for (const auto& name : source_.keys(property_group)) {
      if (skipped.contains(name)) continue;
      const PropertyRow* row = find_property_row(name);
      if (!known(row) || !apply(*row, config, key(property_group, name))) {
        report_unknown(key(property_group, name), property_key_names());
      }
    }
  }

  void read_classes(InferConfig& config) {
    ClassAttributes all;
    read_class_group(all_classes_group, all);
    config.class_attributes.assign(config.num_detected_classes, all);
    for (const auto& group : source_.groups()) {
      if (group == all_classes_group || !group.starts_with(class_group_prefix)) continue;
      read_class_group(group, config.class_attributes[class_of(group, config.num_detected_classes)]);
    }
  }

  void read_class_group(const std::string& group, ClassAttributes& attributes) {
    for (const auto& name : source_.keys(group)) {
      const ClassRow* row = find_class_row(name);
      if (!known(row) || !apply(*row, attributes, key(group, name))) {
        report_unknown(key(group, name), class_key_names());
      }
    }
  }

  // The number after "class-attrs-", read as nvinfer does: digits, and whatever follows them does not count.
  size_t class_of(const std::string& group, unsigned classes) const {
    const std::string digits = group.substr(class_group_prefix.size());
    const size_t sign = !digits.empty() && (digits[0] == '-' || digits[0] == '+') ? 1 : 0;
    const size_t end = std::min(digits.find_first_not_of("0123456789", sign), digits.size());
    if (end == sign) {
      refuse_group(group, "a class number after 'class-attrs-' is needed (Invalid group [", group,
                   "]. Class attributes should be specified using group name 'class-attrs-<class-id>')");
    }
    const auto number = to_integer(std::string_view(digits).substr(0, end));
    if (number && *number < 0) {
      refuse_group(group, "a class number of 0 or more is needed (Invalid group [", group,
                   "]. class-id should be >= 0)");
    }
    if (!number || *number >= static_cast<long long>(classes)) {
      const std::string shown = digits.substr(0, end);
      refuse_group(group, "num-detected-classes is ", classes, ", a class number below it is needed (Attributes ",
                   "specified for class ", shown,
                   " while element has been configured with num-detected-classes=", classes, ")");
    }
    return static_cast<size_t>(*number);
  }

  template <typename... Parts>
  [[noreturn]] void refuse_group(const std::string& group, const Parts&... parts) const {
    fail(ErrorKind::malformed, key(group, "").where(), parts..., source_.quote(source_.line(group, "")));
  }

  void report_unknown(const Key& unknown, const std::vector<std::string_view>& candidates) {
    const auto guess = did_you_mean(unknown.name(), candidates);
    const std::string shown = printable(unknown.name());
    const std::string hint = hint_for(unknown.name(), guess);
    const bool property = unknown.group() == property_group;
    const std::string nvinfer = property
                                    ? text("Unknown or legacy key specified '", shown, "' for group [property]")
                                    : text("Unknown key '", shown, "' for group [", printable(unknown.group()), "]");
    unknown_.push_back(text(unknown.where(), "has no key '", shown, "'", hint, " (", nvinfer, ")",
                            source_.quote(source_.line(unknown.group(), unknown.name()))));
  }

  static std::string hint_for(const std::string& name, const std::optional<std::string>& guess) {
    if (name.starts_with(';')) return "; a comment begins with '#'";
    if (!guess || *guess == name) return "; it is ignored";  // an old name that means nothing in this file
    return text("; did you mean '", *guess, "'?");
  }

  const Source& source_;
  Format format_;
  const std::filesystem::path& file_;
  Warnings* warnings_;
  std::vector<std::string> unknown_;
};

Format format_of(const std::filesystem::path& path) {
  const std::string name = path.string();
  return name.ends_with(".yml") || name.ends_with(".yaml") ? Format::yaml : Format::ini;
}

template <typename Body>
auto named_failure(Body body) -> decltype(body()) {
  try {
    return body();
  } catch (const Error& error) {
    throw with_words(error, "Failed to load config file");
  }
}

}  // namespace

InferConfig parse_infer_config(std::string content, const std::filesystem::path& path, Warnings* warnings,
                               const ReadOptions& options) {
  const Format format = format_of(path);
  const auto source = named_failure([&] {
    return format == Format::yaml ? open_yaml(content, path.string()) : open_ini(std::move(content), path.string());
  });
  return Reader(*source, format, path, warnings).read(options);
}

InferConfig read_infer_config(const std::filesystem::path& path, Warnings* warnings, const ReadOptions& options) {
  auto content = named_failure([&] { return read_text_file(path, KeyFile::size_limit); });
  return parse_infer_config(std::move(content), path, warnings, options);
}

}  // namespace es::config
