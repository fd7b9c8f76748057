// SPDX-License-Identifier: Apache-2.0
//
// Every recognised thing that holds no network has a sentence of its own, asserted whole.
#include "edge_impulse/refusals.h"

#include <gmock/gmock.h>

#include "edge_impulse/fixtures.h"
#include "edge_impulse/import.h"
#include "testing/matchers.h"
#include "testing/scratch_folder.h"

namespace es::edge_impulse {
namespace {

using fixtures::ExportText;
using fixtures::Files;
using fixtures::tflite_bytes;

const std::string dashboard = "download 'TensorFlow Lite (float32)' from the project's Dashboard in Studio";
const std::string eon_advice =
    ", a TFLite or ONNX model is needed; in Studio open Deployment, switch the EON Compiler off (inference engine: "
    "TensorFlow Lite), choose float32 and build again, or " +
    dashboard;

class RefusalTest : public ::testing::Test {
 protected:
  // Writes the content under `name` and expects open() and extract() to answer `sentence` behind the path.
  void expect_file(const std::string& name, std::string_view content, ErrorKind kind, const std::string& sentence) {
    fixtures::write_file(scratch_.path() / name, content);
    const auto path = scratch_.path() / name;
    EXPECT_ERROR(open(path), kind, path.string() + sentence);
    EXPECT_ERROR(extract(path), kind, path.string() + sentence);
  }
  // The same for an export, as zip and as folder; only open() knows what the headers say.
  void expect_export(const Files& files, ErrorKind kind, const std::string& sentence) {
    const auto zip = scratch_.path() / "x.zip";
    fixtures::write_file(zip, fixtures::zip_of(files));
    EXPECT_ERROR(open(zip), kind, zip.string() + sentence);
    const auto folder = fixtures::write_files(scratch_.path() / text("folder", ++folders_), files);
    EXPECT_ERROR(open(folder), kind, folder.string() + sentence);
  }

  testing::ScratchFolder scratch_;
  int folders_ = 0;
};

TEST_F(RefusalTest, EonByTheFlagAndTheCompiledSource) {
  auto files = ExportText{.year = 2022, .compiled = true}.files();
  files.erase("tflite-model/tflite-trained.h");
  files["tflite-model/trained_model_compiled.cpp"] = "constexpr int kTensorArenaSize = 1;";
  expect_export(
      files, ErrorKind::unsupported,
      ": the network was compiled to C++ by the EON Compiler (EI_CLASSIFIER_COMPILED (model_metadata.h) is 1)" +
          eon_advice);
}

TEST_F(RefusalTest, EonByItsBindingEvenBesideAnArrayOfAnotherBuild) {
  auto files = ExportText{.compiled = true}.files();
  auto& variables = files["model-parameters/model_variables.h"];
  variables.replace(variables.find(".model = tflite_learn_3"), 23, ".model_init = &tflite_learn_5_init");
  expect_export(files, ErrorKind::unsupported,
                ": the network was compiled to C++ by the EON Compiler (graph_3.model_init (model_variables.h) is "
                "tflite_learn_5_init)" +
                    eon_advice);
}

TEST_F(RefusalTest, EonByAnArrayLeftOverBesideTheCompiledSource) {
  auto files = ExportText{.year = 2022, .compiled = true}.files();
  files["tflite-model/trained_model_compiled.cpp"] = "x";
  expect_export(
      files, ErrorKind::unsupported,
      ": the network was compiled to C++ by the EON Compiler (EI_CLASSIFIER_COMPILED (model_metadata.h) is 1)" +
          eon_advice);
}

TEST_F(RefusalTest, NotEonByAFlagThatEverythingElseContradicts) {
  fixtures::write_file(scratch_.path() / "x.zip", fixtures::zip_of(ExportText{.year = 2022, .compiled = true}.files()));
  EXPECT_EQ(open(scratch_.path() / "x.zip").model.bytes, tflite_bytes());
}

TEST_F(RefusalTest, EonSourceAlone) {
  expect_file("model.cpp",
              "constexpr int kTensorArenaSize = 1;\nenum used_operators_e { OP_CONV_2D };\n"
              "const uint8_t tensor_data0[2] = { 1, 2 };\n",
              ErrorKind::unsupported,
              ": the network was compiled to C++ by the EON Compiler (it declares used_operators_e, kTensorArenaSize, "
              "tensor_data0)" +
                  eon_advice);
}

TEST_F(RefusalTest, Vela) {
  auto bytes = tflite_bytes();
  const std::string_view mark = "Vela Optimised";
  bytes.insert(bytes.end(), mark.begin(), mark.end());
  const std::string sentence =
      ": the network was compiled for Arm Ethos-U by Vela and is one opaque operator, an uncompiled TFLite model is "
      "needed; " +
      dashboard;
  const auto path = scratch_.path() / "a.tflite";
  fixtures::write_file(path, bytes);
  EXPECT_ERROR(open(path), ErrorKind::unsupported, path.string() + sentence);
  EXPECT_EQ(extract(path).front().bytes, bytes) << "its bytes can still be had";
  ExportText text;
  text.model = bytes;
  expect_export(text.files(), ErrorKind::unsupported, ": tflite-model/tflite_learn_3.h" + sentence);
}

TEST_F(RefusalTest, Akida) {
  const std::string advice =
      ", a TFLite or ONNX model is needed; in Studio choose a target that is not Akida and build the C++ library, or " +
      dashboard;
  expect_export(
      ExportText{.engine = "AKIDA"}.files(), ErrorKind::unsupported,
      ": the network was built for BrainChip Akida (EI_CLASSIFIER_INFERENCING_ENGINE (model_metadata.h) says so)" +
          advice);
  expect_file("net.fbz", std::string_view("\x00\x01\x02", 3), ErrorKind::unsupported,
              ": the network was built for BrainChip Akida (net.fbz)" + advice);
}

TEST_F(RefusalTest, DrpAiByItsEngineAndAnEmptyArray) {
  ExportText text{.year = 2022, .engine = "DRPAI"};
  text.model = {};
  expect_export(
      text.files(), ErrorKind::unsupported,
      ": this export was built for Renesas DRP-AI (EI_CLASSIFIER_INFERENCING_ENGINE (model_metadata.h) says so) and "
      "holds no TFLite or ONNX model; in Studio choose a target that is not DRP-AI and build the C++ library, or " +
          dashboard);
  ExportText whole{.year = 2022, .engine = "DRPAI"};
  fixtures::write_file(scratch_.path() / "y.zip", fixtures::zip_of(whole.files()));
  EXPECT_THAT(open(scratch_.path() / "y.zip").warnings,
              ::testing::ElementsAre(
                  "the export was built for DRP-AI (EI_CLASSIFIER_INFERENCING_ENGINE (model_metadata.h)); the "
                  "network in it is not the one that runs there"));
}

TEST_F(RefusalTest, EmptyArray) {
  expect_file("a.h", "ALIGN(16) const unsigned char trained_tflite[] = {};\nunsigned int trained_tflite_len = 0;\n",
              ErrorKind::unsupported,
              ": the array 'trained_tflite' is empty: this export was built for an accelerator and holds no network, a "
              "TFLite or "
              "ONNX model is needed; build the C++ library with the inference engine TensorFlow Lite, or " +
                  dashboard);
}

TEST_F(RefusalTest, OtherAcceleratorsByName) {
  for (const auto& [macro, word] :
       std::initializer_list<std::pair<std::string, std::string>>{{"MEMRYX", "MemryX"},
                                                                  {"SYNTIANT", "Syntiant"},
                                                                  {"ATON", "Aton"},
                                                                  {"CEVA_NPN", "CEVA"},
                                                                  {"NORDIC_AXON", "Nordic Axon"}}) {
    ExportText text{.year = 2022, .engine = macro};
    text.model = {};
    expect_export(text.files(), ErrorKind::unsupported,
                  ": this export was built for " + word +
                      " and holds no TFLite or ONNX model; build the C++ library with the "
                      "inference engine TensorFlow Lite, or " +
                      dashboard);
  }
}

TEST_F(RefusalTest, GitLfsPointer) {
  const std::string pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 725192\n";
  const std::string sentence =
      ": is a Git LFS pointer that was saved in place of the file, the file itself is needed; run 'git "
      "lfs pull' in the repository it comes from";
  expect_file("model.lite", pointer, ErrorKind::unsupported, sentence);
  expect_export({{"model-parameters/model_metadata.h", "#define X 1\n"}, {"tflite-model/a.tflite", pointer}},
                ErrorKind::unsupported, ": tflite-model/a.tflite" + sentence);
}

TEST_F(RefusalTest, NativeCode) {
  const std::string advice =
      ", a TFLite or ONNX model is needed; in Studio build the C++ library with the EON Compiler off, or " + dashboard;
  expect_file("model.eim",
              "\x7f"
              "ELF\x02\x01",
              ErrorKind::unsupported, ": is an .eim, a native program with the network compiled in" + advice);
  expect_file("mac.eim", "\xcf\xfa\xed\xfe\x0c", ErrorKind::unsupported,
              ": is an .eim, a native program with the network compiled in" + advice);
  expect_file("libmodel.so",
              "\x7f"
              "ELF\x02\x01",
              ErrorKind::unsupported, ": is native code" + advice);
}

TEST_F(RefusalTest, SavedModelAndKeras) {
  const std::string saved = ": is a TensorFlow SavedModel, a TFLite or ONNX model is needed; " + dashboard;
  expect_export({{"saved_model/saved_model.pb", "\x08\x01\x12"}, {"saved_model/variables/variables.index", "x"}},
                ErrorKind::unsupported, ": saved_model/saved_model.pb" + saved);
  expect_file("saved_model.pb", std::string_view("\x08\x01\x12\x00", 4), ErrorKind::unsupported, saved);
  const std::string keras = ": is a Keras model, a TFLite or ONNX model is needed; " + dashboard;
  expect_export({{"model.h5", "\x89HDF\r\n\x1a\n"}}, ErrorKind::unsupported, ": model.h5" + keras);
  expect_file("anything", "\x89HDF\r\n\x1a\n", ErrorKind::unsupported, keras);
}

TEST_F(RefusalTest, TensorRtPlanAndPyTorch) {
  expect_file("model.engine", "ftrt\x01\x02", ErrorKind::unsupported,
              ": is a TensorRT plan, built for one GPU and unreadable elsewhere, a TFLite or ONNX model is needed; "
              "give the model "
              "it was built from");
  expect_export(
      {{"best/data.pkl", "\x80\x02"}, {"best/data/0", "x"}}, ErrorKind::unsupported,
      ": best/data.pkl: is a PyTorch checkpoint, a TFLite or ONNX model is needed; export it to ONNX, or download the "
      "block's ONNX from the project's Dashboard in Studio");
}

TEST_F(RefusalTest, ImpulsesWithoutANetwork) {
  expect_export(
      {{"model-parameters/model_metadata.h",
        "#define EI_CLASSIFIER_LABEL_COUNT 0\n#define EI_CLASSIFIER_HAS_ANOMALY 1\n"
        "#define EI_CLASSIFIER_INFERENCING_ENGINE EI_CLASSIFIER_NONE\n"},
       {"tflite-model/dummy.h", "// nothing\n"}},
      ErrorKind::unsupported,
      ": this impulse is K-means anomaly detection alone, there is no neural network in it to convert; add a neural "
      "learning block in Studio");
  expect_export(
      {{"model-parameters/model_metadata.h",
        "#define EI_CLASSIFIER_LABEL_COUNT 0\n#define EI_CLASSIFIER_INFERENCING_ENGINE EI_CLASSIFIER_NONE\n"}},
      ErrorKind::unsupported,
      ": there is no neural network in this impulse (EI_CLASSIFIER_INFERENCING_ENGINE (model_metadata.h) is NONE), one "
      "is needed; add a neural learning block in Studio and build again");
}

TEST_F(RefusalTest, HandMergedTrees) {
  expect_export({{"model-parameters-health/model_metadata_health.h", "#define MG_HEALTH_PROJECT_ID 1\n"},
                 {"tflite-model-health/net.h", fixtures::c_array("net", tflite_bytes())}},
                ErrorKind::unsupported,
                ": this is not an unmodified export (it holds model-parameters-health/model_metadata_health.h), "
                "model-parameters/model_metadata.h is needed; give the zip as Studio built it");
}

TEST_F(RefusalTest, FilesOfOtherKinds) {
  expect_file("a.tar.gz", "\x1f\x8b\x08", ErrorKind::unsupported,
              ": is an archive of another kind, a zip or a folder is needed; unpack it and give the folder");
  expect_file("empty.lite", "", ErrorKind::malformed, ": is empty, an export or a model is needed; download it again");
  expect_file("photo.jpg", std::string_view("\xff\xd8\xff\xe0\x00\x10JFIF", 10), ErrorKind::malformed,
              ": is neither an Edge Impulse export nor a TFLite or ONNX model (it begins with the bytes ff d8 ff e0 00 "
              "10 4a 46); "
              "give the zip, the folder or the model that Studio built");
  expect_file(
      "notes.txt", "hello", ErrorKind::malformed,
      ": holds no byte array that is a TFLite or ONNX model (no array of bytes is in it); give the header from the "
      "export's tflite-model folder, or the export itself");
  expect_file("icon.h", "unsigned char icon[] = { 1, 2 }; unsigned char logo[] = { 3 };", ErrorKind::malformed,
              ": holds no byte array that is a TFLite or ONNX model ('icon' and 1 more are something else); give the "
              "header from "
              "the export's tflite-model folder, or the export itself");
}

TEST_F(RefusalTest, TruncatedZip) {
  const auto whole = fixtures::zip_of(ExportText{}.files());
  const auto path = scratch_.path() / "cut.zip";
  fixtures::write_file(path, whole.substr(0, whole.size() / 2));
  EXPECT_ERROR_THAT(
      open(path), ErrorKind::malformed,
      ::testing::MatchesRegex(".*cut.zip: the zip's directory cannot be read \\(.*\\), a whole zip is needed; "
                              "download it again"));
}

// A refusal without a sentence would say so to a user.
TEST(Refusals, AllHaveASentence) {
  for (int refusal = 0; refusal <= static_cast<int>(Refusal::not_a_model); ++refusal) {
    const auto error = refusal_error(static_cast<Refusal>(refusal), "x", "detail");
    EXPECT_NE(error.kind(), ErrorKind::internal) << error.what();
    EXPECT_EQ(std::string(error.what()).find('%'), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace es::edge_impulse
