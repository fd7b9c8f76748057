// SPDX-License-Identifier: Apache-2.0
//
// One plane of a picture, scaled to the destination's size, row by row.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "preprocess/axis.h"
#include "vision/box.h"
#include "vision/image.h"

namespace es::preprocess {

// A plane's bytes, and where each component lies within a pixel.
struct PlaneLayout {
  const uint8_t* data = nullptr;
  int stride = 0;
  int step = 1;  // bytes from pixel to pixel
  int components = 1;
  std::array<int, 3> offsets{0, 1, 2};  // of Y, U and V, or R, G and B
};

PlaneLayout plane_of(const ImageView& image, int plane);

class PlaneSampler {
 public:
  // `source` in pixels of the plane. The pixels must stay as long as sample() is called.
  void set(const PlaneLayout& plane, const PixelRect& source, const PixelRect& destination, Filter filter);

  int components() const { return plane_.components; }

  // Row y of the destination: one value per pixel into each of components() rows, which are padded (kernels.h).
  void sample(int y, float* const* out);

 private:
  const uint8_t* row(int y) const { return origin_ + static_cast<ptrdiff_t>(y) * plane_.stride; }
  void sample_nearest(int y, float* const* out);
  void sample_bilinear(int y, float* const* out);
  void sample_area(int y, float* const* out);

  PlaneLayout plane_;
  const uint8_t* origin_ = nullptr;
  Axis across_, down_;
  std::array<std::vector<int16_t>, 3> blended_;  // one row of each component, vertically done
  std::vector<float> interleaved_;               // one row of sums of weighted bytes, as the plane has them
  std::array<std::vector<float>, 3> split_;      // the same, a row per component
};

}  // namespace es::preprocess
