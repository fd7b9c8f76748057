// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ir/graph.h"

namespace es::ir {

// Holds the graph against what every pass must keep: nodes in topological order over values that exist, each value
// produced once, names unique, uses on record, every graph output defined, axes and perms within the ranks, shapes free
// of contradiction. Throws internal, naming `after` (the pass that ran last) and the node. Shapes are inferred anew.
void verify(Graph& graph, std::string_view after);

}  // namespace es::ir
