// SPDX-License-Identifier: Apache-2.0
#include "app/perf.h"

#include <cstdio>

namespace es::app {
namespace {

constexpr uint64_t lines_per_header = 20;

std::string pair_text(double now_fps, double average) {
  char words[64];
  std::snprintf(words, sizeof words, "%.2f (%.2f)\t", now_fps, average);
  return words;
}

}  // namespace

void PerfCounter::count_frame(size_t source, double now) {
  if (source >= sources_.size()) return;
  auto& counter = sources_[source];
  if (!counter.started) {
    counter.started = true;
    counter.start = now;
    return;
  }
  ++counter.total;
  ++counter.in_interval;
}

std::vector<std::string> PerfCounter::lines(double now, double interval) {
  std::vector<std::string> lines;
  if (printed_++ % lines_per_header == 0) {
    std::string header = "**PERF:  ";
    for (size_t i = 0; i < sources_.size(); ++i) header += "FPS " + std::to_string(i) + " (Avg)\t";
    lines.emplace_back();
    lines.push_back(header);
  }
  std::string line = "**PERF:  ";
  for (auto& counter : sources_) {
    const double elapsed = now - counter.start;
    const double average = counter.started && elapsed > 0 ? static_cast<double>(counter.total) / elapsed : 0;
    line += pair_text(interval > 0 ? static_cast<double>(counter.in_interval) / interval : 0, average);
    counter.in_interval = 0;
  }
  lines.push_back(line);
  return lines;
}

}  // namespace es::app
