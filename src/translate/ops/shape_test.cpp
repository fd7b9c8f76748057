// SPDX-License-Identifier: Apache-2.0
#include "testing/recorded_cases.h"
#include "translate/ops/print_test.h"

namespace es::testing {
namespace {
ES_RECORDED_CASES(shape);
}
}  // namespace es::testing

namespace es::translate {
namespace {

ModelBuilder reshape(std::vector<int32_t> options_target, std::vector<int32_t> y) {
  ModelBuilder m;
  m.input("x", {1, 2, 2, 3});
  m.tensor("y", std::move(y));
  schema::ReshapeOptionsT options;
  options.new_shape = std::move(options_target);
  m.op(schema::BuiltinOperator_RESHAPE, {0}, {1}, options);
  m.output(1);
  return m;
}

TEST(Reshape, PrefersTheTargetInItsInput) {
  auto m = reshape({12}, {4, 3});
  m.op_at(0).inputs.push_back(m.ints("target", {4, 3}));
  EXPECT_EQ(printed(m),
            "graph (x: f32[1,2,2,3]) -> y\n"
            "  y = Reshape(x, [4,3])\n");
}

TEST(Reshape, KeepsTheDimensionThatIsLeftOpen) {
  EXPECT_EQ(printed(reshape({-1, 3}, {4, 3})),
            "graph (x: f32[1,2,2,3]) -> y\n"
            "  y = Reshape(x, [-1,3])\n");
}

TEST(Reshape, TakesTheFilesShapeWhereNothingStatesATarget) {
  auto m = reshape({}, {4, 3});
  m.op_at(0).builtin_options.Reset();
  const auto graph = translated(m);
  EXPECT_EQ(graph.value(graph.outputs()[0]).shape, ir::Shape({4, 3}));
}

TEST(Reshape, RefusesADimensionOfZero) {
  expect_refused(reshape({0, 12}, {1, 12}), ErrorKind::malformed,
                 "op 0 RESHAPE ('y'): its target is [0, 12], each number must be 1 or more, or -1");
}

TEST(Reshape, RefusesTwoDimensionsLeftOpen) {
  expect_refused(reshape({-1, -1}, {4, 3}), ErrorKind::malformed,
                 "op 0 RESHAPE ('y'): its target [-1, -1] leaves two open");
}

TEST(Reshape, RefusesATargetWithOtherElements) {
  EXPECT_ERROR_THAT(translated(reshape({5, 3}, {5, 3})), ErrorKind::malformed,
                    ::testing::StartsWith("m.tflite: op 0 RESHAPE ('y'): Reshape: "));
}

TEST(Transpose, RefusesAPermutationWithAnAxisTwice) {
  ModelBuilder m;
  m.input("x", {2, 3});
  m.ints("perm", {1, 1});
  m.tensor("y", {3, 2});
  m.op(schema::BuiltinOperator_TRANSPOSE, {0, 1}, {2});
  m.output(2);
  expect_refused(m, ErrorKind::malformed, "op 0 TRANSPOSE ('y'): its permutation [1, 1] has an axis twice");
}

}  // namespace
}  // namespace es::translate
