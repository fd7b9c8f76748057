// SPDX-License-Identifier: Apache-2.0
//
// RESHAPE, SQUEEZE, EXPAND_DIMS, TRANSPOSE, SHAPE, RANK: what changes axes and no element.
//
// The dimensions that a file asks for are written as they stand there, the batch included; freeing the batch is a pass.
#include <algorithm>

#include "translate/constants.h"
#include "translate/op.h"
#include "translate/ops/families.h"

namespace es::translate {
namespace {

// What the file asks for: a list in input 1, else in the options, where [0] is an old spelling of "a single number".
Ints stated_target(Op& op) {
  const auto o = op.options<tflite::ReshapeOptions>();
  if (!o.has_new_shape) {
    const auto& shape = op.output_tensor(0).shape;
    return {shape.begin(), shape.end()};
  }
  if (o.new_shape.size() == 1 && o.new_shape[0] == 0) return {};
  return {o.new_shape.begin(), o.new_shape.end()};
}

void check_target(const Op& op, const Ints& target) {
  for (const auto dim : target) {
    // For ONNX, 0 is "as it was".
    op.check(dim > 0 || dim == -1, "its target is ", dims_text(target), ", each number must be 1 or more, or -1");
  }
  op.check(std::count(target.begin(), target.end(), -1) <= 1, "its target ", dims_text(target), " leaves two open");
}

bool target_is_an_input(const Op& op) {
  if (!op.has_input(1)) return false;
  const auto& tensor = op.input_tensor(1);
  return tensor.type == tflite::TensorType::int32 && tensor.shape.size() == 1;
}

void reshape(Op& op) {
  const auto x = op.input(0);
  if (target_is_an_input(op) && op.constant(op.input(1)) == nullptr) {
    const auto target = op.cast(op.input(1), ir::DType::i64);
    return op.output(0, op.emit("Reshape", {x, target}));
  }
  const auto target = target_is_an_input(op) ? op.constant_ints(1, "its target") : stated_target(op);
  check_target(op, target);
  op.output(0, op.reshape(x, target));
}

void squeeze(Op& op) {
  const auto x = op.input(0);
  const auto dims = op.shape(x);
  const auto o = op.options<tflite::SqueezeOptions>();
  std::vector<bool> goes(dims.size(), false);
  for (const auto axis : o.squeeze_dims) goes[static_cast<size_t>(op.axis(axis, static_cast<int>(dims.size())))] = true;
  Ints axes;
  for (size_t axis = 0; axis < dims.size(); ++axis) {
    if (o.squeeze_dims.empty() ? dims[axis] == 1 : goes[axis]) axes.push_back(static_cast<int64_t>(axis));
  }
  op.output(0, op.squeeze(x, axes));
}

void expand_dims(Op& op) {
  const auto x = op.input(0);
  const auto axes = op.constant_ints(1, "its axis");
  op.check(axes.size() == 1, "it has ", axes.size(), " axes, 1 is needed");
  op.output(0, op.unsqueeze(x, {op.axis(axes[0], op.rank(x) + 1)}));
}

void transpose(Op& op) {
  const auto x = op.input(0);
  auto permutation = op.constant_ints(1, "its permutation");
  op.check(permutation.size() == op.shape(x).size(), "its permutation ", dims_text(permutation), " does not fit ",
           dims_text(op.shape(x)));
  for (auto& axis : permutation) axis = op.axis(axis, op.rank(x));
  auto sorted = permutation;
  std::sort(sorted.begin(), sorted.end());
  op.check(std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end(), "its permutation ", dims_text(permutation),
           " has an axis twice");
  op.output(0, op.transpose(x, permutation));
}

void shape(Op& op) { op.output(0, op.cast(op.emit("Shape", {op.input(0)}), dtype_of(op.output_tensor(0).type))); }

void rank(Op& op) { op.output(0, op.scalar(op.rank(op.input(0)), ir::DType::i32)); }

}  // namespace

void register_shape(OpTable& table) {
  table.add("RESHAPE", {1, 1}, reshape, "Reshape, Cast");
  table.add("SQUEEZE", {1, 2}, squeeze, "Squeeze");
  table.add("EXPAND_DIMS", {1, 1}, expand_dims, "Unsqueeze");
  table.add("TRANSPOSE", {1, 7}, transpose, "Transpose");
  table.add("SHAPE", {1, 1}, shape, "Shape, Cast");
  table.add("RANK", {1, 1}, rank, "");
}

}  // namespace es::translate
