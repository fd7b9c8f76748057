// SPDX-License-Identifier: Apache-2.0
#include "backend/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>

#include "base/error.h"
#include "testing/matchers.h"

namespace es::backend {
namespace {

TEST(WorkerPool, GivesResultsInTheFutureOfEachJob) {
  WorkerPool pool(3, 4);
  std::vector<std::future<int>> futures;
  for (int i = 0; i < 100; ++i) futures.push_back(pool.submit([i] { return i * i; }));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(futures[static_cast<size_t>(i)].get(), i * i);
}

TEST(WorkerPool, AnExceptionTravelsInTheFutureAndThePoolGoesOn) {
  WorkerPool pool(1, 2);
  auto broken = pool.submit([] { fail(ErrorKind::environment, "the device is gone"); });
  auto whole = pool.submit([] { return 7; });
  EXPECT_ERROR(broken.get(), ErrorKind::environment, "the device is gone");
  EXPECT_EQ(whole.get(), 7);
}

TEST(WorkerPool, RunsAsManyJobsAtOnceAsItHasThreads) {
  WorkerPool pool(2, 2);
  std::latch both(2);
  auto first = pool.submit([&] { both.arrive_and_wait(); });
  auto second = pool.submit([&] { both.arrive_and_wait(); });
  first.get();
  second.get();
}

TEST(WorkerPool, SubmittingWaitsWhileTooManyJobsWait) {
  WorkerPool pool(1, 1);
  std::latch go(1), started(1);
  std::atomic<int> submitted = 0;
  auto running = pool.submit([&] {
    started.count_down();
    go.wait();
  });
  started.wait();
  auto waiting = pool.submit([] {});  // the one free place
  std::thread submitter([&] {
    auto late = pool.submit([] {});
    ++submitted;
    late.get();
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(submitted, 0);
  go.count_down();
  submitter.join();
  EXPECT_EQ(submitted, 1);
}

TEST(WorkerPool, DestroyedItStillRunsWhatWasSubmitted) {
  std::atomic<int> done = 0;
  {
    WorkerPool pool(2, 50);
    for (int i = 0; i < 50; ++i) pool.submit([&] { ++done; });
  }
  EXPECT_EQ(done, 50);
}

TEST(SharedWorkerPool, IsOneAsLongAsSomebodyHoldsIt) {
  auto first = shared_worker_pool(2);
  EXPECT_EQ(shared_worker_pool(5), first);
  first.reset();
  EXPECT_EQ(shared_worker_pool(3)->threads(), 3);
}

}  // namespace
}  // namespace es::backend
