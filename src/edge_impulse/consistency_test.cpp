// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "edge_impulse/import.h"

namespace es::edge_impulse {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Shape = std::vector<int64_t>;

ModelFacts model_with(Shape input, Shape output, bool channels_first = false) {
  return {{"x", "float32", std::move(input)}, {{"y", "float32", std::move(output)}}, channels_first};
}

Project classifier() {
  Project p;
  p.input_width = {96, "WIDTH"};
  p.input_height = {96, "HEIGHT"};
  p.input_features = {27648, "FEATURES"};
  p.color = {ColorMode::rgb, "COLOR"};
  p.labels = {{"bad", "good"}, "LABELS"};
  p.head = {Head::classification, "HEAD"};
  return p;
}

TEST(CheckAgainst, IsSilentWhereAllAgrees) {
  auto p = classifier();
  EXPECT_THAT(check_against(p, model_with({1, 96, 96, 3}, {1, 2})), IsEmpty());
  EXPECT_EQ(*p.input_width, 96);
  EXPECT_EQ(p.input_width.source, "WIDTH");
  EXPECT_EQ(*p.input_dtype, "float32");
  EXPECT_EQ(p.input_dtype.source, "input tensor 'x' [1, 96, 96, 3]");
  EXPECT_EQ(*p.label_count, 2);
}

TEST(CheckAgainst, LetsTheTensorWin) {
  auto p = classifier();
  p.input_dtype = {"int8", "DTYPE"};
  EXPECT_THAT(
      check_against(p, model_with({1, 160, 128, 1}, {1, 3})),
      ElementsAre("the network takes 20480 numbers (input tensor 'x' [1, 160, 128, 1]), FEATURES says 27648; the "
                  "network may be "
                  "left over from another build",
                  "the height of the input tensor 'x' [1, 160, 128, 1] is 160, HEIGHT says 96; the tensor is right",
                  "the width of the input tensor 'x' [1, 160, 128, 1] is 128, WIDTH says 96; the tensor is right",
                  "the input tensor 'x' [1, 160, 128, 1] has 1 channel, COLOR says rgb; the tensor is right",
                  "the input tensor 'x' [1, 160, 128, 1] is float32, DTYPE says int8; the tensor is right",
                  "the output tensor 'y' [1, 3] scores 3 labels as classification, LABELS gives 2"));
  EXPECT_EQ(*p.input_height, 160);
  EXPECT_EQ(*p.input_width, 128);
  EXPECT_EQ(*p.color, ColorMode::grayscale);
  EXPECT_EQ(*p.input_features, 20480);
  EXPECT_EQ(*p.label_count, 3);
}

TEST(CheckAgainst, ReadsChannelsFirst) {
  Project p;
  EXPECT_THAT(check_against(p, model_with({1, 3, 320, 256}, {1, 5040, 7}, true)), IsEmpty());
  EXPECT_EQ(*p.input_height, 320);
  EXPECT_EQ(*p.input_width, 256);
  EXPECT_EQ(*p.color, ColorMode::rgb);
  EXPECT_EQ(*p.head, Head::yolov5) << "3 * (40*32 + 20*16 + 10*8) is 5040";
}

TEST(CheckAgainst, TellsTheHeadWhereTheOutputLeavesNoDoubt) {
  const auto head_of = [](Shape output, int labels) {
    Project p;
    if (labels > 0) p.labels = {std::vector<std::string>(static_cast<size_t>(labels), "l"), "LABELS"};
    check_against(p, model_with({1, 160, 160, 3}, std::move(output)));
    return p.head ? *p.head : Head::unknown;
  };
  EXPECT_EQ(head_of({1, 3}, 0), Head::classification);
  EXPECT_EQ(head_of({1, 3}, 3), Head::classification);
  EXPECT_EQ(head_of({1, 3}, 4), Head::unknown);
  EXPECT_EQ(head_of({1, 1}, 0), Head::regression);
  EXPECT_EQ(head_of({1, 20, 20, 3}, 0), Head::fomo);
  EXPECT_EQ(head_of({1, 20, 20, 3}, 2), Head::fomo);
  EXPECT_EQ(head_of({1, 20, 20, 3}, 3), Head::unknown);
  EXPECT_EQ(head_of({1, 1575, 7}, 0), Head::yolov5);  // 3 * (20*20 + 10*10 + 5*5)
  EXPECT_EQ(head_of({1, 1575, 7}, 2), Head::yolov5);
  EXPECT_EQ(head_of({1, 1575, 7}, 4), Head::unknown);
  EXPECT_EQ(head_of({1, 6, 525}, 2), Head::yolov11);
  EXPECT_EQ(head_of({1, 525, 6}, 2), Head::yolo_pro);
  EXPECT_EQ(head_of({1, 525, 6}, 0), Head::unknown);
  EXPECT_EQ(head_of({}, 0), Head::unknown);
}

TEST(CheckAgainst, TellsSsdByItsFourOutputs) {
  Project p;
  ModelFacts model{{"x", "int8", {1, 320, 320, 3}},
                   {{"a", "float32", {}}, {"b", "float32", {}}, {"c", "float32", {}}, {"d", "float32", {}}},
                   false};
  EXPECT_THAT(check_against(p, model), IsEmpty());
  EXPECT_EQ(*p.head, Head::ssd);
}

TEST(CheckAgainst, CountsTheBackgroundOfFomo) {
  auto p = classifier();
  p.head = {Head::fomo, "HEAD"};
  EXPECT_THAT(check_against(p, model_with({1, 96, 96, 3}, {1, 12, 12, 3})), IsEmpty());
  EXPECT_EQ(*p.label_count, 2);
  EXPECT_THAT(check_against(p, model_with({1, 96, 96, 3}, {1, 12, 12, 2})),
              ElementsAre("the output tensor 'y' [1, 12, 12, 2] scores 1 labels as fomo, LABELS gives 2"));
}

TEST(CheckAgainst, SaysWhereAPictureIsNone) {
  auto p = classifier();
  EXPECT_THAT(check_against(p, model_with({1, 27648}, {1, 2})),
              ElementsAre("the input tensor 'x' [1, 27648] is no picture; [N, height, width, channels] is needed"));
  p = classifier();
  EXPECT_THAT(
      check_against(p, model_with({1, 96, 96, 4}, {1, 2})),
      ElementsAre(
          "the network takes 36864 numbers (input tensor 'x' [1, 96, 96, 4]), FEATURES says 27648; the network may "
          "be left over from another build",
          "the input tensor 'x' [1, 96, 96, 4] has 4 channels; pictures have 3 (RGB) or 1 (grayscale)"));
}

TEST(CheckAgainst, LeavesSoundAlone) {
  Project p;
  p.dsp_functions = {{"extract_mfcc_features"}, "DSP"};
  p.input_features = {416, "FEATURES"};
  EXPECT_THAT(check_against(p, model_with({1, 13, 32, 1}, {1, 2})), IsEmpty());
  EXPECT_FALSE(p.input_width);
}

TEST(CheckAgainst, TakesAnyBatchAndUnknownSizes) {
  auto p = classifier();
  EXPECT_THAT(check_against(p, model_with({-1, 96, 96, 3}, {-1, 2})), IsEmpty());
  EXPECT_THAT(check_against(p, model_with({1, -1, -1, 3}, {1, -1})), IsEmpty());
  EXPECT_EQ(*p.input_width, 96);
  EXPECT_THAT(check_against(p, {}), ::testing::SizeIs(1));
}

}  // namespace
}  // namespace es::edge_impulse
