// SPDX-License-Identifier: Apache-2.0
//
// Finds variables with an initialiser, and the fields of structs, in a row of tokens. What it does not understand it
// steps over: a generated header that gained a new construct must still give the rest.
#include <algorithm>

#include "edge_impulse/c_source.h"

namespace es::edge_impulse {
namespace {

constexpr int max_depth = 32;

using Tokens = std::span<const Token>;

bool opens(const Token& token) { return token.is('{') || token.is('(') || token.is('['); }
bool closes(const Token& token) { return token.is('}') || token.is(')') || token.is(']'); }

// The place behind the bracket that closes the one at `at`; the end where none does.
size_t behind_balanced(Tokens tokens, size_t at) {
  size_t depth = 0;
  for (; at < tokens.size(); ++at) {
    if (opens(tokens[at])) ++depth;
    if (closes(tokens[at]) && --depth == 0) return at + 1;
  }
  return at;
}

// Reads initialisers. Every token is looked at once per nesting level at most, and levels are bounded.
class InitialiserReader {
 public:
  explicit InitialiserReader(Tokens tokens) : tokens_(tokens) {}

  // From `at` to the ',', ';' or closing bracket that ends the value; `at` is left on that token.
  Initialiser read(size_t& at, int depth) const {
    Initialiser value;
    const size_t begin = at;
    while (at < tokens_.size() && !ends_value(tokens_[at])) {
      if (tokens_[at].is('{')) {
        read_list(at, depth, value);
      } else {
        at = opens(tokens_[at]) ? behind_balanced(tokens_, at) : at + 1;
      }
    }
    value.tokens = tokens_.subspan(begin, at - begin);
    return value;
  }

 private:
  static bool ends_value(const Token& token) { return token.is(',') || token.is(';') || closes(token); }

  void read_list(size_t& at, int depth, Initialiser& value) const {
    if (depth >= max_depth || value.is_list) {
      at = behind_balanced(tokens_, at);
      return;
    }
    value.is_list = true;
    ++at;
    while (at < tokens_.size() && !tokens_[at].is('}') && !tokens_[at].is(';')) {
      Element element;
      element.designator = take_designator(at);
      element.value = read(at, depth + 1);
      if (!element.value.tokens.empty()) value.elements.push_back(std::move(element));
      if (at < tokens_.size() && (tokens_[at].is(',') || tokens_[at].is(')') || tokens_[at].is(']'))) ++at;
    }
    if (at < tokens_.size() && tokens_[at].is('}')) ++at;
  }

  std::string_view take_designator(size_t& at) const {
    if (at + 2 >= tokens_.size() || !tokens_[at].is('.')) return {};
    if (tokens_[at + 1].kind != TokenKind::identifier || !tokens_[at + 2].is('=')) return {};
    const auto name = tokens_[at + 1].text;
    at += 3;
    return name;
  }

  Tokens tokens_;
};

class DeclarationReader {
 public:
  explicit DeclarationReader(Tokens tokens) : tokens_(tokens), initialisers_(tokens) {}

  Declarations run() {
    while (at_ < tokens_.size()) step();
    return std::move(out_);
  }

 private:
  void step() {
    const Token& token = tokens_[at_];
    if (token.is(';')) {
      restart(at_ + 1);
    } else if (token.is('=')) {
      const Tokens head = head_tokens();
      ++at_;
      add_variable(head);
    } else if (token.is('{')) {
      open_brace();
    } else if (token.is('}')) {
      if (!scopes_.empty()) scopes_.pop_back();
      restart(at_ + 1);
    } else if (token.is('(') || token.is('[')) {
      at_ = behind_balanced(tokens_, at_);
    } else {
      ++at_;
    }
  }

  Tokens head_tokens() const { return tokens_.subspan(head_, at_ - head_); }

  void restart(size_t at) {
    at_ = at;
    head_ = at;
  }

  void open_brace() {
    const Tokens head = head_tokens();
    if (opens_scope(head)) {
      const bool named = head.size() > 1 && head.back().kind == TokenKind::identifier;
      scopes_.push_back(named ? head.back().text : std::string_view());
      restart(at_ + 1);
    } else if (opens_record(head)) {
      read_record(head);
    } else if (!head.empty() && (head.back().is(']') || head.back().kind == TokenKind::identifier)) {
      add_variable(head);
    } else {
      restart(behind_balanced(tokens_, at_));
    }
  }

  static bool opens_scope(Tokens head) {
    if (head.empty()) return false;
    const bool is_namespace = head[0].is_word("namespace") || (head.size() > 1 && head[1].is_word("namespace"));
    return is_namespace || (head.size() == 2 && head[0].is_word("extern") && head[1].kind == TokenKind::string);
  }

  static bool opens_record(Tokens head) {
    for (const Token& token : head.first(std::min<size_t>(head.size(), 3))) {
      if (token.is_word("struct") || token.is_word("union") || token.is_word("enum") || token.is_word("class")) {
        return head.back().kind == TokenKind::identifier && head.size() <= 3;
      }
    }
    return false;
  }

  // `typedef struct [tag] { fields } name;` or `struct name { fields };`
  void read_record(Tokens head) {
    const size_t end = behind_balanced(tokens_, at_);
    Record record;
    record.fields = fields_of(tokens_.subspan(at_ + 1, end > at_ + 1 ? end - at_ - 2 : 0));
    const bool is_typedef = head[0].is_word("typedef");
    restart(end);
    if (is_typedef && at_ < tokens_.size() && tokens_[at_].kind == TokenKind::identifier) {
      record.name = tokens_[at_].text;
    } else if (!is_typedef && head.size() > 1) {
      record.name = head.back().text;
    }
    if (!record.name.empty()) out_.records.push_back(std::move(record));
  }

  // A field's name is the last word before its ';', ',' or '['.
  static std::vector<std::string_view> fields_of(Tokens body) {
    std::vector<std::string_view> fields;
    std::string_view last;
    for (size_t at = 0; at < body.size();) {
      const Token& token = body[at];
      if (token.is(';') || token.is(',')) {
        if (!last.empty()) fields.push_back(last);
        last = {};
      } else if (token.kind == TokenKind::identifier) {
        last = token.text;
      }
      if (token.is(':')) last = {};
      at = opens(token) ? behind_balanced(body, at) : at + 1;
    }
    return fields;
  }

  // at_ stands on the first token of the initialiser.
  void add_variable(Tokens head) {
    Variable variable;
    name_variable(head, variable);
    variable.value = initialisers_.read(at_, 0);
    if (!scopes_.empty()) variable.scope = scopes_.back();
    if (!variable.name.empty()) out_.variables.push_back(std::move(variable));
    // A ',' continues the declaration with the same type; anything else that is no ';' is stepped over.
    if (at_ < tokens_.size() && !tokens_[at_].is('}')) ++at_;
    restart(at_);
  }

  // The name is the word before the first '[', else the last word that no '(' follows; the type is the word before it.
  static void name_variable(Tokens head, Variable& variable) {
    for (size_t at = 0; at < head.size();) {
      const bool is_call = at + 1 < head.size() && head[at + 1].is('(');
      if (head[at].is('[')) return;
      if (head[at].kind == TokenKind::identifier && !is_call) {
        variable.type = variable.name;
        variable.name = head[at].text;
      }
      at = head[at].is('(') ? behind_balanced(head, at) : at + 1;
    }
  }

  Tokens tokens_;
  InitialiserReader initialisers_;
  size_t at_ = 0;
  size_t head_ = 0;
  std::vector<std::string_view> scopes_;
  Declarations out_;
};

}  // namespace

Declarations read_declarations(std::span<const Token> tokens) { return DeclarationReader(tokens).run(); }

}  // namespace es::edge_impulse
