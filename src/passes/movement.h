// SPDX-License-Identifier: Apache-2.0
//
// What a chain of Reshape, Transpose, Flatten, Squeeze and Unsqueeze does to a tensor, in one piece.
//
// Such a chain only re-reads the same elements. It is described by atoms: factors of the source's dimensions, in the
// source's order, such that every dimension of the result is a run of whole atoms in the order `order`. Dimensions of 1
// have no atoms. [N,8,4,4] -> Transpose [0,2,3,1] -> Reshape [N,16,8] has atoms N, 8, 16 and order 0, 2, 1.
#pragma once

#include <optional>

#include "ir/graph.h"

namespace es::passes {

class Movement {
 public:
  // Nothing moved yet. The shape must be known and have no 0.
  static std::optional<Movement> of(const ir::Shape& source);

  // Then this. False (and unchanged) where a dimension would take parts of atoms that do not divide: [6,4] to [4,6].
  bool reshape(const ir::Shape& to);
  void transpose(const ir::Ints& perm);

  const ir::Shape& source() const { return source_; }
  const ir::Shape& result() const { return result_; }
  const std::vector<ir::Dim>& atoms() const { return atoms_; }
  const std::vector<size_t>& order() const { return order_; }

  // Only the dimensions change, no element moves.
  bool is_reshape() const;
  bool is_nothing() const { return is_reshape() && source_ == result_; }

  // The shortest way to write it: reshape to `before` (where it differs from the source), transpose by `perm` (where it
  // is not the identity), reshape to the result (where that differs).
  struct Plan {
    ir::Shape before;
    ir::Ints perm;
    int reshapes = 0;
    int transposes = 0;
  };
  Plan plan() const;

 private:
  bool split_atom(size_t place, const ir::Dim& outer);
  // The atoms of each dimension of a shape, as [begin, end) in the order given. Nothing where a dimension cuts an atom.
  std::optional<std::vector<std::pair<size_t, size_t>>> runs(const ir::Shape& shape,
                                                             const std::vector<size_t>& order) const;
  std::optional<Plan> transpose_source() const;
  std::optional<Plan> transpose_to_result() const;
  Plan transpose_blocks() const;

  ir::Shape source_, result_;
  std::vector<ir::Dim> atoms_;
  std::vector<size_t> order_;
};

// Whether the node only re-reads its input 0 and is known well enough to be followed.
bool is_movement(const ir::Graph& graph, ir::NodeId id);
// Appends the node's doing. False where it cannot.
bool follow(const ir::Graph& graph, ir::NodeId id, Movement& movement);
// Writes the movement of `value` before `where`. Nothing where a shape has no constant form.
std::optional<ir::ValueId> insert_movement(ir::Graph& graph, ir::NodeId where, ir::ValueId value,
                                           const Movement& movement);

}  // namespace es::passes
