// SPDX-License-Identifier: Apache-2.0
//
// SOFTMAX, LOG_SOFTMAX, L2_NORMALIZATION, LOCAL_RESPONSE_NORMALIZATION: all along the last axis of the file's order.
//
// SOFTMAX's beta is a factor in front of it. L2_NORMALIZATION divides by a length of at least 1e-6, which ONNX's
// LpNormalization does not. LOCAL_RESPONSE_NORMALIZATION counts its window by radius and does not divide alpha by its
// size, as ONNX does.
#include "translate/op.h"
#include "translate/ops/families.h"

namespace es::translate {
namespace {

int64_t last_axis(Op& op, ValueId x) {
  const int rank = op.rank(x);
  op.check(rank >= 1, "its input is a single number, at least one axis is needed");
  return rank - 1;
}

void softmax(Op& op) {
  auto x = op.input(0);
  if (!op.has_options()) op.warn("it has no options; its beta is taken for 1");
  const float beta = op.options<tflite::SoftmaxOptions>().beta;
  if (beta != 1) x = op.emit("Mul", {x, op.scalar(beta)});
  op.output(0, op.emit("Softmax", {x}, {{"axis", last_axis(op, x)}}));
}

void log_softmax(Op& op) {
  const auto x = op.input(0);
  op.output(0, op.emit("LogSoftmax", {x}, {{"axis", last_axis(op, x)}}));
}

void refuse_activation(Op& op, tflite::ActivationFunctionType activation) {
  if (activation == tflite::ActivationFunctionType::none) return;
  op.refuse("its fused activation is ", tflite::name_of(activation), ", which the TFLite runtime refuses as well");
}

void l2_normalization(Op& op) {
  const auto x = op.input(0);
  refuse_activation(op, op.options<tflite::ArithmeticOptions>().fused_activation_function);
  const auto length = op.reduce("ReduceL2", x, {last_axis(op, x)}, true);
  op.output(0, op.emit("Div", {x, op.emit("Max", {length, op.scalar(1e-6f)})}));
}

void local_response_normalization(Op& op) {
  const auto o = op.options<tflite::LocalResponseNormalizationOptions>();
  const auto x = op.input(0);
  op.check(op.rank(x) == 4, "its input is ", dims_text(op.shape(x)), ", an image has 4 axes");
  op.check(o.radius >= 0 && o.radius < (1 << 20), "its radius is ", o.radius);
  const int64_t size = 2 * int64_t{o.radius} + 1;
  const auto y =
      op.emit("LRN", {op.to_nchw(x)},
              {{"size", size}, {"alpha", o.alpha * static_cast<float>(size)}, {"beta", o.beta}, {"bias", o.bias}});
  op.output(0, op.to_nhwc(y));
}

}  // namespace

void register_normalize(OpTable& table) {
  table.add("SOFTMAX", {1, 3}, softmax, "Mul, Softmax");
  table.add("LOG_SOFTMAX", {1, 2}, log_softmax, "LogSoftmax");
  table.add("L2_NORMALIZATION", {1, 2}, l2_normalization, "ReduceL2, Max, Div");
  table.add("LOCAL_RESPONSE_NORMALIZATION", {1, 1}, local_response_normalization, "LRN");
}

}  // namespace es::translate
