// SPDX-License-Identifier: Apache-2.0
#include "gst/tile.h"

#include <gtest/gtest.h>

#include "gst/batch_builder.h"

namespace es::gst {
namespace {

constexpr TileGrid two_by_two{2, 2, 1280, 720, -1};

TEST(Tiles, StandRowByRow) {
  EXPECT_EQ(tile_of(two_by_two, 0), (PixelRect{0, 0, 640, 360}));
  EXPECT_EQ(tile_of(two_by_two, 1), (PixelRect{640, 0, 640, 360}));
  EXPECT_EQ(tile_of(two_by_two, 3), (PixelRect{640, 360, 640, 360}));
  EXPECT_EQ(tile_of(two_by_two, 4), std::nullopt);
}

TEST(Tiles, AreWholePixels) { EXPECT_EQ(tile_of({1, 3, 1000, 500, -1}, 2), (PixelRect{666, 0, 333, 500})); }

TEST(Tiles, OneSourceFillsThePicture) {
  TileGrid grid = two_by_two;
  grid.show_source = 1;
  EXPECT_EQ(tile_of(grid, 1), (PixelRect{0, 0, 1280, 720}));
  EXPECT_EQ(tile_of(grid, 0), std::nullopt);
}

TEST(Tiles, SquareGridHoldsTheSources) {
  const auto size_for = [](int sources) {
    TileGrid grid;
    make_square(grid, sources);
    return std::pair(grid.rows, grid.columns);
  };
  EXPECT_EQ(size_for(1), std::pair(1, 1));
  EXPECT_EQ(size_for(2), std::pair(1, 2));
  EXPECT_EQ(size_for(4), std::pair(2, 2));
  EXPECT_EQ(size_for(5), std::pair(2, 3));
  EXPECT_EQ(size_for(9), std::pair(3, 3));
}

TEST(MoveFrame, ScalesByTileOverFrameAndMovesToTheCorner) {
  NvDsBatchMeta* batch = nvds_create_batch_meta(1);
  NvDsFrameMeta* frame = nvds_acquire_frame_meta_from_pool(batch);
  nvds_add_frame_meta_to_batch(batch, frame);
  NvDsObjectMeta* object = nvds_acquire_obj_meta_from_pool(batch);
  object->rect_params.left = 300;
  object->rect_params.top = 90;
  object->rect_params.width = 120;
  object->rect_params.height = 60;
  object->rect_params.border_width = 3;
  object->text_params.x_offset = 300;
  object->text_params.y_offset = 80;
  nvds_add_obj_meta_to_frame(frame, object, nullptr);
  NvDsDisplayMeta* display = nvds_acquire_display_meta_from_pool(batch);
  display->num_lines = display->num_circles = 1;
  display->line_params[0] = {0, 0, 1920, 1080, 4, {}};
  display->circle_params[0].xc = display->circle_params[0].radius = 30;
  nvds_add_display_meta_to_frame(frame, display);

  move_frame(*frame, *tile_of(two_by_two, 3), 1920, 1080);
  EXPECT_FLOAT_EQ(object->rect_params.left, 640 + 300 / 3.0f);
  EXPECT_FLOAT_EQ(object->rect_params.top, 360 + 90 / 3.0f);
  EXPECT_FLOAT_EQ(object->rect_params.width, 40);
  EXPECT_FLOAT_EQ(object->rect_params.height, 20);
  EXPECT_EQ(object->rect_params.border_width, 3u);
  EXPECT_EQ(object->text_params.x_offset, 740u);
  EXPECT_EQ(object->text_params.y_offset, 387u);
  EXPECT_EQ(display->line_params[0].x2, 1280u);
  EXPECT_EQ(display->line_params[0].y2, 720u);
  EXPECT_EQ(display->line_params[0].line_width, 4u);
  EXPECT_EQ(display->circle_params[0].xc, 650u);
  EXPECT_EQ(display->circle_params[0].radius, 10u);
  nvds_destroy_batch_meta(batch);
}

TEST(PaddedRect, KeepsProportionsInTheMiddle) {
  EXPECT_EQ(padded_rect(640, 480, 1280, 720), (PixelRect{160, 0, 960, 720}));
  EXPECT_EQ(padded_rect(1920, 1080, 640, 640), (PixelRect{0, 140, 640, 360}));
  EXPECT_EQ(padded_rect(1280, 720, 1280, 720), (PixelRect{0, 0, 1280, 720}));
  EXPECT_EQ(padded_rect(10000, 1, 640, 480).height, 2);
}

}  // namespace
}  // namespace es::gst
