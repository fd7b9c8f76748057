// SPDX-License-Identifier: Apache-2.0
//
// Graph edges, names, what is refused and in which words. What operators become is tested beside them, in ops/.
#include "translate/translate.h"

#include <gmock/gmock.h>

#include "testing/matchers.h"
#include "tflite/model_builder.h"

namespace es::translate {
namespace {

using ::testing::ElementsAre;
using tflite::testing::ModelBuilder;
namespace s = tflite::schema;

struct Result {
  ir::Graph graph;
  Notes notes;
};

Result translate(const ModelBuilder& m, const Options& options = {}) {
  const auto bytes = m.build();
  const auto model = tflite::Model::parse(bytes, "m.tflite");
  Result result;
  result.graph = to_graph(model, options, result.notes);
  return result;
}

void expect_unsupported(const ModelBuilder& m, const std::string& message) {
  EXPECT_ERROR(translate(m), ErrorKind::unsupported, "m.tflite: " + message);
}

ModelBuilder relu() {
  ModelBuilder m;
  m.input("serving_default_x:0", {1, 4});
  m.tensor("out;fused:0", {1, 4});
  m.op(s::BuiltinOperator_RELU, {0}, {1});
  m.output(1);
  return m;
}

void sign(ModelBuilder& m, std::string input, std::string output) {
  auto signature = std::make_unique<s::SignatureDefT>();
  signature->signature_key = "serving_default";
  for (auto* list : {&signature->inputs, &signature->outputs}) list->push_back(std::make_unique<s::TensorMapT>());
  signature->inputs[0]->name = std::move(input);
  signature->outputs[0]->name = std::move(output);
  signature->outputs[0]->tensor_index = 1;
  m.model.signature_defs.push_back(std::move(signature));
}

// --- names

TEST(Translate, CallsEdgesByTheSignature) {
  auto m = relu();
  sign(m, "image", "score");
  const auto [graph, notes] = translate(m);
  EXPECT_EQ(graph.value(graph.inputs()[0]).name, "image");
  EXPECT_EQ(graph.value(graph.outputs()[0]).name, "score");
  EXPECT_EQ(notes.inputs[0].tensor_name, "serving_default_x:0");
  EXPECT_EQ(notes.inputs[0].signature_name, "image");
  EXPECT_EQ(notes.inputs[0].graph_name, "image");
  EXPECT_EQ(notes.outputs[0].graph_name, "score");
}

TEST(Translate, CallsEdgesByTheTensorWhereThereIsNoSignature) {
  const auto [graph, notes] = translate(relu());
  EXPECT_EQ(graph.value(graph.inputs()[0]).name, "serving_default_x:0");
  EXPECT_EQ(graph.value(graph.outputs()[0]).name, "out;fused:0");
}

TEST(Translate, CallsEdgesByTheTensorWhenAsked) {
  auto m = relu();
  sign(m, "image", "score");
  const auto [graph, notes] = translate(m, {.names = Names::tensor});
  EXPECT_EQ(graph.value(graph.inputs()[0]).name, "serving_default_x:0");
  EXPECT_EQ(graph.value(graph.outputs()[0]).name, "out;fused:0");
}

TEST(Translate, GivesTwoTensorsOfOneNameTwoNames) {
  auto m = relu();
  m.tensor_at(0).name = m.tensor_at(1).name = "t";
  const auto [graph, notes] = translate(m);
  EXPECT_EQ(graph.value(graph.inputs()[0]).name, "t");
  EXPECT_EQ(graph.value(graph.outputs()[0]).name, "t_1");
}

TEST(Translate, NamesNoValueByBytesThatAreNoText) {
  auto m = relu();
  m.tensor_at(0).name = "\xff\xfe";
  const auto [graph, notes] = translate(m);
  EXPECT_EQ(graph.value(graph.inputs()[0]).name, "__");
}

// --- edges

TEST(Translate, CopiesAnInputThatIsAnOutputToo) {
  auto m = relu();
  m.output(0);
  const auto [graph, notes] = translate(m);
  ASSERT_EQ(graph.outputs().size(), 2u);
  EXPECT_EQ(graph.producer_node(graph.outputs()[1])->op_type, "Identity");
}

TEST(Translate, KeepsTheFilesBatch) {
  auto m = relu();
  m.tensor_at(0).shape = m.tensor_at(1).shape = {3, 4};
  const auto [graph, notes] = translate(m);
  EXPECT_EQ(graph.value(graph.inputs()[0]).shape, ir::Shape({3, 4}));
}

TEST(Translate, SaysWhichOperatorANodeComesFrom) {
  const auto [graph, notes] = translate(relu());
  EXPECT_EQ(graph.producer_node(graph.outputs()[0])->origin, "op 0 RELU ('out;fused:0')");
}

TEST(Translate, LeavesNoConstantThatNothingUses) {
  auto m = relu();
  m.floats("unused", {2}, {1, 2});
  const int pad = m.floats("padding_source", {2, 2}, {1, 2, 3, 4});
  m.tensor("y", {1, 2});
  s::FullyConnectedOptionsT options;
  const int x = m.input("x2", {1, 2});
  const int y = m.tensor("y2", {1, 2});
  m.op(s::BuiltinOperator_FULLY_CONNECTED, {x, pad, -1}, {y}, options);
  m.output(y);
  const auto [graph, notes] = translate(m);
  for (const auto value : graph.all_values()) {
    EXPECT_TRUE(graph.use_count(value) > 0 || graph.is_input(value)) << graph.value(value).name;
  }
}

TEST(Translate, ChecksShapesAgainstTheFileAndGoesOnWithItsOwn) {
  auto m = relu();
  m.tensor_at(1).shape = {1, 5};
  const auto [graph, notes] = translate(m);
  EXPECT_EQ(graph.value(graph.outputs()[0]).shape, ir::Shape({1, 4}));
  EXPECT_THAT(notes.warnings,
              ElementsAre("m.tflite: op 0 RELU ('out;fused:0'): its output 0 is [1, 5] in the file, its "
                          "inputs make it [1, 4]; the latter holds"));
}

// --- refusals

TEST(Translate, NamesEveryOperatorWithoutATranslationAtOnce) {
  auto m = relu();
  for (int i = 2; i <= 4; ++i) m.tensor("t" + std::to_string(i), {1, 4});
  m.op(s::BuiltinOperator_LSTM, {1}, {2});
  m.op(s::BuiltinOperator_LSTM, {2}, {3});
  m.op(s::BuiltinOperator_UNIQUE, {3}, {4});
  expect_unsupported(
      m,
      "not every operator can be converted: op 1 LSTM ('t2') and 1 more keeps a state between runs or steps through a "
      "sequence, which is not converted; op 3 UNIQUE ('t4') makes as many elements as there are different values, "
      "which "
      "no shape can say beforehand");
}

TEST(Translate, RefusesWhatVelaCompiled) {
  auto m = relu();
  m.tensor("z", {1, 4});
  m.tensor_at(2).type = s::TensorType_INT8;
  m.tensor_at(2).quantization = std::make_unique<s::QuantizationParametersT>();
  m.tensor_at(2).quantization->scale = {0.1f};
  m.custom_op("ethos-u", {1}, {2});
  expect_unsupported(m,
                     "not every operator can be converted: op 1 CUSTOM 'ethos-u' ('z') holds the model as compiled by "
                     "Vela for an Arm Ethos-U processor, which nothing can turn back; use the float32 download of the "
                     "model before Vela");
}

TEST(Translate, NamesTheTensorFlowOperatorInsideAFlexOne) {
  auto m = relu();
  m.tensor("z", {1, 4});
  m.custom_op("FlexErf", {1}, {2});
  expect_unsupported(
      m,
      "not every operator can be converted: op 1 CUSTOM 'FlexErf' ('z') is the TensorFlow operator 'Erf' "
      "inside a TFLite file; convert the model with TFLite's built-in operators only");
}

TEST(Translate, NamesACustomOperatorThatNobodyKnows) {
  auto m = relu();
  m.tensor("z", {1, 4});
  m.custom_op("MyOp", {1}, {2});
  expect_unsupported(
      m,
      "not every operator can be converted: op 1 CUSTOM 'MyOp' ('z') is a custom operator, whose meaning "
      "the file does not say");
}

TEST(Translate, RefusesAVersionThatIsNotKnown) {
  auto m = relu();
  m.model.operator_codes[0]->version = 9;
  expect_unsupported(
      m, "not every operator can be converted: op 0 RELU ('out;fused:0') has version 9, 3 is the newest that is known");
}

TEST(Translate, RefusesStateAndText) {
  auto m = relu();
  m.op_at(0).inputs = {m.tensor("state", {1, 4})};
  m.tensor_at(2).is_variable = true;
  expect_unsupported(m,
                     "op 0 RELU ('out;fused:0'): tensor 2 ('state'): it is a state kept between runs, which cannot be "
                     "converted");
  auto text = relu();
  text.tensor_at(0).type = s::TensorType_STRING;
  expect_unsupported(text,
                     "graph input tensor 0 ('serving_default_x:0'): its elements are STRING, which ONNX graphs here "
                     "do not have");
}

TEST(Translate, RefusesAConstantForAnAnswer) {
  auto m = relu();
  m.output(m.floats("c", {1}, {1}));
  expect_unsupported(m, "graph output tensor 2 ('c') is a constant; there is nothing to compute");
}

TEST(Translate, RefusesOptionsOfAnotherOperator) {
  auto m = relu();
  m.tensor("z", {1, 4});
  m.op(s::BuiltinOperator_SOFTMAX, {1}, {2}, s::Conv2DOptionsT());
  EXPECT_ERROR(translate(m), ErrorKind::malformed, "m.tflite: op 1 SOFTMAX ('z'): its options are another operator's");
}

TEST(Translate, RefusesAnInputThatIsNotThere) {
  auto m = relu();
  m.op_at(0).inputs = {-1};
  EXPECT_ERROR(translate(m), ErrorKind::malformed, "m.tflite: op 0 RELU ('out;fused:0'): it has no input 0");
}

TEST(Translate, RefusesMoreOutputsThanAnOperatorHas) {
  auto m = relu();
  m.op_at(0).outputs.push_back(m.tensor("z", {1, 4}));
  EXPECT_ERROR(translate(m), ErrorKind::malformed,
               "m.tflite: op 0 RELU ('out;fused:0'): its output 1 is one more than it can have");
}

TEST(Translate, RefusesATypeThatTheInputsDoNotMake) {
  auto m = relu();
  m.tensor_at(1).type = s::TensorType_INT32;
  EXPECT_ERROR(translate(m), ErrorKind::malformed,
               "m.tflite: op 0 RELU ('out;fused:0'): its output 0 is INT32 in the file, its inputs make it f32");
}

TEST(Translate, RefusesShapesThatDoNotFitTogether) {
  auto m = relu();
  const int other = m.floats("b", {3}, {1, 2, 3});
  m.tensor("z", {1, 4});
  m.op(s::BuiltinOperator_ADD, {1, other}, {3}, s::AddOptionsT());
  EXPECT_ERROR_THAT(translate(m), ErrorKind::malformed, ::testing::StartsWith("m.tflite: op 1 ADD ('z'): Add: "));
}

TEST(Translate, TakesANewerOperatorOnlyWhereTheOpsetHasIt) {
  auto m = relu();
  m.model.operator_codes[0]->builtin_code = s::BuiltinOperator_HARD_SWISH;
  const auto older = translate(m), newer = translate(m, {.opset = 17});
  EXPECT_EQ(older.graph.producer_node(older.graph.outputs()[0])->op_type, "Mul");
  EXPECT_EQ(older.graph.opset, 13);
  EXPECT_EQ(newer.graph.producer_node(newer.graph.outputs()[0])->op_type, "HardSwish");
  EXPECT_EQ(newer.graph.opset, 14);
}

}  // namespace
}  // namespace es::translate
