// SPDX-License-Identifier: Apache-2.0
//
// The two ways pixels change: a rectangle is filled, a coverage mask is stamped. All shapes come down to these, for
// every pixel format by one table of layers.
#pragma once

#include <cstdint>
#include <vector>

#include "draw/draw.h"
#include "vision/image.h"

namespace es::draw {

// How much of each pixel a shape covers, 0..255, row-major.
struct Coverage {
  int width = 0, height = 0;
  std::vector<uint8_t> values;
};

class Canvas {
 public:
  explicit Canvas(const MutableImage& image) : image_(image) {}

  int width() const { return image_.width; }
  int height() const { return image_.height; }
  // Pixels left <= x < right, top <= y < bottom.
  void fill(int left, int top, int right, int bottom, const Color& color);
  // `coverage` with its corner at (left, top).
  void stamp(const Coverage& coverage, int left, int top, const Color& color);

 private:
  MutableImage image_;
};

}  // namespace es::draw
