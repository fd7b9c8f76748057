// SPDX-License-Identifier: Apache-2.0
#include "convert/convert.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "onnx/onnx.h"
#include "testing/matchers.h"
#include "testing/recorded_cases.h"

namespace es::convert {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A network that TensorFlow wrote, as a lone .tflite file.
edge_impulse::Import lone_model(const std::string& name) {
  for (const auto& recorded : testing::read_cases("models")) {
    if (recorded.name != name) continue;
    edge_impulse::Import import;
    import.model = {.name = name,
                    .format = edge_impulse::ModelFormat::tflite,
                    .bytes = recorded.model,
                    .found_in = name + ".tflite"};
    import.container = "TFLite file";
    return import;
  }
  throw std::runtime_error("there is no recorded model '" + name + "'");
}

Options candy() {
  return {.name = "candy",
          .labels = {{"a", "b", "c", "d"}},
          .resize = ResizeMode::squash,
          .scaling = ImageScaling::zero_to_one,
          .threshold = 0.5f};
}

std::vector<std::string> names_of(const Result& result) {
  std::vector<std::string> names;
  for (const auto& file : result.files) names.push_back(file.name);
  return names;
}

const File& file_of(const Result& result, const std::string& name) {
  for (const auto& file : result.files) {
    if (file.name == name) return file;
  }
  throw std::runtime_error("there is no file " + name);
}

TEST(Convert, AClassifierBecomesAFolderForPrimaryAndSecondaryUse) {
  const auto result = convert(lone_model("classifier by layers"), candy());
  EXPECT_THAT(names_of(result),
              ElementsAre("README.md", "candy.onnx", "config_infer_primary_candy.txt",
                          "config_infer_secondary_candy.txt", "deepstream_app_candy.txt", "labels.txt", "report.json"));
  EXPECT_EQ(as_text(file_of(result, "labels.txt").content), "a;b;c;d\n");
  EXPECT_EQ(result.report.transposes, 0);
  EXPECT_TRUE(result.report.dynamic_batch);
}

TEST(Convert, ADetectorCarriesItsParserAndOneLabelALine) {
  auto options = candy();
  options.labels = {{"candy", "wrapper"}};
  options.head = Head::fomo;
  const auto result = convert(lone_model("fomo"), options);
  EXPECT_THAT(names_of(result),
              ElementsAre("README.md", "candy.onnx", "config_infer_primary_candy.txt", "deepstream_app_candy.txt",
                          "labels.txt", "parser/Makefile", "parser/fomo.h", "parser/fomo_parser.cpp", "parser/head.h",
                          "parser/parser_entry.h", "report.json"));
  EXPECT_EQ(as_text(file_of(result, "labels.txt").content), "candy\nwrapper\n");
  EXPECT_THAT(std::string(as_text(file_of(result, "parser/fomo_parser.cpp").content)),
              HasSubstr("NvDsInferParseCustomEdgeImpulseFomo"));
}

TEST(Convert, TheWrittenModelTakesChannelsFirstAndAnyBatch) {
  const auto result = convert(lone_model("classifier by layers"), candy());
  const auto graph = onnx::read(file_of(result, "candy.onnx").content, "candy.onnx");
  const auto& input = graph.value(graph.inputs().front());
  ASSERT_TRUE(input.shape);
  EXPECT_TRUE((*input.shape)[0].times_batch);
  EXPECT_TRUE((*input.shape)[1].is(3));
  EXPECT_EQ(input.name, result.recipe.input_name);
}

TEST(Convert, TheSameInputGivesTheSameBytes) {
  const auto once = convert(lone_model("classifier by layers"), candy());
  const auto twice = convert(lone_model("classifier by layers"), candy());
  ASSERT_EQ(names_of(once), names_of(twice));
  for (size_t i = 0; i < once.files.size(); ++i)
    EXPECT_EQ(once.files[i].content, twice.files[i].content) << once.files[i].name;
}

TEST(Convert, TheReportDoesNotSayInWhichFolderTheExportLay) {
  auto import = lone_model("classifier by layers");
  import.model.found_in = "/home/somebody/export.zip: tflite-model/m.tflite";
  const auto report = nlohmann::json::parse(as_text(file_of(convert(import, candy()), "report.json").content));
  EXPECT_EQ(report.at("source").at("model"), "export.zip: tflite-model/m.tflite");
}

TEST(Convert, TheReportNamesGuessesAndTheOptionThatOverridesThem) {
  const auto result = convert(lone_model("classifier by layers"), {.name = "candy"});
  const auto report = nlohmann::json::parse(as_text(file_of(result, "report.json").content));
  EXPECT_EQ(report.at("recipe").at("scaling").at("source"), "a guess; --scaling overrides it");
  EXPECT_EQ(report.at("guesses").size(), 4u);
  EXPECT_EQ(report.at("source").at("format"), "TFLite");
}

TEST(Convert, ATruncatedModelIsRefusedByItsReader) {
  auto import = lone_model("classifier by layers");
  import.model.bytes.resize(import.model.bytes.size() / 2);
  EXPECT_ERROR_THAT(convert(import, candy()), ErrorKind::malformed, HasSubstr("classifier by layers.tflite"));
}

TEST(ConvertModel, AnInputNameThatTheFileDoesNotHaveMeansItsOnlyInput) {
  Report report;
  const Bytes onnx = convert_model(lone_model("classifier by layers").model.bytes,
                                   {.inputs_as_nchw = {"x_input"}, .file_name = "m.tflite"}, report);
  const auto graph = onnx::read(onnx, "m.onnx");
  const auto& shape = *graph.value(graph.inputs().front()).shape;
  EXPECT_TRUE(shape[1].is(1) && !shape[3].is(1)) << "the one channel stands first";
  EXPECT_THAT(report.warnings, ::testing::Contains(HasSubstr("--inputs-as-nchw x_input names no input of m.tflite")));
}

}  // namespace
}  // namespace es::convert
