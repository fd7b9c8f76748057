// SPDX-License-Identifier: Apache-2.0
#include "passes/feature_order.h"

#include <algorithm>
#include <array>

#include "passes/edit.h"
#include "passes/evaluate.h"

namespace es::passes {
namespace {

using ir::Graph;
using ir::Ints;
using ir::Node;
using ir::NodeId;
using ir::TensorData;
using ir::Use;
using ir::ValueId;

// How a reader of the matrix takes its columns.
enum class Reader {
  mixes,          // their order matters and cannot be changed here
  each_alike,     // treats all of them alike: the order passes through
  with_operand,   // together with a constant that has one number per column
  joins,          // a Concat along the columns: the order passes through, moved
  dense_rows,     // multiplies with a constant of shape [features, units]
  dense_columns,  // multiplies with a constant of shape [units, features]
};

constexpr std::array<std::string_view, 22> unary{
    "Abs",   "Cast",  "Ceil",        "Clip",     "Dropout",   "Elu", "Erf", "Exp",
    "Floor", "Gelu",  "HardSigmoid", "Identity", "LeakyRelu", "Log", "Neg", "Reciprocal",
    "Relu",  "Round", "HardSwish",   "Sigmoid",  "Sqrt",      "Tanh"};
constexpr std::array<std::string_view, 8> binary{"Add", "Sub", "Mul", "Div", "Max", "Min", "PRelu", "Pow"};

template <typename Names>
bool has(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_single(const TensorData& data) { return data.elements() == 1; }

// [features] or [1, features].
bool is_per_feature(const TensorData& data, int64_t features) {
  return data.dims.size() <= 2 && !data.dims.empty() && data.dims.back() == features && data.elements() == features;
}

int64_t features_of(const Graph& graph, ValueId matrix) {
  const auto& shape = graph.value(matrix).shape;
  if (!shape || shape->rank() != 2 || !(*shape)[1].is_static()) return -1;
  return (*shape)[1].size;
}

Reader binary_reader(const Graph& graph, const Node& node, size_t index, int64_t features) {
  const TensorData* other = node.inputs.size() == 2 ? graph.constant(node.inputs[1 - index]) : nullptr;
  if (!other) return Reader::mixes;
  if (is_single(*other)) return Reader::each_alike;
  return is_per_feature(*other, features) ? Reader::with_operand : Reader::mixes;
}

bool is_matrix(const TensorData* data) { return data && data->dims.size() == 2; }

Reader reader_of(const Graph& graph, const Use& use, int64_t features) {
  const Node& node = graph.node(use.node);
  const auto index = static_cast<size_t>(use.index);
  if (!node.domain.empty()) return Reader::mixes;
  if (has(unary, node.op_type)) return index == 0 ? Reader::each_alike : Reader::mixes;
  if (has(binary, node.op_type)) return binary_reader(graph, node, index, features);
  if (node.op_type == "Concat") {
    const int64_t axis = node.get_int("axis", 0);
    return axis == 1 || axis == -1 ? Reader::joins : Reader::mixes;
  }
  if (node.op_type == "QuantizeLinear" || node.op_type == "DequantizeLinear") {
    const TensorData* scale = graph.constant(node.input(1));
    return index == 0 && scale && is_single(*scale) ? Reader::each_alike : Reader::mixes;
  }
  if (index != 0 || !is_matrix(graph.constant(node.input(1)))) return Reader::mixes;
  if (node.op_type == "MatMul") return Reader::dense_rows;
  if (node.op_type != "Gemm" || node.get_int("transA", 0) != 0) return Reader::mixes;
  return node.get_int("transB", 0) != 0 ? Reader::dense_columns : Reader::dense_rows;
}

bool passes_on(Reader reader) {
  return reader == Reader::each_alike || reader == Reader::with_operand || reader == Reader::joins;
}

// `from` for the result of a Concat of which the matrix is input `index`: the other parts keep their order.
std::vector<int64_t> moved(const Graph& graph, const Node& node, size_t index, const std::vector<int64_t>& from) {
  std::vector<int64_t> result(static_cast<size_t>(features_of(graph, node.outputs[0])));
  int64_t offset = 0;
  for (size_t i = 0; i < index; ++i) offset += features_of(graph, node.inputs[i]);
  for (size_t i = 0; i < result.size(); ++i) result[i] = static_cast<int64_t>(i);
  for (size_t i = 0; i < from.size(); ++i) result[static_cast<size_t>(offset) + i] = offset + from[i];
  return result;
}

// The slices of one axis in another order.
TensorData picked(const TensorData& data, int64_t axis, const std::vector<int64_t>& from) {
  const TensorData indices = TensorData::ints(from);
  Node gather{.op_type = "Gather", .inputs = {0, 1}, .outputs = {2}};
  gather.attributes["axis"] = axis;
  auto result = evaluate(gather, {&data, &indices});
  require(result.has_value(), ErrorKind::internal, "feature order: weights cannot be permuted");
  return std::move(result->front());
}

constexpr int deepest = 64;

bool absorbs(const Graph& graph, ValueId matrix, int depth) {
  const int64_t features = features_of(graph, matrix);
  if (features < 0 || graph.is_output(matrix) || depth == deepest) return false;
  for (const Use& use : graph.uses(matrix)) {
    const Reader reader = reader_of(graph, use, features);
    if (reader == Reader::mixes) return false;
    if (passes_on(reader) && !absorbs(graph, graph.node(use.node).outputs[0], depth + 1)) return false;
  }
  return true;
}

}  // namespace

bool absorbs_feature_order(const Graph& graph, ValueId matrix) { return absorbs(graph, matrix, 0); }

void permute_features(Graph& graph, ValueId matrix, const std::vector<int64_t>& from) {
  const int64_t features = features_of(graph, matrix);
  const auto uses = graph.uses(matrix);
  for (const Use& use : uses) {
    const Reader reader = reader_of(graph, use, features);
    const Node& node = graph.node(use.node);
    const auto index = static_cast<size_t>(use.index);
    if (reader == Reader::with_operand) {
      const TensorData& operand = *graph.constant(node.inputs[1 - index]);
      replace_constant(graph, use.node, 1 - index,
                       picked(operand, static_cast<int64_t>(operand.dims.size()) - 1, from));
    }
    if (reader == Reader::dense_rows || reader == Reader::dense_columns) {
      const TensorData& weights = *graph.constant(node.inputs[1]);
      replace_constant(graph, use.node, 1, picked(weights, reader == Reader::dense_rows ? 0 : 1, from));
    }
    if (passes_on(reader)) {
      const auto order = reader == Reader::joins ? moved(graph, node, index, from) : from;
      permute_features(graph, graph.node(use.node).outputs[0], order);
    }
  }
}

}  // namespace es::passes
