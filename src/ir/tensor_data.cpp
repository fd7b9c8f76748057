// SPDX-License-Identifier: Apache-2.0
#include "ir/tensor_data.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace es::ir {
namespace {

struct DTypeRow {
  DType dtype;
  std::string_view name;
  size_t size;
};

constexpr std::array<DTypeRow, 15> dtype_table{{
    {DType::undefined, "?", 0},
    {DType::f32, "f32", 4},
    {DType::u8, "u8", 1},
    {DType::i8, "i8", 1},
    {DType::u16, "u16", 2},
    {DType::i16, "i16", 2},
    {DType::i32, "i32", 4},
    {DType::i64, "i64", 8},
    {DType::string, "string", 0},
    {DType::boolean, "bool", 1},
    {DType::f16, "f16", 2},
    {DType::f64, "f64", 8},
    {DType::u32, "u32", 4},
    {DType::u64, "u64", 8},
    {DType::bf16, "bf16", 2},
}};

const DTypeRow& row_of(DType dtype) {
  for (const auto& row : dtype_table) {
    if (row.dtype == dtype) return row;
  }
  return dtype_table[0];
}

template <typename To, typename From>
std::vector<To> converted(const TensorData& data) {
  const auto values = data.values<From>();
  std::vector<To> result(values.size());
  std::transform(values.begin(), values.end(), result.begin(), [](From value) { return static_cast<To>(value); });
  return result;
}

template <typename To>
std::vector<To> converted_half(const TensorData& data, float (*to_float)(uint16_t)) {
  const auto values = data.values<uint16_t>();
  std::vector<To> result(values.size());
  std::transform(values.begin(), values.end(), result.begin(), [&](uint16_t bits) { return To{to_float(bits)}; });
  return result;
}

template <typename To>
std::vector<To> converted_integers(const TensorData& data) {
  switch (data.dtype) {
    case DType::u8:
      return converted<To, uint8_t>(data);
    case DType::boolean:
      return converted<To, uint8_t>(data);
    case DType::i8:
      return converted<To, int8_t>(data);
    case DType::u16:
      return converted<To, uint16_t>(data);
    case DType::i16:
      return converted<To, int16_t>(data);
    case DType::u32:
      return converted<To, uint32_t>(data);
    case DType::i32:
      return converted<To, int32_t>(data);
    case DType::u64:
      return converted<To, uint64_t>(data);
    case DType::i64:
      return converted<To, int64_t>(data);
    default:
      fail(ErrorKind::malformed, "a constant of ", data.dtype, " stands where whole numbers are needed");
  }
}

template <typename To>
std::vector<To> converted_any(const TensorData& data) {
  switch (data.dtype) {
    case DType::f32:
      return converted<To, float>(data);
    case DType::f64:
      return converted<To, double>(data);
    case DType::f16:
      return converted_half<To>(data, half_to_float);
    case DType::bf16:
      return converted_half<To>(data, bfloat16_to_float);
    default:
      return converted_integers<To>(data);
  }
}

float bits_to_float(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

uint32_t float_to_bits(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

}  // namespace

size_t size_of(DType dtype) { return row_of(dtype).size; }
std::string_view name_of(DType dtype) { return row_of(dtype).name; }

std::optional<DType> dtype_named(std::string_view name) {
  for (const auto& row : dtype_table) {
    if (row.name == name) return row.dtype;
  }
  return std::nullopt;
}

std::ostream& operator<<(std::ostream& out, DType dtype) { return out << name_of(dtype); }

bool is_float(DType dtype) {
  return dtype == DType::f32 || dtype == DType::f16 || dtype == DType::bf16 || dtype == DType::f64;
}

bool is_integer(DType dtype) { return size_of(dtype) != 0 && !is_float(dtype) && dtype != DType::boolean; }

std::ostream& operator<<(std::ostream& out, const Dim& dim) {
  if (!dim.is_known()) return out << '?';
  if (!dim.times_batch) return out << dim.size;
  if (dim.size != 1) out << dim.size;
  return out << 'N';
}

bool Shape::is_static() const {
  return std::all_of(begin(), end(), [](const Dim& dim) { return dim.is_static(); });
}
bool Shape::has_batch() const {
  return std::any_of(begin(), end(), [](const Dim& dim) { return dim.times_batch; });
}
bool Shape::is_known() const {
  return std::all_of(begin(), end(), [](const Dim& dim) { return dim.is_known(); });
}

Dim Shape::elements() const {
  Dim product(1);
  for (const Dim& dim : dims_) {
    if (!dim.is_known() || (dim.times_batch && product.times_batch)) return {};
    if (__builtin_mul_overflow(product.size, dim.size, &product.size)) return {};
    product.times_batch = product.times_batch || dim.times_batch;
  }
  return product;
}

std::optional<std::vector<int64_t>> Shape::at_batch(int64_t batch) const {
  std::vector<int64_t> result;
  for (const Dim& dim : dims_) {
    int64_t size = dim.size;
    if (!dim.is_known() || (dim.times_batch && __builtin_mul_overflow(size, batch, &size))) return std::nullopt;
    result.push_back(size);
  }
  return result;
}

std::ostream& operator<<(std::ostream& out, const Shape& shape) { return out << '[' << join(shape.dims(), ",") << ']'; }

std::optional<int64_t> element_count(const std::vector<int64_t>& dims) {
  int64_t product = 1;
  bool empty = false;
  for (const int64_t dim : dims) {
    if (dim < 0) return std::nullopt;
    // A zero further on must not hide that the dimensions before it overflow.
    if (dim == 0) {
      empty = true;
    } else if (__builtin_mul_overflow(product, dim, &product)) {
      return std::nullopt;
    }
  }
  return empty ? 0 : product;
}

TensorData::TensorData(DType type, std::vector<int64_t> dimensions, Bytes content)
    : dtype(type), dims(std::move(dimensions)), bytes(std::move(content)) {
  const auto count = element_count(dims);
  const size_t size = size_of(dtype);
  require(count && size != 0 && bytes.size() % size == 0 && bytes.size() / size == static_cast<size_t>(*count),
          ErrorKind::internal, "tensor data: ", bytes.size(), " bytes do not fill ", dtype, "[", join(dims, ","), "]");
}

int64_t TensorData::elements() const { return static_cast<int64_t>(bytes.size() / size_of(dtype)); }

void TensorData::check_element_size(size_t size) const {
  require(size == size_of(dtype), ErrorKind::internal, "tensor data: ", dtype, " read as elements of ", size, " bytes");
}

std::vector<int64_t> TensorData::as_ints() const { return converted_integers<int64_t>(*this); }
std::vector<float> TensorData::as_floats() const { return converted_any<float>(*this); }
std::vector<double> TensorData::as_doubles() const { return converted_any<double>(*this); }

float half_to_float(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000u) << 16;
  const uint32_t exponent = (half >> 10) & 0x1fu;
  const uint32_t fraction = half & 0x3ffu;
  if (exponent == 0) {  // zero and subnormals: fraction x 2^-24
    const float magnitude = std::ldexp(static_cast<float>(fraction), -24);
    return sign ? -magnitude : magnitude;
  }
  if (exponent == 31) return bits_to_float(sign | 0x7f800000u | (fraction << 13));
  return bits_to_float(sign | ((exponent + 112) << 23) | (fraction << 13));
}

uint16_t float_to_half(float value) {
  const uint32_t bits = float_to_bits(value);
  const auto sign = static_cast<uint16_t>((bits >> 16) & 0x8000u);
  const uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return static_cast<uint16_t>(sign | 0x7e00u);
  if (magnitude >= 0x477ff000u) return static_cast<uint16_t>(sign | 0x7c00u);  // rounds beyond 65504
  if (magnitude < 0x38800000u) {  // subnormal in half: round value x 2^24 to an integer
    const float scaled = std::ldexp(bits_to_float(magnitude), 24);
    return static_cast<uint16_t>(sign | static_cast<uint16_t>(std::nearbyint(scaled)));
  }
  const uint32_t rounded = magnitude + 0xfffu + ((magnitude >> 13) & 1u);
  return static_cast<uint16_t>(sign | ((rounded - 0x38000000u) >> 13));
}

float bfloat16_to_float(uint16_t bits) { return bits_to_float(static_cast<uint32_t>(bits) << 16); }

}  // namespace es::ir
