// SPDX-License-Identifier: Apache-2.0
//
// Convolutions, pools, resizing and padding, in [N, spatial..., C].
#include <algorithm>
#include <cmath>

#include "reference/call.h"

namespace es::reference {
namespace {

using tflite::Padding;

// One spatial axis of a sliding window.
struct Axis {
  int64_t size, kernel, stride, dilation;
  int64_t windows = 0, before = 0;
};

Axis make_axis(const Call& call, int64_t size, int64_t kernel, int64_t stride, int64_t dilation, Padding padding) {
  call.check(kernel > 0 && stride > 0 && dilation > 0, "its window has kernel ", kernel, ", stride ", stride,
             " and dilation ", dilation);
  Axis axis{.size = size, .kernel = kernel, .stride = stride, .dilation = dilation};
  const int64_t reach = dilation * (kernel - 1) + 1;
  if (padding == Padding::valid) {
    axis.windows = size < reach ? 0 : (size - reach) / stride + 1;
  } else {
    axis.windows = size / stride + (size % stride != 0 ? 1 : 0);
    axis.before = std::max<int64_t>(0, reach + stride * (axis.windows - 1) - size) / 2;
  }
  call.check(axis.windows > 0, "its window does not fit on ", size, " pixels");
  return axis;
}

// Where tap `tap` of window `window` stands; it may be outside.
int64_t position(const Axis& axis, int64_t window, int64_t tap) {
  return window * axis.stride - axis.before + tap * axis.dilation;
}

// Every tap of a window that stands on the image: its index in the kernel and its pixel.
void for_each_tap(const std::vector<Axis>& axes, const Index& window,
                  const std::function<void(const Index& tap, const Index& pixel)>& body) {
  Dims kernel;
  for (const auto& axis : axes) kernel.push_back(axis.kernel);
  Index pixel(axes.size());
  for_each(kernel, [&](const Index& tap) {
    for (size_t i = 0; i < axes.size(); ++i) {
      pixel[i] = position(axes[i], window[i], tap[i]);
      if (pixel[i] < 0 || pixel[i] >= axes[i].size) return;
    }
    body(tap, pixel);
  });
}

Index spatial(const Index& index) { return {index.begin() + 1, index.end() - 1}; }

Index pixel_index(int64_t image, const Index& pixel, int64_t channel) {
  Index index{image};
  index.insert(index.end(), pixel.begin(), pixel.end());
  index.push_back(channel);
  return index;
}

Dims result_shape(const Array& x, const std::vector<Axis>& axes, int64_t channels) {
  Dims shape{x.shape[0]};
  for (const auto& axis : axes) shape.push_back(axis.windows);
  shape.push_back(channels);
  return shape;
}

double bias_of(const Call& call, const std::vector<double>& bias, int64_t channel) {
  if (bias.empty()) return 0;
  call.check(bias.size() == 1 || channel < static_cast<int64_t>(bias.size()), "its bias has ", bias.size(), " numbers");
  return bias[bias.size() == 1 ? 0 : static_cast<size_t>(channel)];
}

// The weight of one output channel, one tap, one input channel of its group.
using Weight = std::function<double(int64_t out, const Index& tap, int64_t in)>;

// The weights in the order in which convolve() goes over them: [tap, in, out].
std::vector<double> in_loop_order(const std::vector<Axis>& axes, int64_t channels, int64_t channels_of_group,
                                  const Weight& weight) {
  Dims kernel;
  for (const auto& axis : axes) kernel.push_back(axis.kernel);
  std::vector<double> ordered;
  for_each(kernel, [&](const Index& tap) {
    for (int64_t in = 0; in < channels_of_group; ++in) {
      for (int64_t out = 0; out < channels; ++out) ordered.push_back(weight(out, tap, in));
    }
  });
  return ordered;
}

void convolve(Call& call, const std::vector<Axis>& axes, int64_t channels, int64_t channels_of_group,
              const Weight& weight, tflite::ActivationFunctionType activation) {
  const auto& x = call.in(0);
  const int64_t groups = x.shape.back() / channels_of_group;
  const int64_t outputs_of_group = channels / groups;
  const auto bias = call.bias(2, 0, 1);
  const auto weights = in_loop_order(axes, channels, channels_of_group, weight);
  auto y = call.make(result_shape(x, axes, channels));
  Dims kernel, windows{x.shape[0]};
  for (const auto& axis : axes) {
    kernel.push_back(axis.kernel);
    windows.push_back(axis.windows);
  }
  double* result = y.values.data();
  for_each(windows, [&](const Index& window) {
    for (int64_t out = 0; out < channels; ++out) result[out] = bias_of(call, bias, out);
    for_each_tap(axes, {window.begin() + 1, window.end()}, [&](const Index& tap, const Index& pixel) {
      const double* image = x.values.data() + offset(x.shape, pixel_index(window[0], pixel, 0));
      const double* row = weights.data() + static_cast<int64_t>(offset(kernel, tap)) * channels_of_group * channels;
      for (int64_t in = 0; in < channels_of_group; ++in, row += channels) {
        for (int64_t group = 0; group < groups; ++group) {
          const double value = image[group * channels_of_group + in];
          const int64_t first = group * outputs_of_group;
          for (int64_t out = first; out < first + outputs_of_group; ++out) result[out] += value * row[out];
        }
      }
    });
    result += channels;
  });
  call.activate(y, activation);
  call.give(std::move(y));
}

void check_ranks(const Call& call, const Array& x, const Array& w, size_t rank) {
  call.check(x.shape.size() == rank && w.shape.size() == rank, "its image or weight has not ", rank, " axes");
}

void conv_2d(Call& call) {
  const auto o = call.options<tflite::Conv2DOptions>();
  const auto &x = call.in(0), &w = call.in(1);  // w: [out, h, w, in]
  check_ranks(call, x, w, 4);
  call.check(w.shape[3] > 0 && x.shape[3] % w.shape[3] == 0, "its weight's channels do not fit its image's");
  convolve(
      call,
      {make_axis(call, x.shape[1], w.shape[1], o.stride_h, o.dilation_h_factor, o.padding),
       make_axis(call, x.shape[2], w.shape[2], o.stride_w, o.dilation_w_factor, o.padding)},
      w.shape[0], w.shape[3],
      [&](int64_t out, const Index& tap, int64_t in) {
        return at(w, {out, tap[0], tap[1], in});
      },
      o.fused_activation_function);
}

void depthwise_conv_2d(Call& call) {
  const auto o = call.options<tflite::DepthwiseConv2DOptions>();
  const auto &x = call.in(0), &w = call.in(1);  // w: [1, h, w, out]
  check_ranks(call, x, w, 4);
  call.check(x.shape[3] > 0 && w.shape[3] % x.shape[3] == 0, "its weight's channels do not fit its image's");
  convolve(
      call,
      {make_axis(call, x.shape[1], w.shape[1], o.stride_h, o.dilation_h_factor, o.padding),
       make_axis(call, x.shape[2], w.shape[2], o.stride_w, o.dilation_w_factor, o.padding)},
      w.shape[3], 1,
      [&](int64_t out, const Index& tap, int64_t) {
        return at(w, {0, tap[0], tap[1], out});
      },
      o.fused_activation_function);
}

void conv_3d(Call& call) {
  const auto o = call.options<tflite::Conv3DOptions>();
  const auto &x = call.in(0), &w = call.in(1);  // w: [d, h, w, in, out]
  check_ranks(call, x, w, 5);
  call.check(w.shape[3] > 0 && x.shape[4] % w.shape[3] == 0, "its weight's channels do not fit its image's");
  convolve(
      call,
      {make_axis(call, x.shape[1], w.shape[0], o.stride_d, o.dilation_d_factor, o.padding),
       make_axis(call, x.shape[2], w.shape[1], o.stride_h, o.dilation_h_factor, o.padding),
       make_axis(call, x.shape[3], w.shape[2], o.stride_w, o.dilation_w_factor, o.padding)},
      w.shape[4], w.shape[3],
      [&](int64_t out, const Index& tap, int64_t in) {
        return at(w, {tap[0], tap[1], tap[2], in, out});
      },
      o.fused_activation_function);
}

// A transposed convolution scatters: each input pixel is a window of the forward convolution over the result, and adds
// to every pixel of the result under it.
void scatter(Call& call, const std::vector<Axis>& result_axes, int64_t channels, const Weight& weight,
             tflite::ActivationFunctionType activation) {
  const auto& x = call.in(2);
  Dims shape{x.shape[0]};
  for (const auto& axis : result_axes) shape.push_back(axis.size);
  shape.push_back(channels);
  auto y = call.make(shape);
  const auto bias = call.bias(3, 2, 1);
  for_each(y.shape, [&](const Index& index) { at(y, index) = bias_of(call, bias, index.back()); });
  for_each(x.shape, [&](const Index& index) {
    const double value = at(x, index);
    for_each_tap(result_axes, spatial(index), [&](const Index& tap, const Index& pixel) {
      for (int64_t out = 0; out < channels; ++out) {
        at(y, pixel_index(index[0], pixel, out)) += value * weight(out, tap, index.back());
      }
    });
  });
  call.activate(y, activation);
  call.give(std::move(y));
}

void transpose_conv(Call& call) {
  const auto o = call.options<tflite::TransposeConvOptions>();
  const auto size = call.ints(0);
  const auto &w = call.in(1), &x = call.in(2);  // w: [out, h, w, in]
  check_ranks(call, x, w, 4);
  call.check(size.size() == 4, "its size has not 4 numbers");
  scatter(
      call,
      {make_axis(call, size[1], w.shape[1], o.stride_h, 1, o.padding),
       make_axis(call, size[2], w.shape[2], o.stride_w, 1, o.padding)},
      w.shape[0],
      [&](int64_t out, const Index& tap, int64_t in) {
        return at(w, {out, tap[0], tap[1], in});
      },
      o.fused_activation_function);
}

void conv_3d_transpose(Call& call) {
  const auto o = call.options<tflite::Conv3DOptions>();
  const auto size = call.ints(0);
  const auto &w = call.in(1), &x = call.in(2);  // w: [d, h, w, out, in]
  check_ranks(call, x, w, 5);
  call.check(size.size() == 5, "its size has not 5 numbers");
  scatter(
      call,
      {make_axis(call, size[1], w.shape[0], o.stride_d, 1, o.padding),
       make_axis(call, size[2], w.shape[1], o.stride_h, 1, o.padding),
       make_axis(call, size[3], w.shape[2], o.stride_w, 1, o.padding)},
      w.shape[3],
      [&](int64_t out, const Index& tap, int64_t in) {
        return at(w, {tap[0], tap[1], tap[2], out, in});
      },
      o.fused_activation_function);
}

// --- pools

double mean(const std::vector<double>& cells) {
  double sum = 0;
  for (const double cell : cells) sum += cell;
  return sum / static_cast<double>(cells.size());
}

double root_mean_square(const std::vector<double>& cells) {
  double sum = 0;
  for (const double cell : cells) sum += cell * cell;
  return std::sqrt(sum / static_cast<double>(cells.size()));
}

double largest(const std::vector<double>& cells) { return *std::max_element(cells.begin(), cells.end()); }

// --- resizing, in the kernels' own 32-bit arithmetic, which decides between neighbours

struct Resized {
  int64_t in, out;
  tflite::ResizeOptions flags;

  float step() const {
    if (flags.align_corners && out > 1) return static_cast<float>(in - 1) / static_cast<float>(out - 1);
    return static_cast<float>(in) / static_cast<float>(out);
  }
};

int64_t nearest(const Resized& axis, int64_t x) {
  const float shift = axis.flags.half_pixel_centers ? 0.5f : 0.0f;
  const float place = (static_cast<float>(x) + shift) * axis.step();
  const auto pixel = static_cast<int64_t>(axis.flags.align_corners ? std::round(place) : std::floor(place));
  return std::clamp<int64_t>(pixel, 0, axis.in - 1);
}

// The two pixels around a place, and how much of the second.
struct Between {
  int64_t first, second;
  double share;
};

Between linear(const Resized& axis, int64_t x) {
  float place = static_cast<float>(x) * axis.step();
  if (axis.flags.half_pixel_centers) place = (static_cast<float>(x) + 0.5f) * axis.step() - 0.5f;
  const float floor = std::floor(place);
  const auto below = static_cast<int64_t>(floor);
  return {std::clamp<int64_t>(below, 0, axis.in - 1), std::clamp<int64_t>(below + 1, 0, axis.in - 1),
          static_cast<double>(place - floor)};
}

std::vector<Resized> resized_axes(const Call& call) {
  const auto flags = call.options<tflite::ResizeOptions>();
  const auto size = call.ints(1);
  const auto& x = call.in(0);
  call.check(x.shape.size() == 4 && size.size() == 2 && size[0] > 0 && size[1] > 0 && x.shape[1] > 0 && x.shape[2] > 0,
             "its image has not 4 axes or its size not 2 numbers above 0");
  return {{x.shape[1], size[0], flags}, {x.shape[2], size[1], flags}};
}

void resize_nearest_neighbor(Call& call) {
  const auto axes = resized_axes(call);
  const auto& x = call.in(0);
  auto y = call.make({x.shape[0], axes[0].out, axes[1].out, x.shape[3]});
  for_each(y.shape, [&](const Index& i) {
    at(y, i) = at(x, {i[0], nearest(axes[0], i[1]), nearest(axes[1], i[2]), i[3]});
  });
  call.give(std::move(y));
}

void resize_bilinear(Call& call) {
  const auto axes = resized_axes(call);
  const auto& x = call.in(0);
  auto y = call.make({x.shape[0], axes[0].out, axes[1].out, x.shape[3]});
  for_each(y.shape, [&](const Index& i) {
    const auto v = linear(axes[0], i[1]), h = linear(axes[1], i[2]);
    const auto row = [&](int64_t line) {
      return (1 - h.share) * at(x, {i[0], line, h.first, i[3]}) + h.share * at(x, {i[0], line, h.second, i[3]});
    };
    at(y, i) = (1 - v.share) * row(v.first) + v.share * row(v.second);
  });
  call.give(std::move(y));
}

// --- padding

// Where each element of the result comes from along one axis; -1: from nowhere.
void pad_by(Call& call, const std::function<int64_t(int64_t place, int64_t size)>& source, double value) {
  const auto& x = call.in(0);
  const auto amounts = call.ints(1);
  call.check(amounts.size() == 2 * x.shape.size(), "it has ", amounts.size(), " amounts");
  Dims shape = x.shape;
  for (size_t i = 0; i < shape.size(); ++i) {
    call.check(amounts[2 * i] >= 0 && amounts[2 * i + 1] >= 0, "it pads by a negative amount");
    shape[i] += amounts[2 * i] + amounts[2 * i + 1];
  }
  auto y = call.make(shape);
  for_each(shape, [&](const Index& index) {
    Index from = index;
    for (size_t i = 0; i < from.size(); ++i) from[i] = source(index[i] - amounts[2 * i], x.shape[i]);
    const bool inside = std::count(from.begin(), from.end(), -1) == 0;
    at(y, index) = inside ? at(x, from) : value;
  });
  call.give(std::move(y));
}

int64_t itself(int64_t place, int64_t size) { return place >= 0 && place < size ? place : -1; }

int64_t mirrored_at_the_edge(int64_t place, int64_t size) {
  if (place < 0) return -place - 1;
  return place < size ? place : 2 * size - 1 - place;
}

int64_t mirrored_at_the_last_pixel(int64_t place, int64_t size) {
  if (place < 0) return -place;
  return place < size ? place : 2 * size - 2 - place;
}

void pad(Call& call) { pad_by(call, itself, call.has(2) ? call.number(2) : 0); }

void mirror_pad(Call& call) {
  const bool symmetric = call.options<tflite::MirrorPadOptions>().mode == tflite::MirrorPadMode::symmetric;
  pad_by(call, symmetric ? mirrored_at_the_edge : mirrored_at_the_last_pixel, 0);
}

constexpr Row rows[] = {
    {"CONV_2D", conv_2d},
    {"DEPTHWISE_CONV_2D", depthwise_conv_2d},
    {"CONV_3D", conv_3d},
    {"TRANSPOSE_CONV", transpose_conv},
    {"CONV_3D_TRANSPOSE", conv_3d_transpose},
    {"AVERAGE_POOL_2D", [](Call& call) { call.pool(mean); }},
    {"MAX_POOL_2D", [](Call& call) { call.pool(largest); }},
    {"L2_POOL_2D", [](Call& call) { call.pool(root_mean_square); }},
    {"RESIZE_NEAREST_NEIGHBOR", resize_nearest_neighbor},
    {"RESIZE_BILINEAR", resize_bilinear},
    {"PAD", pad},
    {"PADV2", pad},
    {"MIRROR_PAD", mirror_pad},
};

}  // namespace

void Call::pool(const std::function<double(const std::vector<double>&)>& summary) {
  const auto o = options<tflite::Pool2DOptions>();
  const auto& x = in(0);
  check(x.shape.size() == 4, "its image has not 4 axes");
  const std::vector<Axis> axes{make_axis(*this, x.shape[1], o.filter_height, o.stride_h, 1, o.padding),
                               make_axis(*this, x.shape[2], o.filter_width, o.stride_w, 1, o.padding)};
  auto y = make(result_shape(x, axes, x.shape[3]));
  for_each(y.shape, [&](const Index& index) {
    std::vector<double> cells;
    for_each_tap(axes, spatial(index), [&](const Index&, const Index& pixel) {
      cells.push_back(at(x, pixel_index(index[0], pixel, index.back())));
    });
    at(y, index) = summary(cells);
  });
  activate(y, o.fused_activation_function);
  give(std::move(y));
}

std::span<const Row> spatial_rows() { return rows; }

}  // namespace es::reference
