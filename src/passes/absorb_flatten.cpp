// SPDX-License-Identifier: Apache-2.0
//
// A Transpose in front of a flatten that only dense layers read: the weights' columns are permuted once instead.
//
//   Transpose [0,2,3,1] -> Reshape [N, h*w*c] -> Gemm     becomes     Flatten -> Gemm (weights permuted)
#include "passes/context.h"
#include "passes/edit.h"
#include "passes/feature_order.h"
#include "passes/index.h"
#include "passes/movement.h"

namespace es::passes {
namespace {

using ir::Graph;
using ir::Ints;
using ir::Node;
using ir::NodeId;
using ir::ValueId;

// Column j of the plainly flattened source holds column from[j] of the movement's result.
std::vector<int64_t> column_order(const Movement& movement, size_t first_atom) {
  Ints dims, perm;
  for (size_t i = first_atom; i < movement.atoms().size(); ++i) dims.push_back(movement.atoms()[i].size);
  for (size_t i = first_atom; i < movement.order().size(); ++i) {
    perm.push_back(static_cast<int64_t>(movement.order()[i] - first_atom));
  }
  const auto own = strides_of(dims);
  Ints result_dims, strides;
  for (const int64_t one : perm) {
    result_dims.push_back(dims[static_cast<size_t>(one)]);
    strides.push_back(own[static_cast<size_t>(one)]);
  }
  int64_t count = 1;
  for (const int64_t dim : dims) count *= dim;
  std::vector<int64_t> from(static_cast<size_t>(count));
  int64_t column = 0;
  walk(result_dims, strides, 0, [&](int64_t source) { from[static_cast<size_t>(source)] = column++; });
  return from;
}

struct Flattened {
  ValueId source;
  Movement movement;
  size_t first_atom;  // of the features; before it stands the row's
};

// The longest chain of movements that ends in `id` and keeps rows apart.
std::optional<Flattened> flattened(const Graph& graph, NodeId id) {
  std::vector<NodeId> chain;
  std::optional<Flattened> found;
  for (NodeId at = id; at != ir::no_node && is_movement(graph, at) && chain.size() < 8;
       at = graph.producer(graph.node(at).inputs[0])) {
    chain.push_back(at);
    const ValueId source = graph.node(at).inputs[0];
    auto movement = Movement::of(*graph.value(source).shape);
    bool followed = movement.has_value();
    for (size_t i = chain.size(); followed && i-- > 0;) followed = follow(graph, chain[i], *movement);
    if (!followed || movement->source().rank() < 3 || movement->source()[0] != movement->result()[0]) continue;
    const size_t first_atom = movement->source()[0].is(1) ? 0 : 1;
    const bool rows_stay = first_atom == 0 || movement->order().front() == 0;
    if (rows_stay && !movement->is_reshape()) found = Flattened{source, *movement, first_atom};
  }
  return found;
}

int absorb(Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  if (!is_movement(graph, id) || graph.value(node.outputs[0]).rank() != 2) return 0;
  if (!absorbs_feature_order(graph, node.outputs[0])) return 0;
  const auto found = flattened(graph, id);
  if (!found) return 0;
  const auto plain = insert_reshape(graph, id, found->source, found->movement.result());
  if (!plain) return 0;
  permute_features(graph, node.outputs[0], column_order(found->movement, found->first_atom));
  replace_node(graph, id, *plain);
  return 1;
}

}  // namespace

int absorb_flatten(Context& context) {
  return for_each_node_once(context.graph, [&](NodeId id) { return absorb(context.graph, id); });
}

}  // namespace es::passes
