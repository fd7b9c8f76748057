// SPDX-License-Identifier: Apache-2.0
#include "infer/benchmark.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "infer/infer_testing.h"
#include "testing/matchers.h"

namespace es::infer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// --- Engines by hand -----------------------------------------------------------------------------------------------

TEST(BuildEngine, TheGuidesLineGivesAnEngineForEveryBatch) {
  const TestProject project("colors");
  const auto saved = project.path() / "colors.engine";
  const auto built = build_engine({.onnx = project.model(), .save = saved});
  EXPECT_EQ(built.bytes, std::filesystem::file_size(saved));
  EXPECT_THAT(built.notes, ElementsAre());
  const auto loaded = load_engine(saved, {});
  EXPECT_EQ(loaded.engine.origin, Info::Engine::loaded);

  Tensor one({1, 3, 8, 8}, DType::f32);
  for (size_t i = 0; i < one.floats().size(); ++i) one.floats()[i] = static_cast<float>(i % 251);
  const auto row = loaded.engine.session->run(std::vector{one.view()});
  for (const int64_t batch : {1, 3, 8}) {
    Tensor many({batch, 3, 8, 8}, DType::f32);
    for (int64_t i = 0; i < batch; ++i)
      std::copy(one.floats().begin(), one.floats().end(), many.floats().begin() + i * 192);
    const auto rows = loaded.engine.session->run(std::vector{many.view()});
    for (int64_t i = 0; i < batch; ++i)
      EXPECT_EQ(testing::max_difference(rows[0].item(i).floats(), row[0].floats()), 0);
  }
}

TEST(BuildEngine, SaysWhatRunsHereOnce) {
  const TestProject project("colors_fixed_4");
  const auto built = build_engine({.onnx = project.model(), .precision = "best"});
  EXPECT_THAT(built.notes,
              ElementsAre("best was asked for: the CPU computes in fp32, results are at least as exact; the name of "
                          "the engine keeps best",
                          "the model has a fixed batch of 4: every run computes 4 items, and a smaller batch costs "
                          "as much as 4"));
}

TEST(BuildEngine, NeverWritesOverAPlan) {
  const TestProject project("colors");
  project.write("jetson.engine", "ftrt plan");
  const auto path = project.path() / "jetson.engine";
  EXPECT_ERROR_THAT(
      build_engine({.onnx = project.model(), .save = path}), ErrorKind::environment,
      ::testing::AllOf(HasSubstr("jetson.engine: is a TensorRT plan"), HasSubstr("; it is not overwritten")));
  EXPECT_EQ(read_text_file(path), "ftrt plan");
  EXPECT_ERROR_THAT(load_engine(path, {}), ErrorKind::unsupported, HasSubstr("jetson.engine: is a TensorRT plan"));
}

TEST(LoadEngine, OfAnotherRuntimeIsBuiltAnewAndSaysSo) {
  const TestProject project("colors");
  const auto path = project.path() / "c.engine";
  build_engine({.onnx = project.model(), .save = path});
  const Bytes file = read_file(path);
  auto view = backend::read_engine(file, "e");
  view.header.runtime = "ONNX Runtime 1.2.3";
  write_file_atomically(path, backend::write_engine(view));
  const auto loaded = load_engine(path, {});
  EXPECT_EQ(loaded.engine.origin, Info::Engine::rebuilt);
  EXPECT_THAT(loaded.notes, ElementsAre("was built by ONNX Runtime 1.2.3, this is " + backend::runtime_version() +
                                        "; it was built anew from the model inside, and written again"));
  EXPECT_EQ(load_engine(path, {}).engine.origin, Info::Engine::loaded);
}

// --- Figures -------------------------------------------------------------------------------------------------------

std::vector<Sample> samples(std::vector<double> latencies) {
  std::vector<Sample> result;
  double start = 0;
  for (const double latency : latencies) {
    result.push_back({start, latency});
    start += latency;
  }
  return result;
}

TEST(Summary, IsWhatItsWordsMean) {
  std::vector<double> hundred;
  for (int i = 100; i >= 1; --i) hundred.push_back(i);
  const auto s = summarise(samples(hundred));
  EXPECT_EQ(s.min, 1);
  EXPECT_EQ(s.max, 100);
  EXPECT_EQ(s.mean, 50.5);
  EXPECT_EQ(s.median, 50.5);
  EXPECT_EQ(s.p90, 90);
  EXPECT_EQ(s.p95, 95);
  EXPECT_EQ(s.p99, 99);
  EXPECT_EQ(summarise(samples({3, 1, 2})).median, 2);
  EXPECT_EQ(summarise(samples({5})).p99, 5);
  EXPECT_EQ(summarise({}).max, 0);
}

TEST(Report, IsTrtexecs) {
  const Benchmark benchmark{.samples = samples({2, 4, 3, 3}), .seconds = 0.016, .batch = 8, .average_runs = 2};
  EXPECT_EQ(
      report_text(benchmark),
      "=== Trace details ===\n"
      "Trace averages of 2 runs:\n"
      "Average on 2 runs - latency: 3 ms\n"
      "Average on 2 runs - latency: 3 ms\n"
      "\n"
      "=== Performance summary ===\n"
      "Throughput: 250 qps\n"
      "Items: 2000 per second in batches of 8\n"
      "Latency: min = 2 ms, max = 4 ms, mean = 3 ms, median = 3 ms, percentile(90%) = 4 ms, percentile(95%) = 4 ms, "
      "percentile(99%) = 4 ms\n"
      "Total Host Walltime: 0.016 s\n");
}

TEST(Times, AreAJsonArrayOfRuns) {
  const Benchmark benchmark{.samples = samples({2, 4})};
  const auto times = nlohmann::json::parse(times_json(benchmark));
  ASSERT_EQ(times.size(), 2u);
  EXPECT_EQ(times[1]["startComputeMs"], 2.0);
  EXPECT_EQ(times[1]["endComputeMs"], 6.0);
  EXPECT_EQ(times[1]["latencyMs"], 4.0);
}

// --- Measuring -----------------------------------------------------------------------------------------------------

Engine engine_of(const TestProject& project, const ShapeLists& shapes = {}) {
  return std::move(build_engine({.onnx = project.model(), .shapes = shapes}).engine);
}

TEST(RunBenchmark, RunsAtLeastAsOftenAndAsLongAsAsked) {
  const TestProject project("colors");
  const Engine engine = engine_of(project);
  const auto by_count = run_benchmark(engine, {.iterations = 25, .duration_s = 0, .warm_up_ms = 0});
  EXPECT_EQ(by_count.samples.size(), 25u);
  EXPECT_EQ(by_count.batch, 1);
  const auto by_time = run_benchmark(engine, {.iterations = 1, .duration_s = 0.05, .warm_up_ms = 1});
  EXPECT_GE(by_time.seconds, 0.045);
  EXPECT_GT(by_time.samples.size(), 1u);
  EXPECT_GT(by_time.throughput(), 0);
}

TEST(RunBenchmark, EveryStreamRunsAsOften) {
  const TestProject project("colors");
  const auto result =
      run_benchmark(engine_of(project), {.iterations = 10, .duration_s = 0, .warm_up_ms = 0, .streams = 3});
  EXPECT_EQ(result.samples.size(), 30u);
  EXPECT_TRUE(std::is_sorted(result.samples.begin(), result.samples.end(),
                             [](const Sample& a, const Sample& b) { return a.start_ms < b.start_ms; }));
}

TEST(RunBenchmark, TakesTheShapesThatTheEngineWasBuiltFor) {
  const TestProject project("colors");
  const Engine engine =
      engine_of(project, {parse_shapes("picture:1x3x8x8", ""), {}, parse_shapes("picture:4x3x8x8", "")});
  const BenchmarkOptions once{.iterations = 1, .duration_s = 0, .warm_up_ms = 0};
  EXPECT_EQ(run_benchmark(engine, once).batch, 4);
  BenchmarkOptions options = once;
  options.shapes = parse_shapes("picture:3x3x8x8", "--shapes");
  EXPECT_EQ(run_benchmark(engine, options).batch, 3);
  options.shapes = parse_shapes("picture:5x3x8x8", "--shapes");
  EXPECT_ERROR(run_benchmark(engine, options), ErrorKind::usage,
               "--shapes: picture:5x3x8x8 is outside of what the engine was built for, 1x3x8x8 to 4x3x8x8");
  options.shapes = parse_shapes("images:1x3x8x8", "--shapes");
  EXPECT_ERROR(run_benchmark(engine, options), ErrorKind::usage,
               "--shapes: names the input 'images', the engine has picture");
}

TEST(RunBenchmark, AFixedBatchIsRunAsOftenAsItTakes) {
  const TestProject project("colors_fixed_4");
  BenchmarkOptions options{.iterations = 2, .duration_s = 0, .warm_up_ms = 0};
  options.shapes = parse_shapes("picture:6x3x8x8", "--shapes");
  EXPECT_EQ(run_benchmark(engine_of(project), options).batch, 6);
}

}  // namespace
}  // namespace es::infer
