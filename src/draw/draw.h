// SPDX-License-Identifier: Apache-2.0
//
// Boxes, text, lines, arrows and circles painted onto a picture in its own pixel format: I420 and NV12 are never turned
// into RGB and back. What nvdsosd draws, without knowing GStreamer or its metadata.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "vision/image.h"

namespace es::draw {

struct PixelSize {
  int width = 0, height = 0;
};

// Components 0..1, as in NvOSD_ColorParams.
struct Color {
  double red = 0, green = 0, blue = 0, alpha = 1;
  bool operator==(const Color&) const = default;
};

// Pixels of the picture. The border lies inside the box; border_width 0 draws none.
struct Rectangle {
  float left = 0, top = 0, width = 0, height = 0;
  int border_width = 0;
  Color border;
  bool filled = false;
  Color fill;
  float rotation = 0;  // degrees, clockwise on the screen, about the centre
};

// `x`, `y`: top-left corner of the text's background. Newlines are honoured. A size below 10 is drawn as 10.
struct Text {
  std::string text;
  int x = 0, y = 0;
  std::string font = "Serif";
  int size = 11;  // points at 96 dpi
  Color color;
  bool has_background = false;
  Color background;
};

enum class ArrowHead { none, start, end, both };

struct Line {
  int x1 = 0, y1 = 0, x2 = 0, y2 = 0;
  int width = 1;
  Color color;
  ArrowHead head = ArrowHead::none;
};

struct Circle {
  int x = 0, y = 0, radius = 0;
  int width = 2;
  Color color;
  bool filled = false;
  Color fill;
};

// A picture of floats (one class of an instance mask) stretched over a box; values above `threshold` are painted.
struct Mask {
  float left = 0, top = 0, width = 0, height = 0;
  std::span<const float> values;  // rows x columns, row-major
  int columns = 0, rows = 0;
  float threshold = 0;
  Color color;
};

// Everything to draw on one picture; painted in this order: rectangles, masks, texts, lines, circles.
struct Scene {
  std::vector<Rectangle> rectangles;
  std::vector<Mask> masks;
  std::vector<Text> texts;
  std::vector<Line> lines;
  std::vector<Circle> circles;
};

// Paints scenes; keeps the shapes of texts it has drawn (at most a few hundred), since labels repeat from frame to
// frame. One thread at a time. Whatever lies outside the picture is cut; sizes that are not finite are not drawn.
class Painter {
 public:
  Painter();
  ~Painter();
  Painter(Painter&&) noexcept;

  void paint(const MutableImage& image, const Scene& scene);

  // Width and height in pixels that `text` with its background takes.
  PixelSize extent(const Text& text);

 private:
  class TextCache;
  std::unique_ptr<TextCache> texts_;
};

}  // namespace es::draw
