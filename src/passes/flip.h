// SPDX-License-Identifier: Apache-2.0
//
// Operators that can run on tensors stored in another axis order, and what has to be renamed in them for it.
#pragma once

#include <optional>

#include "ir/graph.h"

namespace es::passes {

// The inputs that share the axes of the operator's result (its data, not its bounds or scales).
std::vector<size_t> flippable_inputs(const ir::Graph& graph, ir::NodeId id);

// The permutation of the node's outputs where its data is stored by `perm` (stored axis i is axis perm[i]): perm
// itself, or a shorter one where axes are dropped. Nothing where the operator cannot run so.
std::optional<ir::Ints> flipped_output_perm(const ir::Graph& graph, ir::NodeId id, const ir::Ints& perm);

// Makes the node run so: Transposes stand before and behind it, its axes, bounds and constants are permuted. The graph
// computes what it did. flipped_output_perm must have said yes.
void flip(ir::Graph& graph, ir::NodeId id, const ir::Ints& perm);

}  // namespace es::passes
