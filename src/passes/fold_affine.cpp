// SPDX-License-Identifier: Apache-2.0
//
// A factor and an offset per channel behind a convolution go into its weights and bias: BatchNormalization, Mul and Add
// with constants. Computed in double, rounded once. Only where nothing else reads the convolution's own result.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "passes/context.h"
#include "passes/edit.h"

namespace es::passes {
namespace {

using ir::Graph;
using ir::Node;
using ir::NodeId;
using ir::TensorData;
using ir::ValueId;

using Doubles = std::vector<double>;

// y = factor[c] * x + offset[c]
struct Affine {
  Doubles factor, offset;
};

// A constant as one number per channel: a scalar, [C,1,1], [1,C,1,1], or nothing.
std::optional<Doubles> per_channel(const Graph& graph, ValueId id, size_t channels, size_t rank) {
  const TensorData* data = graph.constant(id);
  if (!data || data->dtype != ir::DType::f32 || data->dims.size() > rank) return std::nullopt;
  const Doubles values = data->as_doubles();
  if (values.size() == 1) return Doubles(channels, values.front());
  if (values.size() != channels) return std::nullopt;
  const size_t axis = 1 + data->dims.size() - rank;  // where channels stand, counted from the right
  const bool aligned = data->dims.size() + 1 >= rank && data->dims[axis] == static_cast<int64_t>(channels);
  return aligned ? std::optional(values) : std::nullopt;
}

std::optional<Affine> batch_normalization(const Graph& graph, const Node& node, size_t channels) {
  std::array<Doubles, 4> parts;  // scale, bias, mean, variance
  for (size_t i = 0; i < parts.size(); ++i) {
    const TensorData* data = graph.constant(node.input(i + 1));
    if (!data || data->dtype != ir::DType::f32 || data->elements() != static_cast<int64_t>(channels))
      return std::nullopt;
    parts[i] = data->as_doubles();
  }
  if (node.get_int("training_mode", 0) != 0 || node.outputs.size() != 1) return std::nullopt;
  const double epsilon = node.get_float("epsilon", 1e-5f);
  Affine affine{Doubles(channels), Doubles(channels)};
  for (size_t c = 0; c < channels; ++c) {
    affine.factor[c] = parts[0][c] / std::sqrt(parts[3][c] + epsilon);
    affine.offset[c] = parts[1][c] - parts[2][c] * affine.factor[c];
  }
  return affine;
}

// What `node` does to `value`, which is its input of `channels` channels.
std::optional<Affine> affine_of(const Graph& graph, const Node& node, ValueId value, size_t channels, size_t rank) {
  if (node.op_type == "BatchNormalization" && node.inputs[0] == value)
    return batch_normalization(graph, node, channels);
  if (node.op_type != "Mul" && node.op_type != "Add") return std::nullopt;
  const ValueId other = node.inputs[0] == value ? node.inputs[1] : node.inputs[0];
  const auto numbers = per_channel(graph, other, channels, rank);
  if (!numbers || graph.value(node.outputs[0]).shape != graph.value(value).shape) return std::nullopt;
  if (node.op_type == "Mul") return Affine{*numbers, Doubles(channels, 0)};
  return Affine{Doubles(channels, 1), *numbers};
}

TensorData as_floats(const std::vector<int64_t>& dims, const Doubles& values) {
  std::vector<float> rounded(values.begin(), values.end());
  return TensorData::floats(dims, rounded);
}

bool is_finite(const std::vector<double>& values) {
  constexpr double most = std::numeric_limits<float>::max();
  return std::all_of(values.begin(), values.end(), [](double value) { return std::abs(value) <= most; });
}

// False, with nothing changed, where a number would leave the range of a float.
bool fold_into(Graph& graph, NodeId conv, const Affine& affine) {
  const TensorData weights = *graph.constant(graph.node(conv).input(1));
  Doubles values = weights.as_doubles(), bias(affine.factor.size(), 0);
  const size_t channels = affine.factor.size(), each = values.size() / channels;
  if (const TensorData* old = graph.constant(graph.node(conv).input(2))) bias = old->as_doubles();
  for (size_t c = 0; c < channels; ++c) {
    for (size_t i = 0; i < each; ++i) values[c * each + i] *= affine.factor[c];
    bias[c] = bias[c] * affine.factor[c] + affine.offset[c];
  }
  if (!is_finite(values) || !is_finite(bias)) return false;
  replace_constant(graph, conv, 1, as_floats(weights.dims, values));
  replace_constant(graph, conv, 2, as_floats({static_cast<int64_t>(channels)}, bias));
  return true;
}

int fold(Graph& graph, NodeId conv) {
  const Node& node = graph.node(conv);
  const TensorData* weights = node.op_type == "Conv" ? graph.constant(node.input(1)) : nullptr;
  if (!weights || weights->dtype != ir::DType::f32 || weights->elements() == 0) return 0;
  const TensorData* bias = graph.constant(node.input(2));
  if (node.input(2) != ir::no_value && (!bias || bias->elements() != weights->dims[0])) return 0;
  const NodeId next = graph.single_consumer(node.outputs[0]);
  if (next == ir::no_node) return 0;
  const auto affine =
      affine_of(graph, graph.node(next), node.outputs[0], static_cast<size_t>(weights->dims[0]), weights->dims.size());
  if (!affine) return 0;
  const ValueId result = node.outputs[0];
  if (!fold_into(graph, conv, *affine)) return 0;
  graph.set_origin(conv, graph.node(next).origin);  // whose result it makes now
  replace_node(graph, next, result);
  return 1;
}

}  // namespace

int fold_affine(Context& context) {
  return for_each_node_once(context.graph, [&](NodeId id) {
    int folded = 0;
    while (fold(context.graph, id) != 0) ++folded;
    return folded;
  });
}

}  // namespace es::passes
