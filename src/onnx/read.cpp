// SPDX-License-Identifier: Apache-2.0
//
// From the file's messages to the graph: everything is checked here once, so that nothing behind needs to.
#include <algorithm>
#include <functional>
#include <limits>
#include <queue>
#include <set>
#include <unordered_map>

#include "ir/operators.h"
#include "ir/shapes.h"
#include "onnx/lift.h"
#include "onnx/onnx.h"
#include "onnx/tensor_proto.h"

namespace es::onnx {
namespace {

namespace pb = es_onnx_format;
using ir::Attribute;
using ir::DType;
using ir::Graph;
using ir::no_value;
using ir::ValueId;

bool is_own_domain(const std::string& domain) { return domain.empty() || domain == "ai.onnx"; }

// The kinds of AttributeProto.type that a node of ours can have.
enum AttributeKind {
  kind_float = 1,
  kind_int,
  kind_string,
  kind_tensor,
  kind_graph,
  kind_floats,
  kind_ints,
  kind_strings
};

// Files before IR version 3 state no kind.
int kind_of(const pb::Attribute& attribute) {
  if (attribute.type() != 0) return attribute.type();
  if (attribute.has_f()) return kind_float;
  if (attribute.has_i()) return kind_int;
  if (attribute.has_s()) return kind_string;
  if (attribute.has_t()) return kind_tensor;
  if (attribute.has_g()) return kind_graph;
  if (attribute.floats_size() > 0) return kind_floats;
  if (attribute.strings_size() > 0) return kind_strings;
  return kind_ints;
}

Attribute read_attribute(pb::Attribute& attribute, const std::string& node) {
  const std::string where = node + ": attribute '" + printable(attribute.name()) + "'";
  switch (kind_of(attribute)) {
    case kind_float:
      return attribute.f();
    case kind_int:
      return attribute.i();
    case kind_string:
      return attribute.s();
    case kind_tensor:
      return take_tensor(*attribute.mutable_t(), where);
    case kind_floats:
      return ir::Floats(attribute.floats().begin(), attribute.floats().end());
    case kind_ints:
      return ir::Ints(attribute.ints().begin(), attribute.ints().end());
    case kind_strings:
      return ir::Strings(attribute.strings().begin(), attribute.strings().end());
    default:
      fail(ErrorKind::unsupported, where, " is of kind ", kind_of(attribute),
           "; numbers, texts, tensors and lists of numbers or texts are supported");
  }
}

std::string describe(const pb::Node& node, int index) {
  const std::string& name = !node.name().empty() ? node.name() : node.output_size() > 0 ? node.output(0) : node.name();
  return text("node ", index, " ", printable(node.op_type()), " '", printable(name), "'");
}

// The nodes' indices so that producers come first: the file's own order wherever that is allowed. Throws malformed
// where a value is made twice or the nodes wait for each other.
std::vector<int> sorted_nodes(const pb::Graph& graph) {
  std::unordered_map<std::string, int> maker;
  for (int i = 0; i < graph.node_size(); ++i) {
    for (const auto& output : graph.node(i).output()) {
      require(output.empty() || maker.emplace(output, i).second, ErrorKind::malformed, describe(graph.node(i), i),
              ": makes '", printable(output), "', which another node makes already");
    }
  }
  const auto count = static_cast<size_t>(graph.node_size());
  std::vector<std::vector<int>> users(count);
  std::vector<int> waits_for(count, 0);
  for (int i = 0; i < graph.node_size(); ++i) {
    for (const auto& input : graph.node(i).input()) {
      const auto found = maker.find(input);
      if (input.empty() || found == maker.end()) continue;
      users[static_cast<size_t>(found->second)].push_back(i);
      ++waits_for[static_cast<size_t>(i)];
    }
  }
  std::priority_queue<int, std::vector<int>, std::greater<>> ready;
  for (int i = 0; i < graph.node_size(); ++i) {
    if (waits_for[static_cast<size_t>(i)] == 0) ready.push(i);
  }
  std::vector<int> order;
  while (!ready.empty()) {
    order.push_back(ready.top());
    ready.pop();
    for (const int user : users[static_cast<size_t>(order.back())]) {
      if (--waits_for[static_cast<size_t>(user)] == 0) ready.push(user);
    }
  }
  return order;
}

class Reader {
 public:
  // The model must have a graph.
  explicit Reader(pb::Model& model) : model_(model), proto_(*model.mutable_graph()) {}

  Graph run() {
    check_model();
    graph_.name = printable(proto_.name().empty() ? "graph" : proto_.name());
    graph_.producer_name = printable(model_.producer_name());
    graph_.producer_version = printable(model_.producer_version());
    for (const auto& entry : model_.metadata_props()) graph_.metadata[entry.key()] = entry.value();
    for (auto& initializer : *proto_.mutable_initializer()) read_initializer(initializer);
    find_batch_names();
    for (const auto& input : proto_.input()) read_input(input);
    read_nodes();
    read_outputs();
    lift(graph_, opset_);
    return std::move(graph_);
  }

 private:
  void check_model() {
    require(model_.functions_size() == 0, ErrorKind::unsupported,
            "uses functions of its own; export it with them inlined (onnx.inliner.inline_local_functions)");
    require(proto_.sparse_initializer_size() == 0, ErrorKind::unsupported,
            "holds sparse constants; export it with dense ones");
    int imports = 0;
    for (const auto& import : model_.opset_import()) {
      if (!is_own_domain(import.domain())) continue;
      opset_ = import.version();
      ++imports;
    }
    require(imports == 1, ErrorKind::malformed, "states ", imports,
            " opset versions of ONNX's operators, one is needed");
    require(opset_ >= oldest_opset && opset_ <= newest_opset, ErrorKind::unsupported, "is of opset ", opset_,
            "; opsets ", oldest_opset, " to ", newest_opset, " are supported: export it with opset 13");
  }

  void define(const std::string& name, ValueId id, const std::string& what) {
    require(!name.empty(), ErrorKind::malformed, what, " has no name");
    require(values_.emplace(name, id).second, ErrorKind::malformed, what, " '", printable(name),
            "': the name is taken by another value");
  }

  void read_initializer(pb::Tensor& initializer) {
    const std::string name = initializer.name();
    const std::string where = "initializer '" + printable(name) + "'";
    define(name, graph_.add_constant(take_tensor(initializer, where), name), "initializer");
  }

  // A name that stands for axis 0 of an input means the batch wherever inputs use it.
  void find_batch_names() {
    for (const auto& input : proto_.input()) {
      const auto& shape = input.type().tensor_type().shape();
      if (shape.dim_size() > 0 && !shape.dim(0).dim_param().empty()) batch_names_.insert(shape.dim(0).dim_param());
    }
  }

  ir::Dim read_dim(const pb::Shape::Dimension& dim, bool first) const {
    if (dim.has_dim_value() && dim.dim_value() > 0) return dim.dim_value();
    // 0 and -1 are written by exporters for a size left open.
    return first || batch_names_.contains(dim.dim_param()) ? ir::Dim::batch() : ir::Dim();
  }

  void read_input(const pb::ValueInfo& input) {
    if (values_.contains(input.name()) && graph_.value(values_.at(input.name())).is_constant()) return;
    const std::string where = "input '" + printable(input.name()) + "'";
    require(input.type().has_tensor_type(), ErrorKind::unsupported, where, " is no tensor; sequences and maps are not ",
            "supported");
    const auto& type = input.type().tensor_type();
    require(type.has_shape(), ErrorKind::unsupported, where,
            " states no shape; export the model with the shape of its ", "inputs");
    std::vector<ir::Dim> dims;
    for (int i = 0; i < type.shape().dim_size(); ++i) dims.push_back(read_dim(type.shape().dim(i), i == 0));
    const auto dtype = static_cast<DType>(type.elem_type());
    require(type.elem_type() > 0 && ir::size_of(dtype) != 0, ErrorKind::unsupported, where, ": data type ",
            type.elem_type(), " of ONNX is not supported; numbers of 8 to 64 bits and booleans are");
    define(input.name(), graph_.add_input(input.name(), dtype, ir::Shape(std::move(dims))), "input");
  }

  void check_operator(const pb::Node& node, const std::string& where) const {
    require(is_own_domain(node.domain()), ErrorKind::unsupported, where, ": is an operator of '",
            printable(node.domain()), "'; only ONNX's own operators are supported");
    const ir::Operator* known = ir::find_operator(node.op_type());
    require(known != nullptr, ErrorKind::unsupported, where, ": ONNX has no such operator up to opset ", newest_opset);
    require(known->refusal.empty(), ErrorKind::unsupported, where, ": ", known->refusal);
    for (size_t i = 0; i < known->required_inputs; ++i) {
      const auto index = static_cast<int>(i);
      require(index < node.input_size() && !node.input(index).empty(), ErrorKind::malformed, where, ": input ", i,
              " is left out, the operator needs its first ", known->required_inputs);
    }
  }

  void read_nodes() {
    const auto order = sorted_nodes(proto_);
    if (order.size() != static_cast<size_t>(proto_.node_size())) {
      std::set<int> done(order.begin(), order.end());
      int stuck = 0;
      while (done.contains(stuck)) ++stuck;
      fail(ErrorKind::malformed, describe(proto_.node(stuck), stuck),
           ": waits for its own output; the nodes form a cycle");
    }
    for (const int index : order) read_node(*proto_.mutable_node(index), index);
  }

  void read_node(pb::Node& proto, int index) {
    const std::string where = describe(proto, index);
    check_operator(proto, where);
    ir::Node node;
    node.op_type = proto.op_type();
    node.name = !proto.name().empty() ? proto.name() : proto.output_size() > 0 ? proto.output(0) : "";
    for (auto& attribute : *proto.mutable_attribute()) {
      require(node.attributes.emplace(attribute.name(), read_attribute(attribute, where)).second, ErrorKind::malformed,
              where, ": attribute '", printable(attribute.name()), "' stands twice");
    }
    for (const auto& input : proto.input()) node.inputs.push_back(input_value(input, where));
    for (const auto& output : proto.output()) {
      node.outputs.push_back(output.empty() ? no_value : graph_.add_value(output));
      if (!output.empty()) define(output, node.outputs.back(), where + ": output");
    }
    require(std::any_of(node.outputs.begin(), node.outputs.end(), [](ValueId id) { return id != no_value; }),
            ErrorKind::malformed, where, ": has no output");
    graph_.append(std::move(node));
  }

  ValueId input_value(const std::string& name, const std::string& where) const {
    if (name.empty()) return no_value;
    const auto found = values_.find(name);
    require(found != values_.end(), ErrorKind::malformed, where, ": reads '", printable(name),
            "', which nothing in the file makes");
    return found->second;
  }

  void read_outputs() {
    require(proto_.output_size() > 0, ErrorKind::malformed, "the graph has no output");
    for (const auto& output : proto_.output()) {
      require(!output.name().empty(), ErrorKind::malformed, "an output of the graph has no name");
      const auto found = values_.find(output.name());
      require(found != values_.end(), ErrorKind::malformed, "output '", printable(output.name()),
              "' of the graph: nothing in the file makes it");
      graph_.add_output(found->second);
    }
  }

  pb::Model& model_;
  pb::Graph& proto_;
  Graph graph_;
  int64_t opset_ = 0;
  std::unordered_map<std::string, ValueId> values_;
  std::set<std::string> batch_names_;
};

}  // namespace

bool looks_like_onnx(BytesView bytes) {
  // ir_version is field 1, a varint of one byte; then comes another field of Model, all of which exporters write in
  // order.
  if (bytes.size() < 4 || bytes[0] != 0x08 || bytes[1] == 0 || bytes[1] > 0x20) return false;
  return bytes[2] == 0x12 || bytes[2] == 0x1a || bytes[2] == 0x22 || bytes[2] == 0x3a || bytes[2] == 0x42;
}

Graph read(BytesView bytes, std::string_view file_name) {
  return with_context(printable(file_name), [&] {
    require(bytes.size() <= static_cast<size_t>(std::numeric_limits<int>::max()), ErrorKind::unsupported, "has ",
            bytes.size(), " bytes; ONNX files of one piece end at 2 GB");
    pb::Model model;
    require(model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())), ErrorKind::malformed,
            "does not parse as an ONNX model (", bytes.size(), " bytes); the file is damaged or of another kind");
    require(model.has_graph(), ErrorKind::malformed, "holds no graph; a file that an exporter of ONNX wrote is needed");
    return Reader(model).run();
  });
}

}  // namespace es::onnx
