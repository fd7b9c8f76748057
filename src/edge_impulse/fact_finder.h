// SPDX-License-Identifier: Apache-2.0
//
// Looks one fact up in all the places where a generation of headers may state it, and remembers which one did.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "edge_impulse/headers.h"
#include "edge_impulse/project.h"

namespace es::edge_impulse {

// The two names of a fact: a field of the impulse's struct, a macro. Either may be empty.
struct FactNames {
  std::string_view field;
  std::string_view macro;
};

template <typename T>
struct Sourced {
  T value;
  std::string source;
};

// "ei_dsp_config_2.channels (model_variables.h)"
std::string source_of(const Place& place, std::string_view field = {});

class FactFinder {
 public:
  // `with_macros`: the macros describe this impulse, not another one of the same folder. `warnings` receives a sentence
  // for every fact that struct and macro state differently; the struct wins, since it decides at run time.
  FactFinder(const Headers& headers, Place impulse, bool with_macros, std::vector<std::string>& warnings)
      : headers_(headers), impulse_(impulse), with_macros_(with_macros), warnings_(warnings) {}

  std::optional<Sourced<double>> number(const FactNames& names) const;
  std::optional<Sourced<double>> macro_number(std::string_view name) const;
  std::optional<Sourced<double>> field_number(const Place& place, std::string_view field) const;

  Fact<int64_t> integer(const FactNames& names) const;
  Fact<bool> flag(const FactNames& names) const;
  Fact<std::string> words(const FactNames& names) const;
  bool has_macro(std::string_view name) const { return with_macros_ && headers_.macro(name); }

  // The whole number, where it is one.
  static Fact<int64_t> whole(const std::optional<Sourced<double>>& found);

 private:
  std::optional<Sourced<std::string>> macro_words(std::string_view name) const;
  // The struct's statement unless there is none; the macro's name as the source where both agree.
  template <typename T>
  std::optional<Sourced<T>> decide(std::optional<Sourced<T>> in_struct, std::optional<Sourced<T>> in_macro) const;

  const Headers& headers_;
  Place impulse_;
  bool with_macros_;
  std::vector<std::string>& warnings_;
};

}  // namespace es::edge_impulse
