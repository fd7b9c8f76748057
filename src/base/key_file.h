// SPDX-License-Identifier: Apache-2.0
//
// Key files (INI) as GLib reads them, with the line numbers that GLib does not give.
//
// What GLib's GKeyFile accepts with flags 0 is accepted here and has the same value, because GLib does the reading:
// nvinfer and deepstream-app files depend on its rules (an integer may be followed by a blank and any text, a double
// and a boolean by nothing; lists split at ';'). A scan of our own finds the line of each group and key for messages.
// A file is refused here that GLib would read but nobody writes: one of more than 1 MiB, or with a NUL byte.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace es {

class KeyFile {
 public:
  static constexpr uint64_t size_limit = uint64_t{1} << 20;

  // Throws unreadable (no such file) or malformed (with the line at fault).
  static KeyFile read(const std::filesystem::path& path);
  // `name` stands for the file in messages.
  static KeyFile parse(std::string content, std::string name);

  KeyFile(KeyFile&&) noexcept;
  KeyFile& operator=(KeyFile&&) noexcept;
  ~KeyFile();

  const std::string& name() const { return name_; }

  // In file order; a group or key that is repeated stands once, where it came first.
  std::vector<std::string> groups() const;
  std::vector<std::string> keys(const std::string& group) const;  // empty where there is no such group
  bool has(const std::string& group) const;
  bool has(const std::string& group, const std::string& key) const;

  // The value by GLib's rules for each type; of a repeated key the last one. Throw malformed where there is no such key
  // or its value is of another type; the message names the line and quotes it.
  int integer(const std::string& group, const std::string& key) const;
  double real(const std::string& group, const std::string& key) const;
  bool boolean(const std::string& group, const std::string& key) const;
  std::string string(const std::string& group, const std::string& key) const;
  std::vector<std::string> strings(const std::string& group, const std::string& key) const;
  std::vector<int> integers(const std::string& group, const std::string& key) const;
  std::vector<double> reals(const std::string& group, const std::string& key) const;

  // Lines count from 1; 0 where the file has no such group or key. Of a repeated key the last line counts.
  int line(const std::string& group) const;
  int line(const std::string& group, const std::string& key) const;
  // "infer.txt:14: [property] ", the beginning of a message about a group or a key.
  std::string where(const std::string& group) const;
  std::string where(const std::string& group, const std::string& key) const;
  // The line itself with a caret below its first character, each indented and after a line feed. Empty for line 0.
  std::string quote(int line) const;

  // Throws malformed: where, the parts, the line quoted.
  template <typename... Parts>
  [[noreturn]] void refuse(const std::string& group, const std::string& key, const Parts&... parts) const {
    fail(ErrorKind::malformed, where(group, key), parts..., quote(line(group, key)));
  }

 private:
  struct Content;
  KeyFile(std::unique_ptr<Content> content, std::string name);

  std::unique_ptr<Content> content_;
  std::string name_;
};

}  // namespace es
