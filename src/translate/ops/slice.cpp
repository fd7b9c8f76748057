// SPDX-License-Identifier: Apache-2.0
//
// SLICE, STRIDED_SLICE, SPLIT, SPLIT_V, UNPACK, GATHER, REVERSE_V2: what takes parts out of a tensor.
//
// Begins, sizes and axes must be constants. STRIDED_SLICE is read as the runtime's kernel reads it, which differs from
// NumPy where an ellipsis has nothing left to cover: it then takes one axis all the same.
#include <algorithm>

#include "translate/op.h"
#include "translate/ops/families.h"

namespace es::translate {
namespace {

// For a negative step: an end before the first element, which -1 would not say.
constexpr int64_t before_the_first = -(int64_t{1} << 31);

// One Slice over several axes; axes that stay whole are left out.
struct Slicing {
  Ints starts, ends, axes, steps;

  void add(int64_t axis, int64_t start, int64_t end, int64_t step) {
    starts.push_back(start);
    ends.push_back(end);
    axes.push_back(axis);
    steps.push_back(step);
  }
};

ValueId emit_slice(Op& op, ValueId x, const Slicing& s) {
  if (s.axes.empty()) return x;
  return op.emit("Slice", {x, op.ints(s.starts), op.ints(s.ends), op.ints(s.axes), op.ints(s.steps)});
}

void slice(Op& op) {
  const auto x = op.input(0);
  const auto dims = op.shape(x);
  const auto begins = op.constant_ints(1, "its begins"), sizes = op.constant_ints(2, "its sizes");
  op.check(begins.size() == dims.size() && sizes.size() == dims.size(), "it takes ", dims_text(sizes), " from ",
           dims_text(begins), " of ", dims_text(dims));
  Slicing slicing;
  for (size_t axis = 0; axis < dims.size(); ++axis) {
    const bool begins_inside = begins[axis] >= 0 && begins[axis] <= dims[axis];
    const int64_t size = sizes[axis] == -1 ? dims[axis] - begins[axis] : sizes[axis];
    op.check(begins_inside && size >= 0 && size <= dims[axis] - begins[axis], "it takes ", dims_text(sizes), " from ",
             dims_text(begins), " of ", dims_text(dims));
    if (size != dims[axis]) slicing.add(static_cast<int64_t>(axis), begins[axis], begins[axis] + size, 1);
  }
  op.output(0, emit_slice(op, x, slicing));
}

// --- STRIDED_SLICE

// What the masks make of the begins, ends and steps: a slice of the input's axes, then axes that go and axes that come.
struct StridedPlan {
  Slicing slicing;
  Ints gone;   // axes of the input
  Ints added;  // axes of the result
};

class StridedSlice {
 public:
  explicit StridedSlice(Op& op)
      : op_(op),
        o_(op.options<tflite::StridedSliceOptions>()),
        dims_(op.shape(op.input(0))),
        begin_(op.constant_ints(1, "its begins")),
        end_(op.constant_ints(2, "its ends")),
        step_(op.constant_ints(3, "its steps")) {
    const auto count = begin_.size();
    op_.check(end_.size() == count && step_.size() == count && count < 32, "it has ", count, " begins, ", end_.size(),
              " ends and ", step_.size(), " steps");
    op_.check(std::find(step_.begin(), step_.end(), 0) == step_.end(), "one of its steps is 0");
    const int masks = o_.ellipsis_mask | o_.new_axis_mask | o_.shrink_axis_mask;
    op_.check((static_cast<unsigned>(masks) >> count) == 0, "its masks speak of more than its ", count, " entries");
  }

  StridedPlan plan() {
    for (size_t i = 0; i < begin_.size(); ++i) {
      if (has(o_.ellipsis_mask, i)) {
        cover_rest();
      } else if (has(o_.new_axis_mask, i)) {
        plan_.added.push_back(result_axis_++);
      } else if (axis_ < dims_.size()) {
        take(i);
      }
    }
    return plan_;
  }

 private:
  static bool has(int mask, size_t bit) { return (mask >> bit & 1) != 0; }

  size_t new_axes() const {
    size_t count = 0;
    for (size_t i = 0; i < begin_.size(); ++i) count += has(o_.new_axis_mask, i) && !has(o_.ellipsis_mask, i);
    return count;
  }

  // The ellipsis covers what the other entries leave over of the input's and the new axes, but never less than one.
  void cover_rest() {
    const auto all = static_cast<int64_t>(dims_.size() + new_axes()) + 1 - static_cast<int64_t>(begin_.size());
    if (all < 1) op_.warn("its ellipsis has no axis left and takes one all the same, as the TFLite runtime does");
    const auto left = static_cast<int64_t>(dims_.size() - axis_);
    const auto covered = std::min(std::max<int64_t>(1, all), left);
    axis_ += static_cast<size_t>(covered);
    result_axis_ += covered;
  }

  void take(size_t i) {
    const auto axis = static_cast<int64_t>(axis_);
    const int64_t dim = dims_[axis_++];
    const int64_t start = has(o_.begin_mask, i) && !has(o_.shrink_axis_mask, i) ? (step_[i] > 0 ? 0 : dim - 1)
                                                                                : from_front(begin_[i], dim);
    if (has(o_.shrink_axis_mask, i)) {
      op_.check(step_[i] > 0, "it takes one element of axis ", axis, " in steps of ", step_[i]);
      return take_one(axis, start, dim);
    }
    ++result_axis_;
    const int64_t first = clamp(start, dim, step_[i]);
    const int64_t stated_end = o_.offset ? start + end_[i] : from_front(end_[i], dim);
    const int64_t last = has(o_.end_mask, i) ? (step_[i] > 0 ? dim : -1) : clamp(stated_end, dim, step_[i]);
    if (first == 0 && last == dim && step_[i] == 1) return;
    plan_.slicing.add(axis, first, last < 0 ? before_the_first : last, step_[i]);
  }

  void take_one(int64_t axis, int64_t index, int64_t dim) {
    op_.check(index >= 0 && index < dim, "it takes element ", index, " of axis ", axis, ", which has ", dim);
    plan_.slicing.add(axis, index, index + 1, 1);
    plan_.gone.push_back(axis);
  }

  static int64_t from_front(int64_t position, int64_t dim) { return position < 0 ? position + dim : position; }

  static int64_t clamp(int64_t position, int64_t dim, int64_t step) {
    return step > 0 ? std::clamp<int64_t>(position, 0, dim) : std::clamp<int64_t>(position, -1, dim - 1);
  }

  Op& op_;
  tflite::StridedSliceOptions o_;
  Ints dims_, begin_, end_, step_;
  size_t axis_ = 0;  // of the input
  int64_t result_axis_ = 0;
  StridedPlan plan_;
};

void strided_slice(Op& op) {
  const auto plan = StridedSlice(op).plan();
  auto y = emit_slice(op, op.input(0), plan.slicing);
  y = op.squeeze(y, plan.gone);
  op.output(0, op.unsqueeze(y, plan.added));
}

// --- parts of equal rank

void bind_parts(Op& op, const std::vector<ValueId>& parts) {
  for (size_t i = 0; i < parts.size(); ++i) {
    if (op.has_output(i)) op.output(i, parts[i]);
  }
}

int64_t single_axis(Op& op, size_t slot, int rank) {
  const auto axes = op.constant_ints(slot, "its axis");
  op.check(axes.size() == 1, "it has ", axes.size(), " axes, 1 is needed");
  return op.axis(axes[0], rank);
}

void emit_split(Op& op, ValueId x, int64_t axis, const Ints& sizes) {
  op.check(sizes.size() == op.output_count(), "it makes ", sizes.size(), " parts and has ", op.output_count(),
           " outputs");
  bind_parts(op, sizes.size() == 1 ? std::vector<ValueId>{x} : op.split(x, axis, sizes));
}

void split(Op& op) {
  const auto x = op.input(1);
  const auto axis = single_axis(op, 0, op.rank(x));
  const int64_t parts = op.options<tflite::SplitOptions>().num_splits;
  const int64_t dim = op.shape(x)[static_cast<size_t>(axis)];
  op.check(parts == static_cast<int64_t>(op.output_count()) && parts > 0 && dim % parts == 0, "it splits ", dim,
           " elements into ", parts, " equal parts and has ", op.output_count(), " outputs");
  emit_split(op, x, axis, Ints(static_cast<size_t>(parts), dim / parts));
}

void split_v(Op& op) {
  const auto x = op.input(0);
  const auto axis = single_axis(op, 2, op.rank(x));
  const int64_t dim = op.shape(x)[static_cast<size_t>(axis)];
  auto sizes = op.constant_ints(1, "its sizes");
  int64_t stated = 0;
  for (const auto size : sizes) stated += std::max<int64_t>(0, size);
  const auto open = std::find(sizes.begin(), sizes.end(), -1);
  if (open != sizes.end()) stated += * open = dim - stated;
  const bool none_negative = std::all_of(sizes.begin(), sizes.end(), [](int64_t size) { return size >= 0; });
  op.check(none_negative && stated == dim, "it splits ", dim, " elements into parts of ", dims_text(sizes));
  emit_split(op, x, axis, sizes);
}

void unpack(Op& op) {
  const auto o = op.options<tflite::UnpackOptions>();
  const auto x = op.input(0);
  const auto axis = op.axis(o.axis, op.rank(x));
  const int64_t dim = op.shape(x)[static_cast<size_t>(axis)];
  op.check(o.num == dim && dim == static_cast<int64_t>(op.output_count()), "it unpacks ", o.num, " of ", dim,
           " elements and has ", op.output_count(), " outputs");
  auto parts = dim == 1 ? std::vector<ValueId>{x} : op.split(x, axis, Ints(static_cast<size_t>(dim), 1));
  for (auto& part : parts) part = op.squeeze(part, {axis});
  bind_parts(op, parts);
}

// --- GATHER

// TFLite has no negative indices: to ONNX they would mean the end, to the runtime they are an error.
void check_indices(Op& op, ValueId indices, int64_t size) {
  const auto* data = op.constant(indices);
  if (data == nullptr) return;
  for (const int64_t index : data->as_ints()) {
    op.check(index >= 0 && index < size, "it picks element ", index, " of ", size);
  }
}

void gather(Op& op) {
  const auto o = op.options<tflite::GatherOptions>();
  const auto x = op.input(0), indices = op.input(1);
  const auto axis = op.axis(o.axis, op.rank(x));
  check_indices(op, indices, op.shape(x)[static_cast<size_t>(axis)]);
  const int64_t batch_dims = o.batch_dims < 0 ? o.batch_dims + op.rank(indices) : o.batch_dims;
  if (batch_dims == 0) return op.output(0, op.emit("Gather", {x, indices}, {{"axis", axis}}));
  if (batch_dims != axis) {
    op.refuse("it gathers along axis ", axis, " with ", batch_dims,
              " batch axes; only as many batch axes as the axis' number can be converted");
  }
  const auto positions = op.unsqueeze(op.cast(indices, ir::DType::i64), {op.rank(indices)});
  op.output(0, op.emit("GatherND", {x, positions}, {{"batch_dims", batch_dims}}));
}

void reverse(Op& op) {
  const auto x = op.input(0);
  Slicing slicing;
  for (const auto axis : op.constant_ints(1, "its axes")) {
    slicing.add(op.axis(axis, op.rank(x)), -1, before_the_first, -1);
  }
  op.output(0, emit_slice(op, x, slicing));
}

}  // namespace

void register_slice(OpTable& table) {
  table.add("SLICE", {1, 7}, slice, "Slice");
  table.add("STRIDED_SLICE", {1, 8}, strided_slice, "Slice, Squeeze, Unsqueeze");
  table.add("SPLIT", {1, 4}, split, "Split");
  table.add("SPLIT_V", {1, 2}, split_v, "Split");
  table.add("UNPACK", {1, 4}, unpack, "Split, Squeeze");
  table.add("GATHER", {1, 7}, gather, "Gather, GatherND, Unsqueeze, Cast");
  table.add("REVERSE_V2", {1, 3}, reverse, "Slice");
}

}  // namespace es::translate
