// SPDX-License-Identifier: Apache-2.0
//
// The whole converter against LiteRT: what was translated, rewritten by every pass, written and loaded again gives the
// recorded logits, row by row, whatever the batch.
#include <gmock/gmock.h>

#include "base/file.h"
#include "edge_impulse/import.h"
#include "onnx/onnx.h"
#include "passes/passes.h"
#include "testing/matchers.h"
#include "testing/recorded_cases.h"
#include "translate/translate.h"

namespace es::testing {
namespace {

ir::Graph translated(const tflite::Model& model) {
  translate::Notes notes;
  return translate::to_graph(model, {}, notes);
}

std::vector<std::string> operators(const ir::Graph& graph) {
  std::vector<std::string> names;
  for (const auto id : graph.nodes()) names.push_back(graph.node(id).op_type);
  return names;
}

// --- whole networks

class Networks : public ::testing::TestWithParam<RecordedCase> {};

TEST_P(Networks, KeepTheirLogitsAtEveryBatch) {
  const auto model = tflite::Model::parse(GetParam().model, GetParam().name);
  auto graph = translated(model);
  cut_softmax(graph);
  const auto report = passes::run(graph);
  EXPECT_TRUE(report.dynamic_batch) << report.batch_node << ": " << report.batch_reason;
  for (const int64_t batch : {1, 2, 3, 8}) {
    SCOPED_TRACE(text("batch ", batch));
    EXPECT_TRUE(matches_rows(graph, GetParam(), batch));
  }
}

TEST_P(Networks, LoseEveryTransposeAndPad) {
  const auto model = tflite::Model::parse(GetParam().model, GetParam().name);
  auto graph = translated(model);
  const auto report = passes::run(graph);
  EXPECT_THAT(report.transposes, ::testing::IsEmpty());
  for (const auto* gone : {"Transpose", "Pad", "Reshape"}) {
    EXPECT_THAT(operators(graph), ::testing::Not(::testing::Contains(gone)));
  }
}

INSTANTIATE_TEST_SUITE_P(models, Networks, ::testing::ValuesIn(read_cases("models")), test_name);

TEST(Candy, NetworksOfTheBundledExportsKeepTheirLogitsAtEveryBatch) {
  for (const auto& recorded : read_cases("candy")) {
    SCOPED_TRACE(recorded.name);
    const auto models = edge_impulse::extract(std::string(ES_SOURCE_DIR "/examples/candy/") + recorded.name);
    ASSERT_EQ(models.size(), 1u);
    const auto model = tflite::Model::parse(models.front().bytes, recorded.name);
    auto graph = translated(model);
    cut_softmax(graph);
    const auto report = passes::run(graph);
    EXPECT_TRUE(report.dynamic_batch) << report.batch_node << ": " << report.batch_reason;
    EXPECT_THAT(report.transposes, ::testing::IsEmpty());
    for (const int64_t batch : {1, 2, 3, 8}) {
      SCOPED_TRACE(text("batch ", batch));
      EXPECT_TRUE(matches_rows(graph, recorded, batch));
    }
  }
}

TEST(Exports, KeepTheirLogitsAtEveryBatch) {
  const auto folder = exports_folder();
  if (folder.empty()) GTEST_SKIP() << "EDGESTREAM_EXPORTS is unset";
  for (const auto& recorded : read_cases("exports")) {
    SCOPED_TRACE(recorded.name);
    const auto bytes = read_file(folder / recorded.name);
    const auto model = tflite::Model::parse(bytes, recorded.name);
    auto graph = translated(model);
    cut_softmax(graph);
    const auto report = passes::run(graph);
    EXPECT_TRUE(report.dynamic_batch) << report.batch_node << ": " << report.batch_reason;
    for (const int64_t batch : {1, 2, 3, 8}) {
      SCOPED_TRACE(text("batch ", batch));
      EXPECT_TRUE(matches_rows(graph, recorded, batch));
    }
  }
}

// --- single operators, in the file's layout and batch, at every form that operators have had

class Operators : public ::testing::TestWithParam<std::string> {};

TEST_P(Operators, KeepTheirAnswersAtEveryOpset) {
  for (const auto& recorded : read_cases(GetParam())) {
    SCOPED_TRACE(recorded.name);
    const auto model = tflite::Model::parse(recorded.model, recorded.name);
    for (const int64_t opset : {11, 13, 17, 21}) {
      SCOPED_TRACE(text("opset ", opset));
      try {
        auto graph = translated(model);
        passes::run(graph, {.batch = passes::BatchPolicy::as_in_file,
                            .input_layout = passes::InputLayout::as_in_file,
                            .output_layout = passes::OutputLayout::channels_last,
                            .opset = opset});
        EXPECT_TRUE(matches_record(graph, recorded));
      } catch (const Error& error) {
        // An old opset may lack an operator; then it is refused by name.
        if (opset > 11 || error.kind() != ErrorKind::unsupported) ADD_FAILURE() << error.what();
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(families, Operators,
                         ::testing::Values("batch_space", "conv", "dense", "detection", "elementwise", "fill", "index",
                                           "join", "normalize", "pad", "pool", "quantize", "reduce", "resize", "shape",
                                           "slice"),
                         [](const auto& family) { return family.param; });

}  // namespace
}  // namespace es::testing
