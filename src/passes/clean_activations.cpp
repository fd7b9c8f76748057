// SPDX-License-Identifier: Apache-2.0
//
// Chains of Relu and Clip are one Relu or one Clip: each cuts to an interval, and intervals in a row are one.
#include <cmath>
#include <limits>

#include "passes/context.h"
#include "passes/edit.h"

namespace es::passes {
namespace {

using ir::Graph;
using ir::Node;
using ir::NodeId;
using ir::ValueId;

struct Interval {
  double low = -std::numeric_limits<double>::infinity(), high = std::numeric_limits<double>::infinity();
};

// What the node cuts to; nothing where it does not, or its bounds are computed.
std::optional<Interval> interval_of(const Graph& graph, const Node& node) {
  if (graph.value(node.output(0)).dtype != ir::DType::f32) return std::nullopt;
  Interval interval;
  if (node.op_type == "Relu") {
    interval.low = 0;
    return interval;
  }
  if (node.op_type != "Clip") return std::nullopt;
  for (const size_t index : {size_t{1}, size_t{2}}) {
    if (node.input(index) == ir::no_value) continue;
    const auto* bound = graph.constant(node.input(index));
    if (!bound || bound->elements() != 1) return std::nullopt;
    (index == 1 ? interval.low : interval.high) = bound->as_doubles().front();
  }
  if (std::isnan(interval.low) || std::isnan(interval.high)) return std::nullopt;
  if (interval.low > 0 && std::isinf(interval.low)) return std::nullopt;  // bounds that leave one infinity alone
  if (interval.high < 0 && std::isinf(interval.high)) return std::nullopt;
  return interval;
}

// Cutting to `first` and then to `second`, where the two meet.
std::optional<Interval> both(const Interval& first, const Interval& second) {
  const Interval together{std::max(first.low, second.low), std::min(first.high, second.high)};
  if (together.low > together.high) return std::nullopt;
  return together;
}

ValueId insert_interval(Graph& graph, NodeId where, ValueId value, const Interval& interval) {
  if (interval.low == 0 && std::isinf(interval.high)) return insert(graph, where, "Relu", {value});
  const auto bound = [&](double number, const char* name) {
    return std::isinf(number) ? ir::no_value
                              : graph.add_constant(ir::TensorData::scalar(static_cast<float>(number)), name);
  };
  return insert(graph, where, "Clip", {value, bound(interval.low, "low"), bound(interval.high, "high")});
}

int merge(Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  const auto own = interval_of(graph, node);
  if (!own) return 0;
  const NodeId before = graph.producer(node.inputs[0]);
  if (before == ir::no_node || graph.use_count(node.inputs[0]) != 1) return 0;
  const auto earlier = interval_of(graph, graph.node(before));
  const auto together = earlier ? both(*earlier, *own) : std::nullopt;
  if (!together) return 0;
  replace_node(graph, id, insert_interval(graph, id, graph.node(before).inputs[0], *together));
  graph.remove_node(before);
  return 1;
}

// Clip(0, infinity) is Relu, which engines fuse.
int prefer_relu(Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  const auto own = interval_of(graph, node);
  if (!own || node.op_type != "Clip" || own->low != 0 || own->high < std::numeric_limits<float>::max()) return 0;
  replace_node(graph, id, insert(graph, id, "Relu", {node.inputs[0]}));
  return 1;
}

}  // namespace

int clean_activations(Context& context) {
  Graph& graph = context.graph;
  const int merged = for_each_node(graph, [&](NodeId id) { return merge(graph, id); });
  return merged + for_each_node_once(graph, [&](NodeId id) { return prefer_relu(graph, id); });
}

}  // namespace es::passes
