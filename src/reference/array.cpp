// SPDX-License-Identifier: Apache-2.0
#include "reference/array.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/error.h"

namespace es::reference {
namespace {

using tflite::TensorType;

constexpr int64_t most_elements = int64_t{1} << 27;

template <typename T>
double read(BytesView bytes, size_t index) {
  T value;
  std::memcpy(&value, bytes.data() + index * sizeof(T), sizeof value);
  return static_cast<double>(value);
}

// IEEE 754 binary16: sign, 5 bits of exponent, 10 of fraction.
double read_half(BytesView bytes, size_t index) {
  uint16_t bits;
  std::memcpy(&bits, bytes.data() + 2 * index, 2);
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  const double sign = bits >> 15 != 0 ? -1 : 1;
  if (exponent == 31) return fraction == 0 ? sign * INFINITY : NAN;
  return sign * (exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25));
}

// Two elements in a byte, the first in the low half.
double read_nibble(BytesView bytes, size_t index, bool is_signed) {
  const int value = bytes[index / 2] >> (4 * (index % 2)) & 15;
  return is_signed && value > 7 ? value - 16 : value;
}

double read_element(TensorType type, BytesView bytes, size_t index) {
  switch (type) {
    case TensorType::float32:
      return read<float>(bytes, index);
    case TensorType::float64:
      return read<double>(bytes, index);
    case TensorType::float16:
      return read_half(bytes, index);
    case TensorType::int8:
      return read<int8_t>(bytes, index);
    case TensorType::uint8:
      return read<uint8_t>(bytes, index);
    case TensorType::boolean:
      return bytes[index] != 0 ? 1 : 0;
    case TensorType::int16:
      return read<int16_t>(bytes, index);
    case TensorType::uint16:
      return read<uint16_t>(bytes, index);
    case TensorType::int32:
      return read<int32_t>(bytes, index);
    case TensorType::uint32:
      return read<uint32_t>(bytes, index);
    case TensorType::int64:
      return read<int64_t>(bytes, index);
    case TensorType::int4:
      return read_nibble(bytes, index, true);
    case TensorType::uint4:
      return read_nibble(bytes, index, false);
    default:
      fail(ErrorKind::unsupported, "a constant of type ", type, " cannot be evaluated");
  }
}

void dequantize(Array& array, const tflite::Quantization& quantization) {
  require(quantization.details.empty(), ErrorKind::unsupported, "a constant quantised by ", quantization.details,
          " cannot be evaluated");
  const auto axis = static_cast<size_t>(quantization.dimension);
  for_each(array.shape, [&](const Index& index) {
    const size_t i = quantization.per_axis() ? static_cast<size_t>(index[axis]) : 0;
    double& value = at(array, index);
    value = static_cast<double>(quantization.scale[i]) * (value - static_cast<double>(quantization.zero_point_at(i)));
  });
  array.type = TensorType::float32;
}

}  // namespace

int64_t count(const Dims& shape) {
  int64_t elements = 1;
  for (const auto dim : shape) {
    require(dim >= 0, ErrorKind::malformed, "a shape has the dimension ", dim);
    elements *= std::max<int64_t>(dim, 1);
    require(elements <= most_elements, ErrorKind::unsupported, "a tensor has more than ", most_elements,
            " elements, too many to be evaluated one by one");
  }
  return std::count(shape.begin(), shape.end(), 0) > 0 ? 0 : elements;
}

Array make_array(TensorType type, Dims shape) {
  Array array{.type = type, .shape = std::move(shape), .values = {}};
  array.values.resize(static_cast<size_t>(count(array.shape)));
  return array;
}

size_t offset(const Dims& shape, const Index& index) {
  require(index.size() == shape.size(), ErrorKind::internal, "an index of ", index.size(), " axes in an array of ",
          shape.size());
  int64_t place = 0;
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    require(index[axis] >= 0 && index[axis] < shape[axis], ErrorKind::malformed, "it reads or writes element ",
            index[axis], " of an axis that has ", shape[axis]);
    place = place * shape[axis] + index[axis];
  }
  return static_cast<size_t>(place);
}

double at(const Array& array, const Index& index) { return array.values[offset(array.shape, index)]; }
double& at(Array& array, const Index& index) { return array.values[offset(array.shape, index)]; }

void for_each(const Dims& shape, const std::function<void(const Index&)>& body) {
  Index index(shape.size(), 0);
  for (int64_t left = count(shape); left > 0; --left) {
    body(index);
    for (size_t axis = shape.size(); axis-- > 0;) {
      if (++index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
  }
}

double broadcast_at(const Array& array, const Index& index) {
  const size_t skipped = index.size() - array.shape.size();
  Index own(array.shape.size());
  for (size_t axis = 0; axis < own.size(); ++axis) own[axis] = array.shape[axis] == 1 ? 0 : index[skipped + axis];
  return at(array, own);
}

Dims broadcast(const Dims& a, const Dims& b) {
  Dims result(std::max(a.size(), b.size()), 1);
  for (const auto* shape : {&a, &b}) {
    const size_t skipped = result.size() - shape->size();
    for (size_t axis = 0; axis < shape->size(); ++axis) {
      auto& dim = result[skipped + axis];
      require(dim == 1 || (*shape)[axis] == 1 || dim == (*shape)[axis], ErrorKind::malformed, "axes of ", dim, " and ",
              (*shape)[axis], " elements do not broadcast");
      if (dim == 1) dim = (*shape)[axis];
    }
  }
  return result;
}

std::vector<int64_t> integers(const Array& array) {
  std::vector<int64_t> result;
  for (const double value : array.values) result.push_back(static_cast<int64_t>(value));
  return result;
}

Array decode_integers(const tflite::Tensor& tensor) {
  require(!tensor.is_sparse, ErrorKind::unsupported, "a sparse constant cannot be evaluated");
  auto array = make_array(tensor.type, {tensor.shape.begin(), tensor.shape.end()});
  for (size_t i = 0; i < array.values.size(); ++i) array.values[i] = read_element(tensor.type, tensor.data, i);
  return array;
}

Array decode(const tflite::Tensor& tensor) {
  auto array = decode_integers(tensor);
  if (tensor.is_quantized()) dequantize(array, tensor.quantization);
  return array;
}

void round_to_type(Array& array) {
  for (double& value : array.values) {
    if (array.type == TensorType::float32) {
      value = static_cast<double>(static_cast<float>(value));
    } else if (array.type == TensorType::boolean) {
      value = value != 0 ? 1 : 0;
    } else if (array.type != TensorType::float16 && array.type != TensorType::float64) {
      value = std::trunc(value);
    }
  }
}

}  // namespace es::reference
