// SPDX-License-Identifier: Apache-2.0
//
// Tensors as the runtime sees them: dense, row-major, in host memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace es {

enum class DType { f32, f16, f64, i8, u8, i16, u16, i32, u32, i64, u64, boolean };

size_t size_of(DType dtype);
std::string_view name_of(DType dtype);
std::ostream& operator<<(std::ostream& out, DType dtype);

// Dimensions, outermost first. -1 stands for a dimension decided at run time (the batch); only a TensorSpec has one.
class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<int64_t> dims) : dims_(dims) {}
  explicit Shape(std::vector<int64_t> dims) : dims_(std::move(dims)) {}

  size_t rank() const { return dims_.size(); }
  int64_t operator[](size_t axis) const { return dims_[axis]; }
  int64_t& operator[](size_t axis) { return dims_[axis]; }
  std::span<const int64_t> dims() const { return dims_; }
  // The product of all dimensions; 1 for a scalar. Throws malformed where it would overflow or a dimension is negative.
  int64_t elements() const;
  // Without the outermost dimension.
  Shape without_batch() const;
  bool operator==(const Shape&) const = default;

 private:
  std::vector<int64_t> dims_;
};

// "[1, 3, 320, 320]", a run-time dimension as "N".
std::ostream& operator<<(std::ostream& out, const Shape& shape);

struct TensorSpec {
  std::string name;
  Shape shape;
  DType dtype = DType::f32;
  bool operator==(const TensorSpec&) const = default;
};

// Somebody else's memory. Valid as long as its owner says.
struct TensorView {
  const void* data = nullptr;
  Shape shape;
  DType dtype = DType::f32;

  // The values as floats; the dtype must be f32 (internal error otherwise).
  std::span<const float> floats() const;
};

// Memory of its own, 64-byte aligned, zeroed. Move only.
class Tensor {
 public:
  Tensor() = default;
  Tensor(Shape shape, DType dtype);

  const Shape& shape() const { return shape_; }
  DType dtype() const { return dtype_; }
  size_t bytes() const { return bytes_; }
  void* data() { return data_.get(); }
  const void* data() const { return data_.get(); }
  std::span<float> floats();
  std::span<const float> floats() const { return view().floats(); }
  TensorView view() const { return {data_.get(), shape_, dtype_}; }
  // Item `index` of the outermost dimension, without that dimension.
  TensorView item(int64_t index) const;

 private:
  struct Free {
    void operator()(void* memory) const;
  };
  Shape shape_;
  DType dtype_ = DType::f32;
  size_t bytes_ = 0;
  std::unique_ptr<void, Free> data_;
};

}  // namespace es
