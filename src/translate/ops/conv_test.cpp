// SPDX-License-Identifier: Apache-2.0
#include "testing/recorded_cases.h"
#include "translate/ops/print_test.h"

namespace es::testing {
namespace {
ES_RECORDED_CASES(conv);
}
}  // namespace es::testing

namespace es::translate {
namespace {

using ::testing::ElementsAre;

// x [1,h,w,c], weight, bias of `out` zeros -> y
template <typename Options>
ModelBuilder conv(schema::BuiltinOperator code, std::vector<int32_t> x, std::vector<int32_t> weight,
                  std::vector<int32_t> y, Options options) {
  ModelBuilder m;
  m.input("x", x);
  size_t elements = 1;
  for (const auto dim : weight) elements *= static_cast<size_t>(dim);
  m.floats("w", weight, zeros(elements));
  m.floats("b", {y.back()}, zeros(static_cast<size_t>(y.back())));
  m.tensor("y", std::move(y));
  m.op(code, {0, 1, 2}, {3}, options);
  m.output(3);
  return m;
}

schema::Conv2DOptionsT conv_options() {
  schema::Conv2DOptionsT options;
  options.stride_w = options.stride_h = 1;
  return options;
}

TEST(Conv, StandsBetweenTwoTransposesWithExplicitPads) {
  auto options = conv_options();
  options.stride_w = options.stride_h = 2;
  EXPECT_EQ(printed(conv(schema::BuiltinOperator_CONV_2D, {1, 6, 6, 3}, {4, 3, 3, 3}, {1, 3, 3, 4}, options)),
            "graph (x: f32[1,6,6,3]) -> y\n"
            "  Transpose = Transpose(x) perm=[0,3,1,2]\n"
            "  value_1 = const f32[4,3,3,3] #1fe237373495\n"
            "  Conv = Conv(Transpose, value_1, {0.0,0.0,0.0,0.0}) dilations=[1,1] group=1 kernel_shape=[3,3] "
            "pads=[0,0,1,1] strides=[2,2]\n"
            "  y = Transpose(Conv) perm=[0,2,3,1]\n");
}

TEST(Conv, ReadsStrideAndDilationAsWidthFirstAndWritesHeightFirst) {
  auto options = conv_options();
  options.stride_w = 3;
  options.stride_h = 2;
  options.dilation_w_factor = 1;
  options.dilation_h_factor = 2;
  const auto graph =
      translated(conv(schema::BuiltinOperator_CONV_2D, {1, 9, 9, 1}, {1, 2, 3, 1}, {1, 5, 3, 1}, options));
  const auto& node = node_of(graph, "Conv");
  EXPECT_THAT(node.get_ints("strides"), ElementsAre(2, 3));
  EXPECT_THAT(node.get_ints("dilations"), ElementsAre(2, 1));
  EXPECT_THAT(node.get_ints("kernel_shape"), ElementsAre(2, 3));
}

TEST(Conv, FindsGroupsByTheWeightsChannels) {
  const auto graph =
      translated(conv(schema::BuiltinOperator_CONV_2D, {1, 3, 3, 8}, {4, 1, 1, 2}, {1, 3, 3, 4}, conv_options()));
  EXPECT_EQ(node_of(graph, "Conv").get_int("group", 1), 4);
}

TEST(Conv, IgnoresAWrongDepthMultiplier) {
  schema::DepthwiseConv2DOptionsT options;
  options.stride_w = options.stride_h = 1;
  options.depth_multiplier = 7;
  const auto graph =
      translated(conv(schema::BuiltinOperator_DEPTHWISE_CONV_2D, {1, 4, 4, 2}, {1, 3, 3, 6}, {1, 4, 4, 6}, options));
  const auto& node = node_of(graph, "Conv");
  EXPECT_EQ(node.get_int("group", 1), 2);
  EXPECT_EQ(graph.value(node.input(1)).shape, ir::Shape({6, 1, 3, 3}));
}

TEST(Conv, LeavesOutABiasThatIsAbsent) {
  auto m = conv(schema::BuiltinOperator_CONV_2D, {1, 3, 3, 2}, {4, 1, 1, 2}, {1, 3, 3, 4}, conv_options());
  m.op_at(0).inputs = {0, 1, -1};
  EXPECT_EQ(node_of(translated(m), "Conv").inputs.size(), 2u);
}

TEST(Conv, SpreadsABiasOfOneNumberAndSaysSo) {
  auto m = conv(schema::BuiltinOperator_CONV_2D, {1, 3, 3, 2}, {4, 1, 1, 2}, {1, 3, 3, 4}, conv_options());
  m.op_at(0).inputs[2] = m.floats("one", {1}, {0.5f});
  Notes notes;
  const auto graph = translated(m, notes);
  EXPECT_THAT(graph.constant(node_of(graph, "Conv").input(2))->as_floats(), ElementsAre(0.5f, 0.5f, 0.5f, 0.5f));
  EXPECT_THAT(notes.warnings,
              ElementsAre("m.tflite: op 0 CONV_2D ('y'): its bias has one number for 4 output channels; "
                          "all of them take it"));
}

TEST(Conv, LeavesOutAFusedActivationThatTheRuntimeLeavesOut) {
  auto options = conv_options();
  options.fused_activation_function = schema::ActivationFunctionType_TANH;
  const auto m = conv(schema::BuiltinOperator_CONV_2D, {1, 3, 3, 2}, {4, 1, 1, 2}, {1, 3, 3, 4}, options);
  Notes notes;
  static_cast<void>(translated(m, notes));
  EXPECT_EQ(node_names(m), "Transpose Conv Transpose");
  EXPECT_THAT(notes.warnings, ElementsAre("m.tflite: op 0 CONV_2D ('y'): its fused activation TANH is left out, as the "
                                          "TFLite runtime leaves it out here"));
}

TEST(Conv, RefusesAWeightThatDoesNotFitTheImage) {
  expect_refused(conv(schema::BuiltinOperator_CONV_2D, {1, 3, 3, 3}, {4, 1, 1, 2}, {1, 3, 3, 4}, conv_options()),
                 ErrorKind::malformed, "op 0 CONV_2D ('y'): its weight takes 2 channels and makes 4, its image has 3");
}

TEST(Conv, RefusesAFileWithoutItsOptions) {
  auto m = conv(schema::BuiltinOperator_CONV_2D, {1, 3, 3, 2}, {4, 1, 1, 2}, {1, 3, 3, 4}, conv_options());
  m.op_at(0).builtin_options.Reset();
  expect_refused(m, ErrorKind::malformed,
                 "op 0 CONV_2D ('y'): its window is 1x1 with stride 0x0 and dilation 1x1, each must be 1 or more");
}

TEST(TransposeConv, ReadsItsSizeWithoutTheBatch) {
  ModelBuilder m;
  m.ints("size", {9, 4, 4, 2});
  m.floats("w", {2, 3, 3, 1}, zeros(18));
  m.input("x", {1, 2, 2, 1});
  m.tensor("y", {1, 4, 4, 2});
  schema::TransposeConvOptionsT options;
  options.stride_w = options.stride_h = 2;
  m.op(schema::BuiltinOperator_TRANSPOSE_CONV, {0, 1, 2}, {3}, options);
  m.output(3);
  const auto graph = translated(m);
  const auto& node = node_of(graph, "ConvTranspose");
  EXPECT_THAT(node.get_ints("pads"), ElementsAre(0, 0, 1, 1));
  EXPECT_THAT(node.get_ints("output_padding"), ElementsAre(0, 0));
  EXPECT_EQ(node.find("output_shape"), nullptr);
  EXPECT_EQ(graph.value(graph.outputs()[0]).shape, ir::Shape({1, 4, 4, 2}));
}

TEST(TransposeConv, RefusesASizeThatItsWindowsDoNotReach) {
  ModelBuilder m;
  m.ints("size", {1, 20, 4, 2});
  m.floats("w", {2, 3, 3, 1}, zeros(18));
  m.input("x", {1, 2, 2, 1});
  m.tensor("y", {1, 20, 4, 2});
  schema::TransposeConvOptionsT options;
  options.stride_w = options.stride_h = 2;
  m.op(schema::BuiltinOperator_TRANSPOSE_CONV, {0, 1, 2}, {3}, options);
  m.output(3);
  expect_refused(m, ErrorKind::malformed,
                 "op 0 TRANSPOSE_CONV ('y'): its output is 20 pixels long, its windows reach over 5");
}

}  // namespace
}  // namespace es::translate
