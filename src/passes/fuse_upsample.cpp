// SPDX-License-Identifier: Apache-2.0
//
// Every pixel repeated in both directions is a Resize to the nearest. TFLite exporters write it with what they have:
// PACK(x, x) along each axis and a RESHAPE that joins the copies, which leaves tensors of five and six axes that no
// runtime is fast with.
//
// The chain in front of a Reshape is followed as a list of factors: axes of the source, and counts of copies. Copies
// that stand directly behind an axis, once the Reshape has joined them, repeat its elements one by one.
#include <algorithm>

#include "passes/context.h"
#include "passes/edit.h"

namespace es::passes {
namespace {

using ir::Graph;
using ir::Ints;
using ir::Node;
using ir::NodeId;
using ir::ValueId;

constexpr size_t longest_chain = 16;

struct Factor {
  int64_t size;
  int axis;  // of the source; -1: copies
};

// A tensor of the chain: its dimensions, each a run of factors.
struct Repeated {
  std::vector<std::vector<Factor>> dims;

  std::vector<Factor> flat() const {
    std::vector<Factor> all;
    for (const auto& dim : dims) all.insert(all.end(), dim.begin(), dim.end());
    return all;
  }
  bool has_copies() const {
    const auto all = flat();
    return std::any_of(all.begin(), all.end(), [](const Factor& factor) { return factor.axis < 0; });
  }
};

std::optional<Ints> dims_of(const Graph& graph, ValueId id) {
  const auto& shape = graph.value(id).shape;
  return shape && shape->is_known() ? shape->at_batch(1) : std::nullopt;
}

size_t normalised(int64_t axis, size_t rank) {
  return static_cast<size_t>(axis < 0 ? axis + static_cast<int64_t>(rank) : axis);
}

// --- one step of the chain each; false where it is none

bool join(Repeated& value, const Ints& to) {
  const auto factors = value.flat();
  std::vector<std::vector<Factor>> dims;
  size_t next = 0;
  for (const int64_t size : to) {
    dims.emplace_back();
    int64_t product = 1;
    while (product < size && next < factors.size()) {
      product *= factors[next].size;
      dims.back().push_back(factors[next++]);
    }
    if (product != size) return false;
  }
  value.dims = std::move(dims);
  return next == factors.size();
}

bool copy_along(Repeated& value, size_t axis, int64_t count) {
  // Copies of a whole axis stand in front of it, which is no repetition of its elements.
  if (axis >= value.dims.size() || !value.dims[axis].empty()) return false;
  if (count > 1) value.dims[axis].push_back({count, -1});
  return true;
}

bool follow_concat(const Node& node, Repeated& value) {
  const bool same =
      std::all_of(node.inputs.begin(), node.inputs.end(), [&](ValueId input) { return input == node.inputs[0]; });
  return same && copy_along(value, normalised(node.get_int("axis", 0), value.dims.size()),
                            static_cast<int64_t>(node.inputs.size()));
}

// Tile and Expand, whose result says how often an axis of 1 was copied.
bool follow_copies(const Graph& graph, const Node& node, Repeated& value) {
  const auto from = dims_of(graph, node.inputs[0]), to = dims_of(graph, node.outputs[0]);
  if (!from || !to || from->size() != to->size()) return false;
  for (size_t axis = 0; axis < to->size(); ++axis) {
    if ((*from)[axis] != (*to)[axis] && ((*from)[axis] != 1 || !copy_along(value, axis, (*to)[axis]))) return false;
  }
  return true;
}

bool follow(const Graph& graph, const Node& node, Repeated& value) {
  if (node.op_type == "Concat") return follow_concat(node, value);
  if (node.op_type == "Tile" || node.op_type == "Expand") return follow_copies(graph, node, value);
  const auto to = dims_of(graph, node.outputs[0]);
  return to && join(value, *to);
}

bool is_step(const Node& node) {
  static constexpr std::string_view steps[] = {"Unsqueeze", "Squeeze", "Reshape", "Concat", "Tile", "Expand"};
  return std::find(std::begin(steps), std::end(steps), node.op_type) != std::end(steps);
}

std::optional<Repeated> start(const Graph& graph, ValueId source) {
  const auto dims = dims_of(graph, source);
  if (!dims || std::any_of(dims->begin(), dims->end(), [](int64_t size) { return size < 1; })) return std::nullopt;
  Repeated value;
  for (size_t axis = 0; axis < dims->size(); ++axis) {
    value.dims.emplace_back();
    if ((*dims)[axis] > 1) value.dims.back().push_back({(*dims)[axis], static_cast<int>(axis)});
  }
  return value;
}

// How often each element of each axis is repeated; nothing where the result is something else.
std::optional<std::vector<float>> scales_of(const Repeated& value, const Ints& source) {
  if (value.dims.size() != source.size()) return std::nullopt;
  std::vector<float> scales;
  for (size_t axis = 0; axis < source.size(); ++axis) {
    int64_t copies = 1;
    bool seen_axis = source[axis] == 1;
    for (const auto& factor : value.dims[axis]) {
      if (factor.axis == static_cast<int>(axis) && !seen_axis) {
        seen_axis = true;
      } else if (factor.axis < 0 && seen_axis) {
        copies *= factor.size;
      } else {
        return std::nullopt;
      }
    }
    if (!seen_axis) return std::nullopt;
    scales.push_back(static_cast<float>(copies));
  }
  return scales;
}

// The longest chain that ends in the Reshape and repeats something.
int rewrite(Graph& graph, NodeId id) {
  if (graph.node(id).op_type != "Reshape") return 0;
  std::vector<NodeId> chain{id};
  ValueId source = graph.node(id).inputs[0];
  while (chain.size() < longest_chain) {
    const NodeId producer = graph.producer(source);
    if (producer == ir::no_node || !is_step(graph.node(producer))) break;
    chain.push_back(producer);
    source = graph.node(producer).inputs[0];
  }
  for (; chain.size() > 1; chain.pop_back()) {
    source = graph.node(chain.back()).inputs[0];
    auto value = start(graph, source);
    if (!value || value->dims.size() != 4 || !ir::is_float(graph.value(source).dtype)) continue;
    const bool followed =
        std::all_of(chain.rbegin(), chain.rend(), [&](NodeId step) { return follow(graph, graph.node(step), *value); });
    const auto scales = followed && value->has_copies() ? scales_of(*value, *dims_of(graph, source)) : std::nullopt;
    if (!scales || (*scales)[0] != 1) continue;
    const ValueId constant = graph.add_constant(ir::TensorData::floats(*scales), "scales");
    const ValueId resized = insert(graph, id, "Resize", {source, ir::no_value, constant},
                                   {{"mode", std::string("nearest")},
                                    {"coordinate_transformation_mode", std::string("asymmetric")},
                                    {"nearest_mode", std::string("floor")}});
    graph.set_origin(graph.producer(resized), graph.node(id).origin);
    replace_node(graph, id, resized);
    return 1;
  }
  return 0;
}

}  // namespace

int fuse_upsample(Context& context) {
  return for_each_node_once(context.graph, [&](NodeId id) { return rewrite(context.graph, id); });
}

}  // namespace es::passes
