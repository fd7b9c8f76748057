// SPDX-License-Identifier: Apache-2.0
//
// A fixed number of threads that run jobs in the order in which they were given.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

namespace es::backend {

class WorkerPool {
 public:
  // At most `waiting_limit` jobs wait while every thread is busy; submit() then blocks.
  WorkerPool(int threads, size_t waiting_limit);
  // Runs what was submitted, then joins.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  int threads() const { return static_cast<int>(threads_.size()); }

  // The future has the job's result or the exception that left it. From any thread but the pool's own, where waiting
  // for a free place could be forever.
  template <typename Job>
  auto submit(Job job) -> std::future<std::invoke_result_t<Job&>> {
    std::packaged_task<std::invoke_result_t<Job&>()> task(std::move(job));
    auto future = task.get_future();
    push(std::packaged_task<void()>([task = std::move(task)]() mutable { task(); }));
    return future;
  }

 private:
  void push(std::packaged_task<void()> task);
  void work();

  const size_t waiting_limit_;
  std::mutex mutex_;
  std::condition_variable job_added_, job_taken_;
  std::deque<std::packaged_task<void()>> waiting_;
  bool closing_ = false;
  std::vector<std::thread> threads_;
};

// The pool that everything in this process shares, so that two networks do not have two threads per core: made when the
// first asks, gone when the last lets go. `threads` counts for whoever is first.
std::shared_ptr<WorkerPool> shared_worker_pool(int threads);

}  // namespace es::backend
