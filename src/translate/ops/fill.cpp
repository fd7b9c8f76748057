// SPDX-License-Identifier: Apache-2.0
//
// FILL, ZEROS_LIKE, RANGE: tensors made from their shape or their ends.
#include "translate/op.h"
#include "translate/ops/families.h"

namespace es::translate {
namespace {

void fill(Op& op) { op.output(0, op.emit("Expand", {op.input(1), op.cast(op.input(0), ir::DType::i64)})); }

void zeros_like(Op& op) {
  const auto dtype = op.dtype(op.input(0));
  const ir::TensorData zero(dtype, {1}, Bytes(ir::size_of(dtype)));
  op.output(0, op.emit("ConstantOfShape", {op.emit("Shape", {op.input(0)})}, {{"value", zero}}));
}

void range(Op& op) { op.output(0, op.emit("Range", {op.input(0), op.input(1), op.input(2)})); }

}  // namespace

void register_fill(OpTable& table) {
  table.add("FILL", {1, 4}, fill, "Expand, Cast");
  table.add("ZEROS_LIKE", {1, 1}, zeros_like, "Shape, ConstantOfShape");
  table.add("RANGE", {1, 2}, range, "Range");
}

}  // namespace es::translate
