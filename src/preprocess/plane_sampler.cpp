// SPDX-License-Identifier: Apache-2.0
#include "preprocess/plane_sampler.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "preprocess/kernels.h"

namespace es::preprocess {
namespace {

template <typename Value>
void grow(std::vector<Value>& values, size_t size) {
  if (values.size() < size) values.resize(size);
}

}  // namespace

PlaneLayout plane_of(const ImageView& image, int plane) {
  PlaneLayout layout{.data = image.planes[static_cast<size_t>(plane)].data,
                     .stride = image.planes[static_cast<size_t>(plane)].stride};
  require(layout.data != nullptr, ErrorKind::internal, "preprocess: plane ", plane, " of a ", image.format,
          " picture has no pixels");
  switch (image.format) {
    case PixelFormat::i420:
    case PixelFormat::gray8:
      break;
    case PixelFormat::nv12:
      if (plane == 1) layout.step = layout.components = 2;
      break;
    case PixelFormat::rgba:
      layout.step = 4, layout.components = 3;
      break;
    case PixelFormat::bgrx:
      layout.step = 4, layout.components = 3, layout.offsets = {2, 1, 0};
      break;
    case PixelFormat::rgb:
      layout.step = layout.components = 3;
      break;
    case PixelFormat::bgr:
      layout.step = layout.components = 3, layout.offsets = {2, 1, 0};
      break;
  }
  return layout;
}

void PlaneSampler::set(const PlaneLayout& plane, const PixelRect& source, const PixelRect& destination, Filter filter) {
  plane_ = plane;
  origin_ =
      plane.data + static_cast<ptrdiff_t>(source.top) * plane.stride + static_cast<ptrdiff_t>(source.left) * plane.step;
  across_.set(source.width, destination.width, filter);
  down_.set(source.height, destination.height, filter);
  const auto width = static_cast<size_t>(source.width);
  if (filter == Filter::bilinear) {
    for (int c = 0; c < plane.components; ++c) grow(blended_[static_cast<size_t>(c)], width + lane_padding);
  } else if (filter == Filter::area) {
    for (int c = 0; c < plane.components; ++c) grow(split_[static_cast<size_t>(c)], width + lane_padding);
    if (plane.step > 1) grow(interleaved_, (width + lane_padding) * static_cast<size_t>(plane.step));
  }
}

void PlaneSampler::sample(int y, float* const* out) {
  switch (down_.filter()) {
    case Filter::nearest:
      return sample_nearest(y, out);
    case Filter::bilinear:
      return sample_bilinear(y, out);
    case Filter::area:
      return sample_area(y, out);
  }
}

void PlaneSampler::sample_nearest(int y, float* const* out) {
  kernels::pick_columns(row(down_.first()[y]), across_.first(), static_cast<size_t>(across_.destination()), plane_.step,
                        plane_.components, plane_.offsets.data(), out);
}

void PlaneSampler::sample_bilinear(int y, float* const* out) {
  const int above = down_.first()[y];
  const int below = std::min(above + 1, down_.source() - 1);
  const int weight = std::min(static_cast<int>(std::lround(down_.second_weight()[y] * 32768)), 32767);
  // blend_rows writes components in memory order; out wants them in order of meaning.
  std::array<int16_t*, 3> blended{blended_[0].data(), blended_[1].data(), blended_[2].data()};
  kernels::blend_rows(row(above), row(below), weight, static_cast<size_t>(across_.source()), plane_.step,
                      blended.data());
  for (int c = 0; c < plane_.components; ++c) {
    kernels::lerp_columns(blended[static_cast<size_t>(plane_.offsets[static_cast<size_t>(c)])], across_.first(),
                          across_.second_weight(), static_cast<size_t>(across_.destination()), out[c]);
  }
}

void PlaneSampler::sample_area(int y, float* const* out) {
  const auto pixels = static_cast<size_t>(across_.source());
  const auto bytes = pixels * static_cast<size_t>(plane_.step);
  float* sum = plane_.step == 1 ? split_[0].data() : interleaved_.data();
  kernels::sum_rows(row(down_.first()[y]), plane_.stride, down_.weights(y), down_.count()[y], bytes, sum);
  if (plane_.step > 1) {
    const std::array<float*, 3> split{split_[0].data(), split_[1].data(), split_[2].data()};
    kernels::split_row(sum, pixels, plane_.step, split.data());
  }
  for (int c = 0; c < plane_.components; ++c) {
    const auto& component = split_[static_cast<size_t>(plane_.offsets[static_cast<size_t>(c)])];
    kernels::sum_columns(component.data(), across_.first(), across_.count(), across_.weights(0),
                         across_.weights_width(), static_cast<size_t>(across_.destination()), out[c]);
  }
}

}  // namespace es::preprocess
