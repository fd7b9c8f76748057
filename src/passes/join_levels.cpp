// SPDX-License-Identifier: Apache-2.0
//
// The feature maps of a detector's head, each turned channels last and read as a list of candidates before the lists
// are joined: joined channels first, one Transpose turns them all.
//
//   Concat over l of Reshape(Transpose(map_l), [N, H_l W_l A, K])
//   = Reshape(Transpose(Concat over l of Reshape(map_l, [N, A K, H_l W_l])), [N, sum H W A, K])
//
// Neighbours with other numbers of channels make a list of their own.
#include <algorithm>

#include "passes/context.h"
#include "passes/edit.h"

namespace es::passes {
namespace {

using ir::Dim;
using ir::Graph;
using ir::Ints;
using ir::Node;
using ir::NodeId;
using ir::Shape;
using ir::ValueId;

struct Level {
  ValueId map;  // [N, A K, H, W]
  Dim batch;
  int64_t channels, places, numbers;  // A K, H W, K
};

std::optional<Level> level_of(const Graph& graph, ValueId list) {
  const NodeId reshape = graph.producer(list);
  if (reshape == ir::no_node || graph.node(reshape).op_type != "Reshape" || graph.use_count(list) != 1)
    return std::nullopt;
  const ValueId turned = graph.node(reshape).inputs[0];
  const NodeId transpose = graph.producer(turned);
  if (transpose == ir::no_node || graph.node(transpose).op_type != "Transpose" || graph.use_count(turned) != 1)
    return std::nullopt;
  const ValueId map = graph.node(transpose).inputs[0];
  const auto &from = graph.value(map).shape, &to = graph.value(list).shape;
  if (!from || !to || from->rank() != 4 || to->rank() != 3 || perm_of(graph, transpose) != Ints{0, 2, 3, 1})
    return std::nullopt;
  for (size_t axis = 1; axis < 4; ++axis) {
    if (!(*from)[axis].is_static() || (*from)[axis].size == 0) return std::nullopt;
  }
  if ((*from)[0] != (*to)[0] || !(*from)[0].is_known() || !(*to)[1].is_static() || !(*to)[2].is_static())
    return std::nullopt;
  const int64_t channels = (*from)[1].size, places = (*from)[2].size * (*from)[3].size, numbers = (*to)[2].size;
  if (numbers == 0 || channels % numbers != 0) return std::nullopt;
  return Level{map, (*from)[0], channels, places, numbers};
}

// One list of neighbouring levels that have the same channels.
std::optional<ValueId> joined(Graph& graph, NodeId where, std::span<const Level> levels) {
  std::vector<ValueId> maps;
  int64_t places = 0;
  const Level& first = levels.front();
  for (const auto& level : levels) {
    const auto flat =
        insert_reshape(graph, where, level.map, Shape(std::vector<Dim>{level.batch, level.channels, level.places}));
    if (!flat) return std::nullopt;
    maps.push_back(*flat);
    places += level.places;
  }
  const ValueId all = maps.size() == 1 ? maps[0] : insert(graph, where, "Concat", maps, {{"axis", int64_t{2}}});
  const ValueId turned = insert_transpose(graph, where, all, {0, 2, 1});
  return insert_reshape(graph, where, turned,
                        Shape(std::vector<Dim>{first.batch, places * (first.channels / first.numbers), first.numbers}));
}

int rewrite(Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  if (node.op_type != "Concat" || node.inputs.size() < 2) return 0;
  const int64_t axis = node.get_int("axis", 0);
  if (axis != 1 && axis != -2) return 0;
  std::vector<Level> levels;
  for (const ValueId input : node.inputs) {
    const auto level = level_of(graph, input);
    if (!level || (!levels.empty() && level->numbers != levels[0].numbers)) return 0;
    levels.push_back(*level);
  }
  std::vector<std::span<const Level>> groups;
  for (size_t begin = 0; begin < levels.size();) {
    size_t end = begin + 1;
    while (end < levels.size() && levels[end].channels == levels[begin].channels) ++end;
    groups.push_back(std::span(levels).subspan(begin, end - begin));
    begin = end;
  }
  if (groups.size() == levels.size()) return 0;
  std::vector<ValueId> lists;
  for (const auto& group : groups) {
    const auto list = joined(graph, id, group);
    if (!list) return 0;
    lists.push_back(*list);
  }
  replace_node(graph, id, lists.size() == 1 ? lists[0] : insert(graph, id, "Concat", lists, {{"axis", int64_t{1}}}));
  return 1;
}

}  // namespace

int join_levels(Context& context) {
  const int changes = for_each_node_once(context.graph, [&](NodeId id) { return rewrite(context.graph, id); });
  return changes + (changes > 0 ? remove_dead(context) : 0);
}

}  // namespace es::passes
