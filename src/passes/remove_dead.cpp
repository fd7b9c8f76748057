// SPDX-License-Identifier: Apache-2.0
//
// Nodes and constants that lead to no output. Graph inputs stay: they are the caller's contract.
#include <algorithm>

#include "passes/context.h"

namespace es::passes {

int remove_dead(Context& context) {
  ir::Graph& graph = context.graph;
  int changes = 0;
  auto ids = graph.nodes();
  std::reverse(ids.begin(), ids.end());
  for (const ir::NodeId id : ids) {
    const auto& outputs = graph.node(id).outputs;
    const bool used = std::any_of(outputs.begin(), outputs.end(), [&](ir::ValueId output) {
      return output != ir::no_value && graph.use_count(output) > 0;
    });
    if (used) continue;
    graph.remove_node(id);
    ++changes;
  }
  for (const ir::ValueId id : graph.all_values()) {
    if (!graph.value(id).is_constant() || graph.use_count(id) > 0) continue;
    graph.remove_value(id);
    ++changes;
  }
  return changes;
}

}  // namespace es::passes
