// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace es::passes {

// A directed graph with capacities, and the cheapest set of edges that parts the source from the sink (Dinic's
// algorithm).
class MinCut {
 public:
  static constexpr int source = 0;
  static constexpr int sink = 1;
  static constexpr int64_t infinite = int64_t{1} << 60;

  MinCut() : edges_of_(2) {}
  int add_node();
  // Capacities at or above `infinite` are never cut.
  void add_edge(int from, int to, int64_t capacity);
  // What is cut in all. At least `infinite` where every way to part them cuts an uncuttable edge.
  int64_t solve();
  // After solve(): whether the node is on the source's side.
  bool on_source_side(int node) const { return level_[static_cast<std::size_t>(node)] >= 0; }

 private:
  struct Edge {
    int to;
    int64_t capacity;
  };
  bool find_levels();
  int64_t push(int64_t limit);

  std::vector<Edge> edges_;  // an edge and its reverse stand next to each other
  std::vector<std::vector<int>> edges_of_;
  std::vector<int> level_;
  std::vector<std::size_t> next_;
};

}  // namespace es::passes
