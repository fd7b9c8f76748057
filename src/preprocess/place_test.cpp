// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "preprocess/preprocess.h"
#include "testing/matchers.h"

namespace es::preprocess {
namespace {

Spec network(int width, int height, bool keep_ratio = false, bool symmetric = false) {
  return {.width = width, .height = height, .maintain_aspect_ratio = keep_ratio, .symmetric_padding = symmetric};
}

// The table of examples of nvinfer.md 3.3.
TEST(Place, GivesTheRectanglesThatNvinferGives) {
  struct Row {
    Spec spec;
    FrameBox rect;
    PixelRect source, destination;
    double ratio_x, ratio_y;
  };
  const FrameBox object{101.7f, 50.2f, 63.9f, 127.5f};
  const Row rows[] = {
      {network(640, 640, true), {0, 0, 1920, 1080}, {0, 0, 1920, 1080}, {0, 0, 640, 360}, 0.333333, 0.333333},
      {network(640, 640, true, true), {0, 0, 1920, 1080}, {0, 0, 1920, 1080}, {0, 140, 640, 360}, 0.333333, 0.333333},
      {network(960, 544, true, true), {0, 0, 1280, 720}, {0, 0, 1280, 720}, {0, 2, 960, 540}, 0.75, 0.75},
      {network(960, 544), {0, 0, 1920, 1080}, {0, 0, 1920, 1080}, {0, 0, 960, 544}, 0.5, 0.503704},
      {network(224, 224, true, true), object, {102, 50, 62, 126}, {57, 0, 110, 224}, 1.774194, 1.777778},
      {network(224, 224), object, {102, 50, 62, 126}, {0, 0, 224, 224}, 3.612903, 1.777778},
      {network(416, 416, true), {0, 0, 1279, 719}, {0, 0, 1278, 718}, {0, 0, 416, 233}, 0.325509, 0.324513},
      {network(300, 300, true, true), {0, 0, 500, 375}, {0, 0, 500, 374}, {0, 38, 300, 224}, 0.6, 0.598930},
  };
  for (const Row& row : rows) {
    const auto placement = place(row.rect, 4096, 4096, row.spec);
    ASSERT_TRUE(placement);
    EXPECT_EQ(placement->source, row.source);
    EXPECT_EQ(placement->destination, row.destination);
    EXPECT_NEAR(placement->ratio_x, row.ratio_x, 1e-6);
    EXPECT_NEAR(placement->ratio_y, row.ratio_y, 1e-6);
  }
}

TEST(Place, SymmetricPaddingAloneChangesNothing) {
  EXPECT_EQ(place({0, 0, 1280, 720}, 1280, 720, network(96, 96, false, true))->destination, (PixelRect{0, 0, 96, 96}));
}

TEST(Place, AnObjectKeepsItsUnroundedCornerForTheWayBack) {
  const auto placement = place({101.7f, 50.2f, 63.9f, 127.5f}, 1280, 720, network(96, 96));
  EXPECT_EQ(placement->origin_left, 101.7f);
  EXPECT_EQ(placement->origin_top, 50.2f);
}

TEST(Place, AnObjectThatLeavesThePictureIsCutAtItsEdges) {
  const auto placement = place({-10.5f, 700, 40, 100}, 1280, 720, network(96, 96));
  EXPECT_EQ(placement->source, (PixelRect{0, 700, 28, 20}));
  EXPECT_EQ(placement->origin_left, 0.0f);
}

// 97 is rounded up to 98, and 98 + 4 would lie outside a picture of 101 columns.
TEST(Place, RoundingNeverLeavesAnOddPicture) {
  EXPECT_EQ(place({97, 0, 4, 50}, 101, 51, network(96, 96))->source, (PixelRect{98, 0, 2, 50}));
}

TEST(Place, WhatHasNoPixelIsNotInferred) {
  const float nan = std::nanf(""), infinity = std::numeric_limits<float>::infinity();
  const FrameBox nothing[] = {{0, 0, 1.9f, 50}, {0, 0, 50, 0},   {200, 0, 10, 10},    {0, -30, 20, 30.5f},
                              {99, 0, 1, 10},   {nan, 0, 9, 9},  {0, 0, infinity, 9}, {0, 0, nan, 9},
                              {0, 0, -4, 9},    {1e30f, 0, 9, 9}};
  for (const FrameBox& rect : nothing)
    EXPECT_FALSE(place(rect, 100, 100, network(96, 96))) << rect.left << ' ' << rect.width;
}

TEST(Place, AnAspectRatioThatLeavesNoRowIsNotInferred) {
  EXPECT_FALSE(place({0, 0, 1000, 2}, 1000, 1000, network(224, 224, true)));
  EXPECT_TRUE(place({0, 0, 1000, 2}, 1000, 1000, network(224, 224)));
}

TEST(ScalingFilter, HasOurThreeFiltersBehindItsSevenNumbers) {
  EXPECT_EQ(filter_of(0), Filter::nearest);
  EXPECT_EQ(filter_of(1), Filter::bilinear);
  EXPECT_EQ(filter_of(3), Filter::area);
  EXPECT_EQ(filter_of(6), Filter::nearest);
  EXPECT_EQ(filter_note(6), "");
  EXPECT_EQ(filter_note(4), "scaling-filter=4 (Lanczos on a GPU) runs as bilinear here");
  EXPECT_ERROR(filter_of(7), ErrorKind::usage, "scaling-filter=7: must be 0 to 6");
}

}  // namespace
}  // namespace es::preprocess
