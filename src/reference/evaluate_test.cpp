// SPDX-License-Identifier: Apache-2.0
//
// The oracle is itself held against LiteRT: every recorded case, and whole networks with every tensor in between.
#include "reference/evaluate.h"

#include <gmock/gmock.h>

#include <cmath>

#include "base/file.h"
#include "testing/matchers.h"
#include "testing/recorded_cases.h"
#include "translate/op_table.h"

namespace es::reference {
namespace {

using testing::read_cases;
using testing::RecordedCase;

Array array_of(const ir::TensorData& data, tflite::TensorType type) {
  return {.type = type, .shape = data.dims, .values = data.as_doubles()};
}

std::vector<Array> inputs_of(const tflite::Model& model, const RecordedCase& recorded) {
  std::vector<Array> inputs;
  for (size_t i = 0; i < recorded.inputs.size(); ++i) {
    inputs.push_back(array_of(recorded.inputs[i], model.tensors()[static_cast<size_t>(model.inputs()[i])].type));
  }
  return inputs;
}

void expect_near(const Array& actual, const testing::RecordedOutput& expected, bool exact) {
  ASSERT_EQ(actual.shape, expected.value.dims);
  const auto wanted = expected.value.as_doubles();
  double range = 0;
  for (const double value : wanted) range = std::max(range, std::abs(value));
  const double allowed = exact ? 0 : std::max(1e-5 * range, 2 * expected.noise);
  for (size_t i = 0; i < wanted.size(); ++i) ASSERT_NEAR(actual.values[i], wanted[i], allowed) << "at " << i;
}

class ReferenceCases : public ::testing::TestWithParam<std::string> {};

TEST_P(ReferenceCases, GiveLiteRTsAnswer) {
  for (const auto& recorded : read_cases(GetParam())) {
    SCOPED_TRACE(recorded.name);
    const auto model = tflite::Model::parse(recorded.model, recorded.name);
    const auto trace = evaluate(model, inputs_of(model, recorded));
    for (size_t i = 0; i < recorded.outputs.size(); ++i) {
      expect_near(trace[static_cast<size_t>(model.outputs()[i])], recorded.outputs[i], recorded.exact);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Families, ReferenceCases,
                         ::testing::Values("assemble", "batch_space", "conv", "dense", "detection", "elementwise",
                                           "fill", "index", "join", "normalize", "pad", "pool", "quantize", "reduce",
                                           "resize", "shape", "slice"),
                         [](const auto& family) { return family.param; });

// --- integers, against the plain reference kernels

std::vector<Array> numbers_of(const tflite::Model& model, const RecordedCase& recorded) {
  auto inputs = inputs_of(model, recorded);
  for (size_t i = 0; i < inputs.size(); ++i) {
    inputs[i] = as_numbers(inputs[i], model.tensors()[static_cast<size_t>(model.inputs()[i])]);
  }
  return inputs;
}

// Whether the output's type has steps: then a difference of one is the least there is.
double one_step(const Array& array) { return array.type == tflite::TensorType::float32 ? 0 : 1; }

class ReferenceIntegers : public ::testing::TestWithParam<RecordedCase> {};

TEST_P(ReferenceIntegers, AreThoseOfTheReferenceKernels) {
  const auto& recorded = GetParam();
  const auto model = tflite::Model::parse(recorded.model, recorded.name);
  const auto trace = evaluate(model, numbers_of(model, recorded), Keep::outputs, Arithmetic::integers);
  for (size_t i = 0; i < recorded.outputs.size(); ++i) {
    const auto& actual = trace[static_cast<size_t>(model.outputs()[i])];
    const auto wanted = recorded.outputs[i].value.as_doubles();
    ASSERT_EQ(actual.shape, recorded.outputs[i].value.dims);
    const double allowed = recorded.exact ? 0 : std::max(one_step(actual), recorded.outputs[i].noise);
    for (size_t n = 0; n < wanted.size(); ++n) ASSERT_NEAR(actual.values[n], wanted[n], allowed) << "at " << n;
  }
}

INSTANTIATE_TEST_SUITE_P(Integers, ReferenceIntegers, ::testing::ValuesIn(read_cases("integers")), testing::test_name);

// The tensor that goes into the final softmax.
size_t logits_index(const tflite::Model& model) {
  const auto output = static_cast<size_t>(model.outputs()[0]);
  const auto& maker = model.operators()[static_cast<size_t>(model.tensors()[output].producer)];
  return maker.name == "SOFTMAX" ? static_cast<size_t>(maker.inputs[0]) : output;
}

class ReferenceModels : public ::testing::TestWithParam<RecordedCase> {};

TEST_P(ReferenceModels, GiveLiteRTsLogitsOfTheFirstPicture) {
  const auto& recorded = GetParam();
  const auto model = tflite::Model::parse(recorded.model, recorded.name);
  auto picture = array_of(recorded.inputs[0], tflite::TensorType::float32);
  picture.shape[0] = 1;
  picture.values.resize(static_cast<size_t>(count(picture.shape)));
  const auto trace = evaluate(model, {picture});
  for (const auto& tensor : model.tensors()) {
    const auto& made = trace[static_cast<size_t>(&tensor - model.tensors().data())];
    if (tensor.producer >= 0) {
      EXPECT_EQ(made.shape, Dims(tensor.shape.begin(), tensor.shape.end())) << tensor.name;
    }
  }

  const auto& logits = trace[logits_index(model)];
  const auto wanted = recorded.outputs[0].value.as_doubles();
  double range = 0;
  for (const double value : wanted) range = std::max(range, std::abs(value));
  for (size_t i = 0; i < logits.values.size(); ++i) {
    EXPECT_NEAR(logits.values[i], wanted[i], std::max(1e-5 * range, 2 * recorded.outputs[0].noise)) << "at " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(models, ReferenceModels, ::testing::ValuesIn(read_cases("models")), testing::test_name);

TEST(ReferenceExports, OnIntegersGiveTheLogitsOfTheReferenceKernels) {
  const auto folder = testing::exports_folder();
  if (folder.empty()) GTEST_SKIP() << "EDGESTREAM_EXPORTS is unset";
  for (const auto& recorded : read_cases("integer_exports")) {
    SCOPED_TRACE(recorded.name);
    const auto bytes = read_file(folder / recorded.name);
    const auto model = tflite::Model::parse(bytes, recorded.name);
    const auto rows = array_of(recorded.inputs[0], tflite::TensorType::float32);
    const auto wanted = recorded.outputs[0].value.as_doubles();  // the plain reference kernels'
    const auto each = static_cast<int64_t>(wanted.size()) / rows.shape[0];
    for (int64_t row = 0; row < rows.shape[0]; ++row) {
      auto picture = rows;
      picture.shape[0] = 1;
      const auto size = count(picture.shape);
      picture.values.assign(rows.values.begin() + row * size, rows.values.begin() + (row + 1) * size);
      const auto trace = evaluate(model, {picture}, Keep::all, Arithmetic::integers);
      const auto& logits = trace[logits_index(model)];
      ASSERT_EQ(count(logits.shape), each);
      // A Softmax in front of a DEQUANTIZE is not cut; the kernel's exponential is a polynomial of its own, two steps
      // of 1/256 off at most.
      const double allowed = logits.type == tflite::TensorType::float32 ? 2.0 / 256 : 0;
      for (int64_t i = 0; i < each; ++i) {
        ASSERT_NEAR(logits.values[static_cast<size_t>(i)], wanted[static_cast<size_t>(row * each + i)], allowed)
            << "row " << row << " at " << i;
      }
    }
  }
}

TEST(Reference, RefusesInputsThatAreNotTheGraphs) {
  const auto recorded = read_cases("pool")[0];
  const auto model = tflite::Model::parse(recorded.model, "pool.tflite");
  EXPECT_ERROR(evaluate(model, {}), ErrorKind::usage, "pool.tflite: 0 inputs are given, the graph has 1");
  EXPECT_ERROR(evaluate(model, {make_array(tflite::TensorType::float32, {2})}), ErrorKind::usage,
               "pool.tflite: input 0 is [2], the graph takes [1, 6, 7, 3]");
}

TEST(Reference, RefusesTensorsThatWouldTakeForever) {
  EXPECT_ERROR(count({1 << 20, 1 << 20}), ErrorKind::unsupported,
               "a tensor has more than 134217728 elements, too many to be evaluated one by one");
}

TEST(Reference, ReadsHalvesBitByBit) {
  const std::vector<int32_t> shape{6};
  const Bytes data{0x00, 0x3c, 0x01, 0x00, 0xff, 0x7b, 0x00, 0xc0, 0x00, 0x7c, 0x00, 0x80};
  tflite::Tensor tensor;
  tensor.type = tflite::TensorType::float16;
  tensor.shape = shape;
  tensor.data = data;
  EXPECT_THAT(decode(tensor).values, ::testing::ElementsAre(1, 0x1p-24, 65504, -2, INFINITY, 0));
}

TEST(Reference, KnowsEveryOperatorThatIsTranslated) {
  for (const auto& row : translate::op_table().rows()) {
    EXPECT_TRUE(row.translate == nullptr || is_evaluated(row.name)) << row.name;
  }
}

}  // namespace
}  // namespace es::reference
