// SPDX-License-Identifier: Apache-2.0
//
// The oracle is the textbook: the matrices of BT.601 and BT.709 in double precision, sampling by definition.
#include "gst/pixels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

namespace es::gst {
namespace {

constexpr PixelFormat all_formats[] = {PixelFormat::i420, PixelFormat::nv12, PixelFormat::rgba, PixelFormat::bgrx,
                                       PixelFormat::rgb,  PixelFormat::bgr,  PixelFormat::gray8};

// Memory with guard bytes behind each row, which must stay.
class Picture {
 public:
  Picture(PixelFormat format, int width, int height) : image_{format, width, height, {}, {}, {}} {
    if (format == PixelFormat::gray8) image_.range = ColorRange::full;
    for (int p = 0; p < plane_count(format); ++p) {
      const size_t stride = plane_row_bytes(format, p, width) + guard;
      memory_[static_cast<size_t>(p)].assign(stride * static_cast<size_t>(plane_rows(format, p, height)), 0xAB);
      image_.planes[static_cast<size_t>(p)] = {memory_[static_cast<size_t>(p)].data(), static_cast<int>(stride)};
    }
  }

  MutableImage& image() { return image_; }
  uint8_t* at(int plane, int x, int y, int step = 1) {
    auto& p = image_.planes[static_cast<size_t>(plane)];
    return p.data + static_cast<ptrdiff_t>(y) * p.stride + static_cast<ptrdiff_t>(x) * step;
  }
  bool guards_are_whole() {
    for (int p = 0; p < plane_count(image_.format); ++p) {
      const size_t bytes = plane_row_bytes(image_.format, p, image_.width);
      for (int y = 0; y < plane_rows(image_.format, p, image_.height); ++y) {
        for (size_t g = 0; g < guard; ++g) {
          if (*at(p, static_cast<int>(bytes + g), y) != 0xAB) return false;
        }
      }
    }
    return true;
  }

 private:
  static constexpr size_t guard = 5;
  std::array<std::vector<uint8_t>, 3> memory_;
  MutableImage image_;
};

using Rgb = std::array<double, 3>;

// The colour of a pixel, as 0..255.
Rgb color_at(Picture& picture, int x, int y) {
  const auto& image = picture.image();
  switch (image.format) {
    case PixelFormat::rgba:
      return {double(picture.at(0, x, y, 4)[0]), double(picture.at(0, x, y, 4)[1]), double(picture.at(0, x, y, 4)[2])};
    case PixelFormat::bgrx:
      return {double(picture.at(0, x, y, 4)[2]), double(picture.at(0, x, y, 4)[1]), double(picture.at(0, x, y, 4)[0])};
    case PixelFormat::rgb:
      return {double(picture.at(0, x, y, 3)[0]), double(picture.at(0, x, y, 3)[1]), double(picture.at(0, x, y, 3)[2])};
    case PixelFormat::bgr:
      return {double(picture.at(0, x, y, 3)[2]), double(picture.at(0, x, y, 3)[1]), double(picture.at(0, x, y, 3)[0])};
    case PixelFormat::gray8: {
      const double gray = *picture.at(0, x, y);
      return {gray, gray, gray};
    }
    default:
      break;
  }
  const bool interleaved = image.format == PixelFormat::nv12;
  const double u = interleaved ? picture.at(1, x / 2, y / 2, 2)[0] : *picture.at(1, x / 2, y / 2);
  const double v = interleaved ? picture.at(1, x / 2, y / 2, 2)[1] : *picture.at(2, x / 2, y / 2);
  const bool full = image.range == ColorRange::full;
  const double luma = full ? *picture.at(0, x, y) : (*picture.at(0, x, y) - 16) * 255.0 / 219;
  const double span = full ? 1 : 255.0 / 224;
  const double kr = image.matrix == ColorMatrix::bt709 ? 0.2126 : 0.299;
  const double kb = image.matrix == ColorMatrix::bt709 ? 0.0722 : 0.114;
  const double cb = (u - 128) * span, cr = (v - 128) * span;
  const double red = luma + 2 * (1 - kr) * cr, blue = luma + 2 * (1 - kb) * cb;
  const auto clamped = [](double value) { return std::min(255.0, std::max(0.0, value)); };
  return {clamped(red), clamped((luma - kr * red - kb * blue) / (1 - kr - kb)), clamped(blue)};
}

// One colour over a whole picture, by the picture's own format.
void paint(Picture& picture, Rgb color) {
  Picture one(PixelFormat::rgb, picture.image().width, picture.image().height);
  for (int y = 0; y < one.image().height; ++y) {
    for (int x = 0; x < one.image().width; ++x) {
      for (size_t k = 0; k < 3; ++k) one.at(0, x, y, 3)[k] = static_cast<uint8_t>(color[k]);
    }
  }
  convert(one.image(), picture.image(), Filter::nearest);
}

void expect_color(Picture& picture, int x, int y, Rgb color, double tolerance) {
  const Rgb found = color_at(picture, x, y);
  for (size_t k = 0; k < 3; ++k) {
    EXPECT_NEAR(found[k], color[k], tolerance)
        << name_of(picture.image().format) << " at " << x << ',' << y << " channel " << k;
  }
}

TEST(Convert, EveryFormatToEveryOtherKeepsTheColour) {
  for (const auto from : all_formats) {
    for (const auto to : all_formats) {
      const bool gray = from == PixelFormat::gray8 || to == PixelFormat::gray8;
      for (const Rgb color : {Rgb{200, 60, 30}, Rgb{20, 150, 230}, Rgb{90, 90, 90}}) {
        // Luma passes between YUV and gray as it is: only between RGB and gray is a gray value the same gray.
        const bool yuv = from == PixelFormat::i420 || from == PixelFormat::nv12 || to == PixelFormat::i420 ||
                         to == PixelFormat::nv12;
        if (gray && (yuv || color[0] != color[1])) continue;
        Picture source(from, 7, 5), target(to, 7, 5);
        paint(source, color);
        convert(source.image(), target.image(), Filter::nearest);
        expect_color(target, 3, 2, color, 3);
        expect_color(target, 6, 4, color, 3);
        EXPECT_TRUE(target.guards_are_whole()) << name_of(from) << " to " << name_of(to);
      }
    }
  }
}

TEST(Convert, YuvIsReadByItsOwnMatrixAndRange) {
  for (const auto matrix : {ColorMatrix::bt601, ColorMatrix::bt709}) {
    for (const auto range : {ColorRange::limited, ColorRange::full}) {
      for (const auto format : {PixelFormat::i420, PixelFormat::nv12}) {
        Picture source(format, 4, 4), rgba(PixelFormat::rgba, 4, 4), bgr(PixelFormat::bgr, 4, 4);
        source.image().matrix = matrix;
        source.image().range = range;
        for (int y = 0; y < 4; ++y) {
          for (int x = 0; x < 4; ++x) *source.at(0, x, y) = static_cast<uint8_t>(60 + 20 * x + 9 * y);
        }
        for (int y = 0; y < 2; ++y) {
          for (int x = 0; x < 2; ++x) {
            (format == PixelFormat::nv12 ? source.at(1, x, y, 2)[0] : *source.at(1, x, y)) = 110;
            (format == PixelFormat::nv12 ? source.at(1, x, y, 2)[1] : *source.at(2, x, y)) = 150;
          }
        }
        convert(source.image(), rgba.image(), Filter::nearest);
        convert(source.image(), bgr.image(), Filter::nearest);
        for (const auto& [x, y] : {std::pair{0, 0}, std::pair{3, 3}, std::pair{1, 2}}) {
          expect_color(rgba, x, y, color_at(source, x, y), 2);
          expect_color(bgr, x, y, color_at(source, x, y), 2);
          EXPECT_EQ(rgba.at(0, x, y, 4)[3], 255);
        }
      }
    }
  }
}

TEST(Convert, LumaAndGrayAreTheSameBytes) {
  Picture yuv(PixelFormat::nv12, 6, 2), gray(PixelFormat::gray8, 6, 2), back(PixelFormat::i420, 6, 2);
  for (int x = 0; x < 6; ++x) {
    for (int y = 0; y < 2; ++y) *yuv.at(0, x, y) = static_cast<uint8_t>(40 * x + y);
  }
  convert(yuv.image(), gray.image(), Filter::nearest);
  convert(gray.image(), back.image(), Filter::nearest);
  EXPECT_EQ(*gray.at(0, 5, 1), 201);
  EXPECT_EQ(*back.at(0, 5, 1), 201);
  EXPECT_EQ(*back.at(1, 2, 0), 128);
}

TEST(Convert, TheFourthByteOfBgrxIsNoAlpha) {
  Picture source(PixelFormat::bgrx, 3, 1), target(PixelFormat::rgba, 3, 1);
  std::fill_n(source.at(0, 0, 0), 12, uint8_t{0});
  convert(source.image(), target.image(), Filter::nearest);
  for (int x = 0; x < 3; ++x) EXPECT_EQ(target.at(0, x, 0, 4)[3], 255);
}

TEST(Convert, HalvesAndDoublesAPicture) {
  for (const auto format : all_formats) {
    Picture source(format, 8, 8), half(format, 4, 4), twice(format, 16, 16);
    paint(source, {10, 120, 240});
    Picture right(format, 8, 8);
    paint(right, {240, 20, 10});
    copy(crop(ImageView(right.image()), {4, 0, 4, 8}), crop(source.image(), {4, 0, 4, 8}));
    for (const auto filter : {Filter::nearest, Filter::bilinear, Filter::box}) {
      convert(source.image(), half.image(), filter);
      convert(source.image(), twice.image(), filter);
      for (auto* picture : {&half, &twice}) {
        const int last = picture->image().width - 1;
        expect_color(*picture, 0, 0, color_at(source, 0, 0), 2);
        expect_color(*picture, last, last, color_at(source, 7, 7), 2);
        EXPECT_TRUE(picture->guards_are_whole());
      }
    }
  }
}

TEST(Convert, ScalesAndChangesFormatTogether) {
  Picture source(PixelFormat::i420, 64, 48);
  paint(source, {30, 200, 90});
  Picture small(PixelFormat::rgb, 16, 12), large(PixelFormat::bgrx, 128, 96);
  convert(source.image(), small.image(), Filter::bilinear);
  convert(source.image(), large.image(), Filter::bilinear);
  expect_color(small, 8, 6, {30, 200, 90}, 3);
  expect_color(large, 100, 50, {30, 200, 90}, 3);
}

// Where each corner of a picture goes.
TEST(Flip, SendsTheCornersWhereTheyBelong) {
  struct Case {
    Flip flip;
    std::array<int, 4> corners;  // what stands top-left, top-right, bottom-left, bottom-right afterwards
  };
  // Corners are numbered 0 1 / 2 3.
  for (const auto& [how, corners] :
       {Case{Flip::none, {0, 1, 2, 3}}, Case{Flip::clockwise, {2, 0, 3, 1}},
        Case{Flip::counter_clockwise, {1, 3, 0, 2}}, Case{Flip::rotate_180, {3, 2, 1, 0}},
        Case{Flip::horizontal, {1, 0, 3, 2}}, Case{Flip::vertical, {2, 3, 0, 1}},
        Case{Flip::upper_left_diagonal, {0, 2, 1, 3}}, Case{Flip::upper_right_diagonal, {3, 1, 2, 0}}}) {
    for (const auto format : all_formats) {
      Picture source(format, 12, 8);
      Picture target(format, swaps_axes(how) ? 8 : 12, swaps_axes(how) ? 12 : 8);
      const std::array<Rgb, 4> colors{Rgb{20, 20, 20}, Rgb{80, 80, 80}, Rgb{150, 150, 150}, Rgb{220, 220, 220}};
      Picture one(format, 12, 8);
      for (int corner = 0; corner < 4; ++corner) {
        paint(one, colors[static_cast<size_t>(corner)]);
        const PixelRect quarter{corner % 2 * 6, corner / 2 * 4, 6, 4};
        copy(crop(ImageView(one.image()), quarter), crop(source.image(), quarter));
      }
      flip(source.image(), target.image(), how);
      const int right = target.image().width - 1, bottom = target.image().height - 1;
      const std::array<std::pair<int, int>, 4> places{std::pair{0, 0}, {right, 0}, {0, bottom}, {right, bottom}};
      for (size_t i = 0; i < 4; ++i) {
        const Rgb expected = color_at(source, corners[i] % 2 * 11, corners[i] / 2 * 7);
        expect_color(target, places[i].first, places[i].second, expected, 3);
      }
      EXPECT_TRUE(target.guards_are_whole());
    }
  }
}

TEST(Crop, IsMovedToEvenNumbersAndCut) {
  Picture picture(PixelFormat::nv12, 20, 10);
  const ImageView part = crop(ImageView(picture.image()), {5, 3, 100, 100});
  EXPECT_EQ(part.width, 16);
  EXPECT_EQ(part.height, 8);
  EXPECT_EQ(part.planes[0].data, picture.at(0, 4, 2));
  EXPECT_EQ(part.planes[1].data, picture.at(1, 2, 1, 2));
  EXPECT_EQ(crop(ImageView(picture.image()), {50, 50, 4, 4}).width, 0);
}

TEST(FillBlack, IsBlackInEveryFormat) {
  for (const auto format : all_formats) {
    for (const auto range : {ColorRange::limited, ColorRange::full}) {
      Picture picture(format, 6, 4);
      if (format != PixelFormat::gray8) picture.image().range = range;
      fill_black(picture.image());
      expect_color(picture, 0, 0, {0, 0, 0}, 0);
      expect_color(picture, 5, 3, {0, 0, 0}, 0);
      EXPECT_TRUE(picture.guards_are_whole());
      if (format == PixelFormat::rgba) {
        EXPECT_EQ(picture.at(0, 2, 2, 4)[3], 255);
      }
    }
  }
}

TEST(Filters, AreThoseOfInterpolationMethod) {
  EXPECT_EQ(filter_of(0), Filter::nearest);
  EXPECT_EQ(filter_of(1), Filter::bilinear);
  EXPECT_EQ(filter_of(3), Filter::box);
  EXPECT_EQ(filter_of(6), Filter::nearest);
}

}  // namespace
}  // namespace es::gst
