// SPDX-License-Identifier: Apache-2.0
//
// Chains of Reshape, Transpose, Flatten, Squeeze and Unsqueeze are written the shortest way: Transposes that undo each
// other vanish, Reshapes merge, a Transpose that only moves dimensions of 1 becomes a Reshape or nothing.
#include <algorithm>

#include "passes/context.h"
#include "passes/edit.h"
#include "passes/movement.h"

namespace es::passes {
namespace {

using ir::Graph;
using ir::Node;
using ir::NodeId;
using ir::Shape;
using ir::ValueId;

// A Transpose moves memory, a Reshape only names it anew.
constexpr int transpose_cost = 100;
constexpr int reshape_cost = 1;
// Beyond any that exporters write; a file with longer ones must not cost time by their square.
constexpr size_t longest_chain = 32;

int cost_of(const Movement& movement) {
  const auto plan = movement.plan();
  return plan.transposes * transpose_cost + plan.reshapes * reshape_cost;
}

struct Chain {
  std::vector<NodeId> nodes;   // from the end to the source
  std::vector<int> own_costs;  // of the first 1, 2, ... nodes: those that go when the end is written anew
};

// From `end` up through movements. The cost counts nodes that nothing else needs.
Chain chain_to(const Graph& graph, NodeId end) {
  Chain chain;
  bool own = true;
  int own_cost = 0;
  for (NodeId id = end; id != ir::no_node && is_movement(graph, id); id = graph.producer(graph.node(id).inputs[0])) {
    if (chain.nodes.size() == longest_chain) break;
    own = own && (id == end || graph.use_count(graph.node(id).outputs[0]) == 1);
    if (own) own_cost += graph.node(id).op_type == "Transpose" ? transpose_cost : reshape_cost;
    chain.nodes.push_back(id);
    chain.own_costs.push_back(own_cost);
  }
  return chain;
}

// The whole chain from the `length` first nodes of it, from source to end.
std::optional<Movement> movement_of(const Graph& graph, const Chain& chain, size_t length) {
  const NodeId first = chain.nodes[length - 1];
  auto movement = Movement::of(*graph.value(graph.node(first).inputs[0]).shape);
  for (size_t i = length; movement && i-- > 0;) {
    if (!follow(graph, chain.nodes[i], *movement)) return std::nullopt;
  }
  return movement;
}

// An output of the graph must remain a value that a node makes.
bool may_vanish(const Graph& graph, NodeId end, ValueId source) {
  return !graph.is_output(graph.node(end).outputs[0]) ||
         (graph.producer(source) != ir::no_node && !graph.is_output(source));
}

void remove_unused(Graph& graph, const Chain& chain) {
  for (const NodeId id : chain.nodes) {
    if (!graph.has_node(id)) continue;
    if (graph.use_count(graph.node(id).outputs[0]) > 0) return;
    graph.remove_node(id);
  }
}

int simplify(Graph& graph, NodeId end) {
  if (!is_movement(graph, end)) return 0;
  const Chain chain = chain_to(graph, end);
  // The longest chain first: what cancels often stands at both ends.
  for (size_t length = chain.nodes.size(); length > 0; --length) {
    const ValueId source = graph.node(chain.nodes[length - 1]).inputs[0];
    const auto movement = movement_of(graph, chain, length);
    if (!movement || cost_of(*movement) >= chain.own_costs[length - 1]) continue;
    if (movement->is_nothing() && !may_vanish(graph, end, source)) continue;
    const auto written = insert_movement(graph, end, source, *movement);
    if (!written) continue;
    // In two steps, as replace_node would free nodes of the chain that are still to be looked at.
    replace_node(graph, end, *written);
    remove_unused(graph, chain);
    return 1;
  }
  return 0;
}

bool names_anew(const Node& node) {
  return node.op_type == "Reshape" || node.op_type == "Flatten" || node.op_type == "Squeeze" ||
         node.op_type == "Unsqueeze";
}

// A Reshape of what was only named anew does so from the source, however the two group the dimensions.
int skip_reshape(Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  const Node* before = graph.producer_node(node.inputs[0]);
  const auto& shape = graph.value(node.outputs[0]).shape;
  if (!names_anew(node) || before == nullptr || !names_anew(*before) || !shape) return 0;
  const ValueId source = before->inputs[0];
  if (!graph.value(source).shape || graph.is_output(node.inputs[0])) return 0;
  if (*graph.value(source).shape == *shape && !may_vanish(graph, id, source)) return 0;
  const auto written = insert_reshape(graph, id, source, Shape(*shape));
  if (!written) return 0;
  replace_node(graph, id, *written);
  return 1;
}

// [N, ...] to [N, rest] needs no list of dimensions.
int prefer_flatten(Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  if (node.op_type != "Reshape" || !is_movement(graph, id)) return 0;
  const auto& in = *graph.value(node.inputs[0]).shape;
  const auto& out = *graph.value(node.outputs[0]).shape;
  if (in.rank() < 3 || out.rank() != 2 || in[0] != out[0]) return 0;
  graph.set_op_type(id, "Flatten");
  graph.set_inputs(id, {node.inputs[0]});
  graph.remove_attribute(id, "allowzero");
  graph.set_attribute(id, "axis", int64_t{1});
  return 1;
}

}  // namespace

int simplify_movement(Context& context) {
  Graph& graph = context.graph;
  int changes = for_each_node(graph, [&](NodeId id) { return simplify(graph, id); });
  changes += for_each_node_once(graph, [&](NodeId id) { return skip_reshape(graph, id); });
  return changes + for_each_node_once(graph, [&](NodeId id) { return prefer_flatten(graph, id); });
}

}  // namespace es::passes
