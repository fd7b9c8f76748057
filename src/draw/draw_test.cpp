// SPDX-License-Identifier: Apache-2.0
#include "draw/draw.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace es::draw {
namespace {

// A picture with planes of its own. Chroma starts at 128, luma and RGB at 0.
class Picture {
 public:
  Picture(PixelFormat format, int width, int height) {
    image_.format = format;
    image_.width = width;
    image_.height = height;
    const int chroma_width = (width + 1) / 2, chroma_height = (height + 1) / 2;
    switch (format) {
      case PixelFormat::i420:
        add_plane(0, width, height, 0), add_plane(1, chroma_width, chroma_height, 128);
        add_plane(2, chroma_width, chroma_height, 128);
        break;
      case PixelFormat::nv12:
        add_plane(0, width, height, 0), add_plane(1, 2 * chroma_width, chroma_height, 128);
        break;
      case PixelFormat::rgba:
      case PixelFormat::bgrx:
        add_plane(0, 4 * width, height, 0);
        break;
      case PixelFormat::rgb:
      case PixelFormat::bgr:
        add_plane(0, 3 * width, height, 0);
        break;
      case PixelFormat::gray8:
        add_plane(0, width, height, 0);
        break;
    }
  }
  MutableImage& image() { return image_; }
  int at(int plane, int x, int y) const {
    const auto& p = image_.planes[static_cast<size_t>(plane)];
    return p.data[y * p.stride + x];
  }
  long sum(int plane) const {
    long total = 0;
    for (const uint8_t byte : bytes_[static_cast<size_t>(plane)]) total += byte;
    return total;
  }

 private:
  void add_plane(int index, int stride, int rows, uint8_t value) {
    auto& bytes = bytes_[static_cast<size_t>(index)];
    bytes.assign(static_cast<size_t>(stride * rows), value);
    image_.planes[static_cast<size_t>(index)] = {bytes.data(), stride};
  }
  MutableImage image_;
  std::array<std::vector<uint8_t>, 3> bytes_;
};

constexpr Color red{1, 0, 0, 1}, white{1, 1, 1, 1};

void paint(Picture& picture, const Scene& scene) { Painter().paint(picture.image(), scene); }

TEST(Painter, ABorderLiesInsideItsBox) {
  Picture picture(PixelFormat::rgb, 8, 8);
  paint(picture, {.rectangles = {{.left = 1, .top = 1, .width = 6, .height = 6, .border_width = 2, .border = red}}});
  const auto is_red = [&](int x, int y) { return picture.at(0, 3 * x, y) == 255 && picture.at(0, 3 * x + 1, y) == 0; };
  for (int y = 0; y < 8; ++y) {
    for (int x = 0; x < 8; ++x) {
      const bool in_box = x >= 1 && x < 7 && y >= 1 && y < 7, in_hole = x >= 3 && x < 5 && y >= 3 && y < 5;
      EXPECT_EQ(is_red(x, y), in_box && !in_hole) << x << "," << y;
    }
  }
}

// ITU-R BT.601, limited range: pure red is Y 81, Cb 90, Cr 240; BT.709: Y 63, Cb 102, Cr 240.
TEST(Painter, RedOnVideoIsTheStandardsRed) {
  Picture picture(PixelFormat::i420, 4, 4);
  const Scene scene{.rectangles = {{.left = 0, .top = 0, .width = 4, .height = 4, .filled = true, .fill = red}}};
  paint(picture, scene);
  EXPECT_EQ(picture.at(0, 0, 0), 81);
  EXPECT_EQ(picture.at(1, 0, 0), 90);
  EXPECT_EQ(picture.at(2, 0, 0), 240);
  picture.image().matrix = ColorMatrix::bt709;
  paint(picture, scene);
  EXPECT_EQ(picture.at(0, 0, 0), 63);
  EXPECT_EQ(picture.at(1, 0, 0), 102);
  EXPECT_EQ(picture.at(2, 0, 0), 240);
}

TEST(Painter, ChromaOfAHalfCoveredBlockGoesHalfTheWay) {
  Picture picture(PixelFormat::nv12, 4, 2);
  paint(picture, {.rectangles = {{.left = 0, .top = 0, .width = 1, .height = 2, .filled = true, .fill = red}}});
  EXPECT_EQ(picture.at(0, 0, 0), 81);
  EXPECT_EQ(picture.at(0, 1, 0), 0);
  EXPECT_EQ(picture.at(1, 0, 0), (128 + 90) / 2);
  EXPECT_EQ(picture.at(1, 1, 0), (128 + 240) / 2);
  EXPECT_EQ(picture.at(1, 2, 0), 128);
}

// Odd corners, at the picture's edges and wider than one sample: Cb of a sample is the share of its four pixels of 90.
TEST(Painter, AnOpaqueFillCoversChromaByTheShareOfItsPixels) {
  for (int left = -1; left < 4; ++left) {
    for (int right = left + 1; right < 10; ++right) {
      Picture picture(PixelFormat::i420, 9, 6);
      paint(picture, {.rectangles = {{.left = float(left),
                                      .top = 1,
                                      .width = float(right - left),
                                      .height = 4,
                                      .filled = true,
                                      .fill = red}}});
      for (int x = 0; x < 9; ++x)
        EXPECT_EQ(picture.at(0, x, 2), x >= left && x < right ? 81 : 0) << left << " " << right;
      for (int column = 0; column < 5; ++column) {
        const int columns = (2 * column >= left && 2 * column < right) +
                            (2 * column + 1 >= left && 2 * column + 1 < right && 2 * column + 1 < 9);
        EXPECT_NEAR(picture.at(1, column, 1), 128 - (128 - 90) * columns * 2 / 4.0, 0.5) << left << " " << right;
        EXPECT_NEAR(picture.at(1, column, 0), 128 - (128 - 90) * columns / 4.0, 0.5) << left << " " << right;
      }
    }
  }
}

TEST(Painter, ATranslucentFillMixesHalfAndHalf) {
  Picture picture(PixelFormat::rgba, 2, 2);
  paint(picture, {.rectangles = {{.width = 2, .height = 2, .filled = true, .fill = {1, 1, 1, 0.5}}}});
  EXPECT_EQ(picture.at(0, 0, 0), 128);
  EXPECT_EQ(picture.at(0, 3, 0), 0) << "the alpha byte of the picture is not ours";
}

TEST(Painter, WhatLiesOutsideIsCutAndWhatIsNoNumberIsNotDrawn) {
  for (const PixelFormat format : {PixelFormat::i420, PixelFormat::nv12, PixelFormat::bgrx, PixelFormat::gray8}) {
    Picture picture(format, 7, 5);
    paint(
        picture,
        {.rectangles =
             {{.left = -3, .top = -3, .width = 100, .height = 100, .border_width = 1, .border = white},
              {.left = std::numeric_limits<float>::quiet_NaN(), .width = 3, .height = 3, .filled = true, .fill = white},
              {.left = 3e9f, .top = 0, .width = 1e9f, .height = 2, .filled = true, .fill = white}},
         .texts = {{.text = "far away", .x = 100000, .y = -100000, .color = white}},
         .lines = {{.x1 = -50, .y1 = -50, .x2 = -20, .y2 = -20, .width = 3, .color = white}},
         .circles = {{.x = 500, .y = 500, .radius = 3, .color = white}}});
    EXPECT_EQ(picture.sum(0), 0) << format;
  }
}

TEST(Painter, TextIsInkOnItsBackground) {
  Picture picture(PixelFormat::gray8, 120, 40);
  Painter painter;
  const Text label{.text = "good",
                   .x = 4,
                   .y = 4,
                   .size = 12,
                   .color = white,
                   .has_background = true,
                   .background = {0.25, 0.25, 0.25, 1}};
  painter.paint(picture.image(), {.texts = {label}});
  const PixelSize size = painter.extent(label);
  EXPECT_EQ(picture.at(0, 3, 4), 0);
  EXPECT_EQ(picture.at(0, 4, 4), 64) << "the background's corner";
  EXPECT_EQ(picture.at(0, 4 + size.width, 4), 0);
  int brightest = 0;
  for (int x = 4; x < 4 + size.width; ++x) brightest = std::max(brightest, picture.at(0, x, 4 + size.height / 2));
  EXPECT_GT(brightest, 200) << "no ink was seen";
}

TEST(Painter, AnUpperTextIsHigherThanALineBelowIt) {
  Painter painter;
  const auto one = painter.extent({.text = "x"}), two = painter.extent({.text = "x\nx"});
  EXPECT_GT(two.height, one.height + 8);
  EXPECT_EQ(two.width, one.width);
}

TEST(Painter, AMaskPaintsWhatIsAboveItsThreshold) {
  Picture picture(PixelFormat::gray8, 8, 4);
  const std::vector<float> values{0.0f, 1.0f};
  paint(picture, {.masks = {{.left = 0,
                             .top = 0,
                             .width = 8,
                             .height = 4,
                             .values = values,
                             .columns = 2,
                             .rows = 1,
                             .threshold = 0.5f,
                             .color = white}}});
  EXPECT_EQ(picture.at(0, 1, 1), 0);
  EXPECT_EQ(picture.at(0, 6, 1), 255);
}

TEST(Painter, LinesAndCirclesLeaveInkWhereTheyPass) {
  Picture picture(PixelFormat::gray8, 40, 40);
  paint(picture,
        {.lines = {{.x1 = 0, .y1 = 20, .x2 = 39, .y2 = 20, .width = 2, .color = white, .head = ArrowHead::end}}});
  EXPECT_EQ(picture.at(0, 5, 20), 255);
  EXPECT_EQ(picture.at(0, 5, 30), 0);
  EXPECT_EQ(picture.at(0, 30, 17), 255) << "the head is wider than the line";
  Picture round(PixelFormat::gray8, 40, 40);
  paint(round, {.circles = {{.x = 20, .y = 20, .radius = 10, .width = 4, .color = white}}});
  EXPECT_EQ(round.at(0, 30, 20), 255);
  EXPECT_EQ(round.at(0, 20, 20), 0);
}

}  // namespace
}  // namespace es::draw
