// SPDX-License-Identifier: Apache-2.0
//
// Whole networks, operator by operator and without any pass: the logits of each recorded row.
#include <gmock/gmock.h>

#include "base/file.h"
#include "ir/verify.h"
#include "testing/matchers.h"
#include "testing/recorded_cases.h"
#include "translate/translate.h"

namespace es::testing {
namespace {

ir::Graph logits_of(const tflite::Model& model) {
  translate::Notes notes;
  auto graph = translate::to_graph(model, {}, notes);
  EXPECT_THAT(notes.warnings, ::testing::IsEmpty());
  cut_softmax(graph);
  ir::verify(graph, "translate");
  return graph;
}

class RecordedModels : public ::testing::TestWithParam<RecordedCase> {};

TEST_P(RecordedModels, GiveLiteRTsLogits) {
  const auto model = tflite::Model::parse(GetParam().model, GetParam().name);
  EXPECT_TRUE(matches_rows(logits_of(model), GetParam(), 1));
}

INSTANTIATE_TEST_SUITE_P(models, RecordedModels, ::testing::ValuesIn(read_cases("models")), test_name);

TEST(RecordedExports, GiveLiteRTsLogits) {
  const auto folder = exports_folder();
  if (folder.empty()) GTEST_SKIP() << "EDGESTREAM_EXPORTS is unset";
  for (const auto& recorded : read_cases("exports")) {
    SCOPED_TRACE(recorded.name);
    const auto bytes = read_file(folder / recorded.name);
    const auto model = tflite::Model::parse(bytes, recorded.name);
    EXPECT_TRUE(matches_rows(logits_of(model), recorded, 1));
  }
}

TEST(RecordedExports, CompiledByVelaAreNamed) {
  const auto folder = exports_folder();
  if (folder.empty()) GTEST_SKIP() << "EDGESTREAM_EXPORTS is unset";
  const auto bytes = read_file(
      folder /
      "vela-fomo-ethosu/2026-05-08_ei-mark1-object-detection-tensorflow-lite-int8-quantized-model_vela.tflite");
  const auto model = tflite::Model::parse(bytes, "export");
  translate::Notes notes;
  EXPECT_ERROR(
      translate::to_graph(model, {}, notes), ErrorKind::unsupported,
      "export: not every operator can be converted: op 0 CUSTOM 'ethos-u' ('StatefulPartitionedCall:0') holds "
      "the model as compiled by Vela for an Arm Ethos-U processor, which nothing can turn back; use the float32 "
      "download of the model before Vela");
}

}  // namespace
}  // namespace es::testing
