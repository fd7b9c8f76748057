// SPDX-License-Identifier: Apache-2.0
//
// DEQUANTIZE: weights that a file stores as halves or integers become floats. Of a constant this is done here and
// leaves no node; of a value, a half becomes a float.
#include "translate/constants.h"
#include "translate/op.h"
#include "translate/ops/families.h"

namespace es::translate {
namespace {

void dequantize_op(Op& op) {
  const auto x = op.input(0);  // the door has applied scale and zero point
  const auto* data = op.constant(x);
  if (data == nullptr || data->dtype == ir::DType::f32) return op.output(0, op.cast(x, ir::DType::f32));
  op.output(0, op.add_constant(to_floats(*data)));
}

}  // namespace

void register_quantize(OpTable& table) {
  table.add("DEQUANTIZE", {1, 8}, dequantize_op, "Cast");
  table.refuse("QUANTIZE", "turns floats into integers, which cannot be converted; use the float32 download");
}

}  // namespace es::translate
