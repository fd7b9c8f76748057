// SPDX-License-Identifier: Apache-2.0
//
// The grammar, as far as it is understood:
//
//   name '[' [number] ']' anything without braces '=' '{' [number (',' number)* [',']] '}'
//   name '_len' '=' number
//   'INCBIN' '(' symbol ',' string ')'       the string may be the name of a macro that holds one
//   name '=' 'g' symbol '_data'              what INCBIN defines, under the name that the model goes by
//
// A number is decimal, octal or hexadecimal with an optional sign and suffix. Comments stand anywhere. A list with
// anything else in it is no array of bytes and is stepped over.
#include "edge_impulse/c_array.h"

#include <algorithm>
#include <array>
#include <map>

namespace es::edge_impulse {
namespace {

constexpr size_t most_kept = 4096;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c) ||
         static_cast<unsigned char>(c) >= 0x80;
}

constexpr std::array<int8_t, 256> make_digit_values() {
  std::array<int8_t, 256> values{};
  values.fill(-1);
  for (int i = 0; i < 10; ++i) values[static_cast<size_t>('0' + i)] = static_cast<int8_t>(i);
  for (int i = 0; i < 6; ++i) {
    values[static_cast<size_t>('a' + i)] = static_cast<int8_t>(10 + i);
    values[static_cast<size_t>('A' + i)] = static_cast<int8_t>(10 + i);
  }
  return values;
}
constexpr auto digit_values = make_digit_values();

int digit_value(char c) { return digit_values[static_cast<unsigned char>(c)]; }

// The text with a place in it.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  bool at_end() const { return at_ >= text_.size(); }
  char peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  void advance(size_t count = 1) { at_ = std::min(at_ + count, text_.size()); }
  size_t place() const { return at_; }

  // Blanks, newlines and comments.
  void skip_blanks() {
    while (!at_end()) {
      const char c = peek();
      if (c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' || c == '\v' || c == '\\') {
        ++at_;
      } else if (c == '/' && peek(1) == '/') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (c == '/' && peek(1) == '*') {
        const size_t end = text_.find("*/", at_ + 2);
        at_ = end == std::string_view::npos ? text_.size() : end + 2;
      } else {
        return;
      }
    }
  }

  std::string_view take_word() {
    const size_t begin = at_;
    while (!at_end() && is_word(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  // What stands between the quote here and the closing one (or the line's end); the cursor ends behind it.
  std::string_view take_quoted() {
    const char quote = peek();
    const size_t begin = ++at_;
    while (!at_end() && peek() != quote && peek() != '\n') advance(peek() == '\\' ? 2 : 1);
    const auto inside = text_.substr(begin, at_ - begin);
    if (peek() == quote) ++at_;
    return inside;
  }

  // To the end of a preprocessor line, over lines that end in a backslash.
  std::string_view take_directive() {
    const size_t begin = at_;
    do {
      at_ = std::min(text_.find('\n', at_), text_.size());
      const bool carriage_return = at_ > begin && text_[at_ - 1] == '\r';
      const size_t last = carriage_return ? at_ - 1 : at_;
      if (at_end() || last <= begin || text_[last - 1] != '\\') break;
      ++at_;
    } while (!at_end());
    return text_.substr(begin, at_ - begin);
  }

  // An integer literal with its suffix. Nothing, and the cursor somewhere in it, where it is none or exceeds 2^48.
  std::optional<uint64_t> take_integer() {
    const bool starts_with_zero = peek() == '0';
    int base = 10;
    if (starts_with_zero && (peek(1) == 'x' || peek(1) == 'X')) {
      base = 16;
      advance(2);
    } else if (starts_with_zero) {
      base = 8;
    }
    uint64_t value = 0;
    const size_t begin = at_;
    for (; !at_end(); ++at_) {
      const int digit = digit_value(text_[at_]);
      if (digit < 0 || digit >= base) break;
      value = value * static_cast<uint64_t>(base) + static_cast<uint64_t>(digit);
      if (value >> 48) return std::nullopt;
    }
    if (at_ == begin) return std::nullopt;
    while (peek() == 'u' || peek() == 'U' || peek() == 'l' || peek() == 'L') ++at_;
    if (is_word(peek()) || peek() == '.') return std::nullopt;
    return value;
  }

 private:
  std::string_view text_;
  size_t at_ = 0;
};

// Elements up to the closing brace. False, and the cursor somewhere in the list, where it is not a list of bytes.
bool take_elements(Cursor& cursor, Bytes& bytes) {
  for (;;) {
    cursor.skip_blanks();
    if (cursor.peek() == '}') {
      cursor.advance();
      return true;
    }
    const bool negative = cursor.peek() == '-';
    if (negative) cursor.advance();
    if (!is_digit(cursor.peek())) return false;
    const auto value = cursor.take_integer();
    if (!value || *value > (negative ? 128U : 255U)) return false;
    bytes.push_back(static_cast<uint8_t>(negative ? 256 - *value : *value));
    cursor.skip_blanks();
    if (cursor.peek() == ',') {
      cursor.advance();
    } else if (cursor.peek() != '}') {
      return false;
    }
  }
}

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text), cursor_(text) {}

  CArrays run() {
    while (!cursor_.at_end()) step();
    for (auto& array : out_.arrays) {
      const auto length = lengths_.find(array.name + "_len");
      if (length != lengths_.end()) array.declared_length = length->second;
    }
    for (auto& incbin : out_.incbins) incbin.name = name_of(incbin.symbol);
    return std::move(out_);
  }

 private:
  // INCBIN spells its pointer in one of two styles.
  std::string name_of(const std::string& symbol) const {
    for (const auto* ending : {"_data", "Data"}) {
      const auto alias = aliases_.find("g" + symbol + ending);
      if (alias != aliases_.end()) return std::string(alias->second);
    }
    return symbol;
  }

  void step() {
    const size_t before = cursor_.place();
    cursor_.skip_blanks();
    const bool starts_line = text_.substr(before, cursor_.place() - before).find('\n') != std::string_view::npos;
    const char c = cursor_.peek();
    if (cursor_.at_end()) return;
    if (c == '#' && (starts_line || before == 0)) {
      read_directive();
    } else if (is_word(c)) {
      read_word();
    } else if (c == '"' || c == '\'') {
      cursor_.take_quoted();
    } else {
      cursor_.advance();
      read_punctuation(c);
    }
  }

  void read_word() {
    const auto word = cursor_.take_word();
    if (word.ends_with("INCBIN")) {
      read_incbin();
    } else if (depth_ == 0 && name_.empty()) {
      last_word_ = word;
    }
  }

  void read_punctuation(char c) {
    if (c == '(') ++depth_;
    if (c == ')' && depth_ > 0) --depth_;
    if (c == '[' && depth_ == 0 && name_.empty()) read_extent();
    if (c == '=' && depth_ == 0 && name_.empty()) read_assignment();
    if (c == '{') read_list();
    if (c == ';' || c == '{' || c == '}') begin_statement();
  }

  void begin_statement() {
    depth_ = 0;
    name_ = {};
    last_word_ = {};
    declared_size_.reset();
  }

  void read_extent() {
    name_ = last_word_;
    cursor_.skip_blanks();
    if (is_digit(cursor_.peek())) declared_size_ = cursor_.take_integer();
  }

  // `NAME_len = 1234` and `NAME = gSYMBOL_data`
  void read_assignment() {
    cursor_.skip_blanks();
    if (is_digit(cursor_.peek())) {
      const auto value = cursor_.take_integer();
      const bool is_length = value && last_word_.ends_with("_len");
      if (is_length && lengths_.size() < most_kept) lengths_.try_emplace(std::string(last_word_), *value);
    } else if (is_word(cursor_.peek()) && !last_word_.empty()) {
      const auto word = cursor_.take_word();
      if (aliases_.size() < most_kept) aliases_.try_emplace(word, last_word_);
    }
  }

  // The brace is behind the cursor. Where no array is being defined it opens a scope, and nothing is skipped.
  void read_list() {
    if (name_.empty()) return;
    const size_t line = line_at(cursor_.place());
    Bytes bytes;
    if (!take_elements(cursor_, bytes) || out_.arrays.size() >= most_kept) return;
    bytes.shrink_to_fit();
    out_.arrays.push_back({std::string(name_), std::move(bytes), line, declared_size_, {}});
  }

  size_t line_at(size_t place) {
    const auto passed = text_.substr(counted_to_, place - counted_to_);
    lines_ += static_cast<size_t>(std::ranges::count(passed, '\n'));
    counted_to_ = place;
    return lines_;
  }

  void read_incbin() {
    cursor_.skip_blanks();
    if (cursor_.peek() != '(') return;
    cursor_.advance();
    cursor_.skip_blanks();
    Incbin incbin{std::string(cursor_.take_word()), {}, {}};
    std::string_view word;
    while (!cursor_.at_end() && cursor_.peek() != ')' && cursor_.peek() != ';') {
      if (cursor_.peek() == '"') {
        incbin.path = cursor_.take_quoted();
      } else if (is_word(cursor_.peek())) {
        word = cursor_.take_word();
      } else {
        cursor_.advance();
      }
      cursor_.skip_blanks();
    }
    const auto macro = string_macros_.find(word);
    if (incbin.path.empty() && macro != string_macros_.end()) incbin.path = macro->second;
    const bool complete = !incbin.symbol.empty() && !incbin.path.empty();
    if (complete && out_.incbins.size() < most_kept) out_.incbins.push_back(std::move(incbin));
  }

  // Keeps the last string of `#define NAME ... "string"`: where INCBIN's path is hidden in a macro, it is there.
  void read_directive() {
    Cursor line(cursor_.take_directive());
    line.advance();
    line.skip_blanks();
    if (line.take_word() != "define") return;
    line.skip_blanks();
    const auto name = line.take_word();
    std::string_view value;
    while (!line.at_end()) {
      if (line.peek() == '"') {
        value = line.take_quoted();
      } else {
        line.advance();
      }
    }
    if (!value.empty() && string_macros_.size() < most_kept) string_macros_.try_emplace(name, value);
  }

  std::string_view text_;
  Cursor cursor_;
  CArrays out_;
  std::map<std::string, uint64_t> lengths_;
  std::map<std::string_view, std::string_view> string_macros_;
  std::map<std::string_view, std::string_view> aliases_;  // what is assigned, to what

  // The statement being read.
  int depth_ = 0;
  std::string_view last_word_, name_;
  std::optional<uint64_t> declared_size_;

  size_t counted_to_ = 0;
  size_t lines_ = 1;
};

}  // namespace

CArrays scan_c_arrays(std::string_view text) { return Scanner(text).run(); }

}  // namespace es::edge_impulse
