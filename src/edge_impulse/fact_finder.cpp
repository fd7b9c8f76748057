// SPDX-License-Identifier: Apache-2.0
#include "edge_impulse/fact_finder.h"

#include <cmath>

#include "base/text.h"

namespace es::edge_impulse {
namespace {

std::string source_of(std::string_view macro, const LocatedMacro& located) {
  return text(macro, " (", located.header->name, ")");
}

}  // namespace

std::string source_of(const Place& place, std::string_view field) {
  return text(printable(place.variable->name), field.empty() ? "" : ".", field, " (", place.header->name, ")");
}

std::optional<Sourced<double>> FactFinder::macro_number(std::string_view name) const {
  const auto macro = has_macro(name) ? headers_.macro(name) : std::nullopt;
  const auto value = macro ? headers_.number(macro->value) : std::nullopt;
  if (!value) return std::nullopt;
  return Sourced<double>{*value, source_of(name, *macro)};
}

std::optional<Sourced<double>> FactFinder::field_number(const Place& place, std::string_view field) const {
  const auto value = field.empty() ? std::nullopt : headers_.number(headers_.field(place, field));
  if (!value) return std::nullopt;
  return Sourced<double>{*value, source_of(place, field)};
}

template <typename T>
std::optional<Sourced<T>> FactFinder::decide(std::optional<Sourced<T>> in_struct,
                                             std::optional<Sourced<T>> in_macro) const {
  if (!in_struct || !in_macro) return in_struct ? in_struct : in_macro;
  if (in_struct->value == in_macro->value) return in_macro;
  warnings_.push_back(text(in_struct->source, " is ", printable(text(in_struct->value)), ", ", in_macro->source, " is ",
                           printable(text(in_macro->value)), "; the first is taken, since it decides at run time"));
  return in_struct;
}

std::optional<Sourced<double>> FactFinder::number(const FactNames& names) const {
  return decide(field_number(impulse_, names.field), macro_number(names.macro));
}

Fact<int64_t> FactFinder::whole(const std::optional<Sourced<double>>& found) {
  if (!found || std::abs(found->value) > 1e15 || found->value != std::floor(found->value)) return {};
  return {static_cast<int64_t>(found->value), found->source};
}

Fact<int64_t> FactFinder::integer(const FactNames& names) const { return whole(number(names)); }

Fact<bool> FactFinder::flag(const FactNames& names) const {
  const auto found = number(names);
  return found ? Fact<bool>(found->value != 0, found->source) : Fact<bool>();
}

std::optional<Sourced<std::string>> FactFinder::macro_words(std::string_view name) const {
  const auto macro = has_macro(name) ? headers_.macro(name) : std::nullopt;
  if (!macro) return std::nullopt;
  const auto source = tokenize(macro->value);
  Initialiser value;
  value.tokens = source.tokens;
  const auto literal = string_of(&value);
  if (!literal) return std::nullopt;
  return Sourced<std::string>{*literal, source_of(name, *macro)};
}

Fact<std::string> FactFinder::words(const FactNames& names) const {
  const auto literal = string_of(headers_.field(impulse_, names.field));
  auto in_struct =
      literal ? std::optional(Sourced<std::string>{*literal, source_of(impulse_, names.field)}) : std::nullopt;
  const auto found = decide(std::move(in_struct), macro_words(names.macro));
  return found ? Fact<std::string>(found->value, found->source) : Fact<std::string>();
}

}  // namespace es::edge_impulse
