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

// --- exports on integers, as Q/DQ pairs

// How far two lists of integers are from each other.
struct Distance {
  double within_one = 0;  // share
  double most = 0;
};

Distance distance(const std::vector<double>& a, const std::vector<double>& b) {
  Distance result;
  for (size_t i = 0; i < a.size(); ++i) {
    result.most = std::max(result.most, std::abs(a[i] - b[i]));
    result.within_one += std::abs(a[i] - b[i]) <= 1 ? 1 : 0;
  }
  result.within_one /= static_cast<double>(a.size());
  return result;
}

// The logits of each row in steps of their tensor, in the file's layout.
std::vector<double> steps_of(const tflite::Model& model, const RecordedCase& recorded) {
  translate::Notes notes;
  auto graph = translate::to_graph(model, {.quantization = translate::Quantization::qdq}, notes);
  passes::run(graph, {.skip = {"fold_affine"}});
  const auto quantized = translate::quantize(graph, model);
  EXPECT_GT(quantized.weights, 0);
  EXPECT_THAT(quantized.floats, ::testing::IsEmpty());
  // Behind a Softmax stands a pair, in front of it the pair that makes the logits.
  const auto* last = graph.producer_node(graph.outputs()[0]);
  for (int i = 0; i < 2 && last->op_type != "Softmax"; ++i) last = graph.producer_node(last->inputs[0]);
  const bool has_softmax = last->op_type == "Softmax" && recorded.outputs[0].value.dtype != ir::DType::f32;
  if (has_softmax) graph.set_output(0, last->inputs[0]);
  const auto& tensor = [&]() -> const tflite::Tensor& {
    const auto& output = model.tensors()[static_cast<size_t>(model.outputs()[0])];
    const auto& maker = model.operators()[static_cast<size_t>(output.producer)];
    const bool is_behind = has_softmax || maker.name == "DEQUANTIZE";
    return is_behind ? model.tensors()[static_cast<size_t>(maker.inputs[0])] : output;
  }();
  const bool as_floats = recorded.outputs[0].value.dtype == ir::DType::f32;
  std::vector<double> steps;
  for (const double value : run_rows(graph, recorded)) {
    steps.push_back(value / static_cast<double>(tensor.quantization.scale[0]) +
                    (as_floats ? 0 : static_cast<double>(tensor.quantization.zero_point_at(0))));
  }
  return steps;
}

TEST(IntegerExports, AsPairsAreAsNearToLiteRTAsItsKernelSetsAreToEachOther) {
  const auto folder = exports_folder();
  if (folder.empty()) GTEST_SKIP() << "EDGESTREAM_EXPORTS is unset";
  for (const auto& recorded : read_cases("integer_exports")) {
    SCOPED_TRACE(recorded.name);
    const auto bytes = read_file(folder / recorded.name);
    const auto model = tflite::Model::parse(bytes, recorded.name);
    auto reference = recorded.outputs[0].value.as_doubles(), standard = recorded.outputs[1].value.as_doubles();
    const auto ours = steps_of(model, recorded);
    if (recorded.outputs[0].value.dtype == ir::DType::f32) {
      const auto& output = model.tensors()[static_cast<size_t>(model.outputs()[0])];
      const auto& maker = model.operators()[static_cast<size_t>(output.producer)];
      const double scale =
          static_cast<double>(model.tensors()[static_cast<size_t>(maker.inputs[0])].quantization.scale[0]);
      for (auto* list : {&reference, &standard}) {
        for (double& value : *list) value /= scale;
      }
    }
    ASSERT_EQ(ours.size(), reference.size());
    const auto theirs = distance(reference, standard);
    const auto to_reference = distance(ours, reference), to_standard = distance(ours, standard);
    const auto& nearer = to_reference.within_one >= to_standard.within_one ? to_reference : to_standard;
    EXPECT_GE(nearer.within_one, theirs.within_one - 0.02);
    EXPECT_LE(nearer.most, theirs.most + 2);
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
                         ::testing::Values("assemble", "batch_space", "conv", "dense", "detection", "elementwise",
                                           "fill", "index", "join", "normalize", "pad", "pool", "quantize", "reduce",
                                           "resize", "shape", "slice"),
                         [](const auto& family) { return family.param; });

}  // namespace
}  // namespace es::testing
