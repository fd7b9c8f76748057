// SPDX-License-Identifier: Apache-2.0
#include "backend/worker_pool.h"

#include <pthread.h>

#include <algorithm>

namespace es::backend {

WorkerPool::WorkerPool(int threads, size_t waiting_limit) : waiting_limit_(std::max<size_t>(waiting_limit, 1)) {
  for (int i = 0; i < std::max(threads, 1); ++i) {
    threads_.emplace_back([this] { work(); });
    ::pthread_setname_np(threads_.back().native_handle(), "es-infer");
  }
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  job_added_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void WorkerPool::push(std::packaged_task<void()> task) {
  {
    std::unique_lock lock(mutex_);
    job_taken_.wait(lock, [this] { return waiting_.size() < waiting_limit_; });
    waiting_.push_back(std::move(task));
  }
  job_added_.notify_one();
}

void WorkerPool::work() {
  for (;;) {
    std::packaged_task<void()> task;
    {
      std::unique_lock lock(mutex_);
      job_added_.wait(lock, [this] { return closing_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      task = std::move(waiting_.front());
      waiting_.pop_front();
    }
    job_taken_.notify_one();
    task();
  }
}

std::shared_ptr<WorkerPool> shared_worker_pool(int threads) {
  static std::mutex mutex;
  static std::weak_ptr<WorkerPool> current;
  const std::lock_guard lock(mutex);
  auto pool = current.lock();
  if (!pool) {
    pool = std::make_shared<WorkerPool>(threads, static_cast<size_t>(std::max(threads, 1)) * 2);
    current = pool;
  }
  return pool;
}

}  // namespace es::backend
