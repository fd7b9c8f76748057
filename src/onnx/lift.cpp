// SPDX-License-Identifier: Apache-2.0
//
// One row per change of an operator between opsets 7 and 21 that matters to us, after the operators' change log (onnx,
// docs/Changelog.md). A row sees a node of the file's opset and leaves the form of opset 13.
#include "onnx/lift.h"

#include <algorithm>
#include <array>

#include "ir/operators.h"
#include "ir/shapes.h"

namespace es::onnx {
namespace {

using ir::Graph;
using ir::Ints;
using ir::no_node;
using ir::no_value;
using ir::Node;
using ir::NodeId;
using ir::TensorData;
using ir::ValueId;

template <typename... Parts>
[[noreturn]] void refuse(const Graph& graph, NodeId id, const Parts&... parts) {
  fail(ErrorKind::unsupported, graph.node(id).describe(), ": ", parts...);
}

// An integer list that newer opsets take as input.
void ints_to_input(Graph& graph, NodeId id, std::string_view attribute, size_t input) {
  if (!graph.node(id).find(attribute)) return;
  const ValueId list = graph.add_constant(TensorData::ints(graph.node(id).get_ints(attribute)), attribute);
  graph.set_input(id, input, list);
  graph.remove_attribute(id, attribute);
}

void int_to_input(Graph& graph, NodeId id, std::string_view attribute, size_t input) {
  if (!graph.node(id).find(attribute)) return;
  graph.set_input(id, input, graph.add_constant(TensorData::ints({graph.node(id).get_int(attribute, 0)}), attribute));
  graph.remove_attribute(id, attribute);
}

void float_to_input(Graph& graph, NodeId id, std::string_view attribute, size_t input) {
  if (!graph.node(id).find(attribute)) return;
  graph.set_input(id, input, graph.add_constant(TensorData::scalar(graph.node(id).get_float(attribute, 0)), attribute));
  graph.remove_attribute(id, attribute);
}

void drop_if_int(Graph& graph, NodeId id, std::string_view attribute, int64_t meaningless) {
  if (graph.node(id).find(attribute) && graph.node(id).get_int(attribute, 0) == meaningless) {
    graph.remove_attribute(id, attribute);
  }
}

void drop_if_text(Graph& graph, NodeId id, std::string_view attribute, std::string_view meaningless) {
  if (graph.node(id).find(attribute) && graph.node(id).get_string(attribute, "") == meaningless) {
    graph.remove_attribute(id, attribute);
  }
}

void axes_to_input(Graph& graph, NodeId id) { ints_to_input(graph, id, "axes", 1); }
void split_to_input(Graph& graph, NodeId id) { ints_to_input(graph, id, "split", 1); }
void k_to_input(Graph& graph, NodeId id) { int_to_input(graph, id, "k", 1); }

void clip_limits(Graph& graph, NodeId id) {
  float_to_input(graph, id, "min", 1);
  float_to_input(graph, id, "max", 2);
}

void pad_amounts(Graph& graph, NodeId id) {
  ints_to_input(graph, id, "pads", 1);
  float_to_input(graph, id, "value", 2);
}

void slice_bounds(Graph& graph, NodeId id) {
  ints_to_input(graph, id, "starts", 1);
  ints_to_input(graph, id, "ends", 2);
  ints_to_input(graph, id, "axes", 3);
}

// Up to opset 12 everything from `axis` on counted as one axis.
void softmax(Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  const int64_t axis = node.get_int("axis", 1);
  const auto& shape = graph.value(node.input(0)).shape;
  if (shape && axis >= -static_cast<int64_t>(shape->rank()) && axis < static_cast<int64_t>(shape->rank())) {
    const auto first = static_cast<size_t>(axis < 0 ? axis + static_cast<int64_t>(shape->rank()) : axis);
    size_t wide = 0, last_wide = shape->rank() - 1;
    for (size_t i = first; i < shape->rank(); ++i) {
      if ((*shape)[i].is(1)) continue;
      ++wide;
      last_wide = i;
    }
    if (wide <= 1) return graph.set_attribute(id, "axis", static_cast<int64_t>(last_wide));
  }
  const ValueId data = node.input(0);
  const ValueId matrix = graph.emit("Flatten", {data}, {{"axis", axis}}, "", id);
  const ValueId result = graph.emit(node.op_type, {matrix}, {{"axis", int64_t{1}}}, "", id);
  const ValueId shape_value = graph.emit("Shape", {data}, {}, "", id);
  graph.set_op_type(id, "Reshape");
  graph.remove_attribute(id, "axis");
  graph.set_inputs(id, {result, shape_value});
}

// Upsample, and the Resize of opset 10, count pixels from the corner and take the one at or before.
void resize_from_corner(Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  ValueId scales = node.input(1);
  if (node.find("scales")) scales = graph.add_constant(TensorData::floats(node.get_floats("scales")), "scales");
  const TensorData* factors = graph.constant(scales);
  if (!factors) refuse(graph, id, "its scales are computed; export the model with opset 11 or newer");
  const std::string mode = node.get_string("mode", "nearest");
  const auto values = factors->as_floats();
  const bool shrinks = std::any_of(values.begin(), values.end(), [](float factor) { return factor < 1; });
  if (mode == "nearest" && shrinks) {
    refuse(graph, id, "shrinks to the nearest pixel, which opset 10 does not define; export it with opset 11 or newer");
  }
  const ValueId data = node.input(0);
  graph.set_op_type(id, "Resize");
  graph.remove_attribute(id, "scales");
  graph.set_inputs(id, {data, no_value, scales});
  graph.set_attribute(id, "mode", mode);
  graph.set_attribute(id, "coordinate_transformation_mode", std::string("asymmetric"));
  if (mode == "nearest") graph.set_attribute(id, "nearest_mode", std::string("floor"));
}

void rename_scatter(Graph& graph, NodeId id) { graph.set_op_type(id, "ScatterElements"); }

void drop_ratio(Graph& graph, NodeId id) { graph.remove_attribute(id, "ratio"); }

void batch_normalization(Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  const bool trains = node.get_int("training_mode", 0) != 0 || node.outputs.size() > 1;
  if (trains || node.get_int("spatial", 1) != 1) {
    refuse(graph, id, "is in its training form; export the model for inference");
  }
  for (const auto attribute : {"training_mode", "spatial", "consumed_inputs"}) graph.remove_attribute(id, attribute);
}

void dropout(Graph& graph, NodeId id) {
  const TensorData* training = graph.constant(graph.node(id).input(2));
  if (training && training->as_ints() == std::vector<int64_t>{1}) {
    refuse(graph, id, "is in its training form; export the model for inference");
  }
}

// From opset 18 on; kept where the axes are computed.
void axes_to_attribute(Graph& graph, NodeId id) {
  const ValueId axes = graph.node(id).input(1);
  const TensorData* list = graph.constant(axes);
  if (axes != no_value && !list) return;
  const bool keep_all = graph.node(id).get_int("noop_with_empty_axes", 0) != 0;
  graph.remove_attribute(id, "noop_with_empty_axes");
  graph.set_inputs(id, {graph.node(id).input(0)});
  if (list && list->elements() > 0) return graph.set_attribute(id, "axes", list->as_ints());
  if (!keep_all) return;
  graph.set_op_type(id, "Identity");
  graph.remove_attribute(id, "keepdims");
}

// num_outputs says no more than the list of outputs, unless the parts come out uneven.
void split_count(Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  if (!node.find("num_outputs")) return;
  const auto& shape = graph.value(node.input(0)).shape;
  const auto count = static_cast<int64_t>(node.outputs.size());
  const int64_t axis = node.get_int("axis", 0);
  if (!shape || axis < -static_cast<int64_t>(shape->rank()) || axis >= static_cast<int64_t>(shape->rank())) return;
  const ir::Dim& dim = (*shape)[static_cast<size_t>(axis < 0 ? axis + static_cast<int64_t>(shape->rank()) : axis)];
  if (!dim.is_static()) return;
  graph.remove_attribute(id, "num_outputs");
  if (dim.size % count == 0) return;
  const int64_t part = (dim.size + count - 1) / count;
  Ints sizes(static_cast<size_t>(count), part);
  sizes.back() = dim.size - part * (count - 1);
  if (sizes.back() < 0) refuse(graph, id, "cuts ", dim, " elements into ", count, " parts");
  graph.set_input(id, 1, graph.add_constant(TensorData::ints(sizes), "split"));
}

// The axes of a Pad of opset 18 spread over all axes.
void pad_axes(Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  const TensorData* axes = graph.constant(node.input(3));
  const TensorData* pads = graph.constant(node.input(1));
  const auto& shape = graph.value(node.input(0)).shape;
  if (!axes || !pads || !shape) return;
  const auto listed = axes->as_ints(), amounts = pads->as_ints();
  const auto rank = static_cast<int64_t>(shape->rank());
  if (amounts.size() != 2 * listed.size()) refuse(graph, id, "pads and axes have different lengths");
  Ints all(2 * shape->rank(), 0);
  for (size_t i = 0; i < listed.size(); ++i) {
    const int64_t axis = listed[i] < 0 ? listed[i] + rank : listed[i];
    if (axis < 0 || axis >= rank) refuse(graph, id, "axis ", listed[i], " lies outside ", *shape);
    all[static_cast<size_t>(axis)] = amounts[i];
    all[static_cast<size_t>(axis + rank)] = amounts[i + listed.size()];
  }
  auto inputs = node.inputs;
  inputs[1] = graph.add_constant(TensorData::ints(all), "pads");
  inputs.resize(inputs[2] == no_value ? 2 : 3);
  graph.set_inputs(id, inputs);
}

void resize_options(Graph& graph, NodeId id) {
  drop_if_int(graph, id, "antialias", 0);
  drop_if_text(graph, id, "keep_aspect_ratio_policy", "stretch");
}

void reshape_zero(Graph& graph, NodeId id) { drop_if_int(graph, id, "allowzero", 0); }
void cast_saturation(Graph& graph, NodeId id) { graph.remove_attribute(id, "saturate"); }
void recurrent_layout(Graph& graph, NodeId id) { drop_if_int(graph, id, "layout", 0); }
void scatter_reduction(Graph& graph, NodeId id) { drop_if_text(graph, id, "reduction", "none"); }

void pool_dilations(Graph& graph, NodeId id) {
  const Ints dilations = graph.node(id).get_ints("dilations");
  if (std::all_of(dilations.begin(), dilations.end(), [](int64_t one) { return one == 1; })) {
    graph.remove_attribute(id, "dilations");
  }
}

void shape_range(Graph& graph, NodeId id) { drop_if_int(graph, id, "start", 0); }

void quantize_options(Graph& graph, NodeId id) {
  drop_if_int(graph, id, "block_size", 0);
  drop_if_int(graph, id, "output_dtype", 0);
  drop_if_int(graph, id, "saturate", 1);
}

std::optional<TensorData> constant_of(const Node& node) {
  if (node.find("value_float")) return TensorData::scalar(node.get_float("value_float", 0));
  if (node.find("value_int")) return TensorData::scalar(node.get_int("value_int", 0));
  if (node.find("value_floats")) return TensorData::floats(node.get_floats("value_floats"));
  if (node.find("value_ints")) return TensorData::ints(node.get_ints("value_ints"));
  const ir::Attribute* value = node.find("value");
  const auto* tensor = value ? std::get_if<TensorData>(value) : nullptr;
  return tensor ? std::optional(*tensor) : std::nullopt;
}

void constant(Graph& graph, NodeId id) {
  auto data = constant_of(graph.node(id));
  if (!data) refuse(graph, id, "holds neither numbers nor a tensor of them");
  const ValueId output = graph.node(id).output(0);
  const std::string name = graph.value(output).name;
  const ValueId made = graph.add_constant(std::move(*data), name);
  graph.replace_uses(output, made);
  graph.remove_node(id);
  graph.rename(made, name);
}

struct Row {
  std::string_view op_type;
  int64_t first, last;  // the opsets whose form it lifts
  void (*lift)(Graph&, NodeId);
};

constexpr std::array rows{
    Row{"AveragePool", 19, 21, pool_dilations},
    Row{"BatchNormalization", 7, 21, batch_normalization},
    Row{"Cast", 19, 21, cast_saturation},
    Row{"Clip", 7, 10, clip_limits},
    Row{"Constant", 7, 21, constant},
    Row{"DequantizeLinear", 21, 21, quantize_options},
    Row{"Dropout", 7, 11, drop_ratio},
    Row{"Dropout", 12, 21, dropout},
    Row{"GRU", 14, 21, recurrent_layout},
    Row{"Hardmax", 7, 12, softmax},
    Row{"LSTM", 14, 21, recurrent_layout},
    Row{"LogSoftmax", 7, 12, softmax},
    Row{"Pad", 7, 10, pad_amounts},
    Row{"Pad", 18, 21, pad_axes},
    Row{"QuantizeLinear", 19, 21, quantize_options},
    Row{"RNN", 14, 21, recurrent_layout},
    Row{"ReduceL1", 18, 21, axes_to_attribute},
    Row{"ReduceL2", 18, 21, axes_to_attribute},
    Row{"ReduceLogSum", 18, 21, axes_to_attribute},
    Row{"ReduceLogSumExp", 18, 21, axes_to_attribute},
    Row{"ReduceMax", 18, 21, axes_to_attribute},
    Row{"ReduceMean", 18, 21, axes_to_attribute},
    Row{"ReduceMin", 18, 21, axes_to_attribute},
    Row{"ReduceProd", 18, 21, axes_to_attribute},
    Row{"ReduceSum", 7, 12, axes_to_input},
    Row{"ReduceSumSquare", 18, 21, axes_to_attribute},
    Row{"Reshape", 14, 21, reshape_zero},
    Row{"Resize", 10, 10, resize_from_corner},
    Row{"Resize", 18, 21, resize_options},
    Row{"Scatter", 9, 10, rename_scatter},
    Row{"ScatterElements", 16, 21, scatter_reduction},
    Row{"ScatterND", 16, 21, scatter_reduction},
    Row{"Shape", 15, 21, shape_range},
    Row{"Slice", 7, 9, slice_bounds},
    Row{"Softmax", 7, 12, softmax},
    Row{"Split", 7, 12, split_to_input},
    Row{"Split", 18, 21, split_count},
    Row{"Squeeze", 7, 12, axes_to_input},
    Row{"TopK", 7, 9, k_to_input},
    Row{"Unsqueeze", 7, 12, axes_to_input},
    Row{"Upsample", 7, 9, resize_from_corner},
};

void lift_node(Graph& graph, NodeId id, int64_t opset) {
  // By value: a row may change the node's type, and its new form needs no other row.
  const std::string op_type = graph.node(id).op_type;
  for (const Row& row : rows) {
    if (row.op_type == op_type && opset >= row.first && opset <= row.last) return row.lift(graph, id);
  }
}

void infer_node(Graph& graph, ir::ShapeInference& inference, NodeId id) {
  const auto problem = inference.run(id);
  require(!problem, ErrorKind::malformed, graph.node(id).describe(), ": ", problem ? problem->sentence : "");
}

}  // namespace

void lift(Graph& graph, int64_t from_opset) {
  ir::ShapeInference inference(graph);
  for (const NodeId id : graph.nodes()) {
    const NodeId before = graph.previous_node(id);
    lift_node(graph, id, from_opset);
    // Whatever the row put before the node, and the node itself where it still stands.
    NodeId next = before == no_node ? graph.first_node() : graph.next_node(before);
    for (; next != no_node; next = graph.next_node(next)) {
      if (!graph.has_node(id)) break;
      infer_node(graph, inference, next);
      if (next == id) break;
    }
  }
  graph.opset = ir::needed_opset(graph);
  graph.ir_version = ir::ir_version_of(graph.opset);
}

}  // namespace es::onnx
