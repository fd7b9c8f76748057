// SPDX-License-Identifier: Apache-2.0
#include "onnx/onnx.h"

#include <gmock/gmock.h>

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

}  // namespace
}  // namespace es::onnx
