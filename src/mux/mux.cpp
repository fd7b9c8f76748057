// SPDX-License-Identifier: Apache-2.0
#include "mux/mux.h"

#include <algorithm>

namespace es::mux {

void Batcher::frame_arrived(unsigned pad, int64_t now) {
  auto& state = pads_[pad];
  state.ended = false;
  state.arrivals.push_back(now);
}

void Batcher::ended(unsigned pad) { pads_[pad].ended = true; }

void Batcher::forget_frames(unsigned pad) { pads_[pad].arrivals.clear(); }

// Two shares: one in the batch that is being made, one ready for the next.
bool Batcher::has_room(unsigned pad) const {
  const auto found = pads_.find(pad);
  return found == pads_.end() || found->second.arrivals.size() < 2 * share();
}

// The clock of a batch starts with its first frame, but not before the last batch has left.
std::optional<int64_t> Batcher::deadline() const {
  if (!options_.timeout || waiting() == 0) return std::nullopt;
  int64_t first = INT64_MAX;
  for (const auto& [number, pad] : pads_) {
    if (!pad.arrivals.empty()) first = std::min(first, pad.arrivals.front());
  }
  return std::max(first, last_departure_) + *options_.timeout;
}

std::vector<unsigned> Batcher::take(int64_t now) {
  if (waiting() == 0 || !(complete() || overdue(now))) return {};
  last_departure_ = now;
  return collect();
}

bool Batcher::finished() const { return !pads_.empty() && running() == 0 && waiting() == 0; }

size_t Batcher::waiting() const {
  size_t count = 0;
  for (const auto& [number, pad] : pads_) count += pad.arrivals.size();
  return count;
}

size_t Batcher::running() const {
  return static_cast<size_t>(std::count_if(pads_.begin(), pads_.end(), [](const auto& at) { return !at.second.ended; }));
}

// How many frames of a batch each pad should give: batch size over pads that still run, rounded up.
size_t Batcher::share() const {
  const size_t pads = std::max<size_t>(running(), 1);
  return (batch_size() + pads - 1) / pads;
}

// With no pad left that could add to it, whatever waits is a full batch.
bool Batcher::complete() const {
  if (running() == 0) return true;
  size_t count = 0;
  for (const auto& [number, pad] : pads_) {
    count += options_.live || pad.ended ? pad.arrivals.size() : std::min(pad.arrivals.size(), share());
  }
  return count >= batch_size();
}

bool Batcher::overdue(int64_t now) const {
  const auto due = deadline();
  return due && now >= *due;
}

// Round robin from where the last batch stopped, one frame a pad and round, as long as there are frames and room.
std::vector<unsigned> Batcher::collect() {
  std::vector<unsigned> batch;
  auto at = pads_.lower_bound(next_);
  while (batch.size() < batch_size() && waiting() > 0) {
    if (at == pads_.end()) at = pads_.begin();
    if (!at->second.arrivals.empty()) {
      at->second.arrivals.pop_front();
      batch.push_back(at->first);
      next_ = at->first + 1;
    }
    ++at;
  }
  if (options_.sorted) std::stable_sort(batch.begin(), batch.end());
  return batch;
}

}  // namespace es::mux
