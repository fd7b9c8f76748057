// SPDX-License-Identifier: Apache-2.0
//
// A matrix whose columns come in another order than its readers expect, and readers that do not mind: dense layers,
// whose weights can be permuted once, behind operators that treat every column alike.
#pragma once

#include <vector>

#include "ir/graph.h"

namespace es::passes {

// Whether every path from the matrix [rows, features] ends in dense layers, so that its columns may come in any order.
bool absorbs_feature_order(const ir::Graph& graph, ir::ValueId matrix);

// Column j of the matrix will hold what column from[j] held. Permutes the weights and per-column constants behind it.
// absorbs_feature_order must have said yes.
void permute_features(ir::Graph& graph, ir::ValueId matrix, const std::vector<int64_t>& from);

}  // namespace es::passes
