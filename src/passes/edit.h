// SPDX-License-Identifier: Apache-2.0
//
// Small edits that several passes make. All insert before `where` and infer the shapes of what they insert.
#pragma once

#include <functional>
#include <optional>

#include "ir/graph.h"

namespace es::passes {

// The node's outputs get the types and shapes that follow from its inputs. Throws internal where they contradict: a
// pass has made something impossible.
void infer(ir::Graph& graph, ir::NodeId id);
void infer_all(ir::Graph& graph);

// Graph::emit with shapes.
ir::ValueId insert(ir::Graph& graph, ir::NodeId where, std::string_view op_type, std::vector<ir::ValueId> inputs,
                   ir::Attributes attributes = {});
// The value itself where the permutation changes nothing; a constant where it is one.
ir::ValueId insert_transpose(ir::Graph& graph, ir::NodeId where, ir::ValueId value, const ir::Ints& perm);
// Reshape to `shape`, in a form that holds at every batch. The value itself where it has that shape already. Nothing
// where no constant says it.
std::optional<ir::ValueId> insert_reshape(ir::Graph& graph, ir::NodeId where, ir::ValueId value,
                                          const ir::Shape& shape);

// What a Reshape from `from` to `to` states: 0 for the batch that stays on axis 0, -1 for one that moves or is
// multiplied, numbers elsewhere. Nothing where `to` has an unknown dimension or a 0.
std::optional<ir::Ints> reshape_target(const ir::Shape& from, const ir::Shape& to);

// The value's constant with another in its place at one input of one node; others that read it keep theirs.
void replace_constant(ir::Graph& graph, ir::NodeId id, size_t input, ir::TensorData data);

// Every use of output 0 of the node becomes a use of `value`; the node goes. Where it was a graph output, the new value
// takes over its name.
void replace_node(ir::Graph& graph, ir::NodeId id, ir::ValueId value);

// Calls `rewrite` with every node in order until one round changes nothing; sums what it returns. Nodes that come or go
// meanwhile are no trouble.
int for_each_node(ir::Graph& graph, const std::function<int(ir::NodeId)>& rewrite);
// The same once.
int for_each_node_once(ir::Graph& graph, const std::function<int(ir::NodeId)>& rewrite);

// --- permutations: axis i of the result is axis perm[i] of the source
bool is_identity(const ir::Ints& perm);
ir::Ints inverse(const ir::Ints& perm);
ir::Ints channels_first(size_t rank);  // [0,3,1,2] and its like
ir::Ints channels_last(size_t rank);   // [0,2,3,1] and its like
ir::Shape permuted(const ir::Shape& shape, const ir::Ints& perm);
// perm of a Transpose node, reversed axes where it states none. The input's rank must be known.
ir::Ints perm_of(const ir::Graph& graph, ir::NodeId id);

}  // namespace es::passes
