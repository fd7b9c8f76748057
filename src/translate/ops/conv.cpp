// SPDX-License-Identifier: Apache-2.0
//
// CONV_2D, DEPTHWISE_CONV_2D, CONV_3D, TRANSPOSE_CONV, CONV_3D_TRANSPOSE.
//
// TFLite keeps the channels last in the image and the output channels first in the weight ([O,h,w,I]; depthwise
// [1,h,w,O]; 3-D [d,h,w,I,O], transposed [d,h,w,O,I]). ONNX wants [O,I,h,w] and, for a transposed convolution,
// [I,O,h,w]. The number of groups is what the image's channels are of the weight's: grouped convolutions have no field
// of their own, and depth_multiplier is redundant and wrong in some files.
#include "translate/op.h"
#include "translate/ops/families.h"
#include "translate/windows.h"

namespace es::translate {
namespace {

using tflite::Padding;

const Ints weight_2d{0, 3, 1, 2};
const Ints weight_depthwise{3, 0, 1, 2};
const Ints weight_transposed{3, 0, 1, 2};
const Ints weight_3d{4, 3, 0, 1, 2};

void check_rank(const Op& op, const Ints& image, const Ints& weight, size_t rank) {
  op.check(image.size() == rank && weight.size() == rank, "its image is ", dims_text(image), " and its weight ",
           dims_text(weight), ", both need ", rank, " axes");
}

// The bias as one number for each output channel; no_value where there is none. In every operator here it stands
// behind image and weight, and the weight is input 1.
ValueId bias(Op& op, size_t slot, int64_t channels) {
  if (!op.has_input(slot)) return ir::no_value;
  const size_t weight_slot = 1, image_slot = slot == 2 ? 0 : 2;
  const auto value = op.bias(slot, image_slot, weight_slot);
  const auto dims = op.shape(value);
  if (dims == Ints{channels}) return value;
  const auto* data = op.constant(value);
  op.check(data != nullptr && dims == Ints{1}, "its bias is ", dims_text(dims), ", it has ", channels,
           " output channels");
  op.check_list_size(channels);
  op.warn(text("its bias has one number for ", channels, " output channels; all of them take it"));
  return op.add_constant(
      ir::TensorData::floats(std::vector<float>(static_cast<size_t>(channels), data->as_floats()[0])));
}

struct Convolution {
  Ints image;   // [N, spatial..., C]
  Ints weight;  // as ONNX has it
  Window window;
  Padding padding;
  int64_t group = 1;
};

void emit_conv(Op& op, const Convolution& c, ValueId weight, tflite::ActivationFunctionType activation) {
  const Ints spatial(c.image.begin() + 1, c.image.end() - 1);
  const ir::Attributes attributes{{"kernel_shape", c.window.kernel},
                                  {"strides", c.window.strides},
                                  {"dilations", c.window.dilations},
                                  {"pads", pads(spatial, c.window, c.padding)},
                                  {"group", c.group}};
  std::vector<ValueId> inputs{op.to_nchw(op.input(0)), weight};
  if (const auto b = bias(op, 2, c.weight[0]); b != ir::no_value) inputs.push_back(b);
  op.output(0, op.activate(op.to_nhwc(op.emit("Conv", inputs, attributes)), activation));
}

int64_t groups(const Op& op, int64_t image_channels, int64_t weight_channels, int64_t output_channels) {
  op.check(weight_channels > 0 && image_channels > 0 && image_channels % weight_channels == 0 &&
               output_channels % (image_channels / weight_channels) == 0,
           "its weight takes ", weight_channels, " channels and makes ", output_channels, ", its image has ",
           image_channels);
  return image_channels / weight_channels;
}

void conv_2d(Op& op) {
  const auto o = op.options<tflite::Conv2DOptions>();
  const auto image = op.shape(op.input(0)), weight = op.shape(op.input(1));
  check_rank(op, image, weight, 4);
  emit_conv(op,
            {.image = image,
             .weight = {weight[0], weight[3], weight[1], weight[2]},
             .window = {.kernel = {weight[1], weight[2]},
                        .strides = {o.stride_h, o.stride_w},
                        .dilations = {o.dilation_h_factor, o.dilation_w_factor}},
             .padding = o.padding,
             .group = groups(op, image[3], weight[3], weight[0])},
            op.transpose(op.input(1), weight_2d), o.fused_activation_function);
}

void depthwise_conv_2d(Op& op) {
  const auto o = op.options<tflite::DepthwiseConv2DOptions>();
  const auto image = op.shape(op.input(0)), weight = op.shape(op.input(1));
  check_rank(op, image, weight, 4);
  op.check(weight[0] == 1 && image[3] > 0 && weight[3] > 0 && weight[3] % image[3] == 0, "its weight is ",
           dims_text(weight), ", [1, h, w, a multiple of the image's ", image[3], " channels] is needed");
  emit_conv(op,
            {.image = image,
             .weight = {weight[3], 1, weight[1], weight[2]},
             .window = {.kernel = {weight[1], weight[2]},
                        .strides = {o.stride_h, o.stride_w},
                        .dilations = {o.dilation_h_factor, o.dilation_w_factor}},
             .padding = o.padding,
             .group = image[3]},
            op.transpose(op.input(1), weight_depthwise), o.fused_activation_function);
}

void conv_3d(Op& op) {
  const auto o = op.options<tflite::Conv3DOptions>();
  const auto image = op.shape(op.input(0)), weight = op.shape(op.input(1));
  check_rank(op, image, weight, 5);
  emit_conv(op,
            {.image = image,
             .weight = {weight[4], weight[3], weight[0], weight[1], weight[2]},
             .window = {.kernel = {weight[0], weight[1], weight[2]},
                        .strides = {o.stride_d, o.stride_h, o.stride_w},
                        .dilations = {o.dilation_d_factor, o.dilation_h_factor, o.dilation_w_factor}},
             .padding = o.padding,
             .group = groups(op, image[4], weight[3], weight[4])},
            op.transpose(op.input(1), weight_3d), o.fused_activation_function);
}

// The padding that makes `size` of `image` pixels: what the forward convolution of that size would have. Where the
// result is larger than the windows reach, output_padding fills up, always less than a stride.
struct TransposedPadding {
  Ints pads, output_padding;
};

TransposedPadding transposed_padding(const Op& op, const Ints& image, const Ints& size, const Window& window,
                                     Padding padding) {
  TransposedPadding result;
  Ints ends;
  for (size_t i = 0; i < size.size(); ++i) {
    const int64_t kernel = window.kernel[i], stride = window.strides[i];
    const int64_t forward = window_count(size[i], kernel, stride, 1, padding);
    const int64_t begin = std::max<int64_t>(0, (forward - 1) * stride + kernel - size[i]) / 2;
    const int64_t end = stride * (image[i] - 1) + kernel - size[i] - begin;
    op.check(size[i] > 0 && -end < stride, "its output is ", size[i], " pixels long, its windows reach over ",
             stride * (image[i] - 1) + kernel);
    result.pads.push_back(begin);
    ends.push_back(std::max<int64_t>(0, end));
    result.output_padding.push_back(std::max<int64_t>(0, -end));
  }
  result.pads.insert(result.pads.end(), ends.begin(), ends.end());
  return result;
}

// Image, weight and size in two or three dimensions; the weight permuted to [in, out, spatial...].
struct TransposedConvolution {
  Ints image, size;
  Window window;
  Padding padding;
  int64_t channels_in, channels_out;
};

void emit_transposed(Op& op, const TransposedConvolution& c, ValueId weight,
                     tflite::ActivationFunctionType activation) {
  check_window(c.window);
  op.check(c.size.size() == c.image.size(), "its output's dimensions are ", dims_text(c.size), ", ", c.image.size(),
           " are needed");
  op.check(c.channels_in == c.image.back(), "its weight takes ", c.channels_in, " channels, its image has ",
           c.image.back());
  const auto spatial = [](const Ints& dims) { return Ints(dims.begin() + 1, dims.end() - 1); };
  const auto padding = transposed_padding(op, spatial(c.image), spatial(c.size), c.window, c.padding);

  std::vector<ValueId> inputs{op.to_nchw(op.input(2)), weight};
  if (const auto b = bias(op, 3, c.channels_out); b != ir::no_value) inputs.push_back(b);
  const auto y = op.emit("ConvTranspose", inputs,
                         {{"kernel_shape", c.window.kernel},
                          {"strides", c.window.strides},
                          {"pads", padding.pads},
                          {"output_padding", padding.output_padding}});
  op.output(0, op.activate(op.to_nhwc(y), activation));
}

void transpose_conv(Op& op) {
  const auto o = op.options<tflite::TransposeConvOptions>();
  const auto weight = op.shape(op.input(1)), image = op.shape(op.input(2));
  check_rank(op, image, weight, 4);
  emit_transposed(
      op,
      {.image = image,
       .size = op.constant_ints(0, "its output's dimensions"),
       .window = {.kernel = {weight[1], weight[2]}, .strides = {o.stride_h, o.stride_w}, .dilations = {1, 1}},
       .padding = o.padding,
       .channels_in = weight[3],
       .channels_out = weight[0]},
      op.transpose(op.input(1), weight_transposed), o.fused_activation_function);
}

void conv_3d_transpose(Op& op) {
  const auto o = op.options<tflite::Conv3DOptions>();
  if (o.dilation_d_factor != 1 || o.dilation_h_factor != 1 || o.dilation_w_factor != 1) {
    op.refuse("it is dilated, which the TFLite runtime refuses as well");
  }
  const auto weight = op.shape(op.input(1)), image = op.shape(op.input(2));
  check_rank(op, image, weight, 5);
  emit_transposed(op,
                  {.image = image,
                   .size = op.constant_ints(0, "its output's dimensions"),
                   .window = {.kernel = {weight[0], weight[1], weight[2]},
                              .strides = {o.stride_d, o.stride_h, o.stride_w},
                              .dilations = {1, 1, 1}},
                   .padding = o.padding,
                   .channels_in = weight[4],
                   .channels_out = weight[3]},
                  op.transpose(op.input(1), weight_3d), o.fused_activation_function);
}

}  // namespace

void register_conv(OpTable& table) {
  table.add("CONV_2D", {1, 8}, conv_2d, "Conv, Relu, Clip");
  table.add("DEPTHWISE_CONV_2D", {1, 7}, depthwise_conv_2d, "Conv, Relu, Clip");
  table.add("CONV_3D", {1, 1}, conv_3d, "Conv, Relu, Clip");
  table.add("CONV_3D_TRANSPOSE", {1, 1}, conv_3d_transpose, "ConvTranspose, Relu, Clip");
  table.add("TRANSPOSE_CONV", {1, 5}, transpose_conv, "ConvTranspose, Relu, Clip");
}

}  // namespace es::translate
