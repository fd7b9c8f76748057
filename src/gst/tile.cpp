// SPDX-License-Identifier: Apache-2.0
#include "gst/tile.h"

#include <algorithm>

#include "gst/meta.h"

namespace es::gst {
namespace {

class Move {
 public:
  Move(const PixelRect& tile, int frame_width, int frame_height)
      : tile_(tile),
        scale_x_(float(tile.width) / static_cast<float>(frame_width)),
        scale_y_(float(tile.height) / static_cast<float>(frame_height)) {}

  void x(float& value) const { value = static_cast<float>(tile_.left) + value * scale_x_; }
  void y(float& value) const { value = static_cast<float>(tile_.top) + value * scale_y_; }
  void x(unsigned& value) const {
    value = whole(static_cast<float>(tile_.left) + static_cast<float>(value) * scale_x_);
  }
  void y(unsigned& value) const { value = whole(static_cast<float>(tile_.top) + static_cast<float>(value) * scale_y_); }

  void operator()(NvOSD_RectParams& box) const {
    x(box.left);
    y(box.top);
    box.width *= scale_x_;
    box.height *= scale_y_;
  }
  void operator()(NvOSD_TextParams& text) const {
    x(text.x_offset);
    y(text.y_offset);
  }
  void operator()(NvOSD_CircleParams& circle) const {
    x(circle.xc);
    y(circle.yc);
    circle.radius = whole(static_cast<float>(circle.radius) * std::min(scale_x_, scale_y_));
  }
  template <typename TwoPoints>
  void operator()(TwoPoints& line) const {
    x(line.x1);
    y(line.y1);
    x(line.x2);
    y(line.y2);
  }

 private:
  static unsigned whole(float value) { return static_cast<unsigned>(std::max(value, 0.0f) + 0.5f); }

  PixelRect tile_;
  float scale_x_, scale_y_;
};

void move_display(NvDsDisplayMeta& display, const Move& move) {
  for (auto& rectangle : display.rect_params) move(rectangle);
  for (auto& text : display.text_params) move(text);
  for (auto& line : display.line_params) move(line);
  for (auto& arrow : display.arrow_params) move(arrow);
  for (auto& circle : display.circle_params) move(circle);
}

}  // namespace

void make_square(TileGrid& grid, int sources) {
  grid.rows = grid.columns = 1;
  while (grid.rows * grid.columns < sources) ++(grid.columns > grid.rows ? grid.rows : grid.columns);
}

std::optional<PixelRect> tile_of(const TileGrid& grid, int source) {
  if (grid.show_source >= 0) {
    if (source != grid.show_source) return std::nullopt;
    return PixelRect{0, 0, grid.width, grid.height};
  }
  if (source < 0 || source >= grid.rows * grid.columns) return std::nullopt;
  const int width = grid.width / grid.columns, height = grid.height / grid.rows;
  return PixelRect{source % grid.columns * width, source / grid.columns * height, width, height};
}

void move_frame(NvDsFrameMeta& frame, const PixelRect& tile, int frame_width, int frame_height) {
  const Move move(tile, frame_width, frame_height);
  for_each_object(frame, [&](NvDsObjectMeta& object) {
    move(object.rect_params);
    move(object.text_params);
  });
  for (GList* at = frame.display_meta_list; at != nullptr; at = at->next) {
    move_display(*static_cast<NvDsDisplayMeta*>(at->data), move);
  }
}

}  // namespace es::gst
