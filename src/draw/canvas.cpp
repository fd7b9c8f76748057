// SPDX-License-Identifier: Apache-2.0
#include "draw/canvas.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace es::draw {
namespace {

// One plane of a format: where its samples lie and which component each byte holds.
enum class Component : uint8_t { y, u, v, red, green, blue };

struct Sample {
  int offset;
  Component component;
};

struct Layer {
  int plane;
  int step;   // bytes from one sample to the next
  int shift;  // 1: a sample covers 2x2 pixels
  int samples;
  std::array<Sample, 3> sample;
};

struct Layers {
  int count;
  std::array<Layer, 3> layer;
};

using enum Component;

Layers layers_of(PixelFormat format) {
  static constexpr Layer luma{0, 1, 0, 1, {{{0, y}}}};
  switch (format) {
    case PixelFormat::i420:
      return {3, {luma, Layer{1, 1, 1, 1, {{{0, u}}}}, Layer{2, 1, 1, 1, {{{0, v}}}}}};
    case PixelFormat::nv12:
      return {2, {luma, Layer{1, 2, 1, 2, {{{0, u}, {1, v}}}}}};
    case PixelFormat::rgba:
      return {1, {Layer{0, 4, 0, 3, {{{0, red}, {1, green}, {2, blue}}}}}};
    case PixelFormat::bgrx:
      return {1, {Layer{0, 4, 0, 3, {{{0, blue}, {1, green}, {2, red}}}}}};
    case PixelFormat::rgb:
      return {1, {Layer{0, 3, 0, 3, {{{0, red}, {1, green}, {2, blue}}}}}};
    case PixelFormat::bgr:
      return {1, {Layer{0, 3, 0, 3, {{{0, blue}, {1, green}, {2, red}}}}}};
    case PixelFormat::gray8:
      return {1, {luma}};
  }
  return {0, {}};
}

// 8-bit value of every component, by the picture's own matrix and range.
std::array<int, 6> components_of(const Color& color, const MutableImage& image) {
  const double kr = image.matrix == ColorMatrix::bt709 ? 0.2126 : 0.299;
  const double kb = image.matrix == ColorMatrix::bt709 ? 0.0722 : 0.114;
  const double luma = kr * color.red + (1 - kr - kb) * color.green + kb * color.blue;
  const bool limited = image.range == ColorRange::limited && image.format != PixelFormat::gray8;
  const double luma_span = limited ? 219 : 255, chroma_span = limited ? 224 : 255, black = limited ? 16 : 0;
  const auto byte = [](double value) { return static_cast<int>(std::lround(std::clamp(value, 0.0, 255.0))); };
  return {byte(black + luma_span * luma),
          byte(128 + chroma_span * (color.blue - luma) / (2 * (1 - kb))),
          byte(128 + chroma_span * (color.red - luma) / (2 * (1 - kr))),
          byte(255 * color.red),
          byte(255 * color.green),
          byte(255 * color.blue)};
}

// `weight` of 0..65536 of the way from the byte to the value.
void blend(uint8_t& byte, int value, int weight) {
  byte = static_cast<uint8_t>((byte * (65536 - weight) + value * weight + 32768) >> 16);
}

int opacity_of(const Color& color) { return static_cast<int>(std::lround(std::clamp(color.alpha, 0.0, 1.0) * 65536)); }

// How many of the pixels of sample `index` lie in begin <= pixel < end: 0..2 with shift 1, else 0 or 1.
int covered(int index, int shift, int begin, int end) {
  return std::max(0, std::min((index + 1) << shift, end) - std::max(index << shift, begin));
}

// The mean coverage of the pixels under sample (column, row) of a layer, the mask's corner at (left, top).
int mean_coverage(const Coverage& coverage, int column, int row, int shift, int left, int top) {
  int sum = 0;
  for (int py = row << shift; py < (row + 1) << shift; ++py) {
    for (int px = column << shift; px < (column + 1) << shift; ++px) {
      const int mx = px - left, my = py - top;
      if (mx < 0 || my < 0 || mx >= coverage.width || my >= coverage.height) continue;
      sum += coverage.values[static_cast<size_t>(my) * static_cast<size_t>(coverage.width) + static_cast<size_t>(mx)];
    }
  }
  return sum >> (2 * shift);
}

// Calls body(bytes of the row, layer, row) for the rows of every layer that the rectangle touches; the rectangle is cut
// to the picture.
template <typename Body>
void for_each_row(const MutableImage& image, int top, int bottom, Body&& body) {
  top = std::max(top, 0), bottom = std::min(bottom, image.height);
  if (top >= bottom) return;
  const Layers layers = layers_of(image.format);
  for (int index = 0; index < layers.count; ++index) {
    const Layer& layer = layers.layer[static_cast<size_t>(index)];
    const auto& plane = image.planes[static_cast<size_t>(layer.plane)];
    for (int row = top >> layer.shift; row <= (bottom - 1) >> layer.shift; ++row) {
      body(plane.data + static_cast<ptrdiff_t>(row) * plane.stride, layer, row);
    }
  }
}

// Calls body(sample bytes, layer, column, row) for the samples of every layer that the rectangle touches.
template <typename Body>
void for_each_sample(const MutableImage& image, int left, int top, int right, int bottom, Body&& body) {
  left = std::max(left, 0), right = std::min(right, image.width);
  if (left >= right) return;
  for_each_row(image, top, bottom, [&](uint8_t* bytes, const Layer& layer, int row) {
    for (int column = left >> layer.shift; column <= (right - 1) >> layer.shift; ++column) {
      body(bytes + column * layer.step, layer, column, row);
    }
  });
}

}  // namespace

void Canvas::fill(int left, int top, int right, int bottom, const Color& color) {
  left = std::max(left, 0), right = std::min(right, image_.width);
  if (left >= right) return;
  const auto values = components_of(color, image_);
  const int opacity = opacity_of(color);
  for_each_row(image_, top, bottom, [&](uint8_t* bytes, const Layer& layer, int row) {
    const int rows = covered(row, layer.shift, top, bottom);
    const auto blend_columns = [&](int from, int to) {
      for (int column = from; column < to; ++column) {
        const int pixels = rows * covered(column, layer.shift, left, right);
        const int weight = layer.shift ? opacity * pixels / 4 : opacity;
        for (int i = 0; i < layer.samples; ++i) {
          const auto& sample = layer.sample[static_cast<size_t>(i)];
          blend(bytes[column * layer.step + sample.offset], values[static_cast<size_t>(sample.component)], weight);
        }
      }
    };
    int begin = left >> layer.shift;
    const int end = ((right - 1) >> layer.shift) + 1;
    // Planes of one component, where whole samples of an opaque colour lie side by side: most of a frame's boxes and
    // text backgrounds.
    const int first = (left + (1 << layer.shift) - 1) >> layer.shift, last = right >> layer.shift;
    if (opacity == 65536 && layer.step == 1 && rows == 1 << layer.shift && first < last) {
      blend_columns(begin, first);
      std::memset(bytes + first, values[static_cast<size_t>(layer.sample[0].component)],
                  static_cast<size_t>(last - first));
      begin = last;
    }
    blend_columns(begin, end);
  });
}

void Canvas::stamp(const Coverage& coverage, int left, int top, const Color& color) {
  const auto values = components_of(color, image_);
  const int opacity = opacity_of(color);
  for_each_sample(image_, left, top, left + coverage.width, top + coverage.height,
                  [&](uint8_t* bytes, const Layer& layer, int column, int row) {
                    const int mean = mean_coverage(coverage, column, row, layer.shift, left, top);
                    if (mean == 0) return;
                    const int weight = opacity * mean / 255;
                    for (int i = 0; i < layer.samples; ++i) {
                      const auto& sample = layer.sample[static_cast<size_t>(i)];
                      blend(bytes[sample.offset], values[static_cast<size_t>(sample.component)], weight);
                    }
                  });
}

}  // namespace es::draw
