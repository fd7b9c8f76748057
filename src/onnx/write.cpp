// SPDX-License-Identifier: Apache-2.0
//
// From the graph to the file's bytes. The constants, nearly all of a file, are copied once, straight into the result:
// the messages around them are made by protobuf, the wire format's tags and lengths for them here (protobuf.dev,
// encoding).
#include <limits>

#include "onnx.pb.h"
#include "onnx/onnx.h"

namespace es::onnx {
namespace {

namespace pb = es_onnx_format;
using ir::Graph;
using ir::no_value;
using ir::NodeId;
using ir::ValueId;

constexpr int graph_field = 7;        // Model.graph
constexpr int initializer_field = 5;  // Graph.initializer
constexpr int raw_data_field = 9;     // Tensor.raw_data

// --- the wire format, as far as it is written by hand

size_t varint_size(uint64_t value) {
  size_t size = 1;
  for (; value >= 0x80; value >>= 7) ++size;
  return size;
}

void append_varint(Bytes& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<uint8_t>(value | 0x80));
  out.push_back(static_cast<uint8_t>(value));
}

void append_tag(Bytes& out, int field, size_t length) {
  append_varint(out, static_cast<uint64_t>(field) << 3 | 2);  // 2: length-delimited
  append_varint(out, length);
}

size_t delimited_size(size_t length) { return 1 + varint_size(length) + length; }

std::string serialised(const google::protobuf::MessageLite& message) {
  std::string bytes;
  require(message.SerializeToString(&bytes), ErrorKind::internal, "onnx: a message cannot be serialised");
  return bytes;
}

void append(Bytes& out, const std::string& bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); }

// --- messages

struct AttributeWriter {
  pb::Attribute& out;
  void operator()(int64_t value) { out.set_i(value), out.set_type(2); }
  void operator()(float value) { out.set_f(value), out.set_type(1); }
  void operator()(const std::string& value) { out.set_s(value), out.set_type(3); }
  void operator()(const ir::Ints& values) { out.mutable_ints()->Add(values.begin(), values.end()), out.set_type(7); }
  void operator()(const ir::Floats& values) {
    out.mutable_floats()->Add(values.begin(), values.end()), out.set_type(6);
  }
  void operator()(const ir::Strings& values) {
    for (const auto& value : values) out.add_strings(value);
    out.set_type(8);
  }
  void operator()(const ir::TensorData& value) {
    auto& tensor = *out.mutable_t();
    tensor.mutable_dims()->Add(value.dims.begin(), value.dims.end());
    tensor.set_data_type(static_cast<int>(value.dtype));
    tensor.set_raw_data(value.bytes.data(), value.bytes.size());
    out.set_type(4);
  }
};

const std::string& name_of(const Graph& graph, ValueId id) {
  static const std::string left_out;
  return id == no_value ? left_out : graph.value(id).name;
}

void write_node(const Graph& graph, NodeId id, pb::Node& out) {
  const ir::Node& node = graph.node(id);
  for (const ValueId input : node.inputs) out.add_input(name_of(graph, input));
  for (const ValueId output : node.outputs) out.add_output(name_of(graph, output));
  out.set_op_type(node.op_type);
  if (!node.name.empty()) out.set_name(node.name);
  if (!node.domain.empty()) out.set_domain(node.domain);
  for (const auto& [name, value] : node.attributes) {
    auto& attribute = *out.add_attribute();
    attribute.set_name(name);
    std::visit(AttributeWriter{attribute}, value);
  }
}

void write_value(const Graph& graph, ValueId id, pb::ValueInfo& out) {
  const ir::Value& value = graph.value(id);
  out.set_name(value.name);
  if (value.dtype == ir::DType::undefined) return;  // an operator without a rule made it: readers infer it themselves
  auto& type = *out.mutable_type()->mutable_tensor_type();
  type.set_elem_type(static_cast<int>(value.dtype));
  if (!value.shape) return;
  auto& shape = *type.mutable_shape();
  for (const ir::Dim& dim : *value.shape) {
    auto& entry = *shape.add_dim();
    if (dim.is_static()) entry.set_dim_value(dim.size);
    if (dim.times_batch) entry.set_dim_param(dim.size == 1 ? "batch" : text(dim.size, "*batch"));
  }
}

// The constants that something reads, in order of making.
std::vector<ValueId> used_constants(const Graph& graph) {
  std::vector<ValueId> result;
  for (const ValueId id : graph.all_values()) {
    if (graph.value(id).is_constant() && graph.use_count(id) > 0) result.push_back(id);
  }
  return result;
}

// A constant's message up to its data: dims, data type, name.
std::string tensor_head(const Graph& graph, ValueId id) {
  const ir::TensorData& data = *graph.constant(id);
  pb::Tensor tensor;
  tensor.mutable_dims()->Add(data.dims.begin(), data.dims.end());
  tensor.set_data_type(static_cast<int>(data.dtype));
  tensor.set_name(graph.value(id).name);
  return serialised(tensor);
}

std::string graph_head(const Graph& graph) {
  pb::Graph head;
  for (const NodeId id : graph.nodes()) write_node(graph, id, *head.add_node());
  head.set_name(graph.name);
  return serialised(head);
}

// Inputs, outputs, and the type of every value between them that is known.
std::string graph_tail(const Graph& graph) {
  pb::Graph tail;
  for (const ValueId id : graph.inputs()) write_value(graph, id, *tail.add_input());
  for (const ValueId id : graph.outputs()) write_value(graph, id, *tail.add_output());
  for (const NodeId id : graph.nodes()) {
    for (const ValueId output : graph.node(id).outputs) {
      if (output == no_value || graph.is_output(output)) continue;
      const ir::Value& value = graph.value(output);
      if (value.shape && value.dtype != ir::DType::undefined) write_value(graph, output, *tail.add_value_info());
    }
  }
  return serialised(tail);
}

std::string model_head(const Graph& graph) {
  pb::Model head;
  head.set_ir_version(graph.ir_version);
  if (!graph.producer_name.empty()) head.set_producer_name(graph.producer_name);
  if (!graph.producer_version.empty()) head.set_producer_version(graph.producer_version);
  return serialised(head);
}

std::string model_tail(const Graph& graph) {
  pb::Model tail;
  auto& import = *tail.add_opset_import();
  import.set_domain("");
  import.set_version(graph.opset);
  for (const auto& [key, value] : graph.metadata) {
    auto& entry = *tail.add_metadata_props();
    entry.set_key(key);
    entry.set_value(value);
  }
  return serialised(tail);
}

}  // namespace

// A message field that stands twice is merged, and its lists are joined: so a second graph of outputs alone adds them.
Bytes with_more_outputs(BytesView model, std::span<const std::string> names) {
  pb::Graph more;
  for (const auto& name : names) more.add_output()->set_name(name);
  const std::string tail = serialised(more);
  Bytes out;
  out.reserve(model.size() + delimited_size(tail.size()));
  out.insert(out.end(), model.begin(), model.end());
  append_tag(out, graph_field, tail.size());
  append(out, tail);
  return out;
}

Bytes write(const Graph& graph) {
  const auto constants = used_constants(graph);
  std::vector<std::string> heads;
  const std::string head = graph_head(graph), tail = graph_tail(graph);
  size_t graph_size = head.size() + tail.size();
  std::vector<size_t> tensor_sizes;
  for (const ValueId id : constants) {
    heads.push_back(tensor_head(graph, id));
    tensor_sizes.push_back(heads.back().size() + delimited_size(graph.constant(id)->bytes.size()));
    graph_size += delimited_size(tensor_sizes.back());
  }
  const std::string before = model_head(graph), after = model_tail(graph);
  const size_t total = before.size() + delimited_size(graph_size) + after.size();
  require(total <= static_cast<size_t>(std::numeric_limits<int>::max()), ErrorKind::unsupported, "the model has ",
          total, " bytes; an ONNX file of one piece ends at 2 GB");

  Bytes out;
  out.reserve(total);
  append(out, before);
  append_tag(out, graph_field, graph_size);
  append(out, head);
  for (size_t i = 0; i < constants.size(); ++i) {
    const Bytes& data = graph.constant(constants[i])->bytes;
    append_tag(out, initializer_field, tensor_sizes[i]);
    append(out, heads[i]);
    append_tag(out, raw_data_field, data.size());
    out.insert(out.end(), data.begin(), data.end());
  }
  append(out, tail);
  append(out, after);
  return out;
}

}  // namespace es::onnx
