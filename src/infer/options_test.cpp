// SPDX-License-Identifier: Apache-2.0
#include "infer/options.h"

#include <gtest/gtest.h>

#include <thread>

#include "testing/matchers.h"

namespace es::infer {
namespace {

TEST(Choose, WithoutWishesIsOneThreadARunOnEveryCore) {
  const Choices choices = choose("", {});
  EXPECT_EQ(choices.provider, backend::Provider::cpu);
  EXPECT_FALSE(choices.real_batches);
  EXPECT_EQ(choices.intra_op_threads, 1);
  EXPECT_EQ(choices.workers, std::max(1, static_cast<int>(std::thread::hardware_concurrency())));
}

TEST(Choose, ReadsItsPairsAndLeavesOthersAlone) {
  const Choices choices = choose(
      "data_max=3; edgestream-batch = whole ;edgestream-workers=3;;edgestream-intra-op-threads=2;edgestream-provider=",
      {});
  EXPECT_TRUE(choices.real_batches);
  EXPECT_EQ(choices.workers, 3);
  EXPECT_EQ(choices.intra_op_threads, 2);
  EXPECT_EQ(choices.provider, backend::Provider::cpu);
}

TEST(Choose, AGpuIsGivenRealBatches) {
  EXPECT_TRUE(choose("edgestream-provider=cuda", {}).real_batches);
  EXPECT_FALSE(choose("edgestream-provider=cuda;edgestream-batch=items", {}).real_batches);
}

TEST(Choose, TheHostHasTheLastWord) {
  EXPECT_EQ(choose("edgestream-workers=3", {.workers = 5}).workers, 5);
  EXPECT_FALSE(choose("edgestream-batch=whole", {.real_batches = false}).real_batches);
}

TEST(Choose, RefusesWhatItDoesNotKnow) {
  EXPECT_ERROR(choose("edgestream-worker=3", {}), ErrorKind::usage,
               "dynamic-properties: there is no 'edgestream-worker'; did you mean 'edgestream-workers'?");
  EXPECT_ERROR(choose("edgestream-tea=1", {}), ErrorKind::usage,
               "dynamic-properties: there is no 'edgestream-tea'; there are edgestream-provider, edgestream-batch, "
               "edgestream-workers, edgestream-intra-op-threads");
  EXPECT_ERROR(choose("edgestream-provider=gpu", {}), ErrorKind::usage,
               "dynamic-properties: edgestream-provider is 'gpu', cpu, cuda or tensorrt is needed");
  EXPECT_ERROR(choose("edgestream-batch=4", {}), ErrorKind::usage,
               "dynamic-properties: edgestream-batch is '4', items or whole is needed");
  EXPECT_ERROR(choose("edgestream-workers=0", {}), ErrorKind::usage,
               "dynamic-properties: edgestream-workers is '0', a number from 1 to 1024 is needed");
}

}  // namespace
}  // namespace es::infer
