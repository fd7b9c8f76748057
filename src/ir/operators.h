// SPDX-License-Identifier: Apache-2.0
//
// The operators of ONNX's own domain, opsets 1 to 21: since when they exist, and which of them we refuse.
#pragma once

#include <span>
#include <string_view>

#include "ir/graph.h"

namespace es::ir {

struct Operator {
  std::string_view name;
  int since;                   // the opset that brought it
  size_t required_inputs;      // how many of its first inputs must be there, in any opset from 7 on
  std::string_view refusal{};  // why a graph with it is not taken; empty where it is
};

// In alphabetical order.
std::span<const Operator> operators();
// nullptr where ONNX knows no such operator up to opset 21.
const Operator* find_operator(std::string_view name);

// The opset a graph in our forms needs: 13, or what its newest operator or attribute asks for. `because`, where given,
// becomes the node that asks.
int64_t needed_opset(const Graph& graph, NodeId* because = nullptr);

// The version of the file format that goes with an opset.
int64_t ir_version_of(int64_t opset);

}  // namespace es::ir
