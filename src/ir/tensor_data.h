// SPDX-License-Identifier: Apache-2.0
//
// Element types, symbolic shapes and constant tensors of the graph, in ONNX's own numbers.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace es::ir {

// The values are those of ONNX's TensorProto.DataType.
enum class DType {
  undefined = 0,
  f32 = 1,
  u8 = 2,
  i8 = 3,
  u16 = 4,
  i16 = 5,
  i32 = 6,
  i64 = 7,
  string = 8,
  boolean = 9,
  f16 = 10,
  f64 = 11,
  u32 = 12,
  u64 = 13,
  bf16 = 16,
};

// Bytes of one element; 0 for undefined and string, which no TensorData holds.
size_t size_of(DType dtype);
// "f32", "bool", ...; "?" for undefined.
std::string_view name_of(DType dtype);
std::optional<DType> dtype_named(std::string_view name);
std::ostream& operator<<(std::ostream& out, DType dtype);
bool is_float(DType dtype);    // f16, bf16, f32, f64
bool is_integer(DType dtype);  // signed and unsigned, not boolean

// One dimension: a number, a multiple of the batch, or not known.
struct Dim {
  static constexpr int64_t unknown = -1;

  int64_t size = unknown;    // the number itself, or the factor in front of the batch
  bool times_batch = false;  // never set where size is unknown

  Dim() = default;
  Dim(int64_t number) : size(number) {}  // NOLINT: a number is a dimension
  static Dim batch(int64_t factor = 1) {
    Dim dim(factor);
    dim.times_batch = true;
    return dim;
  }

  bool is_known() const { return size != unknown; }
  bool is_static() const { return is_known() && !times_batch; }
  bool is(int64_t number) const { return is_static() && size == number; }
  bool operator==(const Dim&) const = default;
};

// "8", "N", "2N" or "?".
std::ostream& operator<<(std::ostream& out, const Dim& dim);

// Dimensions, outermost first.
class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<Dim> dims) : dims_(dims) {}
  explicit Shape(std::vector<Dim> dims) : dims_(std::move(dims)) {}
  explicit Shape(const std::vector<int64_t>& dims) : dims_(dims.begin(), dims.end()) {}

  size_t rank() const { return dims_.size(); }
  const Dim& operator[](size_t axis) const { return dims_[axis]; }
  Dim& operator[](size_t axis) { return dims_[axis]; }
  const std::vector<Dim>& dims() const { return dims_; }
  auto begin() const { return dims_.begin(); }
  auto end() const { return dims_.end(); }

  bool is_static() const;  // every dimension a number
  bool has_batch() const;  // some dimension a multiple of the batch
  bool is_known() const;   // no dimension unknown
  // The product: a number, a multiple of the batch, or unknown (also where the batch occurs twice or it overflows).
  Dim elements() const;
  // The dimensions as plain numbers with the batch taken as `batch`; nothing where one is unknown.
  std::optional<std::vector<int64_t>> at_batch(int64_t batch) const;
  bool operator==(const Shape&) const = default;

 private:
  std::vector<Dim> dims_;
};

// "[N,3,8,8]".
std::ostream& operator<<(std::ostream& out, const Shape& shape);

// A constant: dense, row-major, little-endian. bytes.size() always equals elements x size_of(dtype).
struct TensorData {
  DType dtype = DType::f32;
  std::vector<int64_t> dims;
  Bytes bytes;

  TensorData() = default;
  // Throws internal where the bytes do not fill the dimensions.
  TensorData(DType type, std::vector<int64_t> dimensions, Bytes content);

  template <typename T>
  static TensorData of(DType type, std::vector<int64_t> dims, const std::vector<T>& values) {
    Bytes content(values.size() * sizeof(T));
    if (!values.empty()) std::memcpy(content.data(), values.data(), content.size());
    return TensorData(type, std::move(dims), std::move(content));
  }
  static TensorData floats(std::vector<int64_t> dims, const std::vector<float>& values) {
    return of(DType::f32, std::move(dims), values);
  }
  static TensorData ints(std::vector<int64_t> dims, const std::vector<int64_t>& values) {
    return of(DType::i64, std::move(dims), values);
  }
  // Rank 1 and rank 0 forms of the two above.
  static TensorData floats(const std::vector<float>& values) {
    return floats({static_cast<int64_t>(values.size())}, values);
  }
  static TensorData ints(const std::vector<int64_t>& values) {
    return ints({static_cast<int64_t>(values.size())}, values);
  }
  static TensorData scalar(float value) { return floats({}, {value}); }
  static TensorData scalar(int64_t value) { return ints({}, {value}); }

  int64_t elements() const;
  // The elements as they lie in memory. T must have the size of the dtype (internal error otherwise).
  template <typename T>
  std::vector<T> values() const {
    check_element_size(sizeof(T));
    std::vector<T> result(bytes.size() / sizeof(T));
    if (!result.empty()) std::memcpy(result.data(), bytes.data(), bytes.size());
    return result;
  }
  // Any integer or boolean dtype widened. Throws malformed for the others: a file has them where it should not.
  std::vector<int64_t> as_ints() const;
  // Any numeric dtype converted to float.
  std::vector<float> as_floats() const;
  // Any numeric dtype converted to double: exact but for 64-bit integers beyond 2^53.
  std::vector<double> as_doubles() const;

  bool operator==(const TensorData&) const = default;

 private:
  void check_element_size(size_t size) const;
};

// The product of dimensions, or nothing where one is negative or it does not fit.
std::optional<int64_t> element_count(const std::vector<int64_t>& dims);

// IEEE half and bfloat16 by their bits; to float is exact, to half rounds to nearest even.
float half_to_float(uint16_t bits);
uint16_t float_to_half(float value);
float bfloat16_to_float(uint16_t bits);

}  // namespace es::ir
