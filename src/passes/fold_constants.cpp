// SPDX-License-Identifier: Apache-2.0
//
// Nodes whose inputs are all constants become constants; so does the shape of a value where no dimension is open.
#include "ir/shapes.h"
#include "passes/context.h"
#include "passes/edit.h"
#include "passes/evaluate.h"

namespace es::passes {
namespace {

using ir::Graph;
using ir::Node;
using ir::NodeId;
using ir::TensorData;
using ir::ValueId;

std::optional<std::vector<TensorData>> fold(const Graph& graph, const Node& node) {
  std::vector<const TensorData*> inputs;
  for (const ValueId input : node.inputs) {
    if (input != ir::no_value && !graph.constant(input)) return std::nullopt;
    inputs.push_back(graph.constant(input));
  }
  return evaluate(node, inputs);
}

// Shape, Size, and whatever was computed of them: integers that inference knows as numbers.
std::optional<std::vector<TensorData>> known_integers(const Graph& graph, const ir::ShapeInference& inference,
                                                      const Node& node) {
  if (node.outputs.size() != 1 || node.outputs[0] == ir::no_value) return std::nullopt;
  const ir::Value& value = graph.value(node.outputs[0]);
  const auto content = inference.content(node.outputs[0]);
  if (!content || value.dtype != ir::DType::i64 || !value.shape || !value.shape->is_static()) return std::nullopt;
  std::vector<int64_t> numbers;
  for (const ir::Dim& element : *content) {
    if (element.times_batch) return std::nullopt;
    numbers.push_back(element.size);
  }
  if (value.shape->elements() != ir::Dim(static_cast<int64_t>(numbers.size()))) return std::nullopt;
  return std::vector<TensorData>{TensorData::ints(*value.shape->at_batch(1), numbers)};
}

void replace(Graph& graph, NodeId id, std::vector<TensorData> results) {
  const Node node = graph.node(id);
  for (size_t i = 0; i < results.size(); ++i) {
    if (node.outputs[i] == ir::no_value || graph.use_count(node.outputs[i]) == 0) continue;
    const std::string name = graph.value(node.outputs[i]).name;
    const ValueId constant = graph.add_constant(std::move(results[i]), name);
    graph.replace_uses(node.outputs[i], constant);
  }
  graph.remove_node(id);
}

bool makes_output(const Graph& graph, const Node& node) {
  for (const ValueId output : node.outputs) {
    if (output != ir::no_value && graph.is_output(output)) return true;
  }
  return false;
}

}  // namespace

int fold_constants(Context& context) {
  Graph& graph = context.graph;
  ir::ShapeInference inference(graph);
  return for_each_node_once(graph, [&](NodeId id) {
    static_cast<void>(inference.run(id));  // contradictions are verify's to find
    const Node& node = graph.node(id);
    if (makes_output(graph, node)) return 0;
    auto results = fold(graph, node);
    if (!results) results = known_integers(graph, inference, node);
    if (!results) return 0;
    replace(graph, id, std::move(*results));
    return 1;
  });
}

}  // namespace es::passes
