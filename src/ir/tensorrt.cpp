// SPDX-License-Identifier: Apache-2.0
#include "ir/tensorrt.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace es::ir {
namespace {

struct Row {
  std::string_view op_type;
  Release oldest;
};

constexpr Release v7_1{7, 1}, v7_2{7, 2}, v8_0{8, 0}, v8_2{8, 2}, v8_4{8, 4}, v8_5{8, 5}, v8_6{8, 6}, v10_0{10, 0};

// In the form of opset 13 where it matters.
constexpr std::array rows{
    Row{"Abs", v7_1},
    Row{"Add", v7_1},
    Row{"And", v7_1},
    Row{"ArgMax", v7_1},
    Row{"ArgMin", v7_1},
    Row{"Atan", v7_1},
    Row{"AveragePool", v7_1},
    Row{"BatchNormalization", v7_1},
    Row{"Cast", v7_1},
    Row{"Ceil", v7_1},
    Row{"Clip", v7_1},
    Row{"Concat", v7_1},
    Row{"ConstantOfShape", v7_1},
    Row{"Conv", v7_1},
    Row{"ConvTranspose", v7_1},
    Row{"Cos", v7_1},
    Row{"CumSum", v7_2},
    Row{"DepthToSpace", v7_1},
    Row{"DequantizeLinear", v8_0},
    Row{"Div", v7_1},
    Row{"Elu", v7_1},
    Row{"Equal", v7_1},
    Row{"Erf", v7_1},
    Row{"Exp", v7_1},
    Row{"Expand", v7_1},
    Row{"Flatten", v7_1},
    Row{"Floor", v7_1},
    Row{"Gather", v7_1},
    Row{"GatherElements", v7_2},
    Row{"GatherND", v8_2},
    Row{"Gelu", v10_0},
    Row{"Gemm", v7_1},
    Row{"GlobalAveragePool", v7_1},
    Row{"GlobalMaxPool", v7_1},
    Row{"Greater", v7_1},
    Row{"GreaterOrEqual", v7_2},
    Row{"HardSigmoid", v7_1},
    Row{"HardSwish", v8_4},
    Row{"Identity", v7_1},
    Row{"InstanceNormalization", v7_1},
    Row{"LRN", v7_1},
    Row{"LayerNormalization", v8_6},
    Row{"LeakyRelu", v7_1},
    Row{"Less", v7_1},
    Row{"LessOrEqual", v7_2},
    Row{"Log", v7_1},
    Row{"LogSoftmax", v7_2},
    Row{"MatMul", v7_1},
    Row{"Max", v7_1},
    Row{"MaxPool", v7_1},
    Row{"Min", v7_1},
    Row{"Mod", v8_5},
    Row{"Mul", v7_1},
    Row{"Neg", v7_1},
    Row{"NonMaxSuppression", v8_5},
    Row{"NonZero", v8_5},
    Row{"Not", v7_1},
    Row{"OneHot", v8_5},
    Row{"Or", v7_1},
    Row{"PRelu", v7_1},
    Row{"Pad", v7_1},
    Row{"Pow", v7_1},
    Row{"QuantizeLinear", v8_0},
    Row{"Range", v7_1},
    Row{"Reciprocal", v7_1},
    Row{"ReduceL2", v7_1},
    Row{"ReduceMax", v7_1},
    Row{"ReduceMean", v7_1},
    Row{"ReduceMin", v7_1},
    Row{"ReduceProd", v7_1},
    Row{"ReduceSum", v7_2},
    Row{"Relu", v7_1},
    Row{"Reshape", v7_1},
    Row{"Resize", v8_0},
    Row{"ReverseSequence", v7_2},
    Row{"Round", v8_2},
    Row{"ScatterND", v8_2},
    Row{"Shape", v7_1},
    Row{"Sigmoid", v7_1},
    Row{"Sign", v8_2},
    Row{"Sin", v7_1},
    Row{"Slice", v7_1},
    Row{"Softmax", v7_2},
    Row{"SpaceToDepth", v7_1},
    Row{"Split", v8_0},
    Row{"Sqrt", v7_1},
    Row{"Squeeze", v7_2},
    Row{"Sub", v7_1},
    Row{"Sum", v7_1},
    Row{"Tanh", v7_1},
    Row{"Tile", v7_1},
    Row{"TopK", v7_1},
    Row{"Transpose", v7_1},
    Row{"Unsqueeze", v7_2},
    Row{"Where", v7_1},
};

bool is_zero(const Graph& graph, ValueId id) {
  if (id == no_value) return true;
  const auto* data = graph.constant(id);
  return data != nullptr && data->elements() == 1 && data->as_doubles()[0] == 0;
}

// Zeros on two axes at most are what the oldest parsers know.
Release pad_release(const Graph& graph, const Node& node) {
  const auto* pads = graph.constant(node.input(1));
  if (pads == nullptr || node.get_string("mode", "constant") != "constant" || !is_zero(graph, node.input(2)))
    return v8_2;
  const auto amounts = pads->as_ints();
  int axes = 0;
  for (size_t i = 0; i < amounts.size() / 2; ++i) axes += amounts[i] != 0 || amounts[i + amounts.size() / 2] != 0;
  return node.input(3) != no_value ? v10_0 : axes <= 2 ? v7_1 : v8_2;
}

Release resize_release(const Node& node) {
  const bool is_old = node.get_string("mode", "nearest") == "nearest" &&
                      node.get_string("coordinate_transformation_mode", "half_pixel") == "asymmetric" &&
                      node.get_string("nearest_mode", "round_prefer_floor") == "floor" && node.input(2) != no_value;
  return node.find("axes") != nullptr ? v10_0 : is_old ? v7_1 : v8_0;
}

Release pool_release(const Node& node) {
  const auto pads = node.get_ints("pads");
  for (size_t i = 0; i < pads.size() / 2; ++i) {
    const int64_t excess = pads[i + pads.size() / 2] - pads[i];
    if (excess < 0 || excess > 1) return v8_5;
  }
  return v7_1;
}

// From opset 18 on all Reduce have their axes as an input, which older parsers read as "all axes" without a word.
bool is_new_reduce(const Graph& graph, const Node& node) {
  return graph.opset >= 18 && node.op_type.starts_with("Reduce") && node.op_type != "ReduceSum";
}

// UINT8 is refused by every parser.
bool is_unsigned_pair(const Graph& graph, const Node& node) {
  const bool is_pair = node.op_type == "QuantizeLinear" || node.op_type == "DequantizeLinear";
  const auto reads = [&](size_t input, DType dtype) {
    return node.input(input) != no_value && graph.value(node.input(input)).dtype == dtype;
  };
  return is_pair && (reads(2, DType::u8) || reads(0, DType::u8) || reads(0, DType::i32));
}

std::optional<Release> release_of(const Graph& graph, const Node& node) {
  if (!node.domain.empty() || is_unsigned_pair(graph, node)) return std::nullopt;
  if (node.op_type == "Pad") return pad_release(graph, node);
  if (node.op_type == "Resize") return resize_release(node);
  if (node.op_type == "AveragePool") return pool_release(node);
  if (is_new_reduce(graph, node)) return v10_0;
  return oldest_tensorrt(node.op_type);
}

// --- words

struct Target {
  std::string_view word;
  Release release;
};

// From NVIDIA's release notes. A platform's newest minor release counts.
constexpr std::array targets{
    Target{"ds6.0", v8_0},          Target{"ds6.1", v8_2},        Target{"ds6.2", v8_5},
    Target{"ds6.3", v8_5},          Target{"ds6.4", v8_6},        Target{"ds7.0", v8_6},
    Target{"ds7.1", {10, 3}},       Target{"ds9.1", {10, 16}},    Target{"jetpack4.5", v7_1},
    Target{"jetpack4.6", v8_0},     Target{"jetpack4.6.1", v8_2}, Target{"jetpack5.0", v8_4},
    Target{"jetpack5.1", v8_5},     Target{"jetpack6.0", v8_6},   Target{"jetpack6.1", {10, 3}},
    Target{"jetpack7.2", {10, 16}},
};

}  // namespace

std::ostream& operator<<(std::ostream& out, const Release& release) {
  return out << release.major << '.' << release.minor;
}

std::optional<Release> oldest_tensorrt(std::string_view op_type) {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.op_type == op_type; });
  return found == rows.end() ? std::nullopt : std::optional(found->oldest);
}

TensorRtFit fit_tensorrt(const Graph& graph) {
  TensorRtFit fit;
  for (const NodeId id : graph.nodes()) {
    const Node& node = graph.node(id);
    const auto release = release_of(graph, node);
    if (!release) {
      if (fit.never.empty()) fit.never = node.describe();
    } else if (*release > fit.oldest) {
      fit.oldest = *release;
      fit.node = node.describe();
    }
  }
  return fit;
}

std::optional<Release> release_of_target(std::string_view target) {
  for (const auto& row : targets) {
    if (row.word == target) return row.release;
  }
  if (target.starts_with("trt")) target.remove_prefix(3);
  const size_t dot = target.find('.');
  const auto major = to_integer(target.substr(0, dot));
  const auto minor = dot == std::string_view::npos ? std::optional<long long>(0) : to_integer(target.substr(dot + 1));
  if (!major || !minor || *major < 7 || *major > 99 || *minor < 0 || *minor > 99) return std::nullopt;
  return Release{static_cast<int>(*major), static_cast<int>(*minor)};
}

std::string target_words() {
  std::string words = "a TensorRT release (8.5)";
  for (const auto& row : targets) words += text(", ", row.word);
  return words;
}

}  // namespace es::ir
