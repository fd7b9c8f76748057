// SPDX-License-Identifier: Apache-2.0
#include "passes/min_cut.h"

#include <algorithm>
#include <queue>

namespace es::passes {

int MinCut::add_node() {
  edges_of_.emplace_back();
  return static_cast<int>(edges_of_.size()) - 1;
}

void MinCut::add_edge(int from, int to, int64_t capacity) {
  edges_of_[static_cast<size_t>(from)].push_back(static_cast<int>(edges_.size()));
  edges_.push_back({to, capacity});
  edges_of_[static_cast<size_t>(to)].push_back(static_cast<int>(edges_.size()));
  edges_.push_back({from, 0});
}

// Distances from the source over edges that have room.
bool MinCut::find_levels() {
  level_.assign(edges_of_.size(), -1);
  level_[source] = 0;
  std::queue<int> queue;
  queue.push(source);
  for (; !queue.empty(); queue.pop()) {
    const int node = queue.front();
    for (const int index : edges_of_[static_cast<size_t>(node)]) {
      const Edge& edge = edges_[static_cast<size_t>(index)];
      if (edge.capacity == 0 || level_[static_cast<size_t>(edge.to)] >= 0) continue;
      level_[static_cast<size_t>(edge.to)] = level_[static_cast<size_t>(node)] + 1;
      queue.push(edge.to);
    }
  }
  return level_[sink] >= 0;
}

// One path from the source to the sink along rising levels; without recursion, as graphs are deep. 0: there is none
// left.
int64_t MinCut::push(int64_t limit) {
  std::vector<int> path;
  int node = source;
  while (node != sink) {
    auto& next = next_[static_cast<size_t>(node)];
    const auto& edges = edges_of_[static_cast<size_t>(node)];
    while (next < edges.size()) {
      const Edge& edge = edges_[static_cast<size_t>(edges[next])];
      if (edge.capacity > 0 && level_[static_cast<size_t>(edge.to)] == level_[static_cast<size_t>(node)] + 1) break;
      ++next;
    }
    if (next < edges.size()) {
      path.push_back(edges[next]);
      node = edges_[static_cast<size_t>(edges[next])].to;
    } else {
      if (path.empty()) return 0;
      node = edges_[static_cast<size_t>(path.back() ^ 1)].to;
      ++next_[static_cast<size_t>(node)];
      path.pop_back();
    }
  }
  for (const int index : path) limit = std::min(limit, edges_[static_cast<size_t>(index)].capacity);
  for (const int index : path) {
    edges_[static_cast<size_t>(index)].capacity -= limit;
    edges_[static_cast<size_t>(index ^ 1)].capacity += limit;
  }
  return limit;
}

int64_t MinCut::solve() {
  int64_t total = 0;
  while (total < infinite && find_levels()) {
    next_.assign(edges_of_.size(), 0);
    while (const int64_t pushed = push(infinite)) {
      total += pushed;
      if (total >= infinite) break;
    }
  }
  return total;
}

}  // namespace es::passes
