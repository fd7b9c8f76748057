// SPDX-License-Identifier: Apache-2.0
//
// Pictures scaled and converted between the formats of vision/image.h, by libyuv. No GStreamer in here.
#pragma once

#include <cstddef>

#include "vision/box.h"
#include "vision/image.h"

namespace es::gst {

// nearest, bilinear, and the mean over what an output pixel covers.
enum class Filter { nearest, bilinear, box };

// The filter that stands for a value 0..6 of interpolation-method; 6 is nearest.
Filter filter_of(int interpolation_method);

// flip-method of nvvideoconvert, by its numbers.
enum class Flip {
  none,
  counter_clockwise,
  rotate_180,
  clockwise,
  horizontal,
  upper_right_diagonal,
  vertical,
  upper_left_diagonal
};
bool swaps_axes(Flip flip);

// Fills all of `to` from all of `from`. YUV becomes RGB by the matrix and range of `from`; RGB becomes YUV by BT.601 in
// limited range; luma and gray are the same bytes. Safe from many threads.
void convert(const ImageView& from, const MutableImage& to, Filter filter);
// Fills all of `to`, which has the sides of `from` swapped where swaps_axes(flip), with `from` turned. Same format.
void flip(const ImageView& from, const MutableImage& to, Flip flip);
// Same format and size: rows are copied.
void copy(const ImageView& from, const MutableImage& to);
// Black, in the picture's own format, matrix and range.
void fill_black(const MutableImage& image);

// The part of a picture. The corner is moved to even numbers and the rectangle cut to the picture, so that chroma has
// whole samples.
ImageView crop(const ImageView& image, PixelRect rect);
MutableImage crop(const MutableImage& image, PixelRect rect);

// Rows and bytes of a plane that hold samples.
int plane_rows(PixelFormat format, int plane, int height);
size_t plane_row_bytes(PixelFormat format, int plane, int width);

}  // namespace es::gst
