// SPDX-License-Identifier: Apache-2.0
//
// Shape rules of operators that slide a window over [batch, channels, spatial...]: convolutions, pools, resizing.
#include <array>
#include <cmath>

#include "ir/shape_context.h"

namespace es::ir {
namespace {

// The window's attributes, one entry per spatial axis. Nothing (and a contradiction) where they do not fit the rank.
struct Window {
  Ints kernel, strides, dilations, pads;
  std::string auto_pad;
};

bool in_bounds(const Ints& values, int64_t smallest) {
  for (const int64_t value : values) {
    if (value < smallest || value > largest_window) return false;
  }
  return true;
}

std::optional<Window> read_window(ShapeContext& context, size_t spatial, Ints kernel) {
  const Node& node = context.node();
  Window window{.kernel = node.get_ints("kernel_shape", std::move(kernel)),
                .strides = node.get_ints("strides", Ints(spatial, 1)),
                .dilations = node.get_ints("dilations", Ints(spatial, 1)),
                .pads = node.get_ints("pads", Ints(2 * spatial, 0)),
                .auto_pad = node.get_string("auto_pad", "NOTSET")};
  if (window.kernel.size() != spatial || window.strides.size() != spatial || window.dilations.size() != spatial ||
      window.pads.size() != 2 * spatial) {
    context.contradiction("kernel_shape, strides, dilations and pads must have ", spatial, ", ", spatial, ", ", spatial,
                          " and ", 2 * spatial, " entries, there are ", window.kernel.size(), ", ",
                          window.strides.size(), ", ", window.dilations.size(), " and ", window.pads.size());
    return std::nullopt;
  }
  if (!in_bounds(window.kernel, 1) || !in_bounds(window.strides, 1) || !in_bounds(window.dilations, 1) ||
      !in_bounds(window.pads, -largest_window)) {
    context.contradiction("kernel [", join(window.kernel, ","), "], strides [", join(window.strides, ","),
                          "], dilations [", join(window.dilations, ","), "] must be 1 or more and pads [",
                          join(window.pads, ","), "] in the range of 32 bits");
    return std::nullopt;
  }
  return window;
}

int64_t ceil_divide(int64_t a, int64_t b) { return a / b + (a % b > 0 ? 1 : 0); }

// Output size of a window sliding over one axis; unknown stays unknown.
Dim slid(ShapeContext& context, const Window& window, size_t i, const Dim& in, bool ceil_mode) {
  if (!in.is_static()) return {};
  const int64_t extent = (window.kernel[i] - 1) * window.dilations[i] + 1;
  if (window.auto_pad == "SAME_UPPER" || window.auto_pad == "SAME_LOWER")
    return ceil_divide(in.size, window.strides[i]);
  const bool padded = window.auto_pad == "NOTSET" || window.auto_pad.empty();
  const int64_t before = padded ? window.pads[i] : 0;
  const int64_t after = padded ? window.pads[i + window.kernel.size()] : 0;
  const int64_t room = in.size + before + after - extent;
  if (room < 0) {
    context.contradiction("a window of ", extent, " does not fit into ", in.size, " + ", before, " + ", after,
                          " elements of spatial axis ", i);
    return {};
  }
  if (!ceil_mode) return room / window.strides[i] + 1;
  int64_t size = ceil_divide(room, window.strides[i]) + 1;
  // The last window must start inside the data or its begin padding.
  if ((size - 1) * window.strides[i] >= in.size + before) --size;
  return size;
}

Shape slid(ShapeContext& context, const Window& window, const Shape& in, const Dim& channels, bool ceil_mode) {
  std::vector<Dim> dims{in[0], channels};
  for (size_t i = 2; i < in.rank(); ++i) dims.push_back(slid(context, window, i - 2, in[i], ceil_mode));
  return Shape(std::move(dims));
}

Ints spatial_dims(const Shape& weights) {
  Ints result;
  for (size_t i = 2; i < weights.rank(); ++i) result.push_back(weights[i].is_static() ? weights[i].size : 0);
  return result;
}

// Data and weights of a convolution: both known, of one rank of 3 or more.
bool fit_for_convolution(ShapeContext& context, const Shape* data, const Shape* weights) {
  if (!data || !weights) return false;
  if (data->rank() < 3 || data->rank() != weights->rank()) {
    context.contradiction("the data is ", *data, " and the weights are ", *weights,
                          "; both must have one rank of 3 or more");
    return false;
  }
  return true;
}

void conv(ShapeContext& context) {
  const Shape* data = context.shape(0);
  const Shape* weights = context.shape(1);
  context.output(0, context.dtype(0));
  if (!fit_for_convolution(context, data, weights)) return;
  const int64_t group = context.node().get_int("group", 1);
  const Dim& in = (*data)[1];
  const Dim& per_group = (*weights)[1];
  const Dim& out = (*weights)[0];
  if (group < 1 || group > largest_window) return context.contradiction("group ", group, " must be 1 or more");
  if (in.is_static() && per_group.is_static() && in != multiply(per_group, group)) {
    return context.contradiction("the data ", *data, " has ", in, " channels, weights ", *weights, " of group ", group,
                                 " need ", multiply(per_group, group));
  }
  if (out.is_static() && out.size % group != 0) {
    return context.contradiction("group ", group, " does not divide the ", out, " outputs of weights ", *weights);
  }
  if (in.times_batch) return context.contradiction("the batch stands on the channel axis of ", *data);
  const auto window = read_window(context, data->rank() - 2, spatial_dims(*weights));
  if (window) context.output(0, context.dtype(0), slid(context, *window, *data, out, false));
}

// stride * (in - 1) + output_padding + extent - pads.
Dim stretched(const Window& window, size_t i, const Dim& in, int64_t output_padding) {
  if (!in.is_static()) return {};
  if (window.auto_pad == "SAME_UPPER" || window.auto_pad == "SAME_LOWER") return multiply(in, window.strides[i]);
  const Dim steps = multiply(Dim(in.size - 1), window.strides[i]);
  const int64_t extent = (window.kernel[i] - 1) * window.dilations[i] + 1;
  const int64_t pads = window.pads[i] + window.pads[i + window.kernel.size()];
  return shifted(steps, output_padding + extent - pads);
}

void conv_transpose(ShapeContext& context) {
  const Shape* data = context.shape(0);
  const Shape* weights = context.shape(1);
  context.output(0, context.dtype(0));
  if (!fit_for_convolution(context, data, weights)) return;
  const size_t spatial = data->rank() - 2;
  const auto window = read_window(context, spatial, spatial_dims(*weights));
  const Ints extra = context.node().get_ints("output_padding", Ints(spatial, 0));
  const Ints stated = context.node().get_ints("output_shape");
  if (!window) return;
  if (extra.size() != spatial || !in_bounds(extra, 0) || (!stated.empty() && stated.size() != spatial)) {
    return context.contradiction("output_padding and output_shape must have ", spatial, " entries of 0 or more");
  }
  const int64_t group = context.node().get_int("group", 1);
  std::vector<Dim> dims{(*data)[0], multiply((*weights)[1], Dim(group))};
  for (size_t i = 0; i < spatial; ++i) {
    dims.push_back(stated.empty() ? stretched(*window, i, (*data)[i + 2], extra[i]) : Dim(stated[i]));
  }
  context.output(0, context.dtype(0), Shape(std::move(dims)));
}

void pool(ShapeContext& context) {
  const Shape* data = context.shape(0);
  context.output(0, context.dtype(0));
  context.output(1, DType::i64);
  if (!data) return;
  if (data->rank() < 3) return context.contradiction("the data is ", *data, ", a pool needs a rank of 3 or more");
  const auto window = read_window(context, data->rank() - 2, {});
  if (!window) return;
  const Shape shape = slid(context, *window, *data, (*data)[1], context.node().get_int("ceil_mode", 0) != 0);
  context.output(0, context.dtype(0), shape);
  context.output(1, DType::i64, shape);
}

void global_pool(ShapeContext& context) {
  const Shape* data = context.shape(0);
  context.output(0, context.dtype(0));
  if (!data) return;
  if (data->rank() < 2) return context.contradiction("the data is ", *data, ", a pool needs a rank of 2 or more");
  std::vector<Dim> dims(data->rank(), Dim(1));
  dims[0] = (*data)[0];
  dims[1] = (*data)[1];
  context.output(0, context.dtype(0), Shape(std::move(dims)));
}

Dim scaled(const Dim& in, double scale) {
  if (scale == 1.0) return in;
  if (!in.is_static() || !(scale > 0) || scale > 1e9) return {};
  return static_cast<int64_t>(std::floor(static_cast<double>(in.size) * scale));
}

// The axes a Resize of opset 18 names; all without the attribute.
std::optional<std::vector<size_t>> resize_axes(ShapeContext& context, size_t rank) {
  Ints all(rank);
  for (size_t i = 0; i < rank; ++i) all[i] = static_cast<int64_t>(i);
  return context.axes(context.node().get_ints("axes", all), rank);
}

void resize(ShapeContext& context) {
  const Shape* data = context.shape(0);
  context.output(0, context.dtype(0));
  if (!data) return;
  const auto axes = resize_axes(context, data->rank());
  if (!axes) return;
  Shape shape = *data;
  const auto sizes = context.content(3);
  const TensorData* scales = context.constant(2);
  if (sizes) {
    if (sizes->size() != axes->size()) {
      return context.contradiction("sizes has ", sizes->size(), " entries for data ", *data);
    }
    for (size_t i = 0; i < axes->size(); ++i) shape[(*axes)[i]] = (*sizes)[i];
  } else if (scales && scales->elements() > 0) {
    const auto factors = scales->as_doubles();
    if (factors.size() != axes->size()) {
      return context.contradiction("scales has ", factors.size(), " entries for data ", *data);
    }
    for (size_t i = 0; i < axes->size(); ++i) shape[(*axes)[i]] = scaled((*data)[(*axes)[i]], factors[i]);
  } else {
    shape = Shape(std::vector<Dim>(data->rank()));
  }
  context.output(0, context.dtype(0), shape);
}

// [N, C, H, W] to [N, C / (b b), H b, W b], or back.
void depth_to_space(ShapeContext& context) {
  const Shape* data = context.shape(0);
  context.output(0, context.dtype(0));
  const int64_t block = context.node().get_int("blocksize", 0);
  if (block < 1 || block > 65536) return context.contradiction("blocksize ", block, " must be 1 or more");
  if (!data) return;
  if (data->rank() != 4) return context.contradiction("the data is ", *data, ", the operator needs a rank of 4");
  const auto channels = divide_exactly((*data)[1], Dim(block * block));
  if (!channels) return context.contradiction("blocksize ", block, " squared does not divide the channels of ", *data);
  context.output(0, context.dtype(0),
                 Shape{(*data)[0], *channels, multiply((*data)[2], Dim(block)), multiply((*data)[3], Dim(block))});
}

void space_to_depth(ShapeContext& context) {
  const Shape* data = context.shape(0);
  context.output(0, context.dtype(0));
  const int64_t block = context.node().get_int("blocksize", 0);
  if (block < 1 || block > 65536) return context.contradiction("blocksize ", block, " must be 1 or more");
  if (!data) return;
  if (data->rank() != 4) return context.contradiction("the data is ", *data, ", the operator needs a rank of 4");
  const auto height = divide_exactly((*data)[2], Dim(block));
  const auto width = divide_exactly((*data)[3], Dim(block));
  if (!height || !width) return context.contradiction("blocksize ", block, " does not divide ", *data);
  context.output(0, context.dtype(0), Shape{(*data)[0], multiply((*data)[1], Dim(block * block)), *height, *width});
}

constexpr std::array rows{
    ShapeRuleRow{"AveragePool", pool},
    ShapeRuleRow{"Conv", conv},
    ShapeRuleRow{"ConvTranspose", conv_transpose},
    ShapeRuleRow{"DepthToSpace", depth_to_space},
    ShapeRuleRow{"GlobalAveragePool", global_pool},
    ShapeRuleRow{"GlobalLpPool", global_pool},
    ShapeRuleRow{"GlobalMaxPool", global_pool},
    ShapeRuleRow{"LpPool", pool},
    ShapeRuleRow{"MaxPool", pool},
    ShapeRuleRow{"Resize", resize},
    ShapeRuleRow{"SpaceToDepth", space_to_depth},
};

}  // namespace

std::span<const ShapeRuleRow> spatial_shape_rules() { return rows; }

}  // namespace es::ir
