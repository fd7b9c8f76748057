// SPDX-License-Identifier: Apache-2.0
#include "translate/translate.h"

#include <algorithm>
#include <map>

#include "translate/constants.h"
#include "translate/names.h"
#include "translate/op.h"
#include "translate/op_table.h"

namespace es::translate {
namespace {

constexpr size_t longest_list = 10;  // of operators that one message names

// --- what cannot be translated at all

bool is_custom(const tflite::Operator& op) { return op.name == "CUSTOM"; }

const OpRow* row_of(const tflite::Operator& op) {
  return is_custom(op) ? op_table().find_custom(op.custom_code) : op_table().find(op.name);
}

std::string reason_against(const tflite::Operator& op) {
  const auto* row = row_of(op);
  if (is_custom(op)) return row == nullptr ? custom_op_reason(op.custom_code) : "";
  require(row != nullptr, ErrorKind::internal, "op table: ", op.name, " has no row");
  if (row->translate == nullptr) return std::string(row->reason);
  if (op.version > row->versions.newest) {
    return text("has version ", op.version, ", ", row->versions.newest, " is the newest that is known");
  }
  return "";
}

// Every operator without a translation, those of one reason together.
void check_operators(const tflite::Model& model) {
  std::map<std::string, std::vector<const tflite::Operator*>> by_reason;
  for (const auto& op : model.operators()) {
    const auto reason = reason_against(op);
    if (!reason.empty()) by_reason[reason].push_back(&op);
  }
  if (by_reason.empty()) return;
  std::vector<std::string> complaints;
  for (const auto& [reason, ops] : by_reason) {
    auto words = model.describe(*ops[0]);
    if (ops.size() > 1) words += text(" and ", ops.size() - 1, " more");
    complaints.push_back(words + " " + reason);
    if (complaints.size() == longest_list) break;
  }
  if (by_reason.size() > longest_list) complaints.push_back(text(by_reason.size() - longest_list, " more reasons"));
  fail(ErrorKind::unsupported, model.name(), ": not every operator can be converted: ", join(complaints, "; "));
}

// --- the graph's edges

Edge edge_of(const tflite::Model& model, int tensor, bool is_input) {
  Edge edge{.tensor_name = std::string(model.tensors()[static_cast<size_t>(tensor)].name)};
  for (const auto& signature : model.signatures()) {
    for (const auto& [name, index] : is_input ? signature.inputs : signature.outputs) {
      if (index == tensor && edge.signature_name.empty()) edge.signature_name = std::string(name);
    }
  }
  return edge;
}

std::string wished_name(const Edge& edge, Names names) {
  const bool by_signature = names == Names::signature && !edge.signature_name.empty();
  return utf8_name(by_signature ? edge.signature_name : edge.tensor_name);
}

void add_inputs(Translation& t) {
  for (const int index : t.model.inputs()) {
    const auto& tensor = t.model.tensors()[static_cast<size_t>(index)];
    auto edge = edge_of(t.model, index, true);
    const auto dtype = with_context(t.model.name() + ": graph input " + t.model.describe_tensor(index),
                                    [&] { return tensor.is_quantized() ? ir::DType::f32 : dtype_of(tensor.type); });
    const auto value = t.graph.add_input(wished_name(edge, t.options.names), dtype,
                                         ir::Shape(std::vector<int64_t>(tensor.shape.begin(), tensor.shape.end())));
    t.values[static_cast<size_t>(index)] = value;
    edge.graph_name = t.graph.value(value).name;
    t.notes.inputs.push_back(std::move(edge));
  }
}

// A graph output must be some node's own result, and stand in the list once.
ValueId output_value(Translation& t, int index) {
  const auto value = t.values[static_cast<size_t>(index)];
  if (value == ir::no_value) {
    fail(ErrorKind::unsupported, t.model.name(), ": graph output ", t.model.describe_tensor(index),
         " is a constant; there is nothing to compute");
  }
  if (t.graph.producer(value) != ir::no_node && !t.graph.is_output(value)) return value;
  const auto copy = t.graph.emit("Identity", {value});
  t.inference.run(t.graph.last_node());
  return copy;
}

// The names that parsers know detections by, in the order of the operator's outputs.
constexpr std::string_view detection_names[] = {"detection_boxes", "detection_classes", "detection_scores",
                                                "num_detections"};

// Which of them an output is; -1: none.
int detection_slot(const tflite::Model& model, int tensor) {
  const int producer = model.tensors()[static_cast<size_t>(tensor)].producer;
  if (producer < 0) return -1;
  const auto& op = model.operators()[static_cast<size_t>(producer)];
  if (op.custom_code != "TFLite_Detection_PostProcess") return -1;
  const auto found = std::find(op.outputs.begin(), op.outputs.end(), tensor);
  const auto slot = found - op.outputs.begin();
  return slot < std::ssize(detection_names) ? static_cast<int>(slot) : -1;
}

void add_outputs(Translation& t) {
  std::vector<int> outputs(t.model.outputs().begin(), t.model.outputs().end());
  // Files list detections in any order.
  std::stable_sort(outputs.begin(), outputs.end(),
                   [&](int a, int b) { return detection_slot(t.model, a) < detection_slot(t.model, b); });
  for (const int index : outputs) {
    auto edge = edge_of(t.model, index, false);
    const auto value = output_value(t, index);
    const int slot = detection_slot(t.model, index);
    edge.graph_name = t.graph.rename(
        value, slot < 0 ? wished_name(edge, t.options.names) : std::string(detection_names[static_cast<size_t>(slot)]));
    t.graph.add_output(value);
    t.notes.outputs.push_back(std::move(edge));
  }
}

void translate_operators(Translation& t) {
  for (const auto& source : t.model.operators()) {
    Op op(t, source);
    with_context(t.model.where(source), [&] {
      row_of(source)->translate(op);
      for (size_t slot = 0; slot < op.output_count(); ++slot) {
        require(!op.has_output(slot) || t.values[static_cast<size_t>(source.outputs[slot])] != ir::no_value,
                ErrorKind::malformed, "its output ", slot, " is one more than it can have");
      }
    });
  }
}

// Weights in the file's order, once a translator has made its own of them.
void remove_unused_constants(ir::Graph& graph) {
  for (const auto value : graph.all_values()) {
    if (graph.value(value).is_constant() && graph.use_count(value) == 0) graph.remove_value(value);
  }
}

}  // namespace

ir::Graph to_graph(const tflite::Model& model, const Options& options, Notes& notes) {
  check_operators(model);

  Translation t(model, options, notes);
  add_inputs(t);
  translate_operators(t);
  add_outputs(t);
  remove_unused_constants(t.graph);
  return std::move(t.graph);
}

}  // namespace es::translate
