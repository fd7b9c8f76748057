// SPDX-License-Identifier: Apache-2.0
#include "testing/recorded_cases.h"
#include "translate/ops/print_test.h"

namespace es::testing {
namespace {
ES_RECORDED_CASES(normalize);
}
}  // namespace es::testing

namespace es::translate {
namespace {

ModelBuilder softmax() {
  ModelBuilder m;
  m.input("x", {1, 2, 2, 3});
  m.tensor("y", {1, 2, 2, 3});
  m.op(schema::BuiltinOperator_SOFTMAX, {0}, {1}, schema::SoftmaxOptionsT());
  m.output(1);
  return m;
}

TEST(Softmax, MultipliesByBetaBeforeAndNotAfter) {
  auto m = softmax();
  m.op_at(0).builtin_options.AsSoftmaxOptions()->beta = 2;
  EXPECT_EQ(printed(m),
            "graph (x: f32[1,2,2,3]) -> y\n"
            "  Mul = Mul(x, 2.0)\n"
            "  y = Softmax(Mul) axis=3\n");
}

TEST(Softmax, TakesAMissingTableForABetaOfOneAndSaysSo) {
  auto m = softmax();
  m.op_at(0).builtin_options.Reset();
  Notes notes;
  static_cast<void>(translated(m, notes));
  EXPECT_EQ(node_names(m), "Softmax");
  EXPECT_THAT(notes.warnings,
              ::testing::ElementsAre("m.tflite: op 0 SOFTMAX ('y'): it has no options; its beta is taken for 1"));
}

TEST(L2Normalization, HasAFloorUnderItsLength) {
  ModelBuilder m;
  m.input("x", {2, 3});
  m.tensor("y", {2, 3});
  m.op(schema::BuiltinOperator_L2_NORMALIZATION, {0}, {1}, schema::L2NormOptionsT());
  m.output(1);
  EXPECT_EQ(printed(m),
            "graph (x: f32[2,3]) -> y\n"
            "  ReduceL2 = ReduceL2(x) axes=[1] keepdims=1\n"
            "  Max = Max(ReduceL2, 1e-06)\n"
            "  y = Div(x, Max)\n");
}

}  // namespace
}  // namespace es::translate
