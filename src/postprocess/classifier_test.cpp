// SPDX-License-Identifier: Apache-2.0
//
// Numbers in names are those of the statements about nvinfer that a test holds us to.
#include "postprocess/classifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "testing/matchers.h"

namespace es::postprocess {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

ClassifierResult classify(const std::vector<std::vector<float>>& outputs, const ClassifierParams& params) {
  std::vector<TensorSpec> specs;
  std::vector<TensorView> views;
  for (const auto& output : outputs) {
    const auto count = static_cast<int64_t>(output.size());
    specs.push_back({"probabilities", {-1, count}, DType::f32});
    views.push_back({output.data(), {count}, DType::f32});
  }
  return Classifier(specs, params).run(views);
}

TEST(Classifier, ReportsTheBestClass_129) {
  const auto result = classify({{0.1f, 0.7f, 0.2f}}, {.classifier_threshold = 0.5f, .labels = {{"a", "b", "c"}}});
  EXPECT_THAT(result.attributes, ElementsAre(Attribute{0, 1, 0.7f, "b"}));
  EXPECT_EQ(result.label, "b ") << "with the blank that applications compare against";
}

TEST(Classifier, TheThresholdIsStrict_130) {
  EXPECT_THAT(classify({{0.3f, 0.7f}}, {.classifier_threshold = 0.7f, .labels = {{"a", "b"}}}).attributes, IsEmpty());
}

TEST(Classifier, OfEqualsTheFirstIsReportedAndZeroNever) {
  EXPECT_THAT(classify({{0.2f, 0.4f, 0.4f}}, {}).attributes, ElementsAre(Attribute{0, 1, 0.4f, ""}));
  EXPECT_THAT(classify({{0, 0}}, {}).attributes, IsEmpty());
  EXPECT_THAT(classify({{std::numeric_limits<float>::quiet_NaN(), 0.4f}}, {}).attributes,
              ElementsAre(Attribute{0, 1, 0.4f, ""}));
}

TEST(Classifier, EachOutputGivesAnAttribute_131) {
  const auto result = classify({{0.9f, 0.1f}, {0.2f, 0.8f}},
                               {.classifier_threshold = 0.5f, .labels = {{"red", "blue"}, {"suv", "sedan"}}});
  EXPECT_THAT(result.attributes, ElementsAre(Attribute{0, 0, 0.9f, "red"}, Attribute{1, 1, 0.8f, "sedan"}));
  EXPECT_EQ(result.label, "red sedan ");
}

TEST(Classifier, WithoutLabelsThereIsNoText_132) {
  const auto result = classify({{0.1f, 0.7f}}, {});
  EXPECT_THAT(result.attributes, ElementsAre(Attribute{0, 1, 0.7f, ""}));
  EXPECT_EQ(result.label, "") << "so that nothing is attached";
  EXPECT_EQ(classify({{0.1f, 0.7f}}, {.labels = {{"only"}}}).label, "") << "a class beyond the labels";
}

TEST(Classifier, RefusesWhatHasNoClasses) {
  const std::vector<TensorSpec> integers{{"ids", {-1, 3}, DType::i64}};
  EXPECT_ERROR(Classifier(integers, {}), ErrorKind::mismatch,
               "output 'ids' is int64[N, 3], float32[N, classes] is needed for a classifier");
}

TEST(Classifier, ANamedParserNeedsItsLibrary) {
  const std::vector<TensorSpec> outputs{{"p", {-1, 3}, DType::f32}};
  EXPECT_ERROR(Classifier(outputs, {.parse_classifier_func_name = "Parse", .custom_lib_path = "/no/such/lib.so"}),
               ErrorKind::unreadable, "/no/such/lib.so: No such file or directory");
}

}  // namespace
}  // namespace es::postprocess
