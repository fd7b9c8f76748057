// SPDX-License-Identifier: Apache-2.0
#include "testing/recorded_cases.h"
#include "translate/ops/print_test.h"

namespace es::testing {
namespace {
ES_RECORDED_CASES(dense);
}
}  // namespace es::testing

namespace es::translate {
namespace {

ModelBuilder dense(std::vector<int32_t> x, std::vector<int32_t> y, bool keep_num_dims) {
  ModelBuilder m;
  m.input("x", std::move(x));
  m.floats("w", {2, 3}, {1, 2, 3, 4, 5, 6});
  m.floats("b", {2}, {7, 8});
  m.tensor("y", std::move(y));
  schema::FullyConnectedOptionsT options;
  options.keep_num_dims = keep_num_dims;
  m.op(schema::BuiltinOperator_FULLY_CONNECTED, {0, 1, 2}, {3}, options);
  m.output(3);
  return m;
}

TEST(Dense, TakesTheWeightOfAMatrixAsItIs) {
  EXPECT_EQ(printed(dense({4, 3}, {4, 2}, false)),
            "graph (x: f32[4,3]) -> y\n"
            "  t1 = const f32[2,3] {1.0,2.0,3.0,4.0,5.0,6.0}\n"
            "  y = Gemm(x, t1, {7.0,8.0}) transB=1\n");
}

TEST(Dense, KeepsTheBiasOfRowsOfHigherRank) {
  EXPECT_EQ(printed(dense({1, 2, 2, 3}, {4, 2}, false)),
            "graph (x: f32[1,2,2,3]) -> y\n"
            "  Reshape = Reshape(x, [-1,3])\n"
            "  t1 = const f32[2,3] {1.0,2.0,3.0,4.0,5.0,6.0}\n"
            "  y = Gemm(Reshape, t1, {7.0,8.0}) transB=1\n");
}

TEST(Dense, KeepsTheLeadingAxesWhenAsked) {
  EXPECT_EQ(printed(dense({1, 2, 2, 3}, {1, 2, 2, 2}, true)),
            "graph (x: f32[1,2,2,3]) -> y\n"
            "  value_1 = const f32[3,2] {1.0,4.0,2.0,5.0,3.0,6.0}\n"
            "  MatMul = MatMul(x, value_1)\n"
            "  y = Add(MatMul, {7.0,8.0})\n");
}

TEST(Dense, GivesAProductWithoutBiasOneOfZeros) {
  auto m = dense({4, 3}, {4, 2}, false);
  m.op_at(0).inputs = {0, 1};
  const auto graph = translated(m);
  EXPECT_THAT(graph.constant(node_of(graph, "Gemm").input(2))->as_floats(), ::testing::ElementsAre(0.0f, 0.0f));
}

TEST(Dense, RefusesShuffledWeights) {
  auto m = dense({4, 3}, {4, 2}, false);
  m.op_at(0).builtin_options.AsFullyConnectedOptions()->weights_format =
      schema::FullyConnectedOptionsWeightsFormat_SHUFFLED4x16INT8;
  expect_refused(
      m, ErrorKind::unsupported,
      "op 0 FULLY_CONNECTED ('y'): its weights are shuffled for one processor (SHUFFLED4x16INT8); export the "
      "model for the plain runtime");
}

TEST(Dense, RefusesABiasOfAnotherLength) {
  auto m = dense({4, 3}, {4, 2}, false);
  m.op_at(0).inputs[2] = m.floats("b3", {3}, zeros(3));
  expect_refused(m, ErrorKind::malformed, "op 0 FULLY_CONNECTED ('y'): its bias is [3], it has 2 units");
}

TEST(Dense, TurnsHybridWeightsIntoFloats) {
  auto m = dense({4, 3}, {4, 2}, false);
  const int w = m.constant("wq", {2, 3}, std::vector<int8_t>{1, -2, 3, 4, 5, -6}, schema::TensorType_INT8);
  m.tensor_at(w).quantization = std::make_unique<schema::QuantizationParametersT>();
  m.tensor_at(w).quantization->scale = {0.5f};
  m.tensor_at(w).quantization->zero_point = {1};
  m.op_at(0).inputs[1] = w;
  const auto graph = translated(m);
  EXPECT_THAT(graph.constant(node_of(graph, "Gemm").input(1))->as_floats(),
              ::testing::ElementsAre(0.0f, -1.5f, 1.0f, 1.5f, 2.0f, -3.5f));
}

TEST(BatchMatMul, TransposesAConstantWithoutANode) {
  ModelBuilder m;
  m.input("x", {2, 3, 4});
  m.floats("y", {5, 4}, zeros(20));
  m.tensor("z", {2, 3, 5});
  schema::BatchMatMulOptionsT options;
  options.adj_y = true;
  m.op(schema::BuiltinOperator_BATCH_MATMUL, {0, 1}, {2}, options);
  m.output(2);
  EXPECT_EQ(node_names(m), "MatMul");
}

}  // namespace
}  // namespace es::translate
