// SPDX-License-Identifier: Apache-2.0
#include "tflite/types.h"

#include <array>

#include "tflite/schema_generated.h"

namespace es::tflite {
namespace {

constexpr size_t builtin_count = schema::BuiltinOperator_MAX + 1;

std::array<BuiltinOperator, builtin_count> read_schema() {
  std::array<BuiltinOperator, builtin_count> rows;
  for (size_t code = 0; code < builtin_count; ++code) {
    rows[code] = {static_cast<int>(code), schema::EnumNameBuiltinOperator(static_cast<schema::BuiltinOperator>(code))};
  }
  return rows;
}

template <typename Enum>
constexpr bool same(Enum ours, int schemas) {
  return static_cast<int>(ours) == schemas;
}

static_assert(same(TensorType::float32, schema::TensorType_FLOAT32) &&
              same(TensorType::int32, schema::TensorType_INT32) && same(TensorType::boolean, schema::TensorType_BOOL) &&
              same(TensorType::int8, schema::TensorType_INT8) && same(TensorType::float8_e5m2, schema::TensorType_MAX));
static_assert(same(Padding::valid, schema::Padding_VALID));
static_assert(same(ActivationFunctionType::relu_n1_to_1, schema::ActivationFunctionType_RELU_N1_TO_1) &&
              same(ActivationFunctionType::relu6, schema::ActivationFunctionType_RELU6) &&
              same(ActivationFunctionType::sign_bit, schema::ActivationFunctionType_MAX));
static_assert(same(MirrorPadMode::symmetric, schema::MirrorPadMode_SYMMETRIC));

}  // namespace

std::span<const BuiltinOperator> builtin_operators() {
  static const auto rows = read_schema();
  return rows;
}

std::string_view name_of(TensorType type) { return schema::EnumNameTensorType(static_cast<schema::TensorType>(type)); }

std::ostream& operator<<(std::ostream& out, TensorType type) { return out << name_of(type); }

std::string_view name_of(ActivationFunctionType activation) {
  return schema::EnumNameActivationFunctionType(static_cast<schema::ActivationFunctionType>(activation));
}

std::optional<int> bits_of(TensorType type) {
  switch (type) {
    case TensorType::int2:
      return 2;
    case TensorType::int4:
    case TensorType::uint4:
      return 4;
    case TensorType::uint8:
    case TensorType::int8:
    case TensorType::boolean:
    case TensorType::float8_e4m3fn:
    case TensorType::float8_e5m2:
      return 8;
    case TensorType::float16:
    case TensorType::bfloat16:
    case TensorType::int16:
    case TensorType::uint16:
      return 16;
    case TensorType::float32:
    case TensorType::int32:
    case TensorType::uint32:
      return 32;
    case TensorType::float64:
    case TensorType::int64:
    case TensorType::uint64:
    case TensorType::complex64:
      return 64;
    case TensorType::complex128:
      return 128;
    case TensorType::string:
    case TensorType::resource:
    case TensorType::variant:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace es::tflite
