// SPDX-License-Identifier: Apache-2.0
//
// The models are testdata/make_models.py's, whose head says what each computes.
#include "backend/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cfenv>
#include <cmath>
#include <limits>
#include <random>
#include <thread>

#include "base/file.h"
#include "testing/matchers.h"
#include "testing/scratch_folder.h"

namespace es::backend {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

Bytes model(const std::string& name) { return read_file(std::string(ES_TEST_DATA) + "/" + name + ".onnx"); }

std::unique_ptr<Session> open(const std::string& name) { return open_session(model(name), {.name = name + ".onnx"}); }

// `count` pictures of 8x8; picture i has the constant colour (100 + i, 50, 20 + 2 i).
Tensor pictures(int64_t count) {
  Tensor tensor({count, 3, 8, 8}, DType::f32);
  for (int64_t i = 0; i < count; ++i) {
    for (int k = 0; k < 3; ++k) {
      const float value[] = {static_cast<float>(100 + i), 50.0f, static_cast<float>(20 + 2 * i)};
      for (int p = 0; p < 64; ++p) tensor.floats()[static_cast<size_t>((i * 3 + k) * 64 + p)] = value[k];
    }
  }
  return tensor;
}

std::vector<float> expected_scores(int64_t count) {
  std::vector<float> scores;
  for (int64_t i = 0; i < count; ++i) {
    const double e[] = {std::exp(0.05 * (100.0 + static_cast<double>(i))), std::exp(0.05 * 50),
                        std::exp(0.05 * (20.0 + 2 * static_cast<double>(i)))};
    for (const double value : e) scores.push_back(static_cast<float>(value / (e[0] + e[1] + e[2])));
  }
  return scores;
}

TEST(Session, SaysWhatTheModelTakesAndGives) {
  const auto session = open("cells");
  EXPECT_THAT(session->inputs(), ElementsAre(TensorSpec{"images", {-1, 3, 32, 32}, DType::f32}));
  EXPECT_THAT(session->outputs(), ElementsAre(TensorSpec{"output0", {-1, 16, 7}, DType::f32}));
}

TEST(Session, RunsEveryBatchSizeAtItsTrueSize) {
  const auto session = open("colors");
  for (const int64_t batch : {1, 2, 3, 8}) {
    const Tensor in = pictures(batch);
    const auto out = session->run(std::vector{in.view()});
    EXPECT_EQ(out[0].shape(), (Shape{batch, 3}));
    EXPECT_LE(testing::max_difference(out[0].floats(), expected_scores(batch)), 1e-6);
  }
}

TEST(Session, WritesIntoTensorsThatFitAndReplacesOthers) {
  const auto session = open("colors");
  std::vector<Tensor> out;
  const Tensor two = pictures(2), three = pictures(3);
  session->run(std::vector{two.view()}, out);
  const void* memory = out[0].data();
  session->run(std::vector{two.view()}, out);
  EXPECT_EQ(out[0].data(), memory);
  session->run(std::vector{three.view()}, out);
  EXPECT_EQ(out[0].shape(), (Shape{3, 3}));
}

TEST(Session, HalvesAndBytesAreConvertedAtTheDoor) {
  const Tensor in = pictures(2);
  const auto halves = open("colors_f16");
  EXPECT_EQ(halves->inputs()[0].dtype, DType::f16);
  EXPECT_EQ(halves->outputs()[0].dtype, DType::f32);
  EXPECT_LE(testing::max_difference(halves->run(std::vector{in.view()})[0].floats(), expected_scores(2)), 1e-3);
  const auto bytes = open("colors_u8");
  EXPECT_EQ(bytes->inputs()[0].dtype, DType::u8);
  EXPECT_LE(testing::max_difference(bytes->run(std::vector{in.view()})[0].floats(), expected_scores(2)), 1e-6);
}

TEST(Session, IntegersStayIntegers) {
  const auto session = open("argmax");
  EXPECT_EQ(session->outputs()[0].dtype, DType::i64);
  const Tensor in = pictures(2);
  const auto out = session->run(std::vector{in.view()});
  EXPECT_EQ(static_cast<const int64_t*>(out[0].data())[1], 0);
}

TEST(Session, AnOutputMayHaveASizeThatTheInputDecides) {
  const auto session = open("bright_pixels");
  Tensor in({1, 1, 4, 4}, DType::f32);
  std::vector<Tensor> out;
  for (const size_t bright : {3, 0, 16}) {
    std::fill(in.floats().begin(), in.floats().end(), 0.0f);
    std::fill_n(in.floats().begin(), bright, 200.0f);
    session->run(std::vector{in.view()}, out);
    EXPECT_EQ(out[0].shape(), (Shape{4, static_cast<int64_t>(bright)}));
  }
}

TEST(Session, GivesTheSameFromManyThreadsAtOnce) {
  const auto session = open("cells");
  std::vector<std::thread> threads;
  for (unsigned seed = 0; seed < 4; ++seed) {
    threads.emplace_back([&, seed] {
      std::mt19937 random(seed);
      Tensor in({1 + static_cast<int64_t>(seed % 2), 3, 32, 32}, DType::f32);
      for (float& value : in.floats()) value = static_cast<float>(random() % 256);
      const auto alone = session->run(std::vector{in.view()});
      for (int i = 0; i < 25; ++i) {
        const auto again = session->run(std::vector{in.view()});
        EXPECT_EQ(testing::max_difference(again[0].floats(), alone[0].floats()), 0);
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

TEST(Session, LeavesTheCallersFloatingPointModeAsItWas) {
  const volatile float smallest = std::numeric_limits<float>::min();
  const auto session = open("colors");
  const Tensor in = pictures(1);
  session->run(std::vector{in.view()});
  EXPECT_GT(smallest / 4, 0.0f);  // a denormal
}

TEST(Session, RefusesShapesThatDoNotFit) {
  const auto session = open("colors");
  const Tensor small({1, 3, 8, 4}, DType::f32), flat({3, 8, 8}, DType::f32), integers({1, 3, 8, 8}, DType::i32);
  EXPECT_ERROR(session->run(std::vector{small.view()}), ErrorKind::mismatch,
               "colors.onnx: input 'picture' is [N, 3, 8, 8], it was given [1, 3, 8, 4]");
  EXPECT_ERROR(session->run(std::vector{flat.view()}), ErrorKind::mismatch,
               "colors.onnx: input 'picture' is [N, 3, 8, 8], it was given [3, 8, 8]");
  EXPECT_ERROR(session->run(std::vector{integers.view()}), ErrorKind::internal,
               "colors.onnx: input 'picture' is float32, it was given int32");
  EXPECT_ERROR(session->run({}), ErrorKind::internal, "colors.onnx: was given 0 inputs, it has 1");
}

TEST(OpenSession, RefusesWhatIsNoModel) {
  EXPECT_ERROR(open_session({}, {.name = "m.onnx"}), ErrorKind::malformed, "m.onnx: is empty, an ONNX model is needed");
  const std::string html = "<html>not here</html>";
  EXPECT_ERROR_THAT(open_session(as_bytes_view(html), {.name = "m.onnx"}), ErrorKind::malformed,
                    StartsWith("m.onnx: ONNX Runtime refuses this model: "));
  Bytes cut = model("cells");
  cut.resize(cut.size() / 2);
  EXPECT_ERROR_THAT(open_session(cut, {.name = "m.onnx"}), ErrorKind::malformed,
                    StartsWith("m.onnx: ONNX Runtime refuses this model: "));
}

// ONNX Runtime would look for such files below the working directory, and would follow ".." out of it.
TEST(OpenSession, NoOtherFileIsReadOnAModelsWord) {
  const testing::ScratchFolder folder;
  write_file_atomically(folder.path() / "weights.bin", std::string(16, '\0'));
  const Bytes bytes = model("external");
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  for (const bool optimised : {false, true}) {
    EXPECT_ERROR(open_session(bytes, {.name = "m.onnx", .optimised = optimised}), ErrorKind::unsupported,
                 "m.onnx: keeps its weights in other files, one file is needed; save the model with its weights inside "
                 "(onnx.save_model with save_as_external_data=False)");
  }
  std::filesystem::current_path(before);
}

TEST(OpenSession, AProviderThatTheLibraryLacksIsNamed) {
  for (const Provider provider : {Provider::cuda, Provider::tensorrt}) {
    EXPECT_ERROR_THAT(
        open_session(model("colors"), {.name = "m.onnx", .provider = provider}), ErrorKind::environment,
        AllOf(StartsWith(text("m.onnx: provider '", name_of(provider), "' cannot be used with ONNX Runtime ")),
              HasSubstr("set ONNXRUNTIME_ROOT to a GPU build and build anew, or use provider 'cpu'")));
  }
}

TEST(OptimiseModel, GivesBytesThatLoadWithoutOptimisationAndAgree) {
  const Bytes original = model("cells");
  const Bytes optimised = optimise_model(original, {.name = "cells.onnx"});
  const auto fresh = open("cells");
  const auto cached = open_session(optimised, {.name = "cells.engine", .optimised = true});
  EXPECT_THAT(cached->inputs(), ElementsAre(fresh->inputs()[0]));
  Tensor in({2, 3, 32, 32}, DType::f32);
  std::mt19937 random(1);
  for (float& value : in.floats()) value = static_cast<float>(random() % 256);
  EXPECT_LE(testing::max_difference(cached->run(std::vector{in.view()})[0].floats(),
                                    fresh->run(std::vector{in.view()})[0].floats()),
            1e-6);
}

TEST(Provider, HasANameAndAWayBack) {
  for (const Provider provider : {Provider::cpu, Provider::cuda, Provider::tensorrt}) {
    EXPECT_EQ(provider_of(name_of(provider)), provider);
  }
  EXPECT_EQ(provider_of("gpu"), std::nullopt);
}

TEST(RuntimeVersion, NamesTheLibrary) { EXPECT_THAT(runtime_version(), StartsWith("ONNX Runtime 1.")); }

}  // namespace
}  // namespace es::backend
