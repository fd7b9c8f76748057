// SPDX-License-Identifier: Apache-2.0
#include "ir/shapes.h"

#include <algorithm>
#include <map>

#include "ir/shape_context.h"

namespace es::ir {
namespace {

constexpr size_t largest_content = 64;

// All rows under their names. A name that stands twice is a defect that the first use must show.
const std::map<std::string_view, ShapeRule>& rules() {
  static const auto table = [] {
    std::map<std::string_view, ShapeRule> all;
    for (const auto rows : {elementwise_shape_rules(), spatial_shape_rules(), matrix_shape_rules(),
                            reduce_shape_rules(), movement_shape_rules(), index_shape_rules()}) {
      for (const auto& row : rows) {
        require(all.emplace(row.op_type, row.rule).second, ErrorKind::internal, "shape rules: ", row.op_type,
                " has two rows");
      }
    }
    return all;
  }();
  return table;
}

bool is_sound(const Shape& shape) {
  int batches = 0;
  for (const Dim& dim : shape) {
    if (dim.is_known() && (dim.size < 0 || dim.size > largest_dim)) return false;
    batches += dim.times_batch ? 1 : 0;
  }
  return batches <= 1;
}

}  // namespace

// --- dimension arithmetic

Dim multiply(const Dim& a, const Dim& b) { return Shape{a, b}.elements(); }

Dim add(const Dim& a, const Dim& b) {
  if (!a.is_known() || !b.is_known()) return {};
  if (a.is(0)) return b;
  if (b.is(0)) return a;
  Dim sum;
  if (a.times_batch != b.times_batch || __builtin_add_overflow(a.size, b.size, &sum.size)) return {};
  sum.times_batch = a.times_batch;
  return sum;
}

Dim shifted(const Dim& dim, int64_t by) {
  if (by == 0) return dim;
  int64_t sum = 0;
  if (!dim.is_static() || __builtin_add_overflow(dim.size, by, &sum)) return {};
  return sum == Dim::unknown ? Dim(sum - 1) : Dim(sum);
}

std::optional<Dim> divide_exactly(const Dim& a, const Dim& b) {
  if (!a.is_known() || !b.is_known()) return Dim();
  if (b.size == 0 || a.size % b.size != 0 || (b.times_batch && !a.times_batch)) return std::nullopt;
  Dim quotient(a.size / b.size);
  quotient.times_batch = a.times_batch && !b.times_batch;
  return quotient;
}

std::optional<Dim> broadcast(const Dim& a, const Dim& b) {
  if (a == b) return a;
  if (a.is(1)) return b;
  if (b.is(1)) return a;
  // An unknown dimension must turn out as 1 or as the other one; where the other is a number above 1, that wins.
  if (!a.is_known()) return b;
  if (!b.is_known()) return a;
  return std::nullopt;
}

std::optional<Shape> broadcast(const Shape& a, const Shape& b) {
  const size_t rank = std::max(a.rank(), b.rank());
  std::vector<Dim> dims(rank);
  for (size_t i = 0; i < rank; ++i) {  // from the right
    const Dim from_a = i < a.rank() ? a[a.rank() - 1 - i] : Dim(1);
    const Dim from_b = i < b.rank() ? b[b.rank() - 1 - i] : Dim(1);
    const auto dim = broadcast(from_a, from_b);
    if (!dim) return std::nullopt;
    dims[rank - 1 - i] = *dim;
  }
  return Shape(std::move(dims));
}

// --- ShapeContext

const Shape* ShapeContext::shape(size_t input) const {
  const ValueId id = node_.input(input);
  if (id == no_value) return nullptr;
  const auto& shape = inference_.graph_.value(id).shape;
  return shape ? &*shape : nullptr;
}

DType ShapeContext::dtype(size_t input) const {
  const ValueId id = node_.input(input);
  return id == no_value ? DType::undefined : inference_.graph_.value(id).dtype;
}

std::optional<std::vector<Dim>> ShapeContext::content(size_t input) const {
  const ValueId id = node_.input(input);
  const Shape* known = shape(input);
  if (id == no_value || (known && known->rank() > 1)) return std::nullopt;
  return inference_.content(id);
}

std::optional<Ints> ShapeContext::list(std::string_view attribute, size_t input) const {
  if (node_.find(attribute)) return node_.get_ints(attribute);
  const TensorData* data = constant(input);
  if (!data || !(is_integer(data->dtype))) return std::nullopt;
  return data->as_ints();
}

void ShapeContext::output(size_t index, DType dtype, std::optional<Shape> shape) {
  const ValueId id = node_.output(index);
  if (id == no_value) return;
  if (shape && !is_sound(*shape)) {
    contradiction("output ", index, " would be ", *shape, ", which no tensor can be");
    shape.reset();
  }
  inference_.graph_.set_type(id, dtype, std::move(shape));
}

void ShapeContext::output_content(size_t index, std::vector<Dim> elements) {
  const ValueId id = node_.output(index);
  if (id != no_value && elements.size() <= largest_content) inference_.content_[id] = std::move(elements);
}

std::optional<size_t> ShapeContext::axis(int64_t stated, size_t rank) {
  const auto signed_rank = static_cast<int64_t>(rank);
  if (stated < -signed_rank || stated >= signed_rank) {
    contradiction("axis ", stated, " lies outside a tensor of rank ", rank);
    return std::nullopt;
  }
  return static_cast<size_t>(stated < 0 ? stated + signed_rank : stated);
}

std::optional<std::vector<size_t>> ShapeContext::axes(const Ints& stated, size_t rank) {
  std::vector<size_t> result;
  for (const int64_t one : stated) {
    const auto checked = axis(one, rank);
    if (!checked) return std::nullopt;
    if (std::find(result.begin(), result.end(), *checked) != result.end()) {
      contradiction("axis ", one, " is given twice");
      return std::nullopt;
    }
    result.push_back(*checked);
  }
  return result;
}

// --- ShapeInference

std::optional<ShapeProblem> ShapeInference::run(NodeId id) {
  const Node& node = graph_.node(id);
  for (const ValueId output : node.outputs) {
    if (output == no_value) continue;
    graph_.set_type(output, graph_.value(output).dtype, std::nullopt);
    content_.erase(output);
  }
  const auto found = node.domain.empty() ? rules().find(node.op_type) : rules().end();
  if (found == rules().end()) return std::nullopt;
  ShapeContext context(*this, id);
  found->second(context);
  return context.problem();
}

std::optional<std::vector<Dim>> ShapeInference::content(ValueId value) const {
  if (const TensorData* data = graph_.constant(value)) {
    if (!is_integer(data->dtype) || data->elements() > static_cast<int64_t>(largest_content)) return std::nullopt;
    const auto numbers = data->as_ints();
    // -1 is a number in a vector (Reshape's "the rest"), not an unknown dimension: only whole vectors are known or not.
    return std::vector<Dim>(numbers.begin(), numbers.end());
  }
  const auto found = content_.find(value);
  if (found == content_.end()) return std::nullopt;
  return found->second;
}

std::optional<ShapeProblem> find_shape_problem(Graph& graph) {
  ShapeInference inference(graph);
  std::optional<ShapeProblem> first;
  for (const NodeId id : graph.nodes()) {
    const auto problem = inference.run(id);
    if (problem && !first) first = problem;
  }
  return first;
}

void infer_shapes(Graph& graph) {
  if (const auto problem = find_shape_problem(graph)) {
    fail(ErrorKind::malformed, graph.node(problem->node).describe(), ": ", problem->sentence);
  }
}

bool has_shape_rule(std::string_view op_type) { return rules().contains(op_type); }

}  // namespace es::ir
