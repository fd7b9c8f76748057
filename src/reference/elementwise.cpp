// SPDX-License-Identifier: Apache-2.0
//
// What is computed for each element by itself, and the conversions between types.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "reference/call.h"

namespace es::reference {
namespace {

using Unary = double (*)(double);
using Binary = double (*)(double, double);

void map(Call& call, const std::function<double(double)>& f) {
  const auto& x = call.in(0);
  auto y = call.make(x.shape);
  for (size_t i = 0; i < y.values.size(); ++i) y.values[i] = f(x.values[i]);
  call.give(std::move(y));
}

template <Unary f>
void unary(Call& call) {
  map(call, f);
}

Array combined(Call& call, Binary f) {
  const auto &a = call.in(0), &b = call.in(1);
  auto y = call.make(broadcast(a.shape, b.shape));
  if (a.shape == b.shape) {
    for (size_t i = 0; i < y.values.size(); ++i) y.values[i] = f(a.values[i], b.values[i]);
    return y;
  }
  for_each(y.shape, [&](const Index& index) { at(y, index) = f(broadcast_at(a, index), broadcast_at(b, index)); });
  return y;
}

template <Binary f>
void binary(Call& call) {
  call.give(combined(call, f));
}

// Integers are rounded towards zero by give(), which is what their quotient needs.
template <Binary f>
void arithmetic(Call& call) {
  auto y = combined(call, f);
  call.activate(y, call.options<tflite::ArithmeticOptions>().fused_activation_function);
  call.give(std::move(y));
}

double remainder_with_the_divisors_sign(double a, double b) {
  const double rest = std::fmod(a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

double sign(double x) { return x > 0 ? 1 : x < 0 ? -1 : 0; }

// Halves go to the even neighbour.
double round_half_to_even(double x) {
  const double below = std::floor(x), rest = x - below;
  if (rest != 0.5) return rest < 0.5 ? below : below + 1;
  return std::fmod(below, 2) == 0 ? below : below + 1;
}

double exact_gelu(double x) { return x / 2 * (1 + std::erf(x / std::numbers::sqrt2)); }

double approximate_gelu(double x) {
  return x / 2 * (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
}

void add_n(Call& call) {
  auto y = call.make(call.in(0).shape);
  for (size_t slot = 0; slot < call.input_count(); ++slot) {
    call.check(call.in(slot).shape == y.shape, "its inputs have different shapes");
    for (size_t i = 0; i < y.values.size(); ++i) y.values[i] += call.in(slot).values[i];
  }
  call.give(std::move(y));
}

void select(Call& call) {
  const auto &condition = call.in(0), &a = call.in(1), &b = call.in(2);
  const bool by_rows = call.name() == "SELECT" && condition.shape.size() == 1 && a.shape.size() > 1;
  auto y = call.make(by_rows ? a.shape : broadcast(condition.shape, broadcast(a.shape, b.shape)));
  for_each(y.shape, [&](const Index& index) {
    const double chosen = by_rows ? at(condition, {index[0]}) : broadcast_at(condition, index);
    at(y, index) = broadcast_at(chosen != 0 ? a : b, index);
  });
  call.give(std::move(y));
}

void prelu(Call& call) {
  call.give(combined(call, [](double x, double slope) { return x >= 0 ? x : slope * x; }));
}

void leaky_relu(Call& call) {
  const double alpha = static_cast<double>(call.options<tflite::LeakyReluOptions>().alpha);
  map(call, [&](double x) { return x >= 0 ? x : alpha * x; });
}

void gelu(Call& call) { map(call, call.options<tflite::GeluOptions>().approximate ? approximate_gelu : exact_gelu); }

// The steps of a range that has zero among them; halves go up.
void fake_quant(Call& call) {
  const auto o = call.options<tflite::FakeQuantOptions>();
  call.check(o.min < o.max && o.num_bits > 1 && o.num_bits < 17, "its range or its bits are impossible");
  const double steps = (1 << o.num_bits) - (o.narrow_range ? 2 : 1);
  const double scale = (static_cast<double>(o.max) - static_cast<double>(o.min)) / steps;
  const double zero = std::round(std::min(std::max(0.0, -static_cast<double>(o.min) / scale), steps));
  map(call, [&](double x) {
    const double clamped = std::min(std::max(x, -zero * scale), (steps - zero) * scale);
    return std::floor((clamped + zero * scale) / scale + 0.5) * scale - zero * scale;
  });
}

void bucketize(Call& call) {
  const auto boundaries = call.options<tflite::BucketizeOptions>().boundaries;
  map(call, [&](double x) {
    return static_cast<double>(std::upper_bound(boundaries.begin(), boundaries.end(), static_cast<float>(x)) -
                               boundaries.begin());
  });
}

// Types are the file's: make() has the output's, give() rounds to it.
void convert(Call& call) {
  map(call, [](double x) { return x; });
}

constexpr Row rows[] = {
    {"ADD", arithmetic<[](double a, double b) { return a + b; }>},
    {"SUB", arithmetic<[](double a, double b) { return a - b; }>},
    {"MUL", arithmetic<[](double a, double b) { return a * b; }>},
    {"DIV", arithmetic<[](double a, double b) { return a / b; }>},
    {"ADD_N", add_n},
    {"MAXIMUM", binary<[](double a, double b) { return std::max(a, b); }>},
    {"MINIMUM", binary<[](double a, double b) { return std::min(a, b); }>},
    {"POW", binary<[](double a, double b) { return std::pow(a, b); }>},
    {"SQUARED_DIFFERENCE", binary<[](double a, double b) { return (a - b) * (a - b); }>},
    {"FLOOR_DIV", binary<[](double a, double b) { return std::floor(a / b); }>},
    {"FLOOR_MOD", binary<remainder_with_the_divisors_sign>},
    {"ATAN2", binary<[](double y, double x) { return y == 0 && x == 0 ? 0 : std::atan2(y, x); }>},
    {"BUCKETIZE", bucketize},
    {"EQUAL", binary<[](double a, double b) -> double { return a == b; }>},
    {"NOT_EQUAL", binary<[](double a, double b) -> double { return a != b; }>},
    {"LESS", binary<[](double a, double b) -> double { return a < b; }>},
    {"LESS_EQUAL", binary<[](double a, double b) -> double { return a <= b; }>},
    {"GREATER", binary<[](double a, double b) -> double { return b < a; }>},
    {"GREATER_EQUAL", binary<[](double a, double b) -> double { return a >= b; }>},
    {"LOGICAL_AND", binary<[](double a, double b) -> double { return a != 0 && b != 0; }>},
    {"LOGICAL_OR", binary<[](double a, double b) -> double { return a != 0 || b != 0; }>},
    {"LOGICAL_NOT", unary<[](double x) -> double { return x == 0; }>},
    {"SELECT", select},
    {"SELECT_V2", select},
    {"ABS", unary<[](double x) { return std::abs(x); }>},
    {"CEIL", unary<[](double x) { return std::ceil(x); }>},
    {"COS", unary<[](double x) { return std::cos(x); }>},
    {"EXP", unary<[](double x) { return std::exp(x); }>},
    {"FLOOR", unary<[](double x) { return std::floor(x); }>},
    {"LOG", unary<[](double x) { return std::log(x); }>},
    {"NEG", unary<[](double x) { return -x; }>},
    {"ROUND", unary<round_half_to_even>},
    {"RSQRT", unary<[](double x) { return 1 / std::sqrt(x); }>},
    {"SIGN", unary<sign>},
    {"SIN", unary<[](double x) { return std::sin(x); }>},
    {"SQRT", unary<[](double x) { return std::sqrt(x); }>},
    {"SQUARE", unary<[](double x) { return x * x; }>},
    {"CAST", convert},
    {"DEQUANTIZE", convert},
    {"QUANTIZE", convert},
    {"FAKE_QUANT", fake_quant},
    {"RELU", unary<[](double x) { return std::max(x, 0.0); }>},
    {"RELU6", unary<[](double x) { return std::clamp(x, 0.0, 6.0); }>},
    {"RELU_N1_TO_1", unary<[](double x) { return std::clamp(x, -1.0, 1.0); }>},
    {"RELU_0_TO_1", unary<[](double x) { return std::clamp(x, 0.0, 1.0); }>},
    {"LOGISTIC", unary<[](double x) { return 1 / (1 + std::exp(-x)); }>},
    {"TANH", unary<[](double x) { return std::tanh(x); }>},
    {"ELU", unary<[](double x) { return x >= 0 ? x : std::expm1(x); }>},
    {"LEAKY_RELU", leaky_relu},
    {"PRELU", prelu},
    {"HARD_SWISH", unary<[](double x) { return x * std::clamp(x + 3, 0.0, 6.0) / 6; }>},
    {"GELU", gelu},
};

}  // namespace

std::span<const Row> elementwise_rows() { return rows; }

}  // namespace es::reference
