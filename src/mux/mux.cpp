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

// Two shares: one in the batch that is being made, one ready for the next.
bool Batcher::has_room(unsigned pad) const {
  const auto found = pads_.find(pad);
  return found == pads_.end() || found->second.arrivals.size() < 2 * std::max(fair_share(), share_of_running());
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
  return static_cast<size_t>(
      std::count_if(pads_.begin(), pads_.end(), [](const auto& at) { return !at.second.ended; }));
}

// How many frames of a batch each pad should give: batch size over the pads that have frames or can still get some,
// rounded up.
size_t Batcher::fair_share() const {
  const auto pads =
      static_cast<size_t>(std::max<ptrdiff_t>(1, std::count_if(pads_.begin(), pads_.end(), [](const auto& at) {
                                                return !at.second.ended || !at.second.arrivals.empty();
                                              })));
  return (batch_size() + pads - 1) / pads;
}

// What pads give that have ended: their share, or the little that is left of them.
size_t Batcher::from_ended() const {
  size_t count = 0;
  for (const auto& [number, pad] : pads_) count += pad.ended ? std::min(pad.arrivals.size(), fair_share()) : 0;
  return count;
}

// The running pads make up for what the ended ones do not have any more.
size_t Batcher::share_of_running() const {
  const size_t pads = std::max<size_t>(running(), 1);
  return (batch_size() - std::min(batch_size(), from_ended()) + pads - 1) / pads;
}

// With no pad left that could add to it, whatever waits is a full batch.
bool Batcher::complete() const {
  if (running() == 0) return true;
  if (options_.live) return waiting() >= batch_size();
  size_t count = from_ended();
  for (const auto& [number, pad] : pads_) {
    if (!pad.ended) count += std::min(pad.arrivals.size(), share_of_running());
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
