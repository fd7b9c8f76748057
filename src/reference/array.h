// SPDX-License-Identifier: Apache-2.0
//
// A tensor that is easy to compute with: every element a double, whatever its type in the file. Doubles hold all
// halves, floats and integers up to 2^53 exactly.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "tflite/model.h"

namespace es::reference {

using Dims = std::vector<int64_t>;
using Index = std::vector<int64_t>;

struct Array {
  tflite::TensorType type = tflite::TensorType::float32;
  Dims shape;
  std::vector<double> values;  // row-major
};

// The product; 1 for a scalar. Throws unsupported where the loops here would not end in reasonable time.
int64_t count(const Dims& shape);

// An array of zeros.
Array make_array(tflite::TensorType type, Dims shape);

// The place of `index` in an array of that shape.
size_t offset(const Dims& shape, const Index& index);
double at(const Array& array, const Index& index);
double& at(Array& array, const Index& index);

// Every index of the shape in row-major order.
void for_each(const Dims& shape, const std::function<void(const Index&)>& body);

// The element that an index of a larger shape means, by broadcasting from the right.
double broadcast_at(const Array& array, const Index& index);
Dims broadcast(const Dims& a, const Dims& b);

// The elements as integers, for axes and sizes.
std::vector<int64_t> integers(const Array& array);

// A constant of the file, weights dequantised. Throws unsupported for text, sparse and other forms without numbers.
Array decode(const tflite::Tensor& tensor);
// The same, quantised ones as the integers that are stored.
Array decode_integers(const tflite::Tensor& tensor);

// Rounds to what the type holds: floats to 24 bits, integers towards zero.
void round_to_type(Array& array);

}  // namespace es::reference
