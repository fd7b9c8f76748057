// SPDX-License-Identifier: Apache-2.0
//
// Shape rules of operators that move data without computing: reshaping, transposing, cutting, joining, repeating.
#include <algorithm>
#include <array>

#include "ir/shape_context.h"

namespace es::ir {
namespace {

// 0 copies the input's dimension (unless allowzero), one -1 takes the rest.
std::optional<Shape> reshaped(ShapeContext& context, const Shape* in, const std::vector<Dim>& target) {
  std::vector<Dim> dims;
  size_t rest = target.size();
  Dim product(1);
  for (size_t i = 0; i < target.size(); ++i) {
    Dim dim = target[i];
    if (dim.is(0) && context.node().get_int("allowzero", 0) == 0) dim = in && i < in->rank() ? (*in)[i] : Dim();
    const bool is_rest = target[i] == Dim(Dim::unknown);
    if (is_rest && rest != target.size()) {
      context.contradiction("the target shape has more than one -1");
      return std::nullopt;
    }
    if (is_rest) rest = i;
    if (!is_rest) product = multiply(product, dim);
    dims.push_back(is_rest ? Dim() : dim);
  }
  const Dim elements = in ? in->elements() : Dim();
  if (rest != target.size() && elements.is_known() && product.is_known()) {
    const auto quotient = divide_exactly(elements, product);
    if (quotient) dims[rest] = *quotient;
    if (!quotient && product.size != 0) {
      context.contradiction("the ", elements, " elements of ", *in, " do not divide into the target [",
                            join(target, ","), "]");
      return std::nullopt;
    }
  }
  if (rest == target.size() && elements.is_known() && product.is_known() && elements != product) {
    context.contradiction("the ", elements, " elements of ", *in, " do not fill the target [", join(target, ","), "]");
    return std::nullopt;
  }
  return Shape(std::move(dims));
}

void reshape(ShapeContext& context) {
  context.output(0, context.dtype(0));
  if (const auto target = context.content(1)) {
    const auto shape = reshaped(context, context.shape(0), *target);
    if (shape) context.output(0, context.dtype(0), *shape);
  } else if (const Shape* target_shape = context.shape(1); target_shape && target_shape->rank() == 1 &&
                                                           (*target_shape)[0].is_static() &&
                                                           (*target_shape)[0].size <= 64) {
    context.output(0, context.dtype(0), Shape(std::vector<Dim>(static_cast<size_t>((*target_shape)[0].size))));
  }
  if (auto content = context.content(0)) context.output_content(0, std::move(*content));
}

Dim product_of(const Shape& shape, size_t begin, size_t end) {
  Dim product(1);
  for (size_t i = begin; i < end; ++i) product = multiply(product, shape[i]);
  return product;
}

void flatten(ShapeContext& context) {
  const Shape* shape = context.shape(0);
  context.output(0, context.dtype(0));
  if (!shape) return;
  const int64_t stated = context.node().get_int("axis", 1);
  const auto rank = static_cast<int64_t>(shape->rank());
  if (stated < -rank || stated > rank) return context.contradiction("axis ", stated, " lies outside ", *shape);
  const auto axis = static_cast<size_t>(stated < 0 ? stated + rank : stated);
  context.output(0, context.dtype(0), Shape{product_of(*shape, 0, axis), product_of(*shape, axis, shape->rank())});
}

void squeeze(ShapeContext& context) {
  const Shape* shape = context.shape(0);
  context.output(0, context.dtype(0));
  if (auto content = context.content(0)) context.output_content(0, std::move(*content));
  const auto stated = context.list("axes", 1);
  if (!shape || (!stated && context.computed(1))) return;
  std::vector<bool> gone(shape->rank(), false);
  if (stated) {
    const auto axes = context.axes(*stated, shape->rank());
    if (!axes) return;
    for (const size_t axis : *axes) gone[axis] = true;
  } else {
    if (!shape->is_known()) return;  // an unknown dimension may be 1
    for (size_t i = 0; i < shape->rank(); ++i) gone[i] = (*shape)[i].is(1);
  }
  std::vector<Dim> dims;
  for (size_t i = 0; i < shape->rank(); ++i) {
    const Dim& dim = (*shape)[i];
    if (gone[i] && dim.is_known() && !dim.is(1)) {
      return context.contradiction("axis ", i, " of ", *shape, " is not 1 and cannot be squeezed");
    }
    if (!gone[i]) dims.push_back(dim);
  }
  context.output(0, context.dtype(0), Shape(std::move(dims)));
}

void unsqueeze(ShapeContext& context) {
  const Shape* shape = context.shape(0);
  context.output(0, context.dtype(0));
  if (auto content = context.content(0)) context.output_content(0, std::move(*content));
  const auto stated = context.list("axes", 1);
  if (!shape || !stated) return;
  const size_t rank = shape->rank() + stated->size();
  const auto axes = context.axes(*stated, rank);
  if (!axes) return;
  std::vector<Dim> dims;
  size_t next = 0;
  for (size_t i = 0; i < rank; ++i) {
    const bool is_new = std::find(axes->begin(), axes->end(), i) != axes->end();
    dims.push_back(is_new ? Dim(1) : (*shape)[next]);
    next += is_new ? 0 : 1;
  }
  context.output(0, context.dtype(0), Shape(std::move(dims)));
}

void transpose(ShapeContext& context) {
  const Shape* shape = context.shape(0);
  context.output(0, context.dtype(0));
  if (!shape) return;
  Ints reversed(shape->rank());
  for (size_t i = 0; i < reversed.size(); ++i) reversed[i] = static_cast<int64_t>(reversed.size() - 1 - i);
  const Ints perm = context.node().get_ints("perm", reversed);
  if (perm.size() != shape->rank()) {
    return context.contradiction("perm [", join(perm, ","), "] does not fit the data ", *shape);
  }
  const auto axes = context.axes(perm, shape->rank());
  if (!axes) return;
  std::vector<Dim> dims;
  for (const size_t axis : *axes) dims.push_back((*shape)[axis]);
  context.output(0, context.dtype(0), Shape(std::move(dims)));
}

void concat(ShapeContext& context) {
  const Shape* first = context.shape(0);
  context.output(0, context.dtype(0));
  if (!first) return;
  const auto axis = context.axis(context.node().get_int("axis", 0), first->rank());
  if (!axis) return;
  Shape result = *first;
  for (size_t i = 1; i < context.inputs(); ++i) {
    const Shape* other = context.shape(i);
    if (!other) return;
    if (other->rank() != result.rank()) return context.contradiction(*first, " and ", *other, " do not join");
    for (size_t d = 0; d < result.rank(); ++d) {
      if (d == *axis) {
        result[d] = add(result[d], (*other)[d]);
      } else if (result[d].is_known() && (*other)[d].is_known() && result[d] != (*other)[d]) {
        return context.contradiction(*first, " and ", *other, " do not join along axis ", *axis);
      } else if (!result[d].is_known()) {
        result[d] = (*other)[d];
      }
    }
  }
  context.output(0, context.dtype(0), result);
  std::vector<Dim> content;
  for (size_t i = 0; i < context.inputs(); ++i) {
    const auto part = context.content(i);
    if (!part || result.rank() != 1) return;
    content.insert(content.end(), part->begin(), part->end());
  }
  context.output_content(0, std::move(content));
}

void split(ShapeContext& context) {
  const Shape* shape = context.shape(0);
  const size_t count = context.outputs();
  for (size_t i = 0; i < count; ++i) context.output(i, context.dtype(0));
  if (!shape || count == 0) return;
  const auto axis = context.axis(context.node().get_int("axis", 0), shape->rank());
  if (!axis) return;
  const auto stated = context.list("split", 1);
  if (!stated && context.computed(1)) return;
  if (stated && stated->size() != count) {
    return context.contradiction("split has ", stated->size(), " entries for ", count, " outputs");
  }
  const Dim& whole = (*shape)[*axis];
  // Without sizes: equal parts, the last one smaller where they do not come out even (num_outputs, opset 18).
  const auto parts = static_cast<int64_t>(count);
  const int64_t part = whole.is_static() ? (whole.size + parts - 1) / parts : 0;
  int64_t sum = 0;
  for (size_t i = 0; i < count; ++i) {
    Shape piece = *shape;
    if (stated) {
      piece[*axis] = (*stated)[i];
      if ((*stated)[i] < 0 || (*stated)[i] > largest_dim)
        return context.contradiction("split has the size ", (*stated)[i]);
    } else {
      piece[*axis] = whole.is_static() ? Dim(std::clamp<int64_t>(whole.size - sum, 0, part)) : Dim();
    }
    sum += piece[*axis].is_static() ? piece[*axis].size : 0;
    context.output(i, context.dtype(0), piece);
  }
  if (whole.is_static() && sum != whole.size) {
    context.contradiction("the parts of axis ", *axis, " sum to ", sum, ", the data is ", *shape);
  }
}

// starts, ends, axes, steps as one entry per sliced axis; nothing where one of them is computed.
struct SliceAxes {
  std::vector<size_t> axes;
  Ints starts, ends, steps;
};

std::optional<SliceAxes> read_slice(ShapeContext& context, size_t rank) {
  const auto starts = context.list("starts", 1);
  const auto ends = context.list("ends", 2);
  if (!starts || !ends || (context.computed(3)) || context.computed(4)) return std::nullopt;
  Ints all(starts->size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int64_t>(i);
  const Ints axes = context.list("axes", 3).value_or(all);
  const Ints steps = context.list("steps", 4).value_or(Ints(starts->size(), 1));
  if (ends->size() != starts->size() || axes.size() != starts->size() || steps.size() != starts->size()) {
    context.contradiction("starts, ends, axes and steps have different lengths");
    return std::nullopt;
  }
  const auto checked = context.axes(axes, rank);
  if (!checked) return std::nullopt;
  return SliceAxes{*checked, *starts, *ends, steps};
}

Dim sliced(const Dim& dim, int64_t start, int64_t end, int64_t step) {
  if (!dim.is_static()) {
    const bool whole = start == 0 && step == 1 && end >= largest_dim;
    return whole ? dim : Dim();
  }
  const int64_t size = dim.size;
  const auto from_end = [&](int64_t index) { return index < 0 ? index + size : index; };
  if (step > 0) {
    start = std::clamp<int64_t>(from_end(start), 0, size);
    end = std::clamp<int64_t>(from_end(end), 0, size);
    return end > start ? (end - start - 1) / step + 1 : 0;
  }
  start = std::clamp<int64_t>(from_end(start), -1, size - 1);
  end = std::clamp<int64_t>(from_end(end), -1, size - 1);
  return start > end ? (start - end - 1) / -std::max(step, -largest_dim) + 1 : 0;
}

void slice(ShapeContext& context) {
  const Shape* shape = context.shape(0);
  context.output(0, context.dtype(0));
  if (!shape) return;
  const auto slices = read_slice(context, shape->rank());
  if (!slices) {
    return context.output(0, context.dtype(0), Shape(std::vector<Dim>(shape->rank())));
  }
  Shape result = *shape;
  for (size_t i = 0; i < slices->axes.size(); ++i) {
    if (slices->steps[i] == 0) return context.contradiction("a step is 0");
    Dim& dim = result[slices->axes[i]];
    dim = sliced(dim, slices->starts[i], slices->ends[i], slices->steps[i]);
  }
  context.output(0, context.dtype(0), result);
  const auto content = context.content(0);
  if (!content || shape->rank() != 1 || slices->axes.size() != 1 || slices->steps[0] != 1) return;
  const auto size = static_cast<int64_t>(content->size());
  const int64_t start = slices->starts[0] < 0 ? slices->starts[0] + size : slices->starts[0];
  const int64_t begin = std::clamp<int64_t>(start, 0, size);
  context.output_content(0, std::vector<Dim>(content->begin() + begin, content->begin() + begin + result[0].size));
}

void pad(ShapeContext& context) {
  const Shape* shape = context.shape(0);
  context.output(0, context.dtype(0));
  if (!shape) return;
  auto pads = context.list("pads", 1);
  if (!pads) return context.output(0, context.dtype(0), Shape(std::vector<Dim>(shape->rank())));
  Ints all(shape->rank());
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int64_t>(i);
  if (context.computed(3)) return context.output(0, context.dtype(0), Shape(std::vector<Dim>(shape->rank())));
  const auto axes = context.axes(context.list("axes", 3).value_or(all), shape->rank());
  if (!axes) return;
  if (pads->size() != 2 * axes->size()) {
    return context.contradiction("pads has ", pads->size(), " entries for ", axes->size(), " axes of ", *shape);
  }
  Shape result = *shape;
  for (size_t i = 0; i < axes->size(); ++i) {
    const int64_t before = (*pads)[i], after = (*pads)[i + axes->size()];
    if (std::min(before, after) < -largest_window || std::max(before, after) > largest_window) {
      return context.contradiction("pads [", join(*pads, ","), "] leave the range of 32 bits");
    }
    result[(*axes)[i]] = shifted((*shape)[(*axes)[i]], before + after);
  }
  context.output(0, context.dtype(0), result);
}

void expand(ShapeContext& context) {
  const Shape* shape = context.shape(0);
  context.output(0, context.dtype(0));
  const auto target = context.content(1);
  if (!shape || !target) return;
  const auto wider = broadcast(*shape, Shape(*target));
  if (!wider) return context.contradiction(*shape, " does not broadcast to [", join(*target, ","), "]");
  context.output(0, context.dtype(0), *wider);
}

void tile(ShapeContext& context) {
  const Shape* shape = context.shape(0);
  context.output(0, context.dtype(0));
  const auto repeats = context.content(1);
  if (!shape) return;
  if (!repeats) return context.output(0, context.dtype(0), Shape(std::vector<Dim>(shape->rank())));
  if (repeats->size() != shape->rank()) {
    return context.contradiction("repeats has ", repeats->size(), " entries for data ", *shape);
  }
  Shape result = *shape;
  for (size_t i = 0; i < shape->rank(); ++i) result[i] = multiply((*shape)[i], (*repeats)[i]);
  context.output(0, context.dtype(0), result);
}

constexpr std::array rows{
    ShapeRuleRow{"Concat", concat},       ShapeRuleRow{"Expand", expand},
    ShapeRuleRow{"Flatten", flatten},     ShapeRuleRow{"Pad", pad},
    ShapeRuleRow{"Reshape", reshape},     ShapeRuleRow{"Slice", slice},
    ShapeRuleRow{"Split", split},         ShapeRuleRow{"Squeeze", squeeze},
    ShapeRuleRow{"Tile", tile},           ShapeRuleRow{"Transpose", transpose},
    ShapeRuleRow{"Unsqueeze", unsqueeze},
};

}  // namespace

std::span<const ShapeRuleRow> movement_shape_rules() { return rows; }

}  // namespace es::ir
