// SPDX-License-Identifier: Apache-2.0
//
// inspect, convert and verify as a user runs them on one small network, sound and wrong.
#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "testing/command.h"
#include "testing/scratch_folder.h"

namespace es::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string mutants = ES_SOURCE_DIR "/tests/mutants/";
const std::string source = mutants + "source.tflite";

class Prove : public ::testing::Test {
 protected:
  CommandResult edgestream(std::vector<std::string> words) {
    words.insert(words.begin(), ES_EDGESTREAM);
    return run_command(words, {.folder = scratch_.path()});
  }
  std::string text_of(const std::string& name) { return read_text_file(scratch_.path() / name); }
  ScratchFolder scratch_;
};

TEST_F(Prove, ConvertSaysHowNearItCameAndWritesItDown) {
  const auto result = edgestream({"convert", source, "-o", "out"});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("equal to the source within"));
  const auto report = nlohmann::json::parse(text_of("out/report.json"));
  EXPECT_TRUE(report["verification"]["made"].get<bool>());
  EXPECT_LE(report["verification"]["max_error"].get<double>(), 1e-5);
  EXPECT_EQ(report["model"]["tensorrt"]["oldest"], "8.0");
}

TEST_F(Prove, ConvertWithoutProofSaysNothingOfIt) {
  const auto result = edgestream({"convert", source, "-o", "out", "--no-verify"});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, Not(HasSubstr("equal to the source")));
  EXPECT_FALSE(nlohmann::json::parse(text_of("out/report.json"))["verification"]["made"].get<bool>());
}

TEST_F(Prove, EqualExportsGiveEqualFolders) {
  ASSERT_EQ(edgestream({"convert", source, "-o", "one"}).code, 0);
  ASSERT_EQ(edgestream({"convert", source, "-o", "two"}).code, 0);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(scratch_.path() / "one")) {
    if (!entry.is_regular_file()) continue;
    const auto name = std::filesystem::relative(entry.path(), scratch_.path() / "one");
    EXPECT_EQ(read_file(entry.path()), read_file(scratch_.path() / "two" / name)) << name;
  }
}

TEST_F(Prove, VerifyTakesTheFolderThatConvertWrote) {
  ASSERT_EQ(edgestream({"convert", source, "-o", "out", "--no-verify"}).code, 0);
  const auto result = edgestream({"verify", source, "out", "--html", "proof.html", "--json", "proof.json"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("rows at batch 8"));
  EXPECT_THAT(text_of("proof.html"), HasSubstr("<svg"));
  EXPECT_TRUE(nlohmann::json::parse(text_of("proof.json"))["passed"].get<bool>());
}

TEST_F(Prove, VerifyNamesTheOperatorThatIsWrongAndEndsInSix) {
  const auto result = edgestream({"verify", source, mutants + "half_pixels.onnx", "--layers"});
  EXPECT_EQ(result.code, 6);
  EXPECT_THAT(result.err, HasSubstr("the first operator that differs is op 8 RESIZE_BILINEAR"));
}

TEST_F(Prove, ACroppedNetworkIsProvenInFrameCoordinates) {
  const auto result =
      edgestream({"convert", source, "-o", "out", "--resize", "fit-shortest", "--source-aspect", "16:9"});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("[batch, 3, 16, 30]"));
  EXPECT_THAT(text_of("out/config_infer_primary_source.txt"), HasSubstr("infer-dims=3;16;30"));
  EXPECT_THAT(text_of("out/config_infer_primary_source.txt"), HasSubstr("maintain-aspect-ratio=1"));
  EXPECT_EQ(edgestream({"verify", source, "out"}).code, 0);
}

TEST_F(Prove, InspectSaysWhatItIsAndHowItRuns) {
  const auto result = edgestream({"inspect", source});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("yes, as a classifier (network-type=1), any batch"));
  EXPECT_THAT(result.out, HasSubstr("CONV_2D"));
  const auto json = nlohmann::json::parse(edgestream({"inspect", source, "--json"}).out);
  EXPECT_TRUE(json["deepstream"]["runs"].get<bool>());
  EXPECT_EQ(json["model"]["operators"]["CONV_2D"], 4);
}

TEST_F(Prove, ANetworkThatNobodyCanDecodeGetsASkeletonThatCompiles) {
  const auto result = edgestream({"convert", source, "-o", "out", "--head", "unknown", "--no-verify"});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(text_of("out/config_infer_primary_source.txt"), HasSubstr("network-type=100"));
  EXPECT_THAT(text_of("out/config_infer_primary_source.txt"), HasSubstr("output-tensor-meta=1"));
  EXPECT_THAT(text_of("out/README.md"), HasSubstr("probabilities, their sum is 1"));
  const auto compiled =
      run_command({"c++", "-std=c++14", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-DES_DEEPSTREAM_MAJOR=7",
                   (scratch_.path() / "out/parser/source_parser.cpp").string()});
  EXPECT_EQ(compiled.code, 0) << compiled.err;
}

TEST_F(Prove, TheManualAndTheCompletionsKnowEveryOption) {
  const auto page = edgestream({"man"}).out, script = edgestream({"completion", "bash"}).out;
  EXPECT_THAT(page, HasSubstr(".SS convert"));
  for (const auto* option : {"source-aspect", "quant", "no-verify", "anchor-order"}) {
    EXPECT_THAT(script, HasSubstr(option));
  }
  EXPECT_THAT(page, HasSubstr("\\-\\-source\\-aspect"));
}

}  // namespace
}  // namespace es::testing
