// SPDX-License-Identifier: Apache-2.0
//
// The doors of a session: floats to the dtype a model wants, its floats back to float32.
#pragma once

#include <cstdint>
#include <span>

#include "vision/tensor.h"

namespace es::backend {

// IEEE 754 binary16; halves of the last place go to even, what is too large becomes infinity.
uint16_t to_half(float value);
float from_half(uint16_t bits);

// Writes values.size() values of `dtype` to `to`: rounded to the nearest, halves to even, and clamped for integers; not
// a number becomes 0 there. For f32 a copy.
void from_floats(std::span<const float> values, DType dtype, void* to);

// Reads out.size() values of a float dtype (f16, f32, f64). Other dtypes: internal error.
void to_floats(const void* from, DType dtype, std::span<float> out);

bool is_float(DType dtype);

}  // namespace es::backend
