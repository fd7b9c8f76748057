// SPDX-License-Identifier: Apache-2.0
//
// What works by positions, and tensors made from their shape.
#include <algorithm>
#include <numeric>

#include "reference/call.h"

namespace es::reference {
namespace {

// Result axes: those before `axis`, those of the indices beyond the batch, those after `axis`.
void gather_along(Call& call, const Array& x, const Array& indices, size_t axis, size_t batch) {
  Dims shape(x.shape.begin(), x.shape.begin() + static_cast<std::ptrdiff_t>(axis));
  shape.insert(shape.end(), indices.shape.begin() + static_cast<std::ptrdiff_t>(batch), indices.shape.end());
  shape.insert(shape.end(), x.shape.begin() + static_cast<std::ptrdiff_t>(axis) + 1, x.shape.end());
  const auto own = static_cast<std::ptrdiff_t>(indices.shape.size() - batch);
  auto y = call.make(shape);
  for_each(shape, [&](const Index& index) {
    const auto middle = index.begin() + static_cast<std::ptrdiff_t>(axis);
    Index which(index.begin(), index.begin() + static_cast<std::ptrdiff_t>(batch));
    which.insert(which.end(), middle, middle + own);
    Index from(index.begin(), middle);
    from.push_back(static_cast<int64_t>(at(indices, which)));
    from.insert(from.end(), middle + own, index.end());
    at(y, index) = at(x, from);
  });
  call.give(std::move(y));
}

void gather(Call& call) {
  const auto o = call.options<tflite::GatherOptions>();
  const auto &x = call.in(0), &indices = call.in(1);
  const auto rank = static_cast<int>(indices.shape.size());
  gather_along(call, x, indices, static_cast<size_t>(call.axis(o.axis, x.shape.size())),
               static_cast<size_t>(o.batch_dims < 0 ? o.batch_dims + rank : o.batch_dims));
}

void embedding_lookup(Call& call) { gather_along(call, call.in(1), call.in(0), 0, 0); }

// The positions in the last axis of `indices` for every index of the others.
Index position(const Array& indices, Index which) {
  Index result;
  which.push_back(0);
  for (; which.back() < indices.shape.back(); ++which.back())
    result.push_back(static_cast<int64_t>(at(indices, which)));
  return result;
}

void gather_nd(Call& call) {
  const auto &x = call.in(0), &indices = call.in(1);
  call.check(!indices.shape.empty() && indices.shape.back() <= static_cast<int64_t>(x.shape.size()),
             "its positions do not fit");
  const auto outer = static_cast<std::ptrdiff_t>(indices.shape.size()) - 1;
  Dims shape(indices.shape.begin(), indices.shape.end() - 1);
  shape.insert(shape.end(), x.shape.begin() + indices.shape.back(), x.shape.end());
  auto y = call.make(shape);
  for_each(shape, [&](const Index& index) {
    Index from = position(indices, {index.begin(), index.begin() + outer});
    from.insert(from.end(), index.begin() + outer, index.end());
    at(y, index) = at(x, from);
  });
  call.give(std::move(y));
}

void scatter_nd(Call& call) {
  const auto &indices = call.in(0), &updates = call.in(1);
  const auto outer = static_cast<std::ptrdiff_t>(indices.shape.size()) - 1;
  auto y = call.make(call.ints(2));
  for_each(updates.shape, [&](const Index& index) {
    Index to = position(indices, {index.begin(), index.begin() + outer});
    to.insert(to.end(), index.begin() + outer, index.end());
    at(y, to) += at(updates, index);
  });
  call.give(std::move(y));
}

// Largest first, of equals the first.
void topk(Call& call) {
  const auto& x = call.in(0);
  const int64_t k = call.integer(1);
  call.check(!x.shape.empty() && k >= 0 && k <= x.shape.back(), "it takes ", k, " of too few");
  Dims shape = x.shape;
  shape.back() = k;
  auto values = call.make(shape, 0), places = call.make(shape, 1);
  const auto length = static_cast<size_t>(x.shape.back());
  std::vector<size_t> order(length);
  for (size_t run = 0; length > 0 && run < x.values.size() / length; ++run) {
    const double* row = &x.values[run * length];
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return row[a] > row[b]; });
    for (size_t i = 0; i < static_cast<size_t>(k); ++i) {
      values.values[run * static_cast<size_t>(k) + i] = row[order[i]];
      places.values[run * static_cast<size_t>(k) + i] = static_cast<double>(order[i]);
    }
  }
  call.give(std::move(values), 0);
  call.give(std::move(places), 1);
}

void one_hot(Call& call) {
  const auto& indices = call.in(0);
  const int64_t stated = call.options<tflite::OneHotOptions>().axis;
  const auto axis = call.axis(stated, indices.shape.size() + 1);
  Dims shape = indices.shape;
  shape.insert(shape.begin() + axis, call.integer(1));
  auto y = call.make(shape);
  for_each(shape, [&](Index index) {
    double& value = at(y, index);
    const auto place = static_cast<double>(index[static_cast<size_t>(axis)]);
    index.erase(index.begin() + axis);
    value = call.number(at(indices, index) == place ? 2 : 3);
  });
  call.give(std::move(y));
}

void where(Call& call) {
  const auto& x = call.in(0);
  Array y = call.make({0, static_cast<int64_t>(x.shape.size())});
  for_each(x.shape, [&](const Index& index) {
    if (at(x, index) == 0) return;
    ++y.shape[0];
    y.values.insert(y.values.end(), index.begin(), index.end());
  });
  call.give(std::move(y));
}

void cumsum(Call& call) {
  const auto o = call.options<tflite::CumsumOptions>();
  const auto& x = call.in(0);
  const auto axis = static_cast<size_t>(call.axis(call.integer(1), x.shape.size()));
  auto y = call.make(x.shape);
  for_each(x.shape, [&](const Index& index) {
    Index other = index;
    for (other[axis] = 0; other[axis] < x.shape[axis]; ++other[axis]) {
      const bool before = o.reverse ? other[axis] > index[axis] : other[axis] < index[axis];
      if (before || (!o.exclusive && other == index)) at(y, index) += at(x, other);
    }
  });
  call.give(std::move(y));
}

void reverse_sequence(Call& call) {
  const auto o = call.options<tflite::ReverseSequenceOptions>();
  const auto& x = call.in(0);
  const auto lengths = call.ints(1);
  const auto time = static_cast<size_t>(call.axis(o.seq_dim, x.shape.size()));
  const auto batch = static_cast<size_t>(call.axis(o.batch_dim, x.shape.size()));
  call.check(static_cast<int64_t>(lengths.size()) == x.shape[batch], "it has ", lengths.size(), " lengths");
  auto y = call.make(x.shape);
  for_each(x.shape, [&](const Index& index) {
    Index from = index;
    const int64_t length = lengths[static_cast<size_t>(index[batch])];
    call.check(length <= x.shape[time], "a sequence is ", length, " long");
    if (index[time] < length) from[time] = length - 1 - index[time];
    at(y, index) = at(x, from);
  });
  call.give(std::move(y));
}

void fill(Call& call) {
  auto y = call.make(call.ints(0));
  std::fill(y.values.begin(), y.values.end(), call.number(1));
  call.give(std::move(y));
}

void zeros_like(Call& call) { call.give(call.make(call.in(0).shape)); }

void range(Call& call) {
  const double start = call.number(0), end = call.number(1), step = call.number(2);
  call.check(step != 0, "its step is 0");
  call.check((end - start) / step < 1e8, "it makes ", (end - start) / step, " numbers");
  Array y = call.make({0});
  for (double value = start; step > 0 ? value < end : value > end;
       value = start + step * static_cast<double>(y.shape[0])) {
    y.values.push_back(value);
    ++y.shape[0];
  }
  call.give(std::move(y));
}

constexpr Row rows[] = {
    {"GATHER", gather},
    {"EMBEDDING_LOOKUP", embedding_lookup},
    {"GATHER_ND", gather_nd},
    {"SCATTER_ND", scatter_nd},
    {"TOPK_V2", topk},
    {"ONE_HOT", one_hot},
    {"WHERE", where},
    {"CUMSUM", cumsum},
    {"REVERSE_SEQUENCE", reverse_sequence},
    {"FILL", fill},
    {"ZEROS_LIKE", zeros_like},
    {"RANGE", range},
};

}  // namespace

std::span<const Row> index_rows() { return rows; }

}  // namespace es::reference
