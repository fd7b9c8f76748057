// SPDX-License-Identifier: Apache-2.0
//
// Nodes computed on constants, for folding. Only what shape arithmetic and weights need; floats are computed in double
// and rounded once, which for + - * / and sqrt of f32 is exactly what the runtime computes.
#pragma once

#include <optional>
#include <vector>

#include "ir/graph.h"

namespace es::passes {

// What the node makes of its constant inputs (nullptr where one is left out), one entry per output. Nothing where the
// operator has no evaluation, its arguments are out of the ordinary, or the result would take more than
// `largest_result` bytes and eight times its inputs.
std::optional<std::vector<ir::TensorData>> evaluate(const ir::Node& node,
                                                    const std::vector<const ir::TensorData*>& inputs);

constexpr int64_t largest_result = 1 << 20;

// The same elements in another order: axis i of the result is axis perm[i] of `data`.
ir::TensorData permuted(const ir::TensorData& data, const ir::Ints& perm);
// The same elements under other dimensions of the same count.
ir::TensorData reshaped(const ir::TensorData& data, ir::Ints dims);

}  // namespace es::passes
