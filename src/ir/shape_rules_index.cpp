// SPDX-License-Identifier: Apache-2.0
//
// Shape rules of operators that index into tensors, ask for shapes, or make tensors from shapes.
#include <algorithm>
#include <array>
#include <cmath>

#include "ir/shape_context.h"

namespace es::ir {
namespace {

void constant(ShapeContext& context) {
  const Attribute* value = context.node().find("value");
  const auto* tensor = value ? std::get_if<TensorData>(value) : nullptr;
  if (tensor) context.output(0, tensor->dtype, Shape(tensor->dims));
}

void shape_of(ShapeContext& context) {
  const Shape* shape = context.shape(0);
  context.output(0, DType::i64, Shape{Dim()});
  if (!shape) return;
  const auto rank = static_cast<int64_t>(shape->rank());
  const auto bounded = [&](int64_t index) { return std::clamp<int64_t>(index < 0 ? index + rank : index, 0, rank); };
  const int64_t start = bounded(context.node().get_int("start", 0));
  const int64_t end = std::max(start, bounded(context.node().get_int("end", rank)));
  context.output(0, DType::i64, Shape{end - start});
  std::vector<Dim> content(shape->begin() + start, shape->begin() + end);
  for (const Dim& dim : content) {
    if (!dim.is_known()) return;
  }
  context.output_content(0, std::move(content));
}

void size_of_data(ShapeContext& context) {
  const Shape* shape = context.shape(0);
  context.output(0, DType::i64, Shape{});
  if (shape && shape->elements().is_known()) context.output_content(0, {shape->elements()});
}

// data's shape with `axis` replaced by the whole shape of the indices.
void gather(ShapeContext& context) {
  const Shape* data = context.shape(0);
  const Shape* indices = context.shape(1);
  context.output(0, context.dtype(0));
  if (!data || !indices) return;
  const auto axis = context.axis(context.node().get_int("axis", 0), data->rank());
  if (!axis) return;
  std::vector<Dim> dims(data->begin(), data->begin() + static_cast<std::ptrdiff_t>(*axis));
  dims.insert(dims.end(), indices->begin(), indices->end());
  dims.insert(dims.end(), data->begin() + static_cast<std::ptrdiff_t>(*axis) + 1, data->end());
  context.output(0, context.dtype(0), Shape(std::move(dims)));

  const auto content = context.content(0);
  const auto picked = context.content(1);
  if (!content || !picked || data->rank() != 1) return;
  std::vector<Dim> result;
  for (const Dim& index : *picked) {
    const auto size = static_cast<int64_t>(content->size());
    // Index -1 is written as a number here, though a dimension of -1 counts as unknown.
    const int64_t at = index.size < 0 ? index.size + size : index.size;
    if (index.times_batch || at < 0 || at >= size) {
      return context.contradiction("index ", index.size, " lies outside ", size, " elements");
    }
    result.push_back((*content)[static_cast<size_t>(at)]);
  }
  context.output_content(0, std::move(result));
}

void gather_elements(ShapeContext& context) {
  const Shape* indices = context.shape(1);
  context.output(0, context.dtype(0), indices ? std::optional<Shape>(*indices) : std::nullopt);
}

void gather_nd(ShapeContext& context) {
  const Shape* data = context.shape(0);
  const Shape* indices = context.shape(1);
  context.output(0, context.dtype(0));
  if (!data || !indices || indices->rank() == 0) return;
  const Dim& depth = (*indices)[indices->rank() - 1];
  const int64_t batch_dims = context.node().get_int("batch_dims", 0);
  if (!depth.is_static()) return;
  if (batch_dims < 0 || depth.size < 0 || batch_dims + depth.size > static_cast<int64_t>(data->rank()) ||
      batch_dims >= static_cast<int64_t>(indices->rank())) {
    return context.contradiction("indices ", *indices, " with batch_dims ", batch_dims, " do not fit data ", *data);
  }
  std::vector<Dim> dims(indices->begin(), indices->end() - 1);
  dims.insert(dims.end(), data->begin() + batch_dims + depth.size, data->end());
  context.output(0, context.dtype(0), Shape(std::move(dims)));
}

void same_as_data(ShapeContext& context) {
  const Shape* data = context.shape(0);
  context.output(0, context.dtype(0), data ? std::optional<Shape>(*data) : std::nullopt);
}

void constant_of_shape(ShapeContext& context) {
  const Attribute* value = context.node().find("value");
  const auto* tensor = value ? std::get_if<TensorData>(value) : nullptr;
  const DType dtype = tensor ? tensor->dtype : DType::f32;
  context.output(0, dtype);
  const auto dims = context.content(0);
  const Shape* list = context.shape(0);
  if (dims) return context.output(0, dtype, Shape(*dims));
  constexpr int64_t most_axes = 64;
  const bool has_rank = list && list->rank() == 1 && (*list)[0].is_static() && (*list)[0].size <= most_axes;
  if (has_rank) context.output(0, dtype, Shape(std::vector<Dim>(static_cast<size_t>((*list)[0].size))));
}

void range(ShapeContext& context) {
  context.output(0, context.dtype(0), Shape{Dim()});
  const TensorData* start = context.constant(0);
  const TensorData* limit = context.constant(1);
  const TensorData* delta = context.constant(2);
  if (!start || !limit || !delta || start->elements() != 1 || limit->elements() != 1 || delta->elements() != 1) return;
  const double step = delta->as_doubles()[0];
  if (step == 0) return context.contradiction("delta is 0");
  const double count = std::ceil((limit->as_doubles()[0] - start->as_doubles()[0]) / step);
  if (!(count < static_cast<double>(largest_dim))) return context.contradiction("more elements than a tensor can have");
  context.output(0, context.dtype(0), Shape{static_cast<int64_t>(std::max(count, 0.0))});
}

void one_hot(ShapeContext& context) {
  const Shape* indices = context.shape(0);
  context.output(0, context.dtype(2));
  if (!indices) return;
  const auto axis = context.axis(context.node().get_int("axis", -1), indices->rank() + 1);
  if (!axis) return;
  const auto depth = context.content(1);
  std::vector<Dim> dims = indices->dims();
  dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(*axis), depth && depth->size() == 1 ? (*depth)[0] : Dim());
  context.output(0, context.dtype(2), Shape(std::move(dims)));
}

constexpr std::array rows{
    ShapeRuleRow{"Constant", constant},
    ShapeRuleRow{"ConstantOfShape", constant_of_shape},
    ShapeRuleRow{"Gather", gather},
    ShapeRuleRow{"GatherElements", gather_elements},
    ShapeRuleRow{"GatherND", gather_nd},
    ShapeRuleRow{"OneHot", one_hot},
    ShapeRuleRow{"Range", range},
    ShapeRuleRow{"ScatterElements", same_as_data},
    ShapeRuleRow{"ScatterND", same_as_data},
    ShapeRuleRow{"Shape", shape_of},
    ShapeRuleRow{"Size", size_of_data},
};

}  // namespace

std::span<const ShapeRuleRow> index_shape_rules() { return rows; }

}  // namespace es::ir
