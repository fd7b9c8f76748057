// SPDX-License-Identifier: Apache-2.0
//
// trtexec's measurement: how long one run of an engine takes, and how many runs a second there are.
//
// On a CPU there is nothing to copy to a device: latency is the time of a run, and what trtexec reports as transfers is
// left out rather than reported as 0.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "infer/engine_build.h"
#include "infer/shapes.h"

namespace es::infer {

struct BenchmarkOptions {
  std::vector<NamedShape> shapes;  // inputs that it lacks run at their profile's optimum
  int iterations = 10;             // at least so many runs
  double duration_s = 3;           // and for at least so long
  double warm_up_ms = 200;
  int average_runs = 10;  // runs that one line of the trace averages
  int streams = 1;        // runs at the same time, each in a thread of its own
};

// One run.
struct Sample {
  double start_ms = 0;  // since the first measured run began
  double latency_ms = 0;
};

struct Benchmark {
  std::vector<Sample> samples;  // in the order of their starts
  double seconds = 0;           // from the first start to the last end
  int64_t batch = 1;            // items of a run
  int average_runs = 10;

  double throughput() const { return seconds > 0 ? static_cast<double>(samples.size()) / seconds : 0; }
};

struct LatencySummary {
  double min = 0, max = 0, mean = 0, median = 0, p90 = 0, p95 = 0, p99 = 0;  // milliseconds
};
// A percentile is the smallest latency that at least so many of the runs do not exceed; the median of an even number is
// the mean of the middle two. All 0 without samples.
LatencySummary summarise(std::span<const Sample> samples);

// Runs the engine on random input. Throws usage where shapes do not fit the engine's profiles, environment where a run
// fails.
Benchmark run_benchmark(const Engine& engine, const BenchmarkOptions& options);

// trtexec's report: the trace of averages, then the summary.
std::string report_text(const Benchmark& benchmark);

// What --exportTimes writes: a JSON array with one object per run, times in milliseconds.
std::string times_json(const Benchmark& benchmark);

}  // namespace es::infer
