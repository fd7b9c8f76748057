// SPDX-License-Identifier: Apache-2.0
//
// Constants of equal content become one; nodes that compute the same of the same inputs become one.
#include <map>
#include <unordered_map>

#include "base/hash.h"
#include "passes/context.h"
#include "passes/edit.h"

namespace es::passes {
namespace {

using ir::Graph;
using ir::Node;
using ir::NodeId;
using ir::TensorData;
using ir::ValueId;

// Equal constants have equal keys; for large ones the content's hash stands for it.
std::string key_of(const TensorData& data) {
  std::string key = text(static_cast<int>(data.dtype), "[", join(data.dims, ","), "]");
  return key + (data.bytes.size() <= 64 ? std::string(as_text(data.bytes)) : sha256(data.bytes));
}

int merge_constants(Graph& graph) {
  std::unordered_map<std::string, ValueId> kept;
  std::map<const TensorData*, std::string> keys;  // constants that share their data need one hash
  int changes = 0;
  for (const ValueId id : graph.all_values()) {
    const TensorData* data = graph.constant(id);
    if (!data || graph.is_output(id)) continue;
    auto& key = keys[data];
    if (key.empty()) key = key_of(*data);
    const auto [found, is_new] = kept.emplace(key, id);
    if (is_new) continue;
    graph.replace_uses(id, found->second);
    graph.remove_value(id);
    ++changes;
  }
  return changes;
}

struct AttributeKey {
  std::string& key;
  void operator()(int64_t value) const { key += text("i", value); }
  void operator()(float value) const { key += "f" + number_text(value); }
  void operator()(const std::string& value) const { key += text("s", value.size(), ":", value); }
  void operator()(const ir::Ints& values) const { key += "I" + join(values, ","); }
  void operator()(const ir::Floats& values) const {
    key += "F";
    for (const float value : values) key += number_text(value) + ",";
  }
  void operator()(const ir::Strings& values) const {
    key += "S";
    for (const auto& value : values) (*this)(value);
  }
  void operator()(const TensorData& value) const { key += "T" + key_of(value); }
};

std::string key_of(const Node& node) {
  std::string key = text(node.domain, ".", node.op_type, "(", join(node.inputs, ","), ")", node.outputs.size());
  for (const auto& [name, value] : node.attributes) {
    key += text(" ", name, "=");
    std::visit(AttributeKey{key}, value);
  }
  return key;
}

bool makes_output(const Graph& graph, const Node& node) {
  for (const ValueId output : node.outputs) {
    if (output != ir::no_value && graph.is_output(output)) return true;
  }
  return false;
}

int merge_nodes(Graph& graph) {
  std::unordered_map<std::string, NodeId> kept;
  return for_each_node_once(graph, [&](NodeId id) {
    const Node node = graph.node(id);
    const auto [found, is_new] = kept.emplace(key_of(node), id);
    // Two outputs of the graph are two tensors, even where they hold the same.
    if (is_new || makes_output(graph, node)) return 0;
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      const ValueId twin = graph.node(found->second).outputs[i];
      if (node.outputs[i] != ir::no_value && twin == ir::no_value) return 0;
    }
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      if (node.outputs[i] != ir::no_value) graph.replace_uses(node.outputs[i], graph.node(found->second).outputs[i]);
    }
    graph.remove_node(id);
    return 1;
  });
}

}  // namespace

int merge_duplicates(Context& context) {
  const int constants = merge_constants(context.graph);
  return constants + merge_nodes(context.graph);
}

}  // namespace es::passes
