// SPDX-License-Identifier: Apache-2.0
//
// RESIZE_BILINEAR, RESIZE_NEAREST_NEIGHBOR.
//
//   flags                coordinate in the image    ONNX
//   none                 x * in/out                 asymmetric; nearest: floor
//   align_corners        x * (in-1)/(out-1)         align_corners; nearest: round_prefer_ceil
//   half_pixel_centers   (x+1/2) * in/out - 1/2     half_pixel; nearest: round_prefer_ceil
//
// The size is written as scales, so that it holds for any batch. TFLite multiplies by in/out where runtimes of ONNX
// divide by out/in, each with its own roundings; where these could pick another pixel, the pixels are gathered by
// number instead.
#include <algorithm>
#include <cmath>

#include "translate/op.h"
#include "translate/ops/families.h"

namespace es::translate {
namespace {

using tflite::ResizeOptions;

std::string_view coordinates(const ResizeOptions& o) {
  if (o.align_corners) return "align_corners";
  return o.half_pixel_centers ? "half_pixel" : "asymmetric";
}

// The factor that makes `in` pixels `out`. Runtimes round in * factor down, some after a product of floats, some after
// one of doubles: so it is never less than out/in.
float scale(int64_t in, int64_t out) {
  auto factor = static_cast<float>(static_cast<double>(out) / static_cast<double>(in));
  if (static_cast<double>(in) * static_cast<double>(factor) < static_cast<double>(out)) {
    factor = std::nextafter(factor, INFINITY);
  }
  return factor;
}

// --- which pixel is the nearest, in TFLite's arithmetic

int64_t within(float coordinate, int64_t in) {
  return std::clamp<int64_t>(static_cast<int64_t>(coordinate), 0, in - 1);
}

Ints tflite_indices(int64_t in, int64_t out, const ResizeOptions& o) {
  const float step = o.align_corners && out > 1 ? static_cast<float>(in - 1) / static_cast<float>(out - 1)
                                                : static_cast<float>(in) / static_cast<float>(out);
  const float offset = o.half_pixel_centers ? 0.5f : 0.0f;
  Ints indices;
  for (int64_t x = 0; x < out; ++x) {
    const float coordinate = (static_cast<float>(x) + offset) * step;
    indices.push_back(within(o.align_corners ? std::round(coordinate) : std::floor(coordinate), in));
  }
  return indices;
}

// Whether every runtime of ONNX will pick the pixels that TFLite picks: where enlarging by a whole number, and where no
// place is so near to the border between two pixels that the order of its roundings could decide.
bool is_safe(int64_t in, int64_t out, const ResizeOptions& o) {
  constexpr double safe_distance = 1e-3;
  if (in == out || (out % in == 0 && !o.align_corners)) return true;
  const bool rounds = o.align_corners || o.half_pixel_centers;
  const auto wanted = tflite_indices(in, out, o);
  for (int64_t x = 0; x < out; ++x) {
    const auto position = static_cast<double>(x);
    const double ratio = o.align_corners ? (out == 1 ? 0 : static_cast<double>(in - 1) / static_cast<double>(out - 1))
                                         : static_cast<double>(in) / static_cast<double>(out);
    const double place = o.half_pixel_centers ? (position + 0.5) * ratio - 0.5 : position * ratio;
    const double beyond_border = rounds ? place + 0.5 : place;
    // Places outside of the image all mean its first or last pixel.
    const bool inside = beyond_border > safe_distance && beyond_border < static_cast<double>(in) - safe_distance;
    if (inside && std::abs(beyond_border - std::round(beyond_border)) < safe_distance) return false;
    if (std::clamp<int64_t>(static_cast<int64_t>(std::floor(beyond_border)), 0, in - 1) !=
        wanted[static_cast<size_t>(x)]) {
      return false;
    }
  }
  return true;
}

// --- the operators

struct Sizes {
  Ints in, out;  // [height, width]
};

Sizes sizes(Op& op, ValueId x) {
  const auto dims = op.shape(x);
  op.check(dims.size() == 4, "its input is ", dims_text(dims), ", an image has 4 axes");
  const auto out = op.constant_ints(1, "its output's height and width");
  op.check(out.size() == 2 && out[0] > 0 && out[1] > 0 && dims[1] > 0 && dims[2] > 0, "it makes ", dims_text(out),
           " of ", dims_text(dims), ", two numbers above 0 are needed");
  for (const auto length : {dims[1], dims[2], out[0], out[1]}) op.check_list_size(length);
  return {{dims[1], dims[2]}, out};
}

ValueId emit_resize(Op& op, ValueId x, const Sizes& s, ir::Attributes attributes) {
  const auto scales =
      op.add_constant(ir::TensorData::floats({1, 1, scale(s.in[0], s.out[0]), scale(s.in[1], s.out[1])}));
  return op.to_nhwc(op.emit("Resize", {op.to_nchw(x), ir::no_value, scales}, std::move(attributes)));
}

void resize_bilinear(Op& op) {
  const auto o = op.options<ResizeOptions>();
  if (o.align_corners && o.half_pixel_centers) {
    op.refuse("its corners are aligned and its pixels' centres half a pixel off, which the runtime refuses as well");
  }
  const auto x = op.input(0);
  const auto s = sizes(op, x);
  if (s.in == s.out) return op.output(0, x);
  op.output(0, emit_resize(
                   op, x, s,
                   {{"mode", std::string("linear")}, {"coordinate_transformation_mode", std::string(coordinates(o))}}));
}

ValueId gather_pixels(Op& op, ValueId x, const Sizes& s, const ResizeOptions& o) {
  for (size_t i = 0; i < 2; ++i) {
    if (s.in[i] == s.out[i]) continue;
    const auto indices = op.ints(tflite_indices(s.in[i], s.out[i], o));
    x = op.emit("Gather", {x, indices}, {{"axis", static_cast<int64_t>(i) + 1}});
  }
  return x;
}

void resize_nearest_neighbor(Op& op) {
  const auto o = op.options<ResizeOptions>();
  if (o.align_corners && o.half_pixel_centers) {
    op.refuse("its corners are aligned and its pixels' centres half a pixel off, which no exporter writes");
  }
  const auto x = op.input(0);
  const auto s = sizes(op, x);
  if (s.in == s.out) return op.output(0, x);
  const bool safe = is_safe(s.in[0], s.out[0], o) && is_safe(s.in[1], s.out[1], o);
  if (!safe) return op.output(0, gather_pixels(op, x, s, o));
  const bool rounds = o.align_corners || o.half_pixel_centers;
  op.output(0, emit_resize(op, x, s,
                           {{"mode", std::string("nearest")},
                            {"nearest_mode", std::string(rounds ? "round_prefer_ceil" : "floor")},
                            {"coordinate_transformation_mode", std::string(coordinates(o))}}));
}

}  // namespace

void register_resize(OpTable& table) {
  table.add("RESIZE_BILINEAR", {1, 4}, resize_bilinear, "Resize");
  table.add("RESIZE_NEAREST_NEIGHBOR", {1, 4}, resize_nearest_neighbor, "Resize, Gather");
}

}  // namespace es::translate
