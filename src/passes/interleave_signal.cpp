// SPDX-License-Identifier: Apache-2.0
//
// The first convolution of a network on a signal of several channels (an accelerometer's axes, a spectrogram's bands)
// needs no Transpose of its input.
//
// Channels last, the signal is x[t, c] one after the other: seen as one long line of one channel, a window of k steps
// is k * C neighbours, and the next window begins stride * C further. The weight [out, C, k] read as [out, k, C] is the
// kernel of that line. Worth it for short kernels; long ones are better served by their channels.
#include <algorithm>

#include "passes/context.h"
#include "passes/edit.h"

namespace es::passes {
namespace {

using ir::Graph;
using ir::Ints;
using ir::Node;
using ir::NodeId;
using ir::TensorData;
using ir::ValueId;

constexpr int64_t longest_kernel = 256;

struct Line {
  ValueId signal;            // [N, 1, T, C], or [N, T, 1, C]
  int64_t length, channels;  // T, C
  size_t axis;               // of a spatial list: 1 where the length is the width, 0 where it is the height
};

// The signal in front of a Transpose to channels first, where one of its spatial axes is 1.
std::optional<Line> line_of(const Graph& graph, ValueId image) {
  const NodeId id = graph.producer(image);
  if (id == ir::no_node || graph.node(id).op_type != "Transpose" || graph.use_count(image) != 1) return std::nullopt;
  const ValueId signal = graph.node(id).inputs[0];
  const auto& shape = graph.value(signal).shape;
  if (!shape || shape->rank() != 4 || perm_of(graph, id) != Ints{0, 3, 1, 2}) return std::nullopt;
  if (!(*shape)[1].is_static() || !(*shape)[2].is_static() || !(*shape)[3].is_static()) return std::nullopt;
  const int64_t height = (*shape)[1].size, width = (*shape)[2].size, channels = (*shape)[3].size;
  if (channels < 2 || (height != 1 && width != 1)) return std::nullopt;
  const size_t axis = height == 1 ? 1 : 0;
  return Line{signal, axis == 1 ? width : height, channels, axis};
}

// Whether the convolution does nothing along the axis of 1, and plain steps along the other.
bool fits(const Graph& graph, const Node& conv, const Line& line) {
  const TensorData* weight = graph.constant(conv.input(1));
  const auto pads = conv.get_ints("pads", {0, 0, 0, 0}), dilations = conv.get_ints("dilations", {1, 1});
  if (!weight || weight->dims.size() != 4 || weight->dims[1] != line.channels || conv.get_int("group", 1) != 1)
    return false;
  if (conv.get_string("auto_pad", "NOTSET") != "NOTSET" || pads.size() != 4 || dilations != Ints{1, 1}) return false;
  const size_t other = 1 - line.axis;
  return weight->dims[2 + other] == 1 && pads[other] == 0 && pads[2 + other] == 0 &&
         weight->dims[2 + line.axis] * line.channels <= longest_kernel && conv.get_ints("strides", {1, 1}).size() == 2;
}

// [out, C, k] as [out, k, C], in the convolution's four axes.
TensorData interleaved(const TensorData& weight, const Line& line) {
  const int64_t kernel = weight.dims[2 + line.axis];
  const auto values = weight.as_floats();
  std::vector<float> result(values.size());
  for (int64_t out = 0; out < weight.dims[0]; ++out) {
    for (int64_t c = 0; c < line.channels; ++c) {
      for (int64_t k = 0; k < kernel; ++k) {
        result[static_cast<size_t>((out * kernel + k) * line.channels + c)] =
            values[static_cast<size_t>((out * line.channels + c) * kernel + k)];
      }
    }
  }
  Ints dims{weight.dims[0], 1, 1, 1};
  dims[2 + line.axis] = kernel * line.channels;
  return TensorData::floats(dims, result);
}

int rewrite(Graph& graph, NodeId id) {
  if (graph.node(id).op_type != "Conv") return 0;
  const auto line = line_of(graph, graph.node(id).inputs[0]);
  if (!line || !fits(graph, graph.node(id), *line)) return 0;
  const TensorData* weight = graph.constant(graph.node(id).input(1));
  if (weight->dtype != ir::DType::f32) return 0;

  std::vector<ir::Dim> dims = graph.value(line->signal).shape->dims();
  dims[1] = dims[2] = dims[3] = 1;
  dims[2 + line->axis] = line->length * line->channels;
  const auto flat = insert_reshape(graph, id, line->signal, ir::Shape(std::move(dims)));
  if (!flat) return 0;
  const int64_t kernel = weight->dims[2 + line->axis] * line->channels;
  Ints strides = graph.node(id).get_ints("strides", {1, 1}), pads = graph.node(id).get_ints("pads", {0, 0, 0, 0});
  strides[line->axis] *= line->channels;
  pads[line->axis] *= line->channels;
  pads[2 + line->axis] *= line->channels;
  Ints shape{1, 1};
  shape[line->axis] = kernel;
  replace_constant(graph, id, 1, interleaved(*weight, *line));
  graph.set_input(id, 0, *flat);
  graph.set_attribute(id, "kernel_shape", shape);
  graph.set_attribute(id, "strides", strides);
  graph.set_attribute(id, "pads", pads);
  infer(graph, id);
  return 1;
}

}  // namespace

int interleave_signal(Context& context) {
  const int changes = for_each_node_once(context.graph, [&](NodeId id) { return rewrite(context.graph, id); });
  return changes + (changes > 0 ? remove_dead(context) : 0);
}

}  // namespace es::passes
