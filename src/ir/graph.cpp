// SPDX-License-Identifier: Apache-2.0
#include "ir/graph.h"

#include <algorithm>

namespace es::ir {

// --- Node

const Attribute* Node::find(std::string_view attribute) const {
  const auto found = attributes.find(attribute);
  return found == attributes.end() ? nullptr : &found->second;
}

namespace {

template <typename T>
T get(const Node& node, std::string_view attribute, T otherwise, std::string_view type_name) {
  const Attribute* found = node.find(attribute);
  if (!found) return otherwise;
  const T* typed = std::get_if<T>(found);
  require(typed != nullptr, ErrorKind::malformed, node.describe(), ": attribute '", attribute, "' is not ", type_name,
          ", as ONNX declares it");
  return *typed;
}

}  // namespace

int64_t Node::get_int(std::string_view attribute, int64_t otherwise) const {
  return get<int64_t>(*this, attribute, otherwise, "an integer");
}
float Node::get_float(std::string_view attribute, float otherwise) const {
  return get<float>(*this, attribute, otherwise, "a float");
}
std::string Node::get_string(std::string_view attribute, std::string_view otherwise) const {
  return get<std::string>(*this, attribute, std::string(otherwise), "a string");
}
Ints Node::get_ints(std::string_view attribute, Ints otherwise) const {
  return get<Ints>(*this, attribute, std::move(otherwise), "a list of integers");
}
Floats Node::get_floats(std::string_view attribute, Floats otherwise) const {
  return get<Floats>(*this, attribute, std::move(otherwise), "a list of floats");
}

std::string Node::describe() const {
  std::string result = printable(op_type);
  if (!name.empty()) result += " '" + printable(name) + "'";
  if (!origin.empty()) result += " (from " + printable(origin) + ")";
  return result;
}

// --- slots and names

Graph::ValueSlot& Graph::slot(ValueId id) { return const_cast<ValueSlot&>(std::as_const(*this).slot(id)); }

const Graph::ValueSlot& Graph::slot(ValueId id) const {
  require(id >= 0 && static_cast<size_t>(id) < values_.size() && values_[static_cast<size_t>(id)].alive,
          ErrorKind::internal, "graph: there is no value ", id);
  return values_[static_cast<size_t>(id)];
}

Graph::NodeSlot& Graph::node_slot(NodeId id) { return const_cast<NodeSlot&>(std::as_const(*this).node_slot(id)); }

const Graph::NodeSlot& Graph::node_slot(NodeId id) const {
  require(has_node(id), ErrorKind::internal, "graph: there is no node ", id);
  return nodes_[static_cast<size_t>(id)];
}

std::string Graph::unique_name(std::string_view wish) {
  const std::string base(wish.empty() ? "value" : wish);
  if (!wish.empty() && !names_.contains(base)) return base;
  // Remembered per base: a thousand values of one name must not cost a thousand look-ups each.
  int& suffix = next_suffix_[base];
  while (true) {
    std::string candidate = base + "_" + std::to_string(++suffix);
    if (!names_.contains(candidate)) return candidate;
  }
}

ValueId Graph::new_slot(std::string_view wish) {
  const auto id = static_cast<ValueId>(values_.size());
  ValueSlot& added = values_.emplace_back();
  added.value.name = unique_name(wish);
  names_.emplace(added.value.name, id);
  return id;
}

// --- values

ValueId Graph::add_input(std::string_view input_name, DType dtype, Shape shape) {
  const ValueId id = add_value(input_name, dtype, std::move(shape));
  slot(id).is_input = true;
  inputs_.push_back(id);
  return id;
}

ValueId Graph::add_constant(TensorData data, std::string_view constant_name) {
  return add_constant(std::make_shared<const TensorData>(std::move(data)), constant_name);
}

ValueId Graph::add_constant(std::shared_ptr<const TensorData> data, std::string_view constant_name) {
  const ValueId id = new_slot(constant_name);
  Value& added = slot(id).value;
  added.dtype = data->dtype;
  added.shape = Shape(data->dims);
  added.constant = std::move(data);
  return id;
}

ValueId Graph::add_value(std::string_view value_name, DType dtype, std::optional<Shape> shape) {
  const ValueId id = new_slot(value_name);
  set_type(id, dtype, std::move(shape));
  return id;
}

const Value& Graph::value(ValueId id) const { return slot(id).value; }

void Graph::set_type(ValueId id, DType dtype, std::optional<Shape> shape) {
  Value& changed = slot(id).value;
  if (changed.is_constant()) return;
  changed.dtype = dtype;
  changed.shape = std::move(shape);
}

const std::string& Graph::rename(ValueId id, std::string_view wish) {
  Value& renamed = slot(id).value;
  if (renamed.name == wish) return renamed.name;
  names_.erase(renamed.name);
  renamed.name = unique_name(wish);
  names_.emplace(renamed.name, id);
  return renamed.name;
}

ValueId Graph::find_value(std::string_view wanted) const {
  const auto found = names_.find(std::string(wanted));
  return found == names_.end() ? no_value : found->second;
}

std::vector<ValueId> Graph::all_values() const {
  std::vector<ValueId> result;
  for (size_t i = 0; i < values_.size(); ++i) {
    if (values_[i].alive) result.push_back(static_cast<ValueId>(i));
  }
  return result;
}

const TensorData* Graph::constant(ValueId id) const { return id == no_value ? nullptr : slot(id).value.constant.get(); }

// --- inputs and outputs

void Graph::add_output(ValueId id) {
  ++slot(id).output_count;
  outputs_.push_back(id);
}

void Graph::set_output(size_t index, ValueId id) {
  require(index < outputs_.size(), ErrorKind::internal, "graph: there is no output ", index);
  ++slot(id).output_count;
  --slot(outputs_[index]).output_count;
  outputs_[index] = id;
}

bool Graph::is_input(ValueId id) const { return slot(id).is_input; }
bool Graph::is_output(ValueId id) const { return slot(id).output_count > 0; }

// --- nodes

NodeId Graph::store(Node node) {
  const auto id = static_cast<NodeId>(nodes_.size());
  for (const ValueId output : node.outputs) {
    if (output == no_value) continue;
    ValueSlot& produced = slot(output);
    require(produced.producer == no_node && !produced.is_input && !produced.value.is_constant(), ErrorKind::internal,
            "graph: ", node.describe(), " would produce '", produced.value.name, "', which exists already");
    produced.producer = id;
  }
  for (size_t i = 0; i < node.inputs.size(); ++i) add_use(node.inputs[i], id, i);
  nodes_.emplace_back().node = std::move(node);
  ++node_count_;
  return id;
}

void Graph::link_before(NodeId id, NodeId where) {
  NodeSlot& linked = node_slot(id);
  linked.next = where;
  linked.previous = where == no_node ? last_ : node_slot(where).previous;
  (linked.previous == no_node ? first_ : node_slot(linked.previous).next) = id;
  (where == no_node ? last_ : node_slot(where).previous) = id;
}

void Graph::unlink(NodeId id) {
  NodeSlot& unlinked = node_slot(id);
  (unlinked.previous == no_node ? first_ : node_slot(unlinked.previous).next) = unlinked.next;
  (unlinked.next == no_node ? last_ : node_slot(unlinked.next).previous) = unlinked.previous;
}

NodeId Graph::append(Node node) { return insert_before(no_node, std::move(node)); }

NodeId Graph::insert_before(NodeId where, Node node) {
  const NodeId id = store(std::move(node));
  link_before(id, where);
  return id;
}

NodeId Graph::insert_after(NodeId where, Node node) { return insert_before(next_node(where), std::move(node)); }

ValueId Graph::emit(std::string_view op_type, std::vector<ValueId> node_inputs, Attributes attributes,
                    std::string_view origin, NodeId where) {
  return emit_many(op_type, std::move(node_inputs), 1, std::move(attributes), origin, where)[0];
}

std::vector<ValueId> Graph::emit_many(std::string_view op_type, std::vector<ValueId> node_inputs, size_t count,
                                      Attributes attributes, std::string_view origin, NodeId where) {
  Node node;
  node.op_type = op_type;
  node.inputs = std::move(node_inputs);
  node.attributes = std::move(attributes);
  node.origin = origin;
  for (size_t i = 0; i < count; ++i) node.outputs.push_back(add_value(op_type));
  const auto produced = node.outputs;
  insert_before(where, std::move(node));
  return produced;
}

const Node& Graph::node(NodeId id) const { return node_slot(id).node; }

bool Graph::has_node(NodeId id) const {
  return id >= 0 && static_cast<size_t>(id) < nodes_.size() && nodes_[static_cast<size_t>(id)].alive;
}

std::vector<NodeId> Graph::nodes() const {
  std::vector<NodeId> result;
  result.reserve(node_count_);
  for (NodeId id = first_; id != no_node; id = node_slot(id).next) result.push_back(id);
  return result;
}

NodeId Graph::next_node(NodeId id) const { return node_slot(id).next; }
NodeId Graph::previous_node(NodeId id) const { return node_slot(id).previous; }

// --- edits

void Graph::add_use(ValueId value, NodeId node, size_t index) {
  if (value != no_value) slot(value).uses.push_back({node, static_cast<int>(index)});
}

void Graph::drop_use(ValueId value, NodeId node, size_t index) {
  if (value == no_value) return;
  // From the back: passes that remove many users of one constant go from the end of the graph.
  auto& uses = slot(value).uses;
  const auto found = std::find(uses.rbegin(), uses.rend(), Use{node, static_cast<int>(index)});
  require(found != uses.rend(), ErrorKind::internal, "graph: a use of '", slot(value).value.name, "' is not on record");
  uses.erase(std::next(found).base());
}

void Graph::set_input(NodeId id, size_t index, ValueId value) {
  auto& node_inputs = node_slot(id).node.inputs;
  if (index >= node_inputs.size()) node_inputs.resize(index + 1, no_value);
  add_use(value, id, index);
  drop_use(node_inputs[index], id, index);
  node_inputs[index] = value;
}

void Graph::set_inputs(NodeId id, std::vector<ValueId> values) {
  auto& node_inputs = node_slot(id).node.inputs;
  for (size_t i = 0; i < values.size(); ++i) add_use(values[i], id, i);
  for (size_t i = 0; i < node_inputs.size(); ++i) drop_use(node_inputs[i], id, i);
  node_inputs = std::move(values);
}

void Graph::set_op_type(NodeId id, std::string_view op_type) { node_slot(id).node.op_type = op_type; }
void Graph::set_attribute(NodeId id, std::string_view attribute, Attribute value) {
  node_slot(id).node.attributes.insert_or_assign(std::string(attribute), std::move(value));
}
void Graph::remove_attribute(NodeId id, std::string_view attribute) {
  auto& attributes = node_slot(id).node.attributes;
  if (const auto found = attributes.find(attribute); found != attributes.end()) attributes.erase(found);
}
void Graph::set_node_name(NodeId id, std::string_view node_name) { node_slot(id).node.name = node_name; }
void Graph::set_origin(NodeId id, std::string_view origin) { node_slot(id).node.origin = origin; }

void Graph::set_output_of(NodeId id, size_t index, ValueId value) {
  ValueSlot& produced = slot(value);
  require(produced.producer == no_node && !produced.is_input && !produced.value.is_constant(), ErrorKind::internal,
          "graph: '", produced.value.name, "' exists already");
  auto& node_outputs = node_slot(id).node.outputs;
  if (index >= node_outputs.size()) node_outputs.resize(index + 1, no_value);
  if (node_outputs[index] != no_value) slot(node_outputs[index]).producer = no_node;
  node_outputs[index] = value;
  produced.producer = id;
}

void Graph::replace_uses(ValueId from, ValueId to) {
  if (from == to) return;
  ValueSlot& target = slot(to);
  const auto moved = std::exchange(slot(from).uses, {});
  for (const Use& use : moved) {
    node_slot(use.node).node.inputs[static_cast<size_t>(use.index)] = to;
    target.uses.push_back(use);
  }
  for (ValueId& output : outputs_) {
    if (output == from) output = to;
  }
  target.output_count += std::exchange(slot(from).output_count, 0);
}

void Graph::redirect_inputs(ValueId from, ValueId to, NodeId except) {
  const auto readers = uses(from);  // a copy: set_input changes the list
  for (const Use& use : readers) {
    if (use.node != except && use.node != no_node) set_input(use.node, static_cast<size_t>(use.index), to);
  }
}

void Graph::take_over_output(size_t index, ValueId value, std::string_view suffix) {
  const ValueId old = outputs_.at(index);
  const std::string taken = this->value(old).name;
  set_output(index, value);
  rename(old, taken + std::string(suffix));
  rename(value, taken);
}

void Graph::remove_node(NodeId id) {
  NodeSlot& removed = node_slot(id);
  for (const ValueId output : removed.node.outputs) {
    require(output == no_value || use_count(output) == 0, ErrorKind::internal, "graph: ", removed.node.describe(),
            " cannot go: '", output == no_value ? "" : slot(output).value.name, "' is still used");
  }
  for (size_t i = 0; i < removed.node.inputs.size(); ++i) drop_use(removed.node.inputs[i], id, i);
  for (const ValueId output : removed.node.outputs) {
    if (output == no_value) continue;
    slot(output).producer = no_node;
    remove_value(output);
  }
  unlink(id);
  removed.alive = false;
  removed.node = {};
  --node_count_;
}

void Graph::remove_value(ValueId id) {
  ValueSlot& removed = slot(id);
  require(removed.producer == no_node && use_count(id) == 0 && !removed.is_input, ErrorKind::internal, "graph: value '",
          removed.value.name, "' cannot go: something produces or uses it");
  names_.erase(removed.value.name);
  removed.value = {};
  removed.alive = false;
}

void Graph::move_before(NodeId id, NodeId where) {
  if (id == where) return;
  unlink(id);
  link_before(id, where);
}

// --- lookups

NodeId Graph::producer(ValueId id) const { return id == no_value ? no_node : slot(id).producer; }

const Node* Graph::producer_node(ValueId id) const {
  const NodeId found = producer(id);
  return found == no_node ? nullptr : &node(found);
}

const std::vector<Use>& Graph::uses(ValueId id) const { return slot(id).uses; }

size_t Graph::use_count(ValueId id) const { return slot(id).uses.size() + static_cast<size_t>(slot(id).output_count); }

NodeId Graph::single_consumer(ValueId id) const {
  return use_count(id) == 1 && !is_output(id) ? slot(id).uses[0].node : no_node;
}

}  // namespace es::ir
