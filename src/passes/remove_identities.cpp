// SPDX-License-Identifier: Apache-2.0
//
// Nodes that give out what they take in: Identity, Dropout at inference, Cast to the same type, Concat and Split of one
// part, a Resize, Pad, Slice, Expand or Tile that changes nothing, adding 0 or multiplying by 1.
#include <algorithm>
#include <array>

#include "passes/context.h"
#include "passes/edit.h"

namespace es::passes {
namespace {

using ir::Graph;
using ir::Node;
using ir::NodeId;
using ir::TensorData;

bool same_shape(const Graph& graph, const Node& node) {
  const auto& in = graph.value(node.inputs[0]).shape;
  const auto& out = graph.value(node.outputs[0]).shape;
  return in && out && in->is_known() && *in == *out;
}

bool always(const Graph&, const Node&) { return true; }

bool no_mask(const Graph& graph, const Node& node) {
  return node.output(1) == ir::no_value || graph.use_count(node.output(1)) == 0;
}

bool same_type(const Graph& graph, const Node& node) {
  const ir::DType in = graph.value(node.inputs[0]).dtype;
  return in != ir::DType::undefined && in == graph.value(node.outputs[0]).dtype;
}

bool one_input(const Graph&, const Node& node) { return node.inputs.size() == 1; }
bool one_output(const Graph&, const Node& node) { return node.outputs.size() == 1; }

// Of the same shape, and walking forwards: a Slice of step -1 changes values.
bool slices_nothing(const Graph& graph, const Node& node) {
  if (!same_shape(graph, node)) return false;
  if (node.input(4) == ir::no_value) return true;
  const TensorData* steps = graph.constant(node.input(4));
  if (!steps) return false;
  const auto values = steps->as_ints();
  return std::all_of(values.begin(), values.end(), [](int64_t step) { return step > 0; });
}

// Amounts of opposite sign would keep the shape and move the content.
bool pads_nothing(const Graph& graph, const Node& node) {
  const TensorData* pads = graph.constant(node.input(1));
  if (!pads) return false;
  const auto amounts = pads->as_ints();
  return std::all_of(amounts.begin(), amounts.end(), [](int64_t amount) { return amount == 0; });
}

// Without interpolation between pixels: sampling at the pixels themselves.
bool resizes_nothing(const Graph& graph, const Node& node) {
  return same_shape(graph, node) &&
         node.get_string("coordinate_transformation_mode", "half_pixel") != "tf_crop_and_resize";
}

// Whether input 1 is that number everywhere and does not widen the shape.
bool is_neutral(const Graph& graph, const Node& node, double number) {
  const TensorData* operand = graph.constant(node.input(1));
  if (!operand || !same_shape(graph, node) || operand->elements() > 4096) return false;
  const auto values = operand->as_doubles();
  return std::all_of(values.begin(), values.end(), [&](double value) { return value == number; });
}
bool neutral_zero(const Graph& graph, const Node& node) { return is_neutral(graph, node, 0); }
bool neutral_one(const Graph& graph, const Node& node) { return is_neutral(graph, node, 1); }

struct Row {
  std::string_view op_type;
  bool (*changes_nothing)(const Graph&, const Node&);
};

constexpr std::array rows{
    Row{"Add", neutral_zero}, Row{"Cast", same_type},         Row{"Concat", one_input},     Row{"Div", neutral_one},
    Row{"Dropout", no_mask},  Row{"Expand", same_shape},      Row{"Identity", always},      Row{"Mul", neutral_one},
    Row{"Pad", pads_nothing}, Row{"Resize", resizes_nothing}, Row{"Slice", slices_nothing}, Row{"Split", one_output},
    Row{"Sub", neutral_zero}, Row{"Tile", same_shape},
};

bool changes_nothing(const Graph& graph, const Node& node) {
  for (const Row& row : rows) {
    if (row.op_type == node.op_type && node.domain.empty()) return row.changes_nothing(graph, node);
  }
  return false;
}

// An output must stay a value that a node makes: a copy of an input or of a constant is no output that tools expect.
bool may_go(const Graph& graph, const Node& node) {
  const bool is_copy =
      graph.is_input(node.inputs[0]) || graph.constant(node.inputs[0]) || graph.is_output(node.inputs[0]);
  return !graph.is_output(node.outputs[0]) || !is_copy;
}

}  // namespace

int remove_identities(Context& context) {
  ir::Graph& graph = context.graph;
  return for_each_node_once(graph, [&](NodeId id) {
    const Node& node = graph.node(id);
    if (node.input(0) == ir::no_value || node.output(0) == ir::no_value) return 0;
    if (!changes_nothing(graph, node) || !may_go(graph, node)) return 0;
    replace_node(graph, id, node.inputs[0]);
    return 1;
  });
}

}  // namespace es::passes
