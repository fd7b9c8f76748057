// SPDX-License-Identifier: Apache-2.0
#include "translate/op.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "translate/constants.h"

namespace es::translate {
namespace {

// First and last axis stay, the channels move from the end to the second place.
Ints channels_first(int rank) {
  Ints permutation(static_cast<size_t>(rank));
  std::iota(permutation.begin(), permutation.end(), 0);
  std::rotate(permutation.begin() + 1, permutation.end() - 1, permutation.end());
  return permutation;
}

Ints channels_last(int rank) {
  auto permutation = channels_first(rank);
  std::iota(permutation.begin(), permutation.end(), 0);
  std::rotate(permutation.begin() + 1, permutation.begin() + 2, permutation.end());
  return permutation;
}

ir::TensorData scalar_of(double value, ir::DType dtype) {
  switch (dtype) {
    case ir::DType::f32:
      return ir::TensorData::scalar(static_cast<float>(value));
    case ir::DType::i32:
      return ir::TensorData::of(dtype, {}, std::vector<int32_t>{static_cast<int32_t>(value)});
    case ir::DType::i64:
      return ir::TensorData::scalar(static_cast<int64_t>(value));
    default:
      fail(ErrorKind::unsupported, "it computes with ", dtype, ", only f32, i32 and i64 can be converted here");
  }
}

}  // namespace

std::string dims_text(const Ints& dims) { return "[" + join(dims, ", ") + "]"; }

// --- what the file says

const tflite::Tensor& Op::input_tensor(size_t slot) const {
  check(has_input(slot), "it has no input ", slot);
  return t_.model.tensors()[static_cast<size_t>(source_.inputs[slot])];
}

const tflite::Tensor& Op::output_tensor(size_t slot) const {
  check(has_output(slot), "it has no output ", slot);
  return t_.model.tensors()[static_cast<size_t>(source_.outputs[slot])];
}

// --- values

ValueId Op::input(size_t slot) {
  check(has_input(slot), "it has no input ", slot);
  const int index = source_.inputs[slot];
  auto& value = t_.values[static_cast<size_t>(index)];
  if (value == ir::no_value) value = with_context(t_.model.describe_tensor(index), [&] { return constant_of(index); });
  return value;
}

std::vector<ValueId> Op::all_inputs() {
  std::vector<ValueId> values;
  for (size_t slot = 0; slot < input_count(); ++slot) values.push_back(input(slot));
  return values;
}

ValueId Op::constant_of(int tensor_index) {
  const auto& tensor = t_.model.tensors()[static_cast<size_t>(tensor_index)];
  require(tensor.is_constant, ErrorKind::unsupported, "it is a state kept between runs, which cannot be converted");
  return t_.graph.add_constant(tensor.is_quantized() ? dequantize(tensor) : decode(tensor), text("t", tensor_index));
}

ValueId Op::bias(size_t slot, size_t image_slot, size_t weight_slot) {
  const auto& tensor = input_tensor(slot);
  const auto &image = input_tensor(image_slot), &weight = input_tensor(weight_slot);
  if (!tensor.is_constant || !image.is_quantized() || !weight.is_quantized()) return input(slot);
  return with_context(t_.model.describe_tensor(source_.inputs[slot]),
                      [&] { return add_constant(dequantize_bias(tensor, image, weight)); });
}

Ints Op::constant_ints(size_t slot, std::string_view what) {
  const auto* data = constant(input(slot));
  if (data == nullptr) refuse(what, " are computed at run time, only constant ones can be converted");
  check(ir::is_integer(data->dtype) && data->dims.size() <= 2, what, " are ", data->dtype, " ", dims_text(data->dims),
        ", a list of integers is needed");
  return data->as_ints();
}

Ints Op::shape(ValueId value) const {
  const auto& known = t_.graph.value(value).shape;
  if (!known || !known->is_static()) refuse("the shape of an input is not known before run time");
  return *known->at_batch(1);
}

int64_t Op::axis(int64_t axis, int rank) const {
  check(axis >= -rank && axis < rank, "its axis is ", axis, ", the tensor has ", rank, " axes");
  return axis < 0 ? axis + rank : axis;
}

// --- doors

ValueId Op::to_nchw(ValueId value) {
  const int axes = rank(value);
  check(axes >= 3 && axes <= 5, "its input is ", dims_text(shape(value)), ", 3 to 5 axes are needed");
  return transpose(value, channels_first(axes));
}

ValueId Op::to_nhwc(ValueId value) { return transpose(value, channels_last(rank(value))); }

ValueId Op::transpose(ValueId value, const Ints& permutation) {
  if (const auto* data = constant(value)) return add_constant(permute(*data, permutation));
  return emit("Transpose", {value}, {{"perm", permutation}});
}

ValueId Op::activate(ValueId value, tflite::ActivationFunctionType activation) {
  using tflite::ActivationFunctionType;
  switch (activation) {
    case ActivationFunctionType::none:
      return value;
    case ActivationFunctionType::relu:
      return emit("Relu", {value});
    case ActivationFunctionType::relu6:
      return emit("Clip", {value, scalar(0), scalar(6)});
    case ActivationFunctionType::relu_n1_to_1:
      return emit("Clip", {value, scalar(-1), scalar(1)});
    case ActivationFunctionType::tanh:
    case ActivationFunctionType::sign_bit:
      warn(text("its fused activation ", tflite::name_of(activation),
                " is left out, as the TFLite runtime leaves it out here"));
      return value;
  }
  fail(ErrorKind::internal, "fused activation ", static_cast<int>(activation));
}

void Op::output(size_t slot, ValueId value) {
  const auto& tensor = output_tensor(slot);
  const auto& made = t_.graph.value(value);
  const auto expected = tensor.is_quantized() ? ir::DType::f32 : dtype_of(tensor.type);
  check(made.dtype == expected, "its output ", slot, " is ", tensor.type, " in the file, its inputs make it ",
        made.dtype);

  const Ints stated(tensor.shape.begin(), tensor.shape.end());
  if (!made.shape || !made.shape->is_static()) {
    t_.graph.set_type(value, made.dtype, ir::Shape(stated));
  } else if (!stated.empty() && *made.shape->at_batch(1) != stated) {
    warn(text("its output ", slot, " is ", dims_text(stated), " in the file, its inputs make it ",
              dims_text(*made.shape->at_batch(1)), "; the latter holds"));
  }
  const int index = source_.outputs[slot];
  // Q/DQ pairs cut off by themselves.
  const bool has_range = tensor.is_quantized() && t_.options.quantization == Quantization::real;
  if (has_range) value = saturate(tensor, value);
  t_.values[static_cast<size_t>(index)] = value;
  if (!t_.graph.value(value).is_constant() && t_.graph.producer(value) != ir::no_node) {
    t_.graph.rename(value, text("t", index));
  }
}

namespace {

// Whether a value can leave the range of what it was computed from: sums and products can; what moves, chooses or
// averages elements cannot, nor what is clamped or a probability already.
bool can_leave_range(const ir::Graph& graph, ValueId value) {
  static const std::set<std::string_view> moves{"Transpose", "Reshape", "Squeeze", "Unsqueeze"};
  static const std::set<std::string_view> computes{"Conv", "ConvTranspose", "Gemm",  "MatMul",    "Add",       "Sub",
                                                   "Mul",  "Div",           "PRelu", "LeakyRelu", "ReduceSum", "Sum"};
  auto node = graph.producer(value);
  while (node != ir::no_node && moves.contains(graph.node(node).op_type)) {
    node = graph.producer(graph.node(node).inputs[0]);
  }
  return node != ir::no_node && computes.contains(graph.node(node).op_type);
}

}  // namespace

// A quantised tensor holds nothing below its range's start. Where the range starts at zero, the exporter may have left
// the activation to it: old files carry ReLU and ReLU6 nowhere else. Other ends of a range come from calibration and
// mean nothing.
ValueId Op::saturate(const tflite::Tensor& tensor, ValueId value) {
  const auto range = tensor.real_range();
  if (!range || range->first != 0 || !can_leave_range(t_.graph, value)) return value;
  const bool is_relu6 = std::abs(range->second - 6) <= static_cast<double>(tensor.quantization.scale[0]);
  return activate(value, is_relu6 ? tflite::ActivationFunctionType::relu6 : tflite::ActivationFunctionType::relu);
}

// --- nodes

bool Op::may_use_opset(int since) {
  if (t_.options.opset < since) return false;
  t_.graph.opset = std::max<int64_t>(t_.graph.opset, since);
  return true;
}

void Op::infer(ir::NodeId node) {
  const auto problem = t_.inference.run(node);
  if (problem) check(false, t_.graph.node(node).op_type, ": ", problem->sentence);
}

ValueId Op::emit(std::string_view op_type, std::vector<ValueId> inputs, ir::Attributes attributes) {
  return emit_many(op_type, std::move(inputs), 1, std::move(attributes))[0];
}

std::vector<ValueId> Op::emit_many(std::string_view op_type, std::vector<ValueId> inputs, size_t count,
                                   ir::Attributes attributes) {
  auto outputs =
      t_.graph.emit_many(op_type, std::move(inputs), count, std::move(attributes), t_.model.describe(source_));
  infer(t_.graph.last_node());
  return outputs;
}

ValueId Op::add_constant(ir::TensorData data) { return t_.graph.add_constant(std::move(data)); }

ValueId Op::scalar(double value, ir::DType dtype) {
  auto& shared = t_.scalars.try_emplace({dtype, value}, ir::no_value).first->second;
  if (shared == ir::no_value) shared = add_constant(scalar_of(value, dtype));
  return shared;
}

ValueId Op::cast(ValueId value, ir::DType to) {
  if (dtype(value) == to) return value;
  return emit("Cast", {value}, {{"to", static_cast<int64_t>(to)}});
}

ValueId Op::reshape(ValueId value, const Ints& target) { return emit("Reshape", {value, ints(target)}); }

ValueId Op::squeeze(ValueId value, const Ints& axes) {
  return axes.empty() ? value : emit("Squeeze", {value, ints(axes)});
}

ValueId Op::unsqueeze(ValueId value, const Ints& axes) {
  return axes.empty() ? value : emit("Unsqueeze", {value, ints(axes)});
}

ValueId Op::reduce(std::string_view op_type, ValueId value, const Ints& axes, bool keep_dims) {
  const int64_t keep = keep_dims ? 1 : 0;
  // In opset 13 the axes of ReduceSum are an input, those of the others an attribute.
  if (op_type == "ReduceSum") return emit(op_type, {value, ints(axes)}, {{"keepdims", keep}});
  return emit(op_type, {value}, {{"axes", axes}, {"keepdims", keep}});
}

std::vector<ValueId> Op::split(ValueId value, int64_t axis, const Ints& sizes) {
  return emit_many("Split", {value, ints(sizes)}, sizes.size(), {{"axis", axis}});
}

// --- verdicts

void Op::check_list_size(int64_t elements) const {
  constexpr int64_t most = int64_t{1} << 22;
  check(elements <= most, "it asks for a list of ", elements, " numbers, ", most, " is the most");
}

void Op::warn(std::string_view sentence) { t_.notes.warnings.push_back(text(t_.model.where(source_), ": ", sentence)); }

}  // namespace es::translate
