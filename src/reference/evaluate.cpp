// SPDX-License-Identifier: Apache-2.0
#include "reference/evaluate.h"

#include <algorithm>
#include <climits>
#include <cmath>
#include <map>
#include <set>

#include "reference/call.h"
#include "reference/integers.h"

namespace es::reference {
namespace {

const std::map<std::string_view, Row>& table() {
  static const auto rows = [] {
    std::map<std::string_view, Row> all;
    for (const auto family : {assemble_rows(), detection_rows(), elementwise_rows(), index_rows(), matrix_rows(),
                              movement_rows(), reduce_rows(), slice_rows(), spatial_rows()}) {
      for (const auto& row : family) {
        require(all.emplace(row.name, row).second, ErrorKind::internal, "reference: ", row.name, " has two rows");
      }
    }
    return all;
  }();
  return rows;
}

void take_inputs(const tflite::Model& model, const std::vector<Array>& inputs, Trace& trace) {
  require(inputs.size() == model.inputs().size(), ErrorKind::usage, model.name(), ": ", inputs.size(),
          " inputs are given, the graph has ", model.inputs().size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    const auto index = static_cast<size_t>(model.inputs()[i]);
    const auto& shape = model.tensors()[index].shape;
    require(inputs[i].shape == Dims(shape.begin(), shape.end()) &&
                inputs[i].values.size() == static_cast<size_t>(count(inputs[i].shape)),
            ErrorKind::usage, model.name(), ": input ", i, " is [", join(inputs[i].shape, ", "), "], the graph takes [",
            join(shape, ", "), "]");
    trace[index] = inputs[i];
  }
}

void take_constants(const tflite::Model& model, const tflite::Operator& op, Trace& trace) {
  for (const auto index : op.inputs) {
    if (index < 0) continue;
    const auto& tensor = model.tensors()[static_cast<size_t>(index)];
    auto& array = trace[static_cast<size_t>(index)];
    if (tensor.is_constant && array.values.empty()) array = decode(tensor);
  }
}

}  // namespace

// --- Call

const Array& Call::in(size_t slot) const {
  check(has(slot), "it has no input ", slot);
  return trace_[static_cast<size_t>(source_.inputs[slot])];
}

double Call::number(size_t slot) const {
  check(in(slot).values.size() == 1, "its input ", slot, " has ", in(slot).values.size(), " elements, 1 is needed");
  return in(slot).values[0];
}

const tflite::Tensor& Call::in_tensor(size_t slot) const {
  check(has(slot), "it has no input ", slot);
  return model_.tensors()[static_cast<size_t>(source_.inputs[slot])];
}

const tflite::Tensor& Call::out_tensor(size_t slot) const {
  check(slot < output_count() && source_.outputs[slot] >= 0, "it has no output ", slot);
  return model_.tensors()[static_cast<size_t>(source_.outputs[slot])];
}

tflite::TensorType Call::out_type(size_t slot) const {
  const auto& tensor = out_tensor(slot);
  return tensor.is_quantized() ? tflite::TensorType::float32 : tensor.type;
}

Dims Call::stated_shape(size_t slot) const {
  const auto& shape = out_tensor(slot).shape;
  return {shape.begin(), shape.end()};
}

std::vector<double> Call::bias(size_t slot, size_t image, size_t weight) const {
  if (!has(slot)) return {};
  auto values = in(slot).values;
  const auto& tensor = in_tensor(slot);
  const auto &x = in_tensor(image).quantization, &w = in_tensor(weight).quantization;
  if (mode_ == Mode::accumulating) return tensor.is_constant ? decode_integers(tensor).values : values;
  if (!tensor.is_constant || !in_tensor(image).is_quantized() || !in_tensor(weight).is_quantized()) return values;
  values = decode_integers(tensor).values;
  check(!w.per_axis() || w.scale.size() == values.size(), "its bias has ", values.size(), " numbers");
  for (size_t i = 0; i < values.size(); ++i) {
    const double product = static_cast<double>(x.scale[0]) * static_cast<double>(w.scale[w.per_axis() ? i : 0]);
    values[i] = static_cast<double>(static_cast<float>(values[i] * product));
  }
  return values;
}

namespace {

// Kernels that compute sums or products clamp what they write to the range of the integers they write. Where that range
// starts at zero it stands for an activation that the file has nowhere else.
bool clamps_at_zero(std::string_view name) {
  static const std::set<std::string_view> computing{"CONV_2D",
                                                    "DEPTHWISE_CONV_2D",
                                                    "CONV_3D",
                                                    "TRANSPOSE_CONV",
                                                    "CONV_3D_TRANSPOSE",
                                                    "FULLY_CONNECTED",
                                                    "ADD",
                                                    "SUB",
                                                    "MUL",
                                                    "DIV",
                                                    "ADD_N",
                                                    "SQUARED_DIFFERENCE",
                                                    "PRELU",
                                                    "LEAKY_RELU",
                                                    "SUM",
                                                    "BATCH_MATMUL",
                                                    "SQUARE",
                                                    "HARD_SWISH"};
  return computing.contains(name);
}

void clamp_to_range(Array& array, const tflite::Tensor& tensor) {
  const bool is_signed = tensor.type == tflite::TensorType::int8,
             is_unsigned = tensor.type == tflite::TensorType::uint8;
  if (!is_signed && !is_unsigned) return;
  if (tensor.quantization.scale.size() != 1 || tensor.quantization.zero_point_at(0) != (is_signed ? -128 : 0)) return;
  const double scale = static_cast<double>(tensor.quantization.scale[0]), most = 255 * scale;
  const double high = most >= 6 - scale && most <= 6 + scale ? 6 : INFINITY;
  for (double& value : array.values) value = std::min(std::max(value, 0.0), high);
}

}  // namespace

void Call::give(Array result, size_t slot) {
  const auto& tensor = out_tensor(slot);
  auto& place = trace_[static_cast<size_t>(source_.outputs[slot])];
  if (mode_ == Mode::accumulating) {
    const bool is_dense = source_.name == "FULLY_CONNECTED";
    const size_t image = source_.name == "TRANSPOSE_CONV" ? 2 : 0;
    rescale(result, in_tensor(image), in_tensor(1), tensor, pending_, is_dense);
    result.type = tensor.type;
    place = std::move(result);
    return;
  }
  if (mode_ == Mode::integers) {
    result.type = tensor.type;
    place = std::move(result);
    return;
  }
  if (tensor.is_quantized() && clamps_at_zero(source_.name)) clamp_to_range(result, tensor);
  round_to_type(result);
  place = std::move(result);
}

int64_t Call::axis(int64_t axis, size_t rank) const {
  const auto axes = static_cast<int64_t>(rank);
  check(axis >= -axes && axis < axes, "its axis is ", axis, ", the tensor has ", axes);
  return axis < 0 ? axis + axes : axis;
}

namespace {

struct Range {
  double low = -INFINITY, high = INFINITY;
};

Range range_of(tflite::ActivationFunctionType activation) {
  using tflite::ActivationFunctionType;
  if (activation == ActivationFunctionType::relu) return {0, INFINITY};
  if (activation == ActivationFunctionType::relu6) return {0, 6};
  if (activation == ActivationFunctionType::relu_n1_to_1) return {-1, 1};
  return {};
}

}  // namespace

void Call::activate(Array& array, tflite::ActivationFunctionType activation) {
  pending_ = activation;
  if (mode_ != Mode::real) return;
  const auto [low, high] = range_of(activation);
  for (double& value : array.values) value = std::min(std::max(value, low), high);
}

// --- the graph

bool is_evaluated(std::string_view operator_name) { return table().contains(operator_name); }

namespace {

// The last operator that reads each tensor; -1: none.
std::vector<int> last_readers(const tflite::Model& model) {
  std::vector<int> last(model.tensors().size(), -1);
  for (const auto& op : model.operators()) {
    for (const auto index : op.inputs) {
      if (index >= 0) last[static_cast<size_t>(index)] = op.index;
    }
  }
  for (const auto index : model.outputs()) last[static_cast<size_t>(index)] = INT_MAX;
  return last;
}

void forget_what_was_read(const tflite::Operator& op, const std::vector<int>& last, Trace& trace) {
  for (const auto index : op.inputs) {
    if (index >= 0 && last[static_cast<size_t>(index)] <= op.index) trace[static_cast<size_t>(index)] = {};
  }
}

}  // namespace

namespace {

bool touches_integers(const tflite::Model& model, const tflite::Operator& op) {
  const auto is_quantized = [&](int index) {
    return index >= 0 && model.tensors()[static_cast<size_t>(index)].is_quantized();
  };
  return std::any_of(op.inputs.begin(), op.inputs.end(), is_quantized) ||
         std::any_of(op.outputs.begin(), op.outputs.end(), is_quantized);
}

// The integers less their zero point.
Array centered(const Array& array, const tflite::Tensor& tensor) {
  Array result = array;
  if (!tensor.is_quantized()) return result;
  const auto& quantization = tensor.quantization;
  require(quantization.details.empty(), ErrorKind::unsupported, "a tensor quantised by ", quantization.details,
          " cannot be evaluated");
  if (!quantization.per_axis()) {
    for (double& value : result.values) value -= static_cast<double>(quantization.zero_point_at(0));
    return result;
  }
  const auto axis = static_cast<size_t>(quantization.dimension);
  for_each(result.shape, [&](const Index& index) {
    at(result, index) -= static_cast<double>(quantization.zero_point_at(static_cast<size_t>(index[axis])));
  });
  return result;
}

// One operator on integers: by a kernel of its own, by exact sums, or by its real result, rounded.
class IntegerStep {
 public:
  IntegerStep(const tflite::Model& model, const tflite::Operator& op, Trace& trace)
      : model_(model), op_(op), trace_(trace), own_(trace.size()) {}

  void run(const Row& row) {
    const auto kernel = integer_kernel(op_.name);
    const bool from_integers = !op_.inputs.empty() && op_.inputs[0] >= 0;
    const bool to_integers = !op_.outputs.empty() && tensor(op_.outputs[0]).is_quantized();
    if (kernel != nullptr && from_integers && to_integers) return run_kernel(kernel);
    if (accumulates(op_.name) && to_integers && weights_are_integers()) return run_sums(row);
    run_rounded(row);
  }

 private:
  const tflite::Tensor& tensor(int index) const { return model_.tensors()[static_cast<size_t>(index)]; }

  // Float results of integer weights are not sums of integers.
  bool weights_are_integers() const {
    const size_t image = op_.name == "TRANSPOSE_CONV" ? 2 : 0;
    return op_.inputs.size() > image && op_.inputs.size() > 1 && op_.inputs[1] >= 0 && op_.inputs[image] >= 0 &&
           tensor(op_.inputs[1]).is_quantized() && tensor(op_.inputs[image]).is_quantized();
  }

  Array integers_of(int index) const {
    const auto& array = trace_[static_cast<size_t>(index)];
    const bool is_stored = tensor(index).is_constant && array.values.empty();
    return is_stored ? decode_integers(tensor(index)) : array;
  }

  void take_inputs(const std::function<Array(int)>& as) {
    for (const int index : op_.inputs) {
      if (index >= 0) own_[static_cast<size_t>(index)] = as(index);
    }
  }

  void keep_outputs() {
    for (const int index : op_.outputs) {
      if (index >= 0) trace_[static_cast<size_t>(index)] = std::move(own_[static_cast<size_t>(index)]);
    }
  }

  void run_kernel(IntegerKernel kernel) {
    take_inputs([&](int index) { return integers_of(index); });
    Call call(model_, op_, own_, Call::Mode::integers);
    kernel(call);
    keep_outputs();
  }

  void run_sums(const Row& row) {
    take_inputs([&](int index) { return centered(integers_of(index), tensor(index)); });
    Call call(model_, op_, own_, Call::Mode::accumulating);
    row.evaluate(call);
    keep_outputs();
  }

  void run_rounded(const Row& row) {
    take_inputs([&](int index) { return as_numbers(integers_of(index), tensor(index)); });
    Call call(model_, op_, own_);
    row.evaluate(call);
    for (const int index : op_.outputs) {
      if (index < 0 || !tensor(index).is_quantized()) continue;
      auto& array = own_[static_cast<size_t>(index)];
      for (double& value : array.values) value = quantized(value, tensor(index));
      array.type = tensor(index).type;
    }
    keep_outputs();
  }

  const tflite::Model& model_;
  const tflite::Operator& op_;
  Trace& trace_;
  Trace own_;  // what the operator sees, by tensor
};

void quantize_inputs(const tflite::Model& model, Trace& trace) {
  for (const auto index : model.inputs()) {
    const auto& tensor = model.tensors()[static_cast<size_t>(index)];
    if (!tensor.is_quantized()) continue;
    auto& array = trace[static_cast<size_t>(index)];
    for (double& value : array.values) value = quantized(value, tensor);
    array.type = tensor.type;
  }
}

}  // namespace

Array as_numbers(const Array& array, const tflite::Tensor& tensor) {
  if (!tensor.is_quantized()) return array;
  Array result = centered(array, tensor);
  const auto& quantization = tensor.quantization;
  size_t inner = 1;
  for (size_t axis = static_cast<size_t>(quantization.dimension) + 1; axis < array.shape.size(); ++axis) {
    inner *= static_cast<size_t>(array.shape[axis]);
  }
  for (size_t i = 0; i < result.values.size(); ++i) {
    const size_t at = quantization.per_axis() ? i / inner % quantization.scale.size() : 0;
    result.values[i] =
        static_cast<double>(static_cast<float>(result.values[i] * static_cast<double>(quantization.scale[at])));
  }
  result.type = tflite::TensorType::float32;
  return result;
}

Trace evaluate(const tflite::Model& model, const std::vector<Array>& inputs, Keep keep, Arithmetic arithmetic) {
  Trace trace(model.tensors().size());
  const auto last = last_readers(model);
  take_inputs(model, inputs, trace);
  const bool on_integers = arithmetic == Arithmetic::integers;
  if (on_integers) quantize_inputs(model, trace);
  for (const auto& op : model.operators()) {
    with_context(model.where(op), [&] {
      const auto row = table().find(op.custom_code.empty() ? op.name : op.custom_code);
      require(row != table().end(), ErrorKind::unsupported, "it is not evaluated by the reference");
      if (on_integers && touches_integers(model, op)) {
        IntegerStep(model, op, trace).run(row->second);
        return;
      }
      take_constants(model, op, trace);
      Call call(model, op, trace);
      row->second.evaluate(call);
    });
    if (keep == Keep::outputs) forget_what_was_read(op, last, trace);
  }
  return trace;
}

}  // namespace es::reference
