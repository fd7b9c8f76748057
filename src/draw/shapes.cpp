// SPDX-License-Identifier: Apache-2.0
#include "draw/shapes.h"

#include <cairo.h>
#include <pango/pangocairo.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <numbers>

namespace es::draw {
namespace {

struct DestroySurface {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
};
struct DestroyContext {
  void operator()(cairo_t* context) const { cairo_destroy(context); }
};
struct Unref {
  void operator()(void* object) const { g_object_unref(object); }
};
struct FreeFont {
  void operator()(PangoFontDescription* font) const { pango_font_description_free(font); }
};
using Surface = std::unique_ptr<cairo_surface_t, DestroySurface>;
using Context = std::unique_ptr<cairo_t, DestroyContext>;
using Layout = std::unique_ptr<PangoLayout, Unref>;

constexpr int largest_text = 4096;  // pixels each way; a longer text is cut

// What `ink` draws into a surface of the given size.
Coverage rendered(int width, int height, const std::function<void(cairo_t*)>& ink) {
  const Surface surface(cairo_image_surface_create(CAIRO_FORMAT_A8, width, height));
  const Context context(cairo_create(surface.get()));
  ink(context.get());
  cairo_surface_flush(surface.get());
  Coverage coverage{width, height, std::vector<uint8_t>(static_cast<size_t>(width) * static_cast<size_t>(height))};
  const uint8_t* bytes = cairo_image_surface_get_data(surface.get());
  const int stride = cairo_image_surface_get_stride(surface.get());
  for (int row = 0; bytes != nullptr && row < height; ++row) {
    std::copy_n(bytes + static_cast<ptrdiff_t>(row) * stride, width,
                coverage.values.begin() + static_cast<ptrdiff_t>(row) * width);
  }
  return coverage;
}

// The part of left..right, top..bottom that lies on the picture, rendered with the picture's coordinates.
PlacedCoverage rendered_on(PixelSize picture, double left, double top, double right, double bottom,
                           const std::function<void(cairo_t*)>& ink) {
  const auto inside = [](double value, int limit) { return static_cast<int>(std::clamp(value, 0.0, double(limit))); };
  if (!std::isfinite(left + top + right + bottom)) return {};
  const int x0 = inside(std::floor(left), picture.width), x1 = inside(std::ceil(right), picture.width);
  const int y0 = inside(std::floor(top), picture.height), y1 = inside(std::ceil(bottom), picture.height);
  if (x0 >= x1 || y0 >= y1) return {};
  return {rendered(x1 - x0, y1 - y0,
                   [&](cairo_t* cr) {
                     cairo_translate(cr, -x0, -y0);
                     ink(cr);
                   }),
          x0, y0};
}

// A filled triangle whose tip is (x, y), looking along `angle`.
void arrow_head(cairo_t* cr, double x, double y, double angle, double size) {
  constexpr double half_opening = std::numbers::pi / 7;
  cairo_move_to(cr, x, y);
  cairo_line_to(cr, x - size * std::cos(angle - half_opening), y - size * std::sin(angle - half_opening));
  cairo_line_to(cr, x - size * std::cos(angle + half_opening), y - size * std::sin(angle + half_opening));
  cairo_close_path(cr);
  cairo_fill(cr);
}

void ink_line(cairo_t* cr, const Line& line) {
  cairo_set_line_width(cr, line.width);
  cairo_move_to(cr, line.x1, line.y1);
  cairo_line_to(cr, line.x2, line.y2);
  cairo_stroke(cr);
  const double angle = std::atan2(double(line.y2) - line.y1, double(line.x2) - line.x1);
  const double size = 4.0 * line.width + 6;
  if (line.head == ArrowHead::end || line.head == ArrowHead::both) arrow_head(cr, line.x2, line.y2, angle, size);
  if (line.head == ArrowHead::start || line.head == ArrowHead::both) {
    arrow_head(cr, line.x1, line.y1, angle + std::numbers::pi, size);
  }
}

Layout text_layout(const std::string& text, const std::string& font, int size) {
  static PangoFontMap* const fonts = pango_cairo_font_map_new();  // pango's own default map belongs to one thread only
  const std::unique_ptr<PangoContext, Unref> context(pango_font_map_create_context(fonts));
  Layout layout(pango_layout_new(context.get()));
  const std::unique_ptr<PangoFontDescription, FreeFont> description(pango_font_description_from_string(font.c_str()));
  pango_font_description_set_size(description.get(), size * PANGO_SCALE);
  pango_layout_set_font_description(layout.get(), description.get());
  const std::unique_ptr<char, decltype(&g_free)> valid(g_utf8_make_valid(text.data(), static_cast<gssize>(text.size())),
                                                       g_free);
  pango_layout_set_text(layout.get(), valid.get(), -1);
  return layout;
}

}  // namespace

PlacedCoverage line_coverage(const Line& line, PixelSize picture) {
  const double margin = 5.0 * line.width + 8;
  return rendered_on(picture, std::min(line.x1, line.x2) - margin, std::min(line.y1, line.y2) - margin,
                     std::max(line.x1, line.x2) + margin, std::max(line.y1, line.y2) + margin,
                     [&](cairo_t* cr) { ink_line(cr, line); });
}

PlacedCoverage circle_coverage(const Circle& circle, bool disc, PixelSize picture) {
  const double reach = double(circle.radius) + circle.width + 1;
  return rendered_on(picture, circle.x - reach, circle.y - reach, circle.x + reach, circle.y + reach, [&](cairo_t* cr) {
    cairo_arc(cr, circle.x, circle.y, circle.radius, 0, 2 * std::numbers::pi);
    cairo_set_line_width(cr, circle.width);
    disc ? cairo_fill(cr) : cairo_stroke(cr);
  });
}

PlacedCoverage rotated_coverage(const Rectangle& rectangle, bool inside, PixelSize picture) {
  const double cx = rectangle.left + rectangle.width / 2.0, cy = rectangle.top + rectangle.height / 2.0;
  const double reach = std::hypot(rectangle.width, rectangle.height) / 2 + rectangle.border_width + 1;
  return rendered_on(picture, cx - reach, cy - reach, cx + reach, cy + reach, [&](cairo_t* cr) {
    cairo_translate(cr, cx, cy);
    cairo_rotate(cr, rectangle.rotation * std::numbers::pi / 180);
    cairo_rectangle(cr, -rectangle.width / 2.0, -rectangle.height / 2.0, rectangle.width, rectangle.height);
    cairo_set_line_width(cr, rectangle.border_width);
    inside ? cairo_fill(cr) : cairo_stroke(cr);
  });
}

Coverage text_coverage(const std::string& text, const std::string& font, int size) {
  const Layout layout = text_layout(text, font, size);
  int width = 0, height = 0;
  pango_layout_get_pixel_size(layout.get(), &width, &height);
  return rendered(std::clamp(width, 1, largest_text), std::clamp(height, 1, largest_text),
                  [&](cairo_t* cr) { pango_cairo_show_layout(cr, layout.get()); });
}

}  // namespace es::draw
