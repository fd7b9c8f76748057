// SPDX-License-Identifier: Apache-2.0
#include "onnx/onnx.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "base/file.h"
#include "ir/operators.h"
#include "ir/shapes.h"
#include "ir/text.h"
#include "testing/matchers.h"
#include "testing/run_onnx.h"
#include "testing/text_cases.h"

namespace es::onnx {
namespace {

using ir::Graph;
using ir::TensorData;
using ir::ValueId;

std::vector<TensorData> random_inputs(const Graph& graph, int64_t batch) {
  std::vector<TensorData> inputs;
  for (const ValueId id : graph.inputs()) {
    const auto& input = graph.value(id);
    inputs.push_back(ir::random_tensor(input.dtype, input.shape->at_batch(batch).value(), 1000 + inputs.size()));
  }
  return inputs;
}

// Every value that a node makes becomes an output, so that the runtime shows its shape.
void expose_everything(Graph& graph) {
  for (const auto node : graph.nodes()) {
    for (const ValueId output : graph.node(node).outputs) {
      if (output != ir::no_value && !graph.is_output(output)) graph.add_output(output);
    }
  }
}

void expect_shapes_of_runtime(const Graph& graph, int64_t batch, const std::string& title) {
  const auto outputs = testing::run_onnx(write(graph), random_inputs(graph, batch));
  ASSERT_EQ(outputs.size(), graph.outputs().size());
  for (size_t i = 0; i < outputs.size(); ++i) {
    const auto& value = graph.value(graph.outputs()[i]);
    const auto& tensor = outputs[i];
    if (value.dtype != ir::DType::undefined) {
      EXPECT_EQ(value.dtype, tensor.dtype) << title << ": " << value.name;
    }
    const auto inferred = value.shape ? value.shape->at_batch(batch) : std::nullopt;
    if (inferred) {
      EXPECT_EQ(*inferred, tensor.dims) << title << ": " << value.name;
    }
  }
}

// The answers in ir/testdata/shapes.test are not ours alone: ONNX Runtime computes the same at three batches.
TEST(Shapes, AreThoseOfTheRuntimeAtEveryBatch) {
  int checked = 0;
  for (const auto& text_case : testing::read_text_cases(ES_SOURCE_DIR "/src/ir/testdata/shapes.test")) {
    if (text_case.expected.starts_with("error:")) continue;
    Graph graph = ir::parse(text_case.input);
    // A shape that comes in from outside cannot be drawn at random.
    if (graph.value(graph.inputs().back()).dtype != ir::DType::f32) continue;
    ir::infer_shapes(graph);
    graph.ir_version = ir::ir_version_of(graph.opset);
    expose_everything(graph);
    for (const int64_t batch : {1, 2, 3}) expect_shapes_of_runtime(graph, batch, text_case.title);
    ++checked;
  }
  EXPECT_GE(checked, 11);
}

// --- reading

Bytes read_test_file(const std::string& name) { return read_file(std::string(ES_TEST_DATA "/") + name); }

class OpsetForms : public ::testing::TestWithParam<const char*> {};

// What an older or newer opset wrote differently must compute the same once it is read and written again.
TEST_P(OpsetForms, ComputeTheSameAfterLifting) {
  const Bytes file = read_test_file(std::string("models/") + GetParam() + ".onnx");
  const Graph graph = read(file, GetParam());
  const auto inputs = random_inputs(graph, 2);
  const auto expected = testing::run_onnx(file, inputs);
  const auto actual = testing::run_onnx(write(graph), inputs);
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); ++i) {
    EXPECT_EQ(actual[i].dims, expected[i].dims) << "output " << i;
    EXPECT_LE(testing::max_difference(actual[i].as_floats(), expected[i].as_floats()), 1e-6) << "output " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Files, OpsetForms,
                         ::testing::Values("opset7", "opset9", "opset10", "opset13", "opset18", "opset21"),
                         [](const auto& suite) { return std::string(suite.param); });

TEST(Read, StatesTheOpsetItsOperatorsNeed) {
  EXPECT_EQ(read(read_test_file("models/opset7.onnx"), "m").opset, 13);
  EXPECT_EQ(read(read_test_file("models/opset18.onnx"), "m").opset, 13);
  EXPECT_EQ(read(read_test_file("models/opset21.onnx"), "m").opset, 20) << "Gelu came with opset 20";
}

TEST(Read, TakesConstantsInEverySpellingAndNodesInAnyOrder) {
  Graph graph = read(read_test_file("models/opset13.onnx"), "opset13.onnx");
  EXPECT_EQ(print(graph, {.types = true}),
            "graph (x: f32[N,3]) -> y\n"
            "  a: f32[N,3] = Mul(x, {0.09762701,0.43037874,0.20552675})\n"
            "  b: f32[N,3] = Clip(a, _, 0.75)\n"
            "  c: f32[N,3] = Add(b, {0.5,0.25,0.125})\n"
            "  d: f32[1,N,3] = Unsqueeze(c, [0])\n"
            "  small = const i8[3] {-1,2,127}\n"
            "  wide: f32[3] = Cast(small) to=1\n"
            "  y: f32[1,N,3] = Add(d, wide)\n");
}

// One file per wound, one sentence per file.
TEST(Read, NamesTheWound) {
  testing::run_text_cases(ES_TEST_DATA "/hostile.test",
                          [](const std::string& name) { return print(read(read_test_file("hostile/" + name), name)); });
}

TEST(Read, EveryHostileFileHasItsSentence) {
  size_t files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(ES_TEST_DATA "/hostile")) ++files;
  EXPECT_EQ(testing::read_text_cases(ES_TEST_DATA "/hostile.test").size(), files);
}

// Cut anywhere and flipped anywhere, a file ends in a graph or in a sentence.
TEST(Read, SurvivesEveryTruncationAndBitFlip) {
  for (const char* name : {"models/opset7.onnx", "models/opset13.onnx", "models/opset18.onnx"}) {
    const Bytes file = read_test_file(name);
    const auto attempt = [](BytesView bytes) {
      try {
        static_cast<void>(read(bytes, "m.onnx"));
      } catch (const Error& error) {
        EXPECT_NE(error.kind(), ErrorKind::internal) << error.what();
      }
    };
    for (size_t size = 0; size < file.size(); ++size) attempt(BytesView(file).first(size));
    for (size_t bit = 0; bit < file.size() * 8; ++bit) {
      Bytes damaged = file;
      damaged[bit / 8] ^= static_cast<uint8_t>(1u << (bit % 8));
      attempt(damaged);
    }
  }
}

TEST(LooksLikeOnnx, TellsItFromItsNeighbours) {
  EXPECT_TRUE(looks_like_onnx(read_test_file("models/opset7.onnx")));
  EXPECT_FALSE(looks_like_onnx(read_test_file("hostile/text.onnx")));
  EXPECT_FALSE(looks_like_onnx(as_bytes_view("\x1c\0\0\0TFL3")));
  EXPECT_FALSE(looks_like_onnx({}));
}

// --- writing

TEST(Write, GivesEqualBytesForEqualGraphs) {
  const Bytes file = read_test_file("models/opset13.onnx");
  EXPECT_EQ(write(read(file, "a")), write(read(file, "b")));
}

TEST(Write, SaysBatchOnAxisZeroAndNothingOfUnusedConstants) {
  Graph graph = ir::parse("graph (x: f32[N,4]) -> y\n  y = Relu(x)\n");
  graph.add_constant(TensorData::floats({1, 2, 3}), "unused");
  graph.producer_name = "edgestream";
  ir::infer_shapes(graph);
  const Bytes bytes = write(graph);
  EXPECT_EQ(as_text(bytes).find("unused"), std::string_view::npos);
  EXPECT_NE(as_text(bytes).find("batch"), std::string_view::npos);
  const Graph back = read(bytes, "back");
  EXPECT_EQ(back.producer_name, "edgestream");
  EXPECT_EQ(print(back, {.types = true}), "graph (x: f32[N,4]) -> y\n  y: f32[N,4] = Relu(x)\n");
}

TEST(Write, KeepsMetadataAndEveryKindOfAttribute) {
  Graph graph = ir::parse(
      "graph (x: f32[2]) -> y\n"
      "  y = LeakyRelu(x) alpha=0.5 f={1.0,2.0} i=3 l=[4,5] s=\"text\" t=const i32[2] {1,-2} v=[\"a\",\"b\"]\n");
  graph.metadata["key"] = "value";
  const Graph back = read(write(graph), "back");
  EXPECT_EQ(print(back), print(graph));
  EXPECT_EQ(back.metadata.at("key"), "value");
}

}  // namespace
}  // namespace es::onnx
