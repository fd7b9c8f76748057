// SPDX-License-Identifier: Apache-2.0
#include "passes/flip.h"

#include <algorithm>
#include <array>

#include "passes/edit.h"
#include "passes/evaluate.h"

namespace es::passes {
namespace {

using ir::Graph;
using ir::Ints;
using ir::Node;
using ir::NodeId;
using ir::TensorData;
using ir::ValueId;

size_t rank_of(const Graph& graph, ValueId id) { return static_cast<size_t>(std::max(graph.value(id).rank(), 0)); }

int64_t normalised(int64_t axis, size_t rank) { return axis < 0 ? axis + static_cast<int64_t>(rank) : axis; }

// Where axis `axis` stands in storage.
int64_t place_of(int64_t axis, const Ints& perm) { return inverse(perm)[static_cast<size_t>(axis)]; }

void rename_axis(Graph& graph, NodeId id, const Ints& perm, int64_t otherwise) {
  const int64_t axis = normalised(graph.node(id).get_int("axis", otherwise), perm.size());
  graph.set_attribute(id, "axis", place_of(axis, perm));
}

// An input that lists one number per axis: pads, repeats, scales, a target shape.
Ints permuted_list(const Ints& list, const Ints& perm) {
  Ints result;
  for (const int64_t axis : perm) result.push_back(list[static_cast<size_t>(axis)]);
  return result;
}

// --- what each operator needs to be flipped, and what is renamed then

using Allowed = bool (*)(const Graph&, const Node&);
using Rename = void (*)(Graph&, NodeId, const Ints& perm);

bool always(const Graph&, const Node&) { return true; }
void nothing(Graph&, NodeId, const Ints&) {}

template <int64_t otherwise>
void axis(Graph& graph, NodeId id, const Ints& perm) {
  rename_axis(graph, id, perm, otherwise);
}

template <size_t index>
bool constant_input(const Graph& graph, const Node& node) {
  return graph.constant(node.input(index)) != nullptr;
}

bool constant_or_absent(const Graph& graph, const Node& node, size_t index) {
  return node.input(index) == ir::no_value || graph.constant(node.input(index));
}

bool constant_bounds(const Graph& graph, const Node& node) {
  for (size_t i = 1; i < 5; ++i) {
    if (!constant_or_absent(graph, node, i)) return false;
  }
  return graph.constant(node.input(1)) && graph.constant(node.input(2));
}

void slice(Graph& graph, NodeId id, const Ints& perm) {
  const Node& node = graph.node(id);
  const TensorData* axes = graph.constant(node.input(3));
  Ints listed(static_cast<size_t>(graph.constant(node.input(1))->elements()));
  for (size_t i = 0; i < listed.size(); ++i) listed[i] = static_cast<int64_t>(i);
  if (axes) listed = axes->as_ints();
  for (int64_t& one : listed) one = place_of(normalised(one, perm.size()), perm);
  replace_constant(graph, id, 3, TensorData::ints(listed));
}

bool plain_pad(const Graph& graph, const Node& node) {
  const TensorData* pads = graph.constant(node.input(1));
  return pads && node.input(3) == ir::no_value && pads->elements() == 2 * graph.value(node.input(0)).rank();
}

void pad(Graph& graph, NodeId id, const Ints& perm) {
  const Ints amounts = graph.constant(graph.node(id).input(1))->as_ints();
  const auto half = static_cast<std::ptrdiff_t>(amounts.size() / 2);
  Ints result = permuted_list(Ints(amounts.begin(), amounts.begin() + half), perm);
  const Ints after = permuted_list(Ints(amounts.begin() + half, amounts.end()), perm);
  result.insert(result.end(), after.begin(), after.end());
  replace_constant(graph, id, 1, TensorData::ints(result));
}

template <size_t index>
void list_input(Graph& graph, NodeId id, const Ints& perm) {
  const Ints list = graph.constant(graph.node(id).input(index))->as_ints();
  replace_constant(graph, id, index, TensorData::ints(permuted_list(list, perm)));
}

// Of the data's own rank: a longer target would add axes in front, a shorter one is aligned from the right.
bool expand_of_same_rank(const Graph& graph, const Node& node) {
  const TensorData* target = graph.constant(node.input(1));
  return target && target->elements() == graph.value(node.input(0)).rank();
}

// An input that is left out or empty, or has so many numbers.
bool is_list_or_absent(const Graph& graph, const Node& node, size_t index, int64_t numbers) {
  if (!constant_or_absent(graph, node, index)) return false;
  const TensorData* list = graph.constant(node.input(index));
  return !list || list->elements() == 0 || list->elements() == numbers;
}

bool plain_resize(const Graph& graph, const Node& node) {
  const bool sized = graph.constant(node.input(2)) || graph.constant(node.input(3));
  const int64_t rank = graph.value(node.input(0)).rank();
  return sized && is_list_or_absent(graph, node, 1, 2 * rank) && is_list_or_absent(graph, node, 2, rank) &&
         is_list_or_absent(graph, node, 3, rank) && !node.find("axes");
}

void resize(Graph& graph, NodeId id, const Ints& perm) {
  if (const TensorData* roi = graph.constant(graph.node(id).input(1)); roi && roi->elements() > 0) {
    const auto values = roi->as_floats();
    std::vector<float> result;
    for (const size_t half : {size_t{0}, perm.size()}) {
      for (const int64_t one : perm) result.push_back(values[half + static_cast<size_t>(one)]);
    }
    replace_constant(graph, id, 1, TensorData::floats(result));
  }
  if (const TensorData* scales = graph.constant(graph.node(id).input(2)); scales && scales->elements() > 0) {
    const auto values = scales->as_floats();
    std::vector<float> result;
    for (const int64_t one : perm) result.push_back(values[static_cast<size_t>(one)]);
    replace_constant(graph, id, 2, TensorData::floats(result));
  }
  const TensorData* sizes = graph.constant(graph.node(id).input(3));
  if (sizes && sizes->elements() > 0) list_input<3>(graph, id, perm);
}

bool reduces_constant_axes(const Graph& graph, const Node& node) { return constant_or_absent(graph, node, 1); }

Ints reduced_axes(const Graph& graph, const Node& node) {
  const TensorData* input = graph.constant(node.input(1));
  Ints axes = input ? input->as_ints() : node.get_ints("axes");
  const size_t rank = rank_of(graph, node.inputs[0]);
  for (int64_t& one : axes) one = normalised(one, rank);
  return axes;
}

void reduce(Graph& graph, NodeId id, const Ints& perm) {
  Ints axes = reduced_axes(graph, graph.node(id));
  for (int64_t& one : axes) one = place_of(one, perm);
  std::sort(axes.begin(), axes.end());
  if (graph.constant(graph.node(id).input(1))) return replace_constant(graph, id, 1, TensorData::ints(axes));
  if (!axes.empty()) graph.set_attribute(id, "axes", axes);
}

// CumSum takes its axis as an input.
bool one_number(const Graph& graph, const Node& node) {
  const TensorData* axis = graph.constant(node.input(1));
  return axis && axis->elements() == 1;
}

void cumulative(Graph& graph, NodeId id, const Ints& perm) {
  const auto old = graph.constant(graph.node(id).input(1))->as_ints();
  replace_constant(graph, id, 1, TensorData::scalar(place_of(normalised(old[0], perm.size()), perm)));
}

// A list of indices keeps the axis, one index takes it away; more ranks would add axes.
bool gathers_few(const Graph& graph, const Node& node) {
  return graph.constant(node.input(1)) && graph.constant(node.input(1))->dims.size() <= 1;
}

// Per tensor, or along one axis.
bool plain_quantization(const Graph& graph, const Node& node) {
  return graph.value(node.input(1)).rank() <= 1 && graph.value(node.input(1)).rank() >= 0 && !node.find("block_size");
}

void quantization(Graph& graph, NodeId id, const Ints& perm) {
  if (graph.value(graph.node(id).input(1)).rank() == 1) rename_axis(graph, id, perm, 1);
}

struct Row {
  std::string_view op_type;
  Allowed allowed;
  Rename rename;
  enum Kind { elementwise, one_input, all_inputs, reducing, picking } kind;
};

constexpr std::array rows{
    Row{"Abs", always, nothing, Row::elementwise},
    Row{"Add", always, nothing, Row::elementwise},
    Row{"And", always, nothing, Row::elementwise},
    Row{"ArgMax", always, axis<0>, Row::reducing},
    Row{"ArgMin", always, axis<0>, Row::reducing},
    Row{"Cast", always, nothing, Row::one_input},
    Row{"Ceil", always, nothing, Row::elementwise},
    Row{"Clip", always, nothing, Row::one_input},
    Row{"Concat", always, axis<0>, Row::all_inputs},
    Row{"Cos", always, nothing, Row::elementwise},
    Row{"CumSum", one_number, cumulative, Row::one_input},
    Row{"DequantizeLinear", plain_quantization, quantization, Row::one_input},
    Row{"Div", always, nothing, Row::elementwise},
    Row{"Dropout", always, nothing, Row::one_input},
    Row{"Elu", always, nothing, Row::elementwise},
    Row{"Equal", always, nothing, Row::elementwise},
    Row{"Erf", always, nothing, Row::elementwise},
    Row{"Exp", always, nothing, Row::elementwise},
    Row{"Expand", expand_of_same_rank, list_input<1>, Row::one_input},
    Row{"Floor", always, nothing, Row::elementwise},
    Row{"Gather", gathers_few, axis<0>, Row::picking},
    Row{"Gelu", always, nothing, Row::elementwise},
    Row{"Greater", always, nothing, Row::elementwise},
    Row{"GreaterOrEqual", always, nothing, Row::elementwise},
    Row{"HardSigmoid", always, nothing, Row::elementwise},
    Row{"HardSwish", always, nothing, Row::elementwise},
    Row{"Identity", always, nothing, Row::elementwise},
    Row{"LeakyRelu", always, nothing, Row::elementwise},
    Row{"Less", always, nothing, Row::elementwise},
    Row{"LessOrEqual", always, nothing, Row::elementwise},
    Row{"Log", always, nothing, Row::elementwise},
    Row{"LogSoftmax", always, axis<-1>, Row::one_input},
    Row{"LpNormalization", always, axis<-1>, Row::one_input},
    Row{"Max", always, nothing, Row::elementwise},
    Row{"Mean", always, nothing, Row::elementwise},
    Row{"Min", always, nothing, Row::elementwise},
    Row{"Mish", always, nothing, Row::elementwise},
    Row{"Mod", always, nothing, Row::elementwise},
    Row{"Mul", always, nothing, Row::elementwise},
    Row{"Neg", always, nothing, Row::elementwise},
    Row{"Not", always, nothing, Row::elementwise},
    Row{"Or", always, nothing, Row::elementwise},
    Row{"PRelu", always, nothing, Row::elementwise},
    Row{"Pad", plain_pad, pad, Row::one_input},
    Row{"Pow", always, nothing, Row::elementwise},
    Row{"QuantizeLinear", plain_quantization, quantization, Row::one_input},
    Row{"Reciprocal", always, nothing, Row::elementwise},
    Row{"ReduceL1", reduces_constant_axes, reduce, Row::reducing},
    Row{"ReduceL2", reduces_constant_axes, reduce, Row::reducing},
    Row{"ReduceLogSum", reduces_constant_axes, reduce, Row::reducing},
    Row{"ReduceLogSumExp", reduces_constant_axes, reduce, Row::reducing},
    Row{"ReduceMax", reduces_constant_axes, reduce, Row::reducing},
    Row{"ReduceMean", reduces_constant_axes, reduce, Row::reducing},
    Row{"ReduceMin", reduces_constant_axes, reduce, Row::reducing},
    Row{"ReduceProd", reduces_constant_axes, reduce, Row::reducing},
    Row{"ReduceSum", reduces_constant_axes, reduce, Row::reducing},
    Row{"ReduceSumSquare", reduces_constant_axes, reduce, Row::reducing},
    Row{"Relu", always, nothing, Row::elementwise},
    Row{"Resize", plain_resize, resize, Row::one_input},
    Row{"Round", always, nothing, Row::elementwise},
    Row{"Selu", always, nothing, Row::elementwise},
    Row{"Sigmoid", always, nothing, Row::elementwise},
    Row{"Sign", always, nothing, Row::elementwise},
    Row{"Sin", always, nothing, Row::elementwise},
    Row{"Slice", constant_bounds, slice, Row::one_input},
    Row{"Softmax", always, axis<-1>, Row::one_input},
    Row{"Softplus", always, nothing, Row::elementwise},
    Row{"Softsign", always, nothing, Row::elementwise},
    Row{"Split", always, axis<0>, Row::one_input},
    Row{"Sqrt", always, nothing, Row::elementwise},
    Row{"Sub", always, nothing, Row::elementwise},
    Row{"Sum", always, nothing, Row::elementwise},
    Row{"Tanh", always, nothing, Row::elementwise},
    Row{"Tile", expand_of_same_rank, list_input<1>, Row::one_input},
    Row{"TopK", constant_input<1>, axis<-1>, Row::one_input},
    Row{"Where", always, nothing, Row::elementwise},
};

const Row* find_row(const Node& node) {
  const auto* found =
      std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.op_type == node.op_type; });
  return found != rows.end() && node.domain.empty() ? found : nullptr;
}

// The axes a reducing or picking node takes away.
Ints dropped_axes(const Graph& graph, const Node& node, const Row& row) {
  const size_t rank = rank_of(graph, node.inputs[0]);
  if (row.kind == Row::picking) {
    const bool keeps = graph.constant(node.input(1))->dims.size() == 1;
    return keeps ? Ints{} : Ints{normalised(node.get_int("axis", 0), rank)};
  }
  if (node.get_int("keepdims", 1) != 0) return {};
  if (row.rename == axis<0>) return {normalised(node.get_int("axis", 0), rank)};
  Ints axes = reduced_axes(graph, node);
  for (size_t i = 0; axes.size() < rank && i < rank && node.input(1) == ir::no_value && !node.find("axes"); ++i) {
    axes.push_back(static_cast<int64_t>(i));
  }
  return axes;
}

// perm without the dropped axes, the others counted anew.
Ints shortened(const Ints& perm, const Ints& dropped) {
  Ints result;
  for (const int64_t one : perm) {
    if (std::find(dropped.begin(), dropped.end(), one) != dropped.end()) continue;
    const auto before = std::count_if(dropped.begin(), dropped.end(), [&](int64_t gone) { return gone < one; });
    result.push_back(one - before);
  }
  return result;
}

// A constant of lower rank gets leading 1s, as broadcasting gives them.
TensorData aligned(const TensorData& data, const Ints& perm) {
  Ints dims(perm.size() - data.dims.size(), 1);
  dims.insert(dims.end(), data.dims.begin(), data.dims.end());
  return permuted(reshaped(data, dims), perm);
}

bool is_single(const Graph& graph, ValueId id) {
  const auto& shape = graph.value(id).shape;
  return shape && shape->elements().is(1);
}

// Every operand has the result's rank, or is a constant that can be aligned, or one number.
bool operands_fit(const Graph& graph, const Node& node, size_t rank) {
  for (const ValueId input : node.inputs) {
    if (input == ir::no_value || rank_of(graph, input) == rank || is_single(graph, input)) continue;
    if (!graph.constant(input) || rank_of(graph, input) > rank) return false;
  }
  return true;
}

void flip_input(Graph& graph, NodeId id, size_t index, const Ints& perm) {
  const ValueId input = graph.node(id).inputs[index];
  if (rank_of(graph, input) == perm.size()) {
    return graph.set_input(id, index, insert_transpose(graph, id, input, perm));
  }
  const TensorData* data = graph.constant(input);
  if (data && data->elements() > 1) replace_constant(graph, id, index, aligned(*data, perm));
}

// The old output value is made by a Transpose of a new one.
void flip_output(Graph& graph, NodeId id, size_t index, const Ints& perm) {
  const ValueId output = graph.node(id).outputs[index];
  if (output == ir::no_value || is_identity(perm)) return;
  const ir::Value& value = graph.value(output);
  const auto shape = value.shape ? std::optional(permuted(*value.shape, perm)) : std::nullopt;
  const ValueId stored = graph.add_value(value.name, value.dtype, shape);
  graph.set_output_of(id, index, stored);
  ir::Node back{.op_type = "Transpose", .inputs = {stored}, .outputs = {output}};
  back.attributes["perm"] = inverse(perm);
  graph.insert_after(id, std::move(back));
}

}  // namespace

std::vector<size_t> flippable_inputs(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  const Row* row = find_row(node);
  if (!row) return {};
  if (row->kind != Row::elementwise && row->kind != Row::all_inputs) return {0};
  std::vector<size_t> result;
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    if (node.inputs[i] != ir::no_value) result.push_back(i);
  }
  return result;
}

std::optional<Ints> flipped_output_perm(const Graph& graph, NodeId id, const Ints& perm) {
  const Node& node = graph.node(id);
  const Row* row = find_row(node);
  if (!row || !row->allowed(graph, node)) return std::nullopt;
  const ValueId data = row->kind == Row::elementwise ? node.outputs[0] : node.inputs[0];
  if (rank_of(graph, data) != perm.size()) return std::nullopt;
  if (row->kind == Row::elementwise && !operands_fit(graph, node, perm.size())) return std::nullopt;
  if (row->kind != Row::reducing && row->kind != Row::picking) return perm;
  return shortened(perm, dropped_axes(graph, node, *row));
}

void flip(Graph& graph, NodeId id, const Ints& perm) {
  const Ints output_perm = *flipped_output_perm(graph, id, perm);
  for (const size_t index : flippable_inputs(graph, id)) flip_input(graph, id, index, perm);
  find_row(graph.node(id))->rename(graph, id, perm);
  for (size_t i = graph.node(id).outputs.size(); i-- > 0;) flip_output(graph, id, i, output_perm);
}

}  // namespace es::passes
