// SPDX-License-Identifier: Apache-2.0
#include "edge_impulse/headers.h"

#include <algorithm>

#include "base/error.h"

namespace es::edge_impulse {
namespace {

constexpr size_t largest_header = size_t{4} << 20;  // real ones stay below 0.1 MB

constexpr size_t most_of_one_name = 64;  // an export of several impulses repeats a name once per impulse

// The namespace in front of a value's last word, or empty.
std::string_view scope_of(const Initialiser& value) {
  const auto tokens = value.tokens;
  for (size_t i = tokens.size(); i-- > 0;) {
    if (tokens[i].kind != TokenKind::identifier) continue;
    const bool qualified = i >= 2 && tokens[i - 1].text == "::" && tokens[i - 2].kind == TokenKind::identifier;
    return qualified ? tokens[i - 2].text : std::string_view();
  }
  return {};
}

int nearness(const Place& candidate, std::string_view scope, const Place& from) {
  const bool same_scope = candidate.variable->scope == scope;
  const bool same_header = candidate.header == from.header;
  return 2 * same_scope + same_header;
}

}  // namespace

Headers::Headers(std::vector<HeaderText> texts) {
  for (auto& text : texts) {
    require(text.text.size() <= largest_header, ErrorKind::malformed, text.name, ": holds ", text.text.size(),
            " bytes, a generated header of at most ", largest_header, " is needed; give the export as Studio built it");
    auto header = std::make_unique<Header>();
    header->name = std::move(text.name);
    header->text = std::move(text.text);
    header->source = tokenize(header->text);
    header->declarations = read_declarations(header->source.tokens);
    add_to_index(*header);
    headers_.push_back(std::move(header));
  }
}

void Headers::add_to_index(const Header& header) {
  for (const auto& macro : header.source.macros) macros_.try_emplace(macro.name, LocatedMacro{macro.value, &header});
  for (const auto& variable : header.declarations.variables) {
    auto& places = variables_[variable.name];
    if (places.size() < most_of_one_name) places.push_back({&header, &variable});
  }
}

std::optional<LocatedMacro> Headers::macro(std::string_view name) const {
  const auto found = macros_.find(name);
  return found == macros_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<Place> Headers::variables_of(std::string_view type) const {
  std::vector<Place> found;
  for (const auto& header : headers_) {
    for (const auto& variable : header->declarations.variables) {
      if (variable.type == type) found.push_back({header.get(), &variable});
    }
  }
  return found;
}

Place Headers::referred(const Initialiser& value, Place from) const {
  const auto name = last_word(value);
  if (name.empty()) return {};
  auto scope = scope_of(value);
  if (scope.empty() && from) scope = from.variable->scope;
  const auto places = variables_.find(name);
  Place best;
  if (places == variables_.end()) return best;
  for (const Place& candidate : places->second) {
    if (!best || nearness(candidate, scope, from) > nearness(best, scope, from)) best = candidate;
  }
  return best;
}

Place Headers::with_prefix(std::string_view prefix, Place from) const {
  Place best;
  for (const auto& header : headers_) {
    for (const auto& variable : header->declarations.variables) {
      const Place candidate{header.get(), &variable};
      if (!variable.value.is_list || !variable.name.starts_with(prefix)) continue;
      if (!best || (best.header != from.header && candidate.header == from.header)) best = candidate;
    }
  }
  return best;
}

const Initialiser* Headers::field(const Initialiser& list, std::string_view name) const {
  const auto found = std::ranges::find(list.elements, name, &Element::designator);
  return found == list.elements.end() ? nullptr : &found->value;
}

const Initialiser* Headers::field(Place place, std::string_view name) const {
  if (!place || !place.variable->value.is_list) return nullptr;
  const auto& list = place.variable->value;
  if (const auto* by_name = field(list, name)) return by_name;
  for (const auto& header : headers_) {
    const auto& records = header->declarations.records;
    const auto record = std::ranges::find(records, place.variable->type, &Record::name);
    if (record == records.end()) continue;
    const auto position = static_cast<size_t>(std::ranges::find(record->fields, name) - record->fields.begin());
    const bool given = position < record->fields.size() && position < list.elements.size();
    return given && list.elements[position].designator.empty() ? &list.elements[position].value : nullptr;
  }
  return nullptr;
}

std::vector<std::pair<std::string_view, const Initialiser*>> Headers::fields(Place place) const {
  std::vector<std::pair<std::string_view, const Initialiser*>> found;
  if (!place || !place.variable->value.is_list) return found;
  std::span<const std::string_view> names;
  for (const auto& header : headers_) {
    const auto& records = header->declarations.records;
    const auto record = std::ranges::find(records, place.variable->type, &Record::name);
    if (record != records.end() && names.empty()) names = record->fields;
  }
  size_t position = 0;
  for (const auto& element : place.variable->value.elements) {
    const auto name = !element.designator.empty() ? element.designator
                      : position < names.size()   ? names[position]
                                                  : std::string_view();
    ++position;
    if (!name.empty()) found.emplace_back(name, &element.value);
  }
  return found;
}

std::optional<double> Headers::number(const Initialiser* value) const {
  if (value == nullptr || value->is_list) return std::nullopt;
  return evaluate(value->tokens, [this](std::string_view name) -> std::optional<std::string_view> {
    const auto found = macro(name);
    return found ? std::optional(found->value) : std::nullopt;
  });
}

std::optional<double> Headers::number(std::string_view expression) const {
  const auto text = tokenize(expression);
  Initialiser value;
  value.tokens = text.tokens;
  return number(&value);
}

std::string_view last_word(const Initialiser& value) {
  for (size_t i = value.tokens.size(); i-- > 0;) {
    const Token& token = value.tokens[i];
    if (token.kind != TokenKind::identifier) continue;
    return token.text == "NULL" || token.text == "nullptr" ? std::string_view() : token.text;
  }
  return {};
}

std::optional<std::string> string_of(const Initialiser* value) {
  if (value == nullptr || value->is_list) return std::nullopt;
  std::optional<std::string> joined;
  for (const Token& token : value->tokens) {
    if (token.kind == TokenKind::string) joined = joined.value_or("") + unescape(token.text);
  }
  return joined;
}

bool is_function(const Initialiser& value) { return !value.tokens.empty() && value.tokens.front().is('&'); }

bool is_pointer_cast(const Initialiser& value) {
  return value.tokens.size() > 2 && value.tokens[0].is('(') && value.tokens[1].is_word("void");
}

}  // namespace es::edge_impulse
