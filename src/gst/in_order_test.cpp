// SPDX-License-Identifier: Apache-2.0
#include "gst/in_order.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <numeric>
#include <vector>

namespace es::gst {
namespace {

TEST(InOrder, DoesThingsInTheOrderInWhichTheyWereAdded) {
  std::vector<int> done;
  {
    InOrder queue(3, "test");
    for (int i = 0; i < 200; ++i) queue.add([&done, i] { done.push_back(i); });
  }
  std::vector<int> expected(200);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(done, expected);
}

TEST(InOrder, BlocksBeyondItsLimit) {
  std::promise<void> gate;
  auto open = gate.get_future().share();
  InOrder queue(2, "test");
  std::atomic<int> added{0};
  std::thread adder([&] {
    for (int i = 0; i < 3; ++i) {
      queue.add([open] { open.wait(); });
      ++added;
    }
  });
  while (added < 2) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(added, 2);
  gate.set_value();
  adder.join();
  EXPECT_EQ(added, 3);
}

TEST(InOrder, DrainWaitsForAll) {
  std::atomic<int> done{0};
  InOrder queue(8, "test");
  for (int i = 0; i < 5; ++i) {
    queue.add([&done] {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
      ++done;
    });
  }
  queue.drain();
  EXPECT_EQ(done, 5);
}

TEST(InOrder, LetsGoOfWhatAThingHoldsBeforeItIsDone) {
  InOrder queue(2, "test");
  auto held = std::make_shared<int>(1);
  queue.add([held] {});
  queue.drain();
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace es::gst
