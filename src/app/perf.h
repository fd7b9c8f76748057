// SPDX-License-Identifier: Apache-2.0
//
// deepstream-app's **PERF lines. Pure: the clock is an argument.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace es::app {

// Counts frames per source and writes the lines. The first frame of a source starts its clock and is not counted.
class PerfCounter {
 public:
  explicit PerfCounter(size_t sources) : sources_(sources) {}

  void count_frame(size_t source, double now);  // seconds of any steady clock
  // What to print at the end of an interval of `interval` seconds: a header before the 1st, 21st, 41st ... line.
  std::vector<std::string> lines(double now, double interval);

 private:
  struct PerSource {
    bool started = false;
    double start = 0;
    uint64_t total = 0, in_interval = 0;
  };
  std::vector<PerSource> sources_;
  uint64_t printed_ = 0;
};

}  // namespace es::app
