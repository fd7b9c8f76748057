// SPDX-License-Identifier: Apache-2.0
//
// edgestream build-engine, and the same under the name trtexec: TensorRT's own options, so that a line from a guide
// works as it stands. Options that TensorRT has removed are said to be, with what replaced them; options that mean
// nothing on a CPU are accepted.
#include <filesystem>
#include <memory>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/terminal.h"
#include "infer/benchmark.h"
#include "infer/engine_build.h"

namespace es::cli {
namespace {

struct Given {
  std::string onnx, save_engine, load_engine, min_shapes, opt_shapes, max_shapes, shapes, export_times, device = "0";
  std::string provider = "cpu";
  bool fp16 = false, int8 = false, best = false, skip_inference = false, verbose = false;
  infer::BenchmarkOptions benchmark;
};

// What TensorRT took out and what stands in its place.
struct RemovedOption {
  const char* name;
  bool has_value;
  const char* sentence;
};

constexpr RemovedOption removed_options[] = {
    {"--explicitBatch", false, "is gone since TensorRT 10: every network has an explicit batch; nothing is lost"},
    {"--workspace", true, "is gone since TensorRT 10: --memPoolSize=workspace:MiB replaced it; a CPU needs neither"},
    {"--batch", true, "is gone since TensorRT 10: --shapes=input:NxCxHxW replaced it"},
    {"--maxBatch", true, "is gone since TensorRT 10: --maxShapes=input:NxCxHxW replaced it"},
    {"--buildOnly", false, "is gone since TensorRT 10: --skipInference replaced it"},
};

// Accepted so that lines from elsewhere run; without meaning on a CPU.
constexpr const char* accepted_values[] = {"--memPoolSize",
                                           "--timingCacheFile",
                                           "--percentile",
                                           "--loadInputs",
                                           "--exportOutput",
                                           "--exportProfile",
                                           "--exportLayerInfo",
                                           "--builderOptimizationLevel",
                                           "--profilingVerbosity",
                                           "--sleepTime",
                                           "--inputIOFormats",
                                           "--outputIOFormats",
                                           "--calib",
                                           "--useDLACore"};
constexpr const char* accepted_flags[] = {"--dumpProfile",   "--dumpLayerInfo",      "--useCudaGraph",
                                          "--useSpinWait",   "--noDataTransfers",    "--allowGPUFallback",
                                          "--stronglyTyped", "--separateProfileRun", "--threads"};

std::string precision_of(const Given& given) {
  if (given.best) return "best";
  if (given.int8) return "int8";
  return given.fp16 ? "fp16" : "fp32";
}

infer::ShapeLists shape_lists(const Given& given) {
  const auto list = [](const std::string& words, const char* option) {
    return words.empty() ? std::vector<infer::NamedShape>{} : infer::parse_shapes(words, option);
  };
  const bool profiled = !given.min_shapes.empty() || !given.opt_shapes.empty() || !given.max_shapes.empty();
  if (!profiled && !given.shapes.empty()) return infer::lists_of_shapes(list(given.shapes, "--shapes"));
  return {list(given.min_shapes, "--minShapes"), list(given.opt_shapes, "--optShapes"),
          list(given.max_shapes, "--maxShapes")};
}

backend::Provider provider_of(const Given& given) {
  const auto provider = backend::provider_of(given.provider);
  require(provider.has_value(), ErrorKind::usage, "--provider is '", printable(given.provider),
          "'; it is cpu, cuda or tensorrt");
  return *provider;
}

infer::BuildResult make(const Given& given) {
  if (!given.load_engine.empty()) {
    require(given.onnx.empty(), ErrorKind::usage, "--onnx and --loadEngine: one of the two is needed, not both");
    return infer::load_engine(
        given.load_engine,
        {.model_name = given.load_engine, .requested_precision = precision_of(given), .provider = provider_of(given)});
  }
  require(!given.onnx.empty(), ErrorKind::usage,
          "no model is named; --onnx=MODEL builds an engine, --loadEngine=FILE "
          "runs one");
  return infer::build_engine({.onnx = given.onnx,
                              .save = given.save_engine,
                              .shapes = shape_lists(given),
                              .precision = precision_of(given),
                              .provider = provider_of(given)});
}

int run_trtexec(Given given) {
  if (given.verbose) set_verbose(true);
  const auto built = make(given);
  for (const auto& note : built.notes) log(LogLevel::info, note);
  const char* what = given.load_engine.empty() ? "Engine built in " : "Engine loaded in ";
  print_line(text(what, number_text(static_cast<float>(built.engine.seconds)), " sec."));
  if (!given.save_engine.empty()) {
    print_line(text("Engine of ", built.bytes, " bytes saved to ", given.save_engine));
  }
  if (given.skip_inference) {
    print_line("Skipped inference phase since --skipInference is added.");
    return 0;
  }
  if (!given.shapes.empty()) given.benchmark.shapes = infer::parse_shapes(given.shapes, "--shapes");
  const auto benchmark = infer::run_benchmark(built.engine, given.benchmark);
  print_line(infer::report_text(benchmark));
  if (!given.export_times.empty()) write_file_atomically(given.export_times, infer::times_json(benchmark));
  return 0;
}

void declare_removed(CLI::App& app) {
  for (const auto& row : removed_options) {
    const auto say = [&row] { log(LogLevel::warning, row.name, " ", row.sentence); };
    if (row.has_value) {
      app.add_option_function<std::string>(row.name, [say](const std::string&) { say(); })->group("");
    } else {
      app.add_flag_function(row.name, [say](int64_t) { say(); })->group("");
    }
  }
}

Action declare(CLI::App& app) {
  const auto given = std::make_shared<Given>();
  app.add_option("--onnx", given->onnx, "ONNX model to build from");
  app.add_option("--saveEngine", given->save_engine, "File to write the engine to");
  app.add_option("--loadEngine", given->load_engine, "Engine to run");
  app.add_option("--minShapes", given->min_shapes, "Smallest shapes, input:NxCxHxW,...");
  app.add_option("--optShapes", given->opt_shapes, "Usual shapes");
  app.add_option("--maxShapes", given->max_shapes, "Largest shapes");
  app.add_option("--shapes", given->shapes, "Shapes to measure with");
  app.add_option("--iterations", given->benchmark.iterations, "At least so many runs")->check(CLI::Range(1, 10000000));
  app.add_option("--duration", given->benchmark.duration_s, "At least so many seconds")
      ->check(CLI::Range(0.0, 86400.0));
  app.add_option("--warmUp", given->benchmark.warm_up_ms, "Milliseconds before measuring")->check(CLI::Range(0.0, 1e7));
  app.add_option("--avgRuns", given->benchmark.average_runs, "Runs that a line averages")
      ->check(CLI::Range(1, 10000000));
  app.add_option("--streams,--infStreams", given->benchmark.streams, "Runs at the same time")
      ->check(CLI::Range(1, 256));
  app.add_option("--exportTimes", given->export_times, "JSON file for the time of every run");
  app.add_option("--provider", given->provider, "cpu, cuda or tensorrt");
  app.add_option("--device", given->device, "Number of the GPU");
  app.add_flag("--fp16", given->fp16, "FP16, where the provider has it");
  app.add_flag("--int8", given->int8, "INT8, where the provider has it");
  app.add_flag("--best", given->best, "Any precision that is fast");
  app.add_flag("--skipInference", given->skip_inference, "Build only");
  app.add_flag("--verbose", given->verbose, "Say more");
  declare_removed(app);
  for (const char* name : accepted_values)
    app.add_option_function<std::string>(name, [](const std::string&) {})->group("");
  for (const char* name : accepted_flags) app.add_flag_function(name, [](int64_t) {})->group("");
  return [given] { return run_trtexec(*given); };
}

}  // namespace

Action declare_build_engine(CLI::App& app) { return declare(app); }
Action declare_trtexec(CLI::App& app) { return declare(app); }

}  // namespace es::cli
