// SPDX-License-Identifier: Apache-2.0
//
// Numbers in names are those of the statements about nvinfer that a test holds us to.
#include "postprocess/cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace es::postprocess {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const ModelDetection A{{10, 10, 40, 40}, 0, .6f}, B{{12, 12, 40, 40}, 0, .9f}, C{{30, 30, 40, 40}, 0, .8f},
    D{{100, 100, 20, 20}, 0, .3f};

std::vector<ModelDetection> nms(const std::vector<ModelDetection>& found, const ClassAttributes& attributes) {
  return cluster(found, ClusterMode::nms, std::vector<ClassAttributes>(3, attributes));
}

TEST(Iou, ExamplesOfTheSpecification) {
  EXPECT_NEAR(iou(A.box, B.box), 0.822323, 1e-6);
  EXPECT_NEAR(iou(A.box, C.box), 0.142857, 1e-6);
  EXPECT_NEAR(iou(B.box, C.box), 0.178203, 1e-6);
  EXPECT_EQ(iou({0, 0, 10, 10}, {10, 0, 10, 10}), 0) << "boxes that touch";
  EXPECT_EQ(iou({5, 5, 0, 0}, {5, 5, 0, 0}), 0) << "no area";
}

TEST(Nms, TheExampleOfTheSpecification_107) {
  EXPECT_THAT(nms({A, B, C, D}, {.nms_iou_threshold = 0.3f}), ElementsAre(B, C, D));
  EXPECT_THAT(nms({A, B, C, D}, {.nms_iou_threshold = 0.5f}), ElementsAre(B, C, D));
  EXPECT_THAT(nms({A, B, C, D}, {.nms_iou_threshold = 0.1f}), ElementsAre(B, D));
}

TEST(Nms, AnOverlapEqualToTheLimitIsNoReason_108) {
  const ModelDetection left{{0, 0, 20, 10}, 0, .9f}, right{{10, 0, 20, 10}, 0, .8f};  // 100 of 300
  EXPECT_THAT(nms({left, right}, {.nms_iou_threshold = iou(left.box, right.box)}), SizeIs(2));
  EXPECT_THAT(nms({left, right}, {.nms_iou_threshold = 0.333f}), ElementsAre(left));
}

TEST(Nms, OfEqualsTheFirstSurvives_109) {
  ModelDetection first = A, second = A;
  first.rotation = 1;
  EXPECT_THAT(nms({first, second}, {}), ElementsAre(first));
  EXPECT_THAT(nms({second, first}, {}), ElementsAre(second));
}

TEST(Nms, ClassesDoNotSuppressEachOtherAndComeInOrder_110_118) {
  ModelDetection other = A;
  other.class_id = 2;
  EXPECT_THAT(nms({other, A}, {}), ElementsAre(A, other));
}

TEST(Nms, ThePostClusterThresholdIsStrict_111) {
  const ModelDetection half{{0, 0, 10, 10}, 0, .5f};
  EXPECT_THAT(nms({half}, {.post_cluster_threshold = 0.5f}), IsEmpty());
  EXPECT_THAT(nms({half}, {.post_cluster_threshold = 0.49f}), ElementsAre(half));
  EXPECT_THAT(nms({{{0, 0, 10, 10}, 0, 0.f}}, {.pre_cluster_threshold = 0}), IsEmpty()) << "0 is not above 0";
}

TEST(Nms, TopkKeepsTheBest_112_113) {
  EXPECT_THAT(nms({D, C, B}, {.topk = 2}), ElementsAre(B, C));
  EXPECT_THAT(nms({D, C, B}, {.topk = 0}), IsEmpty());
}

// The definition, quadratic and as plain as it gets: take the best, remove what it covers, again.
std::vector<ModelDetection> nms_by_definition(std::vector<ModelDetection> rest, double limit) {
  std::vector<ModelDetection> kept;
  while (!rest.empty()) {
    size_t best = 0;
    for (size_t i = 1; i < rest.size(); ++i) {
      if (rest[i].score > rest[best].score) best = i;
    }
    const ModelDetection winner = rest[best];
    kept.push_back(winner);
    std::vector<ModelDetection> left_over;
    for (size_t i = 0; i < rest.size(); ++i) {
      const auto &a = winner.box, &b = rest[i].box;
      const double width = std::min<double>(a.left + a.width, b.left + b.width) - std::max(a.left, b.left);
      const double height = std::min<double>(a.top + a.height, b.top + b.height) - std::max(a.top, b.top);
      const double shared = width > 0 && height > 0 ? width * height : 0;
      const double united = static_cast<double>(a.width) * a.height + static_cast<double>(b.width) * b.height - shared;
      if (i != best && !(shared / united > limit)) left_over.push_back(rest[i]);
    }
    rest = left_over;
  }
  return kept;
}

TEST(Nms, EqualsItsDefinitionOnRandomBoxes) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> place(0, 100), size(1, 60), score(0.01f, 1);
    std::vector<ModelDetection> boxes;
    for (int i = 0; i < 80; ++i)
      boxes.push_back({{place(random), place(random), size(random), size(random)}, 0, score(random)});
    const float limit = 0.05f * static_cast<float>(seed % 20);
    EXPECT_EQ(non_maximum_suppression(boxes, {.nms_iou_threshold = limit}), nms_by_definition(boxes, limit))
        << "seed " << seed;
  }
}

TEST(BeforeClustering, ThresholdsAndClassesFilter_103_105) {
  const std::vector<ClassAttributes> classes{{.pre_cluster_threshold = 0.6f}, {.pre_cluster_threshold = 0.1f}};
  ModelDetection beyond = A, second = D;
  beyond.class_id = 2;
  second.class_id = 1;
  EXPECT_THAT(filter_before_clustering({beyond, D, A, second}, classes), ElementsAre(A, second))
      << "a score equal to the threshold is kept";
  beyond.class_id = -1;
  EXPECT_THAT(filter_before_clustering({beyond}, classes), IsEmpty());
}

TEST(BeforeClustering, WhatIsNoNumberGoes) {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN(), infinite = std::numeric_limits<float>::infinity();
  const std::vector<ClassAttributes> classes(1);
  for (const ModelDetection& one : {ModelDetection{{0, 0, 1, 1}, 0, nan}, ModelDetection{{nan, 0, 1, 1}, 0, 1},
                                    ModelDetection{{0, 0, infinite, 1}, 0, 1}}) {
    EXPECT_THAT(filter_before_clustering({one}, classes), IsEmpty());
  }
}

TEST(GroupRectangles, BecomesNmsWhateverTheFileSays_106) {
  ClusterMode mode = ClusterMode::group_rectangles;
  std::vector<ClassAttributes> classes{{.pre_cluster_threshold = 0.4f, .nms_iou_threshold = 0.9f, .topk = 50}};
  replace_group_rectangles(mode, classes);
  EXPECT_EQ(mode, ClusterMode::nms);
  EXPECT_THAT(classes,
              ElementsAre(ClassAttributes{.pre_cluster_threshold = 0.4f, .nms_iou_threshold = 0.5f, .topk = 20}));
  mode = ClusterMode::none;
  replace_group_rectangles(mode, classes);
  EXPECT_EQ(mode, ClusterMode::none);
}

TEST(NoClustering, KeepsParserOrderAndDoesNotLookAtThePostClusterThreshold_114) {
  const std::vector<ClassAttributes> classes{{.post_cluster_threshold = 0.9f}};
  EXPECT_THAT(cluster({D, A, B}, ClusterMode::none, classes), ElementsAre(D, A, B));
  EXPECT_THAT(cluster({D, A, B}, ClusterMode::none, std::vector<ClassAttributes>{{.topk = 2}}), ElementsAre(B, A));
}

// ---- DBSCAN, by the table of the specification (116)

std::vector<ModelDetection> row(std::initializer_list<std::pair<float, float>> boxes) {
  std::vector<ModelDetection> out;
  for (const auto& [left, score] : boxes) out.push_back({{left, 0, 100, 100}, 0, score});
  return out;
}

std::vector<ModelDetection> three_and_one() {
  auto boxes = row({{0, .5f}, {4, .9f}, {8, .6f}});
  boxes.push_back({{300, 0, 50, 50}, 0, .7f});
  return boxes;
}

std::vector<ModelDetection> run_dbscan(const std::vector<ModelDetection>& boxes, float eps, int min_boxes,
                                       float min_score) {
  return cluster(boxes, ClusterMode::dbscan,
                 std::vector<ClassAttributes>{{.eps = eps, .min_boxes = min_boxes, .dbscan_min_score = min_score}});
}

void expect_boxes(const std::vector<ModelDetection>& found, const std::vector<std::pair<float, float>>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (size_t i = 0; i < found.size(); ++i) {
    EXPECT_NEAR(found[i].box.left, expected[i].first, 1e-5);
    EXPECT_EQ(found[i].score, expected[i].second);
  }
}

TEST(Dbscan, ExamplesOfTheSpecification_116) {
  expect_boxes(run_dbscan(three_and_one(), .2f, 2, 0), {{4.2f, .9f}});
  expect_boxes(run_dbscan(three_and_one(), .2f, 1, 0), {{4.2f, .9f}, {300, .7f}});
  EXPECT_THAT(run_dbscan(three_and_one(), .2f, 3, 2.5f), IsEmpty());
  expect_boxes(run_dbscan(three_and_one(), .1f, 2, 0), {{2.571429f, .9f}, {8, .6f}});
  expect_boxes(run_dbscan(row({{0, .5f}, {20, .5f}, {40, .5f}, {60, .5f}}), .4f, 2, 0), {{10, .5f}, {50, .5f}});
  const std::vector<ModelDetection> large(2, {{0, 0, 400, 400}, 0, .5f});
  EXPECT_THAT(run_dbscan(large, .2f, 1, 0), IsEmpty());
}

TEST(Dbscan, WithoutMinBoxesNothingIsClustered_115) {
  const std::vector<ClassAttributes> classes{{.post_cluster_threshold = 0.6f, .eps = .2f, .topk = 2}};
  const auto found = cluster(three_and_one(), ClusterMode::dbscan, classes);
  expect_boxes(found, {{4, .9f}, {300, .7f}});
}

TEST(Dbscan, ThePostClusterThresholdIsInclusive_111) {
  const std::vector<ClassAttributes> classes{{.post_cluster_threshold = 0.5f, .eps = .2f, .min_boxes = 1}};
  EXPECT_THAT(cluster(row({{0, .5f}}), ClusterMode::dbscan, classes), SizeIs(1));
}

TEST(DbscanHybrid, NoiseGoesAndTheRestKeepsItsBoxes_117) {
  const std::vector<ClassAttributes> classes{{.eps = .2f, .min_boxes = 2, .nms_iou_threshold = 0.95f}};
  const auto found = cluster(three_and_one(), ClusterMode::dbscan_nms_hybrid, classes);
  expect_boxes(found, {{4, .9f}, {8, .6f}, {0, .5f}});
}

}  // namespace
}  // namespace es::postprocess
