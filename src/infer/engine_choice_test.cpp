// SPDX-License-Identifier: Apache-2.0
//
// The matrix of engine files, after nvinfer.md 5.2, 5.3, 5.7 and 10.5.
#include "infer/engine_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hash.h"
#include "infer/infer_testing.h"
#include "testing/matchers.h"

namespace es::infer {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

Engine choose_engine(const config::InferConfig& config) { return infer::choose_engine(config, choose("", {})); }

const std::string engine_key = "model-engine-file=colors.onnx_b1_gpu0_fp32.engine\n";

// What an engine of colors must do, whoever made it: red wins.
void expect_it_runs(const Engine& engine) {
  Tensor in({1, 3, 8, 8}, DType::f32);
  std::fill_n(in.floats().begin(), 64, 200.0f);
  const auto out = engine.session->run(std::vector{in.view()});
  EXPECT_GT(out[0].floats()[0], 0.99f);
}

TEST(EngineChoice, TheFirstStartBuildsAndSaysSoTheSecondLoads) {
  const TestProject project("colors");
  {
    const LogCapture log;
    const Engine engine = choose_engine(project.config(engine_key));
    EXPECT_EQ(engine.origin, Info::Engine::built);
    EXPECT_EQ(engine.file, project.engine());
    expect_it_runs(engine);
    const std::string path = project.engine().string();
    EXPECT_THAT(
        log.lines(),
        ElementsAre(
            "warning: deserialize engine from file :" + path + " failed: " + path + ": No such file or directory",
            "warning: deserialize backend context from engine from file :" + path + " failed, try rebuild",
            "info: Trying to create engine from model files",
            StartsWith("info: serialize cuda engine to file: " + path + " successfully (built in ")));
  }
  const LogCapture log;
  const Engine engine = choose_engine(project.config(engine_key));
  EXPECT_EQ(engine.origin, Info::Engine::loaded);
  EXPECT_EQ(engine.file, project.engine());
  expect_it_runs(engine);
  EXPECT_THAT(log.lines(),
              ElementsAre("info: deserialized trt engine from :" + project.engine().string(),
                          StartsWith("info: Use deserialized engine model: " + project.engine().string() + " (")));
}

TEST(EngineChoice, WithoutModelEngineFileItIsBuiltAtEveryStart) {
  const TestProject project("colors");
  EXPECT_EQ(choose_engine(project.config("")).origin, Info::Engine::built);
  EXPECT_EQ(choose_engine(project.config("")).origin, Info::Engine::built);
}

TEST(EngineChoice, AnEngineStandsAloneWhereTheModelIsMissingOrCommentedOut) {
  const TestProject project("colors");
  choose_engine(project.config(""));
  const Engine commented_out = choose_engine(project.config_without_model(engine_key));
  EXPECT_EQ(commented_out.origin, Info::Engine::loaded);
  EXPECT_EQ(commented_out.header.model_name, "colors.onnx");
  expect_it_runs(commented_out);
  fs::remove(project.model());
  const Engine missing = choose_engine(project.config(engine_key));
  EXPECT_EQ(missing.origin, Info::Engine::loaded);
  expect_it_runs(missing);
}

TEST(EngineChoice, AStaleEngineIsNamedAndReplaced) {
  const TestProject project("colors");
  choose_engine(project.config(""));
  const std::string old_hash = sha256(test_model("colors")), new_hash = sha256(test_model("colors_fixed_1"));
  write_file_atomically(project.model(), test_model("colors_fixed_1"));
  const LogCapture log;
  const Engine engine = choose_engine(project.config(engine_key));
  EXPECT_EQ(engine.origin, Info::Engine::built);
  EXPECT_EQ(engine.header.model_sha256, new_hash);
  EXPECT_THAT(log.lines(), Contains(text("warning: deserialize engine from file :", project.engine().string(),
                                         " failed: ", project.engine().string(),
                                         ": is stale: it was built from a model with SHA-256 ", old_hash.substr(0, 12),
                                         "..., ", project.model().string(), " has ", new_hash.substr(0, 12), "...")));
  const Bytes file = read_file(project.engine());
  EXPECT_EQ(backend::read_engine(file, "e").header.model_sha256, new_hash);
}

TEST(EngineChoice, ATornEngineIsNamedAndReplacedByAWholeOne) {
  const TestProject project("colors");
  choose_engine(project.config(""));
  Bytes file = read_file(project.engine());
  for (const size_t length : {size_t{3}, size_t{100}, file.size() - 1}) {
    write_file_atomically(project.engine(), BytesView(file).first(length));
    const LogCapture log;
    const Engine engine = choose_engine(project.config(engine_key));
    EXPECT_EQ(engine.origin, Info::Engine::built);
    EXPECT_EQ(engine.file, project.engine());
    EXPECT_THAT(log.lines(), Contains(StartsWith("warning: deserialize engine from file :" + project.engine().string() +
                                                 " failed: ")));
    const Bytes whole = read_file(project.engine());
    EXPECT_NO_THROW(backend::read_engine(whole, "e"));
  }
}

TEST(EngineChoice, ATornEngineWithoutAModelStopsTheStart) {
  const TestProject project("colors");
  choose_engine(project.config(""));
  const Bytes file = read_file(project.engine());
  write_file_atomically(project.engine(), BytesView(file).first(200));
  const LogCapture log;
  EXPECT_ERROR(
      choose_engine(project.config_without_model(engine_key)), ErrorKind::usage,
      (project.path() / "infer.txt").string() +
          ": there is no onnx-file, and no model-engine-file that can be used [failed to build network since there is "
          "no model file matched.]");
}

const std::string plan("ftrt\xe8\0\0\0 a plan of TensorRT", 27);

TEST(EngineChoice, ATensorRtPlanIsExplainedAndTheOnnxModelUsed) {
  const TestProject project("colors");
  project.write("nano.engine", plan);
  const LogCapture log;
  const Engine engine = choose_engine(project.config("model-engine-file=nano.engine"));
  EXPECT_EQ(engine.origin, Info::Engine::built);
  EXPECT_EQ(engine.file, project.engine());
  EXPECT_EQ(read_text_file(project.path() / "nano.engine"), plan);
  const std::string path = (project.path() / "nano.engine").string();
  EXPECT_THAT(
      log.lines(),
      Contains("warning: deserialize engine from file :" + path + " failed: " + path +
               ": is a TensorRT plan, which runs on the kind of NVIDIA GPU and the TensorRT release that it was built "
               "with and nowhere else; EdgeStream builds its own engine from the ONNX model"));
}

// A deployment folder copied from a Jetson has its plan under the very name that our engine would get.
TEST(EngineChoice, APlanUnderOurNameIsNeverOverwritten) {
  const TestProject project("colors");
  write_file_atomically(project.engine(), plan);
  for (int start = 0; start < 2; ++start) {
    const LogCapture log;
    const Engine engine = choose_engine(project.config(engine_key));
    EXPECT_EQ(engine.origin, Info::Engine::built);
    EXPECT_EQ(engine.file, "");
    expect_it_runs(engine);
    EXPECT_EQ(read_text_file(project.engine()), plan);
    EXPECT_THAT(log.lines().back(),
                StartsWith("warning: failed to serialize cude engine to file: " + project.engine().string()));
    EXPECT_THAT(
        log.lines().back(),
        EndsWith("; it is not overwritten; the engine stays in memory and will be built again at the next start"));
  }
}

TEST(EngineChoice, WhatIsNoEngineIsNamedAndLeftAlone) {
  struct Row {
    std::string content, sentence;
  };
  const Bytes onnx = test_model("colors");
  const Row rows[] = {{"<html>404</html>", "is no engine of EdgeStream"},
                      {std::string(as_text(onnx)), "is an ONNX model, not an engine; name it with onnx-file"}};
  for (const Row& row : rows) {
    const TestProject project("colors");
    write_file_atomically(project.engine(), row.content);
    const LogCapture log;
    EXPECT_EQ(choose_engine(project.config(engine_key)).file, "");
    EXPECT_EQ(read_text_file(project.engine()), row.content);
    EXPECT_THAT(log.lines()[0], EndsWith(project.engine().string() + ": " + row.sentence));
  }
}

TEST(EngineChoice, AnEmptyFileIsReplaced) {
  const TestProject project("colors");
  write_file_atomically(project.engine(), "");
  const LogCapture log;
  EXPECT_EQ(choose_engine(project.config(engine_key)).file, project.engine());
  EXPECT_THAT(log.lines()[0], EndsWith(": is empty"));
}

TEST(EngineChoice, AnEngineThatCannotBeWrittenStaysInMemory) {
  const TestProject project("colors");
  fs::create_directories(project.engine() / "occupied");
  const LogCapture log;
  const Engine engine = choose_engine(project.config(""));
  EXPECT_EQ(engine.file, "");
  expect_it_runs(engine);
  EXPECT_THAT(log.lines().back(), StartsWith("warning: failed to serialize cude engine to file: "));
}

// --- Another machine -----------------------------------------------------------------------------------------------

// The project's engine as if another machine had made it; the optimised model of that machine is one that must not be
// run.
void pretend_other_machine(const TestProject& project, const std::string& runtime, const std::string& cpu) {
  const Bytes file = read_file(project.engine());
  backend::EngineView view = backend::read_engine(file, "e");
  if (!runtime.empty()) view.header.runtime = runtime;
  if (!cpu.empty()) view.header.cpu = cpu;
  const Bytes poison = test_model("flat");
  view.optimised = poison;
  write_file_atomically(project.engine(), backend::write_engine(view));
}

TEST(EngineChoice, AnEngineOfAnotherRuntimeOrCpuIsBuiltAnewFromItsOwnModel) {
  struct Row {
    std::string runtime, cpu, sentence;
  };
  const Row rows[] = {
      {"ONNX Runtime 1.2.3", "", text("was built by ONNX Runtime 1.2.3, this is ", backend::runtime_version())},
      {"", "x86-64 mmx", text("was built for a CPU with 'x86-64 mmx', this one has '", backend::cpu_features(), "'")}};
  for (const Row& row : rows) {
    const TestProject project("colors");
    choose_engine(project.config("batch-size=1"));
    pretend_other_machine(project, row.runtime, row.cpu);
    {
      const LogCapture log;
      const Engine engine = choose_engine(project.config_without_model(engine_key));
      EXPECT_EQ(engine.origin, Info::Engine::rebuilt);
      expect_it_runs(engine);
      EXPECT_THAT(log.lines(), Contains("info: " + project.engine().string() + ": " + row.sentence +
                                        "; the engine was built anew from the model inside and written again"));
    }
    const LogCapture log;
    const Engine again = choose_engine(project.config_without_model(engine_key));
    EXPECT_EQ(again.origin, Info::Engine::loaded);
    expect_it_runs(again);
  }
}

// --- Fit (5.3) -----------------------------------------------------------------------------------------------------

TEST(EngineChoice, AnEngineForSmallerBatchesIsRejectedOneForLargerIsUsed) {
  const TestProject project("colors");
  choose_engine(project.config("batch-size=4"));
  const std::string of_4 = "model-engine-file=colors.onnx_b4_gpu0_fp32.engine\n";
  EXPECT_EQ(choose_engine(project.config(of_4 + "batch-size=2")).origin, Info::Engine::loaded);
  const LogCapture log;
  const Engine engine = choose_engine(project.config(of_4 + "batch-size=8"));
  EXPECT_EQ(engine.origin, Info::Engine::built);
  EXPECT_EQ(engine.file, project.engine("_b8_gpu0_fp32.engine"));
  EXPECT_THAT(log.lines(), Contains("warning: Backend has maxBatchSize 4 whereas 8 has been requested"));
  EXPECT_THAT(log.lines(),
              Contains("warning: deserialized backend context :" + project.engine("_b4_gpu0_fp32.engine").string() +
                       " failed to match config params, trying rebuild"));
}

TEST(EngineChoice, AnEngineForOtherDimensionsIsRejected) {
  const TestProject project("any_size");
  choose_engine(project.config("infer-dims=3;16;16"));
  const std::string keys = "model-engine-file=any_size.onnx_b1_gpu0_fp32.engine\n";
  EXPECT_EQ(choose_engine(project.config(keys + "infer-dims=3;16;16")).origin, Info::Engine::loaded);
  const LogCapture log;
  EXPECT_EQ(choose_engine(project.config(keys + "infer-dims=3;32;32")).origin, Info::Engine::built);
  EXPECT_THAT(log.lines(), Contains("warning: backend can not support dims:3x32x32"));
}

TEST(EngineChoice, AnUnknownOutputNameIsAWarning) {
  const TestProject project("colors");
  const LogCapture log;
  choose_engine(project.config("output-blob-names=scores;boxes"));
  EXPECT_THAT(log.lines(), Contains("warning: Could not find output layer 'boxes' in engine"));
  EXPECT_THAT(log.lines(), Not(Contains(HasSubstr("'scores'"))));
}

// --- Names (5.6, 5.7) ----------------------------------------------------------------------------------------------

TEST(EngineName, FollowsBatchDeviceAndEffectivePrecision) {
  const TestProject project("colors");
  project.write("table.txt", "calibration");
  struct Row {
    std::string keys, suffix;
  };
  const Row rows[] = {{"", "_b1_gpu0_fp32.engine"},
                      {"batch-size=4\ngpu-id=1\nnetwork-mode=2", "_b4_gpu1_fp16.engine"},
                      {"network-mode=1", "_b1_gpu0_fp16.engine"},
                      {"network-mode=3", "_b1_gpu0_fp16.engine"},
                      {"network-mode=1\nint8-calib-file=table.txt", "_b1_gpu0_int8.engine"},
                      {"network-mode=3\nint8-calib-file=table.txt", "_b1_gpu0_best.engine"},
                      {"network-mode=1\nint8-calib-file=not_there.txt", "_b1_gpu0_fp16.engine"},
                      {"enable-dla=1\nuse-dla-core=1", "_b1_dla1_fp32.engine"}};
  for (const Row& row : rows) {
    const LogCapture log;
    EXPECT_EQ(choose_engine(project.config(row.keys)).file, project.engine(row.suffix)) << row.keys;
  }
}

TEST(EngineName, APrecisionThatTheCpuDoesNotHaveIsSaidOnce) {
  const TestProject project("colors");
  const LogCapture log;
  const Engine engine = choose_engine(project.config("network-mode=1"));
  EXPECT_EQ(engine.header.requested_precision, "fp16");
  EXPECT_EQ(engine.header.precision, "fp32");
  EXPECT_THAT(
      log.lines(),
      ElementsAre("warning: INT8 calibration file not specified. Trying FP16 mode.",
                  "info: fp16 was asked for: the CPU computes in fp32, results are at least as exact; the name of the "
                  "engine keeps fp16",
                  "info: Trying to create engine from model files",
                  StartsWith("info: serialize cuda engine to file: ")));
}

// --- Nothing to build from (5.2) -----------------------------------------------------------------------------------

TEST(EngineChoice, SourcesThatCannotBeBuiltAreNamed) {
  const TestProject project("colors");
  const std::string where = (project.path() / "infer.txt").string();
  const std::string end = " [failed to build network since there is no model file matched.]";
  EXPECT_ERROR(
      choose_engine(project.config_without_model("model-file=a.caffemodel\nproto-file=a.prototxt")), ErrorKind::usage,
      where +
          ": model-file and proto-file (Caffe) is no model that can be built here; export the network as ONNX and "
          "name it with onnx-file" +
          end);
  EXPECT_ERROR(
      choose_engine(project.config_without_model("tlt-encoded-model=a.etlt\nuff-file=a.uff")), ErrorKind::usage,
      where +
          ": uff-file, tlt-encoded-model (encrypted TAO) are no model that can be built here; export the network as "
          "ONNX and name it with onnx-file" +
          end);
}

TEST(EngineChoice, AMissingOnnxFileIsNamed) {
  const TestProject project("colors");
  const std::string path = (project.path() / "other.onnx").string();
  EXPECT_ERROR(choose_engine(project.config_without_model("onnx-file=other.onnx")), ErrorKind::unreadable,
               path + ": No such file or directory [Cannot access ONNX file '" + path + "']");
}

}  // namespace
}  // namespace es::infer
