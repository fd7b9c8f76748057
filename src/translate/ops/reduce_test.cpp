// SPDX-License-Identifier: Apache-2.0
#include "testing/recorded_cases.h"
#include "translate/ops/print_test.h"

namespace es::testing {
namespace {
ES_RECORDED_CASES(reduce);
}
}  // namespace es::testing

namespace es::translate {
namespace {

ModelBuilder mean(const std::vector<int32_t>& axes, bool keep_dims, std::vector<int32_t> y) {
  ModelBuilder m;
  m.input("x", {1, 3, 4, 2});
  m.ints("axes", axes);
  m.tensor("y", std::move(y));
  schema::ReducerOptionsT options;
  options.keep_dims = keep_dims;
  m.op(schema::BuiltinOperator_MEAN, {0, 1}, {2}, options);
  m.output(2);
  return m;
}

TEST(Mean, OverTheImageIsAGlobalPoolHoweverItsAxesAreWritten) {
  for (const auto& axes : {std::vector<int32_t>{1, 2}, {-2, -3}, {2, 1, 1}}) {
    EXPECT_EQ(node_names(mean(axes, false, {1, 2})), "Transpose GlobalAveragePool Flatten");
    EXPECT_EQ(node_names(mean(axes, true, {1, 1, 1, 2})), "Transpose GlobalAveragePool Transpose");
  }
}

TEST(Mean, OverNoAxisChangesNothing) { EXPECT_EQ(node_names(mean({}, false, {1, 3, 4, 2})), "Identity"); }

TEST(Mean, RefusesAnAxisThatIsNotThere) {
  expect_refused(mean({4}, false, {1, 3, 4}), ErrorKind::malformed,
                 "op 0 MEAN ('y'): its axis is 4, the tensor has 4 axes");
}

}  // namespace
}  // namespace es::translate
