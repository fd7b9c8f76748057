// SPDX-License-Identifier: Apache-2.0
#include "app/perf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace es::app {
namespace {

using ::testing::ElementsAre;

TEST(PerfCounter, TheFirstFrameStartsTheClockAndIsNotCounted) {
  PerfCounter perf(1);
  for (int i = 0; i <= 60; ++i) perf.count_frame(0, 10 + i / 30.0);  // 2 s at 30 fps: 61 frames, 60 counted
  EXPECT_THAT(perf.lines(12, 2), ElementsAre("", "**PERF:  FPS 0 (Avg)\t", "**PERF:  30.00 (30.00)\t"));
}

TEST(PerfCounter, ASourceThatHasNotStartedHasZeros) {
  PerfCounter perf(2);
  perf.count_frame(1, 0);
  perf.count_frame(1, 1);
  EXPECT_THAT(perf.lines(4, 2),
              ElementsAre("", "**PERF:  FPS 0 (Avg)\tFPS 1 (Avg)\t", "**PERF:  0.00 (0.00)\t0.50 (0.25)\t"));
}

TEST(PerfCounter, TheHeaderComesBackEveryTwentyLines) {
  PerfCounter perf(1);
  size_t headers = 0;
  for (int i = 0; i < 41; ++i) headers += perf.lines(i, 1).size() == 3;
  EXPECT_EQ(headers, 3u) << "before lines 1, 21 and 41";
}

TEST(PerfCounter, AFrameOfASourceThatDoesNotExistIsNotCounted) {
  PerfCounter perf(1);
  perf.count_frame(7, 0);
  EXPECT_EQ(perf.lines(1, 1).back(), "**PERF:  0.00 (0.00)\t");
}

}  // namespace
}  // namespace es::app
