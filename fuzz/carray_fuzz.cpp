// SPDX-License-Identifier: Apache-2.0
//
// C text of unknown origin: the scanner must end, keep to its limits and never give more bytes than the text can spell.
#include <cstdlib>

#include "base/bytes.h"
#include "edge_impulse/c_array.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto found = es::edge_impulse::scan_c_arrays(es::as_text({data, size}));
  size_t bytes = 0;
  for (const auto& array : found.arrays) bytes += array.bytes.size();
  // A byte takes a digit and a separator, the last one no separator.
  if (bytes > size / 2 + found.arrays.size()) std::abort();
  return 0;
}
