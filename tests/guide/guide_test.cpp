// SPDX-License-Identifier: Apache-2.0
//
// The community's guide for Edge Impulse on DeepStream, station by station, with the commands that docs/guide.md gives,
// for the four kinds of network it speaks of: a classifier in colour, one in gray, FOMO, and YOLOv5.
#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "pipeline/deployed.h"

namespace es::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

struct Model {
  std::string name;
  std::string file;                  // of examples/candy
  std::vector<std::string> options;  // what a lone file does not say
  bool is_classifier;
  bool is_tflite;
};

std::vector<Model> models() {
  return {{"rgb", "candy-classifier-cpp-mcu-v1.zip", {}, true, true},
          {"gray",
           "ei-candy-gray-transfer-learning-tensorflow-lite-float32-model.5.lite",
           {"--labels", "broken,good", "--resize", "squash", "--scaling", "0..1", "--threshold", "0.6"},
           true,
           true},
          {"fomo", "ei-candy-fomo-arduino-1.0.1.zip", {}, false, true},
          {"yolo",
           "candy-detector.onnx",
           {"--labels", "candy", "--resize", "squash", "--scaling", "0..1", "--threshold", "0.5"},
           false,
           false}};
}

void PrintTo(const Model& model, std::ostream* out) { *out << model.name; }

CommandResult edgestream_with(std::vector<std::string> words, const fs::path& folder = {}) {
  words.insert(words.begin(), edgestream);
  return run_command(words, {.folder = folder});
}

void replace(const fs::path& file, const std::string& what, const std::string& with) {
  std::string content = read_text_file(file);
  const size_t at = content.find(what);
  ASSERT_NE(at, std::string::npos) << file << " has no " << what;
  write_file_atomically(file, content.replace(at, what.size(), with));
}

class Guide : public ::testing::TestWithParam<Model> {
 protected:
  void SetUp() override {
    auto words = GetParam().options;
    words.insert(words.begin(),
                 {"convert", "--no-verify", candy + GetParam().file, "-o", folder(), "--name", GetParam().name});
    const auto result = edgestream_with(words);
    ASSERT_EQ(result.code, 0) << result.err;
    fs::create_symlink(edgestream, path() / "trtexec");
  }

  fs::path path() const { return scratch_.path(); }
  std::string folder() const { return path() / "model"; }
  std::string onnx() const { return folder() + "/" + GetParam().name + ".onnx"; }
  // The stage as which the guide runs this network.
  fs::path infer_file(const std::string& stage) const {
    return folder() + "/config_infer_" + stage + "_" + GetParam().name + ".txt";
  }

  struct Run {
    std::string lines, log;
  };
  // The network on the clip: alone, or behind the detector.
  Run run_as(const std::string& stage) const {
    const auto json = path() / "out.jsonl";
    std::vector<std::string> words{"run", stage == "primary" ? folder() : Deployed::get().detector(),
                                   Deployed::get().clip(), "--json", json};
    if (stage == "secondary") words.insert(words.end(), {"--secondary", folder()});
    const auto result = edgestream_with(words);
    EXPECT_EQ(result.code, 0) << result.err;
    return {read_text_file(json), result.err};
  }

  // `count` copies of the clip as one batch; for each source its objects, frame by frame.
  std::vector<std::vector<Json>> objects_of_batch(int count) const {
    const auto json = path() / text("batch", count, ".jsonl");
    replace(infer_file("primary"),
            "model-engine-file=", "dynamic-properties=edgestream-batch=whole\nmodel-engine-file=");
    const std::string app = text(
        "[source0]\nenable=1\ntype=3\nnum-sources=", count, "\nuri=file://", Deployed::get().clip(),
        "\n[streammux]\nbatch-size=", count, "\nwidth=1280\nheight=720\n[primary-gie]\nenable=1\nbatch-size=", count,
        "\nconfig-file=", infer_file("primary").string(), "\n[tiled-display]\nenable=1\nrows=1\ncolumns=", count,
        "\nwidth=640\nheight=360\n[sink0]\nenable=1\ntype=1\n");
    write_file_atomically(path() / "app.txt", app);
    const auto result = edgestream_with({"run", path() / "app.txt", "--json", json});
    EXPECT_EQ(result.code, 0) << result.err;
    replace(infer_file("primary"), "dynamic-properties=edgestream-batch=whole\n", "");
    std::vector<std::vector<Json>> sources(static_cast<size_t>(count));
    for (const auto& line : lines_of(json)) sources.at(line.at("source")).push_back(line);
    return sources;
  }

 private:
  ScratchFolder scratch_;
};

// "Download the block output, or dig the array out of the library": one command for any of them, no Python.
TEST_P(Guide, ExtractsTheModelAndConvertsItByTheLineOfTheGuide) {
  const auto model = path() / (GetParam().is_tflite ? "trained.lite" : "trained.onnx");
  ASSERT_EQ(edgestream_with({"extract", candy + GetParam().file, "-o", model}).code, 0);
  if (!GetParam().is_tflite) return;  // an ONNX download needs no converter
  EXPECT_EQ(read_text_file(model).substr(4, 4), "TFL3");
  const auto converted = edgestream_with({"tf2onnx", "--inputs-as-nchw", "x_input", "--opset", "13", "--tflite",
                                          "trained.lite", "--output", "trained.onnx"},
                                         path());
  ASSERT_EQ(converted.code, 0) << converted.err;
  EXPECT_THAT(converted.out, HasSubstr("0 Transposes, batch dynamic"));
  // The guide says that the input is always x_input; here it is not, and the line works all the same.
  EXPECT_THAT(converted.err, HasSubstr("x_input names no input"));
  // Where nothing of the pixels goes into the graph, it is the folder's own model to the byte.
  if (GetParam().name != "gray") {
    EXPECT_EQ(read_file(path() / "trained.onnx"), read_file(onnx()));
  }
}

TEST_P(Guide, TheFirstRunBuildsTheSecondReusesAndTheOnnxMayGo) {
  for (const std::string stage : {"primary", "secondary"}) {
    if (stage == "secondary" && !GetParam().is_classifier) continue;
    SCOPED_TRACE(stage);
    const auto first = run_as(stage);
    EXPECT_THAT(first.log, HasSubstr("engine built in"));
    if (GetParam().is_classifier) {
      EXPECT_THAT(first.lines, HasSubstr("\"probability\":"));
    }
    const auto second = run_as(stage);
    EXPECT_THAT(second.log, Not(HasSubstr("engine built in")));
    EXPECT_EQ(second.lines, first.lines);
    // "Once the engine is there, comment the ONNX out": the file that was written names the engine already.
    replace(infer_file(stage), "onnx-file=", "#onnx-file=");
    const auto third = run_as(stage);
    EXPECT_THAT(third.log, Not(HasSubstr("engine built in")));
    EXPECT_EQ(third.lines, first.lines);
  }
}

// trtexec --explicitBatch --onnx=... --workspace=4000 --saveEngine=..., "for batches above 1".
TEST_P(Guide, TheEngineOfTheTrtexecLineServesEveryBatch) {
  const auto built = run_command({"./trtexec", "--explicitBatch", "--onnx=" + onnx(), "--workspace=4000",
                                  "--saveEngine=by_hand.engine", "--iterations=3", "--duration=0", "--warmUp=0"},
                                 {.folder = path()});
  ASSERT_EQ(built.code, 0) << built.err;
  EXPECT_THAT(built.err, HasSubstr("--explicitBatch is gone since TensorRT 10"));
  EXPECT_THAT(built.err, HasSubstr("--workspace is gone since TensorRT 10"));
  EXPECT_THAT(built.out, HasSubstr("Throughput: "));

  replace(infer_file("primary"), "onnx-file=", "#onnx-file=");
  const std::string content = read_text_file(infer_file("primary"));
  const size_t at = content.find("\nmodel-engine-file="), end = content.find('\n', at + 1);
  replace(infer_file("primary"), content.substr(at, end - at),
          "\nmodel-engine-file=" + (path() / "by_hand.engine").string());
  const auto alone = objects_of_batch(1).at(0);
  ASSERT_EQ(alone.size(), clip_frames());
  EXPECT_GE(objects_in(alone), clip_frames()) << "there is something to compare";
  for (const int batch : {3, 8}) {
    for (const auto& source : objects_of_batch(batch)) {
      ASSERT_EQ(source.size(), alone.size());
      for (size_t i = 0; i < alone.size(); ++i) {
        EXPECT_EQ(source[i].at("objects"), alone[i].at("objects")) << "batch " << batch << ", frame " << i;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Models, Guide, ::testing::ValuesIn(models()), [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace es::testing
