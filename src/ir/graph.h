// SPDX-License-Identifier: Apache-2.0
//
// The converter's graph, in ONNX's own vocabulary (onnx.ai: operators of the default domain, data types, attributes).
//
// A graph is a list of nodes in topological order over values. A value is a graph input, a constant, or one output of
// one node. Ids stay good until their node or value is removed and are never used again. All edits go through Graph, so
// that who produces and who uses a value is known at any time without a search. Not thread-safe.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "ir/tensor_data.h"

namespace es::ir {

using ValueId = int;
using NodeId = int;
constexpr ValueId no_value = -1;  // an optional input or output that is left out
constexpr NodeId no_node = -1;

using Ints = std::vector<int64_t>;
using Floats = std::vector<float>;
using Strings = std::vector<std::string>;
using Attribute = std::variant<int64_t, float, std::string, Ints, Floats, Strings, TensorData>;
using Attributes = std::map<std::string, Attribute, std::less<>>;

struct Node {
  std::string op_type;           // as in the standard: "Conv"
  std::vector<ValueId> inputs;   // no_value where an optional input is left out
  std::vector<ValueId> outputs;  // likewise
  Attributes attributes;
  std::string domain;  // "" is ONNX's own
  std::string name;    // may be empty, need not be unique
  std::string origin;  // for messages: "op 17 CONV_2D ('backbone/conv3')"; empty where the node is ours

  const Attribute* find(std::string_view attribute) const;
  // The attribute, or `otherwise` where it is absent. Throws malformed, naming node and attribute, where its type
  // differs.
  int64_t get_int(std::string_view attribute, int64_t otherwise) const;
  float get_float(std::string_view attribute, float otherwise) const;
  std::string get_string(std::string_view attribute, std::string_view otherwise) const;
  Ints get_ints(std::string_view attribute, Ints otherwise = {}) const;
  Floats get_floats(std::string_view attribute, Floats otherwise = {}) const;
  // no_value where the input (output) is left out or beyond the end.
  ValueId input(size_t index) const { return index < inputs.size() ? inputs[index] : no_value; }
  ValueId output(size_t index) const { return index < outputs.size() ? outputs[index] : no_value; }
  // "Conv 'name'", and the origin where there is one.
  std::string describe() const;
};

// One input slot of one node.
struct Use {
  NodeId node = no_node;
  int index = 0;
  bool operator==(const Use&) const = default;
};

struct Value {
  std::string name;  // unique in the graph, never empty
  DType dtype = DType::undefined;
  std::optional<Shape> shape;  // nothing: not even the rank is known
  // Set for constants. Shared, because a copy of a graph (before and after a pass) must not copy its weights.
  std::shared_ptr<const TensorData> constant;

  bool is_constant() const { return constant != nullptr; }
  // The rank, or -1.
  int rank() const { return shape ? static_cast<int>(shape->rank()) : -1; }
};

class Graph {
 public:
  std::string name = "graph";
  int64_t opset = 13;
  int64_t ir_version = 7;
  std::string producer_name;
  std::string producer_version;
  std::map<std::string, std::string> metadata;  // ONNX metadata_props

  // --- values. A name is a wish: where it is empty or taken, a unique one is made from it.
  ValueId add_input(std::string_view name, DType dtype, Shape shape);
  ValueId add_constant(TensorData data, std::string_view name = "");
  ValueId add_constant(std::shared_ptr<const TensorData> data, std::string_view name = "");
  ValueId add_value(std::string_view name = "", DType dtype = DType::undefined, std::optional<Shape> shape = {});
  const Value& value(ValueId id) const;
  // For dtype and shape. Constants keep theirs.
  void set_type(ValueId id, DType dtype, std::optional<Shape> shape);
  // Returns the name it got.
  const std::string& rename(ValueId id, std::string_view name);
  // no_value where there is none.
  ValueId find_value(std::string_view name) const;
  // Every value that exists, in order of making.
  std::vector<ValueId> all_values() const;
  // Where `id` is a constant, its data; nullptr otherwise, and for no_value.
  const TensorData* constant(ValueId id) const;

  // --- graph inputs and outputs
  const std::vector<ValueId>& inputs() const { return inputs_; }
  const std::vector<ValueId>& outputs() const { return outputs_; }
  void add_output(ValueId id);
  void set_output(size_t index, ValueId id);
  bool is_input(ValueId id) const;
  bool is_output(ValueId id) const;

  // --- nodes
  // Appends (inserts before `where`). The node's inputs must exist, its outputs be values that nothing produces yet.
  NodeId append(Node node);
  NodeId insert_before(NodeId where, Node node);
  NodeId insert_after(NodeId where, Node node);
  // The common case: a node of one new output (of `count`), appended or inserted before `where`.
  ValueId emit(std::string_view op_type, std::vector<ValueId> inputs, Attributes attributes = {},
               std::string_view origin = "", NodeId where = no_node);
  std::vector<ValueId> emit_many(std::string_view op_type, std::vector<ValueId> inputs, size_t count,
                                 Attributes attributes = {}, std::string_view origin = "", NodeId where = no_node);
  const Node& node(NodeId id) const;
  bool has_node(NodeId id) const;
  size_t node_count() const { return node_count_; }
  // The ids in topological order, as they are now: the list stays good while nodes come and go (check has_node).
  std::vector<NodeId> nodes() const;
  NodeId first_node() const { return first_; }
  NodeId last_node() const { return last_; }
  NodeId next_node(NodeId id) const;
  NodeId previous_node(NodeId id) const;

  // --- edits
  void set_input(NodeId id, size_t index, ValueId value);  // grows the list with no_value where needed
  void set_inputs(NodeId id, std::vector<ValueId> values);
  void set_op_type(NodeId id, std::string_view op_type);
  void set_attribute(NodeId id, std::string_view attribute, Attribute value);
  void remove_attribute(NodeId id, std::string_view attribute);
  void set_node_name(NodeId id, std::string_view name);
  void set_origin(NodeId id, std::string_view origin);
  void set_output_of(NodeId id, size_t index, ValueId value);  // the old output loses its producer
  // Every use of `from`, as node input and as graph output, becomes a use of `to`.
  void replace_uses(ValueId from, ValueId to);
  // Every node that reads `from` reads `to` instead, but `except` (which makes `to` of it). Graph outputs stay.
  void redirect_inputs(ValueId from, ValueId to, NodeId except = no_node);
  // Output `index` becomes `value`, which takes over its name; what it was is renamed to end in `suffix`.
  void take_over_output(size_t index, ValueId value, std::string_view suffix);
  // The node goes; its outputs go too, where nothing uses them (otherwise internal error).
  void remove_node(NodeId id);
  // A value that nothing produces, uses or exports.
  void remove_value(ValueId id);
  // Moves a node directly before (after) another. The caller keeps the order topological.
  void move_before(NodeId id, NodeId where);

  // --- lookups, all O(1) in the size of the graph
  NodeId producer(ValueId id) const;  // no_node for inputs, constants, no_value
  const Node* producer_node(ValueId id) const;
  const std::vector<Use>& uses(ValueId id) const;
  // How many node inputs and graph outputs read it.
  size_t use_count(ValueId id) const;
  // The one node that uses the value where it is used once and is no graph output; else no_node.
  NodeId single_consumer(ValueId id) const;

 private:
  struct ValueSlot {
    Value value;
    NodeId producer = no_node;
    std::vector<Use> uses;
    bool alive = true;
    bool is_input = false;
    int output_count = 0;
  };
  struct NodeSlot {
    Node node;
    NodeId previous = no_node;
    NodeId next = no_node;
    bool alive = true;
  };

  ValueId new_slot(std::string_view name);
  std::string unique_name(std::string_view wish);
  ValueSlot& slot(ValueId id);
  const ValueSlot& slot(ValueId id) const;
  NodeSlot& node_slot(NodeId id);
  const NodeSlot& node_slot(NodeId id) const;
  NodeId store(Node node);
  void link_before(NodeId id, NodeId where);  // no_node: at the end
  void unlink(NodeId id);
  void add_use(ValueId value, NodeId node, size_t index);
  void drop_use(ValueId value, NodeId node, size_t index);

  // Deques: a reference to a node or value stays good while others are added.
  std::deque<ValueSlot> values_;
  std::deque<NodeSlot> nodes_;
  std::unordered_map<std::string, ValueId> names_;
  std::unordered_map<std::string, int> next_suffix_;
  std::vector<ValueId> inputs_;
  std::vector<ValueId> outputs_;
  NodeId first_ = no_node;
  NodeId last_ = no_node;
  size_t node_count_ = 0;
};

}  // namespace es::ir
