// SPDX-License-Identifier: Apache-2.0
//
// A proof that never fails proves nothing: fifteen networks with one mistake each are refused, and the operator that is
// wrong is named (make.py writes them). So is what tf2onnx 1.16.1 makes of the same source: it loses the bias of a
// dense layer on a feature map.
#include <gmock/gmock.h>

#include "base/file.h"
#include "testing/matchers.h"
#include "verify/verify.h"

namespace es::verify {
namespace {

using ::testing::HasSubstr;

const std::string folder = ES_SOURCE_DIR "/tests/mutants/";

Report verified(const std::string& name) {
  const auto source = read_file(folder + "source.tflite"), network = read_file(folder + name + ".onnx");
  const auto reference = tflite_source(source, "source.tflite");
  Options options;
  options.layers = true;
  return verify(*reference, network, name + ".onnx", options);
}

TEST(Mutants, TheSoundNetworkPasses) {
  const auto report = verified("source");
  EXPECT_TRUE(report.passed) << report.verdict;
  EXPECT_EQ(report.batches.size(), 4u);
  EXPECT_GT(report.layers.size(), 10u);
  for (const auto& layer : report.layers) EXPECT_TRUE(layer.passed) << layer.name;
}

struct Mutant {
  const char* name;
  const char* found_at;  // the operator; empty where the outputs say enough
};

void PrintTo(const Mutant& mutant, std::ostream* out) { *out << mutant.name; }

class Mutants : public ::testing::TestWithParam<Mutant> {};

TEST_P(Mutants, AreRefusedAndTheWrongOperatorIsNamed) {
  const auto report = verified(GetParam().name);
  EXPECT_FALSE(report.passed);
  EXPECT_NE(report.verdict, "");
  if (*GetParam().found_at == 0) return;
  ASSERT_TRUE(report.first_parted.has_value());
  EXPECT_THAT(report.first_parted->name, HasSubstr(GetParam().found_at));
  EXPECT_THAT(report.verdict, HasSubstr(GetParam().found_at));
}

INSTANTIATE_TEST_SUITE_P(All, Mutants,
                         ::testing::Values(Mutant{"bias_dropped", "op 3 CONV_2D"},                   //
                                           Mutant{"pad_on_the_wrong_side", "op 0 CONV_2D"},          //
                                           Mutant{"channels_swapped", "op 0 CONV_2D"},               //
                                           Mutant{"depthwise_turned", "op 1 DEPTHWISE_CONV_2D"},     //
                                           Mutant{"relu6_as_relu", "op 1 DEPTHWISE_CONV_2D"},        //
                                           Mutant{"pad_forgotten", "op 3 CONV_2D"},                  //
                                           Mutant{"residual_from_elsewhere", "op 5 ADD"},            //
                                           Mutant{"joined_in_another_order", "op 7 CONCATENATION"},  //
                                           Mutant{"half_pixels", "op 8 RESIZE_BILINEAR"},            //
                                           Mutant{"padding_counted", "op 9 AVERAGE_POOL_2D"},        //
                                           Mutant{"dense_bias_lost", "op 10 FULLY_CONNECTED"},       //
                                           Mutant{"flatten_not_permuted", "op 12 FULLY_CONNECTED"},  //
                                           Mutant{"factor_behind_the_softmax", ""},                  //
                                           Mutant{"scaled_twice", "op 6 CONV_2D"},                   //
                                           Mutant{"tf2onnx", "op 10 FULLY_CONNECTED"}),
                         [](const auto& mutant) { return std::string(mutant.param.name); });

// It contradicts itself as soon as the batch is not 1, which the reader sees.
TEST(Mutants, ABakedBatchIsNamedByTheReader) {
  EXPECT_ERROR_THAT(verified("batch_baked"), ErrorKind::malformed, HasSubstr("op_11_RESHAPE"));
}

// --- what a report says

TEST(VerifyReport, IsOnePageWithAPictureForEachOutputAndTheSameAsJson) {
  auto report = verified("bias_dropped");
  report.source = "<script>alert(1)</script>.tflite";
  const auto page = html_page(report);
  EXPECT_THAT(page, HasSubstr("<svg"));
  EXPECT_THAT(page, HasSubstr("differs from"));
  EXPECT_THAT(page, ::testing::Not(HasSubstr("<script")));
  EXPECT_THAT(page, HasSubstr("op 3 CONV_2D"));
  const auto json = json_text(report);
  EXPECT_THAT(json, HasSubstr("\"passed\": false"));
  EXPECT_THAT(json, HasSubstr("\"first_operator_that_differs\": \"op 3 CONV_2D"));
}

TEST(VerifyInputs, AreTheSameAgainAndDifferFromEachOther) {
  const auto once = structured_inputs({1, 8, 8, 3}, {0, 1}, 10), again = structured_inputs({1, 8, 8, 3}, {0, 1}, 10);
  ASSERT_EQ(once.size(), 10u);
  for (size_t i = 0; i < once.size(); ++i) {
    EXPECT_EQ(once[i].values.values, again[i].values.values);
    for (size_t k = 0; k < i; ++k) EXPECT_NE(once[i].values.values, once[k].values.values) << i << " and " << k;
    for (const double value : once[i].values.values) EXPECT_TRUE(value >= 0 && value <= 1);
  }
}

TEST(Verify, NetworksOfOtherShapesAreToldApartBeforeAnythingRuns) {
  const auto source = read_file(folder + "source.tflite");
  const auto cases = read_file(ES_SOURCE_DIR "/src/verify/testdata/other_shape.onnx");
  const auto reference = tflite_source(source, "source.tflite");
  EXPECT_ERROR_THAT(verify(*reference, cases, "other.onnx", {}), ErrorKind::mismatch, HasSubstr("the source's is"));
}

}  // namespace
}  // namespace es::verify
