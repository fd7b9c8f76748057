// SPDX-License-Identifier: Apache-2.0
#include "testing/recorded_cases.h"
#include "translate/ops/print_test.h"

namespace es::testing {
namespace {
ES_RECORDED_CASES(join);
}
}  // namespace es::testing

namespace es::translate {
namespace {

TEST(Concatenation, RefusesAFusedActivation) {
  ModelBuilder m;
  m.input("a", {1, 2});
  m.input("b", {1, 2});
  m.tensor("y", {1, 4});
  schema::ConcatenationOptionsT options;
  options.axis = 1;
  options.fused_activation_function = schema::ActivationFunctionType_RELU;
  m.op(schema::BuiltinOperator_CONCATENATION, {0, 1}, {2}, options);
  m.output(2);
  expect_refused(m, ErrorKind::unsupported,
                 "op 0 CONCATENATION ('y'): its fused activation is RELU, which the TFLite runtime refuses as well");
}

TEST(Concatenation, RefusesAnAxisThatIsNotThere) {
  ModelBuilder m;
  m.input("a", {1, 2});
  m.input("b", {1, 2});
  m.tensor("y", {1, 4});
  schema::ConcatenationOptionsT options;
  options.axis = 2;
  m.op(schema::BuiltinOperator_CONCATENATION, {0, 1}, {2}, options);
  m.output(2);
  expect_refused(m, ErrorKind::malformed, "op 0 CONCATENATION ('y'): its axis is 2, the tensor has 2 axes");
}

TEST(Pack, RefusesAnotherCountThanItHasInputs) {
  ModelBuilder m;
  m.input("a", {2});
  m.tensor("y", {3, 2});
  schema::PackOptionsT options;
  options.values_count = 3;
  m.op(schema::BuiltinOperator_PACK, {0}, {1}, options);
  m.output(1);
  expect_refused(m, ErrorKind::malformed, "op 0 PACK ('y'): it packs 3 tensors and has 1 inputs");
}

TEST(DepthToSpace, CountsThePlaceBeforeTheChannel) {
  ModelBuilder m;
  m.input("a", {1, 2, 2, 4});
  m.tensor("y", {1, 4, 4, 1});
  schema::DepthToSpaceOptionsT options;
  options.block_size = 2;
  m.op(schema::BuiltinOperator_DEPTH_TO_SPACE, {0}, {1}, options);
  m.output(1);
  EXPECT_EQ(node_of(translated(m), "DepthToSpace").get_string("mode", ""), "DCR");
}

TEST(DepthToSpace, RefusesAMatrix) {
  ModelBuilder m;
  m.input("a", {2, 4});
  m.tensor("y", {4, 2});
  schema::DepthToSpaceOptionsT options;
  options.block_size = 2;
  m.op(schema::BuiltinOperator_DEPTH_TO_SPACE, {0}, {1}, options);
  m.output(1);
  expect_refused(m, ErrorKind::malformed, "op 0 DEPTH_TO_SPACE ('y'): its input is [2, 4], 3 to 5 axes are needed");
}

}  // namespace
}  // namespace es::translate
