// SPDX-License-Identifier: Apache-2.0
//
// A configuration file seen as groups of keys, whatever its format; and one key of it, with the words for saying what
// is wrong with its value. Only the readers of the formats and key_table.cpp need this header.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "config/read.h"

namespace es::config {

// Where a converted value goes; its type says by which rule the text is converted.
using Target = std::variant<int*, double*, bool*, std::string*, std::vector<int>*, std::vector<double>*,
                            std::vector<std::string>*>;

// One method per thing that formats do differently. The rules of conversion are those of nvinfer for the format.
class Source {
 public:
  virtual ~Source() = default;
  // In file order, each once.
  virtual std::vector<std::string> groups() const = 0;
  virtual std::vector<std::string> keys(const std::string& group) const = 0;
  // Throws malformed where the text is not of the target's type.
  virtual void read(const std::string& group, const std::string& key, const Target& target) const = 0;
  // 0 where the format does not tell; an empty key means the group's own line.
  virtual int line(const std::string& group, const std::string& key) const = 0;
  // "\n    the line\n    ^", or nothing.
  virtual std::string quote(int line) const = 0;
};

// Formats differ in two rules of the table: legacy keys exist in INI alone, and there a one-way key only ever switches
// on. `property` is the text of an element property.
enum class Format { ini, yaml, property };

// `error` with nvinfer's own words in brackets at the end of its first line, for people who search for them.
Error with_words(const Error& error, std::string_view nvinfer_words);

// One key of one group while it is being read.
class Key {
 public:
  Key(const Source& source, Format format, const std::filesystem::path& file, std::string group, std::string name,
      Warnings* warnings)
      : source_(source),
        format_(format),
        file_(file),
        group_(std::move(group)),
        name_(std::move(name)),
        warnings_(warnings) {}

  const std::string& name() const { return name_; }
  const std::string& group() const { return group_; }
  Format format() const { return format_; }
  bool group_has(std::string_view other_key) const;

  template <typename T>
  T get() const {
    T value{};
    source_.read(group_, name_, &value);
    return value;
  }
  // The value as a path, resolved against the folder of the configuration file. `noun` names the file
  // in nvinfer's message.
  std::filesystem::path path(std::string_view noun) const { return resolve(get<std::string>(), noun); }
  std::filesystem::path resolve(const std::string& value, std::string_view noun) const;

  // "infer.txt:14: [property] "
  std::string where() const;
  template <typename... Parts>
  [[noreturn]] void refuse(const Parts&... parts) const {
    fail(ErrorKind::malformed, where(), parts..., source_.quote(source_.line(group_, name_)));
  }
  template <typename... Parts>
  void warn(const Parts&... parts) const {
    if (warnings_) warnings_->push_back(text(where(), parts...));
  }

 private:
  const Source& source_;
  Format format_;
  const std::filesystem::path& file_;
  std::string group_;
  std::string name_;
  Warnings* warnings_;
};

// red;green;blue;alpha. Throws malformed where there are not four.
Color read_color(const Key& key);

// The two formats. `content` is the file's text, `name` stands for it in messages.
std::unique_ptr<Source> open_ini(std::string content, const std::string& name);
std::unique_ptr<Source> open_yaml(const std::string& content, const std::string& name);

}  // namespace es::config
