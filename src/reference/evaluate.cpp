// SPDX-License-Identifier: Apache-2.0
#include "reference/evaluate.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "reference/call.h"

namespace es::reference {
namespace {

const std::map<std::string_view, Row>& table() {
  static const auto rows = [] {
    std::map<std::string_view, Row> all;
    for (const auto family : {elementwise_rows(), index_rows(), matrix_rows(), movement_rows(), reduce_rows(),
                              slice_rows(), spatial_rows()}) {
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

tflite::TensorType Call::out_type(size_t slot) const {
  check(slot < output_count() && source_.outputs[slot] >= 0, "it has no output ", slot);
  return model_.tensors()[static_cast<size_t>(source_.outputs[slot])].type;
}

Dims Call::stated_shape(size_t slot) const {
  static_cast<void>(out_type(slot));
  const auto& shape = model_.tensors()[static_cast<size_t>(source_.outputs[slot])].shape;
  return {shape.begin(), shape.end()};
}

void Call::give(Array result, size_t slot) {
  static_cast<void>(out_type(slot));
  round_to_type(result);
  trace_[static_cast<size_t>(source_.outputs[slot])] = std::move(result);
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

void activate(Array& array, tflite::ActivationFunctionType activation) {
  const auto [low, high] = range_of(activation);
  for (double& value : array.values) value = std::min(std::max(value, low), high);
}

// --- the graph

bool is_evaluated(std::string_view operator_name) { return table().contains(operator_name); }

Trace evaluate(const tflite::Model& model, const std::vector<Array>& inputs) {
  Trace trace(model.tensors().size());
  take_inputs(model, inputs, trace);
  for (const auto& op : model.operators()) {
    with_context(model.where(op), [&] {
      const auto row = table().find(op.name);
      require(row != table().end(), ErrorKind::unsupported, "it is not evaluated by the reference");
      take_constants(model, op, trace);
      Call call(model, op, trace);
      row->second.evaluate(call);
    });
  }
  return trace;
}

}  // namespace es::reference
