// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <cmath>

#include "ir/shapes.h"
#include "ir/text.h"
#include "ir/verify.h"
#include "testing/matchers.h"
#include "testing/text_cases.h"

namespace es::ir {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(GraphText, PrintsWhatItReads) {
  testing::run_text_cases(ES_TEST_DATA "/text.test", [](const std::string& input) { return print(parse(input)); });
}

TEST(Shapes, AreInferredWithASymbolicBatch) {
  testing::run_text_cases(ES_TEST_DATA "/shapes.test", [](const std::string& input) {
    Graph graph = parse(input);
    infer_shapes(graph);
    return print(graph, {.types = true});
  });
}

TEST(Graph, KnowsUsersAndProducersThroughEveryEdit) {
  Graph graph;
  const ValueId x = graph.add_input("x", DType::f32, {Dim::batch(), 4});
  const ValueId a = graph.emit("Relu", {x});
  const ValueId b = graph.emit("Add", {a, a});
  graph.add_output(b);
  EXPECT_THAT(graph.uses(a), ElementsAre(Use{1, 0}, Use{1, 1}));
  EXPECT_EQ(graph.use_count(b), 1u);
  EXPECT_EQ(graph.single_consumer(x), graph.producer(a));
  EXPECT_EQ(graph.single_consumer(b), no_node) << "a graph output is used by the world";

  const ValueId c = graph.emit("Sigmoid", {x}, {}, "", graph.producer(b));
  graph.replace_uses(a, c);
  EXPECT_THAT(graph.uses(a), IsEmpty());
  EXPECT_THAT(graph.node(graph.producer(b)).inputs, ElementsAre(c, c));
  graph.remove_node(graph.producer(a));
  EXPECT_EQ(print(graph), "graph (x: f32[N,4]) -> Add\n  Sigmoid = Sigmoid(x)\n  Add = Add(Sigmoid, Sigmoid)\n");
  EXPECT_NO_THROW(verify(graph, "the edits"));

  graph.replace_uses(b, x);
  EXPECT_THAT(graph.outputs(), ElementsAre(x));
  EXPECT_TRUE(graph.is_output(x));
  EXPECT_FALSE(graph.is_output(b));
}

TEST(Graph, GivesEveryValueANameOfItsOwn) {
  Graph graph;
  const ValueId first = graph.add_value("conv");
  const ValueId second = graph.add_value("conv");
  const ValueId third = graph.add_value("");
  EXPECT_EQ(graph.value(first).name, "conv");
  EXPECT_EQ(graph.value(second).name, "conv_1");
  EXPECT_EQ(graph.value(third).name, "value_1");
  EXPECT_EQ(graph.rename(first, "conv_1"), "conv_1_1");
  EXPECT_EQ(graph.find_value("conv"), no_value);
  EXPECT_EQ(graph.find_value("conv_1"), second);
}

TEST(Graph, RefusesEditsThatWouldBreakIt) {
  Graph graph;
  const ValueId x = graph.add_input("x", DType::f32, {1});
  const ValueId y = graph.emit("Relu", {x});
  graph.emit("Relu", {y});
  EXPECT_ERROR(graph.remove_node(graph.producer(y)), ErrorKind::internal,
               "graph: Relu cannot go: 'Relu' is still used");
  EXPECT_ERROR(graph.append(Node{.op_type = "Abs", .inputs = {x}, .outputs = {y}}), ErrorKind::internal,
               "graph: Abs would produce 'Relu', which exists already");
  EXPECT_ERROR(graph.value(99), ErrorKind::internal, "graph: there is no value 99");
}

TEST(Graph, ACopySharesTheWeights) {
  Graph graph;
  const ValueId w = graph.add_constant(TensorData::floats({1, 2, 3}), "w");
  const Graph copy = graph;
  EXPECT_EQ(copy.constant(w), graph.constant(w));
}

TEST(Verify, FindsANodeBeforeItsInput) {
  Graph graph = parse("graph (x: f32[2]) -> b\n  a = Relu(x)\n  b = Relu(a)\n");
  graph.move_before(graph.last_node(), graph.first_node());
  EXPECT_ERROR(verify(graph, "a pass"), ErrorKind::internal,
               "after a pass: Relu: input 0 'a' is used before it is made");
}

TEST(Verify, FindsShapesThatContradict) {
  Graph graph = parse("graph (x: f32[2], y: f32[3]) -> b\n  b = Add(x, y)\n");
  EXPECT_ERROR(verify(graph, "a pass"), ErrorKind::internal, "after a pass: Add: [2] and [3] do not broadcast");
}

TEST(TensorData, MustFillItsDimensions) {
  EXPECT_ERROR(TensorData(DType::f32, {2, 2}, Bytes(15)), ErrorKind::internal,
               "tensor data: 15 bytes do not fill f32[2,2]");
  EXPECT_EQ(element_count({1 << 30, 1 << 30, 1 << 30}), std::nullopt);
  EXPECT_EQ(element_count({1 << 30, 1 << 30, 1 << 30, 0}), std::nullopt) << "a zero must not hide the overflow";
  EXPECT_EQ(element_count({3, 0, 5}), 0);
}

// Every half is converted to float and back; the float's value is computed here by the definition of the format.
TEST(Half, GoesToFloatAndBackUnchanged) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<uint16_t>(bits);
    const int exponent = (half >> 10) & 31;
    const int fraction = half & 1023;
    const float value = half_to_float(half);
    if (exponent == 31 && fraction != 0) {
      EXPECT_TRUE(std::isnan(value));
      continue;
    }
    const double magnitude = exponent == 31  ? INFINITY
                             : exponent == 0 ? std::ldexp(fraction, -24)
                                             : std::ldexp(1024 + fraction, exponent - 25);
    ASSERT_EQ(static_cast<double>(value), half & 0x8000 ? -magnitude : magnitude) << bits;
    ASSERT_EQ(float_to_half(value), half);
  }
}

TEST(Half, RoundsToTheNearestEven) {
  EXPECT_EQ(float_to_half(1.0f + 0x1p-11f), 0x3c00) << "half way between 1 and the next: the even one";
  EXPECT_EQ(float_to_half(1.0f + 3 * 0x1p-11f), 0x3c02);
  EXPECT_EQ(float_to_half(65519.0f), 0x7bff);
  EXPECT_EQ(float_to_half(65520.0f), 0x7c00);
  EXPECT_EQ(float_to_half(0x1p-25f), 0x0000);
  EXPECT_EQ(float_to_half(0x1.8p-25f), 0x0001);
}

TEST(Dim, ArithmeticStopsBeforeItOverflows) {
  EXPECT_EQ((Shape{Dim::batch(), 4, 5}).elements(), Dim::batch(20));
  EXPECT_EQ((Shape{Dim::batch(), Dim::batch()}).elements(), Dim());
  EXPECT_EQ((Shape{int64_t{1} << 40, int64_t{1} << 40}).elements(), Dim());
  EXPECT_EQ(broadcast(Dim::batch(), Dim(1)), Dim::batch());
  EXPECT_EQ(broadcast(Dim::batch(), Dim(3)), std::nullopt);
}

}  // namespace
}  // namespace es::ir
