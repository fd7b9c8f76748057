// SPDX-License-Identifier: Apache-2.0
#include "translate/constants.h"

#include <gmock/gmock.h>

#include <array>

#include "testing/matchers.h"

namespace es::translate {
namespace {

using ::testing::ElementsAre;
using tflite::Tensor;
using tflite::TensorType;

template <size_t N>
Tensor constant(TensorType type, const std::array<int32_t, N>& shape, BytesView data) {
  Tensor tensor;
  tensor.type = type;
  tensor.shape = shape;
  tensor.data = data;
  tensor.is_constant = true;
  return tensor;
}

TEST(Constants, UnpackFourBitsLowHalfFirstWithTheirSign) {
  const std::array<int32_t, 1> shape{3};
  const Bytes data{0xf1, 0x08};  // 1, -1, then -8 and an unused half
  EXPECT_THAT(decode(constant(TensorType::int4, shape, data)).as_ints(), ElementsAre(1, -1, -8));
  EXPECT_THAT(decode(constant(TensorType::uint4, shape, data)).as_ints(), ElementsAre(1, 15, 8));
}

TEST(Constants, UnpackTwoBitsLowestFirst) {
  const std::array<int32_t, 1> shape{4};
  const Bytes data{0b11100100};
  EXPECT_THAT(decode(constant(TensorType::int2, shape, data)).as_ints(), ElementsAre(0, 1, -2, -1));
}

TEST(Constants, DequantizeAlongAnInnerAxis) {
  const std::array<int32_t, 3> shape{2, 2, 2};
  const std::array<float, 2> scale{0.5f, 10.0f};
  const std::array<int64_t, 2> zero_point{1, -1};
  const Bytes data{0, 1, 2, 3, 4, 5, 6, 7};
  auto tensor = constant(TensorType::int8, shape, data);
  tensor.quantization.scale = scale;
  tensor.quantization.zero_point = zero_point;
  tensor.quantization.dimension = 1;
  EXPECT_THAT(dequantize(tensor).as_floats(), ElementsAre(-0.5f, 0.0f, 30.0f, 40.0f, 1.5f, 2.0f, 70.0f, 80.0f));
}

TEST(Constants, DequantizePerTensorWithAZeroPointOfUnsignedBytes) {
  const std::array<int32_t, 1> shape{3};
  const std::array<float, 1> scale{0.25f};
  const std::array<int64_t, 1> zero_point{128};
  const Bytes data{0, 128, 255};
  auto tensor = constant(TensorType::uint8, shape, data);
  tensor.quantization.scale = scale;
  tensor.quantization.zero_point = zero_point;
  EXPECT_THAT(dequantize(tensor).as_floats(), ElementsAre(-32.0f, 0.0f, 31.75f));
}

TEST(Constants, RefuseASchemeThatScalesDoNotDescribe) {
  const std::array<int32_t, 1> shape{1};
  const Bytes data{0};
  auto tensor = constant(TensorType::int8, shape, data);
  tensor.quantization.details = "BlockwiseQuantization";
  EXPECT_ERROR(dequantize(tensor), ErrorKind::unsupported,
               "it is quantised by BlockwiseQuantization, only scales per tensor or per axis can be converted");
}

TEST(Constants, RefuseElementsThatTheGraphDoesNotHave) {
  EXPECT_ERROR(dtype_of(TensorType::complex64), ErrorKind::unsupported,
               "its elements are COMPLEX64, which ONNX graphs here do not have");
}

TEST(Constants, PermuteMovesEachElementToItsPlace) {
  std::vector<float> values(24);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  const auto data = ir::TensorData::floats({2, 3, 4}, values);
  const std::vector<int64_t> permutation{2, 0, 1};
  const auto permuted = permute(data, permutation);
  EXPECT_THAT(permuted.dims, ElementsAre(4, 2, 3));
  const auto result = permuted.as_floats();
  for (size_t a = 0; a < 2; ++a) {
    for (size_t b = 0; b < 3; ++b) {
      for (size_t c = 0; c < 4; ++c) EXPECT_EQ(result[(c * 2 + a) * 3 + b], values[(a * 3 + b) * 4 + c]);
    }
  }
}

TEST(Constants, PermuteKeepsWhatHasNoElementsOrNoAxes) {
  EXPECT_EQ(permute(ir::TensorData::floats({0, 3}, {}), std::vector<int64_t>{1, 0}).dims, (std::vector<int64_t>{3, 0}));
  EXPECT_EQ(permute(ir::TensorData::scalar(2.0f), std::vector<int64_t>{}), ir::TensorData::scalar(2.0f));
}

}  // namespace
}  // namespace es::translate
