// SPDX-License-Identifier: Apache-2.0
//
// Shape rules of matrix products.
#include <array>

#include "ir/shape_context.h"

namespace es::ir {
namespace {

bool may_equal(const Dim& a, const Dim& b) { return !a.is_known() || !b.is_known() || a == b; }

// NumPy's matmul: the last two axes multiply, the others broadcast; a vector on either side loses its axis again.
void matmul(ShapeContext& context) {
  const Shape* a = context.shape(0);
  const Shape* b = context.shape(1);
  context.output(0, context.dtype(0));
  if (!a || !b) return;
  if (a->rank() == 0 || b->rank() == 0) return context.contradiction("a scalar cannot be multiplied as a matrix");
  std::vector<Dim> left = a->dims(), right = b->dims();
  if (a->rank() == 1) left.insert(left.begin(), Dim(1));
  if (b->rank() == 1) right.emplace_back(1);
  const size_t l = left.size(), r = right.size();
  const auto outer = broadcast(Shape(std::vector<Dim>(left.begin(), left.end() - 2)),
                               Shape(std::vector<Dim>(right.begin(), right.end() - 2)));
  if (!may_equal(left[l - 1], right[r - 2]) || !outer) {
    return context.contradiction("matrices ", *a, " and ", *b, " do not multiply");
  }
  std::vector<Dim> dims = outer->dims();
  if (a->rank() > 1) dims.push_back(left[l - 2]);
  if (b->rank() > 1) dims.push_back(right[r - 1]);
  context.output(0, context.dtype(0), Shape(std::move(dims)));
}

void gemm(ShapeContext& context) {
  const Shape* a = context.shape(0);
  const Shape* b = context.shape(1);
  context.output(0, context.dtype(0));
  if (!a || !b) return;
  const size_t trans_a = context.node().get_int("transA", 0) != 0;
  const size_t trans_b = context.node().get_int("transB", 0) != 0;
  if (a->rank() != 2 || b->rank() != 2 || !may_equal((*a)[1 - trans_a], (*b)[trans_b])) {
    return context.contradiction("matrices ", *a, trans_a ? " (transposed)" : "", " and ", *b,
                                 trans_b ? " (transposed)" : "", " do not multiply");
  }
  const Shape result{(*a)[trans_a], (*b)[1 - trans_b]};
  if (const Shape* bias = context.shape(2)) {
    const auto wider = broadcast(*bias, result);
    if (!wider || *wider != result) {
      return context.contradiction("the bias ", *bias, " does not broadcast to the product ", result);
    }
  }
  context.output(0, context.dtype(0), result);
}

constexpr std::array rows{
    ShapeRuleRow{"Gemm", gemm},
    ShapeRuleRow{"MatMul", matmul},
};

}  // namespace

std::span<const ShapeRuleRow> matrix_shape_rules() { return rows; }

}  // namespace es::ir
