// SPDX-License-Identifier: Apache-2.0
//
// What quantised kernels do that float ones do not: fixed-point factors, rounding, saturation. Internal to this folder.
//
// Written from the description of TFLite's reference kernels: a factor is 31 bits and a shift; a product keeps the high
// half of the doubled 64-bit product, rounded to the nearest; a shift to the right rounds halves away from zero.
#pragma once

#include <cstdint>

#include "reference/call.h"

namespace es::reference {

// A real factor as the kernels hold it.
struct Factor {
  int64_t mantissa = 0;  // 31 bits
  int shift = 0;         // to the left where positive

  static Factor of(double real);
  int64_t times(int64_t value) const;
  // Rounded once, halves upwards, as the matrix library behind FULLY_CONNECTED does.
  int64_t times_rounded_once(int64_t value) const;
};

// The integers that a type holds.
struct Limits {
  double least, most;
};
Limits limits_of(tflite::TensorType type);

// q = value / scale + zero point, halves away from zero, saturated.
double quantized(double value, const tflite::Tensor& tensor);
double dequantized(double integer, const tflite::Tensor& tensor);

// The integers that an activation allows in a tensor.
Limits activation_limits(const tflite::Tensor& tensor, tflite::ActivationFunctionType activation);

// Operators with arithmetic of their own on integers: the sum of products first, whose result the caller rescales ...
bool accumulates(std::string_view name);
// ... and those computed here from beginning to end; nullptr where the operator has none, and rounding the real result
// is what its kernel comes to.
using IntegerKernel = void (*)(Call&);
IntegerKernel integer_kernel(std::string_view name);

// Accumulators of an operator that accumulates() as integers of its output: `weight` has one scale for each of the
// last axis's channels, or one.
void rescale(Array& accumulators, const tflite::Tensor& image, const tflite::Tensor& weight,
             const tflite::Tensor& output, tflite::ActivationFunctionType activation, bool is_dense);

}  // namespace es::reference
