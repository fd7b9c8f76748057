// SPDX-License-Identifier: Apache-2.0
//
// The graph as text, for tests and for people.
//
//   graph opset=17 (x: f32[N,3,8,8], y: i64[?]) -> z, w
//     filter = random f32[4,3,3,3] seed=1
//     table = const f32[2,2] {1.0, 2.0, 3.0, 4.0}
//     a = Conv(x, filter) pads=[1,1,1,1]
//     b = Clip(a, 0.0, 6.0)
//     z, w = Split(b, [2,2]) axis=1
//
// opset=13 is left out. Integers in brackets are i64 constants, floats in braces f32 constants, a bare number a scalar
// (with point or exponent: f32), `_` an input or output that is left out. `random` draws from [-1, 1), the same numbers
// on every machine. A constant too long to write is printed with its hash, as `filter = const f32[4,3,3,3]
// #0123456789ab`, which parse() refuses. Names that are no plain words stand in double quotes.
#pragma once

#include <string>
#include <string_view>

#include "ir/graph.h"

namespace es::ir {

struct PrintOptions {
  bool types = false;    // "a: f32[N,4,8,8] = Conv(...)"
  bool origins = false;  // "  # op 17 CONV_2D" at the line's end
};

std::string print(const Graph& graph, const PrintOptions& options = {});

// Throws malformed: "graph text line 3: ...".
Graph parse(std::string_view text);

// What `random f32[dims] seed=S` holds.
TensorData random_tensor(DType dtype, const std::vector<int64_t>& dims, uint64_t seed);

}  // namespace es::ir
