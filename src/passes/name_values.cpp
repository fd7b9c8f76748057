// SPDX-License-Identifier: Apache-2.0
//
// Names that every tool takes: [A-Za-z0-9_./-], at most 63 characters. DeepStream separates output names with ';',
// which TFLite's names are full of.
#include <algorithm>
#include <set>

#include "passes/context.h"

namespace es::passes {
namespace {

constexpr size_t longest_name = 63;

bool is_plain(char c) {
  constexpr std::string_view others = "_./-";
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || others.find(c) != others.npos;
}

std::string clean(std::string name) {
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !is_plain(c); }, '_');
  name.resize(std::min(name.size(), longest_name));
  return name;
}

std::string without_semicolons(std::string name) {
  std::replace(name.begin(), name.end(), ';', '_');
  return name;
}

// "op 17 CONV_2D ('backbone/conv3')" names its node "op_17_CONV_2D", and further nodes of the operator
// "op_17_CONV_2D/Clip": what a runtime's log says then leads back to the file.
std::string name_from(const ir::Node& node, bool is_first) {
  const auto words = node.origin.substr(0, node.origin.find(" ('"));
  return clean(is_first ? words : words + "/" + node.op_type);
}

int name_nodes(ir::Graph& graph) {
  std::set<std::string> taken;
  int changes = 0;
  for (const ir::NodeId id : graph.nodes()) {
    const ir::Node& node = graph.node(id);
    if (!node.name.empty() || node.origin.empty()) continue;
    const auto wanted = name_from(node, !taken.contains(name_from(node, true)));
    auto name = wanted;
    for (int i = 2; !taken.insert(name).second; ++i) name = text(wanted, "_", i);
    graph.set_node_name(id, name);
    ++changes;
  }
  return changes;
}

}  // namespace

int name_values(Context& context) {
  ir::Graph& graph = context.graph;
  int changes = name_nodes(graph);
  for (const ir::ValueId id : graph.all_values()) {
    const std::string before = graph.value(id).name;
    const std::string wanted = context.options.clean_names ? clean(before) : without_semicolons(before);
    if (wanted == before) continue;
    const std::string after = graph.rename(id, wanted);
    if (graph.is_input(id) || graph.is_output(id)) context.report.renamed.emplace_back(before, after);
    ++changes;
  }
  const auto& inputs = graph.inputs();
  const auto& outputs = graph.outputs();
  for (size_t i = 0; i < context.report.inputs.size() && i < inputs.size(); ++i) {
    context.report.inputs[i].name = graph.value(inputs[i]).name;
    context.report.inputs[i].shape = graph.value(inputs[i]).shape.value_or(ir::Shape{});
  }
  for (size_t i = 0; i < context.report.outputs.size() && i < outputs.size(); ++i) {
    context.report.outputs[i].name = graph.value(outputs[i]).name;
    context.report.outputs[i].shape = graph.value(outputs[i]).shape.value_or(ir::Shape{});
  }
  return changes;
}

}  // namespace es::passes
