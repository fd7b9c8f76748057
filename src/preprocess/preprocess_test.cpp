// SPDX-License-Identifier: Apache-2.0
//
// The oracle is the definition written down as loops in double precision: a weight for every pair of a source and a
// destination sample, no tables, no fixed point. Before rounding to a byte we may be `tolerance` away from it.
#include "preprocess/preprocess.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <cmath>
#include <functional>
#include <random>
#include <thread>

#include "base/file.h"
#include "preprocess/mean_image.h"
#include "testing/matchers.h"

namespace es::preprocess {
namespace {

// Of a byte: half a step of 1/128 twice (rows, and their weights of 15 bits), times 2.1 in the blue of limited range.
constexpr double tolerance = 0.04;

struct Picture {
  std::vector<uint8_t> bytes;
  ImageView view;
};

int rounded_half(int size) { return (size + 1) / 2; }

// Random pixels; every row is followed by a gap, whose bytes a careless loop would read as pixels.
Picture random_picture(PixelFormat format, int width, int height, unsigned seed) {
  struct PlaneSize {
    int row_bytes, rows;
  };
  const int half_width = rounded_half(width), half_height = rounded_half(height);
  std::vector<PlaneSize> planes;
  switch (format) {
    case PixelFormat::i420:
      planes = {{width, height}, {half_width, half_height}, {half_width, half_height}};
      break;
    case PixelFormat::nv12:
      planes = {{width, height}, {2 * half_width, half_height}};
      break;
    case PixelFormat::rgba:
    case PixelFormat::bgrx:
      planes = {{4 * width, height}};
      break;
    case PixelFormat::rgb:
    case PixelFormat::bgr:
      planes = {{3 * width, height}};
      break;
    case PixelFormat::gray8:
      planes = {{width, height}};
      break;
  }
  // The last row of a plane has no gap: a read beyond it is a read beyond the memory, which AddressSanitizer sees.
  constexpr int gap = 5;
  Picture picture;
  picture.view.format = format;
  picture.view.width = width;
  picture.view.height = height;
  std::vector<size_t> starts;
  size_t total = 0;
  for (const auto& plane : planes) {
    starts.push_back(total);
    total += static_cast<size_t>(plane.row_bytes + gap) * static_cast<size_t>(plane.rows) - gap;
  }
  picture.bytes.resize(total);
  std::mt19937 random(seed);
  for (auto& byte : picture.bytes) byte = static_cast<uint8_t>(random());
  for (size_t i = 0; i < planes.size(); ++i) {
    picture.view.planes[i] = {picture.bytes.data() + starts[i], planes[i].row_bytes + gap};
  }
  return picture;
}

// The share of source sample j in destination sample i.
double weight(Filter filter, int source, int destination, int i, int j) {
  const double step = source / static_cast<double>(destination);
  if (filter == Filter::nearest) return std::floor((i + 0.5) * step) == j ? 1 : 0;
  if (filter == Filter::area && destination <= source) {
    const double overlap = std::min((i + 1) * step, j + 1.0) - std::max(i * step, static_cast<double>(j));
    return std::max(overlap, 0.0) / step;
  }
  const double centre = std::clamp((i + 0.5) * step - 0.5, 0.0, source - 1.0);
  return std::max(0.0, 1 - std::abs(centre - j));
}

// One component at destination (x, y). `at` reads the source, relative to the rectangle's corner.
double scaled(Filter filter, PixelRect source, PixelRect destination, int x, int y,
              const std::function<int(int, int)>& at) {
  double value = 0;
  for (int row = 0; row < source.height; ++row) {
    const double down = weight(filter, source.height, destination.height, y, row);
    for (int column = 0; down != 0 && column < source.width; ++column) {
      const double across = weight(filter, source.width, destination.width, x, column);
      if (across != 0) value += down * across * at(column, row);
    }
  }
  return value;
}

using Color = std::array<double, 3>;

Color rgb_of_yuv(double y, double u, double v, ColorMatrix matrix, ColorRange range) {
  // ITU-R BT.601-7 2.5 and BT.709-6 3 as most people know them, four digits; full range as JFIF has it.
  const bool narrow = matrix == ColorMatrix::bt601;
  u -= 128, v -= 128;
  if (range == ColorRange::limited) {
    const double luma = (y - 16) * 255 / 219;
    const double wide = 255.0 / 224;
    return narrow
               ? Color{luma + 1.402 * wide * v, luma - wide * (0.344136 * u + 0.714136 * v), luma + 1.772 * wide * u}
               : Color{luma + 1.5748 * wide * v, luma - wide * (0.187324 * u + 0.468124 * v), luma + 1.8556 * wide * u};
  }
  return narrow ? Color{y + 1.402 * v, y - 0.344136 * u - 0.714136 * v, y + 1.772 * u}
                : Color{y + 1.5748 * v, y - 0.187324 * u - 0.468124 * v, y + 1.8556 * u};
}

bool is_yuv(PixelFormat format) { return format == PixelFormat::i420 || format == PixelFormat::nv12; }

// What a picture's pixel (relative to `source`) holds in component c of plane order Y U V or R G B.
int component(const ImageView& image, PixelRect source, int c, int x, int y) {
  const auto byte = [&](int plane, int column, int row) {
    const auto& p = image.planes[static_cast<size_t>(plane)];
    return p.data[static_cast<ptrdiff_t>(row) * p.stride + column];
  };
  const int left = source.left, top = source.top;
  switch (image.format) {
    case PixelFormat::i420:
      return c == 0 ? byte(0, left + x, top + y) : byte(c, left / 2 + x, top / 2 + y);
    case PixelFormat::nv12:
      return c == 0 ? byte(0, left + x, top + y) : byte(1, 2 * (left / 2 + x) + c - 1, top / 2 + y);
    case PixelFormat::rgba:
      return byte(0, 4 * (left + x) + c, top + y);
    case PixelFormat::bgrx:
      return byte(0, 4 * (left + x) + 2 - c, top + y);
    case PixelFormat::rgb:
      return byte(0, 3 * (left + x) + c, top + y);
    case PixelFormat::bgr:
      return byte(0, 3 * (left + x) + 2 - c, top + y);
    case PixelFormat::gray8:
      return byte(0, left + x, top + y);
  }
  return 0;
}

// Y, U, V or R, G, B at every pixel of the destination.
std::vector<Color> scaled_parts(const ImageView& image, const Placement& placement, Filter filter) {
  const PixelRect &s = placement.source, &d = placement.destination;
  const PixelRect half{s.left / 2, s.top / 2, s.width / 2, s.height / 2};
  std::vector<Color> all(static_cast<size_t>(d.width) * static_cast<size_t>(d.height));
  for (int c = 0; c < (image.format == PixelFormat::gray8 ? 1 : 3); ++c) {
    const PixelRect& source = is_yuv(image.format) && c > 0 ? half : s;
    for (int y = 0; y < d.height; ++y) {
      for (int x = 0; x < d.width; ++x) {
        all[static_cast<size_t>(y * d.width + x)][static_cast<size_t>(c)] =
            scaled(filter, source, d, x, y, [&](int column, int row) { return component(image, s, c, column, row); });
      }
    }
  }
  return all;
}

// The value of the network's channel k made of such parts, before rounding to a byte.
double expected(const ImageView& image, ColorFormat color, int k, Color parts) {
  const bool gray_picture = image.format == PixelFormat::gray8;
  if (color == ColorFormat::gray) {
    if (gray_picture || is_yuv(image.format)) return parts[0];
    return 0.299 * parts[0] + 0.587 * parts[1] + 0.114 * parts[2];
  }
  if (gray_picture) return parts[0];
  if (is_yuv(image.format)) parts = rgb_of_yuv(parts[0], parts[1], parts[2], image.matrix, image.range);
  return std::clamp(parts[static_cast<size_t>(color == ColorFormat::bgr ? 2 - k : k)], 0.0, 255.0);
}

float tensor_at(const Spec& spec, const std::vector<float>& tensor, int k, int x, int y) {
  const auto pixel = static_cast<size_t>(y) * static_cast<size_t>(spec.width) + static_cast<size_t>(x);
  const auto plane = static_cast<size_t>(spec.width) * static_cast<size_t>(spec.height);
  const bool interleaved = spec.layout == Layout::nhwc && spec.channels() == 3;
  return tensor[interleaved ? pixel * 3 + static_cast<size_t>(k) : static_cast<size_t>(k) * plane + pixel];
}

// Every value of the item against the oracle; scale 1 and no mean, so that values are bytes. Returns the largest
// distance, beyond the rounding, that was seen.
double largest_error(const ImageView& image, const Placement& placement, const Spec& spec,
                     const std::vector<Color>& parts) {
  std::vector<float> tensor(spec.elements(), -1);
  preprocess(image, placement, spec, tensor);
  const PixelRect& d = placement.destination;
  double largest = 0;
  for (int k = 0; k < spec.channels(); ++k) {
    for (int y = 0; y < spec.height; ++y) {
      for (int x = 0; x < spec.width; ++x) {
        const float value = tensor_at(spec, tensor, k, x, y);
        const bool inside = x >= d.left && x < d.left + d.width && y >= d.top && y < d.top + d.height;
        const auto pixel = static_cast<size_t>((y - d.top) * d.width + x - d.left);
        const double want = inside ? expected(image, spec.color, k, parts[pixel]) : 0;
        const double beyond = std::abs(value - want) - 0.5;
        if (!inside && value != 0) return INFINITY;
        if (value != std::round(value)) return INFINITY;
        largest = std::max(largest, beyond);
      }
    }
  }
  return largest;
}

constexpr PixelFormat all_formats[] = {PixelFormat::i420, PixelFormat::nv12, PixelFormat::rgba, PixelFormat::bgrx,
                                       PixelFormat::rgb,  PixelFormat::bgr,  PixelFormat::gray8};
constexpr Filter all_filters[] = {Filter::nearest, Filter::bilinear, Filter::area};
constexpr ColorFormat all_colors[] = {ColorFormat::rgb, ColorFormat::bgr, ColorFormat::gray};

struct Geometry {
  const char* name;
  int width, height;
  FrameBox rect;
  int network_width, network_height;
  bool keep_ratio = false, symmetric = false;
};

constexpr Geometry geometries[] = {
    {"whole odd picture, smaller", 61, 43, {0, 0, 61, 43}, 24, 18},
    {"crop, larger", 61, 43, {11, 4, 20, 31}, 33, 37},
    {"crop, narrower and taller", 61, 43, {2, 2, 54, 12}, 19, 40},
    {"same size", 36, 22, {0, 0, 36, 22}, 36, 22},
    {"the smallest crop", 61, 43, {58, 40, 3, 3}, 5, 7},
    {"strongly smaller", 263, 150, {0, 0, 263, 150}, 7, 5},
    {"letterbox", 64, 36, {0, 0, 64, 36}, 25, 25, true},
    {"symmetric letterbox of a tall crop", 61, 43, {30, 0, 9, 40}, 31, 30, true, true},
};

void compare_everything_with_the_oracle() {
  unsigned seed = 0;
  for (const Geometry& g : geometries) {
    for (const PixelFormat format : all_formats) {
      Picture picture = random_picture(format, g.width, g.height, ++seed);
      picture.view.matrix = seed % 2 ? ColorMatrix::bt601 : ColorMatrix::bt709;
      picture.view.range = seed % 3 ? ColorRange::limited : ColorRange::full;
      for (const Filter filter : all_filters) {
        Spec spec{.width = g.network_width,
                  .height = g.network_height,
                  .layout = seed % 4 ? Layout::nchw : Layout::nhwc,
                  .filter = filter,
                  .maintain_aspect_ratio = g.keep_ratio,
                  .symmetric_padding = g.symmetric};
        const auto placement = place(g.rect, g.width, g.height, spec);
        ASSERT_TRUE(placement);
        const auto parts = scaled_parts(picture.view, *placement, filter);
        for (const ColorFormat color : all_colors) {
          spec.color = color;
          EXPECT_LE(largest_error(picture.view, *placement, spec, parts), tolerance)
              << g.name << ", " << format << ", filter " << static_cast<int>(filter) << ", color "
              << static_cast<int>(color) << ", seed " << seed;
        }
      }
    }
  }
}

// One test per instruction set that this processor has.
class OnEveryInstructionSet : public ::testing::TestWithParam<int64_t> {
 protected:
  void SetUp() override { use(GetParam()); }
  void TearDown() override { use(0); }
  static void use(int64_t target) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }
};

TEST_P(OnEveryInstructionSet, EveryFormatFilterAndSizeIsTheDefinition) { compare_everything_with_the_oracle(); }

INSTANTIATE_TEST_SUITE_P(Preprocess, OnEveryInstructionSet, ::testing::ValuesIn(hwy::SupportedAndGeneratedTargets()),
                         [](const auto& test) { return std::string(hwy::TargetName(test.param)); });

// --- Exactness where nothing has to be rounded ---------------------------------------------------------------------

TEST(Preprocess, EqualSizesKeepEveryBitWithEveryFilter) {
  const Picture picture = random_picture(PixelFormat::rgba, 40, 30, 7);
  for (const Filter filter : all_filters) {
    const Spec spec{.width = 40, .height = 30, .filter = filter};
    std::vector<float> tensor(spec.elements());
    preprocess(picture.view, *place({0, 0, 40, 30}, 40, 30, spec), spec, tensor);
    for (int k = 0; k < 3; ++k) {
      for (int y = 0; y < 30; ++y) {
        for (int x = 0; x < 40; ++x) {
          ASSERT_EQ(tensor_at(spec, tensor, k, x, y), component(picture.view, {}, k, x, y));
        }
      }
    }
  }
}

struct OnePixel {
  std::array<uint8_t, 16> rgba{10, 20, 30, 0, 10, 20, 30, 0, 10, 20, 30, 0, 10, 20, 30, 0};
  ImageView view{.format = PixelFormat::rgba, .width = 2, .height = 2, .planes = {{{rgba.data(), 8}}}};

  std::vector<float> as(Spec spec) const {
    spec.width = spec.height = 2;
    std::vector<float> tensor(spec.elements());
    preprocess(view, *place({0, 0, 2, 2}, 2, 2, spec), spec, tensor);
    return tensor;
  }
};

TEST(Normalisation, SubtractsTheMeanBeforeItScales) {
  const auto tensor = OnePixel{}.as({.scale = 0.5f, .mean = {10, 20.25f, 33}});
  EXPECT_EQ(tensor, (std::vector<float>{0, 0, 0, 0, -0.125f, -0.125f, -0.125f, -0.125f, -1.5f, -1.5f, -1.5f, -1.5f}));
}

TEST(Normalisation, OfABgrNetworkTakesItsMeansInItsOwnOrder) {
  const auto tensor = OnePixel{}.as({.color = ColorFormat::bgr, .scale = 2, .mean = {10, 20, 30}});
  EXPECT_EQ(tensor[0], 2 * (30 - 10.0f));
  EXPECT_EQ(tensor[4], 2 * (20 - 20.0f));
  EXPECT_EQ(tensor[8], 2 * (10 - 30.0f));
}

TEST(Normalisation, IsSinglePrecisionArithmetic) {
  const float scale = 0.0039215697906911373f, mean = 103.939f;
  EXPECT_EQ(OnePixel{}.as({.scale = scale, .mean = {mean, 0, 0}})[0], scale * (10.0f - mean));
}

TEST(Layout, NhwcInterleavesTheChannelsOfAPixel) {
  const auto tensor = OnePixel{}.as({.layout = Layout::nhwc});
  EXPECT_EQ(tensor, (std::vector<float>{10, 20, 30, 10, 20, 30, 10, 20, 30, 10, 20, 30}));
}

TEST(Padding, IsABlackPixelNormalised) {
  Picture picture = random_picture(PixelFormat::rgb, 192, 108, 3);
  for (auto& byte : picture.bytes) byte |= 1;  // no black pixel
  for (const bool symmetric : {false, true}) {
    for (const Layout layout : {Layout::nchw, Layout::nhwc}) {
      const Spec spec{.width = 64,
                      .height = 64,
                      .layout = layout,
                      .maintain_aspect_ratio = true,
                      .symmetric_padding = symmetric,
                      .scale = 0.5f,
                      .mean = {1, 2, 3}};
      std::vector<float> tensor(spec.elements(), 77);
      preprocess(picture.view, *place({0, 0, 192, 108}, 192, 108, spec), spec, tensor);
      const int top = symmetric ? 14 : 0;
      for (int y = 0; y < 64; ++y) {
        const bool picture_row = y >= top && y < top + 36;
        for (int k = 0; k < 3; ++k) {
          EXPECT_EQ(tensor_at(spec, tensor, k, 63, y) == 0.5f * (0.0f - static_cast<float>(k + 1)), !picture_row) << y;
        }
      }
    }
  }
}

// --- Mean images ---------------------------------------------------------------------------------------------------

std::string ppm(int width, int height, std::string_view pixels) {
  return text("P6\n", width, ' ', height, "\n255\n", pixels);
}

TEST(MeanImage, GivesEachValueItsOwnMeanWithoutSwappingColours) {
  const std::string file = ppm(2, 2, std::string("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c", 12));
  const Spec spec{
      .color = ColorFormat::bgr, .scale = 2, .mean_image = read_mean_image(as_bytes_view(file), "m.ppm", 2, 2, 3)};
  const auto tensor = OnePixel{}.as(spec);
  for (int pixel = 0; pixel < 4; ++pixel) {
    for (int k = 0; k < 3; ++k) {
      const int blue_first[] = {30, 20, 10};
      EXPECT_EQ(tensor[static_cast<size_t>(4 * k + pixel)],
                2.0f * static_cast<float>(blue_first[k] - (3 * pixel + k + 1)));
    }
  }
}

TEST(MeanImage, OfAGrayPictureForAnRgbNetworkKeepsChannelsApart) {
  const std::string file = ppm(2, 2, std::string("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c", 12));
  const uint8_t gray[] = {50, 50, 50, 50};
  const ImageView image{.format = PixelFormat::gray8, .width = 2, .height = 2, .planes = {{{gray, 2}}}};
  const Spec spec{.width = 2, .height = 2, .mean_image = read_mean_image(as_bytes_view(file), "m.ppm", 2, 2, 3)};
  std::vector<float> tensor(12);
  preprocess(image, *place({0, 0, 2, 2}, 2, 2, spec), spec, tensor);
  EXPECT_EQ(tensor, (std::vector<float>{49, 46, 43, 40, 48, 45, 42, 39, 47, 44, 41, 38}));
}

TEST(MeanImage, IsRefusedWhereItDoesNotFit) {
  const auto read = [](const std::string& file) { return read_mean_image(as_bytes_view(file), "m.ppm", 2, 1, 3); };
  EXPECT_ERROR(
      read("P3\n2 1\n255\n1 2 3 4 5 6\n"), ErrorKind::malformed,
      "m.ppm: Magic PPM identifier check failed: begins with 'P3', a mean image is a binary PPM and begins with "
      "'P6'");
  EXPECT_ERROR(read(ppm(4, 1, "123456789012")), ErrorKind::mismatch,
               "m.ppm: Mismatch between ppm mean image resolution(4 x 1) and network resolution(2 x 1)");
  EXPECT_ERROR(read(ppm(2, 1, "12345")), ErrorKind::malformed,
               "m.ppm: Failed to read sufficient bytes from mean file: has 5 bytes of pixels, 6 are needed");
  EXPECT_ERROR(read("P6"), ErrorKind::malformed,
               "m.ppm: the width of the mean image is '', a number above 0 is needed");
  EXPECT_ERROR(read("P6 -2 1 255 "), ErrorKind::malformed,
               "m.ppm: the width of the mean image is '-2', a number above 0 is needed");
}

// --- What OpenCV makes of it (testdata/make_opencv_record.py) --------------------------------------------------------

Bytes record(const std::string& name) { return read_file(std::string(ES_TEST_DATA) + "/" + name); }

// How many values differ by how much from recorded RGB bytes.
std::array<int, 3> differences(const ImageView& image, int width, int height, Filter filter, const std::string& name) {
  const Spec spec{.width = width, .height = height, .layout = Layout::nhwc, .filter = filter};
  const FrameBox whole{0, 0, static_cast<float>(image.width), static_cast<float>(image.height)};
  std::vector<float> tensor(spec.elements());
  preprocess(image, *place(whole, image.width, image.height, spec), spec, tensor);
  const Bytes want = record(name);
  EXPECT_EQ(want.size(), tensor.size());
  std::array<int, 3> counts{};
  for (size_t i = 0; i < tensor.size(); ++i) {
    const int difference = std::abs(static_cast<int>(tensor[i]) - want[i]);
    ++counts[static_cast<size_t>(std::min(difference, 2))];
  }
  return counts;
}

ImageView recorded_picture(const Bytes& bytes) {
  return {.format = PixelFormat::rgb, .width = 52, .height = 36, .planes = {{{bytes.data(), 52 * 3}}}};
}

TEST(AgainstOpenCv, NearestIsTheSamePixel) {
  const Bytes picture = record("picture.rgb");
  EXPECT_EQ(differences(recorded_picture(picture), 24, 16, Filter::nearest, "nearest_24x16.rgb")[0], 24 * 16 * 3);
}

// A value near a half may round the other way.
TEST(AgainstOpenCv, BilinearAndAreaDifferByRoundingAlone) {
  const Bytes bytes = record("picture.rgb");
  const ImageView picture = recorded_picture(bytes);
  const auto smaller = differences(picture, 24, 16, Filter::bilinear, "bilinear_24x16.rgb");
  const auto larger = differences(picture, 80, 60, Filter::bilinear, "bilinear_80x60.rgb");
  const auto area = differences(picture, 24, 16, Filter::area, "area_24x16.rgb");
  for (const auto& counts : {smaller, larger, area}) {
    EXPECT_EQ(counts[2], 0);
    EXPECT_LE(counts[1], (counts[0] + counts[1]) / 50);
  }
}

// OpenCV repeats chroma over 2x2 pixels, which is what nearest means at equal sizes; its matrix has three decimals.
TEST(AgainstOpenCv, Bt601LimitedDiffersByRoundingAlone) {
  const Bytes bytes = record("picture.i420");
  const uint8_t* y = bytes.data();
  const ImageView picture{.format = PixelFormat::i420,
                          .width = 40,
                          .height = 26,
                          .planes = {{{y, 40}, {y + 40 * 26, 20}, {y + 40 * 26 + 20 * 13, 20}}}};
  const auto counts = differences(picture, 40, 26, Filter::nearest, "bt601_limited.rgb");
  EXPECT_EQ(counts[2], 0);
  EXPECT_LE(counts[1], (counts[0] + counts[1]) / 10);
}

// --- Threads and misuse --------------------------------------------------------------------------------------------

TEST(Preprocess, IsTheSameFromManyThreadsAtOnce) {
  const Picture picture = random_picture(PixelFormat::nv12, 160, 90, 5);
  const Spec spec{.width = 48, .height = 48, .filter = Filter::bilinear, .maintain_aspect_ratio = true};
  const auto placement = place({0, 0, 160, 90}, 160, 90, spec);
  std::vector<float> alone(spec.elements());
  preprocess(picture.view, *placement, spec, alone);
  std::vector<std::vector<float>> together(4, std::vector<float>(spec.elements()));
  std::vector<std::thread> threads;
  for (auto& tensor : together) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) preprocess(picture.view, *placement, spec, tensor);
    });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& tensor : together) EXPECT_EQ(tensor, alone);
}

TEST(Preprocess, ArgumentsThatDoNotFitAreADefectOfTheCaller) {
  const Picture picture = random_picture(PixelFormat::gray8, 8, 8, 1);
  const Spec spec{.width = 4, .height = 4, .color = ColorFormat::gray};
  std::vector<float> tensor(16);
  Placement placement = *place({0, 0, 8, 8}, 8, 8, spec);
  EXPECT_ERROR(preprocess(picture.view, placement, spec, std::span(tensor).first(15)), ErrorKind::internal,
               "preprocess: the item has 15 values, the network's input 16");
  placement.source.width = 10;
  EXPECT_ERROR(preprocess(picture.view, placement, spec, tensor), ErrorKind::internal,
               "preprocess: the source 10x8 at (0, 0) does not lie in a picture of 8x8");
}

}  // namespace
}  // namespace es::preprocess
