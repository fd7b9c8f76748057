// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <limits>

#include "base/text.h"
#include "testing/matchers.h"
#include "vision/box.h"
#include "vision/image.h"
#include "vision/tensor.h"

namespace es {
namespace {

TEST(Shape, IsWrittenAsPeopleWriteIt) {
  EXPECT_EQ(text(Shape{1, 3, 320, 320}), "[1, 3, 320, 320]");
  EXPECT_EQ(text(Shape{-1, 2}), "[N, 2]");
  EXPECT_EQ(Shape{}.elements(), 1);
}

TEST(Shape, AProductBeyond64BitsIsRefused) {
  const Shape huge{std::numeric_limits<int64_t>::max(), 2};
  EXPECT_ERROR(huge.elements(), ErrorKind::malformed,
               "shape [9223372036854775807, 2]: has no number of elements that fits 64 bits");
}

TEST(Tensor, StartsZeroedAndAlignedAndItemsFollowEachOther) {
  Tensor tensor({2, 3}, DType::f32);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.data()) % 64, 0u);
  for (const float value : tensor.floats()) EXPECT_EQ(value, 0.0f);
  tensor.floats()[4] = 7;
  EXPECT_EQ(tensor.item(1).floats()[1], 7.0f);
  EXPECT_EQ(tensor.item(1).shape, (Shape{3}));
}

TEST(Tensor, ReadingIntegersAsFloatsIsADefect) {
  const Tensor tensor({1}, DType::i64);
  EXPECT_ERROR(tensor.floats(), ErrorKind::internal, "a tensor of int64 was read as float32");
}

// A letterbox with exact ratios: 960x544 letterboxed from 1280x720.
TEST(Placement, MapsALetterboxedBoxBack) {
  const Placement placement{
      .source = {0, 0, 1280, 720}, .destination = {0, 2, 960, 540}, .ratio_x = 0.75, .ratio_y = 0.75};
  EXPECT_EQ(to_frame({75, 77, 150, 30}, placement), (FrameBox{100, 100, 200, 40}));
}

TEST(Placement, AnObjectInsideAnObjectIsMovedByTheParentsUnroundedCorner) {
  const Placement placement{
      .source = {102, 50, 62, 126}, .destination = {0, 0, 62, 126}, .origin_left = 101.5f, .origin_top = 50.25f};
  EXPECT_EQ(to_frame({1, 2, 3, 4}, placement), (FrameBox{102.5f, 52.25f, 3, 4}));
}

}  // namespace
}  // namespace es
