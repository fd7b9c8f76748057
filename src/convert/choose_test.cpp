// SPDX-License-Identifier: Apache-2.0
#include "convert/choose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/matchers.h"

namespace es::convert {
namespace {

using edge_impulse::Fact;
using edge_impulse::ModelFacts;
using edge_impulse::Project;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A classifier of two classes on 96x96 RGB, all of whose facts the export states.
Project known_project() {
  Project project;
  project.name = {"Candy / good or bad?", "EI_CLASSIFIER_PROJECT_NAME"};
  project.resize_mode = {ResizeMode::squash, "EI_CLASSIFIER_RESIZE_MODE"};
  project.image_scaling = {ImageScaling::zero_to_one, "EI_CLASSIFIER_IMAGE_SCALING_NONE"};
  project.labels = {std::vector<std::string>{"broken", "good"}, "ei_classifier_inferencing_categories"};
  project.head = {Head::classification, "process_classification_f32"};
  project.threshold = {0.6, "EI_CLASSIFIER_THRESHOLD"};
  return project;
}

ModelFacts classifier_model() {
  return {.input = {"x", "float32", {1, 96, 96, 3}}, .outputs = {{"y", "float32", {1, 2}}}, .channels_first = false};
}

Recipe chosen(const Project& project, const ModelFacts& model, const Options& options, Report& report) {
  return choose(project, model, options, "candy.zip", report);
}

TEST(Choose, WhatTheExportStatesIsTakenAndNothingIsGuessed) {
  Report report;
  const auto recipe = chosen(known_project(), classifier_model(), {}, report);
  EXPECT_EQ(recipe.name, "candy_good_or_bad");
  EXPECT_EQ(recipe.head.source, "process_classification_f32");
  EXPECT_EQ(recipe.width, 96);
  EXPECT_EQ(recipe.channels, 3);
  EXPECT_FLOAT_EQ(recipe.threshold.value, 0.6f);
  EXPECT_THAT(recipe.labels.value, ElementsAre("broken", "good"));
  EXPECT_THAT(report.guesses, IsEmpty());
  EXPECT_THAT(report.warnings, IsEmpty());
}

TEST(Choose, ALoneModelIsGuessedAtAloudWithTheOptionThatOverrides) {
  Project project;
  project.head = {Head::classification, "the outputs' shape"};
  Report report;
  const auto recipe = chosen(project, classifier_model(), {}, report);
  EXPECT_THAT(recipe.labels.value, ElementsAre("class_0", "class_1"));
  EXPECT_THAT(report.guesses,
              ElementsAre("scaling 0..1 is a guess; --scaling overrides it",
                          "resize mode fit-shortest (Studio's default) is a guess; --resize overrides it",
                          "labels class_0 to class_1 are a guess; --labels overrides it",
                          "threshold 0.5 is a guess; --threshold overrides it"));
}

TEST(Choose, AnOptionStandsBeforeTheExport) {
  Options options;
  options.labels = {{"a", "b"}};
  options.threshold = 0.25f;
  options.resize = ResizeMode::fit_longest;
  options.scaling = ImageScaling::minus1_to_1;
  Report report;
  const auto recipe = chosen(known_project(), classifier_model(), options, report);
  EXPECT_THAT(recipe.labels.value, ElementsAre("a", "b"));
  EXPECT_EQ(recipe.labels.source, "--labels");
  EXPECT_EQ(recipe.threshold.value, 0.25f);
  EXPECT_EQ(recipe.resize.value, ResizeMode::fit_longest);
  EXPECT_EQ(recipe.scaling.value, ImageScaling::minus1_to_1);
}

TEST(Choose, LabelsThatDoNotFitTheModelAreRefused) {
  Options options;
  options.labels = {{"a", "b", "c"}};
  Report report;
  EXPECT_ERROR(chosen(known_project(), classifier_model(), options, report), ErrorKind::mismatch,
               "candy.zip: 3 labels (--labels) and the model scores 2 classes; name them with --labels");
}

TEST(Choose, EachHeadCountsItsClassesItsOwnWay) {
  Report report;
  Options fomo, yolo;
  fomo.head = Head::fomo;
  yolo.head = Head::yolov5;
  auto model = classifier_model();
  model.outputs = {{"y", "float32", {1, 12, 12, 3}}};
  EXPECT_EQ(chosen(known_project(), model, fomo, report).labels.value.size(), 2u) << "one channel is the background";
  model.outputs = {{"y", "float32", {1, 567, 7}}};
  EXPECT_EQ(chosen(known_project(), model, yolo, report).parser_name,
            "NvDsInferParseCustomEdgeImpulseYoloV5Normalized");
  model = {.input = {"images", "float32", {1, 3, 96, 96}},
           .outputs = {{"o", "float32", {1, 567, 7}}},
           .channels_first = true};
  EXPECT_EQ(chosen(known_project(), model, yolo, report).parser_name, "NvDsInferParseCustomEdgeImpulseYoloV5");
}

TEST(Choose, FeaturesAreHandedOverByTheCaller) {
  auto project = known_project();
  project.dsp_functions = {std::vector<std::string>{"extract_mfcc_features"}, "ei_dsp_blocks"};
  ModelFacts model{.input = {"x", "float32", {1, 637}}, .outputs = {{"y", "float32", {1, 2}}}};
  Report report;
  const auto recipe = chosen(project, model, {}, report);
  EXPECT_FALSE(recipe.is_picture);
  EXPECT_EQ(recipe.channels, 0);
  EXPECT_THAT(report.decisions, ElementsAre(HasSubstr("input-tensor-from-meta=1")));
}

TEST(Choose, AHeadWithoutAParserHandsItsTensorsOn) {
  auto project = known_project();
  project.head = {Head::yolox, "EI_CLASSIFIER_OBJECT_DETECTION_LAST_LAYER"};
  Report report;
  const auto recipe = chosen(project, classifier_model(), {}, report);
  EXPECT_EQ(facts_of(recipe.head.value).answers, Answers::tensors);
  EXPECT_THAT(report.warnings, ElementsAre(HasSubstr("the head is yolox (EI_CLASSIFIER_OBJECT_DETECTION_LAST_LAYER)")));
}

TEST(Choose, OutputsThatNothingExplainsAreHandedOnAloud) {
  auto project = known_project();
  project.head = {};
  project.labels = {};
  auto model = classifier_model();
  model.outputs = {{"y", "float32", {1, 3, 80, 80, 85}}};
  Report report;
  const auto recipe = chosen(project, model, {}, report);
  EXPECT_EQ(recipe.head.value, Head::unknown);
  EXPECT_THAT(recipe.labels.value, IsEmpty());
  EXPECT_THAT(report.guesses, ElementsAre(HasSubstr("(network-type=100); --head overrides it")));
}

TEST(Choose, AnInputOfIntegersSaysWhatItsBytesStandFor) {
  auto project = known_project();
  project.image_scaling = {};
  auto model = classifier_model();
  model.input.dtype = "int8";
  model.input_range = {{-1, 1}};
  Report report;
  const auto recipe = chosen(project, model, {}, report);
  EXPECT_EQ(recipe.scaling.value, ImageScaling::minus1_to_1);
  EXPECT_EQ(recipe.scaling.source, "the int8 input 'x' stands for -1 to 1");
  EXPECT_THAT(report.guesses, IsEmpty());
}

TEST(Choose, TheTrainersScoreRuleTakesTheTrainersParserAndOverlap) {
  Options options;
  options.head = Head::yolov5;
  options.score_rule = ScoreRule::ultralytics;
  auto model = classifier_model();
  model.outputs = {{"y", "float32", {1, 567, 7}}};
  Report report;
  const auto recipe = chosen(known_project(), model, options, report);
  EXPECT_EQ(recipe.parser_name, "NvDsInferParseYoloNormalized");
  EXPECT_FLOAT_EQ(recipe.nms_iou.value, 0.45f);
}

TEST(Choose, DetectorsOfOtherKindsCountTheirClasses) {
  Report report;
  Options options;
  auto model = classifier_model();
  model.outputs = {{"y", "float32", {1, 6, 189}}};
  options.head = Head::yolov11;
  EXPECT_EQ(chosen(known_project(), model, options, report).labels.value.size(), 2u);
  model.outputs = {{"y", "float32", {1, 189, 6}}};
  options.head = Head::yolo_pro;
  EXPECT_EQ(chosen(known_project(), model, options, report).labels.value.size(), 2u);
  model.outputs = {{"detection_boxes", "float32", {1, 10, 4}}};
  model.classes = 2;
  options.head = Head::ssd;
  EXPECT_EQ(chosen(known_project(), model, options, report).labels.value.size(), 2u);
}

TEST(Choose, ALabelThatNvinferWouldSplitIsRewrittenAloud) {
  Options options;
  options.labels = {{"a;b", ""}};
  Report report;
  EXPECT_THAT(chosen(known_project(), classifier_model(), options, report).labels.value, ElementsAre("a,b", "_"));
  EXPECT_EQ(report.warnings.size(), 2u);
}

TEST(Choose, FitShortestIsStretchedAndSaysSo) {
  auto project = known_project();
  project.resize_mode = {ResizeMode::fit_shortest, "EI_CLASSIFIER_RESIZE_MODE"};
  Report report;
  chosen(project, classifier_model(), {}, report);
  EXPECT_THAT(report.warnings, ElementsAre(HasSubstr("fit-shortest (EI_CLASSIFIER_RESIZE_MODE) has no nvinfer key")));
}

TEST(Choose, ColourMustFitTheNetworksChannels) {
  Options options;
  options.color = ColorMode::grayscale;
  Report report;
  EXPECT_ERROR(chosen(known_project(), classifier_model(), options, report), ErrorKind::mismatch,
               "candy.zip: --color grayscale does not fit a network of 3 channels");
}

}  // namespace
}  // namespace es::convert
