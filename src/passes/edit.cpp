// SPDX-License-Identifier: Apache-2.0
#include "passes/edit.h"

#include <algorithm>

#include "ir/shapes.h"
#include "passes/evaluate.h"

namespace es::passes {

using ir::Graph;
using ir::Ints;
using ir::NodeId;
using ir::Shape;
using ir::ValueId;

void infer(Graph& graph, NodeId id) {
  const auto problem = ir::ShapeInference(graph).run(id);
  require(!problem, ErrorKind::internal, graph.node(id).describe(), ": ", problem ? problem->sentence : "");
}

void infer_all(Graph& graph) {
  const auto problem = ir::find_shape_problem(graph);
  require(!problem, ErrorKind::internal, problem ? graph.node(problem->node).describe() : "", ": ",
          problem ? problem->sentence : "");
}

ValueId insert(Graph& graph, NodeId where, std::string_view op_type, std::vector<ValueId> inputs,
               ir::Attributes attributes) {
  const ValueId value = graph.emit(op_type, std::move(inputs), std::move(attributes), "", where);
  infer(graph, graph.producer(value));
  return value;
}

ValueId insert_transpose(Graph& graph, NodeId where, ValueId value, const Ints& perm) {
  if (is_identity(perm)) return value;
  if (const ir::TensorData* data = graph.constant(value)) {
    return graph.add_constant(permuted(*data, perm), graph.value(value).name);
  }
  return insert(graph, where, "Transpose", {value}, {{"perm", perm}});
}

std::optional<ValueId> insert_reshape(Graph& graph, NodeId where, ValueId value, const Shape& shape) {
  const auto& from = graph.value(value).shape;
  if (from && *from == shape) return value;
  const auto target = from ? reshape_target(*from, shape) : std::nullopt;
  if (!target) return std::nullopt;
  if (const ir::TensorData* data = graph.constant(value)) {
    return graph.add_constant(reshaped(*data, *shape.at_batch(1)), graph.value(value).name);
  }
  return insert(graph, where, "Reshape", {value, graph.add_constant(ir::TensorData::ints(*target), "shape")});
}

std::optional<Ints> reshape_target(const Shape& from, const Shape& to) {
  Ints target;
  for (size_t i = 0; i < to.rank(); ++i) {
    const ir::Dim& dim = to[i];
    if (!dim.is_known() || dim.size == 0) return std::nullopt;
    const bool stays = i == 0 && dim.times_batch && from.rank() > 0 && from[0] == dim && dim.size == 1;
    target.push_back(stays ? 0 : dim.times_batch ? -1 : dim.size);
  }
  return target;
}

void replace_constant(Graph& graph, NodeId id, size_t input, ir::TensorData data) {
  const ValueId old = graph.node(id).input(input);
  const std::string name = old == ir::no_value ? "" : graph.value(old).name;
  graph.set_input(id, input, graph.add_constant(std::move(data), name));
  if (old != ir::no_value && graph.value(old).is_constant() && graph.use_count(old) == 0) graph.remove_value(old);
}

void replace_node(Graph& graph, NodeId id, ValueId value) {
  const ValueId old = graph.node(id).output(0);
  const std::string name = graph.value(old).name;
  const bool takes_name = graph.is_output(old) && !graph.is_input(value) && !graph.is_output(value);
  // Whose doing the new node is: names and messages lead back to the file by it.
  const NodeId maker = graph.producer(value);
  if (maker != ir::no_node && maker != id && graph.node(maker).origin.empty()) {
    graph.set_origin(maker, graph.node(id).origin);
  }
  graph.replace_uses(old, value);
  graph.remove_node(id);
  if (takes_name) graph.rename(value, name);
}

int for_each_node_once(Graph& graph, const std::function<int(NodeId)>& rewrite) {
  int changes = 0;
  for (const NodeId id : graph.nodes()) {
    if (graph.has_node(id)) changes += rewrite(id);
  }
  return changes;
}

int for_each_node(Graph& graph, const std::function<int(NodeId)>& rewrite) {
  int changes = 0;
  while (const int round = for_each_node_once(graph, rewrite)) changes += round;
  return changes;
}

bool is_identity(const Ints& perm) {
  for (size_t i = 0; i < perm.size(); ++i) {
    if (perm[i] != static_cast<int64_t>(i)) return false;
  }
  return true;
}

Ints inverse(const Ints& perm) {
  Ints result(perm.size());
  for (size_t i = 0; i < perm.size(); ++i) result[static_cast<size_t>(perm[i])] = static_cast<int64_t>(i);
  return result;
}

Ints channels_first(size_t rank) {
  Ints perm(rank);
  for (size_t i = 0; i < rank; ++i) perm[i] = static_cast<int64_t>(i);
  if (rank > 2) std::rotate(perm.begin() + 1, perm.end() - 1, perm.end());
  return perm;
}

Ints channels_last(size_t rank) { return inverse(channels_first(rank)); }

Shape permuted(const Shape& shape, const Ints& perm) {
  std::vector<ir::Dim> dims;
  for (const int64_t axis : perm) dims.push_back(shape[static_cast<size_t>(axis)]);
  return Shape(std::move(dims));
}

Ints perm_of(const Graph& graph, NodeId id) {
  const ir::Node& node = graph.node(id);
  const auto rank = static_cast<size_t>(graph.value(node.inputs[0]).rank());
  Ints reversed(rank);
  for (size_t i = 0; i < rank; ++i) reversed[i] = static_cast<int64_t>(rank - 1 - i);
  return node.get_ints("perm", reversed);
}

}  // namespace es::passes
