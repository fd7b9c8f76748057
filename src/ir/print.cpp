// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "base/hash.h"
#include "ir/text.h"

namespace es::ir {
namespace {

constexpr int64_t inline_ints = 8;
constexpr int64_t inline_floats = 4;
constexpr int64_t written_ints = 16;
constexpr int64_t written_floats = 6;

bool is_plain(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto other = [](char c) { return (c >= '0' && c <= '9') || c == '.' || c == '/'; };
  return !name.empty() && name != "_" && letter(name[0]) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || other(c); });
}

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c == '\n' ? ' ' : c;
  }
  return result + "\"";
}

// Always told from an integer: with a point, an exponent, or as "inf" and "nan".
std::string float_text(double value, bool is_double) {
  std::string result = is_double ? number_text(value) : number_text(static_cast<float>(value));
  if (std::isfinite(value) && result.find_first_of(".e") == std::string::npos) result += ".0";
  return result;
}

std::string elements_text(const TensorData& data) {
  std::vector<std::string> elements;
  if (is_float(data.dtype)) {
    for (const double value : data.as_doubles()) elements.push_back(float_text(value, data.dtype == DType::f64));
  } else {
    for (const int64_t value : data.as_ints()) elements.push_back(std::to_string(value));
  }
  return join(elements, ",");
}

std::string constant_text(const TensorData& data) {
  std::string result = text("const ", data.dtype, "[", join(data.dims, ","), "] ");
  if (data.elements() <= (is_float(data.dtype) ? written_floats : written_ints))
    return result + "{" + elements_text(data) + "}";
  return result + "#" + sha256(data.bytes).substr(0, 12);
}

bool is_inline(const TensorData& data) {
  if (data.dims.size() > 1) return false;
  if (data.dtype == DType::i64) return data.elements() <= inline_ints;
  if (data.dtype != DType::f32 || data.elements() > inline_floats) return false;
  const auto values = data.as_floats();
  return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
}

std::string inline_text(const TensorData& data) {
  const std::string elements = elements_text(data);
  if (data.dims.empty()) return elements;
  return data.dtype == DType::i64 ? "[" + elements + "]" : "{" + elements + "}";
}

struct AttributeText {
  std::string operator()(int64_t value) const { return std::to_string(value); }
  std::string operator()(float value) const { return float_text(value, false); }
  std::string operator()(const std::string& value) const { return quoted(value); }
  std::string operator()(const Ints& values) const { return "[" + join(values, ",") + "]"; }
  std::string operator()(const Floats& values) const {
    std::vector<std::string> elements;
    for (const float value : values) elements.push_back(float_text(value, false));
    return "{" + join(elements, ",") + "}";
  }
  std::string operator()(const Strings& values) const {
    std::vector<std::string> elements;
    for (const auto& value : values) elements.push_back(quoted(value));
    return "[" + join(elements, ",") + "]";
  }
  std::string operator()(const TensorData& value) const { return constant_text(value); }
};

class Printer {
 public:
  Printer(const Graph& graph, const PrintOptions& options) : graph_(graph), options_(options) {}

  std::string run() {
    header();
    for (const NodeId id : graph_.nodes()) node(id);
    for (const ValueId output : graph_.outputs()) declare(output, true);
    return std::move(result_);
  }

 private:
  std::string name(ValueId id) const {
    const std::string& value_name = graph_.value(id).name;
    return is_plain(value_name) ? value_name : quoted(value_name);
  }

  std::string typed_name(ValueId id) const {
    const Value& value = graph_.value(id);
    return text(name(id), ": ", value.dtype, value.shape ? text(*value.shape) : "");
  }

  void header() {
    std::vector<std::string> inputs, outputs;
    for (const ValueId id : graph_.inputs()) inputs.push_back(typed_name(id));
    for (const ValueId id : graph_.outputs()) outputs.push_back(name(id));
    const std::string opset = graph_.opset == 13 ? "" : text("opset=", graph_.opset, " ");
    result_ = text("graph ", opset, "(", join(inputs, ", "), ") -> ", join(outputs, ", "), "\n");
  }

  // The line of a constant that is not written where it is used.
  void declare(ValueId id, bool is_output = false) {
    const TensorData* data = graph_.constant(id);
    if (!data || (is_inline(*data) && !is_output && !graph_.is_output(id)) || !declared_.insert(id).second) return;
    result_ += text("  ", name(id), " = ", constant_text(*data), "\n");
  }

  std::string argument(ValueId id) const {
    if (id == no_value) return "_";
    const TensorData* data = graph_.constant(id);
    return data && is_inline(*data) && !graph_.is_output(id) ? inline_text(*data) : name(id);
  }

  void node(NodeId id) {
    const Node& node = graph_.node(id);
    std::vector<std::string> outputs, inputs;
    for (const ValueId output : node.outputs) {
      outputs.push_back(output == no_value ? "_" : options_.types ? typed_name(output) : name(output));
    }
    for (const ValueId input : node.inputs) {
      if (input != no_value) declare(input);
      inputs.push_back(argument(input));
    }
    const std::string domain = node.domain.empty() ? "" : quoted(node.domain) + ".";
    result_ += text("  ", join(outputs, ", "), " = ", domain, node.op_type, "(", join(inputs, ", "), ")");
    for (const auto& [attribute, value] : node.attributes) {
      result_ += text(" ", attribute, "=", std::visit(AttributeText{}, value));
    }
    if (options_.origins && !node.origin.empty()) result_ += "  # " + printable(node.origin);
    result_ += "\n";
  }

  const Graph& graph_;
  const PrintOptions options_;
  std::string result_;
  std::unordered_set<ValueId> declared_;
};

}  // namespace

std::string print(const Graph& graph, const PrintOptions& options) { return Printer(graph, options).run(); }

}  // namespace es::ir
