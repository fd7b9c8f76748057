// SPDX-License-Identifier: Apache-2.0
#include "edge_impulse/import.h"

#include <gmock/gmock.h>

#include "edge_impulse/fixtures.h"
#include "testing/matchers.h"
#include "testing/scratch_folder.h"

namespace es::edge_impulse {
namespace {

using fixtures::ExportText;
using fixtures::Files;
using fixtures::onnx_bytes;
using fixtures::tflite_bytes;
using fixtures::write_file;
using fixtures::write_files;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ImportTest : public ::testing::Test {
 protected:
  std::filesystem::path file(const std::string& name, std::string_view content) {
    write_file(scratch_.path() / name, content);
    return scratch_.path() / name;
  }
  std::filesystem::path file(const std::string& name, const Bytes& content) { return file(name, as_text(content)); }
  std::filesystem::path zip(const std::string& name, const Files& files) { return file(name, fixtures::zip_of(files)); }
  std::filesystem::path folder(const std::string& name, const Files& files) {
    return write_files(scratch_.path() / name, files);
  }
  std::string at(const std::string& name) const { return (scratch_.path() / name).string(); }

  testing::ScratchFolder scratch_;
};

// --- Containers
// --------------------------------------------------------------------------------------------------------

TEST_F(ImportTest, ReadsACppLibraryOfEveryYearFromZipAndFolder) {
  for (const int year : {2022, 2024, 2025}) {
    const ExportText text{.year = year};
    for (const auto& path : {zip("a.zip", text.files()), folder(std::to_string(year), text.files())}) {
      const auto import = open(path);
      EXPECT_EQ(import.model.bytes, text.model);
      EXPECT_EQ(import.model.format, ModelFormat::tflite);
      EXPECT_EQ(import.container, path.extension() == ".zip" ? "C++ library (zip)" : "C++ library (folder)");
      EXPECT_THAT(*import.project.labels, ElementsAre("bad", "good"));
      EXPECT_EQ(*import.project.head, Head::classification);
      EXPECT_EQ(*import.project.input_width, 96);
      EXPECT_EQ(*import.project.threshold, 0.5);
      EXPECT_THAT(import.warnings, IsEmpty());
    }
  }
}

TEST_F(ImportTest, ReadsAnArduinoLibraryOfBothShapes) {
  for (const std::string root : {"", "Candy_inferencing/"}) {
    auto files = ExportText{}.files(root + "src/");
    files[root + "library.properties"] = "name=Candy_inferencing\nversion=1.0.7\n";
    const auto import = open(zip("ei-candy-arduino-1.0.7.zip", files));
    EXPECT_EQ(import.container, "Arduino library (zip)");
    EXPECT_EQ(*import.project.name, "Candy");
    EXPECT_EQ(*import.project.deploy_version, 3) << "the header's macro is nearer than the library's version";
  }
}

TEST_F(ImportTest, TakesNameAndVersionFromThePropertiesWhereTheHeadersAreSilent) {
  Files files = {{"src/model-parameters/model_metadata.h", "#define EI_CLASSIFIER_LABEL_COUNT 2\n"},
                 {"src/tflite-model/tflite-trained.h", fixtures::c_array("trained_tflite", tflite_bytes())},
                 {"library.properties", "name=Gestures_inferencing\r\nversion=1.0.7\r\nsentence=a=b\r\n"}};
  auto import = open(zip("x.zip", files));
  EXPECT_EQ(*import.project.name, "Gestures");
  EXPECT_EQ(*import.project.deploy_version, 7);
  EXPECT_EQ(import.project.name.source, "library.properties");
  files.erase("library.properties");
  import = open(zip("my-candy-v3.zip", files));
  EXPECT_EQ(*import.project.name, "my-candy-v3");
  EXPECT_EQ(import.project.name.source, "the name of the zip");
}

TEST_F(ImportTest, ReadsATensorRtLibrary) {
  ExportText text{.year = 2022, .engine = "TENSORRT"};
  auto files = text.files();
  files.erase("tflite-model/tflite-trained.h");
  files["tflite-model/onnx-trained.h"] =
      fixtures::c_array("trained_onnx", onnx_bytes()) + "const char *trained_onnx_hash = \"a65189\";\n";
  const auto import = open(zip("x.zip", files));
  EXPECT_EQ(import.container, "TensorRT library (zip)");
  EXPECT_EQ(import.model.format, ModelFormat::onnx);
  EXPECT_EQ(import.model.bytes, onnx_bytes());
}

TEST_F(ImportTest, FindsARootBelowAnyFolders) {
  const auto import = open(folder("app", ExportText{}.files("app/src/main/cpp/ei/")));
  EXPECT_EQ(import.model.found_in, at("app") + ": app/src/main/cpp/ei/tflite-model/tflite_learn_3.h");
  EXPECT_EQ(*import.project.name, "Candy");
}

TEST_F(ImportTest, AcceptsAPartOfAnExportForTheWhole) {
  const auto path = folder("x", ExportText{}.files());
  for (const auto* part : {"model-parameters", "tflite-model", "tflite-model/tflite_learn_3.h", ""}) {
    EXPECT_EQ(*open(path / part).project.name, "Candy") << part;
  }
  EXPECT_EQ(open(path / "tflite-model/tflite_learn_3.h").container, "C++ library (folder)");
}

TEST_F(ImportTest, ReadsAModelFileWhateverItIsCalled) {
  const auto tflite = open(file("ei-candy-classifier-tensorflow-lite-float32-model.3 (1).lite", tflite_bytes()));
  EXPECT_EQ(tflite.container, "TFLite file");
  EXPECT_EQ(tflite.model.bytes, tflite_bytes());
  EXPECT_EQ(*tflite.project.name, "candy-classifier-tensorflow-lite-float32-model.3 (1)");
  EXPECT_FALSE(tflite.project.labels);
  const auto onnx = open(file("model.zip", onnx_bytes()));
  EXPECT_EQ(onnx.container, "ONNX file");
  EXPECT_EQ(onnx.model.format, ModelFormat::onnx);
  EXPECT_EQ(open(file("README", tflite_bytes())).model.name, "README");
}

TEST_F(ImportTest, ReadsACArrayByItsContent) {
  for (const auto* name : {"a.h", "a.cpp", "a.txt", "a"}) {
    const auto import = open(file(name, "float scale[] = { 1.0 };\nunsigned char icon[] = { 1, 2 };\n" +
                                            fixtures::c_array("net", tflite_bytes())));
    EXPECT_EQ(import.container, "C array");
    EXPECT_EQ(import.model.name, "net");
    EXPECT_EQ(import.model.bytes, tflite_bytes());
  }
}

TEST_F(ImportTest, ReadsADownloadWrappedInAZipOrFolder) {
  EXPECT_EQ(
      open(zip("x.zip", {{"a/model.lite", std::string(as_text(tflite_bytes()))}, {"a/README", "hello"}})).container,
      "TFLite file (in a zip)");
  EXPECT_EQ(open(folder("x", {{"model.onnx", std::string(as_text(onnx_bytes()))}})).container,
            "ONNX file (in a folder)");
  const auto nested = folder("y", {{"download.zip", fixtures::zip_of(ExportText{}.files())}});
  EXPECT_EQ(open(nested).container, "C++ library (zip)");
}

TEST_F(ImportTest, NamesTheFilesToChooseFrom) {
  const auto path = folder(
      "x", {{"a.lite", std::string(as_text(tflite_bytes(1)))}, {"b.lite", std::string(as_text(tflite_bytes(2)))}});
  EXPECT_ERROR(open(path), ErrorKind::usage,
               at("x") + ": holds 2 networks and no model_metadata.h; give one of them instead: " + at("x") +
                   ": a.lite, " + at("x") + ": b.lite");
  EXPECT_ERROR(
      open(file("two.h", fixtures::c_array("one", tflite_bytes(1)) + fixtures::c_array("two", tflite_bytes(2)))),
      ErrorKind::usage,
      at("two.h") +
          ": holds 2 networks (one, two), one is needed; write them to files with 'edgestream extract' "
          "and give one of those");
}

TEST_F(ImportTest, NamesTheExportsToChooseFrom) {
  auto files = ExportText{}.files("left/");
  files.merge(ExportText{}.files("right/ei/"));
  EXPECT_ERROR(open(folder("x", files)), ErrorKind::usage,
               at("x") + ": holds 2 exports (left, right/ei), one is needed; give one of these folders");
  EXPECT_ERROR(
      open(zip("x.zip", files)), ErrorKind::usage,
      at("x.zip") + ": holds 2 exports (left, right/ei), one is needed; unpack it and give one of these folders");
}

TEST_F(ImportTest, SaysWhatIsNotThere) {
  EXPECT_ERROR(open(at("none.zip")), ErrorKind::unreadable,
               at("none.zip") + ": is not there; give an export or a model");
  EXPECT_ERROR(open(folder("empty", {{"a/README", "hello"}})), ErrorKind::malformed,
               at("empty") +
                   ": is neither an Edge Impulse export nor a TFLite or ONNX model (none of its 1 files is one); "
                   "give the zip, the folder or the model that Studio built");
  const auto files = Files{{"model-parameters/model_metadata.h", ExportText{}.metadata()}};
  EXPECT_ERROR(open(folder("part", files)), ErrorKind::malformed,
               at("part") +
                   ": holds model_metadata.h, but no tflite-model folder with a network; give the zip as Studio "
                   "built it");
}

// --- INCBIN
// ------------------------------------------------------------------------------------------------------------

constexpr std::string_view incbin_header = "INCBIN(net, \"/home/me/work/net.tflite\");\n";

TEST_F(ImportTest, LooksAnIncbinUpBesideTheHeaderThenInTheRootThenBelow) {
  const auto model = [](uint8_t filler) { return std::string(as_text(tflite_bytes(filler))); };
  const std::pair<Files, uint8_t> places[] = {
      {{{"tflite-model/net.tflite", model(1)}, {"net.tflite", model(2)}, {"lib/net.tflite", model(3)}}, 1},
      {{{"net.tflite", model(2)}, {"lib/net.tflite", model(3)}}, 2},
      {{{"lib/net.tflite", model(3)}}, 3},
  };
  int number = 0;
  for (auto [files, expected] : places) {
    files["tflite-model/net.h"] = incbin_header;
    const auto alone = folder("alone" + std::to_string(++number), files);
    EXPECT_EQ(open(alone / "tflite-model/net.h").model.bytes, tflite_bytes(expected));
    files["model-parameters/model_metadata.h"] = ExportText{}.metadata();
    EXPECT_EQ(open(zip("x.zip", files)).model.bytes, tflite_bytes(expected)) << number;
  }
}

TEST_F(ImportTest, KnowsTheIncludedNetworkByTheNameTheImpulseUses) {
  auto files = ExportText{.year = 2025}.files();
  files["lib/tflite_learn_3.tflite"] = files["tflite-model/tflite_learn_3.tflite"];
  files["tflite-model/other.tflite"] = std::string(as_text(tflite_bytes(9)));
  files.erase("tflite-model/tflite_learn_3.tflite");
  const auto import = open(zip("x.zip", files));
  EXPECT_EQ(import.model.bytes, tflite_bytes());
  EXPECT_EQ(import.model.name, "tflite_learn_3");
  EXPECT_EQ(import.model.found_in, at("x.zip") + ": lib/tflite_learn_3.tflite");
  EXPECT_THAT(import.warnings, IsEmpty());
}

TEST_F(ImportTest, SaysThatTheIncludedNetworkIsMissingBesideAnotherOne) {
  auto files = ExportText{.year = 2025}.files();
  files["tflite-model/other.tflite"] = std::string(as_text(tflite_bytes(9)));
  files.erase("tflite-model/tflite_learn_3.tflite");
  EXPECT_ERROR(open(zip("x.zip", files)), ErrorKind::unreadable,
               at("x.zip") +
                   ": tflite-model/tflite_learn_3.h: includes 'tflite_learn_3.tflite', which is missing from this "
                   "export (such files are often git-ignored); put it beside the header, or give the zip as Studio "
                   "built it");
}

TEST_F(ImportTest, SaysWhichIncbinFileIsMissing) {
  const std::string sentence =
      ": includes 'net.tflite', which is missing from this export (such files are often git-ignored); put it beside "
      "the "
      "header, or give the zip as Studio built it";
  EXPECT_ERROR(open(file("x/net.h", incbin_header)), ErrorKind::unreadable, at("x/net.h") + sentence);
  Files files = {{"model-parameters/model_metadata.h", ExportText{}.metadata()},
                 {"tflite-model/net.h", std::string(incbin_header)}};
  EXPECT_ERROR(open(zip("x.zip", files)), ErrorKind::unreadable, at("x.zip") + ": tflite-model/net.h" + sentence);
}

TEST_F(ImportTest, RecognisesALfsPointerBehindAnIncbin) {
  const std::string pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";
  const auto path = folder("x", {{"net.h", std::string(incbin_header)}, {"net.tflite", pointer}});
  EXPECT_ERROR(open(path / "net.h"), ErrorKind::unsupported,
               at("x/net.tflite") +
                   ": is a Git LFS pointer that was saved in place of the file, the file itself is needed; "
                   "run 'git lfs pull' in the repository it comes from");
}

// --- Which network
// -----------------------------------------------------------------------------------------------------

TEST_F(ImportTest, TakesTheNetworkThatTheImpulseRuns) {
  ExportText text;
  text.model = tflite_bytes(7);
  auto files = text.files();
  files["tflite-model/tflite_learn_9.h"] = fixtures::c_array("tflite_learn_9", tflite_bytes(9));
  files["tflite-model/tflite_learn_8_compiled.cpp"] = "enum used_operators_e { OP_A };";
  const auto import = open(zip("x.zip", files));
  EXPECT_EQ(import.model.bytes, tflite_bytes(7));
  EXPECT_EQ(import.model.name, "tflite_learn_3");
  EXPECT_THAT(import.warnings, IsEmpty());
}

TEST_F(ImportTest, WarnsWhereTheNetworkHasAnotherName) {
  auto files = ExportText{}.files();
  files["tflite-model/tflite_learn_3.h"] = fixtures::c_array("renamed", tflite_bytes(9));
  const auto import = open(zip("x.zip", files));
  EXPECT_EQ(import.model.name, "renamed");
  EXPECT_THAT(import.warnings,
              ElementsAre("the impulse runs 'tflite_learn_3', this export holds renamed instead; it may be "
                          "left over from another build"));
}

TEST_F(ImportTest, SaysThatSeveralNetworksFit) {
  auto files = ExportText{.year = 2022}.files();
  files["tflite-model/other.h"] = fixtures::c_array("other", tflite_bytes(9));
  EXPECT_ERROR(open(zip("x.zip", files)), ErrorKind::usage,
               at("x.zip") +
                   ": holds 2 networks (other, trained_tflite) and its headers do not say which one the impulse "
                   "runs; give one of these files instead");
}

Files two_impulses() {
  const auto impulse = [](const std::string& key, const std::string& name, const std::string& labels) {
    return text("#include \"tflite-model/tflite-trained_", key, ".h\"\nnamespace n_", key,
                " { const char* ei_classifier_inferencing_categories[] = { ", labels,
                " }; }\nconst ei_impulse_t impulse_", key, " = { .project_id = 1, .project_name = \"", name,
                "\", .model_arr = n_", key, "::trained_tflite, .categories = n_", key,
                "::ei_classifier_inferencing_categories };\n");
  };
  return {{"model-parameters/model_metadata.h", "#define EI_CLASSIFIER_INPUT_WIDTH 96\n"},
          {"model-parameters/model_variables.h", "const ei_impulse_t ei_default_impulse = impulse_8_5;\n"},
          {"model-parameters/impulse_8_5.h", impulse("8_5", "gestures", "\"idle\", \"wave\"")},
          {"model-parameters/impulse_12_10.h", impulse("12_10", "sounds", "\"faucet\", \"noise\"")},
          {"tflite-model/tflite-trained_8_5.h", fixtures::c_array("trained_tflite", tflite_bytes(8))},
          {"tflite-model/tflite-trained_12_10.h", fixtures::c_array("trained_tflite", tflite_bytes(12))}};
}

TEST_F(ImportTest, ListsImpulsesAndTakesTheNamedOne) {
  const auto path = zip("x.zip", two_impulses());
  EXPECT_ERROR(open(path), ErrorKind::usage,
               at("x.zip") +
                   ": holds 2 impulses, one is needed: '12_10' (sounds: faucet, noise), '8_5' (gestures: idle, "
                   "wave); choose one with --impulse");
  EXPECT_EQ(open(path, {.impulse = "8_5"}).model.bytes, tflite_bytes(8));
  const auto sounds = open(path, {.impulse = "sounds"});
  EXPECT_EQ(sounds.model.bytes, tflite_bytes(12));
  EXPECT_THAT(*sounds.project.labels, ElementsAre("faucet", "noise"));
  EXPECT_FALSE(sounds.project.input_width) << "the macros are the default impulse's";
  EXPECT_EQ(*open(path, {.impulse = "8_5"}).project.input_width, 96);
  EXPECT_ERROR(open(path, {.impulse = "smells"}), ErrorKind::usage,
               at("x.zip") +
                   ": no impulse is called 'smells'; it holds '12_10' (sounds: faucet, noise), '8_5' (gestures: "
                   "idle, wave)");
}

TEST_F(ImportTest, WarnsAboutNetworksItLeavesOut) {
  auto files = ExportText{}.files();
  auto& variables = files["model-parameters/model_variables.h"];
  variables.replace(variables.find("ei_learning_blocks[1] = { "), 26,
                    "ei_learning_blocks[2] = { { 4, &run_gmm_anomaly, (void*)&config_4 }, ");
  variables = "ei_learning_block_config_anomaly_gmm_t config_4 = { .block_id = 4 };\n" + variables;
  EXPECT_THAT(open(zip("x.zip", files)).warnings,
              ElementsAre("the impulse runs further networks that are not imported: config_4"));
}

TEST_F(ImportTest, WarnsWhereTheNetworkIsNotFedWithPixels) {
  auto files = ExportText{}.files();
  auto& variables = files["model-parameters/model_variables.h"];
  variables.replace(variables.find("extract_image_features"), 22, "extract_mfcc_features");
  const auto import = open(zip("x.zip", files));
  EXPECT_FALSE(import.project.is_about_images());
  EXPECT_THAT(import.warnings,
              ElementsAre("the network is fed by extract_mfcc_features (ei_dsp_blocks (model_variables.h)), "
                          "not by pixels; computing these features is the caller's part"));
}

// --- Damage
// ------------------------------------------------------------------------------------------------------------

TEST_F(ImportTest, ReportsBothCountsWhereAnArrayWasCut) {
  auto cut = fixtures::c_array("net", tflite_bytes());
  cut.replace(cut.find("_len = 64"), 9, "_len = 65");
  EXPECT_ERROR(
      open(file("a.h", cut)), ErrorKind::malformed,
      at("a.h") + ":1: the array 'net' holds 64 bytes, net_len says 65; the text was cut or edited, export it again");
  auto sized = fixtures::c_array("net", tflite_bytes());
  sized.replace(sized.find("[]"), 2, "[70]");
  EXPECT_ERROR(open(file("b.h", sized)), ErrorKind::malformed,
               at("b.h") +
                   ":1: the array 'net' holds 64 bytes, its brackets say 70; the text was cut or edited, export it "
                   "again");
}

TEST_F(ImportTest, RefusesHostileZipsWhole) {
  const auto path = file("x.zip", fixtures::zip_of({{.name = "../../evil.h", .content = "x"}}));
  EXPECT_ERROR_THAT(open(path), ErrorKind::malformed, HasSubstr("leads outside the archive"));
  EXPECT_ERROR_THAT(extract(path), ErrorKind::malformed, HasSubstr("leads outside the archive"));
  EXPECT_FALSE(std::filesystem::exists(scratch_.path().parent_path() / "evil.h"));
}

// --- Extract
// -----------------------------------------------------------------------------------------------------------

TEST_F(ImportTest, ExtractsEveryNetworkOnceUnderItsName) {
  auto files = two_impulses();
  files["tflite-model/copy.tflite"] = std::string(as_text(tflite_bytes(8)));
  const auto models = extract(zip("x.zip", files));
  ASSERT_THAT(models, SizeIs(2));
  EXPECT_EQ(models[0].bytes, tflite_bytes(8));
  EXPECT_EQ(models[1].bytes, tflite_bytes(12));
  EXPECT_THAT(file_names_for(models), ElementsAre("copy.tflite", "trained_tflite.tflite"));
  const auto arrays =
      extract(file("two.h", fixtures::c_array("one", tflite_bytes(1)) + fixtures::c_array("two", onnx_bytes())));
  EXPECT_THAT(file_names_for(arrays), ElementsAre("one.tflite", "two.onnx"));
  EXPECT_THAT(extract(file("m.bin", onnx_bytes())), SizeIs(1));
}

TEST_F(ImportTest, MakesFileNamesHarmlessAndDifferent) {
  const ModelFile models[] = {{.name = "../a:b\\c"}, {.name = ".."}, {.name = ""},
                              {.name = "a"},         {.name = "a"},  {.name = "a\n"}};
  EXPECT_THAT(file_names_for(models), ElementsAre("model.._a_b_c.tflite", "model...tflite", "model.tflite", "a.tflite",
                                                  "a-2.tflite", "a_.tflite"));
}

TEST_F(ImportTest, SummarisesContainerModelAndFacts) {
  const auto lines = export_summary(open(zip("x.zip", ExportText{}.files())));
  ASSERT_GT(lines.size(), 10U);
  EXPECT_EQ(lines[0].value, "C++ library (zip)");
  EXPECT_EQ(lines[1].value, "TFLite, 64 bytes");
  EXPECT_EQ(lines[2].name + " " + lines[2].value + " " + lines[2].source,
            "project Candy EI_CLASSIFIER_PROJECT_NAME (model_metadata.h)");
}

}  // namespace
}  // namespace es::edge_impulse
