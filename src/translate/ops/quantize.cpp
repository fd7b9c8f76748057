// SPDX-License-Identifier: Apache-2.0
//
// DEQUANTIZE, QUANTIZE, FAKE_QUANT: the borders between integers and the numbers that they stand for.
//
// The doors hand out the numbers, so that a constant becomes a float here and leaves no node, a value of halves becomes
// one of floats, and the step to or from integers is nothing.
#include <algorithm>
#include <cmath>

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

// From one scale to another, or from floats: a rounding of its own, which leaves no other node that quantize() could
// hang it on.
void quantize_op(Op& op) {
  const auto& tensor = op.output_tensor(0);
  const auto x = op.input(0);
  const bool is_kept = op.translation_options().quantization == Quantization::qdq && tensor.real_range();
  if (!is_kept) return op.output(0, x);
  const auto scale = op.scalar(static_cast<double>(tensor.quantization.scale[0]));
  const auto zero = op.add_constant(zero_point_constant(tensor));
  op.output(0, op.emit("DequantizeLinear", {op.emit("QuantizeLinear", {x, scale, zero}), scale, zero}));
}

// Rounds to a step of the range, which is moved so that zero is one of its steps. Here the steps are the operator's own
// doing, not the storage of a result, so that they stay. Halves go up, as the kernel's do.
void fake_quant(Op& op) {
  const auto o = op.options<tflite::FakeQuantOptions>();
  op.check(o.num_bits >= 2 && o.num_bits <= 16, "it has ", o.num_bits, " bits, 2 to 16 are possible");
  const double least = static_cast<double>(o.min), most = static_cast<double>(o.max);
  op.check(least < most && least <= 0 && most >= 0, "its range is ", least, " to ", most, ", which has no zero in it");
  const double first = o.narrow_range ? 1 : 0, steps = std::ldexp(1.0, o.num_bits) - 1 - first;
  const double scale = (most - least) / steps;
  const double zero = std::round(std::clamp(-least / scale, 0.0, steps));
  const auto start = op.scalar(-zero * scale);
  const auto clamped = op.emit("Clip", {op.input(0), start, op.scalar((steps - zero) * scale)});
  const auto in_steps = op.emit("Mul", {op.emit("Sub", {clamped, start}), op.scalar(1 / scale)});
  const auto step = op.emit("Floor", {op.emit("Add", {in_steps, op.scalar(0.5)})});
  op.output(0, op.emit("Add", {op.emit("Mul", {step, op.scalar(scale)}), start}));
}

}  // namespace

void register_quantize(OpTable& table) {
  table.add("DEQUANTIZE", {1, 8}, dequantize_op, "Cast");
  table.add("QUANTIZE", {1, 5}, quantize_op, "QuantizeLinear, DequantizeLinear");
  table.add("FAKE_QUANT", {1, 2}, fake_quant, "Clip, Sub, Mul, Add, Floor");
}

}  // namespace es::translate
