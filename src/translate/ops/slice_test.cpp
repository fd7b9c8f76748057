// SPDX-License-Identifier: Apache-2.0
#include "testing/recorded_cases.h"
#include "translate/ops/print_test.h"

namespace es::testing {
namespace {
ES_RECORDED_CASES(slice);
}
}  // namespace es::testing

namespace es::translate {
namespace {

using ::testing::ElementsAre;

ModelBuilder strided(const std::vector<int32_t>& begin, const std::vector<int32_t>& end,
                     const std::vector<int32_t>& step, std::vector<int32_t> y) {
  ModelBuilder m;
  m.input("x", {4, 6});
  m.ints("begin", begin);
  m.ints("end", end);
  m.ints("step", step);
  m.tensor("y", std::move(y));
  m.op(schema::BuiltinOperator_STRIDED_SLICE, {0, 1, 2, 3}, {4}, schema::StridedSliceOptionsT());
  m.output(4);
  return m;
}

schema::StridedSliceOptionsT& options_of(ModelBuilder& m) {
  return *m.op_at(0).builtin_options.AsStridedSliceOptions();
}

TEST(StridedSlice, LeavesOutAxesThatStayWhole) {
  EXPECT_EQ(printed(strided({0, 1}, {4, 5}, {1, 2}, {4, 2})),
            "graph (x: f32[4,6]) -> y\n"
            "  y = Slice(x, [1], [5], [1], [2])\n");
}

TEST(StridedSlice, GoesBackToTheFirstElement) {
  auto m = strided({3, 0}, {0, 6}, {-1, 1}, {4, 6});
  options_of(m).end_mask = 1;
  const auto graph = translated(m);
  const auto& node = node_of(graph, "Slice");
  EXPECT_THAT(graph.constant(node.input(1))->as_ints(), ElementsAre(3));
  EXPECT_THAT(graph.constant(node.input(2))->as_ints(), ElementsAre(-2147483648));
}

TEST(StridedSlice, DropsAnAxisThatShrinks) {
  auto m = strided({1, 0}, {2, 6}, {1, 1}, {6});
  options_of(m).shrink_axis_mask = 1;
  EXPECT_EQ(node_names(m), "Slice Squeeze");
}

TEST(StridedSlice, RefusesAnElementOutsideOfItsAxis) {
  auto m = strided({4, 0}, {5, 6}, {1, 1}, {6});
  options_of(m).shrink_axis_mask = 1;
  expect_refused(m, ErrorKind::malformed, "op 0 STRIDED_SLICE ('y'): it takes element 4 of axis 0, which has 4");
}

TEST(StridedSlice, RefusesToStandStill) {
  expect_refused(strided({0, 0}, {4, 6}, {1, 0}, {4, 6}), ErrorKind::malformed,
                 "op 0 STRIDED_SLICE ('y'): one of its steps is 0");
}

TEST(StridedSlice, RefusesMasksOfEntriesThatAreNotThere) {
  auto m = strided({0, 0}, {4, 6}, {1, 1}, {4, 6});
  options_of(m).new_axis_mask = 4;
  expect_refused(m, ErrorKind::malformed, "op 0 STRIDED_SLICE ('y'): its masks speak of more than its 2 entries");
}

TEST(Slice, RefusesToTakeMoreThanThereIs) {
  ModelBuilder m;
  m.input("x", {4, 6});
  m.ints("begin", {2, 0});
  m.ints("size", {3, 6});
  m.tensor("y", {3, 6});
  m.op(schema::BuiltinOperator_SLICE, {0, 1, 2}, {3});
  m.output(3);
  expect_refused(m, ErrorKind::malformed, "op 0 SLICE ('y'): it takes [3, 6] from [2, 0] of [4, 6]");
}

TEST(Split, RefusesPartsThatAreNotEqual) {
  ModelBuilder m;
  m.constant("axis", {}, std::vector<int32_t>{0}, schema::TensorType_INT32);
  m.input("x", {4, 6});
  m.tensor("a", {2, 6});
  m.tensor("b", {2, 6});
  m.tensor("c", {2, 6});
  schema::SplitOptionsT options;
  options.num_splits = 3;
  m.op(schema::BuiltinOperator_SPLIT, {0, 1}, {2, 3, 4}, options);
  m.output(2);
  expect_refused(m, ErrorKind::malformed,
                 "op 0 SPLIT ('a'): it splits 4 elements into 3 equal parts and has 3 outputs");
}

TEST(Unpack, RefusesAnAbsurdCount) {
  ModelBuilder m;
  m.input("x", {4, 6});
  m.tensor("a", {6});
  schema::UnpackOptionsT options;
  options.num = 2000000000;
  m.op(schema::BuiltinOperator_UNPACK, {0}, {1}, options);
  m.output(1);
  expect_refused(m, ErrorKind::malformed, "op 0 UNPACK ('a'): it unpacks 2000000000 of 4 elements and has 1 outputs");
}

TEST(Gather, RefusesBatchAxesThatEndBeforeTheAxis) {
  ModelBuilder m;
  m.input("x", {2, 3, 4});
  m.constant("i", {2, 1}, std::vector<int32_t>{0, 1}, schema::TensorType_INT32);
  m.tensor("y", {2, 3, 1});
  schema::GatherOptionsT options;
  options.axis = 2;
  options.batch_dims = 1;
  m.op(schema::BuiltinOperator_GATHER, {0, 1}, {2}, options);
  m.output(2);
  expect_refused(m, ErrorKind::unsupported,
                 "op 0 GATHER ('y'): it gathers along axis 2 with 1 batch axes; only as many batch axes as the axis' "
                 "number can be converted");
}

}  // namespace
}  // namespace es::translate
