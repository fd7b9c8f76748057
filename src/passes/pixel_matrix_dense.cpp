// SPDX-License-Identifier: Apache-2.0
//
// A dense layer on every pixel of a feature map is a convolution of 1x1, with its bias (Keras' Dense on rank 4, the
// head of Edge Impulse's transfer-learning block):
//
//   [N,H,W,C] -> Reshape [N*H*W, C] -> Gemm -> Relu -> ...      becomes
//   [N,H,W,C] -> Transpose -> Conv -> Transpose -> Relu -> Reshape [N*H*W, K] -> ...
//
// and MatMul on [N,H,W,C] likewise. The Transposes meet those of the convolution before, the Reshape the one behind.
#include <algorithm>
#include <array>

#include "passes/context.h"
#include "passes/edit.h"
#include "passes/evaluate.h"

namespace es::passes {
namespace {

using ir::Graph;
using ir::Node;
using ir::NodeId;
using ir::Shape;
using ir::TensorData;
using ir::ValueId;

// Operators of one input that treat every element alike.
constexpr std::array<std::string_view, 9> pointwise{"Clip", "Elu",     "HardSigmoid", "HardSwish", "LeakyRelu",
                                                    "Relu", "Sigmoid", "Softplus",    "Tanh"};

bool is_pointwise(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  if (std::find(pointwise.begin(), pointwise.end(), node.op_type) == pointwise.end()) return false;
  for (size_t i = 1; i < node.inputs.size(); ++i) {
    if (node.inputs[i] != ir::no_value && !graph.constant(node.inputs[i])) return false;
  }
  return node.outputs.size() == 1;
}

// The dense layer as out = x * weights^T + bias; weights [units, features].
struct Dense {
  TensorData weights;
  ValueId bias = ir::no_value;
};

bool is_vector_of(const Graph& graph, ValueId id, int64_t length) {
  const TensorData* data = graph.constant(id);
  return data && data->dtype == ir::DType::f32 && data->elements() == length && data->dims.size() <= 2 &&
         (data->dims.empty() || data->dims.back() == length);
}

std::optional<Dense> dense_of(const Graph& graph, const Node& node) {
  const TensorData* weights = graph.constant(node.input(1));
  if (!weights || weights->dtype != ir::DType::f32 || weights->dims.size() != 2) return std::nullopt;
  if (node.op_type == "MatMul") return Dense{permuted(*weights, {1, 0})};
  const bool plain = node.op_type == "Gemm" && node.get_int("transA", 0) == 0 && node.get_float("alpha", 1) == 1 &&
                     node.get_float("beta", 1) == 1;
  if (!plain) return std::nullopt;
  Dense dense{node.get_int("transB", 0) ? *weights : permuted(*weights, {1, 0}), node.input(2)};
  if (dense.bias != ir::no_value && !is_vector_of(graph, dense.bias, dense.weights.dims[0])) return std::nullopt;
  return dense;
}

// The feature map whose pixels are the rows of the dense layer's input, or no_value.
ValueId feature_map_of(const Graph& graph, ValueId matrix) {
  const auto is_map = [&](ValueId id) {
    const ir::Value& value = graph.value(id);
    return value.rank() == 4 && value.shape->is_known() && !value.is_constant();
  };
  if (is_map(matrix)) return matrix;
  const Node* reshape = graph.producer_node(matrix);
  if (!reshape || reshape->op_type != "Reshape" || graph.value(matrix).rank() != 2) return ir::no_value;
  const ValueId map = reshape->inputs[0];
  const bool keeps_channels = is_map(map) && (*graph.value(map).shape)[3] == (*graph.value(matrix).shape)[1];
  return keeps_channels ? map : ir::no_value;
}

ValueId insert_convolution(Graph& graph, NodeId where, ValueId map, const Dense& dense) {
  const auto units = dense.weights.dims[0], features = dense.weights.dims[1];
  std::vector<ValueId> inputs{insert_transpose(graph, where, map, channels_first(4)),
                              graph.add_constant(reshaped(dense.weights, {units, features, 1, 1}), "weights")};
  if (dense.bias != ir::no_value) {
    inputs.push_back(graph.add_constant(reshaped(*graph.constant(dense.bias), {units}), "bias"));
  }
  const ValueId convolved = insert(graph, where, "Conv", std::move(inputs), {{"kernel_shape", ir::Ints{1, 1}}});
  graph.set_origin(graph.producer(convolved), graph.node(where).origin);
  return insert_transpose(graph, where, convolved, channels_last(4));
}

// Add or Mul with one number for each unit, or one for all: the same on rows of a matrix and on pixels of a map.
bool is_per_unit(const Graph& graph, const Node& node, int64_t units) {
  if (node.op_type != "Add" && node.op_type != "Mul") return false;
  const ValueId other = graph.constant(node.inputs[0]) ? node.inputs[0] : node.inputs[1];
  const TensorData* data = graph.constant(other);
  if (!data || data->dims.size() > 1) return false;
  return data->elements() == 1 || data->elements() == units;
}

// A Reshape that groups the pixels otherwise and leaves the units of each together.
bool regroups_pixels(const Graph& graph, const Node& node, int64_t units) {
  const auto& shape = graph.value(node.outputs[0]).shape;
  return node.op_type == "Reshape" && shape && shape->rank() >= 2 && shape->is_known() &&
         (*shape)[shape->rank() - 1].is(units);
}

// What treats every element, or every unit, alike comes along, so that the Reshape behind it meets the next one.
// Returns the value that the matrix form must be made of, and moves `end` to the last node that came along.
ValueId carry_pointwise(Graph& graph, ValueId map, int64_t units, NodeId& end) {
  for (;;) {
    const ValueId result = graph.node(end).outputs[0];
    const NodeId next = graph.single_consumer(result);
    if (next == ir::no_node) return map;
    const Node& node = graph.node(next);
    if (is_pointwise(graph, next) || is_per_unit(graph, node, units)) {
      auto inputs = node.inputs;
      std::replace(inputs.begin(), inputs.end(), result, map);
      map = insert(graph, next, node.op_type, std::move(inputs), node.attributes);
      graph.set_origin(graph.producer(map), graph.node(next).origin);
    } else if (!regroups_pixels(graph, node, units) || node.inputs[0] != result) {
      return map;
    }
    end = next;
  }
}

int rewrite(Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  if (node.op_type != "Gemm" && node.op_type != "MatMul") return 0;
  const ValueId map = feature_map_of(graph, node.inputs[0]);
  const auto dense = dense_of(graph, node);
  if (map == ir::no_value || !dense || !graph.value(node.outputs[0]).shape) return 0;
  const Shape& pixels = *graph.value(map).shape;
  if (!pixels[3].is(dense->weights.dims[1]) || pixels[1].is(1) || !graph.value(node.outputs[0]).shape->is_known())
    return 0;
  NodeId end = id;
  const ValueId convolved =
      carry_pointwise(graph, insert_convolution(graph, id, map, *dense), dense->weights.dims[0], end);
  const auto matrix = insert_reshape(graph, end, convolved, *graph.value(graph.node(end).outputs[0]).shape);
  if (!matrix) return 0;  // what was inserted is dead and goes later
  replace_node(graph, end, *matrix);
  return 1;
}

}  // namespace

int pixel_matrix_dense(Context& context) {
  return for_each_node_once(context.graph, [&](NodeId id) { return rewrite(context.graph, id); });
}

}  // namespace es::passes
