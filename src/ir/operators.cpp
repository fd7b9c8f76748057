// SPDX-License-Identifier: Apache-2.0
#include "ir/operators.h"

#include <algorithm>
#include <array>

namespace es::ir {
namespace {

constexpr std::string_view control = "control flow is not supported: export the model without it";
constexpr std::string_view sequence = "sequences and optional values are not supported";
constexpr std::string_view random = "its output is random, so that no conversion of it can be proven";
constexpr std::string_view text = "it works on text or files, not on tensors of numbers";
constexpr std::string_view training = "it belongs to training: export the model for inference";

// clang-format off
constexpr std::array table{
    Operator{"Abs", 1, 1},
    Operator{"Acos", 7, 1},
    Operator{"Acosh", 9, 1},
    Operator{"Add", 1, 2},
    Operator{"AffineGrid", 20, 2},
    Operator{"And", 1, 2},
    Operator{"ArgMax", 1, 1},
    Operator{"ArgMin", 1, 1},
    Operator{"Asin", 7, 1},
    Operator{"Asinh", 9, 1},
    Operator{"Atan", 7, 1},
    Operator{"Atanh", 9, 1},
    Operator{"AveragePool", 1, 1},
    Operator{"BatchNormalization", 1, 5},
    Operator{"Bernoulli", 15, 1, random},
    Operator{"BitShift", 11, 2},
    Operator{"BitwiseAnd", 18, 2},
    Operator{"BitwiseNot", 18, 1},
    Operator{"BitwiseOr", 18, 2},
    Operator{"BitwiseXor", 18, 2},
    Operator{"BlackmanWindow", 17, 1},
    Operator{"Cast", 1, 1},
    Operator{"CastLike", 15, 2},
    Operator{"Ceil", 1, 1},
    Operator{"Celu", 12, 1},
    Operator{"CenterCropPad", 18, 2},
    Operator{"Clip", 1, 1},
    Operator{"Col2Im", 18, 3},
    Operator{"Compress", 9, 2},
    Operator{"Concat", 1, 1},
    Operator{"ConcatFromSequence", 11, 1, sequence},
    Operator{"Constant", 1, 0},
    Operator{"ConstantOfShape", 9, 1},
    Operator{"Conv", 1, 2},
    Operator{"ConvInteger", 10, 2},
    Operator{"ConvTranspose", 1, 2},
    Operator{"Cos", 7, 1},
    Operator{"Cosh", 9, 1},
    Operator{"CumSum", 11, 2},
    Operator{"DFT", 17, 1},
    Operator{"DeformConv", 19, 3},
    Operator{"DepthToSpace", 1, 1},
    Operator{"DequantizeLinear", 10, 2},
    Operator{"Det", 11, 1},
    Operator{"Div", 1, 2},
    Operator{"Dropout", 1, 1},
    Operator{"DynamicQuantizeLinear", 11, 1},
    Operator{"Einsum", 12, 1},
    Operator{"Elu", 1, 1},
    Operator{"Equal", 1, 2},
    Operator{"Erf", 9, 1},
    Operator{"Exp", 1, 1},
    Operator{"Expand", 8, 2},
    Operator{"EyeLike", 9, 1},
    Operator{"Flatten", 1, 1},
    Operator{"Floor", 1, 1},
    Operator{"GRU", 1, 3},
    Operator{"Gather", 1, 2},
    Operator{"GatherElements", 11, 2},
    Operator{"GatherND", 11, 2},
    Operator{"Gelu", 20, 1},
    Operator{"Gemm", 1, 2},
    Operator{"GlobalAveragePool", 1, 1},
    Operator{"GlobalLpPool", 1, 1},
    Operator{"GlobalMaxPool", 1, 1},
    Operator{"Greater", 1, 2},
    Operator{"GreaterOrEqual", 12, 2},
    Operator{"GridSample", 16, 2},
    Operator{"GroupNormalization", 18, 3},
    Operator{"HammingWindow", 17, 1},
    Operator{"HannWindow", 17, 1},
    Operator{"HardSigmoid", 1, 1},
    Operator{"HardSwish", 14, 1},
    Operator{"Hardmax", 1, 1},
    Operator{"Identity", 1, 1},
    Operator{"If", 1, 1, control},
    Operator{"ImageDecoder", 20, 1, text},
    Operator{"InstanceNormalization", 1, 3},
    Operator{"IsInf", 10, 1},
    Operator{"IsNaN", 9, 1},
    Operator{"LRN", 1, 1},
    Operator{"LSTM", 1, 3},
    Operator{"LayerNormalization", 17, 2},
    Operator{"LeakyRelu", 1, 1},
    Operator{"Less", 1, 2},
    Operator{"LessOrEqual", 12, 2},
    Operator{"Log", 1, 1},
    Operator{"LogSoftmax", 1, 1},
    Operator{"Loop", 1, 2, control},
    Operator{"LpNormalization", 1, 1},
    Operator{"LpPool", 1, 1},
    Operator{"MatMul", 1, 2},
    Operator{"MatMulInteger", 10, 2},
    Operator{"Max", 1, 1},
    Operator{"MaxPool", 1, 1},
    Operator{"MaxRoiPool", 1, 2},
    Operator{"MaxUnpool", 9, 2},
    Operator{"Mean", 1, 1},
    Operator{"MeanVarianceNormalization", 9, 1},
    Operator{"MelWeightMatrix", 17, 5},
    Operator{"Min", 1, 1},
    Operator{"Mish", 18, 1},
    Operator{"Mod", 10, 2},
    Operator{"Mul", 1, 2},
    Operator{"Multinomial", 7, 1, random},
    Operator{"Neg", 1, 1},
    Operator{"NegativeLogLikelihoodLoss", 12, 2, training},
    Operator{"NonMaxSuppression", 10, 2},
    Operator{"NonZero", 9, 1},
    Operator{"Not", 1, 1},
    Operator{"OneHot", 9, 3},
    Operator{"Optional", 15, 0, sequence},
    Operator{"OptionalGetElement", 15, 1, sequence},
    Operator{"OptionalHasElement", 15, 0, sequence},
    Operator{"Or", 1, 2},
    Operator{"PRelu", 1, 2},
    Operator{"Pad", 1, 1},
    Operator{"Pow", 1, 2},
    Operator{"QLinearConv", 10, 8},
    Operator{"QLinearMatMul", 10, 8},
    Operator{"QuantizeLinear", 10, 2},
    Operator{"RNN", 1, 3},
    Operator{"RandomNormal", 1, 0, random},
    Operator{"RandomNormalLike", 1, 1, random},
    Operator{"RandomUniform", 1, 0, random},
    Operator{"RandomUniformLike", 1, 1, random},
    Operator{"Range", 11, 3},
    Operator{"Reciprocal", 1, 1},
    Operator{"ReduceL1", 1, 1},
    Operator{"ReduceL2", 1, 1},
    Operator{"ReduceLogSum", 1, 1},
    Operator{"ReduceLogSumExp", 1, 1},
    Operator{"ReduceMax", 1, 1},
    Operator{"ReduceMean", 1, 1},
    Operator{"ReduceMin", 1, 1},
    Operator{"ReduceProd", 1, 1},
    Operator{"ReduceSum", 1, 1},
    Operator{"ReduceSumSquare", 1, 1},
    Operator{"RegexFullMatch", 20, 1, text},
    Operator{"Relu", 1, 1},
    Operator{"Reshape", 1, 2},
    Operator{"Resize", 10, 1},
    Operator{"ReverseSequence", 10, 2},
    Operator{"RoiAlign", 10, 3},
    Operator{"Round", 11, 1},
    Operator{"STFT", 17, 2},
    Operator{"Scan", 8, 1, control},
    Operator{"Scatter", 9, 3},
    Operator{"ScatterElements", 11, 3},
    Operator{"ScatterND", 11, 3},
    Operator{"Selu", 1, 1},
    Operator{"SequenceAt", 11, 2, sequence},
    Operator{"SequenceConstruct", 11, 1, sequence},
    Operator{"SequenceEmpty", 11, 0, sequence},
    Operator{"SequenceErase", 11, 1, sequence},
    Operator{"SequenceInsert", 11, 2, sequence},
    Operator{"SequenceLength", 11, 1, sequence},
    Operator{"SequenceMap", 17, 1, control},
    Operator{"Shape", 1, 1},
    Operator{"Shrink", 9, 1},
    Operator{"Sigmoid", 1, 1},
    Operator{"Sign", 9, 1},
    Operator{"Sin", 7, 1},
    Operator{"Sinh", 9, 1},
    Operator{"Size", 1, 1},
    Operator{"Slice", 1, 1},
    Operator{"Softmax", 1, 1},
    Operator{"SoftmaxCrossEntropyLoss", 12, 2, training},
    Operator{"Softplus", 1, 1},
    Operator{"Softsign", 1, 1},
    Operator{"SpaceToDepth", 1, 1},
    Operator{"Split", 1, 1},
    Operator{"SplitToSequence", 11, 1, sequence},
    Operator{"Sqrt", 1, 1},
    Operator{"Squeeze", 1, 1},
    Operator{"StringConcat", 20, 2, text},
    Operator{"StringNormalizer", 10, 1, text},
    Operator{"StringSplit", 20, 1, text},
    Operator{"Sub", 1, 2},
    Operator{"Sum", 1, 1},
    Operator{"Tan", 7, 1},
    Operator{"Tanh", 1, 1},
    Operator{"TfIdfVectorizer", 9, 1, text},
    Operator{"ThresholdedRelu", 10, 1},
    Operator{"Tile", 1, 2},
    Operator{"TopK", 1, 1},
    Operator{"Transpose", 1, 1},
    Operator{"Trilu", 14, 1},
    Operator{"Unique", 11, 1},
    Operator{"Unsqueeze", 1, 1},
    Operator{"Upsample", 1, 1},
    Operator{"Where", 9, 3},
    Operator{"Xor", 1, 2},
};
// clang-format on

static_assert(std::is_sorted(table.begin(), table.end(), [](const auto& a, const auto& b) { return a.name < b.name; }));

// Attributes and inputs that came to an operator after opset 13, and that lifting leaves only where they say something.
struct LaterForm {
  std::string_view op_type;
  std::string_view attribute;
  int since;
};

constexpr std::array later_forms{
    LaterForm{"AveragePool", "dilations", 19},
    LaterForm{"DequantizeLinear", "block_size", 21},
    LaterForm{"GRU", "layout", 14},
    LaterForm{"LSTM", "layout", 14},
    LaterForm{"QuantizeLinear", "block_size", 21},
    LaterForm{"QuantizeLinear", "output_dtype", 21},
    LaterForm{"QuantizeLinear", "saturate", 19},
    LaterForm{"RNN", "layout", 14},
    LaterForm{"Reshape", "allowzero", 14},
    LaterForm{"Resize", "antialias", 18},
    LaterForm{"Resize", "axes", 18},
    LaterForm{"Resize", "keep_aspect_ratio_policy", 18},
    LaterForm{"ScatterElements", "reduction", 16},
    LaterForm{"ScatterND", "reduction", 16},
    LaterForm{"Shape", "end", 15},
    LaterForm{"Shape", "start", 15},
    LaterForm{"Split", "num_outputs", 18},
};

int64_t needed_by(const Node& node) {
  const Operator* known = find_operator(node.op_type);
  int64_t needed = known ? known->since : 1;
  for (const auto& form : later_forms) {
    if (form.op_type == node.op_type && node.find(form.attribute)) needed = std::max<int64_t>(needed, form.since);
  }
  const bool reduces_by_input =
      node.op_type.starts_with("Reduce") && node.op_type != "ReduceSum" && node.input(1) != no_value;
  if (reduces_by_input || (node.op_type == "Pad" && node.input(3) != no_value)) needed = std::max<int64_t>(needed, 18);
  if (node.op_type == "Pad" && node.find("mode") && node.get_string("mode", "") == "wrap") needed = 19;
  if (node.op_type == "GroupNormalization") needed = 21;
  return needed;
}

}  // namespace

std::span<const Operator> operators() { return table; }

const Operator* find_operator(std::string_view name) {
  const auto* found = std::lower_bound(table.begin(), table.end(), name,
                                       [](const Operator& row, std::string_view wanted) { return row.name < wanted; });
  return found != table.end() && found->name == name ? found : nullptr;
}

int64_t needed_opset(const Graph& graph, NodeId* because) {
  int64_t needed = 13;
  for (const NodeId id : graph.nodes()) {
    if (needed_by(graph.node(id)) <= needed) continue;
    needed = needed_by(graph.node(id));
    if (because) *because = id;
  }
  return needed;
}

int64_t ir_version_of(int64_t opset) {
  if (opset <= 11) return 6;
  if (opset <= 14) return 7;
  if (opset <= 18) return 8;
  return opset <= 20 ? 9 : 10;
}

}  // namespace es::ir
