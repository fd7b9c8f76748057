// SPDX-License-Identifier: Apache-2.0
//
// A zip of unknown origin: refused with an Error or listed and read within its limits.
#include <cstdlib>

#include "base/error.h"
#include "edge_impulse/tree.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const es::edge_impulse::TreeLimits limits{.entries = 64, .file_size = 1 << 20, .total_size = 4 << 20, .ratio = 200};
  try {
    const auto tree = es::edge_impulse::open_zip({data, size}, "fuzz.zip", limits);
    for (size_t i = 0; i < tree->entries().size(); ++i) {
      const auto& name = tree->entries()[i].name;
      if (name.starts_with("../") || name.starts_with("/")) std::abort();
      if (tree->read(i).size() > limits.file_size) std::abort();
    }
  } catch (const es::Error&) {
  }
  return 0;
}
