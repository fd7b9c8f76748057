// SPDX-License-Identifier: Apache-2.0
//
// MATRIX_DIAG, MATRIX_SET_DIAG, DYNAMIC_UPDATE_SLICE, SEGMENT_SUM, UNSORTED_SEGMENT_*.
#include <algorithm>
#include <cmath>
#include <limits>

#include "reference/call.h"

namespace es::reference {
namespace {

void matrix_diag(Call& call) {
  const auto& x = call.in(0);
  call.check(!x.shape.empty(), "its input has no axis");
  Dims shape = x.shape;
  shape.push_back(shape.back());
  auto y = call.make(shape);
  for_each(x.shape, [&](const Index& index) {
    Index place = index;
    place.push_back(index.back());
    at(y, place) = at(x, index);
  });
  call.give(std::move(y));
}

void matrix_set_diag(Call& call) {
  const auto &x = call.in(0), &diagonal = call.in(1);
  auto y = call.make(x.shape);
  y.values = x.values;
  call.check(diagonal.shape.size() + 1 == x.shape.size(), "its diagonal does not fit its matrix");
  for_each(diagonal.shape, [&](const Index& index) {
    Index place = index;
    place.push_back(index.back());
    at(y, place) = at(diagonal, index);
  });
  call.give(std::move(y));
}

void dynamic_update_slice(Call& call) {
  const auto &x = call.in(0), &part = call.in(1);
  auto start = call.ints(2);
  call.check(start.size() == x.shape.size() && part.shape.size() == x.shape.size(), "its place has other axes");
  for (size_t axis = 0; axis < start.size(); ++axis) {
    call.check(part.shape[axis] <= x.shape[axis], "its part is larger than the whole");
    start[axis] = std::clamp<int64_t>(start[axis], 0, x.shape[axis] - part.shape[axis]);
  }
  auto y = call.make(x.shape);
  y.values = x.values;
  for_each(part.shape, [&](const Index& index) {
    Index place = index;
    for (size_t axis = 0; axis < place.size(); ++axis) place[axis] += start[axis];
    at(y, place) = at(part, index);
  });
  call.give(std::move(y));
}

using Combine = double (*)(double, double);

void segments(Call& call, int64_t count, double of_none, Combine combine) {
  const auto& x = call.in(0);
  const auto ids = call.ints(1);
  call.check(!x.shape.empty() && ids.size() == static_cast<size_t>(x.shape[0]),
             "its segments are not one for each row");
  if (count < 0) count = ids.empty() ? 0 : *std::max_element(ids.begin(), ids.end()) + 1;
  Dims shape = x.shape;
  shape[0] = count;
  auto y = call.make(shape);
  std::fill(y.values.begin(), y.values.end(), of_none);
  for_each(x.shape, [&](const Index& index) {
    const int64_t segment = ids[static_cast<size_t>(index[0])];
    if (segment < 0) return;
    Index place = index;
    place[0] = segment;
    at(y, place) = combine(at(y, place), at(x, index));
  });
  call.give(std::move(y));
}

double largest_of(const Call& call) {
  return call.out_type() == tflite::TensorType::float32 ? static_cast<double>(std::numeric_limits<float>::max())
                                                        : static_cast<double>(std::numeric_limits<int32_t>::max());
}
double smallest_of(const Call& call) {
  return call.out_type() == tflite::TensorType::float32 ? static_cast<double>(std::numeric_limits<float>::lowest())
                                                        : static_cast<double>(std::numeric_limits<int32_t>::min());
}

double sum(double a, double b) { return a + b; }

constexpr Row rows[] = {
    {"MATRIX_DIAG", matrix_diag},
    {"MATRIX_SET_DIAG", matrix_set_diag},
    {"DYNAMIC_UPDATE_SLICE", dynamic_update_slice},
    {"SEGMENT_SUM", [](Call& call) { segments(call, -1, 0, sum); }},
    {"UNSORTED_SEGMENT_SUM", [](Call& call) { segments(call, call.integer(2), 0, sum); }},
    {"UNSORTED_SEGMENT_PROD",
     [](Call& call) { segments(call, call.integer(2), 1, [](double a, double b) { return a * b; }); }},
    {"UNSORTED_SEGMENT_MAX",
     [](Call& call) {
       segments(call, call.integer(2), smallest_of(call), [](double a, double b) { return std::max(a, b); });
     }},
    {"UNSORTED_SEGMENT_MIN",
     [](Call& call) {
       segments(call, call.integer(2), largest_of(call), [](double a, double b) { return std::min(a, b); });
     }},
};

}  // namespace

std::span<const Row> assemble_rows() { return rows; }

}  // namespace es::reference
