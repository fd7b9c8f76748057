// SPDX-License-Identifier: Apache-2.0
#include "reference/integers.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace es::reference {
namespace {

using tflite::ActivationFunctionType;
using tflite::Tensor;
using tflite::TensorType;

constexpr int64_t int32_least = std::numeric_limits<int32_t>::min(), int32_most = std::numeric_limits<int32_t>::max();

int64_t rounded_shift(int64_t value, int bits) {
  if (bits <= 0) return value;
  if (bits > 31) return 0;
  const int64_t mask = (int64_t{1} << bits) - 1, rest = value & mask;
  const int64_t threshold = (mask >> 1) + (value < 0 ? 1 : 0);
  return (value >> bits) + (rest > threshold ? 1 : 0);
}

// The high half of 2 a b, rounded to the nearest.
int64_t doubled_high_product(int64_t a, int64_t b) {
  if (a == int32_least && b == int32_least) return int32_most;
  const int64_t product = a * b;
  const int64_t nudge = product >= 0 ? int64_t{1} << 30 : 1 - (int64_t{1} << 30);
  return (product + nudge) / (int64_t{1} << 31);
}

double scale_of(const Tensor& tensor) { return static_cast<double>(tensor.quantization.scale[0]); }
double zero_of(const Tensor& tensor) { return static_cast<double>(tensor.quantization.zero_point_at(0)); }

double clamped(double value, const Limits& limits) { return std::min(std::max(value, limits.least), limits.most); }

// --- kernels of their own

constexpr int sum_shift = 20;

// Both terms are brought to a common scale with room for 20 bits, added, and brought to the result's.
template <int sign>
void add(Call& call) {
  const auto &a = call.in_tensor(0), &b = call.in_tensor(1), &out = call.out_tensor(0);
  const double twice = 2 * std::max(scale_of(a), scale_of(b));
  const auto first = Factor::of(scale_of(a) / twice), second = Factor::of(scale_of(b) / twice);
  const auto result = Factor::of(twice / ((1 << sum_shift) * scale_of(out)));
  const auto limits = activation_limits(out, call.options<tflite::ArithmeticOptions>().fused_activation_function);
  const auto &x = call.in(0), &y = call.in(1);
  auto z = call.make_integers(broadcast(x.shape, y.shape));
  size_t i = 0;
  const auto term = [](double value, double zero, const Factor& factor) {
    return factor.times((static_cast<int64_t>(value) - static_cast<int64_t>(zero)) << sum_shift);
  };
  for_each(z.shape, [&](const Index& index) {
    const int64_t sum =
        term(broadcast_at(x, index), zero_of(a), first) + sign * term(broadcast_at(y, index), zero_of(b), second);
    z.values[i++] = clamped(static_cast<double>(result.times(sum)) + zero_of(out), limits);
  });
  call.give_integers(std::move(z));
}

void multiply(Call& call) {
  const auto &a = call.in_tensor(0), &b = call.in_tensor(1), &out = call.out_tensor(0);
  const auto factor = Factor::of(scale_of(a) * scale_of(b) / scale_of(out));
  const auto limits = activation_limits(out, call.options<tflite::ArithmeticOptions>().fused_activation_function);
  const auto &x = call.in(0), &y = call.in(1);
  auto z = call.make_integers(broadcast(x.shape, y.shape));
  size_t i = 0;
  for_each(z.shape, [&](const Index& index) {
    const double product = (broadcast_at(x, index) - zero_of(a)) * (broadcast_at(y, index) - zero_of(b));
    z.values[i++] = clamped(static_cast<double>(factor.times(static_cast<int64_t>(product))) + zero_of(out), limits);
  });
  call.give_integers(std::move(z));
}

// From one scale to another.
void requantize(Call& call) {
  const auto &in = call.in_tensor(0), &out = call.out_tensor(0);
  const auto& x = call.in(0);
  auto y = call.make_integers(x.shape);
  if (!in.is_quantized()) {
    for (size_t i = 0; i < y.values.size(); ++i) y.values[i] = quantized(x.values[i], out);
    return call.give_integers(std::move(y));
  }
  const auto factor = Factor::of(scale_of(in) / scale_of(out));
  for (size_t i = 0; i < y.values.size(); ++i) {
    const auto centered = static_cast<int64_t>(x.values[i] - zero_of(in));
    y.values[i] = clamped(static_cast<double>(factor.times(centered)) + zero_of(out), limits_of(out.type));
  }
  call.give_integers(std::move(y));
}

// The mean of integers, halves away from zero. Image and result have one scale.
void average_pool(Call& call) {
  const auto& out = call.out_tensor(0);
  const auto limits = activation_limits(out, call.options<tflite::Pool2DOptions>().fused_activation_function);
  call.pool([&](const std::vector<double>& cells) {
    int64_t sum = 0;
    for (const double cell : cells) sum += static_cast<int64_t>(cell);
    const auto count = static_cast<int64_t>(cells.size());
    const int64_t mean = sum > 0 ? (sum + count / 2) / count : (sum - count / 2) / count;
    return clamped(static_cast<double>(mean), limits);
  });
}

void max_pool(Call& call) {
  const auto& out = call.out_tensor(0);
  const auto limits = activation_limits(out, call.options<tflite::Pool2DOptions>().fused_activation_function);
  call.pool(
      [&](const std::vector<double>& cells) { return clamped(*std::max_element(cells.begin(), cells.end()), limits); });
}

struct KernelRow {
  std::string_view name;
  IntegerKernel kernel;
};

constexpr std::array kernels{
    KernelRow{"ADD", add<1>},
    KernelRow{"SUB", add<-1>},
    KernelRow{"MUL", multiply},
    KernelRow{"QUANTIZE", requantize},
    KernelRow{"AVERAGE_POOL_2D", average_pool},
    KernelRow{"MAX_POOL_2D", max_pool},
};

}  // namespace

Factor Factor::of(double real) {
  if (!(real > 0) || !std::isfinite(real)) return {};
  Factor factor;
  const double fraction = std::frexp(real, &factor.shift);
  factor.mantissa = std::llround(fraction * 2147483648.0);
  if (factor.mantissa == int64_t{1} << 31) {
    factor.mantissa /= 2;
    ++factor.shift;
  }
  if (factor.shift < -31) return {};
  factor.shift = std::min(factor.shift, 30);
  return factor;
}

int64_t Factor::times(int64_t value) const {
  const int64_t shifted = std::clamp(value * (int64_t{1} << std::max(shift, 0)), int32_least, int32_most);
  return rounded_shift(doubled_high_product(shifted, mantissa), std::max(-shift, 0));
}

int64_t Factor::times_rounded_once(int64_t value) const {
  const int bits = 31 - shift;  // 1 to 62
  return (std::clamp(value, int32_least, int32_most) * mantissa + (int64_t{1} << (bits - 1))) >> bits;
}

Limits limits_of(TensorType type) {
  switch (type) {
    case TensorType::int8:
      return {-128, 127};
    case TensorType::uint8:
      return {0, 255};
    case TensorType::int16:
      return {-32768, 32767};
    default:
      return {static_cast<double>(int32_least), static_cast<double>(int32_most)};
  }
}

double quantized(double value, const Tensor& tensor) {
  if (std::isnan(value)) return zero_of(tensor);
  const float steps = static_cast<float>(value) / tensor.quantization.scale[0];
  return clamped(static_cast<double>(std::round(steps)) + zero_of(tensor), limits_of(tensor.type));
}

double dequantized(double integer, const Tensor& tensor) { return scale_of(tensor) * (integer - zero_of(tensor)); }

Limits activation_limits(const Tensor& tensor, ActivationFunctionType activation) {
  auto limits = limits_of(tensor.type);
  const auto at_least = [&](double value) { limits.least = std::max(limits.least, quantized(value, tensor)); };
  const auto at_most = [&](double value) { limits.most = std::min(limits.most, quantized(value, tensor)); };
  if (activation == ActivationFunctionType::relu || activation == ActivationFunctionType::relu6) at_least(0);
  if (activation == ActivationFunctionType::relu6) at_most(6);
  if (activation == ActivationFunctionType::relu_n1_to_1) at_least(-1), at_most(1);
  return limits;
}

bool accumulates(std::string_view name) {
  static constexpr std::array<std::string_view, 5> names{"CONV_2D", "DEPTHWISE_CONV_2D", "TRANSPOSE_CONV",
                                                         "FULLY_CONNECTED", "CONV_3D"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

IntegerKernel integer_kernel(std::string_view name) {
  for (const auto& row : kernels) {
    if (row.name == name) return row.kernel;
  }
  return nullptr;
}

void rescale(Array& accumulators, const Tensor& image, const Tensor& weight, const Tensor& output,
             ActivationFunctionType activation, bool is_dense) {
  const auto limits = activation_limits(output, activation);
  std::vector<Factor> factors;
  for (const float scale : weight.quantization.scale) {
    // Kernels with one scale multiply the two in float, those with many in double.
    const bool in_float = is_dense || output.type == TensorType::uint8;
    const double product = in_float ? static_cast<double>(image.quantization.scale[0] * scale)
                                    : scale_of(image) * static_cast<double>(scale);
    factors.push_back(Factor::of(product / scale_of(output)));
  }
  const auto channels = static_cast<size_t>(accumulators.shape.empty() ? 1 : accumulators.shape.back());
  require(factors.size() == 1 || factors.size() == channels, ErrorKind::malformed, "its weight has ", factors.size(),
          " scales for ", channels, " channels");
  for (size_t i = 0; i < accumulators.values.size(); ++i) {
    const auto& factor = factors[factors.size() == 1 ? 0 : i % channels];
    const auto sum = static_cast<int64_t>(accumulators.values[i]);
    const auto integer = static_cast<double>(is_dense ? factor.times_rounded_once(sum) : factor.times(sum));
    accumulators.values[i] = clamped(integer + zero_of(output), limits);
  }
}

}  // namespace es::reference
