// SPDX-License-Identifier: Apache-2.0
//
// The integers of a file, given back to a graph that was rewritten as floats.
//
// Passes see floats alone, so that everything that can be fused is fused. What they do to weights is a change of axes,
// never of the order of output channels; so an operator's scales still fit, and a weight that is no longer a multiple
// of its scale (another factor went into it) is recognised and left alone.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "ir/shapes.h"
#include "translate/constants.h"
#include "translate/translate.h"

namespace es::translate {
namespace {

using ir::Graph;
using ir::NodeId;
using ir::TensorData;
using ir::ValueId;
using tflite::Tensor;
using tflite::TensorType;

constexpr double whole = 1e-3;  // how near to an integer a quotient must be

// "op 17 CONV_2D ('...')" -> 17; -1 where a node has no such origin.
int operator_of(const ir::Node& node) {
  constexpr std::string_view prefix = "op ";
  if (!node.origin.starts_with(prefix)) return -1;
  int index = -1;
  const char* begin = node.origin.data() + prefix.size();
  std::from_chars(begin, node.origin.data() + node.origin.size(), index);
  return index;
}

bool has_eight_bits(TensorType type) { return type == TensorType::int8 || type == TensorType::uint8; }

class Quantizer {
 public:
  Quantizer(Graph& graph, const tflite::Model& model) : graph_(graph), model_(model), inference_(graph) {}

  Quantized run() {
    for (const auto& tensor : model_.tensors()) {
      require(
          tensor.type != TensorType::int16 || !tensor.is_quantized() || tensor.is_constant, ErrorKind::unsupported,
          model_.name(),
          ": computes with 16-bit integers, which no release of TensorRT and few runtimes take as Q/DQ; use --quant "
          "float");
    }
    find_nodes();
    for (const auto& [op, nodes] : nodes_) quantize_weights(op, nodes);
    quantize_input();
    for (const auto& [op, nodes] : nodes_) quantize_result(op, nodes.back());
    return std::move(result_);
  }

 private:
  const Tensor& tensor(int index) const { return model_.tensors()[static_cast<size_t>(index)]; }

  void find_nodes() {
    for (const NodeId id : graph_.nodes()) {
      const int op = operator_of(graph_.node(id));
      if (op >= 0 && op < static_cast<int>(model_.operators().size())) nodes_[op].push_back(id);
    }
  }

  ValueId emit(std::string_view op_type, std::vector<ValueId> inputs, ir::Attributes attributes, NodeId where,
               const std::string& origin) {
    const auto value = graph_.emit(op_type, std::move(inputs), std::move(attributes), origin, where);
    static_cast<void>(inference_.run(graph_.producer(value)));
    return value;
  }

  // --- weights

  // The weight's slot in the file and the axis of its output channels in ONNX.
  struct Place {
    size_t image_slot, bias_slot;
    int64_t axis;
  };

  static std::optional<Place> place_of(const tflite::Operator& op, const ir::Node& node) {
    if (op.name == "TRANSPOSE_CONV" && node.op_type == "ConvTranspose") return Place{2, 3, 1};
    if (op.name == "FULLY_CONNECTED" && node.op_type == "MatMul") return Place{0, 2, 1};
    const bool is_weighted =
        op.name == "CONV_2D" || op.name == "DEPTHWISE_CONV_2D" || op.name == "CONV_3D" || op.name == "FULLY_CONNECTED";
    if (is_weighted && (node.op_type == "Conv" || node.op_type == "Gemm")) return Place{0, 2, 0};
    return std::nullopt;
  }

  void quantize_weights(int index, const std::vector<NodeId>& nodes) {
    const auto& op = model_.operators()[static_cast<size_t>(index)];
    for (const NodeId id : nodes) {
      const auto place = place_of(op, graph_.node(id));
      if (!place || op.inputs.size() < 2 || op.inputs[1] < 0) continue;
      const auto& weight = tensor(op.inputs[1]);
      const auto& image = tensor(op.inputs[place->image_slot]);
      if (!weight.is_quantized() || !has_eight_bits(weight.type) || !image.is_quantized()) continue;
      if (!store_weight(id, weight, *place)) {
        result_.floats.push_back(text(model_.describe(op), ": its weights are no multiples of their scale any more"));
        continue;
      }
      ++result_.weights;
      store_bias(id, op, weight, image, *place);
    }
  }

  bool store_weight(NodeId id, const Tensor& weight, const Place& place) {
    const auto* data = graph_.constant(graph_.node(id).input(1));
    if (data == nullptr || data->dtype != ir::DType::f32) return false;
    const auto& scales = weight.quantization.scale;
    const auto channels = static_cast<size_t>(data->dims[static_cast<size_t>(place.axis)]);
    if (scales.size() != 1 && scales.size() != channels) return false;
    const int64_t zero = unsigned_zero_point(weight);
    const size_t inner = elements_behind(data->dims, static_cast<size_t>(place.axis));
    const auto values = data->as_floats();
    std::vector<uint8_t> integers(values.size());
    for (size_t i = 0; i < values.size(); ++i) {
      const double scale = static_cast<double>(scales[scales.size() == 1 ? 0 : i / inner % channels]);
      const double steps = scale == 0 ? 0 : static_cast<double>(values[i]) / scale;
      const double integer = std::round(steps) + static_cast<double>(zero);
      if (!(std::abs(steps - std::round(steps)) < whole) || integer < 0 || integer > 255) return false;
      integers[i] = static_cast<uint8_t>(integer);
    }
    store(id, 1, TensorData::of(ir::DType::u8, data->dims, integers), {scales.begin(), scales.end()},
          std::vector<uint8_t>(scales.size(), static_cast<uint8_t>(zero)), place.axis);
    return true;
  }

  // Integer kernels are used only where the bias has its integers as well.
  void store_bias(NodeId id, const tflite::Operator& op, const Tensor& weight, const Tensor& image,
                  const Place& place) {
    const bool has_own =
        graph_.node(id).op_type != "MatMul" && place.bias_slot < op.inputs.size() && op.inputs[place.bias_slot] >= 0;
    const auto* floats = graph_.constant(graph_.node(id).input(2));
    if (floats == nullptr) return;
    const auto channels = static_cast<size_t>(floats->elements());
    std::vector<int32_t> integers(channels, 0);
    if (has_own) {
      const auto& bias = tensor(op.inputs[place.bias_slot]);
      if (!bias.is_constant || bias.type != TensorType::int32 || bias.elements() != static_cast<int64_t>(channels))
        return;
      const auto own = decode(bias).as_ints();
      for (size_t i = 0; i < channels; ++i) integers[i] = static_cast<int32_t>(own[i]);
    }
    std::vector<float> scales;
    for (const float scale : weight.quantization.scale) scales.push_back(scale * image.quantization.scale[0]);
    store(id, 2, TensorData::of(ir::DType::i32, {floats->elements()}, integers), scales, {}, 0);
  }

  // `input` reads `integers` by their scales: one, or one for each index of `axis`. `zeros`: [] where all are zero.
  void store(NodeId id, size_t input, TensorData integers, const std::vector<float>& scales,
             const std::vector<uint8_t>& zeros, int64_t axis) {
    const bool per_axis = scales.size() > 1;
    const ir::Ints dims = per_axis ? ir::Ints{static_cast<int64_t>(scales.size())} : ir::Ints{};
    const auto* name = input == 1 ? "weights_u8" : "bias_i32";
    std::vector<ValueId> inputs{graph_.add_constant(std::move(integers), name),
                                graph_.add_constant(TensorData::floats(dims, scales), "scale")};
    if (!zeros.empty()) {
      inputs.push_back(graph_.add_constant(TensorData::of(ir::DType::u8, dims, zeros), "zero_point"));
    }
    ir::Attributes attributes;
    if (per_axis) attributes["axis"] = axis;
    graph_.set_input(id, input, emit("DequantizeLinear", std::move(inputs), attributes, id, ""));
  }

  // --- results

  struct Pair {
    ValueId quantized, dequantized;
  };

  Pair emit_pair(ValueId value, const Tensor& tensor, NodeId where, const std::string& origin) {
    const auto scale = graph_.add_constant(TensorData::scalar(tensor.quantization.scale[0]), "scale");
    const auto zero_point = graph_.add_constant(zero_point_constant(tensor), "zero_point");
    const auto quantized = emit("QuantizeLinear", {value, scale, zero_point}, {}, where, origin);
    return {quantized, emit("DequantizeLinear", {quantized, scale, zero_point}, {}, where, origin)};
  }

  bool has_steps(const Tensor& tensor) const {
    return tensor.is_quantized() && has_eight_bits(tensor.type) && tensor.quantization.scale.size() == 1 &&
           tensor.quantization.details.empty();
  }

  // All uses of a value read it rounded. An output keeps its name.
  void round_uses(ValueId value, const Tensor& tensor, NodeId where, const std::string& origin) {
    const auto pair = emit_pair(value, tensor, where, origin);
    graph_.redirect_inputs(value, pair.dequantized, graph_.producer(pair.quantized));
    for (size_t i = 0; i < graph_.outputs().size(); ++i) {
      if (graph_.outputs()[i] == value) graph_.take_over_output(i, pair.dequantized, "_unrounded");
    }
    ++result_.activations;
  }

  void quantize_input() {
    for (size_t i = 0; i < model_.inputs().size() && i < graph_.inputs().size(); ++i) {
      const auto& source = tensor(model_.inputs()[i]);
      if (has_steps(source)) round_uses(graph_.inputs()[i], source, graph_.first_node(), "");
    }
  }

  void quantize_result(int index, NodeId last) {
    const auto& op = model_.operators()[static_cast<size_t>(index)];
    // QUANTIZE has its own pair already.
    if (op.name == "QUANTIZE" || op.outputs.empty() || op.outputs[0] < 0) return;
    const auto outputs = graph_.node(last).outputs;
    for (size_t slot = 0; slot < outputs.size() && slot < op.outputs.size(); ++slot) {
      if (op.outputs[slot] < 0 || outputs[slot] == ir::no_value) continue;
      const auto& result = tensor(op.outputs[slot]);
      if (!has_steps(result) || graph_.value(outputs[slot]).dtype != ir::DType::f32) continue;
      round_uses(outputs[slot], result, graph_.next_node(last), graph_.node(last).origin);
    }
  }

  Graph& graph_;
  const tflite::Model& model_;
  ir::ShapeInference inference_;
  std::map<int, std::vector<NodeId>> nodes_;  // by operator, in the graph's order
  Quantized result_;
};

}  // namespace

Quantized quantize(Graph& graph, const tflite::Model& model) { return Quantizer(graph, model).run(); }

}  // namespace es::translate
