// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "base/error.h"
#include "preprocess/preprocess.h"

namespace es::preprocess {
namespace {

constexpr int even_up(int value) { return value + (value & 1); }
constexpr int even_down(int value) { return value & ~1; }

// One side of the source rectangle, clamped to the picture before it is rounded.
struct Side {
  int start = 0, length = 0;
  float origin = 0;  // the clamped start, unrounded
};

std::optional<Side> source_side(float start, float length, int limit) {
  if (!std::isfinite(start) || !std::isfinite(length)) return std::nullopt;
  if (start < 0) {
    length += start;
    start = 0;
  }
  if (static_cast<double>(start) + length > limit) length = static_cast<float>(limit) - start;
  if (!(length >= 2) || start >= static_cast<float>(limit)) return std::nullopt;
  Side side{.start = even_up(static_cast<int>(start)), .length = even_down(static_cast<int>(length)), .origin = start};
  side.length = std::min(side.length, even_down(limit - side.start));
  if (side.length < 2) return std::nullopt;
  return side;
}

PixelRect letterbox(const PixelRect& source, const Spec& spec) {
  const auto product = [](int a, int b) { return static_cast<uint32_t>(a) * static_cast<uint32_t>(b); };
  const double height = product(spec.width, source.height) / static_cast<double>(source.width);
  const double width = product(spec.height, source.width) / static_cast<double>(source.height);
  PixelRect rect{.width = spec.width, .height = spec.height};
  if (height <= spec.height) {
    rect.height = static_cast<int>(height);
  } else {
    rect.width = static_cast<int>(width);
  }
  if (spec.symmetric_padding) {
    rect.left = (spec.width - rect.width) / 2;
    rect.top = (spec.height - rect.height) / 2;
  }
  return rect;
}

struct FilterRow {
  Filter filter;
  std::string_view note;
};

constexpr FilterRow filters[] = {
    {Filter::nearest, {}},
    {Filter::bilinear, {}},
    {Filter::bilinear, "scaling-filter=2 (cubic on a GPU) runs as bilinear here"},
    {Filter::area, {}},
    {Filter::bilinear, "scaling-filter=4 (Lanczos on a GPU) runs as bilinear here"},
    {Filter::bilinear, "scaling-filter=5 (which a GPU ignores) runs as bilinear here"},
    {Filter::nearest, {}},
};

const FilterRow& row_of(int scaling_filter) {
  require(scaling_filter >= 0 && scaling_filter < static_cast<int>(std::size(filters)), ErrorKind::usage,
          "scaling-filter=", scaling_filter, ": must be 0 to 6");
  return filters[scaling_filter];
}

}  // namespace

Filter filter_of(int scaling_filter) { return row_of(scaling_filter).filter; }
std::string_view filter_note(int scaling_filter) { return row_of(scaling_filter).note; }

std::optional<Placement> place(const FrameBox& rect, int image_width, int image_height, const Spec& spec) {
  const auto across = source_side(rect.left, rect.width, image_width);
  const auto down = source_side(rect.top, rect.height, image_height);
  if (!across || !down) return std::nullopt;
  Placement placement;
  placement.source = {across->start, down->start, across->length, down->length};
  placement.destination = spec.maintain_aspect_ratio ? letterbox(placement.source, spec)
                                                     : PixelRect{.width = spec.width, .height = spec.height};
  if (placement.destination.width < 1 || placement.destination.height < 1) return std::nullopt;
  placement.ratio_x = placement.destination.width / static_cast<double>(across->length);
  placement.ratio_y = placement.destination.height / static_cast<double>(down->length);
  placement.origin_left = across->origin;
  placement.origin_top = down->origin;
  return placement;
}

}  // namespace es::preprocess
