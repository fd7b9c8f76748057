// SPDX-License-Identifier: Apache-2.0
#include "testing/recorded_cases.h"
#include "translate/ops/print_test.h"

namespace es::testing {
namespace {
ES_RECORDED_CASES(pad);
}
}  // namespace es::testing

namespace es::translate {
namespace {

ModelBuilder pad(schema::BuiltinOperator code, const std::vector<int32_t>& amounts) {
  ModelBuilder m;
  m.input("x", {1, 4});
  m.constant("amounts", {2, 2}, amounts, schema::TensorType_INT32);
  m.tensor("y", {1 + amounts[0] + amounts[1], 4 + amounts[2] + amounts[3]});
  m.op(code, {0, 1}, {2});
  m.output(2);
  return m;
}

TEST(Pad, ListsAllBeforesThenAllAfters) {
  EXPECT_EQ(printed(pad(schema::BuiltinOperator_PAD, {0, 1, 2, 3})),
            "graph (x: f32[1,4]) -> y\n"
            "  y = Pad(x, [0,2,1,3]) mode=\"constant\"\n");
}

TEST(Pad, LeavesNothingWhereNothingIsPadded) {
  auto m = pad(schema::BuiltinOperator_PAD, {0, 0, 0, 0});
  EXPECT_EQ(node_names(m), "Identity");
}

TEST(Pad, RefusesToCutOff) {
  expect_refused(pad(schema::BuiltinOperator_PAD, {0, 0, 1, -1}), ErrorKind::malformed,
                 "op 0 PAD ('y'): it pads by -1, 0 or more is needed");
}

TEST(Pad, RefusesAmountsThatAreComputed) {
  auto m = pad(schema::BuiltinOperator_PAD, {0, 0, 1, 1});
  m.op_at(0).inputs[1] = m.input("p", {2, 2}, schema::TensorType_INT32);
  expect_refused(m, ErrorKind::unsupported,
                 "op 0 PAD ('y'): its paddings are computed at run time, only constant ones can be converted");
}

TEST(MirrorPad, GathersWhereTheEdgeIsRepeated) {
  auto m = pad(schema::BuiltinOperator_MIRROR_PAD, {0, 0, 2, 3});
  schema::MirrorPadOptionsT options;
  options.mode = schema::MirrorPadMode_SYMMETRIC;
  m.op_at(0).builtin_options.Set(options);
  EXPECT_EQ(printed(m),
            "graph (x: f32[1,4]) -> y\n"
            "  value_1 = const i64[9] {1,0,0,1,2,3,3,2,1}\n"
            "  y = Gather(x, value_1) axis=1\n");
}

TEST(MirrorPad, RefusesMoreThanTheMirrorShows) {
  expect_refused(pad(schema::BuiltinOperator_MIRROR_PAD, {0, 0, 4, 0}), ErrorKind::malformed,
                 "op 0 MIRROR_PAD ('y'): it mirrors 4 and 0 elements of an axis that has 4");
}

}  // namespace
}  // namespace es::translate
