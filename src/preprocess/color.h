// SPDX-License-Identifier: Apache-2.0
//
// The arithmetic of colours.
#pragma once

#include "vision/image.h"

namespace es::preprocess {

// R = luma * (Y - black) + red_v * (V - 128), and so on.
struct YuvToRgb {
  float black = 0, luma = 1;
  float red_v = 0, green_u = 0, green_v = 0, blue_u = 0;
};

// From the weights of red and blue in luma, as ITU-R BT.601 and BT.709 give them.
constexpr YuvToRgb yuv_to_rgb(ColorMatrix matrix, ColorRange range) {
  const double red = matrix == ColorMatrix::bt601 ? 0.299 : 0.2126;
  const double blue = matrix == ColorMatrix::bt601 ? 0.114 : 0.0722;
  const double green = 1 - red - blue;
  const bool limited = range == ColorRange::limited;
  const double luma = limited ? 255.0 / 219 : 1;
  const double chroma = limited ? 255.0 / 224 : 1;
  return {.black = limited ? 16.0f : 0.0f,
          .luma = static_cast<float>(luma),
          .red_v = static_cast<float>(2 * (1 - red) * chroma),
          .green_u = static_cast<float>(-2 * (1 - blue) * blue / green * chroma),
          .green_v = static_cast<float>(-2 * (1 - red) * red / green * chroma),
          .blue_u = static_cast<float>(2 * (1 - blue) * chroma)};
}

// A picture's gray, whatever its video standard: the formula of BT.601, which training tools use for RGB pictures.
inline constexpr float gray_red = 0.299f, gray_green = 0.587f, gray_blue = 0.114f;

}  // namespace es::preprocess
