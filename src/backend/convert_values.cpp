// SPDX-License-Identifier: Apache-2.0
#include "backend/convert_values.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/error.h"

namespace es::backend {
namespace {

template <typename Integer>
Integer to_integer_value(float value) {
  if (std::isnan(value)) return 0;
  const double rounded = std::nearbyint(static_cast<double>(value));
  constexpr auto lowest = static_cast<double>(std::numeric_limits<Integer>::min());
  constexpr auto highest = static_cast<double>(std::numeric_limits<Integer>::max());
  if (rounded <= lowest) return std::numeric_limits<Integer>::min();
  // The double nearest to a 64-bit maximum is one above it: such a value must not be cast.
  if (rounded >= highest) return std::numeric_limits<Integer>::max();
  return static_cast<Integer>(rounded);
}

template <typename Value, typename Convert>
void write_all(std::span<const float> values, void* to, Convert convert) {
  std::transform(values.begin(), values.end(), static_cast<Value*>(to), convert);
}

template <typename Integer>
void write_integers(std::span<const float> values, void* to) {
  write_all<Integer>(values, to, to_integer_value<Integer>);
}

}  // namespace

uint16_t to_half(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  const uint32_t sign = (bits >> 16) & 0x8000;
  const uint32_t magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return static_cast<uint16_t>(sign | 0x7e00);
  // 65520 and above round to infinity.
  if (magnitude >= 0x477ff000) return static_cast<uint16_t>(sign | 0x7c00);
  if (magnitude < 0x38800000) {
    // Below the smallest normal number: adding 0.5 lets the processor round to the 2^-24 that such halves count in.
    const float shifted = std::bit_cast<float>(magnitude) + 0.5f;
    return static_cast<uint16_t>(sign | (std::bit_cast<uint32_t>(shifted) - 0x3f000000));
  }
  const uint32_t rebased = magnitude - (112u << 23);
  return static_cast<uint16_t>(sign | ((rebased + 0xfff + ((rebased >> 13) & 1)) >> 13));
}

float from_half(uint16_t bits) {
  const uint32_t sign = (bits & 0x8000u) << 16;
  const uint32_t magnitude = bits & 0x7fffu;
  if (magnitude >= 0x7c00) return std::bit_cast<float>(sign | 0x7f800000 | ((magnitude & 0x3ff) << 13));
  if (magnitude < 0x400) {
    const float value = std::ldexp(static_cast<float>(magnitude), -24);
    return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(value));
  }
  return std::bit_cast<float>(sign | ((magnitude << 13) + (112u << 23)));
}

void from_floats(std::span<const float> values, DType dtype, void* to) {
  switch (dtype) {
    case DType::f32:
      std::memcpy(to, values.data(), values.size_bytes());
      return;
    case DType::f16:
      return write_all<uint16_t>(values, to, to_half);
    case DType::f64:
      return write_all<double>(values, to, [](float value) { return static_cast<double>(value); });
    case DType::boolean:
      return write_all<uint8_t>(values, to, [](float value) { return static_cast<uint8_t>(value != 0); });
    case DType::i8:
      return write_integers<int8_t>(values, to);
    case DType::u8:
      return write_integers<uint8_t>(values, to);
    case DType::i16:
      return write_integers<int16_t>(values, to);
    case DType::u16:
      return write_integers<uint16_t>(values, to);
    case DType::i32:
      return write_integers<int32_t>(values, to);
    case DType::u32:
      return write_integers<uint32_t>(values, to);
    case DType::i64:
      return write_integers<int64_t>(values, to);
    case DType::u64:
      return write_integers<uint64_t>(values, to);
  }
}

bool is_float(DType dtype) { return dtype == DType::f32 || dtype == DType::f16 || dtype == DType::f64; }

void to_floats(const void* from, DType dtype, std::span<float> out) {
  require(is_float(dtype), ErrorKind::internal, "a tensor of ", dtype, " was to become float32");
  if (dtype == DType::f32) {
    std::memcpy(out.data(), from, out.size_bytes());
  } else if (dtype == DType::f16) {
    const auto* halves = static_cast<const uint16_t*>(from);
    std::transform(halves, halves + out.size(), out.begin(), from_half);
  } else {
    const auto* doubles = static_cast<const double*>(from);
    std::transform(doubles, doubles + out.size(), out.begin(), [](double value) { return static_cast<float>(value); });
  }
}

}  // namespace es::backend
