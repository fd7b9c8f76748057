// SPDX-License-Identifier: Apache-2.0
#include "passes/batch_rules.h"

#include <algorithm>
#include <array>

#include "ir/shapes.h"
#include "passes/edit.h"

namespace es::passes {
namespace {

using ir::Dim;
using ir::Graph;
using ir::Ints;
using ir::Node;
using ir::Shape;
using ir::ValueId;

using Reason = std::optional<std::string>;

size_t normalised(int64_t axis, size_t rank) {
  return static_cast<size_t>(axis < 0 ? axis + static_cast<int64_t>(rank) : axis);
}

size_t rank_of(const Graph& graph, ValueId id) { return static_cast<size_t>(graph.value(id).rank()); }

// Broadcasting is inference's to judge: where the batch meets another number it contradicts.
Reason element_by_element(const Graph&, const Node&) { return std::nullopt; }

// Convolutions, pools and their like: axis 0 is the one they keep apart.
Reason batch_first(const Graph& graph, const Node& node) {
  const auto axis = batch_axis(graph, node.inputs[0]);
  if (axis && *axis != 0) return text("the batch stands on axis ", *axis, " of its data, not on axis 0");
  for (size_t i = 1; i < node.inputs.size(); ++i) {
    if (batch_axis(graph, node.inputs[i])) return "its weights depend on the batch";
  }
  return std::nullopt;
}

bool works_along(const Graph& graph, const Node& node, int64_t axis) {
  const auto batch = batch_axis(graph, node.inputs[0]);
  return batch && normalised(axis, rank_of(graph, node.inputs[0])) == *batch;
}

template <int64_t otherwise>
Reason along_axis(const Graph& graph, const Node& node) {
  if (works_along(graph, node, node.get_int("axis", otherwise))) return "works along the batch axis";
  return std::nullopt;
}

// All data inputs of a Concat count.
Reason concat(const Graph& graph, const Node& node) {
  for (const ValueId input : node.inputs) {
    const auto batch = batch_axis(graph, input);
    if (batch && normalised(node.get_int("axis", 0), rank_of(graph, input)) == *batch)
      return "joins along the batch axis";
  }
  return std::nullopt;
}

Reason gather(const Graph& graph, const Node& node) {
  if (works_along(graph, node, node.get_int("axis", 0))) return "picks items out of the batch";
  return std::nullopt;
}

Reason cumulative(const Graph& graph, const Node& node) {
  const ir::TensorData* axis = graph.constant(node.input(1));
  if (!axis || axis->elements() != 1) return "its axis is computed";
  if (works_along(graph, node, axis->as_ints()[0])) return "sums along the batch axis";
  return std::nullopt;
}

bool lists_batch(const Graph& graph, const Node& node, const Ints& axes) {
  return std::any_of(axes.begin(), axes.end(), [&](int64_t axis) { return works_along(graph, node, axis); });
}

Reason reduce(const Graph& graph, const Node& node) {
  const ir::TensorData* axes = graph.constant(node.input(1));
  if (!axes && node.input(1) != ir::no_value) return "its axes are computed";
  const Ints listed = axes ? axes->as_ints() : node.get_ints("axes");
  if (listed.empty() || lists_batch(graph, node, listed)) return "reduces over the batch";
  return std::nullopt;
}

Reason slice(const Graph& graph, const Node& node) {
  const ir::TensorData* starts = graph.constant(node.input(1));
  const ir::TensorData* axes = graph.constant(node.input(3));
  if (!starts || (node.input(3) != ir::no_value && !axes)) return "its bounds are computed";
  Ints listed(static_cast<size_t>(starts->elements()));
  for (size_t i = 0; i < listed.size(); ++i) listed[i] = static_cast<int64_t>(i);
  if (axes) listed = axes->as_ints();
  if (lists_batch(graph, node, listed)) return "cuts the batch";
  return std::nullopt;
}

Reason pad(const Graph& graph, const Node& node) {
  const auto batch = batch_axis(graph, node.inputs[0]);
  const ir::TensorData* pads = graph.constant(node.input(1));
  if (!batch) return std::nullopt;
  const auto rank = static_cast<int64_t>(rank_of(graph, node.inputs[0]));
  if (!pads || node.input(3) != ir::no_value || pads->elements() != 2 * rank) return "its amounts are computed";
  const auto amounts = pads->as_ints();
  if (amounts[*batch] != 0 || amounts[*batch + amounts.size() / 2] != 0) return "pads the batch";
  return std::nullopt;
}

Reason tile(const Graph& graph, const Node& node) {
  const auto batch = batch_axis(graph, node.inputs[0]);
  const ir::TensorData* repeats = graph.constant(node.input(1));
  if (!batch) return std::nullopt;
  const auto rank = static_cast<int64_t>(rank_of(graph, node.inputs[0]));
  if (!repeats || repeats->elements() != rank) return "its repeats are computed";
  if (repeats->as_ints()[*batch] != 1) return "repeats the batch";
  return std::nullopt;
}

// The batch must not stand on the axis over which the product sums.
Reason matmul(const Graph& graph, const Node& node) {
  const auto left = batch_axis(graph, node.inputs[0]), right = batch_axis(graph, node.inputs[1]);
  const size_t left_rank = rank_of(graph, node.inputs[0]), right_rank = rank_of(graph, node.inputs[1]);
  if ((left && *left + 1 == left_rank) || (right && *right + 2 == std::max<size_t>(right_rank, 2))) {
    return "sums over the batch";
  }
  if (right && *right + 1 == right_rank) return "its right matrix has the batch on its columns";
  return std::nullopt;
}

Reason gemm(const Graph& graph, const Node& node) {
  const bool transposed = node.get_int("transA", 0) != 0;
  const auto left = batch_axis(graph, node.inputs[0]);
  if (left && *left == (transposed ? 0u : 1u)) return "sums over the batch";
  if (batch_axis(graph, node.inputs[1])) return "its right matrix depends on the batch";
  return std::nullopt;
}

Reason layer_normalization(const Graph& graph, const Node& node) {
  const auto batch = batch_axis(graph, node.inputs[0]);
  if (batch && normalised(node.get_int("axis", -1), rank_of(graph, node.inputs[0])) <= *batch) {
    return "normalises over the batch";
  }
  return std::nullopt;
}

Reason resize(const Graph& graph, const Node& node) {
  const auto batch = batch_axis(graph, node.inputs[0]);
  const auto& out = graph.value(node.outputs[0]).shape;
  if (batch && (!out || (*out)[*batch] != (*graph.value(node.inputs[0]).shape)[*batch]))
    return "resizes the batch axis";
  return std::nullopt;
}

Reason reshape(const Graph& graph, const Node& node) {
  const auto& in = graph.value(node.inputs[0]).shape;
  const auto& out = graph.value(node.outputs[0]).shape;
  if (!in || !out || !out->is_known()) return "its target shape is not known for every batch";
  const auto at_one = out->at_batch(1);
  const auto expected = reshaped_with_batch(*in, *at_one);
  if (!expected || *expected != *out) return text("takes ", *in, " apart so that the items of a batch mix");
  return std::nullopt;
}

// The outer axes of boxes [N, n, 4] and scores [N, classes, n].
Reason non_max_suppression(const Graph& graph, const Node& node) {
  for (const ValueId input : {node.inputs[0], node.inputs[1]}) {
    if (batch_axis(graph, input).value_or(0) != 0) return "the batch does not stand on axis 0 of its boxes and scores";
  }
  return std::nullopt;
}

// Whether a value is the list that a NonMaxSuppression selects for all items together, or comes of its length alone.
bool is_selection(const Graph& graph, ValueId id) {
  const Node* node = graph.producer_node(id);
  if (node == nullptr) return false;
  if (node->op_type == "NonMaxSuppression") return true;
  static constexpr std::array of_length{"Shape", "Slice", "Gather", "ConstantOfShape", "Expand", "Cast", "Identity"};
  const bool passes_on =
      std::any_of(of_length.begin(), of_length.end(), [&](const char* op_type) { return node->op_type == op_type; });
  return passes_on && is_selection(graph, node->inputs[0]);
}

// Marks at the places that a NonMaxSuppression chose: each row of its list names the item that it belongs to.
bool marks_selection(const Graph& graph, const Node& node) {
  return node.op_type == "ScatterND" && batch_axis(graph, node.inputs[0]) == size_t{0} &&
         is_selection(graph, node.inputs[1]) && graph.producer_node(node.inputs[1])->op_type == "NonMaxSuppression" &&
         is_selection(graph, node.inputs[2]);
}

struct Row {
  std::string_view op_type;
  Reason (*reason)(const Graph&, const Node&);
};

constexpr auto each = element_by_element;
constexpr std::array rows{
    Row{"Abs", each},
    Row{"Acos", each},
    Row{"Add", each},
    Row{"And", each},
    Row{"ArgMax", along_axis<0>},
    Row{"ArgMin", along_axis<0>},
    Row{"Asin", each},
    Row{"Atan", each},
    Row{"AveragePool", batch_first},
    Row{"BatchNormalization", batch_first},
    Row{"Cast", each},
    Row{"Ceil", each},
    Row{"Celu", each},
    Row{"Clip", each},
    Row{"Concat", concat},
    Row{"ConstantOfShape", each},
    Row{"Conv", batch_first},
    Row{"ConvTranspose", batch_first},
    Row{"Cos", each},
    Row{"CumSum", cumulative},
    Row{"DepthToSpace", batch_first},
    Row{"DequantizeLinear", each},
    Row{"Div", each},
    Row{"Dropout", each},
    Row{"Elu", each},
    Row{"Equal", each},
    Row{"Erf", each},
    Row{"Exp", each},
    Row{"Expand", each},
    Row{"Flatten", reshape},
    Row{"Floor", each},
    Row{"Gather", gather},
    Row{"GatherElements", along_axis<0>},
    Row{"Gelu", each},
    Row{"Gemm", gemm},
    Row{"GlobalAveragePool", batch_first},
    Row{"GlobalLpPool", batch_first},
    Row{"GlobalMaxPool", batch_first},
    Row{"Greater", each},
    Row{"GreaterOrEqual", each},
    Row{"GridSample", each},
    Row{"GroupNormalization", batch_first},
    Row{"HardSigmoid", each},
    Row{"HardSwish", each},
    Row{"Hardmax", along_axis<-1>},
    Row{"Identity", each},
    Row{"InstanceNormalization", batch_first},
    Row{"LRN", batch_first},
    Row{"LayerNormalization", layer_normalization},
    Row{"LeakyRelu", each},
    Row{"Less", each},
    Row{"LessOrEqual", each},
    Row{"Log", each},
    Row{"LogSoftmax", along_axis<-1>},
    Row{"LpNormalization", along_axis<-1>},
    Row{"LpPool", batch_first},
    Row{"MatMul", matmul},
    Row{"Max", each},
    Row{"MaxPool", batch_first},
    Row{"Mean", each},
    Row{"Min", each},
    Row{"Mish", each},
    Row{"Mod", each},
    Row{"Mul", each},
    Row{"Neg", each},
    Row{"NonMaxSuppression", non_max_suppression},
    Row{"Not", each},
    Row{"OneHot", each},
    Row{"Or", each},
    Row{"PRelu", each},
    Row{"Pad", pad},
    Row{"Pow", each},
    Row{"QuantizeLinear", each},
    Row{"Range", each},
    Row{"Reciprocal", each},
    Row{"ReduceL1", reduce},
    Row{"ReduceL2", reduce},
    Row{"ReduceLogSum", reduce},
    Row{"ReduceLogSumExp", reduce},
    Row{"ReduceMax", reduce},
    Row{"ReduceMean", reduce},
    Row{"ReduceMin", reduce},
    Row{"ReduceProd", reduce},
    Row{"ReduceSum", reduce},
    Row{"ReduceSumSquare", reduce},
    Row{"Relu", each},
    Row{"Reshape", reshape},
    Row{"Resize", resize},
    Row{"Round", each},
    Row{"Selu", each},
    Row{"Shape", each},
    Row{"Sigmoid", each},
    Row{"Sign", each},
    Row{"Sin", each},
    Row{"Size", each},
    Row{"Slice", slice},
    Row{"Softmax", along_axis<-1>},
    Row{"Softplus", each},
    Row{"Softsign", each},
    Row{"SpaceToDepth", batch_first},
    Row{"Split", along_axis<0>},
    Row{"Sqrt", each},
    Row{"Squeeze", each},
    Row{"Sub", each},
    Row{"Sum", each},
    Row{"Tan", each},
    Row{"Tanh", each},
    Row{"ThresholdedRelu", each},
    Row{"Tile", tile},
    Row{"TopK", along_axis<-1>},
    Row{"Transpose", each},
    Row{"Unsqueeze", each},
    Row{"Where", each},
    Row{"Xor", each},
};

const Row* find_row(const Node& node) {
  const auto* found =
      std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.op_type == node.op_type; });
  return found != rows.end() && node.domain.empty() ? found : nullptr;
}

}  // namespace

std::optional<size_t> batch_axis(const Graph& graph, ValueId id) {
  if (id == ir::no_value || !graph.value(id).shape) return std::nullopt;
  const Shape& shape = *graph.value(id).shape;
  for (size_t i = 0; i < shape.rank(); ++i) {
    if (shape[i].times_batch) return i;
  }
  return std::nullopt;
}

std::optional<std::string> reason_against_batch(const Graph& graph, ir::NodeId id) {
  const Node& node = graph.node(id);
  if (marks_selection(graph, node) || is_selection(graph, node.output(0))) {
    return node.op_type == "NonMaxSuppression" ? non_max_suppression(graph, node) : std::nullopt;
  }
  bool carries = false, known = true;
  for (const ValueId input : node.inputs) {
    if (input == ir::no_value) continue;
    carries = carries || batch_axis(graph, input);
    known = known && graph.value(input).shape && graph.value(input).shape->is_known();
  }
  if (!known) return "the shape of its input is not known for every batch";
  if (!carries) return std::nullopt;
  const Row* row = find_row(node);
  return row ? row->reason(graph, node) : std::optional<std::string>("what it does to a batch is not known");
}

// Walks both shapes from the left in groups of equal product. The batch must be the outermost factor of its group on
// the way in; on the way out it multiplies the group's first dimension.
std::optional<Shape> reshaped_with_batch(const Shape& from, const Ints& to) {
  const auto dims = from.at_batch(1);
  std::vector<Dim> result(to.begin(), to.end());
  size_t batch = 0;
  while (batch < from.rank() && !from[batch].times_batch) ++batch;
  if (batch == from.rank() || !dims) return Shape(std::move(result));

  size_t i = 0, o = 0;
  while (i < dims->size() || o < to.size()) {
    const size_t first_in = i, first_out = o;
    int64_t in = 1, out = 1;
    // At least one dimension of each side where there is one; then the smaller side grows, and unit dimensions follow.
    if (i < dims->size()) in = (*dims)[i++];
    if (o < to.size()) out = to[o++];
    while (in != out || (i < dims->size() && (*dims)[i] == 1) || (o < to.size() && to[o] == 1)) {
      const bool grow_in = i < dims->size() && (in < out || (in == out && (*dims)[i] == 1));
      const bool grow_out = o < to.size() && (out < in || (in == out && to[o] == 1));
      if (in == 0 || out == 0 || (!grow_in && !grow_out)) return std::nullopt;
      if (grow_in ? __builtin_mul_overflow(in, (*dims)[i++], &in) : __builtin_mul_overflow(out, to[o++], &out)) {
        return std::nullopt;
      }
    }
    if (batch < first_in || batch >= i) continue;
    for (size_t before = first_in; before < batch; ++before) {
      if ((*dims)[before] != 1) return std::nullopt;
    }
    if (first_out == o) return std::nullopt;  // nothing on the way out takes the batch
    result[first_out].times_batch = true;
  }
  return Shape(std::move(result));
}

}  // namespace es::passes
