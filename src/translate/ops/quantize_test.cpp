// SPDX-License-Identifier: Apache-2.0
#include "testing/recorded_cases.h"
#include "translate/ops/print_test.h"

namespace es::testing {
namespace {
ES_RECORDED_CASES(quantize);
}
}  // namespace es::testing

namespace es::translate {
namespace {

struct Scaled {
  schema::TensorType type = schema::TensorType_INT8;
  std::vector<float> scale{0.5f};
  std::vector<int64_t> zero_point{0};
  int axis = 0;
};

void quantize(ModelBuilder& m, int tensor, const Scaled& how) {
  m.tensor_at(tensor).type = how.type;
  auto& parameters = m.tensor_at(tensor).quantization;
  parameters = std::make_unique<schema::QuantizationParametersT>();
  parameters->scale = how.scale;
  parameters->zero_point = how.zero_point;
  parameters->quantized_dimension = how.axis;
}

// x [1, 2] times w [2, 2] plus b, all of them integers.
ModelBuilder dense(const Scaled& y, schema::ActivationFunctionType activation = schema::ActivationFunctionType_NONE) {
  ModelBuilder m;
  m.input("x", {1, 2});
  m.constant<int8_t>("w", {2, 2}, {1, 2, 3, -4}, schema::TensorType_INT8);
  m.constant<int32_t>("b", {2}, {10, 20}, schema::TensorType_INT32);
  m.tensor("y", {1, 2});
  quantize(m, 0, {.scale = {0.5f}, .zero_point = {-128}});
  quantize(m, 1, {.scale = {0.25f, 2.0f}, .zero_point = {0, 0}});
  // The file's own scale of the bias is wrong on purpose: kernels do not read it.
  quantize(m, 2, {.type = schema::TensorType_INT32, .scale = {7.0f}});
  quantize(m, 3, y);
  schema::FullyConnectedOptionsT options;
  options.fused_activation_function = activation;
  m.op(schema::BuiltinOperator_FULLY_CONNECTED, {0, 1, 2}, {3}, options);
  m.output(3);
  return m;
}

TEST(Quantised, TensorsBecomeTheNumbersTheyStandForAndBiasesTakeTheScaleOfImageTimesWeight) {
  EXPECT_EQ(printed(dense({})),
            "graph (x: f32[1,2]) -> y\n"
            "  t1 = const f32[2,2] {0.25,0.5,6.0,-8.0}\n"
            "  y = Gemm(x, t1, {1.25,20.0}) transB=1\n");
}

TEST(Quantised, RangeThatBeginsAtZeroIsAnActivation) {
  EXPECT_EQ(node_names(dense({.scale = {0.5f}, .zero_point = {-128}})), "Gemm Relu");
  EXPECT_EQ(node_names(dense({.type = schema::TensorType_UINT8, .scale = {0.5f}, .zero_point = {0}})), "Gemm Relu");
  // 255 steps of 6/255.
  EXPECT_EQ(node_names(dense({.scale = {0.02352941f}, .zero_point = {-128}})), "Gemm Clip");
  EXPECT_EQ(node_names(dense({.scale = {0.5f}, .zero_point = {-127}})), "Gemm");
}

TEST(Quantised, ActivationThatTheFileStatesIsNotRepeated) {
  const Scaled from_zero{.scale = {0.5f}, .zero_point = {-128}};
  EXPECT_EQ(node_names(dense(from_zero, schema::ActivationFunctionType_RELU)), "Gemm Relu");
  EXPECT_EQ(node_names(dense(from_zero, schema::ActivationFunctionType_RELU6)), "Gemm Clip");
}

TEST(Quantised, MovingElementsAddsNoActivation) {
  ModelBuilder m;
  m.input("x", {1, 4});
  m.ints("shape", {2, 2});
  m.tensor("y", {2, 2});
  const Scaled from_zero{.scale = {0.5f}, .zero_point = {-128}};
  quantize(m, 0, from_zero);
  quantize(m, 2, from_zero);
  m.op(schema::BuiltinOperator_RESHAPE, {0, 1}, {2});
  m.output(2);
  EXPECT_EQ(node_names(m), "Reshape");
}

TEST(Quantised, StepsToAndFromIntegersAreNothing) {
  ModelBuilder m;
  m.input("x", {1, 4});
  for (int i = 1; i <= 3; ++i) m.tensor("t" + std::to_string(i), {1, 4});
  quantize(m, 1, {.scale = {0.1f}});
  quantize(m, 2, {.scale = {0.01f}, .zero_point = {5}});
  m.op(schema::BuiltinOperator_QUANTIZE, {0}, {1});
  m.op(schema::BuiltinOperator_QUANTIZE, {1}, {2});
  m.op(schema::BuiltinOperator_DEQUANTIZE, {2}, {3});
  m.output(3);
  EXPECT_EQ(node_names(m), "Identity");
}

TEST(Quantised, ScalesOnFloatTensorsMeanNothing) {
  ModelBuilder m;
  m.input("x", {2});
  m.floats("c", {2}, {1, 2});
  m.tensor("y", {2});
  quantize(m, 1, {.type = schema::TensorType_FLOAT32, .scale = {3.0f}});
  m.op(schema::BuiltinOperator_ADD, {0, 1}, {2});
  m.output(2);
  EXPECT_EQ(printed(m), "graph (x: f32[2]) -> y\n  y = Add(x, {1.0,2.0})\n");
}

TEST(Quantised, BiasOfAnotherLengthThanTheScalesIsRefused) {
  auto m = dense({});
  quantize(m, 1, {.scale = {0.25f, 2.0f, 1.0f}, .zero_point = {0, 0, 0}});
  m.tensor_at(1).shape = {2, 2};
  EXPECT_THROW(translated(m), Error);
}

TEST(FakeQuant, MovesItsRangeSoThatZeroIsAStep) {
  ModelBuilder m;
  m.input("x", {2});
  m.tensor("y", {2});
  schema::FakeQuantOptionsT options;
  options.min = -1.0f;
  options.max = 2.0f;
  options.num_bits = 2;  // steps of 1
  m.op(schema::BuiltinOperator_FAKE_QUANT, {0}, {1}, options);
  m.output(1);
  EXPECT_EQ(printed(m),
            "graph (x: f32[2]) -> y\n"
            "  Clip = Clip(x, -1.0, 2.0)\n"
            "  Sub = Sub(Clip, -1.0)\n"
            "  Mul = Mul(Sub, 1.0)\n"
            "  Add = Add(Mul, 0.5)\n"
            "  Floor = Floor(Add)\n"
            "  Mul_1 = Mul(Floor, 1.0)\n"
            "  y = Add(Mul_1, -1.0)\n");
}

}  // namespace
}  // namespace es::translate
