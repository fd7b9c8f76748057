// SPDX-License-Identifier: Apache-2.0
#include "vision/tensor.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "base/error.h"

namespace es {
namespace {

struct DTypeFacts {
  size_t size;
  std::string_view name;
};

constexpr DTypeFacts facts[] = {{4, "float32"}, {2, "float16"}, {8, "float64"}, {1, "int8"},
                                {1, "uint8"},   {2, "int16"},   {2, "uint16"},  {4, "int32"},
                                {4, "uint32"},  {8, "int64"},   {8, "uint64"},  {1, "bool"}};

constexpr size_t alignment = 64;

}  // namespace

size_t size_of(DType dtype) { return facts[static_cast<size_t>(dtype)].size; }
std::string_view name_of(DType dtype) { return facts[static_cast<size_t>(dtype)].name; }
std::ostream& operator<<(std::ostream& out, DType dtype) { return out << name_of(dtype); }

int64_t Shape::elements() const {
  int64_t product = 1;
  for (const int64_t dim : dims_) {
    require(dim >= 0 && !__builtin_mul_overflow(product, dim, &product), ErrorKind::malformed, "shape ", *this,
            ": has no number of elements that fits 64 bits");
  }
  return product;
}

Shape Shape::without_batch() const {
  return Shape(dims_.empty() ? dims_ : std::vector<int64_t>(dims_.begin() + 1, dims_.end()));
}

std::ostream& operator<<(std::ostream& out, const Shape& shape) {
  out << '[';
  for (size_t axis = 0; axis < shape.rank(); ++axis) {
    if (axis) out << ", ";
    if (shape[axis] < 0) {
      out << 'N';
    } else {
      out << shape[axis];
    }
  }
  return out << ']';
}

std::span<const float> TensorView::floats() const {
  require(dtype == DType::f32, ErrorKind::internal, "a tensor of ", dtype, " was read as float32");
  return {static_cast<const float*>(data), static_cast<size_t>(shape.elements())};
}

void Tensor::Free::operator()(void* memory) const { std::free(memory); }

Tensor::Tensor(Shape shape, DType dtype) : shape_(std::move(shape)), dtype_(dtype) {
  int64_t bytes = 0;
  require(!__builtin_mul_overflow(shape_.elements(), static_cast<int64_t>(size_of(dtype)), &bytes),
          ErrorKind::malformed, "shape ", shape_, " of ", dtype, ": is larger than memory");
  bytes_ = static_cast<size_t>(bytes);
  const size_t padded = (std::max<size_t>(bytes_, 1) + alignment - 1) / alignment * alignment;
  data_.reset(std::aligned_alloc(alignment, padded));
  if (!data_) throw std::bad_alloc();
  std::memset(data_.get(), 0, padded);
}

std::span<float> Tensor::floats() {
  const auto values = view().floats();
  return {const_cast<float*>(values.data()), values.size()};
}

TensorView Tensor::item(int64_t index) const {
  require(shape_.rank() > 0 && index >= 0 && index < shape_[0], ErrorKind::internal, "item ", index, " of a tensor ",
          shape_);
  const Shape rest = shape_.without_batch();
  const auto stride = static_cast<size_t>(rest.elements()) * size_of(dtype_);
  return {static_cast<const uint8_t*>(data_.get()) + static_cast<size_t>(index) * stride, rest, dtype_};
}

}  // namespace es
