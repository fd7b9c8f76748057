// SPDX-License-Identifier: Apache-2.0
#include "testing/recorded_cases.h"
#include "translate/ops/print_test.h"

namespace es::testing {
namespace {
ES_RECORDED_CASES(pool);
}
}  // namespace es::testing

namespace es::translate {
namespace {

ModelBuilder pool(schema::BuiltinOperator code, int kernel, int stride, schema::Padding padding) {
  ModelBuilder m;
  m.input("x", {1, 4, 4, 2});
  const int size = padding == schema::Padding_SAME ? (4 + stride - 1) / stride : (4 - kernel) / stride + 1;
  m.tensor("y", {1, size, size, 2});
  schema::Pool2DOptionsT options;
  options.filter_width = options.filter_height = kernel;
  options.stride_w = options.stride_h = stride;
  options.padding = padding;
  m.op(code, {0}, {1}, options);
  m.output(1);
  return m;
}

TEST(Pool, NeverCountsPaddingInAnAverage) {
  const auto graph = translated(pool(schema::BuiltinOperator_AVERAGE_POOL_2D, 3, 2, schema::Padding_SAME));
  const auto& node = node_of(graph, "AveragePool");
  EXPECT_EQ(node.get_int("count_include_pad", 0), 0);
  EXPECT_THAT(node.get_ints("pads"), ::testing::ElementsAre(0, 0, 1, 1));
}

TEST(Pool, OverTheWholeImageIsGlobal) {
  EXPECT_EQ(node_names(pool(schema::BuiltinOperator_AVERAGE_POOL_2D, 4, 4, schema::Padding_VALID)),
            "Transpose GlobalAveragePool Transpose");
  EXPECT_EQ(node_names(pool(schema::BuiltinOperator_MAX_POOL_2D, 4, 4, schema::Padding_SAME)),
            "Transpose GlobalMaxPool Transpose");
  EXPECT_EQ(node_names(pool(schema::BuiltinOperator_AVERAGE_POOL_2D, 4, 1, schema::Padding_SAME)),
            "Transpose AveragePool Transpose");
}

TEST(Pool, RefusesAWindowWithoutSize) {
  auto m = pool(schema::BuiltinOperator_MAX_POOL_2D, 2, 2, schema::Padding_VALID);
  m.op_at(0).builtin_options.AsPool2DOptions()->filter_height = 0;
  expect_refused(m, ErrorKind::malformed,
                 "op 0 MAX_POOL_2D ('y'): its window is 0x2 with stride 2x2 and dilation 1x1, each must be 1 or more");
}

}  // namespace
}  // namespace es::translate
