// SPDX-License-Identifier: Apache-2.0
//
// A graph written for a batch of 1 becomes one for any batch.
//
// Exporters bake the 1 into constants: targets of Reshape, grids and class tokens that are concatenated, slices [0:1],
// sizes of Resize. The graph is first brought to batch 1 everywhere, so that shapes computed from the batch fold into
// constants as well; then the batch enters at the inputs and is followed through the graph, each node repaired where a
// constant needs it, and asked whether it keeps the items of a batch apart. Where that ends, the graph stays at batch 1
// and the report says at which node and why.
#include <algorithm>

#include "ir/shapes.h"
#include "passes/batch_rules.h"
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
using ir::TensorData;
using ir::ValueId;

struct Blocker {
  std::string node, reason;
};

// --- to batch 1

bool has_batch(const Graph& graph) {
  return std::any_of(graph.inputs().begin(), graph.inputs().end(),
                     [&](ValueId input) { return batch_axis(graph, input).has_value(); });
}

void set_batch_of_one(Context& context) {
  Graph& graph = context.graph;
  for (const ValueId input : graph.inputs()) {
    std::vector<Dim> dims;
    for (const Dim& dim : *graph.value(input).shape) dims.push_back(dim.times_batch ? Dim(dim.size) : dim);
    graph.set_type(input, graph.value(input).dtype, Shape(std::move(dims)));
  }
  // Not infer_all: what a number in the batch's place brings to light is the source's contradiction, not ours.
  ir::infer_shapes(graph);
  fold_constants(context);
  remove_dead(context);
  ir::infer_shapes(graph);
}

// --- the batch enters

class Freeing {
 public:
  explicit Freeing(Graph& graph) : graph_(graph), inference_(graph) {
    for (const ValueId id : graph.all_values()) {
      if (graph.value(id).shape) at_one_.emplace(id, *graph.value(id).shape);
    }
  }

  // The blocker that stopped it, or nothing: then the graph holds at every batch.
  std::optional<Blocker> run() {
    if (!free_inputs()) return Blocker{"", "no input has 1 on its first axis, where a batch would stand"};
    for (const NodeId id : graph_.nodes()) {
      if (!graph_.has_node(id)) continue;
      repair(id);
      if (auto reason = follow(id)) return Blocker{graph_.node(id).describe(), *reason};
    }
    return check_outputs();
  }

  int repairs() const { return repairs_; }

 private:
  bool free_inputs() {
    for (const ValueId input : graph_.inputs()) {
      const ir::Value& value = graph_.value(input);
      if (value.rank() < 1 || !(*value.shape)[0].is(1)) continue;
      Shape shape = *value.shape;
      shape[0] = Dim::batch();
      graph_.set_type(input, value.dtype, shape);
      if (source_ == ir::no_value) source_ = input;
    }
    return source_ != ir::no_value;
  }

  std::optional<std::string> follow(NodeId id) {
    if (const auto problem = inference_.run(id)) return problem->sentence;
    if (auto reason = reason_against_batch(graph_, id)) return reason;
    for (const ValueId output : graph_.node(id).outputs) {
      if (output == ir::no_value || graph_.use_count(output) == 0) continue;
      if (!graph_.value(output).shape) return "the shape of its result is not known";
    }
    return std::nullopt;
  }

  std::optional<Blocker> check_outputs() const {
    for (const ValueId output : graph_.outputs()) {
      const ir::Value& value = graph_.value(output);
      if (value.rank() >= 1 && (*value.shape)[0] == Dim::batch()) continue;
      const std::string shape = value.shape ? text(" ", *value.shape) : "";
      return Blocker{"",
                     "output '" + printable(value.name) + "'" + shape + " does not have the batch as its first axis"};
    }
    return std::nullopt;
  }

  // --- repairs, each where a constant was written for batch 1

  void repair(NodeId id) {
    const std::string& op_type = graph_.node(id).op_type;
    if (op_type == "Reshape") return repair_reshape(id);
    if (op_type == "Slice") return repair_slice(id);
    if (op_type == "Concat") return repair_concat(id);
    if (op_type == "Resize") return repair_resize(id);
    if (op_type == "Squeeze") return repair_squeeze(id);
  }

  const Shape* shape_at_one(ValueId id) const {
    const auto found = at_one_.find(id);
    return found == at_one_.end() ? nullptr : &found->second;
  }

  void repair_reshape(NodeId id) {
    const Node& node = graph_.node(id);
    const Shape* to = shape_at_one(node.outputs[0]);
    if (!batch_axis(graph_, node.inputs[0]) || !graph_.constant(node.input(1)) || !to || !to->is_static()) return;
    const Shape& from = *graph_.value(node.inputs[0]).shape;
    const auto shape = reshaped_with_batch(from, *to->at_batch(1));
    const auto target = shape ? reshape_target(from, *shape) : std::nullopt;
    if (!target || *target == graph_.constant(node.input(1))->as_ints()) return;
    replace_constant(graph_, id, 1, TensorData::ints(*target));
    graph_.remove_attribute(id, "allowzero");
    ++repairs_;
  }

  // [0:1] of a batch of 1 is all of it.
  void repair_slice(NodeId id) {
    const Node& node = graph_.node(id);
    const auto batch = batch_axis(graph_, node.inputs[0]);
    const Shape* in = shape_at_one(node.inputs[0]);
    const Shape* out = shape_at_one(node.outputs[0]);
    std::vector<const TensorData*> lists;
    for (size_t i = 1; i < 5; ++i) lists.push_back(graph_.constant(node.input(i)));
    if (!batch || !in || !out || !lists[0] || !lists[1] || !(*in)[*batch].is(1) || !(*out)[*batch].is(1)) return;
    Ints axes(static_cast<size_t>(lists[0]->elements()));
    for (size_t i = 0; i < axes.size(); ++i) axes[i] = static_cast<int64_t>(i);
    if (lists[2]) axes = lists[2]->as_ints();
    const Ints old[] = {lists[0]->as_ints(), lists[1]->as_ints(), axes,
                        lists[3] ? lists[3]->as_ints() : Ints(axes.size(), 1)};
    if (std::ranges::any_of(old, [&](const Ints& list) { return list.size() != axes.size(); })) return;
    Ints kept[4];
    for (size_t i = 0; i < axes.size(); ++i) {
      const int64_t axis = axes[i] < 0 ? axes[i] + static_cast<int64_t>(in->rank()) : axes[i];
      if (axis == static_cast<int64_t>(*batch)) continue;
      for (size_t list = 0; list < 4; ++list) kept[list].push_back(list == 2 ? axis : old[list][i]);
    }
    if (kept[0].size() == axes.size()) return;
    ++repairs_;
    if (kept[0].empty()) {
      graph_.set_op_type(id, "Identity");
      return graph_.set_inputs(id, {graph_.node(id).inputs[0]});
    }
    std::vector<ValueId> inputs{node.inputs[0]};
    for (const Ints& list : kept) inputs.push_back(graph_.add_constant(TensorData::ints(list), "slice"));
    graph_.set_inputs(id, inputs);
  }

  // What has a leading 1 beside parts that have the batch is repeated for every item.
  void repair_concat(NodeId id) {
    const std::vector<ValueId> inputs = graph_.node(id).inputs;
    const auto with_batch = std::find_if(inputs.begin(), inputs.end(),
                                         [&](ValueId input) { return batch_axis(graph_, input).has_value(); });
    if (with_batch == inputs.end()) return;
    const size_t batch = *batch_axis(graph_, *with_batch);
    const auto rank = static_cast<int64_t>(graph_.value(*with_batch).shape->rank());
    const int64_t axis = graph_.node(id).get_int("axis", 0);
    if ((*graph_.value(*with_batch).shape)[batch] != Dim::batch()) return;
    if ((axis < 0 ? axis + rank : axis) == static_cast<int64_t>(batch)) return;
    for (size_t i = 0; i < inputs.size(); ++i) {
      const auto& shape = graph_.value(inputs[i]).shape;
      if (!shape || shape->rank() <= batch || !(*shape)[batch].is(1)) continue;
      graph_.set_input(id, i, repeated_per_item(inputs[i], batch, id));
      ++repairs_;
    }
  }

  ValueId repeated_per_item(ValueId value, size_t batch, NodeId where) {
    const auto rank = static_cast<size_t>(graph_.value(value).rank());
    std::vector<ValueId> parts;
    // Ones elsewhere: Expand broadcasts, it does not set sizes.
    if (batch > 0) parts.push_back(graph_.add_constant(TensorData::ints(Ints(batch, 1)), "ones"));
    parts.push_back(batch_size());
    if (batch + 1 < rank) parts.push_back(graph_.add_constant(TensorData::ints(Ints(rank - batch - 1, 1)), "ones"));
    const ValueId target = parts.size() == 1 ? parts[0] : emit("Concat", parts, {{"axis", int64_t{0}}}, where);
    return emit("Expand", {value, target}, {}, where);
  }

  // [N] as a value, computed once at the head of the graph.
  ValueId batch_size() {
    if (batch_size_ != ir::no_value) return batch_size_;
    const NodeId first = graph_.first_node();
    const ValueId shape = emit("Shape", {source_}, {}, first);
    const auto list = [&](int64_t value) { return graph_.add_constant(TensorData::ints({value}), "batch_axis"); };
    batch_size_ = emit("Slice", {shape, list(0), list(1), list(0)}, {}, first);
    return batch_size_;
  }

  ValueId emit(std::string_view op_type, std::vector<ValueId> inputs, ir::Attributes attributes, NodeId where) {
    const ValueId value = graph_.emit(op_type, std::move(inputs), std::move(attributes), "", where);
    static_cast<void>(inference_.run(graph_.producer(value)));
    return value;
  }

  // Sizes that state the batch become scales. The runtime computes with the quotient of the sizes, which is what is
  // written here.
  void repair_resize(NodeId id) {
    const Node& node = graph_.node(id);
    const TensorData* sizes = graph_.constant(node.input(3));
    const auto batch = batch_axis(graph_, node.inputs[0]);
    const Shape* in = shape_at_one(node.inputs[0]);
    const Shape* out = shape_at_one(node.outputs[0]);
    if (!sizes || !batch || !in || !out || !in->is_static() || !out->is_static() || node.find("axes")) return;
    std::vector<float> scales;
    for (size_t i = 0; i < in->rank(); ++i) {
      const float scale = static_cast<float>((*out)[i].size) / static_cast<float>((*in)[i].size);
      if (static_cast<int64_t>(static_cast<float>((*in)[i].size) * scale) != (*out)[i].size) return;
      scales.push_back(scale);
    }
    const ValueId constant = graph_.add_constant(TensorData::floats(scales), "scales");
    graph_.set_inputs(id, {node.inputs[0], node.input(1), constant});
    ++repairs_;
  }

  // Without axes it would take away every 1, and the batch no longer is one.
  void repair_squeeze(NodeId id) {
    const Node& node = graph_.node(id);
    const Shape* in = shape_at_one(node.inputs[0]);
    if (node.input(1) != ir::no_value || !in || !in->is_static()) return;
    Ints axes;
    for (size_t i = 0; i < in->rank(); ++i) {
      if ((*in)[i].is(1)) axes.push_back(static_cast<int64_t>(i));
    }
    graph_.set_input(id, 1, graph_.add_constant(TensorData::ints(axes), "axes"));
  }

  Graph& graph_;
  ir::ShapeInference inference_;
  std::unordered_map<ValueId, Shape> at_one_;  // shapes before the batch entered
  ValueId source_ = ir::no_value;              // the first input that has the batch
  ValueId batch_size_ = ir::no_value;
  int repairs_ = 0;
};

bool every_output_has_batch(const Graph& graph) {
  return std::all_of(graph.outputs().begin(), graph.outputs().end(),
                     [&](ValueId output) { return batch_axis(graph, output) == 0; });
}

}  // namespace

int free_batch(Context& context) {
  Graph& graph = context.graph;
  Report& report = context.report;
  if (context.options.batch == BatchPolicy::as_in_file) {
    report.dynamic_batch = has_batch(graph) && every_output_has_batch(graph);
    if (!report.dynamic_batch) report.batch_reason = "the batch of the source was asked for";
    return 0;
  }
  const bool was_free = has_batch(graph);
  const Graph source = graph;
  if (was_free) set_batch_of_one(context);
  const Graph at_one = graph;

  Freeing freeing(graph);
  const auto blocker = freeing.run();
  report.dynamic_batch = !blocker;
  if (!blocker) return freeing.repairs();
  // What the source says of itself stands where inference can follow it to every output.
  graph = was_free && every_output_has_batch(source) ? source : at_one;
  report.dynamic_batch = has_batch(graph);
  report.batch_node = report.dynamic_batch ? "" : blocker->node;
  report.batch_reason = report.dynamic_batch ? "" : blocker->reason;
  infer_all(graph);
  return 0;
}

}  // namespace es::passes
