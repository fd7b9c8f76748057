// SPDX-License-Identifier: Apache-2.0
//
// Constants of the file as constants of the graph.
#pragma once

#include <span>

#include "ir/tensor_data.h"
#include "tflite/model.h"

namespace es::translate {

// The element type with the same meaning. Throws unsupported where the graph has none (strings, complex numbers, ...).
ir::DType dtype_of(tflite::TensorType type);

// The elements as stored; 4-bit and 2-bit ones widened to a byte each. Throws unsupported for a sparse constant.
ir::TensorData decode(const tflite::Tensor& tensor);

// scale * (q - zero_point) as f32, per tensor or per axis. Throws unsupported for other schemes.
ir::TensorData dequantize(const tflite::Tensor& tensor);
// The zero point of 8 bits written unsigned: up by 128 where the file has them signed.
int64_t unsigned_zero_point(const tflite::Tensor& tensor);
// The same as a constant of Q/DQ pairs.
ir::TensorData zero_point_constant(const tflite::Tensor& tensor);
// How many elements have the same index of `axis`, one behind the other.
size_t elements_behind(std::span<const int64_t> dims, size_t axis);
// The same for a bias, whose scale is that of the image times that of the weight (for each output channel where the
// weight has several). Throws malformed where the bias has another number of elements than the weight has scales.
ir::TensorData dequantize_bias(const tflite::Tensor& bias, const tflite::Tensor& image, const tflite::Tensor& weight);

// Axis i of the result is axis permutation[i] of `data`.
ir::TensorData permute(const ir::TensorData& data, std::span<const int64_t> permutation);

// Every element converted to f32.
ir::TensorData to_floats(const ir::TensorData& data);

}  // namespace es::translate
