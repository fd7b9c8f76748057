// SPDX-License-Identifier: Apache-2.0
//
// The statements of nvinfer.md 10.4, by their numbers.
#include "gst/object_selection.h"

#include <gtest/gtest.h>

#include <memory>

namespace es::gst {
namespace {

using config::InferConfig;
using config::NetworkType;

InferConfig classifier() {
  InferConfig config;
  config.network_type = NetworkType::classifier;
  return config;
}

// An object of component 1, class 0, 100x100, tracked as 7.
NvDsObjectMeta object_of(uint64_t id = 7, float width = 100, float height = 100) {
  NvDsObjectMeta object{};
  object.unique_component_id = 1;
  object.object_id = id;
  object.rect_params.width = width;
  object.rect_params.height = height;
  return object;
}

bool inferred(ObjectSelector& selector, int64_t frame, const NvDsObjectMeta& object) {
  return selector.decide(0, frame, object).infer;
}

TEST(Filters, Statement73ObjectsOfOtherEnginesAreLeftAlone) {
  auto config = classifier();
  config.operate_on_gie_id = 1;
  ObjectSelector selector(config);
  auto other = object_of();
  other.unique_component_id = 2;
  EXPECT_TRUE(inferred(selector, 0, object_of()));
  EXPECT_FALSE(inferred(selector, 0, other));
}

TEST(Filters, Statement74ObjectsOfOtherClassesAreLeftAlone) {
  auto config = classifier();
  config.operate_on_class_ids = {0, 2};
  ObjectSelector selector(config);
  for (const int class_id : {-1, 0, 1, 2, 3, 1000}) {
    auto object = object_of(UNTRACKED_OBJECT_ID);
    object.class_id = class_id;
    EXPECT_EQ(inferred(selector, 0, object), class_id == 0 || class_id == 2) << class_id;
  }
}

TEST(Filters, Statements75And76SizesAtTheLimitPass) {
  auto config = classifier();
  config.input_object_min_width = 64;
  config.input_object_max_height = 100;
  ObjectSelector selector(config);
  EXPECT_FALSE(inferred(selector, 0, object_of(UNTRACKED_OBJECT_ID, 63.9f, 50)));
  EXPECT_TRUE(inferred(selector, 0, object_of(UNTRACKED_OBJECT_ID, 64, 50)));
  EXPECT_TRUE(inferred(selector, 0, object_of(UNTRACKED_OBJECT_ID, 64, 100)));
  EXPECT_FALSE(inferred(selector, 0, object_of(UNTRACKED_OBJECT_ID, 64, 100.5f)));
}

TEST(Filters, ObjectsBelowOnePixelAreLeftAlone) {
  ObjectSelector selector(classifier());
  EXPECT_FALSE(inferred(selector, 0, object_of(UNTRACKED_OBJECT_ID, 0.9f, 50)));
  EXPECT_FALSE(inferred(selector, 0, object_of(UNTRACKED_OBJECT_ID, 50, -3)));
}

TEST(Cache, Statement77ATrackedObjectIsInferredOnce) {
  ObjectSelector selector(classifier());
  EXPECT_TRUE(inferred(selector, 0, object_of()));
  selector.store(0, 7, 0, {{{0, 1, 0.9f, "good"}}, "good "});
  for (int frame = 1; frame < 100; ++frame) {
    const auto decision = selector.decide(0, frame, object_of());
    EXPECT_FALSE(decision.infer);
    EXPECT_TRUE(decision.known);
  }
  EXPECT_EQ(selector.recall(0, 7)->label, "good ");
}

TEST(Cache, Statement78GrownByAFifthItIsInferredAgain) {
  ObjectSelector selector(classifier());
  EXPECT_TRUE(inferred(selector, 0, object_of()));
  EXPECT_FALSE(inferred(selector, 1, object_of(7, 109, 109)));
  EXPECT_TRUE(inferred(selector, 2, object_of(7, 110, 110)));
}

TEST(Cache, Statement79ReinferIntervalCountsFrames) {
  auto config = classifier();
  config.secondary_reinfer_interval = 5;
  ObjectSelector selector(config);
  EXPECT_TRUE(inferred(selector, 10, object_of()));
  EXPECT_FALSE(inferred(selector, 15, object_of()));
  EXPECT_TRUE(inferred(selector, 16, object_of()));
  EXPECT_TRUE(inferred(selector, 3, object_of())) << "a frame number that jumps backwards";
}

TEST(Cache, Statement80UntrackedObjectsAreInferredInEveryFrame) {
  ObjectSelector selector(classifier());
  for (int frame = 0; frame < 3; ++frame) {
    const auto decision = selector.decide(0, frame, object_of(UNTRACKED_OBJECT_ID));
    EXPECT_TRUE(decision.infer);
    EXPECT_FALSE(decision.known);
  }
  EXPECT_EQ(selector.recall(0, UNTRACKED_OBJECT_ID), std::nullopt);
}

TEST(Cache, Statement81AnObjectThatShrankKeepsItsLabel) {
  auto config = classifier();
  config.input_object_min_width = 64;
  ObjectSelector selector(config);
  EXPECT_TRUE(inferred(selector, 0, object_of()));
  selector.store(0, 7, 0, {{}, "car "});
  const auto decision = selector.decide(0, 1, object_of(7, 20, 20));
  EXPECT_FALSE(decision.infer);
  EXPECT_TRUE(decision.known);
  EXPECT_EQ(selector.recall(0, 7)->label, "car ");
}

TEST(Cache, Statement82ADetectorLooksAtEveryObjectUnlessAnIntervalIsGiven) {
  InferConfig detector;
  ObjectSelector always(detector);
  for (int frame = 0; frame < 4; ++frame) EXPECT_TRUE(inferred(always, frame, object_of()));
  detector.secondary_reinfer_interval = 5;
  ObjectSelector sometimes(detector);
  for (int frame = 0; frame < 18; ++frame) EXPECT_EQ(inferred(sometimes, frame, object_of()), frame % 6 == 0) << frame;
}

TEST(Cache, Statement85ForgottenObjectsAreInferredAgain) {
  ObjectSelector selector(classifier());
  EXPECT_TRUE(inferred(selector, 0, object_of()));
  selector.forget_objects(0);
  EXPECT_TRUE(inferred(selector, 1, object_of()));
}

TEST(Sources, Statement86AnUnknownSourceIsSaid) {
  ObjectSelector selector(classifier());
  EXPECT_TRUE(selector.begin_frame(0, 0));
  EXPECT_FALSE(selector.begin_frame(1, 0));
  selector.add_source(1);
  EXPECT_TRUE(selector.begin_frame(1, 0));
  selector.remove_source(1);
  EXPECT_FALSE(selector.begin_frame(1, 0));
}

TEST(Sources, TheSameIdInTwoSourcesAreTwoObjects) {
  ObjectSelector selector(classifier());
  selector.add_source(1);
  EXPECT_TRUE(selector.decide(0, 0, object_of()).infer);
  EXPECT_TRUE(selector.decide(1, 0, object_of()).infer);
}

TEST(Cache, ANewAnswerReplacesTheOldEvenWhenItIsEmpty) {
  ObjectSelector selector(classifier());
  selector.decide(0, 0, object_of());
  selector.store(0, 7, 0, {{}, "car "});
  selector.store(0, 7, 0, {{}, ""});
  EXPECT_EQ(selector.recall(0, 7)->label, "");
}

TEST(Cache, ObjectsThatWereNotSeenForLongAreForgotten) {
  ObjectSelector selector(classifier());
  selector.decide(0, 0, object_of(7));
  selector.store(0, 7, 0, {{}, "gone "});
  selector.decide(0, 1700, object_of(8));
  selector.store(0, 8, 1700, {{}, "here "});
  for (int frame = 0; frame <= 1801; ++frame) {
    selector.begin_frame(0, frame);
    selector.end_buffer();
  }
  EXPECT_EQ(selector.recall(0, 7), std::nullopt);
  EXPECT_NE(selector.recall(0, 8), std::nullopt);
}

}  // namespace
}  // namespace es::gst
