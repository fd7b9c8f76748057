// SPDX-License-Identifier: Apache-2.0
//
// Reductions, the positions of extremes, and what is normalised along the last axis.
#include <algorithm>
#include <cmath>

#include "reference/call.h"

namespace es::reference {
namespace {

using Fold = double (*)(double, double);

std::vector<bool> reduced_axes(const Call& call, size_t rank) {
  std::vector<bool> reduced(rank, false);
  for (const auto axis : call.ints(1)) reduced[static_cast<size_t>(call.axis(axis, rank))] = true;
  return reduced;
}

// Without the axes that go, or with a 1 in their place.
Dims kept(const Dims& dims, const std::vector<bool>& reduced, bool keep_dims) {
  Dims result;
  for (size_t axis = 0; axis < dims.size(); ++axis) {
    if (!reduced[axis])
      result.push_back(dims[axis]);
    else if (keep_dims)
      result.push_back(1);
  }
  return result;
}

Index kept_index(const Index& index, const std::vector<bool>& reduced, bool keep_dims) {
  Index result;
  for (size_t axis = 0; axis < index.size(); ++axis) {
    if (!reduced[axis])
      result.push_back(index[axis]);
    else if (keep_dims)
      result.push_back(0);
  }
  return result;
}

Array folded(Call& call, Fold fold, double start) {
  const auto& x = call.in(0);
  const bool keep_dims = call.options<tflite::ReducerOptions>().keep_dims;
  const auto reduced = reduced_axes(call, x.shape.size());
  auto y = call.make(kept(x.shape, reduced, keep_dims));
  std::fill(y.values.begin(), y.values.end(), start);
  for_each(x.shape, [&](const Index& index) {
    double& result = at(y, kept_index(index, reduced, keep_dims));
    result = fold(result, at(x, index));
  });
  return y;
}

double add(double a, double b) { return a + b; }

void mean(Call& call) {
  auto y = folded(call, add, 0);
  const double size = static_cast<double>(call.in(0).values.size()) / static_cast<double>(y.values.size());
  for (double& value : y.values) value /= size;
  call.give(std::move(y));
}

using Better = bool (*)(double, double);

// The first of equals.
template <Better better>
void arg(Call& call) {
  const auto& x = call.in(0);
  std::vector<bool> reduced(x.shape.size(), false);
  const auto axis = static_cast<size_t>(call.axis(call.integer(1), x.shape.size()));
  reduced[axis] = true;
  auto y = call.make(kept(x.shape, reduced, false));
  for_each(x.shape, [&](const Index& index) {
    double& best = at(y, kept_index(index, reduced, false));
    Index place = index;
    place[axis] = static_cast<int64_t>(best);
    if (better(at(x, index), at(x, place))) best = static_cast<double>(index[axis]);
  });
  call.give(std::move(y));
}

// Rewrites each run along the last axis.
void along_last_axis(Call& call, const std::function<void(std::span<double>)>& rewrite) {
  auto y = call.make(call.in(0).shape);
  call.check(!y.shape.empty(), "its input is a single number");
  y.values = call.in(0).values;
  const auto length = static_cast<size_t>(y.shape.back());
  for (size_t start = 0; start + length <= y.values.size() && length > 0; start += length) {
    rewrite(std::span(y.values).subspan(start, length));
  }
  call.give(std::move(y));
}

// x - log(sum of exp x), without overflow
void to_log_softmax(std::span<double> run) {
  const double top = *std::max_element(run.begin(), run.end());
  double sum = 0;
  for (const double x : run) sum += std::exp(x - top);
  for (double& x : run) x = x - top - std::log(sum);
}

void softmax(Call& call) {
  const double beta = static_cast<double>(call.options<tflite::SoftmaxOptions>().beta);
  along_last_axis(call, [&](std::span<double> run) {
    for (double& x : run) x *= beta;
    to_log_softmax(run);
    for (double& x : run) x = std::exp(x);
  });
}

void l2_normalization(Call& call) {
  along_last_axis(call, [](std::span<double> run) {
    double sum = 0;
    for (const double x : run) sum += x * x;
    const double length = std::max(std::sqrt(sum), 1e-6);
    for (double& x : run) x /= length;
  });
}

void local_response_normalization(Call& call) {
  const auto o = call.options<tflite::LocalResponseNormalizationOptions>();
  along_last_axis(call, [&](std::span<double> run) {
    const std::vector<double> x(run.begin(), run.end());
    const auto length = static_cast<int64_t>(x.size());
    for (int64_t i = 0; i < length; ++i) {
      double sum = 0;
      for (int64_t j = std::max<int64_t>(0, i - o.radius); j <= std::min<int64_t>(length - 1, i + o.radius); ++j) {
        sum += x[static_cast<size_t>(j)] * x[static_cast<size_t>(j)];
      }
      run[static_cast<size_t>(i)] *=
          std::pow(static_cast<double>(o.bias) + static_cast<double>(o.alpha) * sum, -static_cast<double>(o.beta));
    }
  });
}

constexpr Row rows[] = {
    {"MEAN", mean},
    {"SUM", [](Call& call) { call.give(folded(call, add, 0)); }},
    {"REDUCE_MAX",
     [](Call& call) {
       call.give(folded(
           call, [](double a, double b) { return std::max(a, b); }, -INFINITY));
     }},
    {"REDUCE_MIN",
     [](Call& call) {
       call.give(folded(
           call, [](double a, double b) { return std::min(a, b); }, INFINITY));
     }},
    {"REDUCE_PROD",
     [](Call& call) {
       call.give(folded(
           call, [](double a, double b) { return a * b; }, 1));
     }},
    {"REDUCE_ANY",
     [](Call& call) {
       call.give(folded(
           call, [](double a, double b) -> double { return a != 0 || b != 0; }, 0));
     }},
    {"REDUCE_ALL",
     [](Call& call) {
       call.give(folded(
           call, [](double a, double b) -> double { return a != 0 && b != 0; }, 1));
     }},
    {"ARG_MAX", arg<[](double a, double b) { return b < a; }>},
    {"ARG_MIN", arg<[](double a, double b) { return a < b; }>},
    {"SOFTMAX", softmax},
    {"LOG_SOFTMAX", [](Call& call) { along_last_axis(call, to_log_softmax); }},
    {"L2_NORMALIZATION", l2_normalization},
    {"LOCAL_RESPONSE_NORMALIZATION", local_response_normalization},
};

}  // namespace

std::span<const Row> reduce_rows() { return rows; }

}  // namespace es::reference
