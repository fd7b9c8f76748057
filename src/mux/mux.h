// SPDX-License-Identifier: Apache-2.0
//
// Which frames form the next batch, and when it leaves: the rules of DeepStream's (legacy) nvstreammux. The clock is an
// argument, and a frame is only its pad and its time of arrival, so a timeline of text tests all of it.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

namespace es::mux {

struct Options {
  int batch_size = 1;
  // Microseconds from the first frame of a batch until it leaves as it is. Nothing: it waits until it is full.
  std::optional<int64_t> timeout;
  // Frames cannot be held up at their source: a batch leaves as soon as it is full, whoever filled it. Otherwise each
  // pad that still runs gives its share first, so that files are read at the same pace, whichever decodes faster.
  bool live = false;
  // Order each batch by pad number instead of round robin.
  bool sorted = false;
};

// Not thread safe. Times are microseconds of one clock and never run backwards.
//
//   frame_arrived(pad, now)  frame_arrived ...      The owner keeps the frames themselves, one queue per pad, and
//   take(now) -> {0, 1}                             takes the first of queue 0 and the first of queue 1.
class Batcher {
 public:
  explicit Batcher(const Options& options) : options_(options) {}

  void add_pad(unsigned pad) { pads_[pad]; }
  // Frames that wait on it are forgotten.
  void remove_pad(unsigned pad) { pads_.erase(pad); }
  // A frame on a pad that had ended makes it run again.
  void frame_arrived(unsigned pad, int64_t now);
  void ended(unsigned pad);
  // The pad begins anew: what waits on it is forgotten, and an end is none any more.
  void restart(unsigned pad) { pads_[pad] = {}; }

  // False where the source of the pad should wait before it sends another frame.
  bool has_room(unsigned pad) const;
  // When take() will answer although the batch is not full; nothing while no frame waits or no timeout is set.
  std::optional<int64_t> deadline() const;
  // The pads of the frames that leave now, one entry a frame, in the order of the batch. Empty: not yet.
  std::vector<unsigned> take(int64_t now);
  // There are pads, all have ended, and every frame has left.
  bool finished() const;

 private:
  struct Pad {
    std::deque<int64_t> arrivals;
    bool ended = false;
  };

  size_t batch_size() const { return static_cast<size_t>(options_.batch_size); }
  size_t waiting() const;
  size_t running() const;
  size_t fair_share() const;
  size_t from_ended() const;
  size_t share_of_running() const;
  bool complete() const;
  bool overdue(int64_t now) const;
  std::vector<unsigned> collect();

  Options options_;
  std::map<unsigned, Pad> pads_;
  unsigned next_ = 0;  // where the round starts
  int64_t last_departure_ = INT64_MIN;
};

}  // namespace es::mux
