// SPDX-License-Identifier: Apache-2.0
//
// Shapes that are not upright rectangles, as coverage masks; cairo and pango do the geometry.
#pragma once

#include <string>

#include "draw/canvas.h"
#include "draw/draw.h"

namespace es::draw {

// A mask and where its corner belongs. Empty (0x0) where nothing of the shape lies on a picture of the given size.
struct PlacedCoverage {
  Coverage coverage;
  int left = 0, top = 0;
};

PlacedCoverage line_coverage(const Line& line, PixelSize picture);
PlacedCoverage circle_coverage(const Circle& circle, bool disc, PixelSize picture);
PlacedCoverage rotated_coverage(const Rectangle& rectangle, bool inside, PixelSize picture);

// The ink of a text, without its background.
Coverage text_coverage(const std::string& text, const std::string& font, int size);

}  // namespace es::draw
