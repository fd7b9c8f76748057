// SPDX-License-Identifier: Apache-2.0
//
// A region of a picture becomes one item of the network's input tensor.
//
// place() decides which whole pixels are read and where they come to lie (nvinfer.md 3.2, 3.3). preprocess() scales,
// converts colours and normalises into that place (3.4, 3.5) in one walk over the rows of the destination: planes are
// scaled as the decoder left them, and colours are converted at the size of the network, never at the size of the
// frame.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "vision/box.h"
#include "vision/image.h"

namespace es::preprocess {

enum class ColorFormat { rgb, bgr, gray };
enum class Layout { nchw, nhwc };

// How source pixels become destination pixels. Sample centres are at half pixels.
//   nearest   the pixel at floor((x + 0.5) * source / destination)
//   bilinear  the two neighbours of (x + 0.5) * source / destination - 0.5 on each axis, edges repeated
//   area      the mean of what the destination pixel covers where an axis shrinks, bilinear where it grows
enum class Filter { nearest, bilinear, area };

// The filter that stands for a value 0..6 of the key scaling-filter; 6, the default, is nearest.
Filter filter_of(int scaling_filter);
// A sentence about the difference where we have no filter of that name, else empty. To be said once, at start.
std::string_view filter_note(int scaling_filter);

struct Spec {
  int width = 0, height = 0;  // of the network's input, pixels
  ColorFormat color = ColorFormat::rgb;
  Layout layout = Layout::nchw;
  Filter filter = Filter::nearest;
  bool maintain_aspect_ratio = false;
  bool symmetric_padding = false;  // only with maintain_aspect_ratio

  // y = scale * (x - mean), x the byte; single precision, subtraction first.
  float scale = 1;
  std::array<float, 3> mean{};  // per channel of the network, in the network's order
  // A mean per value instead: channels * height * width floats, planar, in the network's channel order. Empty: none.
  std::vector<float> mean_image;

  int channels() const { return color == ColorFormat::gray ? 1 : 3; }
  size_t elements() const { return static_cast<size_t>(channels()) * width * height; }
};

// Where `rect` (pixels of a picture of this size) is read and written. The rectangle is first clamped to the picture;
// the corner is truncated and rounded up to even numbers, the size truncated and rounded down. Nothing where no pixel
// is left to read (narrower than 2) or to write (an aspect ratio so extreme that a side vanishes), or where `rect` is
// not a number: such an object is not inferred.
std::optional<Placement> place(const FrameBox& rect, int image_width, int image_height, const Spec& spec);

// Writes one item: spec.elements() floats. The area outside placement.destination is byte 0, normalised.
//
// `placement` comes from place() for a picture of this size. Values are what an 8-bit surface of the network's size
// would hold: rounded to whole numbers before normalisation. YUV pictures become RGB by image.matrix and image.range; a
// gray network gets their luma unchanged, and 0.299 R + 0.587 G + 0.114 B of an RGB picture.
//
// Safe from any number of threads; takes no memory once a thread has seen its largest picture. Throws internal where
// the arguments do not fit each other.
void preprocess(const ImageView& image, const Placement& placement, const Spec& spec, std::span<float> out);

}  // namespace es::preprocess
