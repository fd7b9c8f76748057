// SPDX-License-Identifier: Apache-2.0
//
// Numbers in brackets are those of the statements about nvinfer that a case holds us to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "base/text.h"
#include "config/key_table.h"
#include "config/labels.h"
#include "config/lint.h"
#include "config/read.h"
#include "testing/matchers.h"
#include "testing/scratch_folder.h"
#include "testing/text_cases.h"

namespace es::config {
namespace {

namespace fs = std::filesystem;
using es::testing::ScratchFolder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

InferConfig parse(const std::string& content, Warnings* warnings = nullptr, const ReadOptions& options = {}) {
  return parse_infer_config(content, "infer.txt", warnings, options);
}

InferConfig parse_yaml(const std::string& content, Warnings* warnings = nullptr) {
  return parse_infer_config(content, "infer.yml", warnings);
}

// What differs from the defaults, one line each, then the warnings.
std::string differences(const InferConfig& config, const Warnings& warnings) {
  std::string out;
  const InferConfig defaults;
  for (const auto& section : property_sections()) {
    for (const auto& row : section.rows) {
      const std::string value = value_text(row, config);
      if (value != value_text(row, defaults)) out += text(row.name, "=", value, "\n");
    }
  }
  for (size_t i = 0; i < config.class_attributes.size(); ++i) {
    for (const auto& row : class_rows()) {
      const std::string value = value_text(row, config.class_attributes[i]);
      if (value != value_text(row, ClassAttributes{})) out += text("class ", i, " ", row.name, "=", value, "\n");
    }
    if (config.class_attributes[i].has_bg_color) out += text("class ", i, " has a background\n");
  }
  for (const auto& warning : warnings) out += text("warning: ", warning, "\n");
  return out;
}

TEST(InferConfig, IsReadAsNvinferReadsIt) {
  es::testing::run_text_cases(ES_TEST_DATA "/infer_config.test", [](const std::string& input) {
    Warnings warnings;
    const auto config = parse(input, &warnings);
    return differences(config, warnings);
  });
}

TEST(InferConfig, DefaultsAreNvinfers_37) {
  const auto config = parse("[property]\nnum-detected-classes=1\n");
  EXPECT_EQ(config.gie_unique_id, 0u) << "not set";
  EXPECT_EQ(config.process_mode, ProcessMode::primary);
  EXPECT_EQ(config.network_type, NetworkType::detector);
  EXPECT_EQ(config.network_mode, NetworkMode::fp32);
  EXPECT_EQ(config.batch_size, 1u);
  EXPECT_EQ(config.interval, 0u);
  EXPECT_EQ(config.net_scale_factor, 1.0);
  EXPECT_EQ(config.model_color_format, ModelColorFormat::rgb);
  EXPECT_EQ(config.scaling_filter, 6);
  EXPECT_EQ(config.cluster_mode, ClusterMode::group_rectangles);
  EXPECT_EQ(config.operate_on_gie_id, -1);
  EXPECT_EQ(config.secondary_reinfer_interval, 2147483647);
  EXPECT_EQ(config.classifier_threshold, 0.0f);
  EXPECT_TRUE(config.auto_inc_mem);
  EXPECT_EQ(config.max_gpu_mem_per, 99.0);
  EXPECT_EQ(config.tensor_meta_pool_size, 2u);
  ASSERT_THAT(config.class_attributes, SizeIs(1));
  const auto& attributes = config.class_attributes[0];
  EXPECT_EQ(attributes.pre_cluster_threshold, 0.2f);
  EXPECT_EQ(attributes.post_cluster_threshold, 0.0f);
  EXPECT_EQ(attributes.nms_iou_threshold, 0.3f);
  EXPECT_EQ(attributes.topk, -1) << "no limit";
  EXPECT_EQ(attributes.eps, 0.0f);
  EXPECT_EQ(attributes.min_boxes, 0);
  EXPECT_EQ(attributes.border_color, (Color{1, 0, 0, 1}));
  EXPECT_FALSE(attributes.has_bg_color);
}

TEST(InferConfig, ADoubleFollowedByABlankIsRefused_7) {
  EXPECT_ERROR_THAT(parse("[property]\nnet-scale-factor=0.5 \n"), ErrorKind::malformed,
                    StartsWith("infer.txt:2: [property] net-scale-factor is '0.5 ', a number with nothing after it"));
}

TEST(InferConfig, TheVicScalerIsForArm64Alone_27) {
#ifdef __aarch64__
  EXPECT_EQ(parse("[property]\nscaling-compute-hw=2\n").scaling_compute_hw, 2);
#else
  EXPECT_ERROR(parse("[property]\nscaling-compute-hw=2\n"), ErrorKind::malformed,
               "infer.txt:2: [property] scaling-compute-hw is 2, 0 to 1 is needed on this machine (Error. Invalid "
               "value for 'scaling-compute-hw':'2')\n    scaling-compute-hw=2\n    ^");
#endif
}

TEST(InferConfig, TheOriginKeepsTheLines) {
  const auto config = parse("[property]\nnetwork-type=1\n\n[class-attrs-all]\ntopk=2\n[tests]\na=1\n");
  EXPECT_EQ(config.origin.file, "infer.txt");
  EXPECT_THAT(config.origin.lines, ElementsAre(std::pair(std::pair("class-attrs-all", "topk"), 5),
                                               std::pair(std::pair("property", "network-type"), 2)));
}

TEST(InferConfig, PathsAreRelativeToTheFile_42_43) {
  const ScratchFolder scratch;
  const fs::path folder = fs::canonical(scratch.path());
  fs::create_directory(folder / "models");
  fs::create_symlink("models", folder / "link");
  write_file_atomically(folder / "models/m.onnx", std::string_view("x"));
  write_file_atomically(folder / "infer.txt",
                        std::string_view("[property]\nonnx-file=link/../link/m.onnx\nmodel-engine-file=gone/m.engine\n"
                                         "labelfile-path=/no/such/folder/labels.txt\n"));
  const auto config = read_infer_config(folder / "infer.txt", nullptr);
  EXPECT_EQ(config.onnx_file, folder / "models/m.onnx");
  EXPECT_EQ(config.model_engine_file, folder / "gone/m.engine");
  EXPECT_EQ(config.labelfile_path, "/no/such/folder/labels.txt") << "kept whole";
}

TEST(InferConfig, AnAliasOfTheFileDoesNotMoveItsFolder) {
  const ScratchFolder scratch;
  const fs::path folder = fs::canonical(scratch.path());
  fs::create_directory(folder / "a");
  write_file_atomically(folder / "a/infer.txt", std::string_view("[property]\nonnx-file=m.onnx\n"));
  fs::create_symlink("a/infer.txt", folder / "alias.txt");
  EXPECT_EQ(read_infer_config(folder / "alias.txt", nullptr).onnx_file, folder / "a/m.onnx");
}

TEST(InferConfig, APathThroughAFileIsRefused) {
  const ScratchFolder scratch;
  const fs::path folder = fs::canonical(scratch.path());
  write_file_atomically(folder / "infer.txt", std::string_view("[property]\nlabelfile-path=infer.txt/labels.txt\n"));
  EXPECT_ERROR(read_infer_config(folder / "infer.txt", nullptr), ErrorKind::malformed,
               text((folder / "infer.txt").string(), ":2: [property] labelfile-path is 'infer.txt/labels.txt', a path ",
                    "that can be looked up is needed: ", (folder / "infer.txt/labels.txt").string(),
                    ": Not a directory (Error: Could not parse labels file path)\n    "
                    "labelfile-path=infer.txt/labels.txt\n    ^"));
}

TEST(InferConfig, AMissingFileIsNamed) {
  EXPECT_ERROR(read_infer_config("/no/such/infer.txt", nullptr), ErrorKind::unreadable,
               "/no/such/infer.txt: No such file or directory (Failed to load config file)");
}

// ---- YAML

TEST(InferConfigYaml, TheNameDecidesTheFormat_1) {
  EXPECT_EQ(parse_infer_config("property:\n  batch-size: 3\n", "x.yaml", nullptr).batch_size, 3u);
  EXPECT_EQ(parse_infer_config("[property]\nbatch-size=3\n", "x.YML", nullptr).batch_size, 3u);
}

TEST(InferConfigYaml, BooleansAreIntegersAndGoBothWays_9) {
  EXPECT_TRUE(parse_yaml("property:\n  maintain-aspect-ratio: 1\n").maintain_aspect_ratio);
  EXPECT_ERROR(parse_yaml("property:\n  maintain-aspect-ratio: true\n"), ErrorKind::malformed,
               "infer.yml:2: [property] maintain-aspect-ratio is 'true', 1 or 0 is needed (Error while parsing config "
               "file)\n    maintain-aspect-ratio: true\n    ^");
}

TEST(InferConfigYaml, EveryPieceOfAListCounts_10) {
  EXPECT_EQ(parse_yaml("property:\n  infer-dims: 3;544;960\n").infer_dims, (InferDims{3, 544, 960}));
  EXPECT_ERROR_THAT(parse_yaml("property:\n  infer-dims: 3;544;960;\n"), ErrorKind::malformed,
                    StartsWith("infer.yml:2: [property] infer-dims is '3;544;960;', a list of whole numbers"));
}

TEST(InferConfigYaml, ASequenceIsNoList_12) {
  EXPECT_ERROR_THAT(parse_yaml("property:\n  infer-dims: [3,544,960]\n"), ErrorKind::malformed,
                    StartsWith("infer.yml:2: [property] infer-dims is 'not one value'"));
}

TEST(InferConfigYaml, ARepeatedKeyHasItsLastValue_28) {
  EXPECT_EQ(parse_yaml("property:\n  batch-size: 1\n  batch-size: 2\n").batch_size, 2u);
}

TEST(InferConfigYaml, OldNamesAreUnknown_31) {
  Warnings warnings;
  const auto config = parse_yaml("property:\n  is-classifier: 1\n", &warnings);
  EXPECT_EQ(config.network_type, NetworkType::detector);
  EXPECT_THAT(warnings, ElementsAre(StartsWith("infer.yml:2: [property] has no key 'is-classifier'")));
}

TEST(InferConfigYaml, SyntaxErrorsNameTheLine_163) {
  EXPECT_ERROR_THAT(parse_yaml("property:\n  a: [\n"), ErrorKind::malformed, HasSubstr("(Failed to load config file)"));
  EXPECT_ERROR(parse_yaml("- a\n"), ErrorKind::malformed,
               "infer.yml: the document is no map of groups, 'property:' is needed (Failed to load config file)");
  EXPECT_ERROR_THAT(read_infer_config("/no/such/infer.yml", nullptr), ErrorKind::unreadable,
                    HasSubstr("No such file or directory"));
}

TEST(InferConfigYaml, ASecondaryClassifierIsRead) {
  const auto config = parse_yaml(
      "property:\n  gie-unique-id: 2\n  onnx-file: c.onnx # here\n  process-mode: 2\n  network-type: 1\n"
      "  operate-on-gie-id: 1\n  operate-on-class-ids: 0\n  classifier-threshold: 0.51\n  classifier-type: "
      "vehicletype\n");
  EXPECT_EQ(config.gie_unique_id, 2u);
  EXPECT_EQ(config.onnx_file, "c.onnx");
  EXPECT_EQ(config.process_mode, ProcessMode::secondary);
  EXPECT_EQ(config.network_type, NetworkType::classifier);
  EXPECT_EQ(config.operate_on_gie_id, 1);
  EXPECT_THAT(config.operate_on_class_ids, ElementsAre(0));
  EXPECT_EQ(config.classifier_threshold, 0.51f);
  EXPECT_EQ(config.classifier_type, "vehicletype");
}

// ---- properties of the element

TEST(Override, AProtectedKeyOfTheFileIsNotEvenLookedAt) {
  const ReadOptions options{.set_before = {{"batch-size", "8"}, {"unique-id", "7"}, {"process-mode", "secondary"}}};
  const auto config = parse("[property]\nbatch-size=0\ngie-unique-id=1\nprocess-mode=1\n", nullptr, options);
  EXPECT_EQ(config.batch_size, 8u);
  EXPECT_EQ(config.gie_unique_id, 7u);
  EXPECT_EQ(config.process_mode, ProcessMode::secondary);
}

TEST(Override, EitherObjectFilterProtectsBothWhenSetBefore) {
  const std::string file = "[property]\noperate-on-gie-id=1\noperate-on-class-ids=2;3\n";
  const auto before = parse(file, nullptr, {.set_before = {{"infer-on-gie-id", "5"}}});
  EXPECT_EQ(before.operate_on_gie_id, 5);
  EXPECT_THAT(before.operate_on_class_ids, IsEmpty());

  auto after = parse(file);
  apply_override(after, {"infer-on-gie-id", "5"});
  EXPECT_EQ(after.operate_on_gie_id, 5);
  EXPECT_THAT(after.operate_on_class_ids, ElementsAre(2, 3)) << "set after the file, a property replaces one value";
}

TEST(Override, TheFileWinsOverOtherPropertiesButOneWaySwitchesStayOn) {
  const ReadOptions options{.set_before = {{"output-tensor-meta", "true"}, {"filter-out-class-ids", "4;1"}}};
  const auto config = parse("[property]\noutput-tensor-meta=0\nfilter-out-class-ids=2\n", nullptr, options);
  EXPECT_TRUE(config.output_tensor_meta);
  EXPECT_THAT(config.filter_out_class_ids, ElementsAre(1, 2, 4)) << "the file adds";
}

TEST(Override, ListsTakeAnySeparator) {
  const auto ids = [](const std::string& value) {
    InferConfig config;
    apply_override(config, {"infer-on-class-ids", value});
    return config.operate_on_class_ids;
  };
  EXPECT_THAT(ids("0:2:3"), ElementsAre(0, 2, 3));
  EXPECT_THAT(ids("0:2:3:"), ElementsAre(0, 2, 3));
  EXPECT_THAT(ids("0;2"), ElementsAre(0, 2));
  EXPECT_THAT(ids(""), IsEmpty());
  EXPECT_THAT(ids("-1"), IsEmpty());
  EXPECT_THAT(ids("0:-1:2"), ElementsAre(0, 2));
  EXPECT_THAT(ids("99999999999999999999:1"), IsEmpty());
}

TEST(Override, AFilterSetAfterReplacesTheFilesList) {
  auto config = parse("[property]\nfilter-out-class-ids=2\n");
  apply_override(config, {"filter-out-class-ids", "4;1"});
  EXPECT_THAT(config.filter_out_class_ids, ElementsAre(1, 4));
}

TEST(Override, AnEngineIsTakenAsItStands) {
  InferConfig config;
  apply_override(config, {"model-engine-file", "a/b.engine"});
  EXPECT_EQ(config.model_engine_file, "a/b.engine");
}

TEST(Override, UnfitValuesAreUsageErrors) {
  InferConfig config;
  EXPECT_ERROR(apply_override(config, {"batch-size", "0"}), ErrorKind::usage,
               "property batch-size: batch-size is 0, 1 to 1024 is needed (Error: batch-size(0) should be in the range "
               "[1,1024])");
  EXPECT_ERROR(apply_override(config, {"interval", "x"}), ErrorKind::usage,
               "property interval is 'x', a whole number is needed");
  EXPECT_ERROR(apply_override(config, {"batchsize", "1"}), ErrorKind::usage,
               "nvinfer has no property 'batchsize'; did you mean 'batch-size'?");
}

// ---- the table itself

TEST(KeyTable, NamesAreUnique) {
  auto names = property_key_names();
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
  auto class_names = class_key_names();
  std::sort(class_names.begin(), class_names.end());
  EXPECT_EQ(std::adjacent_find(class_names.begin(), class_names.end()), class_names.end());
}

TEST(KeyTable, EveryDefaultIsAllowed) {
  for (const auto& section : property_sections()) {
    for (const auto& row : section.rows) {
      const auto number = to_double(value_text(row, InferConfig{}));
      EXPECT_TRUE(!number || row.range.contains(*number)) << row.name;
    }
  }
}

TEST(KeyTable, TheReferencePageIsFresh) {
  const fs::path page = fs::path(ES_SOURCE_DIR) / "docs/config.md";
  if (std::getenv("ES_UPDATE_DOCS")) std::ofstream(page) << reference_page();
  EXPECT_EQ(read_text_file(page), reference_page()) << "run this test with ES_UPDATE_DOCS=1 to rewrite it";
}

// ---- labels

TEST(Labels, EmptyLinesDoNotCountAndBlanksDo) {
  EXPECT_THAT(parse_labels("a\n\n b \r\nc;d;\n"),
              ElementsAre(ElementsAre("a"), ElementsAre(" b "), ElementsAre("c", "d", "")));
  EXPECT_THAT(parse_labels(""), IsEmpty());
  EXPECT_THAT(parse_labels("m&m"), ElementsAre(ElementsAre("m&m"))) << "the last line need not end";
}

TEST(Labels, AFileThatIsNotThereIsNamed) {
  EXPECT_ERROR(read_labels("/no/such/labels.txt"), ErrorKind::unreadable,
               "/no/such/labels.txt: No such file or directory (Could not open labels file:/no/such/labels.txt)");
  EXPECT_ERROR_THAT(read_labels("/tmp"), ErrorKind::unreadable, HasSubstr("is a folder"));
}

// ---- lint

TEST(Lint, ACarefulFileHasNothingToSay) {
  const auto config = parse(
      "[property]\ngie-unique-id=1\nnet-scale-factor=0.00392156862745098\nnum-detected-classes=2\ncluster-mode=2\n"
      "custom-lib-path=l.so\nparse-bbox-func-name=F\nlabelfile-path=l.txt\n[class-attrs-all]\ntopk=3\n");
  EXPECT_THAT(lint(config, {{"a"}, {"b"}}), IsEmpty());
}

TEST(Lint, LabelsOfAClassifierMustFitItsOutputs) {
  const auto config = parse("[property]\nnet-scale-factor=1\nnetwork-type=1\nlabelfile-path=l.txt\n");
  EXPECT_THAT(lint(config, {{"good", "bad"}}, {.classes_of_outputs = {2}}), IsEmpty());
  EXPECT_THAT(lint(config, {{"good"}, {"bad"}}, {.classes_of_outputs = {2}}),
              ElementsAre("infer.txt:4: [property] labelfile-path: line 1 of l.txt has 1 label, output 1 of the model "
                          "scores 2 classes; a classifier needs one line 'a;b;c' per output"));
}

TEST(Lint, WhatHasNoEffectIsSaidOnce) {
  const auto config = parse(
      "[property]\nnet-scale-factor=1\nnetwork-type=100\ngpu-id=0\nenable-dla=1\nworkspace-size=4000\n"
      "symmetric-padding=1\n");
  EXPECT_THAT(
      lint(config, {}),
      ElementsAre("infer.txt:7: [property] symmetric-padding has no effect without maintain-aspect-ratio=1; the "
                  "picture is stretched",
                  "infer.txt:6: [property] workspace-size, enable-dla have no effect here: they speak of a GPU, "
                  "TensorRT or formats of old"));
}

TEST(Lint, ADetectorWithoutAnythingIsToldWhatNvinferAssumes) {
  EXPECT_THAT(
      lint(parse("[property]\nparse-bbox-func-name=F\nnet-scale-factor=0\n"), {}),
      ElementsAre(HasSubstr("net-scale-factor is 0: nvinfer takes 1"), HasSubstr("no object is ever reported"),
                  HasSubstr("has no cluster-mode: NMS with an IoU of 0.5"), HasSubstr("without custom-lib-path")));
}

// The folder that comes with a published guide; its three mistakes are the reason for the rules.
TEST(Lint, TheGuidesOwnFolderIsWarnedAbout) {
  const fs::path exports = es::testing::exports_folder();
  if (exports.empty()) GTEST_SKIP() << "EDGESTREAM_EXPORTS is unset";
  const fs::path folder = exports / "deepstream-candy";
  Warnings warnings;
  const auto detector = read_infer_config(folder / "config_infer_primary_edgeimpulse_YOLOv5.txt", &warnings);
  const auto classifier =
      read_infer_config(folder / "config_infer_secondary_edgeimpulse_classification.txt", &warnings);
  EXPECT_THAT(warnings, IsEmpty());
  EXPECT_EQ(detector.num_detected_classes, 80u);
  EXPECT_EQ(detector.class_attributes.at(79).topk, 300);
  EXPECT_EQ(detector.process_mode, ProcessMode::primary);
  EXPECT_EQ(classifier.model_color_format, ModelColorFormat::gray);

  EXPECT_THAT(
      lint(detector, read_labels(detector.labelfile_path)),
      ElementsAre(HasSubstr(":11: [property] num-detected-classes is 80, the labels file labels.txt has 1 line;")));
  EXPECT_THAT(
      lint(classifier, read_labels(classifier.labelfile_path)),
      ElementsAre(HasSubstr("has no net-scale-factor, so it is 1"),
                  HasSubstr("[class-attrs-all] eps, group-threshold, pre-cluster-threshold have no effect: "
                            "class-attrs groups are read for detectors alone and network-type is 1; the threshold "
                            "of a classifier is classifier-threshold in [property]")));
}

}  // namespace
}  // namespace es::config
