// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "convert/recipe.h"
#include "ir/graph.h"

namespace es::convert {

// Puts in front of the graph what nvinfer's one factor and per-channel offset cannot say: exact gray from three
// channels, and a divisor per channel. `graph` has one input [N, C, H, W] of float32; `recipe.channels` follows it.
void prepend_pixels(ir::Graph& graph, Recipe& recipe);

}  // namespace es::convert
