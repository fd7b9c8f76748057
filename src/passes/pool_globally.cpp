// SPDX-License-Identifier: Apache-2.0
//
// A mean over the whole image is a global average pool; with its axes dropped, a pool and a Flatten. A pool whose
// window is the whole image likewise.
#include <algorithm>

#include "passes/context.h"
#include "passes/edit.h"

namespace es::passes {
namespace {

using ir::Graph;
using ir::Ints;
using ir::Node;
using ir::NodeId;
using ir::ValueId;

// Rank 4, floating, and not without a pixel: what the global pools take.
bool is_image(const Graph& graph, ValueId id) {
  const ir::Value& value = graph.value(id);
  return value.rank() == 4 && ir::is_float(value.dtype) && !(*value.shape)[2].is(0) && !(*value.shape)[3].is(0);
}

// The reduced axes, counted from 0 and sorted; of any form of the operator.
Ints axes_of(const Graph& graph, const Node& node, size_t rank) {
  Ints axes = node.get_ints("axes");
  if (const auto* data = graph.constant(node.input(1))) axes = data->as_ints();
  for (auto& axis : axes) axis += axis < 0 ? static_cast<int64_t>(rank) : 0;
  std::sort(axes.begin(), axes.end());
  return axes;
}

int replace_mean(Graph& graph, NodeId id, const char* pool) {
  const Node& node = graph.node(id);
  if (!is_image(graph, node.inputs[0]) || axes_of(graph, node, 4) != Ints{2, 3}) return 0;
  const bool keeps = node.get_int("keepdims", 1) != 0;
  ValueId pooled = insert(graph, id, pool, {node.inputs[0]});
  if (!keeps) pooled = insert(graph, id, "Flatten", {pooled}, {{"axis", int64_t{1}}});
  replace_node(graph, id, pooled);
  return 1;
}

int replace_pool(Graph& graph, NodeId id, const char* pool) {
  const Node& node = graph.node(id);
  const auto& shape = graph.value(node.inputs[0]).shape;
  const auto window = node.get_ints("kernel_shape");
  const auto pads = node.get_ints("pads");
  if (!is_image(graph, node.inputs[0]) || window.size() != 2 || node.outputs.size() != 1) return 0;
  const std::string padding = node.get_string("auto_pad", "NOTSET");
  if (padding != "NOTSET" && padding != "VALID") return 0;  // padded to a result of the image's size
  const bool whole = (*shape)[2].is(window[0]) && (*shape)[3].is(window[1]);
  const bool unpadded =
      padding == "VALID" || std::all_of(pads.begin(), pads.end(), [](int64_t amount) { return amount == 0; });
  const auto dilations = node.get_ints("dilations", {1, 1});
  if (!whole || !unpadded || dilations != Ints{1, 1}) return 0;
  replace_node(graph, id, insert(graph, id, pool, {node.inputs[0]}));
  return 1;
}

int rewrite(Graph& graph, NodeId id) {
  const std::string& op = graph.node(id).op_type;
  if (op == "ReduceMean") return replace_mean(graph, id, "GlobalAveragePool");
  if (op == "AveragePool") return replace_pool(graph, id, "GlobalAveragePool");
  if (op == "MaxPool") return replace_pool(graph, id, "GlobalMaxPool");
  return 0;
}

}  // namespace

int pool_globally(Context& context) {
  return for_each_node_once(context.graph, [&](NodeId id) { return rewrite(context.graph, id); });
}

}  // namespace es::passes
