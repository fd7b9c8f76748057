// SPDX-License-Identifier: Apache-2.0
//
// What outlives parsing: small questions about a model that was found sound.
#include "tflite/model.h"

#include <algorithm>

namespace es::tflite {
namespace {

// What the kernels compute with; 32-bit integers are biases and indices.
bool is_activation_integer(TensorType type) {
  return type == TensorType::int8 || type == TensorType::uint8 || type == TensorType::int16;
}

bool is_float(TensorType type) {
  return type == TensorType::float32 || type == TensorType::float16 || type == TensorType::bfloat16 ||
         type == TensorType::float64;
}

std::string quoted(std::string_view name) { return text("('", printable(name), "')"); }

}  // namespace

int64_t Quantization::zero_point_at(size_t index) const {
  if (zero_point.empty()) return 0;
  return zero_point[zero_point.size() == 1 ? 0 : index];
}

int64_t Tensor::elements() const {
  int64_t count = 1;
  for (const auto dim : shape) count *= dim;
  return count;
}

bool Tensor::is_quantized() const { return quantization.is_quantized() && !is_float(type); }

std::optional<std::pair<double, double>> Tensor::real_range() const {
  if (!is_quantized() || quantization.scale.size() != 1 || !is_activation_integer(type)) return std::nullopt;
  const double least = type == TensorType::int8 ? -128 : type == TensorType::uint8 ? 0 : -32768;
  const double steps = type == TensorType::int16 ? 65535 : 255;
  const double scale = static_cast<double>(quantization.scale[0]);
  const double first = least - static_cast<double>(quantization.zero_point_at(0));
  return std::pair{first * scale, (first + steps) * scale};
}

std::string Model::min_runtime_version() const {
  for (const auto& entry : metadata_) {
    if (entry.name != "min_runtime_version") continue;
    const auto version = as_text(entry.data);
    return printable(version.substr(0, version.find('\0')), 32);
  }
  return "";
}

bool Model::has_integer_arithmetic() const {
  const auto is_quantized_integer = [&](int index) {
    return index >= 0 && is_activation_integer(tensors_[index].type) && tensors_[index].is_quantized();
  };
  return std::any_of(inputs_.begin(), inputs_.end(), is_quantized_integer) ||
         std::any_of(operators_.begin(), operators_.end(), [&](const Operator& op) {
           return std::any_of(op.outputs.begin(), op.outputs.end(), is_quantized_integer);
         });
}

bool Model::has_float16_weights() const {
  return std::any_of(operators_.begin(), operators_.end(), [&](const Operator& op) {
    if (op.name != "DEQUANTIZE" || op.inputs.empty() || op.inputs[0] < 0) return false;
    const auto& source = tensors_[op.inputs[0]];
    return source.is_constant && source.type == TensorType::float16;
  });
}

std::string Model::describe(const Operator& op) const {
  auto words = text("op ", op.index, " ", op.name);
  if (!op.custom_code.empty()) words += text(" '", printable(op.custom_code), "'");
  const bool has_output = !op.outputs.empty() && op.outputs[0] >= 0;
  return has_output ? words + " " + quoted(tensors_[op.outputs[0]].name) : words;
}

std::string Model::where(const Operator& op) const { return name_ + ": " + describe(op); }

std::string Model::describe_tensor(int index) const {
  return text("tensor ", index, " ", quoted(tensors_[index].name));
}

}  // namespace es::tflite
