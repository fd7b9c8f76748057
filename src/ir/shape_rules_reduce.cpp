// SPDX-License-Identifier: Apache-2.0
//
// Shape rules of reductions along axes, and of the operators that pick from an axis by value.
#include <algorithm>
#include <array>

#include "ir/shape_context.h"

namespace es::ir {
namespace {

Shape reduced(const Shape& shape, const std::vector<size_t>& axes, bool keep) {
  std::vector<Dim> dims;
  for (size_t i = 0; i < shape.rank(); ++i) {
    const bool gone = std::find(axes.begin(), axes.end(), i) != axes.end();
    if (gone && keep) dims.emplace_back(1);
    if (!gone) dims.push_back(shape[i]);
  }
  return Shape(std::move(dims));
}

// axes: an attribute, an input (ReduceSum from opset 13, the others from 18), or left out for all axes.
void reduce(ShapeContext& context) {
  const Shape* shape = context.shape(0);
  context.output(0, context.dtype(0));
  const bool keep = context.node().get_int("keepdims", 1) != 0;
  if (!shape) return;
  auto stated = context.list("axes", 1);
  if (!stated && context.computed(1)) {
    if (keep) context.output(0, context.dtype(0), Shape(std::vector<Dim>(shape->rank())));
    return;
  }
  if (!stated || stated->empty()) {
    if (context.node().get_int("noop_with_empty_axes", 0) != 0) return context.output(0, context.dtype(0), *shape);
    stated = Ints(shape->rank());
    for (size_t i = 0; i < shape->rank(); ++i) (*stated)[i] = static_cast<int64_t>(i);
  }
  const auto axes = context.axes(*stated, shape->rank());
  if (axes) context.output(0, context.dtype(0), reduced(*shape, *axes, keep));
}

// The product of a list of sizes, as exporters compute how many rows a matrix has.
void reduce_product(ShapeContext& context) {
  reduce(context);
  const Shape* shape = context.shape(0);
  const auto sizes = context.content(0);
  if (!shape || shape->rank() != 1 || !sizes || context.problem()) return;
  Dim product(1);
  for (const Dim& size : *sizes) product = multiply(product, size);
  if (product.is_known()) context.output_content(0, {product});
}

void arg(ShapeContext& context) {
  const Shape* shape = context.shape(0);
  context.output(0, DType::i64);
  if (!shape) return;
  const auto axis = context.axis(context.node().get_int("axis", 0), shape->rank());
  if (axis) context.output(0, DType::i64, reduced(*shape, {*axis}, context.node().get_int("keepdims", 1) != 0));
}

void top_k(ShapeContext& context) {
  const Shape* shape = context.shape(0);
  context.output(0, context.dtype(0));
  context.output(1, DType::i64);
  if (!shape) return;
  const auto axis = context.axis(context.node().get_int("axis", -1), shape->rank());
  if (!axis) return;
  const auto k = context.content(1);
  Shape result = *shape;
  result[*axis] = k && k->size() == 1 ? (*k)[0] : Dim();
  context.output(0, context.dtype(0), result);
  context.output(1, DType::i64, result);
}

// One row [batch, class, box] per box kept: how many is known only when it runs.
void non_max_suppression(ShapeContext& context) { context.output(0, DType::i64, Shape{Dim(), 3}); }

void non_zero(ShapeContext& context) {
  const Shape* shape = context.shape(0);
  context.output(0, DType::i64);
  if (shape) context.output(0, DType::i64, Shape{static_cast<int64_t>(shape->rank()), Dim()});
}

constexpr std::array rows{
    ShapeRuleRow{"ArgMax", arg},
    ShapeRuleRow{"ArgMin", arg},
    ShapeRuleRow{"NonMaxSuppression", non_max_suppression},
    ShapeRuleRow{"NonZero", non_zero},
    ShapeRuleRow{"ReduceL1", reduce},
    ShapeRuleRow{"ReduceL2", reduce},
    ShapeRuleRow{"ReduceLogSum", reduce},
    ShapeRuleRow{"ReduceLogSumExp", reduce},
    ShapeRuleRow{"ReduceMax", reduce},
    ShapeRuleRow{"ReduceMean", reduce},
    ShapeRuleRow{"ReduceMin", reduce},
    ShapeRuleRow{"ReduceProd", reduce_product},
    ShapeRuleRow{"ReduceSum", reduce},
    ShapeRuleRow{"ReduceSumSquare", reduce},
    ShapeRuleRow{"TopK", top_k},
};

}  // namespace

std::span<const ShapeRuleRow> reduce_shape_rules() { return rows; }

}  // namespace es::ir
