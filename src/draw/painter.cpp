// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "draw/canvas.h"
#include "draw/draw.h"
#include "draw/shapes.h"

namespace es::draw {
namespace {

constexpr size_t most_cached_texts = 512;
constexpr int smallest_font = 10;
constexpr int widest_border = 32;  // DeepStream's own limit

// The nearest whole pixel, within a range that later sums cannot leave.
int pixel(double value) { return static_cast<int>(std::lround(std::clamp(value, -1e6, 1e6))); }

bool drawable(const Rectangle& box) {
  return std::isfinite(box.left + box.top + box.width + box.height) && box.width > 0 && box.height > 0;
}

void paint_upright(Canvas& canvas, const Rectangle& box) {
  const int left = pixel(box.left), top = pixel(box.top);
  const int right = pixel(double(box.left) + box.width), bottom = pixel(double(box.top) + box.height);
  if (box.filled) canvas.fill(left, top, right, bottom, box.fill);
  const int border = std::min({box.border_width, widest_border, (right - left + 1) / 2, (bottom - top + 1) / 2});
  if (border <= 0) return;
  canvas.fill(left, top, right, top + border, box.border);
  canvas.fill(left, std::max(bottom - border, top + border), right, bottom, box.border);
  canvas.fill(left, top + border, left + border, bottom - border, box.border);
  canvas.fill(std::max(right - border, left + border), top + border, right, bottom - border, box.border);
}

void paint_rotated(Canvas& canvas, const Rectangle& box) {
  const PixelSize picture{canvas.width(), canvas.height()};
  if (box.filled) {
    const auto area = rotated_coverage(box, true, picture);
    canvas.stamp(area.coverage, area.left, area.top, box.fill);
  }
  if (box.border_width > 0) {
    const auto outline = rotated_coverage(box, false, picture);
    canvas.stamp(outline.coverage, outline.left, outline.top, box.border);
  }
}

void paint_rectangle(Canvas& canvas, const Rectangle& box) {
  if (!drawable(box)) return;
  box.rotation == 0 ? paint_upright(canvas, box) : paint_rotated(canvas, box);
}

// The mask's value at a point of 0..columns x 0..rows, bilinear with half-pixel centres.
float sampled(const Mask& mask, double x, double y) {
  x = std::clamp(x - 0.5, 0.0, mask.columns - 1.0);
  y = std::clamp(y - 0.5, 0.0, mask.rows - 1.0);
  const int x0 = static_cast<int>(x), y0 = static_cast<int>(y);
  const int x1 = std::min(x0 + 1, mask.columns - 1), y1 = std::min(y0 + 1, mask.rows - 1);
  const auto at = [&](int column, int row) { return mask.values[static_cast<size_t>(row * mask.columns + column)]; };
  const double fx = x - x0, fy = y - y0;
  return static_cast<float>((at(x0, y0) * (1 - fx) + at(x1, y0) * fx) * (1 - fy) +
                            (at(x0, y1) * (1 - fx) + at(x1, y1) * fx) * fy);
}

void paint_mask(Canvas& canvas, const Mask& mask) {
  const auto cells = static_cast<size_t>(std::max(mask.columns, 0)) * static_cast<size_t>(std::max(mask.rows, 0));
  if (cells == 0 || mask.values.size() < cells || !std::isfinite(mask.left + mask.top + mask.width + mask.height))
    return;
  const int left = std::max(pixel(mask.left), 0), top = std::max(pixel(mask.top), 0);
  const int right = std::min(pixel(double(mask.left) + mask.width), canvas.width());
  const int bottom = std::min(pixel(double(mask.top) + mask.height), canvas.height());
  if (left >= right || top >= bottom) return;
  Coverage area{right - left, bottom - top, {}};
  area.values.reserve(static_cast<size_t>(area.width) * static_cast<size_t>(area.height));
  for (int y = top; y < bottom; ++y) {
    for (int x = left; x < right; ++x) {
      const double u = (x + 0.5 - mask.left) / mask.width * mask.columns;
      const double v = (y + 0.5 - mask.top) / mask.height * mask.rows;
      area.values.push_back(sampled(mask, u, v) > mask.threshold ? 255 : 0);
    }
  }
  canvas.stamp(area, left, top, mask.color);
}

void paint_line(Canvas& canvas, const Line& line) {
  const auto ink = line_coverage(line, {canvas.width(), canvas.height()});
  canvas.stamp(ink.coverage, ink.left, ink.top, line.color);
}

void paint_circle(Canvas& canvas, const Circle& circle) {
  const PixelSize picture{canvas.width(), canvas.height()};
  if (circle.filled) {
    const auto disc = circle_coverage(circle, true, picture);
    canvas.stamp(disc.coverage, disc.left, disc.top, circle.fill);
  }
  const auto ring = circle_coverage(circle, false, picture);
  canvas.stamp(ring.coverage, ring.left, ring.top, circle.color);
}

// The background reaches half the font size beyond the ink to the left and right, a quarter above and below.
int margin_x(const Text& text) { return std::max(text.size, smallest_font) / 2; }
int margin_y(const Text& text) { return std::max(text.size, smallest_font) / 4; }

}  // namespace

class Painter::TextCache {
 public:
  const Coverage& ink_of(const Text& text) {
    const Key key{text.text, text.font, std::max(text.size, smallest_font)};
    if (const auto found = ink_.find(key); found != ink_.end()) return found->second;
    if (ink_.size() >= most_cached_texts) ink_.clear();
    return ink_.emplace(key, text_coverage(text.text, text.font, std::get<2>(key))).first->second;
  }

 private:
  using Key = std::tuple<std::string, std::string, int>;
  std::map<Key, Coverage> ink_;
};

Painter::Painter() : texts_(std::make_unique<TextCache>()) {}
Painter::~Painter() = default;
Painter::Painter(Painter&&) noexcept = default;

PixelSize Painter::extent(const Text& text) {
  const Coverage& ink = texts_->ink_of(text);
  return {ink.width + 2 * margin_x(text), ink.height + 2 * margin_y(text)};
}

void Painter::paint(const MutableImage& image, const Scene& scene) {
  Canvas canvas(image);
  for (const auto& box : scene.rectangles) paint_rectangle(canvas, box);
  for (const auto& mask : scene.masks) paint_mask(canvas, mask);
  for (const auto& text : scene.texts) {
    if (text.text.empty()) continue;
    const Coverage& ink = texts_->ink_of(text);
    const PixelSize size = extent(text);
    if (text.has_background) canvas.fill(text.x, text.y, text.x + size.width, text.y + size.height, text.background);
    canvas.stamp(ink, text.x + margin_x(text), text.y + margin_y(text), text.color);
  }
  for (const auto& line : scene.lines) paint_line(canvas, line);
  for (const auto& circle : scene.circles) paint_circle(canvas, circle);
}

}  // namespace es::draw
