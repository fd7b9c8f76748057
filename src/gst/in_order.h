// SPDX-License-Identifier: Apache-2.0
//
// One thread that does things in the order in which they were added, while whoever adds goes on.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace es::gst {

class InOrder {
 public:
  // At most `limit` things wait or are being done; add() blocks beyond that. `name` is the thread's, at most 15
  // letters.
  InOrder(size_t limit, const char* name);
  // Does what was added, then ends.
  ~InOrder();
  InOrder(const InOrder&) = delete;
  InOrder& operator=(const InOrder&) = delete;

  // `work` must not throw, nor add or drain.
  void add(std::function<void()> work);
  // Returns when all that was added is done.
  void drain();

 private:
  void run();

  const size_t limit_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  size_t unfinished_ = 0;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace es::gst
