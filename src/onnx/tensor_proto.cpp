// SPDX-License-Identifier: Apache-2.0
#include "onnx/tensor_proto.h"

#include <limits>
#include <memory>

namespace es::onnx {
namespace {

using ir::DType;
using ir::TensorData;

DType readable_dtype(const es_onnx_format::Tensor& proto, const std::string& where) {
  const auto dtype = static_cast<DType>(proto.data_type());
  // size_of knows the numbers that a tensor of ours can have.
  require(proto.data_type() > 0 && ir::size_of(dtype) != 0, ErrorKind::unsupported, where, ": data type ",
          proto.data_type(), " of ONNX is not supported; numbers of 8 to 64 bits and booleans are");
  return dtype;
}

template <typename T, typename Values>
Bytes narrowed(const Values& values, const std::string& where) {
  Bytes bytes(static_cast<size_t>(values.size()) * sizeof(T));
  auto* to = bytes.data();
  for (const auto value : values) {
    const auto narrow = static_cast<T>(value);
    if constexpr (std::is_integral_v<T>) {
      require(static_cast<decltype(value)>(narrow) == value, ErrorKind::malformed, where, ": the element ", value,
              " does not fit its data type");
    }
    std::memcpy(to, &narrow, sizeof narrow);
    to += sizeof narrow;
  }
  return bytes;
}

// The elements where they stand in the typed fields instead of raw_data.
Bytes typed_bytes(const es_onnx_format::Tensor& proto, DType dtype, const std::string& where) {
  switch (dtype) {
    case DType::f32:
      return narrowed<float>(proto.float_data(), where);
    case DType::f64:
      return narrowed<double>(proto.double_data(), where);
    case DType::i64:
      return narrowed<int64_t>(proto.int64_data(), where);
    case DType::u64:
      return narrowed<uint64_t>(proto.uint64_data(), where);
    case DType::u32:
      return narrowed<uint32_t>(proto.uint64_data(), where);
    case DType::i32:
      return narrowed<int32_t>(proto.int32_data(), where);
    case DType::i16:
      return narrowed<int16_t>(proto.int32_data(), where);
    case DType::i8:
      return narrowed<int8_t>(proto.int32_data(), where);
    case DType::u8:
    case DType::boolean:
      return narrowed<uint8_t>(proto.int32_data(), where);
    case DType::u16:
    case DType::f16:
    case DType::bf16:
      return narrowed<uint16_t>(proto.int32_data(), where);
    default:
      fail(ErrorKind::internal, where, ": no field holds ", dtype);
  }
}

}  // namespace

TensorData take_tensor(es_onnx_format::Tensor& proto, const std::string& where) {
  require(proto.data_location() == 0 && proto.external_data_size() == 0, ErrorKind::unsupported, where,
          ": its data lies in another file; save the model as one file (onnx.save without external data)");
  const DType dtype = readable_dtype(proto, where);
  const std::vector<int64_t> dims(proto.dims().begin(), proto.dims().end());
  const auto count = ir::element_count(dims);
  require(count.has_value(), ErrorKind::malformed, where, ": no tensor has the dimensions [", join(dims, ","), "]");

  Bytes bytes;
  if (proto.has_raw_data()) {
    const std::unique_ptr<std::string> raw(proto.release_raw_data());
    bytes.assign(raw->begin(), raw->end());
  } else {
    bytes = typed_bytes(proto, dtype, where);
  }
  proto.Clear();
  const size_t size = ir::size_of(dtype);
  require(bytes.size() % size == 0 && bytes.size() / size == static_cast<size_t>(*count), ErrorKind::malformed, where,
          ": ", bytes.size(), " bytes of data do not fill ", dtype, "[", join(dims, ","), "]");
  return TensorData(dtype, dims, std::move(bytes));
}

}  // namespace es::onnx
