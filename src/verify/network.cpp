// SPDX-License-Identifier: Apache-2.0
#include "verify/network.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "onnx/onnx.h"

namespace es::verify {
namespace {

using reference::Array;

std::unique_ptr<backend::Session> open(BytesView model, const std::string& name) {
  return backend::open_session(model, {.name = name});
}

Array array_of(const Tensor& tensor) {
  Array array;
  array.shape.assign(tensor.shape().dims().begin(), tensor.shape().dims().end());
  if (tensor.dtype() == DType::f32) {
    const auto floats = tensor.floats();
    array.values.assign(floats.begin(), floats.end());
    return array;
  }
  const auto count = static_cast<size_t>(tensor.shape().elements());
  const auto copy = [&]<typename T>(const T* values) { array.values.assign(values, values + count); };
  switch (tensor.dtype()) {
    case DType::i8:
      copy(static_cast<const int8_t*>(tensor.data()));
      break;
    case DType::u8:
    case DType::boolean:
      copy(static_cast<const uint8_t*>(tensor.data()));
      break;
    case DType::i32:
      copy(static_cast<const int32_t*>(tensor.data()));
      break;
    case DType::i64:
      copy(static_cast<const int64_t*>(tensor.data()));
      break;
    default:
      fail(ErrorKind::unsupported, "an output of ", tensor.dtype(), " cannot be compared");
  }
  return array;
}

// The value in front of a Softmax that makes an output.
std::optional<std::string> logits_name(const ir::Graph& graph, ir::ValueId output) {
  const auto* node = graph.producer_node(output);
  // Brought into the whole picture, rounded to steps.
  for (const auto* step : {"Pad", "DequantizeLinear", "QuantizeLinear"}) {
    if (node != nullptr && node->op_type == step) node = graph.producer_node(node->inputs[0]);
  }
  if (node == nullptr || node->op_type != "Softmax") return std::nullopt;
  return graph.value(node->inputs[0]).name;
}

std::vector<Tensor> run_session(const backend::Session& session, const Array& rows) {
  std::vector<float> floats(rows.values.begin(), rows.values.end());
  const TensorView view{floats.data(), Shape(rows.shape), DType::f32};
  return session.run({&view, 1});
}

}  // namespace

Network::Network(BytesView onnx, const std::string& name) : bytes_(onnx), name_(name), graph_(onnx::read(onnx, name)) {
  outputs_ = graph_.outputs().size();
  std::vector<std::string> more;
  for (size_t i = 0; i < outputs_; ++i) {
    if (auto logits = logits_name(graph_, graph_.outputs()[i])) {
      logits_.emplace(i, outputs_ + more.size());
      more.push_back(std::move(*logits));
    }
  }
  const auto with_logits = onnx::with_more_outputs(onnx, more);
  session_ = open(more.empty() ? onnx : BytesView(with_logits), name);
  require(session_->inputs().size() == 1, ErrorKind::unsupported, name, ": has ", session_->inputs().size(),
          " inputs; networks of one input can be verified");
}

std::vector<Array> Network::run(const Array& rows, const std::vector<bool>& as_logits) const {
  const auto tensors = run_session(*session_, rows);
  std::vector<Array> answers;
  for (size_t i = 0; i < outputs_; ++i) {
    const bool cut = i < as_logits.size() && as_logits[i] && has_logits(i);
    answers.push_back(array_of(tensors[cut ? logits_.at(i) : i]));
  }
  return answers;
}

// A value by its name, and behind an activation of its own.
std::vector<std::string> Network::candidates(const std::string& name) const {
  const auto id = graph_.find_value(name);
  if (id == ir::no_value || graph_.value(id).is_constant()) return {};
  std::vector<std::string> found{name};
  const auto reader = graph_.single_consumer(id);
  if (reader == ir::no_node) return found;
  const auto& node = graph_.node(reader);
  if (node.op_type == "Relu" || node.op_type == "Clip") found.push_back(graph_.value(node.outputs[0]).name);
  return found;
}

std::map<size_t, std::vector<Array>> Network::values(const Array& rows, const std::vector<std::string>& prefixes,
                                                     const std::vector<std::string>& names) const {
  std::map<std::string, std::string> last_of_prefix;  // node name up to '/' -> its last value
  for (const auto id : graph_.nodes()) {
    const auto& node = graph_.node(id);
    if (node.output(0) == ir::no_value || node.name.empty()) continue;
    last_of_prefix[node.name.substr(0, node.name.find('/'))] = graph_.value(node.outputs[0]).name;
  }
  const auto is_output = [&](const std::string& name) {
    return std::ranges::any_of(graph_.outputs(), [&](auto id) { return graph_.value(id).name == name; });
  };
  std::vector<std::string> exposed;
  std::vector<size_t> places;
  for (size_t i = 0; i < prefixes.size(); ++i) {
    const auto found = last_of_prefix.find(prefixes[i]);
    const auto values = found != last_of_prefix.end() ? std::vector{found->second} : candidates(names[i]);
    for (const auto& value : values) {
      if (is_output(value) || std::ranges::find(exposed, value) != exposed.end()) continue;
      exposed.push_back(value);
      places.push_back(i);
    }
  }
  std::map<size_t, std::vector<Array>> result;
  if (exposed.empty()) return result;
  const auto bytes = onnx::with_more_outputs(bytes_, exposed);
  const auto tensors = run_session(*open(bytes, name_), rows);
  for (size_t i = 0; i < exposed.size(); ++i) result[places[i]].push_back(array_of(tensors[outputs_ + i]));
  return result;
}

}  // namespace es::verify
