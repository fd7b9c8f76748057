// SPDX-License-Identifier: Apache-2.0
//
// The enumerations of a .tflite file that leave this folder, with the file's own numbers and words.
#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <span>
#include <string_view>

namespace es::tflite {

enum class TensorType : uint8_t {
  float32 = 0,
  float16 = 1,
  int32 = 2,
  uint8 = 3,
  int64 = 4,
  string = 5,
  boolean = 6,
  int16 = 7,
  complex64 = 8,
  int8 = 9,
  float64 = 10,
  complex128 = 11,
  uint64 = 12,
  resource = 13,
  variant = 14,
  uint32 = 15,
  uint16 = 16,
  int4 = 17,
  bfloat16 = 18,
  int2 = 19,
  uint4 = 20,
  float8_e4m3fn = 21,
  float8_e5m2 = 22,
};

// As the schema writes it: "FLOAT32".
std::string_view name_of(TensorType type);
std::ostream& operator<<(std::ostream& out, TensorType type);
// Bits of one element as it lies in a buffer; nothing for the types whose elements have no fixed size there.
std::optional<int> bits_of(TensorType type);

enum class Padding : uint8_t { same = 0, valid = 1 };
enum class ActivationFunctionType : uint8_t { none = 0, relu = 1, relu_n1_to_1 = 2, relu6 = 3, tanh = 4, sign_bit = 5 };
enum class FullyConnectedWeightsFormat : uint8_t { default_format = 0, shuffled4x16int8 = 1 };
enum class MirrorPadMode : uint8_t { reflect = 0, symmetric = 1 };

std::string_view name_of(ActivationFunctionType activation);

// One operator of the file format.
struct BuiltinOperator {
  int code = 0;
  std::string_view name;  // "CONV_2D"
};

// All of them, in the order of their codes, which have no gap.
std::span<const BuiltinOperator> builtin_operators();

}  // namespace es::tflite
