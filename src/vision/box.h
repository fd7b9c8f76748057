// SPDX-License-Identifier: Apache-2.0
//
// Boxes, typed by the space they live in. A ModelBox (pixels of the network's input) and a FrameBox (pixels of the
// picture) convert only through a Placement.
#pragma once

namespace es {

// left, top, width, height in pixels of the network's input, letterbox bars included.
struct ModelBox {
  float left = 0, top = 0, width = 0, height = 0;
  bool operator==(const ModelBox&) const = default;
};

// left, top, width, height in pixels of the picture. Origin top-left.
struct FrameBox {
  float left = 0, top = 0, width = 0, height = 0;
  bool operator==(const FrameBox&) const = default;
};

// Whole pixels of the picture.
struct PixelRect {
  int left = 0, top = 0, width = 0, height = 0;
  bool operator==(const PixelRect&) const = default;
};

// Where a source rectangle came to lie in the network's input (nvinfer's scale ratios and offsets).
struct Placement {
  PixelRect source;       // what was cropped from the picture, after rounding to even numbers
  PixelRect destination;  // where it lies in the network's input; the rest is padding
  double ratio_x = 1;     // destination.width / source.width
  double ratio_y = 1;     // destination.height / source.height
  float origin_left = 0;  // added after scaling back: the parent object's unrounded left, 0 for whole frames
  float origin_top = 0;
};

// The box in picture coordinates: subtraction of the offset in float, division and addition in double, stored as float.
// Nothing is clipped here.
FrameBox to_frame(const ModelBox& box, const Placement& placement);

}  // namespace es
