// SPDX-License-Identifier: Apache-2.0
//
// The rules are GLib's, written down in nvinfer's terms in docs/config.md. GLib's own sentence is kept in brackets at
// the end of a message, since people search for it.
#include "base/key_file.h"

#include <glib.h>

#include <algorithm>
#include <set>
#include <type_traits>

#include "base/file.h"

namespace es {
namespace {

struct KeyFileFree {
  void operator()(GKeyFile* file) const { g_key_file_unref(file); }
};
using KeyFileHandle = std::unique_ptr<GKeyFile, KeyFileFree>;

class GlibError {
 public:
  ~GlibError() { g_clear_error(&error_); }
  GError** out() { return &error_; }
  explicit operator bool() const { return error_ != nullptr; }
  // GLib quotes the file in it, whose bytes need not be text.
  std::string message() const { return error_ ? printable(error_->message, 400) : ""; }

 private:
  GError* error_ = nullptr;
};

template <typename Item>
struct GlibArray {
  Item* items = nullptr;
  gsize count = 0;
  ~GlibArray() { g_free(items); }
};

bool is_blank(char c) { return g_ascii_isspace(c); }

std::string_view without_leading_blanks(std::string_view line) {
  while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
  return line;
}

std::string_view without_trailing_blanks(std::string_view line) {
  while (!line.empty() && is_blank(line.back())) line.remove_suffix(1);
  return line;
}

// Blanks; and bytes that only continue a UTF-8 character, which GLib steps over without looking for its beginning.
bool is_filler(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_blank(c) || (static_cast<unsigned char>(c) & 0xC0) == 0x80; });
}

// What one line is, judged as GLib judges it.
struct Line {
  enum Kind { ignored, group, key, neither } kind = ignored;
  std::string_view name;
};

Line judge(std::string_view raw) {
  const auto line = without_leading_blanks(raw);
  if (line.empty() || line.front() == '#') return {};
  if (line.front() == '[') {
    const size_t end = line.find(']');
    if (end != std::string_view::npos && is_filler(line.substr(end + 1))) return {Line::group, line.substr(1, end - 1)};
  }
  const size_t equals = line.find('=');
  if (equals == std::string_view::npos || equals == 0) return {Line::neither, line};
  return {Line::key, without_trailing_blanks(line.substr(0, equals))};
}

std::string complaint_about(std::string_view line, bool inside_group) {
  const auto shown = printable(without_trailing_blanks(without_leading_blanks(line)));
  if (line.substr(0, 3) == "\xEF\xBB\xBF") return "starts with a byte order mark; save the file as UTF-8 without it";
  if (shown.front() == ';') return "';' does not start a comment here; use '#'";
  if (!inside_group) return text("'", shown, "' stands before the first [group]");
  return text("'", shown, "' is neither a [group], nor key=value, nor a comment starting with '#'");
}

}  // namespace

struct KeyFile::Content {
  KeyFileHandle handle;
  std::vector<std::string> lines;
  std::map<std::string, int> group_lines;
  std::map<std::pair<std::string, std::string>, int> key_lines;

  // The first line that GLib would stumble over; line 0 where there is none.
  struct Suspect {
    int line = 0;
    bool inside_group = false;
  };

  // Fills the line tables.
  Suspect scan() {
    Suspect suspect;
    std::string group;
    bool inside_group = false;
    for (size_t i = 0; i < lines.size(); ++i) {
      const int number = static_cast<int>(i) + 1;
      const Line line = judge(lines[i]);
      if (line.kind == Line::group) {
        group = line.name;
        inside_group = true;
        group_lines.try_emplace(group, number);
      } else if (line.kind == Line::key && inside_group) {
        key_lines[{group, std::string(line.name)}] = number;
      } else if (line.kind != Line::ignored && suspect.line == 0) {
        suspect = {number, inside_group};
      }
    }
    return suspect;
  }
};

KeyFile::KeyFile(std::unique_ptr<Content> content, std::string name)
    : content_(std::move(content)), name_(std::move(name)) {}
KeyFile::KeyFile(KeyFile&&) noexcept = default;
KeyFile& KeyFile::operator=(KeyFile&&) noexcept = default;
KeyFile::~KeyFile() = default;

KeyFile KeyFile::read(const std::filesystem::path& path) {
  return parse(read_text_file(path, size_limit), path.string());
}

KeyFile KeyFile::parse(std::string content, std::string name) {
  require(content.size() <= size_limit, ErrorKind::malformed, name, ": is ", content.size(), " bytes, at most ",
          size_limit, " are read here");
  const size_t zero = content.find('\0');
  require(zero == std::string::npos, ErrorKind::malformed, name, ": has a zero byte at ", zero,
          "; a text file of [groups] and key=value lines is needed");

  KeyFile file(std::make_unique<Content>(), std::move(name));
  file.content_->lines = split(content, '\n');
  const auto suspect = file.content_->scan();

  file.content_->handle.reset(g_key_file_new());
  GlibError error;
  if (g_key_file_load_from_data(file.content_->handle.get(), content.data(), content.size(), G_KEY_FILE_NONE,
                                error.out())) {
    return file;
  }
  require(suspect.line != 0, ErrorKind::malformed, file.name_, ": ", error.message());
  const auto& line = file.content_->lines[static_cast<size_t>(suspect.line) - 1];
  fail(ErrorKind::malformed, file.name_, ":", suspect.line, ": ", complaint_about(line, suspect.inside_group), " (",
       error.message(), ")", file.quote(suspect.line));
}

std::vector<std::string> KeyFile::groups() const {
  gsize count = 0;
  const std::unique_ptr<gchar*, decltype(&g_strfreev)> names(g_key_file_get_groups(content_->handle.get(), &count),
                                                             &g_strfreev);
  return {names.get(), names.get() + count};
}

std::vector<std::string> KeyFile::keys(const std::string& group) const {
  gsize count = 0;
  const std::unique_ptr<gchar*, decltype(&g_strfreev)> names(
      g_key_file_get_keys(content_->handle.get(), group.c_str(), &count, nullptr), &g_strfreev);
  // GLib lists a repeated key once for each time.
  std::vector<std::string> keys;
  std::set<std::string_view> seen;
  for (gsize i = 0; i < count; ++i) {
    if (seen.insert(names.get()[i]).second) keys.emplace_back(names.get()[i]);
  }
  return keys;
}

bool KeyFile::has(const std::string& group) const {
  return g_key_file_has_group(content_->handle.get(), group.c_str());
}

bool KeyFile::has(const std::string& group, const std::string& key) const {
  return g_key_file_has_key(content_->handle.get(), group.c_str(), key.c_str(), nullptr);
}

namespace {

// A conversion of GLib's and what to say where it refuses.
struct Conversion {
  const KeyFile& file;
  GKeyFile* handle;
  const std::string& group;
  const std::string& key;

  template <typename Function, typename... Out>
  auto operator()(Function get, const char* needed, Out... out) const {
    GlibError error;
    auto value = get(handle, group.c_str(), key.c_str(), out..., error.out());
    if (error) {
      // GLib hands over what it had read of a string before the fault.
      if constexpr (std::is_same_v<decltype(value), gchar*>) g_free(value);
      refuse(needed, error.message());
    }
    return value;
  }

  [[noreturn]] void refuse(const char* needed, const std::string& reason) const {
    if (!file.has(group, key)) {
      fail(ErrorKind::malformed, file.where(group), "has no key '", printable(key), "', ", needed, " is needed");
    }
    const std::unique_ptr<gchar, decltype(&g_free)> raw(
        g_key_file_get_value(handle, group.c_str(), key.c_str(), nullptr), &g_free);
    file.refuse(group, key, printable(key), " is '", printable(raw ? raw.get() : ""), "', ", needed, " is needed (",
                reason, ")");
  }
};

}  // namespace

int KeyFile::integer(const std::string& group, const std::string& key) const {
  return Conversion{*this, content_->handle.get(), group, key}(g_key_file_get_integer, "a whole number");
}

double KeyFile::real(const std::string& group, const std::string& key) const {
  return Conversion{*this, content_->handle.get(), group, key}(g_key_file_get_double, "a number with nothing after it");
}

bool KeyFile::boolean(const std::string& group, const std::string& key) const {
  return Conversion{*this, content_->handle.get(), group, key}(g_key_file_get_boolean, "1, 0, true or false");
}

std::string KeyFile::string(const std::string& group, const std::string& key) const {
  const std::unique_ptr<gchar, decltype(&g_free)> value(
      Conversion{*this, content_->handle.get(), group, key}(g_key_file_get_string,
                                                            "UTF-8 text with no backslash but \\s \\n \\t \\r \\\\"),
      &g_free);
  return value.get();
}

std::vector<std::string> KeyFile::strings(const std::string& group, const std::string& key) const {
  gsize count = 0;
  const std::unique_ptr<gchar*, decltype(&g_strfreev)> values(
      Conversion{*this, content_->handle.get(), group, key}(g_key_file_get_string_list, "a list 'a;b;c'", &count),
      &g_strfreev);
  return {values.get(), values.get() + count};
}

std::vector<int> KeyFile::integers(const std::string& group, const std::string& key) const {
  GlibArray<gint> list;
  list.items = Conversion{*this, content_->handle.get(), group, key}(g_key_file_get_integer_list,
                                                                     "a list of whole numbers '1;2;3'", &list.count);
  return {list.items, list.items + list.count};
}

std::vector<double> KeyFile::reals(const std::string& group, const std::string& key) const {
  GlibArray<gdouble> list;
  list.items = Conversion{*this, content_->handle.get(), group, key}(g_key_file_get_double_list,
                                                                     "a list of numbers '0.5;1;2'", &list.count);
  return {list.items, list.items + list.count};
}

int KeyFile::line(const std::string& group) const {
  const auto found = content_->group_lines.find(group);
  return found == content_->group_lines.end() ? 0 : found->second;
}

int KeyFile::line(const std::string& group, const std::string& key) const {
  const auto found = content_->key_lines.find({group, key});
  return found == content_->key_lines.end() ? 0 : found->second;
}

namespace {

std::string place(const std::string& name, int line, const std::string& group) {
  return line ? text(name, ":", line, ": [", printable(group), "] ") : text(name, ": [", printable(group), "] ");
}

}  // namespace

std::string KeyFile::where(const std::string& group) const { return place(name_, line(group), group); }

std::string KeyFile::where(const std::string& group, const std::string& key) const {
  const int of_key = line(group, key);
  return place(name_, of_key ? of_key : line(group), group);
}

std::string KeyFile::quote(int line) const {
  if (line < 1 || static_cast<size_t>(line) > content_->lines.size()) return {};
  const auto shown = without_trailing_blanks(without_leading_blanks(content_->lines[static_cast<size_t>(line) - 1]));
  return text("\n    ", printable(shown), "\n    ^");
}

}  // namespace es
