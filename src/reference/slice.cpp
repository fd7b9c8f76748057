// SPDX-License-Identifier: Apache-2.0
//
// What takes parts out of a tensor.
#include <algorithm>

#include "reference/call.h"

namespace es::reference {
namespace {

void slice(Call& call) {
  const auto& x = call.in(0);
  const auto begin = call.ints(1);
  auto size = call.ints(2);
  call.check(begin.size() == x.shape.size() && size.size() == x.shape.size(), "its begins or sizes do not fit");
  for (size_t i = 0; i < size.size(); ++i) {
    if (size[i] == -1) size[i] = x.shape[i] - begin[i];
  }
  auto y = call.make(size);
  for_each(size, [&](Index index) {
    double& value = at(y, index);
    for (size_t i = 0; i < index.size(); ++i) index[i] += begin[i];
    value = at(x, index);
  });
  call.give(std::move(y));
}

// One axis of the input under a strided slice.
struct Taken {
  int64_t start = 0, step = 1, length = 0;
  bool vanishes = false;
};

// Which entry of the lists each axis of the input, and each axis that is new, belongs to.
struct StridedSlice {
  std::vector<Taken> axes;      // of the input
  std::vector<int64_t> result;  // for each axis of the result the input's axis, -1 where it is new
};

bool bit(int mask, size_t i) { return (mask >> i & 1) != 0; }

Taken take(int64_t begin, int64_t end, int64_t step, int64_t dim, bool from_start, bool to_end, bool offset) {
  if (begin < 0) begin += dim;
  const int64_t lowest = step > 0 ? 0 : -1, highest = step > 0 ? dim : dim - 1;
  const int64_t start = from_start ? (step > 0 ? 0 : dim - 1) : std::clamp(begin, lowest, highest);
  if (offset) end += start;
  if (end < 0 && !offset) end += dim;
  const int64_t stop = to_end ? (step > 0 ? dim : -1) : std::clamp(end, lowest, highest);
  const int64_t length = step > 0 ? (stop - start + step - 1) / step : (start - stop - step - 1) / -step;
  return {start, step, std::max<int64_t>(0, length), false};
}

StridedSlice plan(const Call& call) {
  const auto o = call.options<tflite::StridedSliceOptions>();
  const auto& dims = call.in(0).shape;
  const auto begin = call.ints(1), end = call.ints(2), step = call.ints(3);
  call.check(end.size() == begin.size() && step.size() == begin.size() && begin.size() < 32 &&
                 std::count(step.begin(), step.end(), 0) == 0,
             "its begins, ends and steps do not fit, or a step is 0");
  StridedSlice s;
  const auto whole = [&] {
    s.result.push_back(static_cast<int64_t>(s.axes.size()));
    s.axes.push_back({0, 1, dims[s.axes.size()], false});
  };
  size_t added = 0;
  for (size_t i = 0; i < begin.size(); ++i) added += bit(o.new_axis_mask, i) && !bit(o.ellipsis_mask, i) ? 1 : 0;
  for (size_t i = 0; i < begin.size(); ++i) {
    if (bit(o.ellipsis_mask, i)) {
      // What the other entries leave, but one axis at least.
      const auto left = static_cast<int64_t>(dims.size() + added) + 1 - static_cast<int64_t>(begin.size());
      for (int64_t n = std::max<int64_t>(1, left); n > 0 && s.axes.size() < dims.size(); --n) whole();
    } else if (bit(o.new_axis_mask, i)) {
      s.result.push_back(-1);
    } else if (s.axes.size() < dims.size()) {
      const int64_t dim = dims[s.axes.size()];
      const bool vanishes = bit(o.shrink_axis_mask, i);
      if (!vanishes) s.result.push_back(static_cast<int64_t>(s.axes.size()));
      if (vanishes)
        s.axes.push_back({begin[i] < 0 ? begin[i] + dim : begin[i], 1, 1, true});
      else
        s.axes.push_back(take(begin[i], end[i], step[i], dim, bit(o.begin_mask, i), bit(o.end_mask, i), o.offset));
    }
  }
  while (s.axes.size() < dims.size()) whole();
  return s;
}

void strided_slice(Call& call) {
  const auto& x = call.in(0);
  const auto s = plan(call);
  Dims shape;
  for (const auto axis : s.result) shape.push_back(axis < 0 ? 1 : s.axes[static_cast<size_t>(axis)].length);
  auto y = call.make(shape);
  for_each(shape, [&](const Index& index) {
    Index from;
    for (const auto& axis : s.axes) from.push_back(axis.start);
    for (size_t i = 0; i < index.size(); ++i) {
      if (s.result[i] >= 0)
        from[static_cast<size_t>(s.result[i])] += index[i] * s.axes[static_cast<size_t>(s.result[i])].step;
    }
    at(y, index) = at(x, from);
  });
  call.give(std::move(y));
}

// The part [start, start + size) of an axis.
Array part(const Call& call, const Array& x, size_t axis, int64_t start, int64_t size, size_t slot) {
  Dims shape = x.shape;
  shape[axis] = size;
  auto y = call.make(shape, slot);
  for_each(shape, [&](Index index) {
    double& value = at(y, index);
    index[axis] += start;
    value = at(x, index);
  });
  return y;
}

void give_parts(Call& call, const Array& x, size_t axis, const std::vector<int64_t>& sizes) {
  int64_t start = 0;
  for (size_t slot = 0; slot < sizes.size(); ++slot) {
    call.give(part(call, x, axis, start, sizes[slot], slot), slot);
    start += sizes[slot];
  }
}

void split(Call& call) {
  const auto& x = call.in(1);
  const auto axis = static_cast<size_t>(call.axis(call.integer(0), x.shape.size()));
  const auto parts = static_cast<int64_t>(call.output_count());
  call.check(parts > 0 && x.shape[axis] % parts == 0, "it splits ", x.shape[axis], " into ", parts);
  give_parts(call, x, axis, std::vector<int64_t>(call.output_count(), x.shape[axis] / parts));
}

void split_v(Call& call) {
  const auto& x = call.in(0);
  const auto axis = static_cast<size_t>(call.axis(call.integer(2), x.shape.size()));
  auto sizes = call.ints(1);
  int64_t known = 0;
  for (const auto size : sizes) known += size >= 0 ? size : 0;
  for (auto& size : sizes) {
    if (size < 0) size = x.shape[axis] - known;
  }
  give_parts(call, x, axis, sizes);
}

void unpack(Call& call) {
  const auto& x = call.in(0);
  const auto axis = static_cast<size_t>(call.axis(call.options<tflite::UnpackOptions>().axis, x.shape.size()));
  call.check(x.shape[axis] == static_cast<int64_t>(call.output_count()), "it has ", call.output_count(),
             " outputs for ", x.shape[axis]);
  for (size_t slot = 0; slot < call.output_count(); ++slot) {
    auto y = part(call, x, axis, static_cast<int64_t>(slot), 1, slot);
    y.shape.erase(y.shape.begin() + static_cast<std::ptrdiff_t>(axis));
    call.give(std::move(y), slot);
  }
}

void reverse(Call& call) {
  const auto& x = call.in(0);
  auto y = call.make(x.shape);
  for_each(x.shape, [&](const Index& index) {
    Index from = index;
    for (const auto stated : call.ints(1)) {
      const auto axis = static_cast<size_t>(call.axis(stated, x.shape.size()));
      from[axis] = x.shape[axis] - 1 - index[axis];
    }
    at(y, index) = at(x, from);
  });
  call.give(std::move(y));
}

constexpr Row rows[] = {
    {"SLICE", slice},   {"STRIDED_SLICE", strided_slice}, {"SPLIT", split}, {"SPLIT_V", split_v},
    {"UNPACK", unpack}, {"REVERSE_V2", reverse},
};

}  // namespace

std::span<const Row> slice_rows() { return rows; }

}  // namespace es::reference
