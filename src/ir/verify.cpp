// SPDX-License-Identifier: Apache-2.0
#include "ir/verify.h"

#include <unordered_set>

#include "ir/shapes.h"

namespace es::ir {
namespace {

void verify_inputs(const Graph& graph, NodeId id, const std::unordered_set<ValueId>& defined) {
  const Node& node = graph.node(id);
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    const ValueId input = node.inputs[i];
    if (input == no_value) continue;
    require(defined.contains(input) || graph.value(input).is_constant(), ErrorKind::internal, node.describe(),
            ": input ", i, " '", graph.value(input).name, "' is used before it is made");
    bool on_record = false;
    for (const Use& use : graph.uses(input)) on_record = on_record || use == Use{id, static_cast<int>(i)};
    require(on_record, ErrorKind::internal, node.describe(), ": input ", i, " is not on record as a use");
  }
}

void verify_outputs(const Graph& graph, NodeId id, std::unordered_set<ValueId>& defined) {
  const Node& node = graph.node(id);
  bool any = false;
  for (const ValueId output : node.outputs) {
    if (output == no_value) continue;
    any = true;
    require(graph.producer(output) == id, ErrorKind::internal, node.describe(), ": output '", graph.value(output).name,
            "' is on record as another node's");
    require(defined.insert(output).second, ErrorKind::internal, node.describe(), ": output '", graph.value(output).name,
            "' is made twice");
  }
  require(any, ErrorKind::internal, node.describe(), ": has no output");
}

void verify_order(const Graph& graph) {
  std::unordered_set<ValueId> defined(graph.inputs().begin(), graph.inputs().end());
  size_t count = 0;
  for (const NodeId id : graph.nodes()) {
    verify_inputs(graph, id, defined);
    verify_outputs(graph, id, defined);
    ++count;
  }
  require(count == graph.node_count(), ErrorKind::internal, "the graph lists ", count, " nodes and counts ",
          graph.node_count());
  for (const ValueId output : graph.outputs()) {
    require(defined.contains(output) || graph.value(output).is_constant(), ErrorKind::internal, "graph output '",
            graph.value(output).name, "' is made by no node");
  }
}

void verify_names(const Graph& graph) {
  for (const ValueId id : graph.all_values()) {
    require(graph.find_value(graph.value(id).name) == id, ErrorKind::internal, "the name '", graph.value(id).name,
            "' does not lead to its value");
  }
}

}  // namespace

void verify(Graph& graph, std::string_view after) {
  with_context(text("after ", after), [&] {
    verify_order(graph);
    verify_names(graph);
    const auto problem = find_shape_problem(graph);
    require(!problem, ErrorKind::internal, problem ? graph.node(problem->node).describe() : "", ": ",
            problem ? problem->sentence : "");
  });
}

}  // namespace es::ir
