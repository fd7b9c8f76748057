// SPDX-License-Identifier: Apache-2.0
//
// Which operators keep the items of a batch apart.
#pragma once

#include <optional>
#include <string>

#include "ir/graph.h"

namespace es::passes {

// The axis that carries the batch, where one does.
std::optional<size_t> batch_axis(const ir::Graph& graph, ir::ValueId id);

// Whether the node's result for one item depends on that item alone, given where its inputs carry the batch. Nothing if
// so; otherwise the reason, as the end of a sentence about the node: "reduces over the batch". An operator that is not
// in the table is not trusted.
std::optional<std::string> reason_against_batch(const ir::Graph& graph, ir::NodeId id);

// How a Reshape from `from` (with the batch in it) to `to` (the target where the batch is 1) looks at any batch: `to`
// with the batch multiplied in. Nothing where the batch would end up inside another dimension.
std::optional<ir::Shape> reshaped_with_batch(const ir::Shape& from, const ir::Ints& to);

}  // namespace es::passes
