// SPDX-License-Identifier: Apache-2.0
//
// Where tensors are stored channels first and where channels last, so that the fewest Transposes remain.
//
// Sources write image tensors channels last and stand a Transpose before and behind each convolution. Here every tensor
// of three to five axes that such an operator can reach gets a sign: whether the source writes it channels first or
// last. Then every operator chooses the order it runs in. Convolutions and pools have no choice; element-wise
// operators, and those whose axes can be renamed (flip.h), have; what is left runs in the order it was written in. A
// tensor whose reader runs in another order than its maker costs a Transpose, shared by all such readers. The choice
// with the least cost is a minimum cut of a graph with one node per operator that may choose: channels first is the
// source's side, channels last the sink's, and each tensor has two helper nodes that charge once for readers on the
// other side.
//
// The choice is carried out operator by operator, each with Transposes around it; simplify_movement then finds that
// nearly all of them undo each other.
#include <algorithm>
#include <array>
#include <deque>

#include "passes/context.h"
#include "passes/edit.h"
#include "passes/feature_order.h"
#include "passes/flip.h"
#include "passes/min_cut.h"
#include "passes/movement.h"

namespace es::passes {
namespace {

using ir::Graph;
using ir::Ints;
using ir::Node;
using ir::NodeId;
using ir::Shape;
using ir::Use;
using ir::ValueId;

// How the source writes a tensor's axes.
enum class Sign { unknown, first, last };

Sign opposite(Sign sign) { return sign == Sign::first ? Sign::last : Sign::first; }

// From the order it is written in to the other one.
Ints turn(Sign sign, size_t rank) { return sign == Sign::last ? channels_first(rank) : channels_last(rank); }

// Operators that ONNX defines on [batch, channels, spatial...] and on nothing else.
constexpr std::array<std::string_view, 14> spatial{"AveragePool",
                                                   "BatchNormalization",
                                                   "Conv",
                                                   "ConvTranspose",
                                                   "DepthToSpace",
                                                   "GlobalAveragePool",
                                                   "GlobalLpPool",
                                                   "GlobalMaxPool",
                                                   "GroupNormalization",
                                                   "InstanceNormalization",
                                                   "LRN",
                                                   "LpPool",
                                                   "MaxPool",
                                                   "SpaceToDepth"};

bool is_spatial(const Graph& graph, const Node& node) {
  const bool listed = std::find(spatial.begin(), spatial.end(), node.op_type) != spatial.end();
  return listed && node.domain.empty() && graph.value(node.inputs[0]).rank() >= 3;
}

bool has_axes(const Graph& graph, ValueId id) {
  if (id == ir::no_value || graph.constant(id)) return false;
  const ir::Value& value = graph.value(id);
  return value.rank() >= 3 && value.rank() <= 5 && value.shape->is_known();
}

// Whether both orders of the tensor are the same bytes: the turn only moves dimensions of 1.
bool coincides(const Shape& shape, Sign sign) {
  auto movement = Movement::of(shape);
  if (!movement) return false;
  movement->transpose(turn(sign, shape.rank()));
  return movement->is_reshape();
}

// A Transpose between the two orders, from one sign to the other.
bool is_door(const Ints& perm, Sign from) {
  return perm.size() >= 3 && perm.size() <= 5 && perm == turn(from, perm.size());
}

// Whether a Reshape stays a Reshape where both its sides are turned.
bool reshape_turns(const Shape& in, const Shape& out, Sign sign) {
  auto movement = Movement::of(permuted(in, turn(sign, in.rank())));
  if (!movement) return false;
  movement->transpose(inverse(turn(sign, in.rank())));
  if (!movement->reshape(out)) return false;
  movement->transpose(turn(sign, out.rank()));
  return movement->is_reshape();
}

class Layout {
 public:
  explicit Layout(Context& context) : graph_(context.graph), options_(context.options), report_(context.report) {}

  int run() {
    write_doors();
    spread_signs();
    if (signs_.empty()) return 0;
    cut();
    // Which outputs come out channels first is a question to the operators that make them as they stand now: carrying
    // the choice out puts Transposes behind them.
    for (const ValueId output : graph_.outputs()) {
      output_runs_first_.push_back(sign(output) != Sign::unknown && runs_channels_first(order_of_maker(output)));
    }
    const int changes = flip_nodes() + turn_inputs() + turn_outputs();
    infer_all(graph_);
    return changes;
  }

 private:
  // --- signs

  Sign sign(ValueId id) const {
    const auto found = signs_.find(id);
    return found == signs_.end() ? Sign::unknown : found->second;
  }

  void set_sign(ValueId id, Sign sign) {
    if (!has_axes(graph_, id) || !signs_.emplace(id, sign).second) return;
    waiting_.push_back(id);
  }

  // Exporters write [N,H,W,1] to [N,1,H,W] as a Reshape; as a Transpose the rest of this file understands it.
  void write_doors() {
    for (const NodeId id : graph_.nodes()) {
      const Node& node = graph_.node(id);
      if (node.op_type != "Reshape" || !is_movement(graph_, id)) continue;
      const Shape in = *graph_.value(node.inputs[0]).shape, out = *graph_.value(node.outputs[0]).shape;
      if (in.rank() != out.rank() || in.rank() < 4 || in.rank() > 5 || in == out) continue;
      for (const Sign from : {Sign::last, Sign::first}) {
        const Ints perm = turn(from, in.rank());
        const bool next_to_spatial =
            from == Sign::last ? feeds_spatial(node.outputs[0]) : made_by_spatial(node.inputs[0]);
        if (permuted(in, perm) != out || !coincides(in, from) || !next_to_spatial) continue;
        graph_.set_op_type(id, "Transpose");
        graph_.set_inputs(id, {graph_.node(id).inputs[0]});
        graph_.remove_attribute(id, "allowzero");
        graph_.set_attribute(id, "perm", perm);
        break;
      }
    }
  }

  bool feeds_spatial(ValueId id) const {
    const auto& uses = graph_.uses(id);
    return std::any_of(uses.begin(), uses.end(), [&](const Use& use) {
      const Node& reader = graph_.node(use.node);
      return reader.op_type == "Pad" ? feeds_spatial(reader.outputs[0]) : use.index == 0 && is_spatial(graph_, reader);
    });
  }

  bool made_by_spatial(ValueId id) const {
    const Node* maker = graph_.producer_node(id);
    return maker && is_spatial(graph_, *maker);
  }

  void spread_signs() {
    for (const NodeId id : graph_.nodes()) {
      const Node& node = graph_.node(id);
      if (!is_spatial(graph_, node)) continue;
      set_sign(node.inputs[0], Sign::first);
      for (const ValueId output : node.outputs) set_sign(output, Sign::first);
    }
    for (; !waiting_.empty(); waiting_.pop_front()) {
      const ValueId id = waiting_.front();
      if (const NodeId maker = graph_.producer(id); maker != ir::no_node) spread_through(maker);
      for (const Use& use : graph_.uses(id)) spread_through(use.node);
    }
  }

  void spread_through(NodeId id) {
    const Node& node = graph_.node(id);
    if (is_movement(graph_, id)) return spread_through_movement(id);
    const Sign known = sign_of_data(id);
    if (known == Sign::unknown) return;
    const size_t rank = data_rank(id);
    const auto output_perm = flipped_output_perm(graph_, id, turn(known, rank));
    if (!output_perm) return;
    for (const size_t index : flippable_inputs(graph_, id)) {
      if (rank_of(node.inputs[index]) == rank) set_sign(node.inputs[index], known);
    }
    for (const ValueId output : node.outputs) {
      if (output == ir::no_value) continue;
      if (output_perm->size() >= 3 && *output_perm == turn(known, output_perm->size())) set_sign(output, known);
    }
  }

  void spread_through_movement(NodeId id) {
    const Node& node = graph_.node(id);
    const ValueId in = node.inputs[0], out = node.outputs[0];
    if (node.op_type == "Transpose") {
      const Ints perm = perm_of(graph_, id);
      if (sign(in) != Sign::unknown && is_door(perm, sign(in))) set_sign(out, opposite(sign(in)));
      if (sign(out) != Sign::unknown && is_door(perm, opposite(sign(out)))) set_sign(in, opposite(sign(out)));
      return;
    }
    const Sign known = sign(in) != Sign::unknown ? sign(in) : sign(out);
    if (known == Sign::unknown || !has_axes(graph_, in) || !has_axes(graph_, out)) return;
    if (!reshape_turns(*graph_.value(in).shape, *graph_.value(out).shape, known)) return;
    set_sign(in, known);
    set_sign(out, known);
  }

  size_t rank_of(ValueId id) const {
    return id == ir::no_value ? 0 : static_cast<size_t>(std::max(graph_.value(id).rank(), 0));
  }

  size_t data_rank(NodeId id) const {
    size_t rank = 0;
    for (const size_t index : flippable_inputs(graph_, id))
      rank = std::max(rank, rank_of(graph_.node(id).inputs[index]));
    return rank;
  }

  // The sign that one of the node's data inputs or outputs has.
  Sign sign_of_data(NodeId id) const {
    const Node& node = graph_.node(id);
    for (const size_t index : flippable_inputs(graph_, id)) {
      if (sign(node.inputs[index]) != Sign::unknown) return sign(node.inputs[index]);
    }
    for (const ValueId output : node.outputs) {
      if (sign(output) != Sign::unknown) return sign(output);
    }
    return Sign::unknown;
  }

  // --- choices

  // A node that may run in either order, all its signed tensors then being stored alike.
  struct Choice {
    Sign sign = Sign::unknown;  // of its data, as written
    int variable = -1;          // in the cut
  };

  bool is_free_operator(NodeId id, Sign known) const {
    const Node& node = graph_.node(id);
    const auto indices = flippable_inputs(graph_, id);
    if (indices.empty() || is_spatial(graph_, node)) return false;
    const size_t rank = data_rank(id);
    const auto output_perm = flipped_output_perm(graph_, id, turn(known, rank));
    if (!output_perm) return false;
    for (const size_t index : indices) {
      const ValueId input = node.inputs[index];
      if (rank_of(input) == rank && !graph_.constant(input) && sign(input) != known) return false;
    }
    for (const ValueId output : node.outputs) {
      if (output == ir::no_value) continue;
      const bool turned = sign(output) == known && *output_perm == turn(known, output_perm->size());
      if (!turned && !is_identity(*output_perm)) return false;
    }
    return true;
  }

  // A Transpose or Reshape that vanishes, or stays a Reshape, where both sides are stored in the same order.
  bool is_free_movement(NodeId id) const {
    const Node& node = graph_.node(id);
    const Sign in = sign(node.inputs[0]), out = sign(node.outputs[0]);
    if (in == Sign::unknown || out == Sign::unknown) return false;
    if (node.op_type == "Transpose") return is_door(perm_of(graph_, id), in) && out == opposite(in);
    return in == out && reshape_turns(*graph_.value(node.inputs[0]).shape, *graph_.value(node.outputs[0]).shape, in);
  }

  void find_choices() {
    for (const NodeId id : graph_.nodes()) {
      if (is_movement(graph_, id)) {
        if (is_free_movement(id)) choices_[id] = {sign(graph_.node(id).inputs[0]), cut_.add_node()};
        continue;
      }
      const Sign known = sign_of_data(id);
      if (known == Sign::unknown || !is_free_operator(id, known)) continue;
      choices_[id] = {known, cut_.add_node()};
      // Engines resize the last two axes only.
      if (graph_.node(id).op_type == "Resize") cut_.add_edge(MinCut::source, choices_[id].variable, MinCut::infinite);
      cut_.add_edge(MinCut::source, choices_[id].variable, tie_break);
    }
  }

  // The cut's node for a tensor's order at a node: its own variable, or the order that it cannot help.
  int order_at(NodeId id, ValueId tensor) const {
    const auto found = choices_.find(id);
    if (found != choices_.end()) return found->second.variable;
    return as_written(tensor);
  }

  int as_written(ValueId tensor) const { return sign(tensor) == Sign::first ? MinCut::source : MinCut::sink; }

  int order_of_maker(ValueId tensor) const {
    const NodeId maker = graph_.producer(tensor);
    if (maker != ir::no_node) {
      // A reduction that drops axes may leave a tensor that is the same in both orders.
      return order_at(maker, tensor);
    }
    const bool image = graph_.value(tensor).rank() >= 4;
    return image && options_.input_layout == InputLayout::channels_first ? MinCut::source : as_written(tensor);
  }

  // --- the cut

  // Lexicographic: the number of Transposes decides, then the elements they move.
  static constexpr int64_t transpose_weight = int64_t{1} << 40;
  static constexpr int64_t coincident_weight = 4;  // a Reshape at most
  static constexpr int64_t tie_break = 1;          // towards channels first

  int64_t weight(ValueId tensor) const {
    const Shape& shape = *graph_.value(tensor).shape;
    if (coincides(shape, sign(tensor))) return coincident_weight;
    return transpose_weight + std::min(shape.elements().size, transpose_weight - 1);
  }

  // A reader without a demand: dense layers take columns in any order.
  bool takes_any_order(const Use& use) const {
    const Node& node = graph_.node(use.node);
    if (!is_movement(graph_, use.node) || choices_.contains(use.node) || node.op_type == "Transpose") return false;
    const Shape& in = *graph_.value(node.inputs[0]).shape;
    const Shape& out = *graph_.value(node.outputs[0]).shape;
    return out.rank() == 2 && in[0] == out[0] && absorbs_feature_order(graph_, node.outputs[0]);
  }

  std::vector<int> orders_of_readers(ValueId tensor) const {
    std::vector<int> orders;
    for (const Use& use : graph_.uses(tensor)) {
      if (!takes_any_order(use)) orders.push_back(order_at(use.node, tensor));
    }
    if (!graph_.is_output(tensor)) return orders;
    const bool image = graph_.value(tensor).rank() >= 4;
    if (!image) orders.push_back(as_written(tensor));
    if (image && options_.output_layout == OutputLayout::channels_first) orders.push_back(MinCut::source);
    if (image && options_.output_layout == OutputLayout::channels_last) orders.push_back(MinCut::sink);
    return orders;
  }

  void cut() {
    find_choices();
    std::vector<ValueId> tensors;
    for (const auto& [tensor, ignored] : signs_) tensors.push_back(tensor);
    std::sort(tensors.begin(), tensors.end());
    for (const ValueId tensor : tensors) {
      const int maker = order_of_maker(tensor);
      const auto readers = orders_of_readers(tensor);
      if (readers.empty()) continue;
      const int64_t cost = weight(tensor);
      const int to_last = cut_.add_node(), to_first = cut_.add_node();
      cut_.add_edge(maker, to_last, cost);
      cut_.add_edge(to_first, maker, cost);
      for (const int reader : readers) {
        cut_.add_edge(to_last, reader, MinCut::infinite);
        cut_.add_edge(reader, to_first, MinCut::infinite);
      }
    }
    cut_.solve();
  }

  bool runs_channels_first(int order) const {
    return order == MinCut::source || (order != MinCut::sink && cut_.on_source_side(order));
  }

  // --- carrying it out

  int flip_nodes() {
    int changes = 0;
    for (const NodeId id : graph_.nodes()) {
      const auto found = choices_.find(id);
      if (found == choices_.end() || is_movement(graph_, id)) continue;
      const bool first = runs_channels_first(found->second.variable);
      if (first == (found->second.sign == Sign::first)) continue;
      flip(graph_, id, turn(found->second.sign, data_rank(id)));
      ++changes;
    }
    return changes;
  }

  int turn_inputs() {
    int changes = 0;
    for (size_t i = 0; i < graph_.inputs().size(); ++i) {
      const ValueId input = graph_.inputs()[i];
      const ir::Value value = graph_.value(input);
      if (sign(input) != Sign::last || value.rank() < 4 || options_.input_layout != InputLayout::channels_first)
        continue;
      const Ints perm = turn(Sign::last, value.shape->rank());
      graph_.set_type(input, value.dtype, permuted(*value.shape, perm));
      const auto uses = graph_.uses(input);
      const ValueId written = insert_transpose(graph_, graph_.first_node(), input, inverse(perm));
      for (const Use& use : uses) graph_.set_input(use.node, static_cast<size_t>(use.index), written);
      note(report_.inputs, i, perm);
      ++changes;
    }
    return changes;
  }

  int turn_outputs() {
    int changes = 0;
    for (size_t i = 0; i < graph_.outputs().size(); ++i) {
      const ValueId output = graph_.outputs()[i];
      const Sign written = sign(output);
      if (written == Sign::unknown || graph_.value(output).rank() < 4) continue;
      const bool first = options_.output_layout == OutputLayout::channels_first ||
                         (options_.output_layout == OutputLayout::automatic && output_runs_first_[i]);
      if (first == (written == Sign::first) || graph_.is_input(output)) continue;
      const Ints perm = turn(written, graph_.value(output).shape->rank());
      const ValueId turned = insert_transpose(graph_, ir::no_node, output, perm);
      const std::string name = graph_.value(output).name;
      graph_.rename(output, name + "_written");
      graph_.rename(turned, name);
      graph_.set_output(i, turned);
      note(report_.outputs, i, perm);
      ++changes;
    }
    return changes;
  }

  // The report has one entry per edge, made before the passes ran.
  static void note(std::vector<EdgeLayout>& edges, size_t index, const Ints& perm) {
    if (index >= edges.size()) return;
    edges[index].axes = perm;
    edges[index].changed = true;
  }

  Graph& graph_;
  const Options& options_;
  Report& report_;
  std::unordered_map<ValueId, Sign> signs_;
  std::deque<ValueId> waiting_;
  std::unordered_map<NodeId, Choice> choices_;
  std::vector<bool> output_runs_first_;
  MinCut cut_;
};

}  // namespace

int layout(Context& context) { return Layout(context).run(); }

}  // namespace es::passes
