// SPDX-License-Identifier: Apache-2.0
//
// A Pad of zeros becomes the padding of the convolution or pool behind it. Keras writes one in front of every
// convolution of stride 2.
//
// Exact for convolutions. A maximum pool pads with minus infinity, so only where nothing below zero can arrive. An
// average pool must count the padded zeros, so only where it has no padding of its own.
#include <algorithm>

#include "passes/context.h"
#include "passes/edit.h"

namespace es::passes {
namespace {

using ir::Graph;
using ir::Ints;
using ir::Node;
using ir::NodeId;
using ir::TensorData;
using ir::ValueId;

// The spatial amounts [begin..., end...] of a Pad that only adds zeros around the image; nothing for any other.
std::optional<Ints> zero_padding(const Graph& graph, const Node& node) {
  const TensorData* pads = graph.constant(node.input(1));
  if (node.op_type != "Pad" || !pads || node.get_string("mode", "constant") != "constant") return std::nullopt;
  if (node.input(3) != ir::no_value) return std::nullopt;
  if (node.input(2) != ir::no_value) {
    const TensorData* value = graph.constant(node.input(2));
    if (!value || value->elements() != 1 || value->as_doubles().front() != 0) return std::nullopt;
  }
  constexpr int64_t most = 1 << 20;  // sums of what is in files cannot overflow
  const auto amounts = pads->as_ints();
  const size_t rank = amounts.size() / 2;
  if (rank < 3) return std::nullopt;
  Ints spatial;
  for (size_t i = 0; i < amounts.size(); ++i) {
    if (amounts[i] < 0 || amounts[i] > most || (i % rank < 2 && amounts[i] != 0)) return std::nullopt;
    if (i % rank >= 2) spatial.push_back(amounts[i]);
  }
  return spatial;
}

bool pads_itself_explicitly(const Node& node) {
  const std::string mode = node.get_string("auto_pad", "NOTSET");
  return mode == "NOTSET" || mode == "VALID";
}

// Whether the value cannot be below zero, as far as a few pools back.
bool is_non_negative(const Graph& graph, ValueId id) {
  const Node* maker = graph.producer_node(id);
  for (int pools = 0; maker && pools < 8 && (maker->op_type == "MaxPool" || maker->op_type == "AveragePool"); ++pools) {
    maker = graph.producer_node(maker->inputs[0]);
  }
  if (!maker) return false;
  if (maker->op_type == "Relu" || maker->op_type == "Sigmoid") return true;
  const TensorData* low = maker->op_type == "Clip" ? graph.constant(maker->input(1)) : nullptr;
  return low && low->elements() == 1 && low->as_doubles().front() >= 0;
}

// TensorRT before 8.5 wants an average pool's end padding equal to its begin padding, or one more.
bool engines_take(const Ints& pads) {
  for (size_t i = 0; i < pads.size() / 2; ++i) {
    const int64_t more = pads[pads.size() / 2 + i] - pads[i];
    if (more != 0 && more != 1) return false;
  }
  return true;
}

// Padding may not reach the size of the window, or a window would see nothing but padding.
bool smaller_than_window(const Node& node, const Ints& pads) {
  const auto window = node.get_ints("kernel_shape");
  for (size_t i = 0; i < pads.size(); ++i) {
    if (window.empty() || pads[i] >= window[i % window.size()]) return false;
  }
  return true;
}

bool can_take(const Graph& graph, const Node& reader, ValueId padded_source, const Ints& sum) {
  if (!pads_itself_explicitly(reader)) return false;
  if (reader.op_type == "Conv") return true;
  if (reader.get_int("ceil_mode", 0) != 0)
    return false;  // a last window of padding alone is dropped, of a Pad's zeros not
  if (reader.op_type == "MaxPool") {
    return reader.outputs.size() == 1 && is_non_negative(graph, padded_source) && smaller_than_window(reader, sum);
  }
  if (reader.op_type != "AveragePool") return false;
  const auto own = reader.get_string("auto_pad", "NOTSET") == "NOTSET" ? reader.get_ints("pads") : Ints{};
  const bool unpadded = std::all_of(own.begin(), own.end(), [](int64_t amount) { return amount == 0; });
  return unpadded && engines_take(sum) && smaller_than_window(reader, sum);
}

int fuse_into(Graph& graph, NodeId pad, NodeId reader, const Ints& amounts) {
  const Node& node = graph.node(reader);
  const bool states_pads = node.get_string("auto_pad", "NOTSET") == "NOTSET";  // else what stands there means nothing
  Ints sum = states_pads ? node.get_ints("pads", Ints(amounts.size(), 0)) : Ints(amounts.size(), 0);
  if (sum.size() != amounts.size()) return 0;
  for (size_t i = 0; i < sum.size(); ++i) {
    if (sum[i] < 0 || sum[i] > int64_t{1} << 20) return 0;
    sum[i] += amounts[i];
  }
  const ValueId source = graph.node(pad).inputs[0];
  if (!can_take(graph, node, source, sum)) return 0;
  if (node.op_type == "AveragePool") graph.set_attribute(reader, "count_include_pad", int64_t{1});
  graph.remove_attribute(reader, "auto_pad");
  graph.set_attribute(reader, "pads", sum);
  graph.set_input(reader, 0, source);
  infer(graph, reader);
  return 1;
}

int fuse(Graph& graph, NodeId pad) {
  const auto amounts = zero_padding(graph, graph.node(pad));
  if (!amounts) return 0;
  int changes = 0;
  const auto uses = graph.uses(graph.node(pad).outputs[0]);  // a copy: fusing takes readers away
  for (const auto& use : uses) {
    if (use.index == 0) changes += fuse_into(graph, pad, use.node, *amounts);
  }
  return changes;
}

}  // namespace

int fuse_pad(Context& context) {
  return for_each_node_once(context.graph, [&](NodeId id) { return fuse(context.graph, id); });
}

}  // namespace es::passes
