// SPDX-License-Identifier: Apache-2.0
#include "translate/constants.h"

#include <numeric>

#include "base/error.h"

namespace es::translate {
namespace {

using tflite::TensorType;

std::vector<int64_t> dims_of(const tflite::Tensor& tensor) { return {tensor.shape.begin(), tensor.shape.end()}; }

// Several elements in one byte, the lowest bits first.
Bytes unpack(const tflite::Tensor& tensor, int bits, bool is_signed) {
  const auto count = static_cast<size_t>(tensor.elements());
  const size_t per_byte = 8 / static_cast<size_t>(bits);
  const int values = 1 << bits;
  Bytes bytes(count);
  for (size_t i = 0; i < count; ++i) {
    int value = tensor.data[i / per_byte] >> (static_cast<size_t>(bits) * (i % per_byte)) & (values - 1);
    if (is_signed && value >= values / 2) value -= values;
    bytes[i] = static_cast<uint8_t>(value);
  }
  return bytes;
}

Bytes element_bytes(const tflite::Tensor& tensor) {
  switch (tensor.type) {
    case TensorType::int2:
      return unpack(tensor, 2, true);
    case TensorType::int4:
      return unpack(tensor, 4, true);
    case TensorType::uint4:
      return unpack(tensor, 4, false);
    default:
      return {tensor.data.begin(), tensor.data.end()};
  }
}

}  // namespace

ir::DType dtype_of(TensorType type) {
  switch (type) {
    case TensorType::float32:
      return ir::DType::f32;
    case TensorType::float16:
      return ir::DType::f16;
    case TensorType::bfloat16:
      return ir::DType::bf16;
    case TensorType::float64:
      return ir::DType::f64;
    case TensorType::int2:
    case TensorType::int4:
    case TensorType::int8:
      return ir::DType::i8;
    case TensorType::uint4:
    case TensorType::uint8:
      return ir::DType::u8;
    case TensorType::int16:
      return ir::DType::i16;
    case TensorType::uint16:
      return ir::DType::u16;
    case TensorType::int32:
      return ir::DType::i32;
    case TensorType::uint32:
      return ir::DType::u32;
    case TensorType::int64:
      return ir::DType::i64;
    case TensorType::uint64:
      return ir::DType::u64;
    case TensorType::boolean:
      return ir::DType::boolean;
    default:
      fail(ErrorKind::unsupported, "its elements are ", type, ", which ONNX graphs here do not have");
  }
}

ir::TensorData decode(const tflite::Tensor& tensor) {
  require(!tensor.is_sparse, ErrorKind::unsupported,
          "it is stored sparse, which cannot be converted; export the model "
          "without pruning's sparse storage");
  return ir::TensorData(dtype_of(tensor.type), dims_of(tensor), element_bytes(tensor));
}

ir::TensorData dequantize(const tflite::Tensor& tensor) {
  const auto& quantization = tensor.quantization;
  require(quantization.details.empty(), ErrorKind::unsupported, "it is quantised by ", quantization.details,
          ", only scales per tensor or per axis can be converted");
  const auto values = decode(tensor).as_doubles();
  const size_t inner = elements_behind(dims_of(tensor), static_cast<size_t>(quantization.dimension));
  std::vector<float> floats(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const size_t index = quantization.per_axis() ? i / inner % quantization.scale.size() : 0;
    const double offset = values[i] - static_cast<double>(quantization.zero_point_at(index));
    floats[i] = static_cast<float>(static_cast<double>(quantization.scale[index]) * offset);
  }
  return ir::TensorData::floats(dims_of(tensor), floats);
}

int64_t unsigned_zero_point(const tflite::Tensor& tensor) {
  return tensor.quantization.zero_point_at(0) + (tensor.type == TensorType::int8 ? 128 : 0);
}

ir::TensorData zero_point_constant(const tflite::Tensor& tensor) {
  return ir::TensorData::of(ir::DType::u8, {}, std::vector<uint8_t>{static_cast<uint8_t>(unsigned_zero_point(tensor))});
}

size_t elements_behind(std::span<const int64_t> dims, size_t axis) {
  size_t elements = 1;
  for (size_t i = axis + 1; i < dims.size(); ++i) elements *= static_cast<size_t>(dims[i]);
  return elements;
}

ir::TensorData dequantize_bias(const tflite::Tensor& bias, const tflite::Tensor& image, const tflite::Tensor& weight) {
  for (const auto* tensor : {&image, &weight}) {
    require(tensor->quantization.details.empty(), ErrorKind::unsupported, "it belongs to a tensor quantised by ",
            tensor->quantization.details, ", only scales per tensor or per axis can be converted");
  }
  const auto& scales = weight.quantization.scale;
  const auto values = decode(bias).as_doubles();
  require(scales.size() == 1 || scales.size() == values.size(), ErrorKind::malformed, "it has ", values.size(),
          " elements, its weight has ", scales.size(), " scales");
  std::vector<float> floats(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const double scale = static_cast<double>(scales[scales.size() == 1 ? 0 : i]);
    floats[i] = static_cast<float>(values[i] * static_cast<double>(image.quantization.scale[0]) * scale);
  }
  return ir::TensorData::floats(dims_of(bias), floats);
}

ir::TensorData permute(const ir::TensorData& data, std::span<const int64_t> permutation) {
  const size_t rank = permutation.size();
  require(rank == data.dims.size(), ErrorKind::internal, "a permutation of ", rank, " axes for rank ",
          data.dims.size());
  std::vector<int64_t> dims(rank), strides(rank), source_strides(rank, 1);
  for (size_t axis = rank; axis-- > 1;) source_strides[axis - 1] = source_strides[axis] * data.dims[axis];
  for (size_t axis = 0; axis < rank; ++axis) {
    dims[axis] = data.dims[static_cast<size_t>(permutation[axis])];
    strides[axis] = source_strides[static_cast<size_t>(permutation[axis])];
  }
  const size_t size = ir::size_of(data.dtype);
  Bytes bytes(data.bytes.size());
  std::vector<int64_t> index(rank, 0);
  int64_t source = 0;
  for (size_t at = 0; at < bytes.size(); at += size) {
    std::memcpy(&bytes[at], &data.bytes[static_cast<size_t>(source) * size], size);
    for (size_t axis = rank; axis-- > 0;) {
      source += strides[axis];
      if (++index[axis] < dims[axis]) break;
      source -= strides[axis] * dims[axis];
      index[axis] = 0;
    }
  }
  return ir::TensorData(data.dtype, std::move(dims), std::move(bytes));
}

ir::TensorData to_floats(const ir::TensorData& data) { return ir::TensorData::floats(data.dims, data.as_floats()); }

}  // namespace es::translate
