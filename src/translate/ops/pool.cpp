// SPDX-License-Identifier: Apache-2.0
//
// AVERAGE_POOL_2D, MAX_POOL_2D, L2_POOL_2D.
//
// TFLite pools channels last with SAME or VALID padding; ONNX pools channels first with explicit pads. Under SAME an
// odd pixel of padding goes after the image, and an average never counts padded pixels. L2_POOL_2D is the root of the
// mean of squares; ONNX's LpPool is that of their sum. A window over the whole image is what ONNX calls global.
#include "translate/op.h"
#include "translate/ops/families.h"
#include "translate/windows.h"

namespace es::translate {
namespace {

struct Pooling {
  std::string_view window_op, global_op;
};
constexpr Pooling average{"AveragePool", "GlobalAveragePool"};
constexpr Pooling maximum{"MaxPool", "GlobalMaxPool"};

bool covers_all(const Window& window, const Ints& image, tflite::Padding padding) {
  const bool single = padding == tflite::Padding::valid || image == window.strides;
  return window.kernel == image && single;
}

ValueId pool(Op& op, ValueId x, const Pooling& pooling) {
  const auto o = op.options<tflite::Pool2DOptions>();
  const Window window{
      .kernel = {o.filter_height, o.filter_width}, .strides = {o.stride_h, o.stride_w}, .dilations = {1, 1}};
  const auto size = op.shape(x);
  op.check(size.size() == 4, "its input is ", dims_text(size), ", an image has 4 axes");
  const Ints image{size[1], size[2]};
  const auto padding = pads(image, window, o.padding);
  if (covers_all(window, image, o.padding)) return op.to_nhwc(op.emit(pooling.global_op, {op.to_nchw(x)}));
  return op.to_nhwc(op.emit(pooling.window_op, {op.to_nchw(x)},
                            {{"kernel_shape", window.kernel}, {"strides", window.strides}, {"pads", padding}}));
}

void finish(Op& op, ValueId y) {
  op.output(0, op.activate(y, op.options<tflite::Pool2DOptions>().fused_activation_function));
}

void average_pool(Op& op) { finish(op, pool(op, op.input(0), average)); }
void max_pool(Op& op) { finish(op, pool(op, op.input(0), maximum)); }

void l2_pool(Op& op) {
  const auto x = op.input(0);
  finish(op, op.emit("Sqrt", {pool(op, op.emit("Mul", {x, x}), average)}));
}

}  // namespace

void register_pool(OpTable& table) {
  table.add("AVERAGE_POOL_2D", {1, 3}, average_pool, "AveragePool, GlobalAveragePool, Relu, Clip");
  table.add("MAX_POOL_2D", {1, 3}, max_pool, "MaxPool, GlobalMaxPool, Relu, Clip");
  table.add("L2_POOL_2D", {1, 1}, l2_pool, "Mul, AveragePool, GlobalAveragePool, Sqrt, Relu, Clip");
}

}  // namespace es::translate
