// SPDX-License-Identifier: Apache-2.0
//
// Small words about strings that every folder needs.
#pragma once

#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace es {

// The parts written one after the other, as an ostream in the classic locale writes them.
template <typename... Parts>
std::string text(const Parts&... parts) {
  std::ostringstream out;
  out.imbue(std::locale::classic());
  (out << ... << parts);
  return out.str();
}

// The items with `separator` between them.
template <typename Range>
std::string join(const Range& items, std::string_view separator) {
  std::ostringstream out;
  out.imbue(std::locale::classic());
  bool first = true;
  for (const auto& item : items) {
    if (!first) out << separator;
    out << item;
    first = false;
  }
  return out.str();
}

// The pieces between separators; all are kept, also empty ones. An empty text has one empty piece.
std::vector<std::string> split(std::string_view text, char separator);

// Without blanks, tabs, carriage returns and newlines at both ends.
std::string_view trim(std::string_view text);

// ASCII only; other bytes stay.
std::string to_lower(std::string_view text);

// Bytes that a terminal or a log cannot show become \xNN, and a text beyond `limit` bytes ends in "...". For anything
// from a file that goes into a message.
std::string printable(std::string_view text, size_t limit = 120);

// Whole-text conversions: nothing may stand before or after the number, and it must fit. Never locale dependent.
std::optional<long long> to_integer(std::string_view text);
std::optional<double> to_double(std::string_view text);

// The shortest text that reads back as the same value ("0.1", "1e-05", "3").
std::string number_text(double value);
std::string number_text(float value);

// The candidate nearest to `word` by edit distance, if it is near enough to be a slip of the keyboard (at most a third
// of the length, at most 3 edits).
std::optional<std::string> did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace es
