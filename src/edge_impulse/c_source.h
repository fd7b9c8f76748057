// SPDX-License-Identifier: Apache-2.0
//
// C and C++ text read as data: tokens, macros, and the initialisers of variables. Nothing is preprocessed and nothing
// is run: both branches of every #if are read, and a function's body is stepped over.
//
// Linear in the length of the text whatever it holds. All views point into the text handed in, which must outlive them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace es::edge_impulse {

enum class TokenKind : uint8_t { identifier, number, string, character, punctuation };

struct Token {
  TokenKind kind = TokenKind::punctuation;
  uint32_t line = 0;
  std::string_view text;  // without its quotes; "::" is one token, other punctuation is one character

  bool is(char c) const { return kind == TokenKind::punctuation && text.size() == 1 && text[0] == c; }
  bool is_word(std::string_view word) const { return kind == TokenKind::identifier && text == word; }
};

// `#define name value`. Macros with parameters are left out.
struct Macro {
  std::string_view name;
  std::string_view value;  // trimmed, without a comment
};

struct CText {
  std::vector<Token> tokens;
  std::vector<Macro> macros;               // in the order of the text
  std::vector<std::string_view> includes;  // what stands between the quotes
};

CText tokenize(std::string_view text);

// The value of a string token: escapes replaced. A wrong escape stays as it is written.
std::string unescape(std::string_view literal);

struct Element;

// What stands behind the `=` of a variable or a field: a braced list, or tokens to be understood by whoever needs them.
// A list may have tokens in front (a cast, `new const char*[4]`).
struct Initialiser {
  std::span<const Token> tokens;
  bool is_list = false;
  std::vector<Element> elements;
};

struct Element {
  std::string_view designator;  // "threshold" for `.threshold = ...`; empty where the position speaks
  Initialiser value;
};

struct Variable {
  std::string_view scope;  // the innermost namespace, or empty
  std::string_view name;
  std::string_view type;  // the type's last word: "ei_impulse_t", "char"
  Initialiser value;
};

// The fields of a struct in order.
struct Record {
  std::string_view name;
  std::vector<std::string_view> fields;
};

struct Declarations {
  std::vector<Variable> variables;
  std::vector<Record> records;
};

// Lists nested deeper than 32 are stepped over.
Declarations read_declarations(std::span<const Token> tokens);

}  // namespace es::edge_impulse
