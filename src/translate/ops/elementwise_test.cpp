// SPDX-License-Identifier: Apache-2.0
#include "testing/recorded_cases.h"
#include "translate/ops/print_test.h"

namespace es::testing {
namespace {
ES_RECORDED_CASES(elementwise);
}
}  // namespace es::testing

namespace es::translate {
namespace {

ModelBuilder binary(schema::BuiltinOperator code, std::vector<int32_t> a, std::vector<int32_t> b,
                    std::vector<int32_t> y) {
  ModelBuilder m;
  m.input("a", std::move(a));
  m.input("b", std::move(b));
  m.tensor("y", std::move(y));
  m.op(code, {0, 1}, {2});
  m.output(2);
  return m;
}

TEST(Elementwise, SharesTheLimitsOfAllItsClips) {
  ModelBuilder m;
  m.input("x", {1, 4});
  m.tensor("y", {1, 4});
  m.tensor("z", {1, 4});
  m.op(schema::BuiltinOperator_RELU6, {0}, {1});
  m.op(schema::BuiltinOperator_RELU6, {1}, {2});
  m.output(2);
  EXPECT_EQ(printed(m),
            "graph (x: f32[1,4]) -> z\n"
            "  t1 = Clip(x, 0.0, 6.0)\n"
            "  z = Clip(t1, 0.0, 6.0)\n");
}

TEST(Elementwise, LeavesBroadcastingToTheOperator) {
  EXPECT_EQ(node_names(binary(schema::BuiltinOperator_ADD, {2, 4, 3, 5}, {3, 5}, {2, 4, 3, 5})), "Add");
}

TEST(Elementwise, RefusesShapesThatDoNotBroadcast) {
  EXPECT_ERROR_THAT(translated(binary(schema::BuiltinOperator_ADD, {2, 4}, {3}, {2, 4})), ErrorKind::malformed,
                    ::testing::StartsWith("m.tflite: op 0 ADD ('y'): Add: "));
}

TEST(Elementwise, WritesHardSwishInTwoParts) {
  ModelBuilder m;
  m.input("x", {4});
  m.tensor("y", {4});
  m.op(schema::BuiltinOperator_HARD_SWISH, {0}, {1});
  m.output(1);
  EXPECT_EQ(printed(m),
            "graph (x: f32[4]) -> y\n"
            "  HardSigmoid = HardSigmoid(x) alpha=0.16666667 beta=0.5\n"
            "  y = Mul(x, HardSigmoid)\n");
}

TEST(Elementwise, SelectsRowsByAListOfDecisions) {
  ModelBuilder m;
  m.input("c", {3}, schema::TensorType_BOOL);
  m.input("a", {3, 2, 2});
  m.input("b", {3, 2, 2});
  m.tensor("y", {3, 2, 2});
  m.op(schema::BuiltinOperator_SELECT, {0, 1, 2}, {3});
  m.output(3);
  EXPECT_EQ(printed(m),
            "graph (c: bool[3], a: f32[3,2,2], b: f32[3,2,2]) -> y\n"
            "  Unsqueeze = Unsqueeze(c, [1,2])\n"
            "  y = Where(Unsqueeze, a, b)\n");
}

}  // namespace
}  // namespace es::translate
