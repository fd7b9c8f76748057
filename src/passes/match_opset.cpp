// SPDX-License-Identifier: Apache-2.0
//
// From the forms of opset 13 to those of the opset asked for (ONNX's Changelog.md): where an opset moves an argument
// between attribute and input, or adds an argument that must be there.
#include <algorithm>
#include <array>

#include "passes/context.h"
#include "passes/edit.h"

namespace es::passes {
namespace {

using ir::Graph;
using ir::Node;
using ir::NodeId;
using ir::ValueId;

struct Version {
  int64_t opset, ir_version;
};
// The file format's version that came with each opset.
constexpr std::array<Version, 11> versions{
    {{11, 6}, {12, 7}, {13, 7}, {14, 7}, {15, 8}, {16, 8}, {17, 8}, {18, 8}, {19, 9}, {20, 9}, {21, 10}}};

[[noreturn]] void refuse(const Graph& graph, NodeId id, int64_t opset, const char* why) {
  fail(ErrorKind::unsupported, graph.node(id).describe(), ": cannot be written in opset ", opset, ": ", why,
       "; choose a newer opset");
}

// An input of constants becomes an attribute.
int input_to_attribute(Graph& graph, NodeId id, size_t index, const char* name, int64_t opset) {
  const ValueId value = graph.node(id).input(index);
  if (value == ir::no_value) return 0;
  const auto* data = graph.constant(value);
  if (!data) refuse(graph, id, opset, "its axes or sizes are computed");
  graph.set_attribute(id, name, data->as_ints());
  auto inputs = graph.node(id).inputs;
  inputs.resize(index);
  graph.set_inputs(id, std::move(inputs));
  return 1;
}

// The opposite.
int attribute_to_input(Graph& graph, NodeId id, size_t index, const char* name) {
  const auto* attribute = graph.node(id).find(name);
  if (!attribute) return 0;
  const ValueId axes = graph.add_constant(ir::TensorData::ints(graph.node(id).get_ints(name)), name);
  graph.remove_attribute(id, name);
  graph.set_input(id, index, axes);
  return 1;
}

// Before 13 a Softmax flattens everything from its axis on; over the last axis that is the same, so another axis
// changes places with the last one.
int softmax_over_the_last_axis(Graph& graph, NodeId id, int64_t opset) {
  const Node& node = graph.node(id);
  const int64_t rank = graph.value(node.inputs[0]).rank();
  const int64_t stated = node.get_int("axis", -1), axis = stated < 0 ? stated + rank : stated;
  if (rank < 1 || axis < 0 || axis >= rank) refuse(graph, id, opset, "its input's axes are not known");
  if (axis != rank - 1) {
    ir::Ints perm;
    for (int64_t i = 0; i < rank; ++i) perm.push_back(i == axis ? rank - 1 : i == rank - 1 ? axis : i);
    const ValueId turned = insert_transpose(graph, id, node.inputs[0], perm);
    const ValueId scores = insert(graph, id, node.op_type, {turned}, {{"axis", rank - 1}});
    replace_node(graph, id, insert_transpose(graph, id, scores, perm));
    return 1;
  }
  graph.set_attribute(id, "axis", rank - 1);
  return 1;
}

// Before 13 a Resize must name its region and its scales, though neither means anything where they are empty.
int name_region_and_scales(Graph& graph, NodeId id) {
  int changes = 0;
  for (const size_t index : {size_t{1}, size_t{2}}) {
    if (graph.node(id).input(index) != ir::no_value) continue;
    graph.set_input(id, index, graph.add_constant(ir::TensorData::floats({0}, {}), "none"));
    ++changes;
  }
  return changes;
}

int lower(Graph& graph, NodeId id, int64_t opset) {
  const std::string op = graph.node(id).op_type;
  if (op == "ReduceSum" && graph.node(id).find("noop_with_empty_axes")) {
    const bool means_something =
        graph.node(id).get_int("noop_with_empty_axes", 0) != 0 && graph.node(id).input(1) == ir::no_value;
    if (means_something) refuse(graph, id, opset, "noop_with_empty_axes exists since 13");
    graph.remove_attribute(id, "noop_with_empty_axes");
  }
  if (op == "Squeeze" || op == "Unsqueeze" || op == "ReduceSum") return input_to_attribute(graph, id, 1, "axes", opset);
  if (op == "Split") return input_to_attribute(graph, id, 1, "split", opset);
  if (op == "Softmax" || op == "LogSoftmax") return softmax_over_the_last_axis(graph, id, opset);
  if (op == "GatherND" && opset < 12) {
    if (graph.node(id).get_int("batch_dims", 0) != 0) refuse(graph, id, opset, "batch_dims exists since 12");
    graph.remove_attribute(id, "batch_dims");
    return 1;
  }
  if (op == "Resize") return name_region_and_scales(graph, id);
  const bool needs_12 = op == "GreaterOrEqual" || op == "LessOrEqual";
  if (opset < 12 && needs_12) refuse(graph, id, opset, "it exists since 12");
  return 0;
}

int raise(Graph& graph, NodeId id, int64_t opset) {
  const std::string op = graph.node(id).op_type;
  constexpr std::array<std::string_view, 9> reductions{"ReduceL1",        "ReduceL2",   "ReduceLogSum",
                                                       "ReduceLogSumExp", "ReduceMax",  "ReduceMean",
                                                       "ReduceMin",       "ReduceProd", "ReduceSumSquare"};
  if (opset >= 18 && std::find(reductions.begin(), reductions.end(), op) != reductions.end()) {
    return attribute_to_input(graph, id, 1, "axes");
  }
  if (opset >= 18 && op == "Split" && graph.node(id).input(1) == ir::no_value) {
    graph.set_attribute(id, "num_outputs", static_cast<int64_t>(graph.node(id).outputs.size()));
    return 1;
  }
  if (op == "Reshape" && !graph.node(id).find("allowzero")) {
    graph.set_attribute(id, "allowzero", int64_t{0});  // TensorRT 8.0 to 8.4 fail where it is absent
    return 1;
  }
  return 0;
}

}  // namespace

int match_opset(Context& context) {
  Graph& graph = context.graph;
  const int64_t opset = context.options.opset;
  const auto version =
      std::find_if(versions.begin(), versions.end(), [&](const Version& row) { return row.opset == opset; });
  require(version != versions.end(), ErrorKind::usage, "opset ", opset, " is not one of 11 to 21");
  require(graph.opset <= std::max<int64_t>(opset, 13), ErrorKind::unsupported, "opset ", opset,
          ": an operator of the graph exists since opset ", graph.opset, "; choose that one");
  int changes = 0;
  for (const NodeId id : graph.nodes()) {
    if (opset < 13) changes += lower(graph, id, opset);
    if (opset > 13) changes += raise(graph, id, opset);
  }
  graph.opset = opset;
  graph.ir_version = version->ir_version;
  return changes;
}

}  // namespace es::passes
