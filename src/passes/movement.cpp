// SPDX-License-Identifier: Apache-2.0
#include "passes/movement.h"

#include <algorithm>
#include <array>

#include "passes/edit.h"

namespace es::passes {

using ir::Dim;
using ir::Graph;
using ir::Ints;
using ir::Node;
using ir::NodeId;
using ir::Shape;
using ir::ValueId;

namespace {

// What is left of `whole` behind an outer factor, where it divides and the batch, if any, is in the outer part.
std::optional<Dim> inner_part(const Dim& whole, const Dim& outer) {
  if (outer.size <= 0 || whole.size % outer.size != 0) return std::nullopt;
  const bool batch_outer = whole.times_batch == outer.times_batch;
  if (!batch_outer) return std::nullopt;
  return Dim(whole.size / outer.size);
}

Dim product(const Dim& a, const Dim& b) { return Shape{a, b}.elements(); }

std::vector<size_t> counted(size_t count) {
  std::vector<size_t> result(count);
  for (size_t i = 0; i < count; ++i) result[i] = i;
  return result;
}

}  // namespace

std::optional<Movement> Movement::of(const Shape& source) {
  Movement movement;
  movement.source_ = movement.result_ = source;
  for (const Dim& dim : source) {
    if (!dim.is_known() || dim.size == 0) return std::nullopt;
    if (!dim.is(1)) movement.atoms_.push_back(dim);
  }
  movement.order_ = counted(movement.atoms_.size());
  return movement;
}

// Cuts the atom at a place of the result into an outer and an inner one.
bool Movement::split_atom(size_t place, const Dim& outer) {
  const size_t atom = order_[place];
  const auto inner = inner_part(atoms_[atom], outer);
  if (!inner) return false;
  atoms_[atom] = outer;
  atoms_.insert(atoms_.begin() + static_cast<std::ptrdiff_t>(atom) + 1, *inner);
  for (size_t& index : order_) index += index > atom ? 1 : 0;
  order_.insert(order_.begin() + static_cast<std::ptrdiff_t>(place) + 1, atom + 1);
  return true;
}

bool Movement::reshape(const Shape& to) {
  Movement changed = *this;
  size_t place = 0;
  for (const Dim& dim : to) {
    if (!dim.is_known() || dim.size == 0) return false;
    Dim filled(1);
    while (filled != dim) {
      if (place == changed.order_.size()) return false;
      const Dim& atom = changed.atoms_[changed.order_[place]];
      const auto room = filled.is(1) ? std::optional<Dim>(dim) : inner_part(dim, filled);
      // A batch further in than the dimension's outermost factor has no place in a Dim.
      if (!room) return false;
      if (atom != *room && inner_part(atom, *room) && !changed.split_atom(place, *room)) return false;
      filled = product(filled, changed.atoms_[changed.order_[place]]);
      if (!filled.is_known() || filled.size > dim.size) return false;
      ++place;
    }
  }
  if (place != changed.order_.size()) return false;
  changed.result_ = to;
  *this = std::move(changed);
  return true;
}

void Movement::transpose(const Ints& perm) {
  const auto dims = runs(result_, order_);
  std::vector<size_t> order;
  for (const int64_t axis : perm) {
    const auto [begin, end] = (*dims)[static_cast<size_t>(axis)];
    order.insert(order.end(), order_.begin() + static_cast<std::ptrdiff_t>(begin),
                 order_.begin() + static_cast<std::ptrdiff_t>(end));
  }
  order_ = std::move(order);
  result_ = permuted(result_, perm);
}

bool Movement::is_reshape() const { return std::is_sorted(order_.begin(), order_.end()); }

std::optional<std::vector<std::pair<size_t, size_t>>> Movement::runs(const Shape& shape,
                                                                     const std::vector<size_t>& order) const {
  std::vector<std::pair<size_t, size_t>> result;
  size_t place = 0;
  for (const Dim& dim : shape) {
    const size_t begin = place;
    Dim filled(1);
    while (filled != dim) {
      if (place == order.size()) return std::nullopt;
      filled = product(filled, atoms_[order[place++]]);
      if (!filled.is_known() || filled.size > dim.size) return std::nullopt;
    }
    result.emplace_back(begin, place);
  }
  return result;
}

// Transpose the source's own dimensions, then reshape: possible where each stays whole.
std::optional<Movement::Plan> Movement::transpose_source() const {
  const auto dims = runs(source_, counted(atoms_.size()));
  if (!dims) return std::nullopt;
  Ints perm, units;
  for (size_t place = 0; place < order_.size();) {
    const auto dim = std::find_if(dims->begin(), dims->end(), [&](const auto& run) {
      return run.first == order_[place] && run.second > run.first;
    });
    if (dim == dims->end()) return std::nullopt;
    for (size_t atom = dim->first; atom < dim->second; ++atom, ++place) {
      if (place == order_.size() || order_[place] != atom) return std::nullopt;
    }
    perm.push_back(dim - dims->begin());
  }
  for (size_t i = 0; i < dims->size(); ++i) {
    if ((*dims)[i].first == (*dims)[i].second) units.push_back(static_cast<int64_t>(i));
  }
  // Dimensions of 1 may stand anywhere: where the result has one, one of the source's is put.
  Ints placed;
  for (const Dim& dim : result_) {
    if (dim.is(1) && !units.empty()) {
      placed.push_back(units.front());
      units.erase(units.begin());
    } else if (!dim.is(1) && !perm.empty()) {
      placed.push_back(perm.front());
      perm.erase(perm.begin());
    }
  }
  placed.insert(placed.end(), perm.begin(), perm.end());
  placed.insert(placed.end(), units.begin(), units.end());
  Plan plan{source_, placed, 0, is_identity(placed) ? 0 : 1};
  plan.reshapes = permuted(source_, placed) == result_ ? 0 : 1;
  return plan;
}

// Reshape so that one Transpose makes the result: possible where each of the result's dimensions is whole in the
// source.
std::optional<Movement::Plan> Movement::transpose_to_result() const {
  const auto dims = runs(result_, order_);
  if (!dims) return std::nullopt;
  std::vector<std::pair<size_t, size_t>> first_atoms;  // first atom of each dimension, dimension
  for (size_t i = 0; i < dims->size(); ++i) {
    const auto [begin, end] = (*dims)[i];
    for (size_t place = begin; place + 1 < end; ++place) {
      if (order_[place] + 1 != order_[place + 1]) return std::nullopt;
    }
    // A dimension of 1 follows the one before it, so that it need not move.
    const size_t before = i > 0 ? first_atoms[i - 1].first : 0;
    first_atoms.emplace_back(begin < end ? order_[begin] : before, i);
  }
  auto in_source_order = first_atoms;
  std::stable_sort(in_source_order.begin(), in_source_order.end());
  Ints from_source;
  for (const auto& [atom, dim] : in_source_order) from_source.push_back(static_cast<int64_t>(dim));
  const Shape before = permuted(result_, from_source);
  const Ints perm = inverse(from_source);
  return Plan{before, perm, before == source_ ? 0 : 1, is_identity(perm) ? 0 : 1};
}

// Atoms that stay neighbours are one block.
Movement::Plan Movement::transpose_blocks() const {
  std::vector<bool> begins(atoms_.size(), true);
  for (size_t place = 0; place + 1 < order_.size(); ++place) {
    if (order_[place] + 1 == order_[place + 1]) begins[order_[place + 1]] = false;
  }
  std::vector<Dim> blocks;
  std::vector<int64_t> block_of(atoms_.size());
  for (size_t atom = 0; atom < atoms_.size(); ++atom) {
    if (begins[atom]) blocks.emplace_back(1);
    blocks.back() = product(blocks.back(), atoms_[atom]);
    block_of[atom] = static_cast<int64_t>(blocks.size()) - 1;
  }
  Ints perm;
  for (const size_t atom : order_) {
    if (begins[atom]) perm.push_back(block_of[atom]);
  }
  const Shape before(std::move(blocks));
  return Plan{before, perm, (before == source_ ? 0 : 1) + (permuted(before, perm) == result_ ? 0 : 1), 1};
}

Movement::Plan Movement::plan() const {
  if (is_reshape()) {
    Ints nothing(source_.rank());
    for (size_t i = 0; i < nothing.size(); ++i) nothing[i] = static_cast<int64_t>(i);
    return Plan{source_, nothing, source_ == result_ ? 0 : 1, 0};
  }
  std::optional<Plan> best;
  for (const auto& plan : {transpose_source(), transpose_to_result(), std::optional<Plan>(transpose_blocks())}) {
    if (plan && (!best || plan->reshapes < best->reshapes)) best = plan;
  }
  return *best;
}

// --- nodes

namespace {

constexpr std::array<std::string_view, 5> movers{"Flatten", "Reshape", "Squeeze", "Transpose", "Unsqueeze"};

}  // namespace

bool is_movement(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  if (!node.domain.empty() || std::find(movers.begin(), movers.end(), node.op_type) == movers.end()) return false;
  const auto& in = graph.value(node.inputs[0]).shape;
  const auto& out = graph.value(node.outputs[0]).shape;
  return in && out && in->is_known() && out->is_known();
}

bool follow(const Graph& graph, NodeId id, Movement& movement) {
  const Node& node = graph.node(id);
  if (node.op_type != "Transpose") return movement.reshape(*graph.value(node.outputs[0]).shape);
  movement.transpose(perm_of(graph, id));
  return true;
}

std::optional<ValueId> insert_movement(Graph& graph, NodeId where, ValueId value, const Movement& movement) {
  const auto plan = movement.plan();
  auto moved = insert_reshape(graph, where, value, plan.before);
  if (!moved) return std::nullopt;
  moved = insert_transpose(graph, where, *moved, plan.perm);
  return insert_reshape(graph, where, *moved, movement.result());
}

}  // namespace es::passes
