// SPDX-License-Identifier: Apache-2.0
//
// FULLY_CONNECTED, BATCH_MATMUL.
//
// FULLY_CONNECTED takes the last axis of its weight [units, in] out of an input of any rank. Without keep_num_dims the
// result is a matrix [rows, units], whatever the input's rank; the bias belongs to it either way.
#include "translate/op.h"
#include "translate/ops/families.h"

namespace es::translate {
namespace {

ValueId bias_or_zeros(Op& op, int64_t units) {
  if (!op.has_input(2)) {
    // Old TensorRT releases take the number of outputs from the bias.
    op.check_list_size(units);
    return op.add_constant(ir::TensorData::floats(std::vector<float>(static_cast<size_t>(units))));
  }
  const auto bias = op.bias(2, 0, 1);
  op.check(op.shape(bias) == Ints{units}, "its bias is ", dims_text(op.shape(bias)), ", it has ", units, " units");
  return bias;
}

// [rows, in] x [units, in]' + bias
ValueId matrix_product(Op& op, ValueId x, ValueId weight, int64_t units) {
  return op.emit("Gemm", {x, weight, bias_or_zeros(op, units)}, {{"transB", int64_t{1}}});
}

// [..., in] x [units, in]' + bias, all leading axes kept
ValueId stacked_product(Op& op, ValueId x, ValueId weight) {
  const auto y = op.emit("MatMul", {x, op.transpose(weight, {1, 0})});
  return op.has_input(2) ? op.emit("Add", {y, op.bias(2, 0, 1)}) : y;
}

void fully_connected(Op& op) {
  const auto o = op.options<tflite::FullyConnectedOptions>();
  if (o.weights_format != tflite::FullyConnectedWeightsFormat::default_format) {
    op.refuse("its weights are shuffled for one processor (SHUFFLED4x16INT8); export the model for the plain runtime");
  }
  const auto x = op.input(0), weight = op.input(1);
  const auto dims = op.shape(x), weight_dims = op.shape(weight);
  op.check(weight_dims.size() == 2 && weight_dims[1] > 0 && !dims.empty(), "its weight is ", dims_text(weight_dims),
           " and its input ", dims_text(dims), ", [units, in] and at least one axis are needed");
  const int64_t units = weight_dims[0], in = weight_dims[1];

  ValueId y;
  if (o.keep_num_dims && dims.size() != 2) {
    y = stacked_product(op, x, weight);
  } else {
    const bool is_matrix = dims.size() == 2 && dims[1] == in;
    y = matrix_product(op, is_matrix ? x : op.reshape(x, {-1, in}), weight, units);
  }
  op.output(0, op.activate(y, o.fused_activation_function));
}

ValueId with_last_axes_swapped(Op& op, ValueId value) {
  Ints permutation(op.shape(value).size());
  for (size_t i = 0; i < permutation.size(); ++i) permutation[i] = static_cast<int64_t>(i);
  op.check(permutation.size() >= 2, "it swaps the last two axes of a tensor that has ", permutation.size());
  std::swap(permutation[permutation.size() - 2], permutation.back());
  return op.transpose(value, permutation);
}

void batch_matmul(Op& op) {
  const auto o = op.options<tflite::BatchMatMulOptions>();
  const auto x = op.input(0), y = op.input(1);
  op.output(
      0, op.emit("MatMul", {o.adj_x ? with_last_axes_swapped(op, x) : x, o.adj_y ? with_last_axes_swapped(op, y) : y}));
}

}  // namespace

void register_dense(OpTable& table) {
  table.add("FULLY_CONNECTED", {1, 14}, fully_connected, "Gemm, Reshape, MatMul, Add, Relu, Clip");
  table.add("BATCH_MATMUL", {1, 4}, batch_matmul, "MatMul");
}

}  // namespace es::translate
