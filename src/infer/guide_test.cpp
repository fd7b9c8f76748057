// SPDX-License-Identifier: Apache-2.0
//
// The guide author's published folder, whose secondary network comes with its model. The scores are those of ONNX
// Runtime 1.32 from Python (onnxruntime, numpy) for the same picture in the model's own input, without any code of
// ours:
//
//   image = np.fromfunction(lambda y, x: (3 * x + 5 * y + (x * y) // 7) % 256, (160, 160)).astype(np.float32)
//   session = onnxruntime.InferenceSession("edgeimpulse_candy_classify.onnx")
//   session.run(None, {session.get_inputs()[0].name: image[None, None]})
//
// Set EDGESTREAM_EXPORTS to the folder of exports to run them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "infer/infer.h"
#include "infer/infer_testing.h"
#include "testing/matchers.h"

namespace es::infer {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::HasSubstr;

constexpr float recorded_score = 0.7900809049606323f;  // of "good"; the other is 0.2099191
constexpr const char* config_name = "config_infer_secondary_edgeimpulse_classification.txt";

class GuideFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    const fs::path exports = testing::exports_folder();
    if (exports.empty()) GTEST_SKIP() << "EDGESTREAM_EXPORTS is unset";
    fs::create_directories(folder_.path() / "models");
    for (const auto* file : {config_name, "ei_classifier_labels.txt", "models/edgeimpulse_candy_classify.onnx"}) {
      write_file_atomically(folder_.path() / file, read_file(exports / "deepstream-candy" / file));
    }
    for (int y = 0; y < 160; ++y) {
      for (int x = 0; x < 160; ++x) picture_.push_back(static_cast<uint8_t>(3 * x + 5 * y + x * y / 7));
    }
  }

  fs::path path() const { return folder_.path(); }
  std::string text() const { return read_text_file(path() / config_name); }
  std::unique_ptr<Inferencer> open(const std::string& content) const {
    return Inferencer::open(config::parse_infer_config(content, path() / config_name, nullptr));
  }
  Region region() const {
    return {.image = {.format = PixelFormat::gray8, .width = 160, .height = 160, .planes = {{{picture_.data(), 160}}}},
            .whole_frame = true};
  }
  void expect_the_recorded_scores(Inferencer& network, size_t regions = 1) const {
    for (const auto& result : network.submit(std::vector(regions, region()), nullptr).get()) {
      ASSERT_EQ(result.attributes.size(), 1u);
      EXPECT_EQ(result.label, "good ");
      EXPECT_NEAR(result.attributes[0].probability, recorded_score, 1e-5);
    }
  }

 private:
  testing::ScratchFolder folder_;
  std::vector<uint8_t> picture_;
};

std::string replaced(std::string content, const std::string& what, const std::string& with) {
  const size_t at = content.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return at == std::string::npos ? content : content.replace(at, what.size(), with);
}

TEST_F(GuideFolder, RunsAsItStands) {
  const LogCapture log;
  const auto network = open(text());
  EXPECT_EQ(network->info().engine, Info::Engine::built);
  EXPECT_EQ(network->info().engine_file, path() / "models/edgeimpulse_candy_classify.onnx_b1_gpu0_fp32.engine");
  expect_the_recorded_scores(*network);
  // What it gets wrong is said: the factor and the threshold.
  EXPECT_THAT(log.lines(), Contains(HasSubstr("has no net-scale-factor")));
  EXPECT_THAT(log.lines(), Contains(HasSubstr("class-attrs groups are read for detectors alone")));
}

TEST_F(GuideFolder, WithItsModelCommentedOutTheEngineGivesTheSame) {
  open(text());
  const std::string second =
      replaced(replaced(text(), "onnx-file=", "#onnx-file="), "#model-engine-file=models/trt_engines/Jetson_Nano/",
               "model-engine-file=models/");
  const auto network = open(second);
  EXPECT_EQ(network->info().engine, Info::Engine::loaded);
  EXPECT_EQ(network->info().model, "edgeimpulse_candy_classify.onnx");
  expect_the_recorded_scores(*network);
}

TEST_F(GuideFolder, ItsFixedBatchServesLargerOnes) {
  const auto network = open(replaced(text(), "batch-size=1", "batch-size=8"));
  expect_the_recorded_scores(*network, 8);
}

}  // namespace
}  // namespace es::infer
