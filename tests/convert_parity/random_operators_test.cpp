// SPDX-License-Identifier: Apache-2.0
//
// Operators with drawn shapes and parameters: what ONNX Runtime makes of the translation equals what the reference
// makes of the file. A failure names its seed; ES_SEED=<number> in the environment runs that one alone.
#include <gmock/gmock.h>

#include <cmath>
#include <cstdlib>
#include <random>

#include "onnx/onnx.h"
#include "reference/evaluate.h"
#include "testing/run_onnx.h"
#include "tflite/model_builder.h"
#include "translate/translate.h"

namespace es {
namespace {

using tflite::testing::ModelBuilder;
namespace schema = tflite::schema;
using Shape = std::vector<int32_t>;

// Draws that are the same with every standard library.
class Draw {
 public:
  explicit Draw(uint32_t seed) : random_(seed) {}

  int from(int low, int high) { return low + static_cast<int>(random_() % static_cast<uint32_t>(high - low + 1)); }
  bool coin() { return from(0, 1) == 1; }
  float number() { return static_cast<float>(from(-1000, 1000)) / 250.0f; }
  std::vector<float> numbers(const Shape& shape) {
    size_t count = 1;
    for (const auto dim : shape) count *= static_cast<size_t>(dim);
    std::vector<float> values(count);
    for (auto& value : values) value = number();
    return values;
  }
  Shape shape(int rank, int most) {
    Shape dims(static_cast<size_t>(rank));
    for (auto& dim : dims) dim = from(1, most);
    return dims;
  }

 private:
  std::mt19937 random_;
};

// The file's own shape of a result is only a hint to the reference; the translation warns of a wrong one and goes on.
const Shape unknown_shape;

int windows(int size, int kernel, int stride, int dilation, bool same) {
  const int reach = (kernel - 1) * dilation + 1;
  return same ? (size + stride - 1) / stride : (size - reach) / stride + 1;
}

// --- drawn operators

void conv(ModelBuilder& m, Draw& draw) {
  schema::Conv2DOptionsT o;
  const bool same = draw.coin();
  o.padding = same ? schema::Padding_SAME : schema::Padding_VALID;
  o.stride_h = draw.from(1, 4);
  o.stride_w = draw.from(1, 4);
  o.dilation_h_factor = draw.from(1, 3);
  o.dilation_w_factor = draw.from(1, 3);
  o.fused_activation_function = static_cast<schema::ActivationFunctionType>(draw.from(0, 3));
  const int kh = draw.from(1, 5), kw = draw.from(1, 5), groups = draw.from(1, 3), in = draw.from(1, 3);
  const int out = groups * draw.from(1, 3);
  const int least_h = same ? 1 : (kh - 1) * o.dilation_h_factor + 1,
            least_w = same ? 1 : (kw - 1) * o.dilation_w_factor + 1;
  const Shape image{draw.from(1, 3), draw.from(least_h, least_h + 9), draw.from(least_w, least_w + 9), groups * in};
  const int x = m.input("x", image);
  const Shape weight{out, kh, kw, in};
  const int w = m.floats("w", weight, draw.numbers(weight)), b = m.floats("b", {out}, draw.numbers({out}));
  const int y = m.tensor("y", unknown_shape);
  m.op(schema::BuiltinOperator_CONV_2D, {x, w, b}, {y}, o);
  m.output(y);
}

void depthwise_conv(ModelBuilder& m, Draw& draw) {
  schema::DepthwiseConv2DOptionsT o;
  const bool same = draw.coin();
  o.padding = same ? schema::Padding_SAME : schema::Padding_VALID;
  o.stride_h = o.stride_w = draw.from(1, 3);
  o.dilation_h_factor = o.dilation_w_factor = draw.from(1, 2);
  const int kh = draw.from(1, 4), kw = draw.from(1, 4), channels = draw.from(1, 4), out = channels * draw.from(1, 3);
  const Shape image{draw.from(1, 2), draw.from(8, 12), draw.from(8, 12), channels};
  const Shape weight{1, kh, kw, out};
  const int x = m.input("x", image);
  const int w = m.floats("w", weight, draw.numbers(weight)), b = m.floats("b", {out}, draw.numbers({out}));
  const int y = m.tensor("y", unknown_shape);
  m.op(schema::BuiltinOperator_DEPTHWISE_CONV_2D, {x, w, b}, {y}, o);
  m.output(y);
}

void transpose_conv(ModelBuilder& m, Draw& draw) {
  schema::TransposeConvOptionsT o;
  const bool same = draw.coin();
  o.padding = same ? schema::Padding_SAME : schema::Padding_VALID;
  const int stride[2] = {draw.from(1, 3), draw.from(1, 3)}, kernel[2] = {draw.from(1, 5), draw.from(1, 5)};
  o.stride_h = stride[0];
  o.stride_w = stride[1];
  const int in = draw.from(1, 3), out = draw.from(1, 3);
  int size[2], image[2];
  for (int i = 0; i < 2; ++i) {
    // A size whose forward convolution makes the image.
    size[i] = draw.from(same ? 1 : kernel[i], 14);
    image[i] = windows(size[i], kernel[i], stride[i], 1, same);
  }
  const int shape = m.ints("size", {1, size[0], size[1], out});
  const Shape weight{out, kernel[0], kernel[1], in};
  const int w = m.floats("w", weight, draw.numbers(weight));
  const int x = m.input("x", {1, image[0], image[1], in});
  const int y = m.tensor("y", unknown_shape);
  m.op(schema::BuiltinOperator_TRANSPOSE_CONV, {shape, w, x}, {y}, o);
  m.output(y);
}

void pool(ModelBuilder& m, Draw& draw) {
  schema::Pool2DOptionsT o;
  o.filter_height = draw.from(1, 7);
  o.filter_width = draw.from(1, 7);
  o.stride_h = draw.from(1, 4);
  o.stride_w = draw.from(1, 4);
  o.padding = draw.coin() ? schema::Padding_SAME : schema::Padding_VALID;
  const bool same = o.padding == schema::Padding_SAME;
  const int x = m.input("x", {draw.from(1, 2), draw.from(same ? 1 : o.filter_height, 10),
                              draw.from(same ? 1 : o.filter_width, 10), draw.from(1, 3)});
  const int y = m.tensor("y", unknown_shape);
  const schema::BuiltinOperator codes[] = {schema::BuiltinOperator_AVERAGE_POOL_2D, schema::BuiltinOperator_MAX_POOL_2D,
                                           schema::BuiltinOperator_L2_POOL_2D};
  m.op(codes[draw.from(0, 2)], {x}, {y}, o);
  m.output(y);
}

void dense(ModelBuilder& m, Draw& draw) {
  schema::FullyConnectedOptionsT o;
  o.keep_num_dims = draw.coin();
  o.fused_activation_function = static_cast<schema::ActivationFunctionType>(draw.from(0, 3));
  const Shape shape = draw.shape(draw.from(2, 4), 4);
  const int units = draw.from(1, 5);
  const int x = m.input("x", shape);
  const int w = m.floats("w", {units, shape.back()}, draw.numbers({units, shape.back()}));
  const int b = draw.coin() ? m.floats("b", {units}, draw.numbers({units})) : -1;
  const int y = m.tensor("y", unknown_shape);
  m.op(schema::BuiltinOperator_FULLY_CONNECTED, {x, w, b}, {y}, o);
  m.output(y);
}

// One operand of any rank whose axes fit the other's, from the right.
void broadcast(ModelBuilder& m, Draw& draw) {
  const Shape large = draw.shape(draw.from(1, 4), 4);
  Shape small(large.end() - draw.from(0, static_cast<int>(large.size())), large.end());
  for (auto& dim : small) dim = draw.coin() ? dim : 1;
  const int a = m.input("a", large);
  const int b = draw.coin() ? m.input("b", small) : m.floats("b", small, draw.numbers(small));
  const int y = m.tensor("y", unknown_shape);
  const schema::BuiltinOperator codes[] = {schema::BuiltinOperator_ADD,     schema::BuiltinOperator_SUB,
                                           schema::BuiltinOperator_MUL,     schema::BuiltinOperator_MAXIMUM,
                                           schema::BuiltinOperator_MINIMUM, schema::BuiltinOperator_SQUARED_DIFFERENCE};
  const bool swapped = draw.coin();
  m.op(codes[draw.from(0, 5)], {swapped ? b : a, swapped ? a : b}, {y});
  m.output(y);
}

void reduce(ModelBuilder& m, Draw& draw) {
  const int rank = draw.from(1, 4);
  const int x = m.input("x", draw.shape(rank, 5));
  std::vector<int32_t> axes;
  for (int axis = 0; axis < rank; ++axis) {
    if (draw.coin()) axes.push_back(draw.coin() ? axis : axis - rank);
  }
  if (!axes.empty() && draw.coin()) axes.push_back(axes[0]);
  schema::ReducerOptionsT o;
  o.keep_dims = draw.coin();
  const schema::BuiltinOperator codes[] = {schema::BuiltinOperator_MEAN, schema::BuiltinOperator_SUM,
                                           schema::BuiltinOperator_REDUCE_MAX, schema::BuiltinOperator_REDUCE_MIN};
  const int y = m.tensor("y", unknown_shape);
  m.op(codes[draw.from(0, 3)], {x, m.ints("axes", axes)}, {y}, o);
  m.output(y);
}

void resize(ModelBuilder& m, Draw& draw) {
  const Shape image{draw.from(1, 2), draw.from(1, 64), draw.from(1, 64), 1};
  const int x = m.input("x", image), size = m.ints("size", {draw.from(1, 64), draw.from(1, 64)});
  const int y = m.tensor("y", unknown_shape), flags = draw.from(0, 2);
  if (draw.coin()) {
    schema::ResizeBilinearOptionsT o;
    o.align_corners = flags == 1;
    o.half_pixel_centers = flags == 2;
    m.op(schema::BuiltinOperator_RESIZE_BILINEAR, {x, size}, {y}, o);
  } else {
    schema::ResizeNearestNeighborOptionsT o;
    o.align_corners = flags == 1;
    o.half_pixel_centers = flags == 2;
    m.op(schema::BuiltinOperator_RESIZE_NEAREST_NEIGHBOR, {x, size}, {y}, o);
  }
  m.output(y);
}

void pad(ModelBuilder& m, Draw& draw) {
  const int rank = draw.from(1, 4);
  const Shape shape = draw.shape(rank, 5);
  const int x = m.input("x", shape);
  std::vector<int32_t> amounts;
  const int kind = draw.from(0, 2);  // constant, reflected, symmetric
  for (const auto dim : shape) {
    const int most = kind == 0 ? 3 : kind == 1 ? dim - 1 : dim;
    amounts.push_back(draw.from(0, most));
    amounts.push_back(draw.from(0, most));
  }
  const int pairs = m.constant("amounts", {rank, 2}, amounts, schema::TensorType_INT32);
  const int y = m.tensor("y", unknown_shape);
  schema::MirrorPadOptionsT o;
  o.mode = kind == 2 ? schema::MirrorPadMode_SYMMETRIC : schema::MirrorPadMode_REFLECT;
  if (kind == 0)
    m.op(schema::BuiltinOperator_PAD, {x, pairs}, {y});
  else
    m.op(schema::BuiltinOperator_MIRROR_PAD, {x, pairs}, {y}, o);
  m.output(y);
}

void strided_slice(ModelBuilder& m, Draw& draw) {
  const int rank = draw.from(1, 5), entries = draw.from(1, rank);
  const Shape shape = draw.shape(rank, 5);
  const int x = m.input("x", shape);
  std::vector<int32_t> begin, end, step;
  schema::StridedSliceOptionsT o;
  for (int i = 0; i < entries; ++i) {
    const int dim = shape[static_cast<size_t>(i)];
    const bool shrinks = draw.from(0, 4) == 0;
    o.shrink_axis_mask |= shrinks ? 1 << i : 0;
    o.begin_mask |= draw.from(0, 3) == 0 && !shrinks ? 1 << i : 0;
    o.end_mask |= draw.from(0, 3) == 0 ? 1 << i : 0;
    begin.push_back(shrinks ? draw.from(-dim, dim - 1) : draw.from(-dim - 1, dim + 1));
    end.push_back(draw.from(-dim - 1, dim + 1));
    step.push_back(shrinks || draw.coin() ? 1 : draw.coin() ? 2 : -1);
  }
  const int y = m.tensor("y", unknown_shape);
  m.op(schema::BuiltinOperator_STRIDED_SLICE, {x, m.ints("b", begin), m.ints("e", end), m.ints("s", step)}, {y}, o);
  m.output(y);
}

void transpose(ModelBuilder& m, Draw& draw) {
  const int rank = draw.from(1, 5);
  std::vector<int32_t> order;
  for (int axis = 0; axis < rank; ++axis) order.insert(order.begin() + draw.from(0, axis), axis);
  const int x = m.input("x", draw.shape(rank, 4));
  const int y = m.tensor("y", unknown_shape);
  m.op(schema::BuiltinOperator_TRANSPOSE, {x, m.ints("order", order)}, {y});
  m.output(y);
}

// --- one draw

reference::Array as_array(const ir::TensorData& data) {
  return {.type = tflite::TensorType::float32, .shape = data.dims, .values = data.as_doubles()};
}

double largest(const std::vector<double>& values) {
  double result = 0;
  for (const double value : values) result = std::max(result, std::abs(value));
  return result;
}

// To 2e-5 of the largest number that went in or came out: a pixel between two is rounded where the two are large.
void expect_near(const ir::TensorData& actual, const reference::Array& expected,
                 const std::vector<reference::Array>& inputs) {
  ASSERT_EQ(actual.dims, expected.shape);
  double range = largest(expected.values);
  for (const auto& input : inputs) range = std::max(range, largest(input.values));
  const auto values = actual.as_doubles();
  for (size_t i = 0; i < values.size(); ++i) ASSERT_NEAR(values[i], expected.values[i], 2e-5 * range) << "at " << i;
}

void compare(const ModelBuilder& m, Draw& draw) {
  const auto bytes = m.build();
  const auto model = tflite::Model::parse(bytes, "drawn.tflite");
  std::vector<ir::TensorData> inputs;
  std::vector<reference::Array> arrays;
  for (const auto index : model.inputs()) {
    const auto& shape = model.tensors()[static_cast<size_t>(index)].shape;
    inputs.push_back(ir::TensorData::floats({shape.begin(), shape.end()}, draw.numbers({shape.begin(), shape.end()})));
    arrays.push_back(as_array(inputs.back()));
  }
  const auto trace = reference::evaluate(model, arrays);
  const auto& expected = trace[static_cast<size_t>(model.outputs()[0])];
  if (expected.values.empty()) return;  // a slice of nothing
  translate::Notes notes;
  const auto graph = translate::to_graph(model, {}, notes);
  expect_near(testing::run_onnx(onnx::write(graph), inputs)[0], expected, arrays);
}

struct Kind {
  const char* name;
  void (*draw)(ModelBuilder&, Draw&);
};

void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }

class RandomOperators : public ::testing::TestWithParam<Kind> {};

TEST_P(RandomOperators, TranslateToWhatTheReferenceComputes) {
  const char* only = std::getenv("ES_SEED");
  const auto first = only != nullptr ? static_cast<uint32_t>(std::strtoul(only, nullptr, 10)) : 1u;
  const uint32_t last = only != nullptr ? first : 250u;
  for (uint32_t seed = first; seed <= last; ++seed) {
    SCOPED_TRACE(text(GetParam().name, ", ES_SEED=", seed));
    Draw draw(seed);
    ModelBuilder m;
    GetParam().draw(m, draw);
    compare(m, draw);
    if (HasFatalFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, RandomOperators,
                         ::testing::Values(Kind{"conv", conv}, Kind{"depthwise_conv", depthwise_conv},
                                           Kind{"transpose_conv", transpose_conv}, Kind{"pool", pool},
                                           Kind{"dense", dense}, Kind{"broadcast", broadcast}, Kind{"reduce", reduce},
                                           Kind{"resize", resize}, Kind{"pad", pad},
                                           Kind{"strided_slice", strided_slice}, Kind{"transpose", transpose}),
                         [](const auto& kind) { return std::string(kind.param.name); });

}  // namespace
}  // namespace es
