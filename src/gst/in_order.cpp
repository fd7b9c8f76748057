// SPDX-License-Identifier: Apache-2.0
#include "gst/in_order.h"

#include <pthread.h>

#include <utility>

namespace es::gst {

InOrder::InOrder(size_t limit, const char* name) : limit_(limit), thread_([this] { run(); }) {
  pthread_setname_np(thread_.native_handle(), name);
}

InOrder::~InOrder() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

void InOrder::add(std::function<void()> work) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return unfinished_ < limit_; });
  ++unfinished_;
  waiting_.push_back(std::move(work));
  changed_.notify_all();
}

void InOrder::drain() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return unfinished_ == 0; });
}

void InOrder::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    auto work = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    work();
    work = nullptr;  // what it holds goes before anybody is told that it is done
    lock.lock();
    --unfinished_;
    changed_.notify_all();
  }
}

}  // namespace es::gst
