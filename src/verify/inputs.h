// SPDX-License-Identifier: Apache-2.0
//
// What a proof feeds both networks with: pictures with structure at several scales and brightnesses. White noise proves
// little: it saturates a classifier, and a network with a missing bias then agrees as well.
#pragma once

#include <string>
#include <vector>

#include "reference/array.h"

namespace es::verify {

// What one number of the input lies between.
struct Range {
  double least = 0, most = 1;
};

struct Input {
  std::string name;         // "gradient", for reports
  reference::Array values;  // in the source's own layout, outermost dimension 1
};

// `count` inputs of `shape` ([1, H, W, C], or [1, ...] of any other rank). The same on every machine: the values are
// multiples of 1/4096 of the range. The first ones differ most, so that a short proof takes those.
std::vector<Input> structured_inputs(const reference::Dims& shape, Range range, size_t count);

}  // namespace es::verify
