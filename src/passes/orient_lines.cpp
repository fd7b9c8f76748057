// SPDX-License-Identifier: Apache-2.0
//
// Frameworks compute 1-D networks as images of one line, convolutions along the width and pools along the height, with
// a Reshape in front of each. An operator can as well work along the other axis: the Reshape moves behind it, and meets
// the next one, which takes it back.
#include <algorithm>
#include <array>

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

constexpr std::array<std::string_view, 5> windowed{"AveragePool", "Conv", "ConvTranspose", "LpPool", "MaxPool"};
constexpr std::array<std::string_view, 10> by_element{"Clip",      "Elu",  "HardSigmoid", "HardSwish", "Identity",
                                                      "LeakyRelu", "Relu", "Sigmoid",     "Tanh",      "Sqrt"};

template <size_t count>
bool is_one_of(const std::array<std::string_view, count>& list, const Node& node) {
  return std::find(list.begin(), list.end(), node.op_type) != list.end() && node.domain.empty();
}

// The value in front of a Reshape that only exchanges height and width, one of which is 1.
std::optional<ValueId> before_turn(const Graph& graph, ValueId value) {
  const NodeId id = graph.producer(value);
  if (id == ir::no_node || graph.node(id).op_type != "Reshape" || graph.use_count(value) != 1) return std::nullopt;
  const ValueId source = graph.node(id).inputs[0];
  const auto &from = graph.value(source).shape, &to = graph.value(value).shape;
  if (!from || !to || from->rank() != 4 || to->rank() != 4 || !from->is_known() || !to->is_known()) return std::nullopt;
  const bool exchanged = (*from)[0] == (*to)[0] && (*from)[1] == (*to)[1] && (*from)[2] == (*to)[3] &&
                         (*from)[3] == (*to)[2] && ((*from)[2].is(1) || (*from)[3].is(1));
  return exchanged && *from != *to ? std::optional(source) : std::nullopt;
}

// Lists of one number for each axis (twice over for pads) with height and width exchanged.
ir::Attributes with_axes_exchanged(ir::Attributes attributes) {
  for (const auto* name : {"kernel_shape", "strides", "pads", "dilations", "output_padding"}) {
    const auto found = attributes.find(name);
    auto* list = found == attributes.end() ? nullptr : std::get_if<Ints>(&found->second);
    for (size_t i = 0; list != nullptr && i + 1 < list->size(); i += 2) std::swap((*list)[i], (*list)[i + 1]);
  }
  return attributes;
}

TensorData with_axes_exchanged(const TensorData& weight) {
  Ints dims = weight.dims;
  std::swap(dims[2], dims[3]);
  const auto values = weight.as_floats();
  std::vector<float> result(values.size());
  const int64_t height = weight.dims[2], width = weight.dims[3];
  for (size_t at = 0; at < values.size(); ++at) {
    const auto place = static_cast<int64_t>(at), plane = place / (height * width);
    const int64_t y = place / width % height, x = place % width;
    result[static_cast<size_t>((plane * width + x) * height + y)] = values[at];
  }
  return TensorData::floats(dims, result);
}

bool can_turn(const Graph& graph, const Node& node) {
  if (is_one_of(by_element, node)) return true;
  if (!is_one_of(windowed, node) || node.outputs.size() != 1) return false;
  if (node.op_type != "Conv" && node.op_type != "ConvTranspose") return true;
  const TensorData* weight = graph.constant(node.input(1));
  return weight != nullptr && weight->dtype == ir::DType::f32 && weight->dims.size() == 4 && !node.find("output_shape");
}

int rewrite(Graph& graph, NodeId id) {
  const Node node = graph.node(id);
  if (node.inputs.empty() || node.outputs.size() != 1 || !can_turn(graph, node)) return 0;
  const auto source = before_turn(graph, node.inputs[0]);
  const auto result = graph.value(node.outputs[0]).shape;
  if (!source || !result || result->rank() != 4 || !result->is_known()) return 0;
  std::vector<ir::Dim> turned_dims = result->dims();
  std::swap(turned_dims[2], turned_dims[3]);
  if (!reshape_target(ir::Shape(std::move(turned_dims)), *result)) return 0;

  std::vector<ValueId> inputs = node.inputs;
  inputs[0] = *source;
  if (node.op_type == "Conv" || node.op_type == "ConvTranspose") {
    inputs[1] = graph.add_constant(with_axes_exchanged(*graph.constant(node.inputs[1])), "weights");
  }
  const ValueId made = insert(graph, id, node.op_type, std::move(inputs), with_axes_exchanged(node.attributes));
  graph.set_origin(graph.producer(made), node.origin);
  replace_node(graph, id, *insert_reshape(graph, id, made, *result));
  return 1;
}

}  // namespace

int orient_lines(Context& context) {
  const int changes = for_each_node_once(context.graph, [&](NodeId id) { return rewrite(context.graph, id); });
  return changes + (changes > 0 ? remove_dead(context) : 0);
}

}  // namespace es::passes
