// SPDX-License-Identifier: Apache-2.0
//
// Each damaged file is a sound one with one wound; the test's name says which.
#include <gmock/gmock.h>

#include "testing/matchers.h"
#include "tflite/model.h"
#include "tflite/model_builder.h"

namespace es::tflite {
namespace {

using ::testing::ElementsAre;
using testing::ModelBuilder;
namespace s = schema;

// x [1,4] -> FULLY_CONNECTED with w [2,4] and b [2] -> y [1,2]; tensors 0 to 3 in this order.
ModelBuilder dense() {
  ModelBuilder m;
  m.input("x", {1, 4});
  m.floats("w", {2, 4}, {1, 2, 3, 4, 5, 6, 7, 8});
  m.floats("b", {2}, {1, 2});
  m.tensor("y", {1, 2});
  s::FullyConnectedOptionsT options;
  options.fused_activation_function = s::ActivationFunctionType_RELU;
  m.op(s::BuiltinOperator_FULLY_CONNECTED, {0, 1, 2}, {3}, options);
  m.output(3);
  return m;
}

Model parse(const Bytes& bytes) { return Model::parse(bytes, "m.tflite"); }

void expect_malformed(const ModelBuilder& m, const std::string& message) {
  const auto bytes = m.build();
  EXPECT_ERROR(parse(bytes), ErrorKind::malformed, "m.tflite: " + message);
}

void expect_unsupported(const ModelBuilder& m, const std::string& message) {
  const auto bytes = m.build();
  EXPECT_ERROR(parse(bytes), ErrorKind::unsupported, "m.tflite: " + message);
}

// --- what a sound file says

TEST(TfliteParse, ReadsTensorsOperatorsAndGraphEdges) {
  const auto bytes = dense().build();
  const auto model = parse(bytes);

  ASSERT_EQ(model.tensors().size(), 4u);
  const auto& weight = model.tensors()[1];
  EXPECT_EQ(weight.name, "w");
  EXPECT_EQ(weight.type, TensorType::float32);
  EXPECT_THAT(weight.shape, ElementsAre(2, 4));
  EXPECT_TRUE(weight.is_constant);
  EXPECT_EQ(weight.data.size(), 32u);
  EXPECT_EQ(weight.producer, -1);

  ASSERT_EQ(model.operators().size(), 1u);
  const auto& op = model.operators()[0];
  EXPECT_EQ(op.name, "FULLY_CONNECTED");
  EXPECT_EQ(op.version, 1);
  EXPECT_THAT(op.inputs, ElementsAre(0, 1, 2));
  EXPECT_EQ(std::get<FullyConnectedOptions>(op.options).fused_activation_function, ActivationFunctionType::relu);
  EXPECT_EQ(model.tensors()[3].producer, 0);
  EXPECT_FALSE(model.tensors()[3].is_constant);

  EXPECT_THAT(model.inputs(), ElementsAre(0));
  EXPECT_THAT(model.outputs(), ElementsAre(3));
  EXPECT_EQ(model.where(op), "m.tflite: op 0 FULLY_CONNECTED ('y')");
  EXPECT_EQ(model.warnings().size(), 0u);
}

TEST(TfliteParse, KnowsEveryOperatorByItsNumber) {
  const auto all = builtin_operators();
  ASSERT_EQ(all.size(), 210u);
  for (size_t code = 0; code < all.size(); ++code) EXPECT_EQ(all[code].code, static_cast<int>(code));
  EXPECT_EQ(all[0].name, "ADD");
  EXPECT_EQ(all[3].name, "CONV_2D");
  EXPECT_EQ(all[117].name, "HARD_SWISH");
  EXPECT_EQ(all[150].name, "GELU");
  EXPECT_EQ(all[209].name, "STABLEHLO_CASE");
}

TEST(TfliteParse, TakesTheLargerOfTheTwoOperatorCodes) {
  const struct {
    int builtin, deprecated;
    std::string_view name;
  } cases[] = {{0, 3, "CONV_2D"}, {128, 127, "CUMSUM"}, {3, 3, "CONV_2D"}};
  for (const auto& [builtin, deprecated, name] : cases) {
    auto m = dense();
    m.model.operator_codes[0]->builtin_code = static_cast<s::BuiltinOperator>(builtin);
    m.model.operator_codes[0]->deprecated_builtin_code = static_cast<int8_t>(deprecated);
    const auto bytes = m.build();
    EXPECT_EQ(parse(bytes).operators()[0].name, name);
  }
}

TEST(TfliteParse, NamesACustomOperatorByItsOwnCode) {
  auto m = dense();
  m.model.operator_codes[0]->builtin_code = s::BuiltinOperator_CUSTOM;
  m.model.operator_codes[0]->deprecated_builtin_code = 32;
  m.model.operator_codes[0]->custom_code = "ethos-u";
  const auto bytes = m.build();
  const auto model = parse(bytes);
  EXPECT_EQ(model.operators()[0].custom_code, "ethos-u");
  EXPECT_EQ(model.where(model.operators()[0]), "m.tflite: op 0 CUSTOM 'ethos-u' ('y')");
}

TEST(TfliteParse, LetsACustomOperatorReadWhatNothingMakes) {
  auto m = dense();
  m.tensor("scratch", {64}, s::TensorType_UINT8);
  m.tensor("z", {1, 2});
  m.custom_op("ethos-u", {3, 4}, {5});
  const auto bytes = m.build();
  EXPECT_EQ(parse(bytes).operators()[1].custom_code, "ethos-u");
}

TEST(TfliteParse, KeepsAnAbsentInputAtItsPosition) {
  auto m = dense();
  m.op_at(0).inputs = {0, 1, -1};
  const auto bytes = m.build();
  EXPECT_THAT(parse(bytes).operators()[0].inputs, ElementsAre(0, 1, -1));
}

TEST(TfliteParse, NeverTakesBufferZeroForData) {
  auto m = dense();
  m.model.buffers[0]->data.assign(16, 1);  // beside the shape of x, which has this size
  const auto bytes = m.build();
  EXPECT_FALSE(parse(bytes).tensors()[0].is_constant);
}

TEST(TfliteParse, ReadsDataThatStandBehindTheFlatBuffer) {
  auto m = dense();
  m.model.buffers[1]->data.clear();
  m.model.buffers[1]->offset = 5000;
  m.model.buffers[1]->size = 32;
  auto bytes = m.build();
  ASSERT_LT(bytes.size(), 5000u);
  bytes.resize(5032, 7);
  EXPECT_THAT(parse(bytes).tensors()[1].data, ::testing::Each(7));
  bytes.pop_back();
  EXPECT_ERROR(parse(bytes), ErrorKind::malformed,
               "m.tflite: tensor 1 ('w'): its data are 32 bytes at offset 5000, the file has 5031; it is truncated");
}

TEST(TfliteParse, TakesAWrittenTensorWithDataForAResultAndSaysSo) {
  auto m = dense();
  m.tensor_at(3).buffer = 2;  // the bias's two floats
  const auto bytes = m.build();
  const auto model = parse(bytes);
  EXPECT_FALSE(model.tensors()[3].is_constant);
  EXPECT_THAT(model.warnings(), ElementsAre("tensor 3 ('y') has data and is written by an operator; the data go"));
}

TEST(TfliteParse, TakesATensorWithoutElementsForAConstant) {
  auto m = dense();
  const int empty = m.tensor("scalar_shape", {0}, s::TensorType_INT32);
  m.op_at(0).inputs.push_back(empty);
  const auto bytes = m.build();
  EXPECT_TRUE(parse(bytes).tensors()[static_cast<size_t>(empty)].is_constant);
}

TEST(TfliteParse, ReadsQuantisationAlongAnAxis) {
  auto m = dense();
  m.tensor_at(1).quantization = std::make_unique<s::QuantizationParametersT>();
  m.tensor_at(1).quantization->scale = {0.5f, 0.25f};
  m.tensor_at(1).quantization->zero_point = {0, 3};
  const auto bytes = m.build();
  const auto model = parse(bytes);
  const auto& quantization = model.tensors()[1].quantization;
  EXPECT_TRUE(quantization.per_axis());
  EXPECT_THAT(quantization.scale, ElementsAre(0.5f, 0.25f));
  EXPECT_EQ(quantization.zero_point_at(1), 3);
}

TEST(TfliteParse, ReadsMissingZeroPointsAsZeroAndBroadcastsASingleOne) {
  for (const auto& zero_points : {std::vector<int64_t>{}, std::vector<int64_t>{5}}) {
    auto m = dense();
    m.tensor_at(1).quantization = std::make_unique<s::QuantizationParametersT>();
    m.tensor_at(1).quantization->scale = {0.5f, 0.25f};
    m.tensor_at(1).quantization->zero_point = zero_points;
    const auto bytes = m.build();
    const auto model = parse(bytes);
    EXPECT_EQ(model.tensors()[1].quantization.zero_point_at(1), zero_points.empty() ? 0 : 5);
    EXPECT_THAT(model.warnings(), ElementsAre(text("tensor 1 ('w') has a scale for each index of an axis and ",
                                                   zero_points.size(), " zero point(s)")));
  }
}

TEST(TfliteParse, IgnoresTheCalibrationRangeOfATensorWithoutScales) {
  auto m = dense();
  m.tensor_at(1).quantization = std::make_unique<s::QuantizationParametersT>();
  m.tensor_at(1).quantization->min = {-1};
  m.tensor_at(1).quantization->max = {1};
  const auto bytes = m.build();
  EXPECT_FALSE(parse(bytes).tensors()[1].quantization.is_quantized());
}

TEST(TfliteParse, TellsIntegerArithmeticFromQuantisedWeights) {
  auto quantized = [](int tensor) {
    auto m = dense();
    m.tensor_at(tensor).type = s::TensorType_INT8;
    m.tensor_at(tensor).quantization = std::make_unique<s::QuantizationParametersT>();
    m.tensor_at(tensor).quantization->scale = {0.5f};
    m.model.buffers[1]->data.resize(tensor == 1 ? 8 : 32);
    return m.build();
  };
  const auto weights_only = quantized(1), input = quantized(0), result = quantized(3);
  EXPECT_FALSE(parse(weights_only).has_integer_arithmetic());
  EXPECT_TRUE(parse(input).has_integer_arithmetic());
  EXPECT_TRUE(parse(result).has_integer_arithmetic());
}

TEST(TfliteParse, ReadsSignaturesAndMetadata) {
  auto m = dense();
  auto signature = std::make_unique<s::SignatureDefT>();
  signature->signature_key = "serving_default";
  signature->inputs.push_back(std::make_unique<s::TensorMapT>());
  signature->inputs[0]->name = "image";
  m.model.signature_defs.push_back(std::move(signature));
  auto metadata = std::make_unique<s::MetadataT>();
  metadata->name = "min_runtime_version";
  metadata->buffer = static_cast<uint32_t>(m.model.buffers.size());
  m.model.buffers.push_back(std::make_unique<s::BufferT>());
  m.model.buffers.back()->data = {'1', '.', '5', '.', '0', 0, 0, 0};
  m.model.metadata.push_back(std::move(metadata));
  m.model.description = "MLIR Converted.";

  const auto bytes = m.build();
  const auto model = parse(bytes);
  ASSERT_EQ(model.signatures().size(), 1u);
  EXPECT_EQ(model.signatures()[0].key, "serving_default");
  EXPECT_THAT(model.signatures()[0].inputs, ElementsAre(std::pair<std::string_view, int>("image", 0)));
  EXPECT_EQ(model.min_runtime_version(), "1.5.0");
  EXPECT_EQ(model.description(), "MLIR Converted.");
}

TEST(TfliteParse, ReadsAFileThatLiesAtAnOddAddress) {
  Bytes shifted(1, 0);
  const auto bytes = dense().build();
  shifted.insert(shifted.end(), bytes.begin(), bytes.end());
  const auto model = Model::parse(BytesView(shifted).subspan(1), "m.tflite");
  EXPECT_THAT(model.tensors()[1].shape, ElementsAre(2, 4));
}

TEST(TfliteParse, ReadsOptionsThatAFileLeavesOutAsTheirDefaults) {
  auto m = dense();
  s::Conv2DOptionsT options;
  options.stride_w = 2;
  const int conv_output = m.tensor("c", {1, 2});
  m.op(s::BuiltinOperator_CONV_2D, {3, 1}, {conv_output}, options);
  const auto bytes = m.build();
  const auto model = parse(bytes);
  const auto& conv = std::get<Conv2DOptions>(model.operators()[1].options);
  EXPECT_EQ(conv.stride_w, 2);
  EXPECT_EQ(conv.stride_h, 0);
  EXPECT_EQ(conv.dilation_w_factor, 1);
  EXPECT_EQ(conv.padding, Padding::same);
}

// --- damage to the container

TEST(TfliteParse, RefusesAnEmptyFile) {
  EXPECT_ERROR(parse({}), ErrorKind::malformed, "m.tflite: the file is empty, a TFLite model is needed");
}

TEST(TfliteParse, RefusesAFileShorterThanItsHead) {
  EXPECT_ERROR(parse({'T', 'F', 'L'}), ErrorKind::malformed,
               "m.tflite: 3 bytes, the head of a TFLite model alone has 8; the file is truncated");
}

TEST(TfliteParse, RefusesAnotherIdentifier) {
  auto bytes = dense().build();
  bytes[7] = '9';
  EXPECT_ERROR(parse(bytes), ErrorKind::malformed,
               "m.tflite: bytes 4 to 7 are 'TFL9', a TFLite model has 'TFL3' there; this is another kind of file");
}

TEST(TfliteParse, SurvivesEveryTruncation) {
  const auto bytes = dense().build();
  for (size_t length = 0; length < bytes.size(); ++length) {
    const Bytes prefix(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length));
    EXPECT_THROW(parse(prefix), Error) << length << " of " << bytes.size() << " bytes were taken for a model";
  }
}

TEST(TfliteParse, SurvivesEveryByteSetToEveryExtreme) {
  const auto bytes = dense().build();
  for (size_t i = 0; i < bytes.size(); ++i) {
    for (const uint8_t value : {0x00, 0x7f, 0x80, 0xff}) {
      auto damaged = bytes;
      damaged[i] = value;
      try {
        static_cast<void>(parse(damaged));
      } catch (const Error& error) {
        EXPECT_EQ(std::string(error.what()).rfind("m.tflite: ", 0), 0u) << error.what();
      }
    }
  }
}

std::string not_sound(const Bytes& bytes) {
  return text("m.tflite: its ", bytes.size(),
              " bytes are no sound FlatBuffer, an offset or a length in it leads astray; the file is truncated or "
              "damaged, take a fresh copy");
}

TEST(TfliteParse, RefusesARootThatPointsOutside) {
  auto bytes = dense().build();
  bytes[0] = bytes[1] = bytes[2] = bytes[3] = 0xff;
  EXPECT_ERROR(parse(bytes), ErrorKind::malformed, not_sound(bytes));
}

TEST(TfliteParse, RefusesAVtableThatPointsOutside) {
  auto bytes = dense().build();
  const size_t root = bytes[0] + 256u * bytes[1];  // the table begins with the distance back to its vtable
  bytes[root] = bytes[root + 1] = bytes[root + 2] = bytes[root + 3] = 0x7f;
  EXPECT_ERROR(parse(bytes), ErrorKind::malformed, not_sound(bytes));
}

TEST(TfliteParse, RefusesATableThatContainsItself) {
  auto bytes = dense().build();
  // The root's field 2, subgraphs, is made to point at the root table; an offset of 0 is no table at all.
  const size_t root = bytes[0] + 256u * bytes[1];
  const auto* table = flatbuffers::GetRoot<flatbuffers::Table>(bytes.data());
  const size_t field = table->GetOptionalFieldOffset(s::Model::VT_SUBGRAPHS);
  ASSERT_NE(field, 0u);
  for (size_t i = 0; i < 4; ++i) bytes[root + field + i] = 0;
  EXPECT_ERROR(parse(bytes), ErrorKind::malformed, not_sound(bytes));
}

// --- damage to the meaning

TEST(TfliteParse, RefusesAnotherFormatVersion) {
  auto m = dense();
  m.model.version = 4;
  expect_unsupported(m, "file format version 4, version 3 is needed");
}

TEST(TfliteParse, RefusesAFileWithoutAGraph) {
  auto m = dense();
  m.model.subgraphs.clear();
  expect_malformed(m, "it has no graph");
}

TEST(TfliteParse, RefusesAGraphWithoutOutputs) {
  auto m = dense();
  m.graph().outputs.clear();
  expect_malformed(m, "its graph has no output");
}

TEST(TfliteParse, RefusesABufferIndexOutOfRange) {
  auto m = dense();
  m.tensor_at(1).buffer = 77;
  expect_malformed(m, "tensor 1 ('w'): its buffer is 77, the file has 3");
}

TEST(TfliteParse, RefusesABufferThatDoesNotFitTheShape) {
  auto m = dense();
  m.tensor_at(1).shape = {2, 5};
  expect_malformed(m, "tensor 1 ('w'): it has 32 bytes of data, FLOAT32 [2, 5] needs 40");
}

TEST(TfliteParse, CountsFourBitElementsByTheHalfByte) {
  auto m = dense();
  m.tensor_at(1).type = s::TensorType_INT4;
  m.tensor_at(1).shape = {3, 3};
  m.model.buffers[1]->data.resize(5);
  const auto bytes = m.build();
  EXPECT_EQ(parse(bytes).tensors()[1].data.size(), 5u);
}

TEST(TfliteParse, RefusesATypeThatItDoesNotKnow) {
  auto m = dense();
  m.tensor_at(1).type = static_cast<s::TensorType>(99);
  expect_unsupported(m, "tensor 1 ('w'): its type is 99, the highest that is known is 22");
}

TEST(TfliteParse, RefusesANegativeDimension) {
  auto m = dense();
  m.tensor_at(0).shape = {1, -4};
  expect_malformed(m, "tensor 0 ('x'): its shape [1, -4] has a negative dimension");
}

TEST(TfliteParse, RefusesAShapeWhoseProductOverflows) {
  auto m = dense();
  m.tensor_at(0).shape = {0x7fffffff, 0x7fffffff, 0x7fffffff, 2};
  expect_malformed(
      m, "tensor 0 ('x'): its shape [2147483647, 2147483647, 2147483647, 2] has more than 2147483647 elements");
}

TEST(TfliteParse, RefusesAnOverflowBehindADimensionOfZero) {
  auto m = dense();
  m.tensor_at(0).shape = {0, 0x7fffffff, 2};
  expect_malformed(m, "tensor 0 ('x'): its shape [0, 2147483647, 2] has more than 2147483647 elements");
}

TEST(TfliteParse, RefusesMoreDimensionsThanTheRuntimeHas) {
  auto m = dense();
  m.tensor_at(0).shape.assign(1000, 1);
  expect_malformed(m, "tensor 0 ('x'): it has 1000 dimensions, 8 is the most");
}

TEST(TfliteParse, RefusesScalesThatFitNoAxis) {
  auto m = dense();
  m.tensor_at(1).quantization = std::make_unique<s::QuantizationParametersT>();
  m.tensor_at(1).quantization->scale = {0.5f, 0.5f, 0.5f};
  m.tensor_at(1).quantization->zero_point = {0, 0, 0};
  expect_malformed(m, "tensor 1 ('w'): it has 3 quantisation scales for axis 0 of its shape [2, 4]");
}

TEST(TfliteParse, RefusesAQuantisedAxisOutOfRange) {
  auto m = dense();
  m.tensor_at(1).quantization = std::make_unique<s::QuantizationParametersT>();
  m.tensor_at(1).quantization->scale = {0.5f, 0.5f};
  m.tensor_at(1).quantization->quantized_dimension = -1;
  expect_malformed(m, "tensor 1 ('w'): it has 2 quantisation scales for axis -1 of its shape [2, 4]");
}

TEST(TfliteParse, RefusesAScaleThatIsNoNumber) {
  auto m = dense();
  m.tensor_at(1).quantization = std::make_unique<s::QuantizationParametersT>();
  m.tensor_at(1).quantization->scale = {NAN};
  expect_malformed(m, "tensor 1 ('w'): its quantisation scale is nan, a positive number is needed");
}

TEST(TfliteParse, RefusesDataInAnotherFile) {
  auto m = dense();
  m.tensor_at(1).external_buffer = 1;
  expect_unsupported(m,
                     "tensor 1 ('w'): its data lie in another file, which is not read; export the model as one file");
}

TEST(TfliteParse, RefusesAnOperatorCodeIndexOutOfRange) {
  auto m = dense();
  m.op_at(0).opcode_index = 9;
  expect_malformed(m, "op 0: its operator code is entry 9 of a list of 1");
}

TEST(TfliteParse, RefusesAnOperatorOfANewerRelease) {
  auto m = dense();
  m.model.operator_codes[0]->builtin_code = static_cast<s::BuiltinOperator>(300);
  expect_unsupported(m,
                     "op 0: its operator code is 300, the highest that is known is 209 (STABLEHLO_CASE); export the "
                     "model with an older converter");
}

TEST(TfliteParse, RefusesAnInputIndexOutOfRange) {
  auto m = dense();
  m.op_at(0).inputs[1] = 99;
  expect_malformed(m, "op 0 FULLY_CONNECTED: its input is tensor 99, the graph has 4");
}

TEST(TfliteParse, RefusesAnInputIndexBelowMinusOne) {
  auto m = dense();
  m.op_at(0).inputs[1] = -2;
  expect_malformed(m, "op 0 FULLY_CONNECTED: its input is tensor -2, the graph has 4");
}

TEST(TfliteParse, RefusesAnOutputIndexOutOfRange) {
  auto m = dense();
  m.op_at(0).outputs[0] = 4;
  expect_malformed(m, "op 0 FULLY_CONNECTED: its output is tensor 4, the graph has 4");
}

TEST(TfliteParse, RefusesAGraphOutputOutOfRange) {
  auto m = dense();
  m.graph().outputs = {-1};
  expect_malformed(m, "its graph output is tensor -1, the graph has 4");
}

TEST(TfliteParse, RefusesAGraphInputThatStandsTwice) {
  auto m = dense();
  m.graph().inputs = {0, 0};
  expect_malformed(m, "its graph input tensor 0 ('x') stands twice in the list");
}

TEST(TfliteParse, RefusesACycle) {
  auto m = dense();
  m.tensor("z", {1, 2});
  m.op_at(0).inputs = {4, 1, 2};
  m.op(s::BuiltinOperator_RELU, {3}, {4});
  expect_malformed(m, "op 0 FULLY_CONNECTED ('y'): it reads tensor 4 ('z'), which nothing before it makes");
}

TEST(TfliteParse, RefusesATensorThatTwoOperatorsMake) {
  auto m = dense();
  m.op(s::BuiltinOperator_RELU, {0}, {3});
  expect_malformed(m, "op 1 RELU ('y'): it makes tensor 3 ('y'), which op 0 has made");
}

TEST(TfliteParse, RefusesAGraphInputThatAnOperatorMakes) {
  auto m = dense();
  m.graph().inputs.push_back(3);
  expect_malformed(m, "its graph input tensor 3 ('y') is made by op 0");
}

TEST(TfliteParse, RefusesAGraphOutputThatNothingMakes) {
  auto m = dense();
  m.graph().outputs[0] = m.tensor("lost", {1});
  expect_malformed(m, "its graph output tensor 4 ('lost') is made by nothing");
}

TEST(TfliteParse, RefusesAnActivationThatTheFormatDoesNotHave) {
  auto m = dense();
  m.op_at(0).builtin_options.AsFullyConnectedOptions()->fused_activation_function =
      static_cast<s::ActivationFunctionType>(42);
  expect_malformed(m, "op 0 FULLY_CONNECTED ('y'): its fused activation function is 42, the file format has 0 to 5");
}

TEST(TfliteParse, RefusesASignatureThatNamesNoTensor) {
  auto m = dense();
  auto signature = std::make_unique<s::SignatureDefT>();
  signature->signature_key = "serve";
  signature->outputs.push_back(std::make_unique<s::TensorMapT>());
  signature->outputs[0]->name = "label";
  signature->outputs[0]->tensor_index = 4'000'000'000u;
  m.model.signature_defs.push_back(std::move(signature));
  expect_malformed(m, "signature 'serve': its name 'label' is tensor 4000000000, the graph has 4");
}

TEST(TfliteParse, ShowsNamesThatATerminalCannot) {
  auto m = dense();
  m.tensor_at(1).name = "w\x1b[31m";
  m.tensor_at(1).buffer = 77;
  expect_malformed(m, "tensor 1 ('w\\x1b[31m'): its buffer is 77, the file has 3");
}

}  // namespace
}  // namespace es::tflite
