// SPDX-License-Identifier: Apache-2.0
//
// Byte arrays written as C text, the form in which Edge Impulse ships models to microcontrollers, and the INCBIN calls
// that name a binary file in their place.
//
// One pass without backtracking over text of any origin: time and memory are linear in its length. Only the text of
// initialisers is understood; what stands around them (attributes, section macros, qualifiers, namespaces, preprocessor
// branches) is stepped over.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace es::edge_impulse {

struct CArray {
  std::string name;
  Bytes bytes;
  size_t line = 0;                          // where its initialiser opens, from 1
  std::optional<uint64_t> declared_size;    // the number between its brackets
  std::optional<uint64_t> declared_length;  // the value of <name>_len
};

// INCBIN(symbol, "path"); the path as written. `name` is the pointer that the text sets to its data, else the symbol.
struct Incbin {
  std::string symbol;
  std::string path;
  std::string name;
};

struct CArrays {
  std::vector<CArray> arrays;  // lists of integers that fit a byte; empty lists as well
  std::vector<Incbin> incbins;
};

// At most 4096 of each are kept: a text with more was not made by Studio, and its rest is stepped over.
CArrays scan_c_arrays(std::string_view text);

}  // namespace es::edge_impulse
