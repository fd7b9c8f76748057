// SPDX-License-Identifier: Apache-2.0
//
// The headers of one model-parameters folder, parsed, with the look-ups that their generations have in common: a macro
// by name, a variable by name or prefix, a struct's fields by name whether the initialiser names them or not.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "edge_impulse/c_source.h"
#include "edge_impulse/constants.h"

namespace es::edge_impulse {

struct HeaderText {
  std::string name;  // "model_metadata.h"
  std::string text;
};

struct Header {
  std::string name;
  std::string text;
  CText source;
  Declarations declarations;
};

// A variable and the header it stands in. Null where nothing was found.
struct Place {
  const Header* header = nullptr;
  const Variable* variable = nullptr;
  explicit operator bool() const { return variable != nullptr; }
};

struct LocatedMacro {
  std::string_view value;
  const Header* header = nullptr;
};

class Headers {
 public:
  // Macros of an earlier text win. Throws malformed for a text beyond 4 MiB.
  explicit Headers(std::vector<HeaderText> texts);

  // The first definition: full TensorFlow Lite builds re-define some at the end of the file.
  std::optional<LocatedMacro> macro(std::string_view name) const;

  // All variables of a type, in the order of the texts.
  std::vector<Place> variables_of(std::string_view type) const;
  // The variable a value refers to (`&x`, `(void*)&x`, `space::x`), nearest to `from`: same namespace, then same
  // header, then any. Nothing for NULL, numbers and names that are not defined.
  Place referred(const Initialiser& value, Place from) const;
  // The first braced variable whose name begins so; the one of `from`'s header before others.
  Place with_prefix(std::string_view prefix, Place from) const;

  // A field of a struct's initialiser: by designator, else by the position of the name in its typedef. Null where the
  // field is not given or positions cannot be told.
  const Initialiser* field(Place place, std::string_view name) const;
  const Initialiser* field(const Initialiser& list, std::string_view name) const;

  // All fields that are given, with the names of their designators or of the typedef. [] where neither is there.
  std::vector<std::pair<std::string_view, const Initialiser*>> fields(Place place) const;

  std::optional<double> number(const Initialiser* value) const;
  std::optional<double> number(std::string_view expression) const;

 private:
  void add_to_index(const Header& header);

  std::vector<std::unique_ptr<Header>> headers_;
  std::unordered_map<std::string_view, LocatedMacro> macros_;
  std::unordered_map<std::string_view, std::vector<Place>> variables_;  // by name; at most 64 of one name
};

// The last word of a value ("x" of `(void*)&space::x`); empty where it has none or says NULL.
std::string_view last_word(const Initialiser& value);
// The string literals of a value, joined as the compiler joins them; nothing where there are none.
std::optional<std::string> string_of(const Initialiser* value);
// True where the value begins with `&` and is no cast: how the tables hold functions.
bool is_function(const Initialiser& value);
// True for `(void*)&x`: how the tables hold their configurations.
bool is_pointer_cast(const Initialiser& value);

}  // namespace es::edge_impulse
