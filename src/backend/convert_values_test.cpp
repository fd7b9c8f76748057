// SPDX-License-Identifier: Apache-2.0
#include "backend/convert_values.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "testing/matchers.h"

namespace es::backend {
namespace {

// Every half as the standard defines it: sign, 5 bits of exponent with bias 15, 10 bits of fraction.
double half_by_definition(uint16_t bits) {
  const int exponent = (bits >> 10) & 31, fraction = bits & 1023;
  const double sign = bits & 0x8000 ? -1 : 1;
  if (exponent == 31) return fraction ? NAN : sign * INFINITY;
  return exponent == 0 ? sign * std::ldexp(fraction, -24) : sign * std::ldexp(1024 + fraction, exponent - 25);
}

TEST(Half, EveryBitPatternMeansWhatTheStandardSaysAndComesBack) {
  for (uint32_t bits = 0; bits <= 0xffff; ++bits) {
    const auto half = static_cast<uint16_t>(bits);
    const double want = half_by_definition(half);
    const float value = from_half(half);
    if (std::isnan(want)) {
      EXPECT_TRUE(std::isnan(value));
      EXPECT_TRUE(std::isnan(from_half(to_half(value))));
      continue;
    }
    ASSERT_EQ(value, want) << bits;
    ASSERT_EQ(to_half(value), half) << bits;
  }
}

TEST(Half, RoundsToTheNearestHalvesToEven) {
  for (uint32_t bits = 0; bits < 0x7bff; ++bits) {
    const double below = half_by_definition(static_cast<uint16_t>(bits));
    const double above = half_by_definition(static_cast<uint16_t>(bits + 1));
    const auto middle = static_cast<float>((below + above) / 2);
    ASSERT_EQ(to_half(middle), bits % 2 ? bits + 1 : bits) << bits;
    ASSERT_EQ(to_half(std::nextafter(middle, 0.0f)), bits) << bits;
    ASSERT_EQ(to_half(std::nextafter(middle, 1e9f)), bits + 1) << bits;
  }
  EXPECT_EQ(to_half(65519.0f), 0x7bff);
  EXPECT_EQ(to_half(65520.0f), 0x7c00);
  EXPECT_EQ(to_half(-1e30f), 0xfc00);
}

TEST(FromFloats, RoundsAndClampsForIntegers) {
  const std::vector<float> values{-300, -0.5f, 0.5f, 1.5f, 254.6f, 300, NAN, INFINITY};
  std::vector<uint8_t> bytes(values.size());
  from_floats(values, DType::u8, bytes.data());
  EXPECT_EQ(bytes, (std::vector<uint8_t>{0, 0, 0, 2, 255, 255, 0, 255}));
  std::vector<int8_t> signed_bytes(values.size());
  from_floats(values, DType::i8, signed_bytes.data());
  EXPECT_EQ(signed_bytes, (std::vector<int8_t>{-128, 0, 0, 2, 127, 127, 0, 127}));
  int64_t wide = 0;
  from_floats(std::vector<float>{9.3e18f}, DType::i64, &wide);
  EXPECT_EQ(wide, std::numeric_limits<int64_t>::max());
}

TEST(ToFloats, TakesFloatsOnly) {
  std::vector<float> out(1);
  const double value = 0.1;
  to_floats(&value, DType::f64, out);
  EXPECT_EQ(out[0], 0.1f);
  EXPECT_ERROR(to_floats(&value, DType::i32, out), ErrorKind::internal, "a tensor of int32 was to become float32");
}

}  // namespace
}  // namespace es::backend
