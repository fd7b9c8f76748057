// SPDX-License-Identifier: Apache-2.0
//
// The walk over the rows of the destination. For each row every plane of the picture gives its components as floats at
// the destination's width (PlaneSampler), then the three rows become R, G, B or gray, then they are normalised into the
// tensor.
#include "preprocess/preprocess.h"

#include <algorithm>

#include "base/error.h"
#include "preprocess/color.h"
#include "preprocess/kernels.h"
#include "preprocess/plane_sampler.h"

namespace es::preprocess {
namespace {

bool is_yuv(PixelFormat format) { return format == PixelFormat::i420 || format == PixelFormat::nv12; }

// Everything a thread keeps from one picture to the next.
struct Scratch {
  std::array<PlaneSampler, 3> samplers;
  std::array<std::vector<float>, 3> rows;  // the three components at the destination's width
  std::vector<float> padding;
};

Scratch& scratch_of_this_thread() {
  thread_local Scratch scratch;
  return scratch;
}

// One row of the destination on its way from samples to tensor.
class RowMaker {
 public:
  RowMaker(const ImageView& image, const Placement& placement, const Spec& spec, std::span<float> out)
      : image_(image), placement_(placement), spec_(spec), out_(out), scratch_(scratch_of_this_thread()) {
    const auto width = static_cast<size_t>(placement.destination.width);
    for (auto& row : scratch_.rows) {
      if (row.size() < width + lane_padding) row.resize(width + lane_padding);
    }
    const int planes = spec.color == ColorFormat::gray && is_yuv(image.format) ? 1 : plane_count(image.format);
    for (int i = 0; i < planes; ++i) {
      scratch_.samplers[i].set(plane_of(image, i), source_in_plane(i), placement.destination, spec.filter);
    }
    planes_ = planes;
  }

  void make(int y) {
    std::array<float*, 3> rows{scratch_.rows[0].data(), scratch_.rows[1].data(), scratch_.rows[2].data()};
    size_t component = 0;
    for (int i = 0; i < planes_; ++i) {
      scratch_.samplers[i].sample(y, rows.data() + component);
      component += static_cast<size_t>(scratch_.samplers[i].components());
    }
    convert(rows);
    store(y, rows);
  }

 private:
  size_t width() const { return static_cast<size_t>(placement_.destination.width); }

  PixelRect source_in_plane(int plane) const {
    const PixelRect& s = placement_.source;
    return is_yuv(image_.format) && plane > 0 ? PixelRect{s.left / 2, s.top / 2, s.width / 2, s.height / 2} : s;
  }

  // From the picture's components to whole numbers in the network's channel order.
  void convert(std::array<float*, 3>& rows) {
    const bool gray_network = spec_.color == ColorFormat::gray;
    if (is_yuv(image_.format) && !gray_network) {
      kernels::yuv_to_rgb(yuv_to_rgb(image_.matrix, image_.range), width(), rows[0], rows[1], rows[2]);
    } else {
      const bool gray_picture = is_yuv(image_.format) || image_.format == PixelFormat::gray8;
      if (gray_network && !gray_picture) {
        kernels::rgb_to_gray(width(), rows[0], rows[1], rows[2]);
      } else if (spec_.filter != Filter::nearest) {
        for (int c = 0; c < (gray_picture ? 1 : 3); ++c) kernels::round_row(width(), rows[static_cast<size_t>(c)]);
      }
      if (gray_picture) rows[1] = rows[2] = rows[0];
    }
    if (spec_.color == ColorFormat::bgr) std::swap(rows[0], rows[2]);
  }

  void store(int y, std::array<float*, 3>& rows) {
    const auto row = static_cast<size_t>(placement_.destination.top + y);
    const auto left = static_cast<size_t>(placement_.destination.left);
    const auto start = row * static_cast<size_t>(spec_.width) + left;
    const auto plane = static_cast<size_t>(spec_.width) * static_cast<size_t>(spec_.height);
    const auto channels = static_cast<size_t>(spec_.channels());
    if (!spec_.mean_image.empty()) subtract_mean_image(start, plane, rows);
    if (channels == 3 && spec_.layout == Layout::nhwc) {
      kernels::normalize_interleaved(rows.data(), width(), spec_.scale, mean().data(), out_.data() + 3 * start);
      return;
    }
    for (size_t k = 0; k < channels; ++k) {
      kernels::normalize_row(rows[k], width(), spec_.scale, mean()[k], out_.data() + k * plane + start);
    }
  }

  // A gray picture's three rows are one: each channel then needs values of its own.
  void subtract_mean_image(size_t start, size_t plane, std::array<float*, 3>& rows) {
    const auto channels = static_cast<size_t>(spec_.channels());
    for (size_t k = 1; k < channels; ++k) {
      if (rows[k] != rows[0]) continue;
      rows[k] = scratch_.rows[k].data();
      std::copy_n(rows[0], width(), rows[k]);
    }
    for (size_t k = 0; k < channels; ++k) {
      kernels::subtract_row(width(), rows[k], spec_.mean_image.data() + k * plane + start);
    }
  }

  const std::array<float, 3>& mean() const {
    static constexpr std::array<float, 3> none{};
    return spec_.mean_image.empty() ? spec_.mean : none;
  }

  const ImageView& image_;
  const Placement& placement_;
  const Spec& spec_;
  std::span<float> out_;
  Scratch& scratch_;
  int planes_ = 0;
};

float padding_value(const Spec& spec, size_t channel, size_t pixel) {
  const auto plane = static_cast<size_t>(spec.width) * static_cast<size_t>(spec.height);
  const float mean = spec.mean_image.empty() ? spec.mean[channel] : spec.mean_image[channel * plane + pixel];
  return spec.scale * (0.0f - mean);
}

// Pixels [begin, end) of the item, counted row by row, become padding.
void pad(const Spec& spec, size_t begin, size_t end, std::span<float> out) {
  const auto plane = static_cast<size_t>(spec.width) * static_cast<size_t>(spec.height);
  const auto channels = static_cast<size_t>(spec.channels());
  const bool interleaved = channels == 3 && spec.layout == Layout::nhwc;
  for (size_t k = 0; k < channels; ++k) {
    if (!interleaved && spec.mean_image.empty()) {
      std::fill(out.begin() + static_cast<ptrdiff_t>(k * plane + begin),
                out.begin() + static_cast<ptrdiff_t>(k * plane + end), padding_value(spec, k, 0));
      continue;
    }
    for (size_t pixel = begin; pixel < end; ++pixel) {
      out[interleaved ? pixel * channels + k : k * plane + pixel] = padding_value(spec, k, pixel);
    }
  }
}

void pad_around(const PixelRect& picture, const Spec& spec, std::span<float> out) {
  const auto width = static_cast<size_t>(spec.width), height = static_cast<size_t>(spec.height);
  const auto top = static_cast<size_t>(picture.top), left = static_cast<size_t>(picture.left);
  const auto bottom = top + static_cast<size_t>(picture.height), right = left + static_cast<size_t>(picture.width);
  pad(spec, 0, top * width, out);
  pad(spec, bottom * width, width * height, out);
  if (left == 0 && right == width) return;
  for (size_t y = top; y < bottom; ++y) {
    pad(spec, y * width, y * width + left, out);
    pad(spec, y * width + right, (y + 1) * width, out);
  }
}

bool contains(const PixelRect& rect, int width, int height) {
  return rect.left >= 0 && rect.top >= 0 && rect.width > 0 && rect.height > 0 && rect.width <= width - rect.left &&
         rect.height <= height - rect.top;
}

void check(const ImageView& image, const Placement& placement, const Spec& spec, std::span<float> out) {
  const PixelRect& source = placement.source;
  require(contains(source, image.width, image.height), ErrorKind::internal, "preprocess: the source ", source.width,
          "x", source.height, " at (", source.left, ", ", source.top, ") does not lie in a picture of ", image.width,
          "x", image.height);
  require(((source.left | source.top | source.width | source.height) & 1) == 0, ErrorKind::internal,
          "preprocess: the source rectangle is not even");
  require(contains(placement.destination, spec.width, spec.height), ErrorKind::internal,
          "preprocess: the destination does not lie in the network's input of ", spec.width, "x", spec.height);
  require(out.size() == spec.elements(), ErrorKind::internal, "preprocess: the item has ", out.size(),
          " values, the network's input ", spec.elements());
  require(spec.mean_image.empty() || spec.mean_image.size() == spec.elements(), ErrorKind::internal,
          "preprocess: the mean image has ", spec.mean_image.size(), " values, the network's input ", spec.elements());
}

}  // namespace

void preprocess(const ImageView& image, const Placement& placement, const Spec& spec, std::span<float> out) {
  check(image, placement, spec, out);
  RowMaker rows(image, placement, spec, out);
  for (int y = 0; y < placement.destination.height; ++y) rows.make(y);
  pad_around(placement.destination, spec, out);
}

}  // namespace es::preprocess
