// SPDX-License-Identifier: Apache-2.0
//
// The lexer: one pass, no backtracking. Comments vanish; a preprocessor line becomes a macro, an include or nothing.
#include <algorithm>

#include "base/text.h"
#include "edge_impulse/c_source.h"

namespace es::edge_impulse {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool is_word(char c) { return is_word_start(c) || is_digit(c); }

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  CText run() {
    while (at_ < text_.size()) step();
    return std::move(out_);
  }

 private:
  char peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  void step() {
    const char c = peek();
    if (c == '\n') {
      ++line_;
      ++at_;
      at_line_start_ = true;
    } else if (is_blank(c) || (c == '\\' && (peek(1) == '\n' || peek(1) == '\r'))) {
      ++at_;
    } else if (c == '/' && (peek(1) == '/' || peek(1) == '*')) {
      skip_comment();
    } else if (c == '#' && at_line_start_) {
      read_directive();
    } else {
      at_line_start_ = false;
      read_token(c);
    }
  }

  void skip_comment() {
    const bool to_line_end = peek(1) == '/';
    const size_t end = to_line_end ? text_.find('\n', at_) : text_.find("*/", at_ + 2);
    const size_t stop = end == std::string_view::npos ? text_.size() : to_line_end ? end : end + 2;
    count_lines(at_, stop);
    at_ = stop;
  }

  void count_lines(size_t from, size_t to) {
    for (size_t i = from; i < to; ++i) line_ += text_[i] == '\n';
  }

  void read_token(char c) {
    const size_t begin = at_;
    if (is_word_start(c)) {
      while (is_word(peek())) ++at_;
      push(TokenKind::identifier, begin, at_);
    } else if (is_digit(c) || (c == '.' && is_digit(peek(1)))) {
      skip_number();
      push(TokenKind::number, begin, at_);
    } else if (c == '"' || c == '\'') {
      read_quoted(c);
    } else {
      at_ += c == ':' && peek(1) == ':' ? 2 : 1;
      push(TokenKind::punctuation, begin, at_);
    }
  }

  // A number as the preprocessor sees it: digits, letters, dots, and a sign behind an exponent's letter.
  void skip_number() {
    const bool hexadecimal = peek() == '0' && (peek(1) == 'x' || peek(1) == 'X');
    while (is_word(peek()) || peek() == '.') {
      const char c = peek();
      const bool exponent = !hexadecimal && (c == 'e' || c == 'E');
      ++at_;
      if (exponent && (peek() == '+' || peek() == '-')) ++at_;
    }
  }

  // Ends at the closing quote, or at the line's end where there is none.
  void read_quoted(char quote) {
    const size_t begin = ++at_;
    while (at_ < text_.size() && peek() != quote && peek() != '\n') at_ += peek() == '\\' && peek(1) != '\n' ? 2 : 1;
    at_ = std::min(at_, text_.size());
    push(quote == '"' ? TokenKind::string : TokenKind::character, begin, at_);
    if (peek() == quote) ++at_;
  }

  void push(TokenKind kind, size_t begin, size_t end) {
    out_.tokens.push_back({kind, line_, text_.substr(begin, end - begin)});
  }

  // A directive ends at a newline that no backslash stands before. Comments that begin in it and span lines are rare
  // enough to be cut at the line's end.
  void read_directive() {
    const size_t begin = at_;
    while (at_ < text_.size()) {
      const size_t end = text_.find('\n', at_);
      if (end == std::string_view::npos) {
        at_ = text_.size();
        break;
      }
      at_ = end;
      if (!continues(begin, end)) break;
      ++at_;
      ++line_;
    }
    read_directive_text(trim(text_.substr(begin + 1, at_ - begin - 1)));
  }

  bool continues(size_t begin, size_t end) const {
    const size_t last = end > begin && text_[end - 1] == '\r' ? end - 1 : end;
    return last > begin && text_[last - 1] == '\\';
  }

  void read_directive_text(std::string_view directive) {
    const auto word = take_word(directive);
    if (word == "define") {
      const auto name = take_word(directive);
      const bool has_parameters = !directive.empty() && directive.front() == '(';
      if (!name.empty() && !has_parameters) out_.macros.push_back({name, without_comment(directive)});
    } else if (word == "include") {
      const size_t open = directive.find('"');
      const size_t close = open == std::string_view::npos ? open : directive.find('"', open + 1);
      if (close != std::string_view::npos) out_.includes.push_back(directive.substr(open + 1, close - open - 1));
    }
  }

  static std::string_view take_word(std::string_view& text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    size_t end = 0;
    while (end < text.size() && is_word(text[end])) ++end;
    const auto word = text.substr(0, end);
    text.remove_prefix(end);
    return word;
  }

  static std::string_view without_comment(std::string_view value) {
    bool in_string = false;
    for (size_t i = 0; i < value.size(); ++i) {
      if (in_string && value[i] == '\\') {
        ++i;
      } else if (value[i] == '"') {
        in_string = !in_string;
      } else if (!in_string && value[i] == '/' && i + 1 < value.size() &&
                 (value[i + 1] == '/' || value[i + 1] == '*')) {
        return trim(value.substr(0, i));
      }
    }
    return trim(value);
  }

  std::string_view text_;
  size_t at_ = 0;
  uint32_t line_ = 1;
  bool at_line_start_ = true;
  CText out_;
};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// \xNN or \NNN; `at` stands behind the backslash and is moved behind what was read.
bool take_numeric_escape(std::string_view literal, size_t& at, std::string& out) {
  const bool hexadecimal = literal[at] == 'x';
  size_t end = hexadecimal ? at + 1 : at;
  const size_t limit = at + 3;
  int value = 0;
  const size_t begin = end;
  for (; end < literal.size() && end < limit; ++end) {
    const int digit = hex_digit(literal[end]);
    if (digit < 0 || (!hexadecimal && digit > 7)) break;
    value = value * (hexadecimal ? 16 : 8) + digit;
  }
  if (end == begin || value > 0xff) return false;
  out += static_cast<char>(value);
  at = end;
  return true;
}

}  // namespace

CText tokenize(std::string_view text) { return Lexer(text).run(); }

std::string unescape(std::string_view literal) {
  constexpr std::string_view names = "ntr\"'\\?abfv";
  constexpr std::string_view values = "\n\t\r\"'\\?\a\b\f\v";
  std::string out;
  for (size_t at = 0; at < literal.size();) {
    if (literal[at] != '\\' || at + 1 == literal.size()) {
      out += literal[at++];
      continue;
    }
    const size_t known = names.find(literal[at + 1]);
    size_t behind = at + 1;
    if (known != std::string_view::npos) {
      out += values[known];
      at += 2;
    } else if (take_numeric_escape(literal, behind, out)) {
      at = behind;
    } else {
      out += literal[at++];
    }
  }
  return out;
}

}  // namespace es::edge_impulse
