// SPDX-License-Identifier: Apache-2.0
//
// What a shape rule sees of its node, and what it may say. Internal to shape inference.
#pragma once

#include <span>

#include "ir/shapes.h"

namespace es::ir {

// Bounds that keep the arithmetic of rules within int64, whatever a file says.
constexpr int64_t largest_dim = int64_t{1} << 40;
constexpr int64_t largest_window = int64_t{1} << 31;  // kernels, strides, dilations, pads

class ShapeContext {
 public:
  ShapeContext(ShapeInference& inference, NodeId id)
      : inference_(inference), id_(id), node_(inference.graph_.node(id)) {}

  const Node& node() const { return node_; }
  size_t inputs() const { return node_.inputs.size(); }
  size_t outputs() const { return node_.outputs.size(); }
  bool has(size_t input) const { return node_.input(input) != no_value; }
  // nullptr where the input is left out or nothing is known of its shape.
  const Shape* shape(size_t input) const;
  DType dtype(size_t input) const;
  const TensorData* constant(size_t input) const { return inference_.graph_.constant(node_.input(input)); }
  std::optional<std::vector<Dim>> content(size_t input) const;
  // An integer list that is an input in one opset and an attribute in another. Nothing where it is absent or computed;
  // `computed` tells the two apart.
  std::optional<Ints> list(std::string_view attribute, size_t input) const;
  bool computed(size_t input) const { return has(input) && !constant(input); }

  void output(size_t index, DType dtype, std::optional<Shape> shape = {});
  void output_content(size_t index, std::vector<Dim> elements);

  // The first one counts. A rule returns after it.
  template <typename... Parts>
  void contradiction(const Parts&... parts) {
    if (!problem_) problem_ = ShapeProblem{id_, text(parts...)};
  }
  std::optional<ShapeProblem> problem() const { return problem_; }

  // The axis as 0..rank-1; a contradiction and nothing where it lies outside.
  std::optional<size_t> axis(int64_t stated, size_t rank);
  // All axes, each once; a contradiction and nothing where one lies outside or is there twice.
  std::optional<std::vector<size_t>> axes(const Ints& stated, size_t rank);

 private:
  ShapeInference& inference_;
  NodeId id_;
  const Node& node_;
  std::optional<ShapeProblem> problem_;
};

using ShapeRule = void (*)(ShapeContext&);
struct ShapeRuleRow {
  std::string_view op_type;
  ShapeRule rule;
};

std::span<const ShapeRuleRow> elementwise_shape_rules();
std::span<const ShapeRuleRow> spatial_shape_rules();
std::span<const ShapeRuleRow> matrix_shape_rules();
std::span<const ShapeRuleRow> reduce_shape_rules();
std::span<const ShapeRuleRow> movement_shape_rules();
std::span<const ShapeRuleRow> index_shape_rules();

// Unknown where either is unknown, both hold the batch, or the result does not fit.
Dim multiply(const Dim& a, const Dim& b);
// Unknown where one holds the batch and the other does not.
Dim add(const Dim& a, const Dim& b);
// dim + by, which may be negative: then a size that no tensor can have, never "unknown". Unknown where dim holds the
// batch.
Dim shifted(const Dim& dim, int64_t by);
// Nothing where b does not divide a, so that a Reshape's -1 has no value; the batch may stand in a.
std::optional<Dim> divide_exactly(const Dim& a, const Dim& b);

}  // namespace es::ir
