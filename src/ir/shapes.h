// SPDX-License-Identifier: Apache-2.0
//
// Shape and type inference with a symbolic batch: from the graph's inputs and constants to every value.
//
// One rule per operator, after the operator's text in the ONNX standard (the forms of opset 13; where a later or
// earlier form differs only in attribute against input, both are read). Nothing is evaluated, but small integer vectors
// are followed through Shape, Gather, Concat, Slice, ... so that a shape computed from the batch is known too.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "ir/graph.h"

namespace es::ir {

// Two things that must agree do not: "the input has 3 channels, the weights [16,4,3,3] of group 1 need 4".
struct ShapeProblem {
  NodeId node = no_node;
  std::string sentence;  // without the node's name
};

// Infers node by node, so that a pass may repair a node before it is looked at. Keeps what it knows of integer vectors
// between calls; nodes must come in topological order. The graph must outlive it.
class ShapeInference {
 public:
  explicit ShapeInference(Graph& graph) : graph_(graph) {}

  // Sets dtype and shape of the node's outputs from its inputs'. An operator without a rule, or one whose inputs are
  // not known well enough, leaves its outputs unknown. Returns what contradicts, if anything does (outputs then
  // unknown).
  std::optional<ShapeProblem> run(NodeId node);
  // The elements of an integer value where they are known: a constant's, or symbolic ones. At most 64 elements.
  std::optional<std::vector<Dim>> content(ValueId value) const;

 private:
  friend class ShapeContext;
  Graph& graph_;
  std::unordered_map<ValueId, std::vector<Dim>> content_;
};

// Every node in order. Returns the first contradiction; the rest of the graph is inferred all the same.
std::optional<ShapeProblem> find_shape_problem(Graph& graph);

// Every node in order. Throws malformed at the first contradiction: "Conv 'x': the input has ...".
void infer_shapes(Graph& graph);

// Whether the operator has a rule.
bool has_shape_rule(std::string_view op_type);

// The shape two operands broadcast to, NumPy's way, or nothing where they do not fit.
std::optional<Shape> broadcast(const Shape& a, const Shape& b);
std::optional<Dim> broadcast(const Dim& a, const Dim& b);

}  // namespace es::ir
