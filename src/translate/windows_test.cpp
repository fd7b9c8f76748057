// SPDX-License-Identifier: Apache-2.0
#include "translate/windows.h"

#include <gmock/gmock.h>

#include "testing/matchers.h"

namespace es::translate {
namespace {

using ::testing::ElementsAre;
using tflite::Padding;

ir::Ints pads_of(int64_t size, int64_t kernel, int64_t stride, int64_t dilation, Padding padding) {
  return pads({size}, {.kernel = {kernel}, .strides = {stride}, .dilations = {dilation}}, padding);
}

TEST(Windows, PutTheOddPixelOfPaddingAtTheEnd) {
  EXPECT_THAT(pads_of(6, 3, 2, 1, Padding::same), ElementsAre(0, 1));
  EXPECT_THAT(pads_of(7, 3, 2, 1, Padding::same), ElementsAre(1, 1));
  EXPECT_THAT(pads_of(5, 2, 1, 1, Padding::same), ElementsAre(0, 1));
  EXPECT_THAT(pads_of(257, 3, 2, 1, Padding::same), ElementsAre(1, 1));
  EXPECT_EQ(window_count(257, 3, 2, 1, Padding::same), 129);
}

TEST(Windows, ReachFurtherWithDilation) { EXPECT_THAT(pads_of(9, 3, 1, 2, Padding::same), ElementsAre(2, 2)); }

TEST(Windows, NeedNoPaddingWhereTheStrideIsLargerThanTheKernel) {
  EXPECT_THAT(pads_of(7, 1, 2, 1, Padding::same), ElementsAre(0, 0));
  EXPECT_EQ(window_count(7, 1, 2, 1, Padding::same), 4);
}

TEST(Windows, ListAllBeginsBeforeAllEnds) {
  const Window window{.kernel = {3, 2}, .strides = {2, 1}, .dilations = {1, 1}};
  EXPECT_THAT(pads({6, 5}, window, Padding::same), ElementsAre(0, 0, 1, 1));
  EXPECT_THAT(pads({7, 5}, window, Padding::same), ElementsAre(1, 0, 1, 1));
  EXPECT_THAT(pads({7, 5}, window, Padding::valid), ElementsAre(0, 0, 0, 0));
}

TEST(Windows, RefuseToStandOnAnImageTheyDoNotFitOn) {
  EXPECT_ERROR(pads_of(4, 3, 1, 2, Padding::valid), ErrorKind::malformed,
               "its window reaches over 5 pixels of an image that has 4, without padding");
}

TEST(Windows, RefuseToStandStill) {
  EXPECT_ERROR(pads_of(4, 3, 0, 1, Padding::same), ErrorKind::malformed,
               "its window is 3 with stride 0 and dilation 1, each must be 1 or more");
}

}  // namespace
}  // namespace es::translate
