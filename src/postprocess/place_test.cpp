// SPDX-License-Identifier: Apache-2.0
//
// Numbers in names are those of the statements about nvinfer that a test holds us to.
#include "postprocess/place.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace es::postprocess {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Placement identity{{0, 0, 640, 480}, {0, 0, 640, 480}, 1, 1, 0, 0};

// place() with one class, on a surface of 640x480.
struct Placing {
  ClassAttributes attributes = {};
  bool crop = false;
  std::vector<int> unwanted = {};
  Placement placement = identity;

  std::vector<FrameBox> operator()(const ModelBox& box) const {
    const std::vector<ClassAttributes> classes{attributes};
    const PlaceParams params{classes, {}, unwanted, crop, 640, 480};
    const std::vector<ModelDetection> found{{box, 0, .9f}};
    std::vector<FrameBox> boxes;
    for (const auto& one : place(found, placement, params)) boxes.push_back(one.box);
    return boxes;
  }
};

TEST(Place, ALetterboxedBoxMapsBack_120) {
  const Placement letterbox{{0, 0, 1920, 1080}, {0, 140, 640, 360}, 640 / 1920.0, 360 / 1080.0, 0, 0};
  const std::vector<ClassAttributes> classes(1);
  const PlaceParams params{classes, {}, {}, false, 1920, 1080};
  const std::vector<ModelDetection> found{{{100, 240, 64, 64}, 0, .9f}};
  const auto placed = place(found, letterbox, params);
  ASSERT_EQ(placed.size(), 1u);
  EXPECT_FLOAT_EQ(placed[0].box.left, 300);
  EXPECT_FLOAT_EQ(placed[0].box.top, 300);
  EXPECT_FLOAT_EQ(placed[0].box.width, 192);
  EXPECT_FLOAT_EQ(placed[0].box.height, 192);
}

TEST(Place, ANegativeTopBecomesZeroAndTheHeightStays_121) {
  EXPECT_THAT(Placing{}({-7, -5, 50, 50}), ElementsAre(FrameBox{0, 0, 50, 50}));
}

TEST(Place, BelowTheFrameIsDroppedBeyondItsRightEdgeIsKept_122_123) {
  EXPECT_THAT(Placing{}({10, 440, 50, 41}), IsEmpty());
  EXPECT_THAT(Placing{}({10, 440, 50, 40}), ElementsAre(FrameBox{10, 440, 50, 40})) << "up to the edge";
  EXPECT_THAT(Placing{}({600, 10, 100, 50}), ElementsAre(FrameBox{600, 10, 100, 50}));
}

TEST(Place, WithCropBothAreCut_124) {
  EXPECT_THAT(Placing{.crop = true}({10, 440, 50, 60}), ElementsAre(FrameBox{10, 440, 50, 40}));
  EXPECT_THAT(Placing{.crop = true}({600, 10, 100, 50}), ElementsAre(FrameBox{600, 10, 40, 50}));
}

TEST(Place, TheTopOffsetDropsOrMoves_125) {
  const ClassAttributes attributes{.roi_top_offset = 100};
  EXPECT_THAT(Placing{.attributes = attributes}({10, 99, 50, 50}), IsEmpty());
  EXPECT_THAT(Placing{.attributes = attributes}({10, 100, 50, 50}), ElementsAre(FrameBox{10, 100, 50, 50}));
  EXPECT_THAT((Placing{.attributes = attributes, .crop = true}({10, 99, 50, 50})),
              ElementsAre(FrameBox{10, 100, 50, 50}));
}

TEST(Place, ABottomOffsetLargerThanTheSurfaceChecksNothing) {
  EXPECT_THAT(Placing{.attributes = {.roi_bottom_offset = 20}}({10, 420, 50, 50}), IsEmpty());
  EXPECT_THAT(Placing{.attributes = {.roi_bottom_offset = 481}}({10, 470, 50, 50}),
              ElementsAre(FrameBox{10, 470, 50, 50}));
}

TEST(Place, SizesAreLimited_126_127) {
  EXPECT_THAT(Placing{.attributes = {.detected_min_w = 32}}({0, 0, 31.9f, 50}), IsEmpty());
  EXPECT_THAT(Placing{.attributes = {.detected_min_w = 32}}({0, 0, 32, 50}), ElementsAre(FrameBox{0, 0, 32, 50}));
  EXPECT_THAT(Placing{.attributes = {.detected_min_h = 51}}({0, 0, 32, 50}), IsEmpty());
  EXPECT_THAT(Placing{.attributes = {.detected_max_h = 200}}({0, 0, 32, 201}), IsEmpty());
  EXPECT_THAT(Placing{.attributes = {.detected_max_w = 200}}({0, 0, 201, 20}), IsEmpty());
  EXPECT_THAT(Placing{}({0, 0, 32, 201}), ElementsAre(FrameBox{0, 0, 32, 201})) << "0 is no limit";
}

TEST(Place, UnwantedClassesAreDropped_44) { EXPECT_THAT((Placing{.unwanted = {1, 0}}({0, 0, 32, 32})), IsEmpty()); }

TEST(Place, ABoxInAnObjectIsPlacedFromTheObjectsCorner_128) {
  const Placement crop{{200, 100, 50, 40}, {0, 0, 100, 100}, 2.0, 2.5, 200.7f, 100.3f};
  EXPECT_THAT(Placing{.placement = crop}({10, 20, 30, 40}),
              ElementsAre(FrameBox{5.0f + 200.7f, 8.0f + 100.3f, 15, 16}));
}

TEST(Place, FiltersOfACropWorkInItsOwnCoordinates) {
  const Placement crop{{200, 470, 50, 40}, {0, 0, 50, 40}, 1, 1, 200, 470};
  EXPECT_THAT(Placing{.placement = crop}({0, 0, 50, 40}), ElementsAre(FrameBox{200, 470, 50, 40}))
      << "it reaches below the frame only after the object's corner is added";
  EXPECT_THAT(Placing{.placement = crop}({-5, 0, 10, 10}), ElementsAre(FrameBox{200, 470, 10, 10}))
      << "the left edge is held at 0 before";
}

TEST(Place, APlacementWithoutAreaGivesNothing) {
  Placement flat = identity;
  flat.ratio_y = 0;
  EXPECT_THAT(Placing{.placement = flat}({0, 0, 10, 10}), IsEmpty());
}

TEST(Place, LabelsAreTheFirstPieceOfTheClassesLine) {
  const std::vector<ClassAttributes> classes(3);
  const std::vector<std::vector<std::string>> labels{{"candy", "sweet"}, {}};
  const PlaceParams params{classes, labels, {}, false, 640, 480};
  const std::vector<ModelDetection> found{
      {{0, 0, 9, 9}, 0, .9f, .5f}, {{0, 0, 9, 9}, 1, .8f}, {{0, 0, 9, 9}, 2, .7f}, {{0, 0, 9, 9}, 3, .6f}};
  EXPECT_THAT(place(found, identity, params),
              ElementsAre(Detection{{0, 0, 9, 9}, 0, .9f, .5f, "candy"}, Detection{{0, 0, 9, 9}, 1, .8f, 0, ""},
                          Detection{{0, 0, 9, 9}, 2, .7f, 0, ""}))
      << "a class without attributes is beyond the configured ones";
}

}  // namespace
}  // namespace es::postprocess
