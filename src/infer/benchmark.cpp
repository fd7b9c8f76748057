// SPDX-License-Identifier: Apache-2.0
#include "infer/benchmark.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <random>

#include "backend/worker_pool.h"
#include "base/error.h"
#include "base/text.h"

namespace es::infer {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds(Clock::duration duration) { return std::chrono::duration<double, std::milli>(duration).count(); }

// The inputs of one stream. A model of a fixed batch is given that many items whatever was asked for.
class Feed {
 public:
  Feed(const Engine& engine, const std::vector<Shape>& shapes) {
    std::mt19937 random(1);
    for (const Shape& shape : shapes) {
      Tensor tensor(with_batch(shape, engine.fixed_batch()), DType::f32);
      for (float& value : tensor.floats())
        value = static_cast<float>(random()) / static_cast<float>(std::mt19937::max());
      tensors_.push_back(std::move(tensor));
    }
    for (const Tensor& tensor : tensors_) views_.push_back(tensor.view());
  }

  void run(const backend::Session& session, int64_t times) {
    for (int64_t i = 0; i < times; ++i) session.run(views_, outputs_);
  }

 private:
  static Shape with_batch(Shape shape, std::optional<int64_t> batch) {
    if (batch) shape[0] = *batch;
    return shape;
  }

  std::vector<Tensor> tensors_, outputs_;
  std::vector<TensorView> views_;
};

bool within(const Shape& shape, const backend::Profile& profile) {
  if (shape.rank() != profile.min.rank()) return false;
  for (size_t axis = 0; axis < shape.rank(); ++axis) {
    if (shape[axis] < profile.min[axis] || shape[axis] > profile.max[axis]) return false;
  }
  return true;
}

std::vector<Shape> shapes_to_run(const Engine& engine, const std::vector<NamedShape>& wanted) {
  const auto& profiles = engine.header.profiles;
  for (const NamedShape& named : wanted) {
    const bool known =
        std::any_of(profiles.begin(), profiles.end(), [&](const auto& p) { return p.input == named.input; });
    std::vector<std::string> names;
    for (const auto& profile : profiles) names.push_back(printable(profile.input));
    require(known, ErrorKind::usage, "--shapes: names the input '", printable(named.input), "', the engine has ",
            join(names, ", "));
  }
  std::vector<Shape> shapes;
  for (const auto& profile : profiles) {
    const auto named =
        std::find_if(wanted.begin(), wanted.end(), [&](const auto& w) { return w.input == profile.input; });
    const Shape shape = named == wanted.end() ? profile.opt : named->shape;
    require(within(shape, profile), ErrorKind::usage, "--shapes: ", printable(profile.input), ":", shape_text(shape),
            " is outside of what the engine was built for, ", shape_text(profile.min), " to ", shape_text(profile.max));
    shapes.push_back(shape);
  }
  require(shapes.size() == engine.session->inputs().size(), ErrorKind::malformed, "the engine has ", shapes.size(),
          " profiles for ", engine.session->inputs().size(), " inputs");
  return shapes;
}

// Runs of the model that one run of the benchmark needs.
int64_t runs_per_batch(const Engine& engine, int64_t batch) {
  const auto fixed = engine.fixed_batch();
  return fixed && *fixed > 0 ? (batch + *fixed - 1) / *fixed : 1;
}

struct Stream {
  const Engine& engine;
  const std::vector<Shape>& shapes;
  const BenchmarkOptions& options;
  int64_t runs;
  Clock::time_point start;  // of the measurement; before it the stream warms up

  std::vector<Sample> measure() const {
    Feed feed(engine, shapes);
    do {
      feed.run(*engine.session, runs);
    } while (Clock::now() < start);
    std::vector<Sample> samples;
    while (samples.size() < static_cast<size_t>(std::max(options.iterations, 1)) ||
           seconds_since_start() < options.duration_s) {
      const auto before = Clock::now();
      feed.run(*engine.session, runs);
      samples.push_back({milliseconds(before - start), milliseconds(Clock::now() - before)});
    }
    return samples;
  }

  double seconds_since_start() const { return milliseconds(Clock::now() - start) / 1000; }
};

double percentile(const std::vector<double>& sorted, double share) {
  const auto rank = static_cast<size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::clamp<size_t>(rank, 1, sorted.size()) - 1];
}

class Report {
 public:
  Report() {
    out_.imbue(std::locale::classic());
    out_ << std::setprecision(6);
  }
  template <typename... Parts>
  void line(const Parts&... parts) {
    (out_ << ... << parts) << '\n';
  }
  std::string text() const { return out_.str(); }

 private:
  std::ostringstream out_;
};

void trace(Report& report, const Benchmark& benchmark) {
  const auto group = static_cast<size_t>(std::max(benchmark.average_runs, 1));
  report.line("=== Trace details ===");
  report.line("Trace averages of ", group, " runs:");
  for (size_t start = 0; start + group <= benchmark.samples.size(); start += group) {
    const auto summary = summarise(std::span(benchmark.samples).subspan(start, group));
    report.line("Average on ", group, " runs - latency: ", summary.mean, " ms");
  }
}

}  // namespace

LatencySummary summarise(std::span<const Sample> samples) {
  if (samples.empty()) return {};
  std::vector<double> sorted;
  double sum = 0;
  for (const Sample& sample : samples) {
    sorted.push_back(sample.latency_ms);
    sum += sample.latency_ms;
  }
  std::sort(sorted.begin(), sorted.end());
  const size_t middle = sorted.size() / 2;
  return {.min = sorted.front(),
          .max = sorted.back(),
          .mean = sum / static_cast<double>(sorted.size()),
          .median = sorted.size() % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2,
          .p90 = percentile(sorted, 0.90),
          .p95 = percentile(sorted, 0.95),
          .p99 = percentile(sorted, 0.99)};
}

Benchmark run_benchmark(const Engine& engine, const BenchmarkOptions& options) {
  const auto shapes = shapes_to_run(engine, options.shapes);
  Benchmark result{.batch = shapes[0].rank() > 0 ? shapes[0][0] : 1, .average_runs = options.average_runs};
  const int streams = std::max(options.streams, 1);
  const auto start = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                        std::chrono::duration<double, std::milli>(std::max(options.warm_up_ms, 0.0)));
  const Stream stream{engine, shapes, options, runs_per_batch(engine, result.batch), start};
  backend::WorkerPool pool(streams, static_cast<size_t>(streams));
  std::vector<std::future<std::vector<Sample>>> futures;
  for (int i = 0; i < streams; ++i) futures.push_back(pool.submit([&stream] { return stream.measure(); }));
  for (auto& future : futures) future.wait();
  for (auto& future : futures) {
    const auto samples = future.get();
    result.samples.insert(result.samples.end(), samples.begin(), samples.end());
  }
  std::sort(result.samples.begin(), result.samples.end(),
            [](const Sample& a, const Sample& b) { return a.start_ms < b.start_ms; });
  double end = 0;
  for (Sample& sample : result.samples) end = std::max(end, sample.start_ms + sample.latency_ms);
  const double first = result.samples.front().start_ms;
  for (Sample& sample : result.samples) sample.start_ms -= first;
  result.seconds = (end - first) / 1000;
  return result;
}

std::string report_text(const Benchmark& benchmark) {
  const auto s = summarise(benchmark.samples);
  Report report;
  trace(report, benchmark);
  report.line();
  report.line("=== Performance summary ===");
  report.line("Throughput: ", benchmark.throughput(), " qps");
  if (benchmark.batch > 1) {
    report.line("Items: ", benchmark.throughput() * static_cast<double>(benchmark.batch), " per second in batches of ",
                benchmark.batch);
  }
  report.line("Latency: min = ", s.min, " ms, max = ", s.max, " ms, mean = ", s.mean, " ms, median = ", s.median,
              " ms, percentile(90%) = ", s.p90, " ms, percentile(95%) = ", s.p95, " ms, percentile(99%) = ", s.p99,
              " ms");
  report.line("Total Host Walltime: ", benchmark.seconds, " s");
  return report.text();
}

std::string times_json(const Benchmark& benchmark) {
  auto times = nlohmann::ordered_json::array();
  for (const Sample& sample : benchmark.samples) {
    nlohmann::ordered_json run;
    run["startComputeMs"] = sample.start_ms;
    run["endComputeMs"] = sample.start_ms + sample.latency_ms;
    run["computeMs"] = sample.latency_ms;
    run["latencyMs"] = sample.latency_ms;
    times.push_back(std::move(run));
  }
  return times.dump(1) + "\n";
}

}  // namespace es::infer
