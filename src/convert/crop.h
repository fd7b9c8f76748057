// SPDX-License-Identifier: Apache-2.0
//
// fit-shortest, Studio's default: the centre of the picture in the network's aspect ratio. nvinfer has no key for it.
// For pictures of one known aspect ratio the network's input is widened instead, so that nvinfer fits the whole picture
// into it with bars (maintain-aspect-ratio, symmetric-padding), and the graph takes the centre. What it finds is moved,
// so that nvinfer scales it back to the frame as ever.
#pragma once

#include <optional>

#include "convert/recipe.h"
#include "ir/graph.h"

namespace es::convert {

// Where the network's own input lies in the widened one, for pictures of `aspect`. Its distance to the border is a
// multiple of `unit` pixels, so that cells of a heat map stay whole.
Crop crop_for(int width, int height, const Aspect& aspect, int unit);

// Widens a finished graph's input by recipe.crop and moves its outputs. `recipe` gets the widened size.
void widen_for_crop(ir::Graph& graph, Recipe& recipe);

}  // namespace es::convert
