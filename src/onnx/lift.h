// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/graph.h"

namespace es::onnx {

// Brings a graph as some opset from 7 to 21 writes it into the forms of opset 13: axes and splits of constants where 13
// has them, Clip's and Pad's limits as inputs, softmax along one axis, Upsample as Resize. What 13 cannot say keeps the
// form of the opset that brought it, and graph.opset says which. Constant nodes become constants. Infers shapes. Throws
// malformed or unsupported, naming the node.
void lift(ir::Graph& graph, int64_t from_opset);

}  // namespace es::onnx
