// SPDX-License-Identifier: Apache-2.0
//
// One operator being translated: what the file says of it, the doors its values pass, and the nodes it becomes.
//
// A translator takes values in through input() and gives them back through output(). Layout, quantisation and fused
// activations are handled at these doors, so it never looks at its neighbours:
//
//   input()                float, also where the file stores integers with a scale
//   bias()                 the same for a bias, whose scale the kernels derive from image and weight
//   to_nchw(), to_nhwc()   from the file's axis order to ONNX's and back
//   activate()             the activation that TFLite fuses into an operator
//   output()               binds a value to the file's tensor, restoring what the range of a quantised one cuts off
//
// refuse() and check() throw without saying where: to_graph() puts file and operator in front.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ir/graph.h"
#include "ir/shapes.h"
#include "tflite/model.h"
#include "translate/translate.h"

namespace es::translate {

using ir::Ints;
using ir::ValueId;

// One translation in progress: the graph being made, and which value each tensor of the file has become.
struct Translation {
  Translation(const tflite::Model& source, const Options& how, Notes& remarks)
      : model(source), options(how), notes(remarks), values(source.tensors().size(), ir::no_value) {}

  const tflite::Model& model;
  const Options& options;
  Notes& notes;
  ir::Graph graph;
  ir::ShapeInference inference{graph};                      // every value's shape is known as soon as it is made
  std::vector<ValueId> values;                              // by tensor index; no_value: not made yet
  std::map<std::pair<ir::DType, double>, ValueId> scalars;  // shared constants
};

class Op {
 public:
  Op(Translation& translation, const tflite::Operator& source) : t_(translation), source_(source) {}

  // --- what the file says
  const tflite::Operator& source() const { return source_; }
  size_t input_count() const { return source_.inputs.size(); }
  size_t output_count() const { return source_.outputs.size(); }
  // False where the list ends before `slot`, or has -1 there.
  bool has_input(size_t slot) const { return slot < input_count() && source_.inputs[slot] >= 0; }
  bool has_output(size_t slot) const { return slot < output_count() && source_.outputs[slot] >= 0; }
  const tflite::Tensor& input_tensor(size_t slot) const;
  const tflite::Tensor& output_tensor(size_t slot) const;

  // The option table; its defaults where the file has none. Throws malformed where it has another operator's.
  template <typename Table>
  Table options() const {
    if (std::holds_alternative<std::monostate>(source_.options)) return Table{};
    const auto* table = std::get_if<Table>(&source_.options);
    check(table != nullptr, "its options are another operator's");
    return *table;
  }
  bool has_options() const { return !std::holds_alternative<std::monostate>(source_.options); }

  const Options& translation_options() const { return t_.options; }
  // What has been made so far, to look at.
  const ir::Graph& graph() const { return t_.graph; }

  // --- values
  // The value of an input, as float where the file stores it quantised.
  ValueId input(size_t slot);
  std::vector<ValueId> all_inputs();
  // A bias beside the image and the weight that it belongs to. A quantised kernel takes its scale to be their product,
  // whatever the file says.
  ValueId bias(size_t slot, size_t image_slot, size_t weight_slot);
  // The integers of an input that must be constant; `what` names it in a message ("its axes").
  Ints constant_ints(size_t slot, std::string_view what);
  // The constant behind a value, or nullptr.
  const ir::TensorData* constant(ValueId value) const { return t_.graph.constant(value); }
  ir::DType dtype(ValueId value) const { return t_.graph.value(value).dtype; }
  // The dimensions of a value, and how many they are.
  Ints shape(ValueId value) const;
  int rank(ValueId value) const { return static_cast<int>(shape(value).size()); }
  // A negative axis counted from the end of `rank` axes. Throws malformed out of range.
  int64_t axis(int64_t axis, int rank) const;

  // --- doors
  // Channels last to channels first and back. Throws malformed unless there are three to five axes.
  ValueId to_nchw(ValueId value);
  ValueId to_nhwc(ValueId value);
  // Axis i of the result is axis permutation[i]. Of a constant: a constant.
  ValueId transpose(ValueId value, const Ints& permutation);
  ValueId activate(ValueId value, tflite::ActivationFunctionType activation);
  // Declares `value` to be the operator's output `slot`.
  void output(size_t slot, ValueId value);

  // --- nodes
  // Whether an operator that came with opset `since` may be emitted; if so, the graph's opset becomes at least that.
  bool may_use_opset(int since);
  ValueId emit(std::string_view op_type, std::vector<ValueId> inputs, ir::Attributes attributes = {});
  std::vector<ValueId> emit_many(std::string_view op_type, std::vector<ValueId> inputs, size_t count,
                                 ir::Attributes attributes = {});
  // Constants. Scalars of one value are one constant in the whole graph.
  ValueId add_constant(ir::TensorData data);
  ValueId ints(const Ints& values) { return add_constant(ir::TensorData::ints(values)); }
  ValueId scalar(double value, ir::DType dtype = ir::DType::f32);
  ValueId cast(ValueId value, ir::DType dtype);
  ValueId reshape(ValueId value, const Ints& target);
  ValueId squeeze(ValueId value, const Ints& axes);
  ValueId unsqueeze(ValueId value, const Ints& axes);
  // ReduceMean, ReduceSum, ReduceMax, ReduceMin, ReduceProd, ReduceL2.
  ValueId reduce(std::string_view op_type, ValueId value, const Ints& axes, bool keep_dims);
  std::vector<ValueId> split(ValueId value, int64_t axis, const Ints& sizes);

  // --- verdicts
  template <typename... Parts>
  [[noreturn]] void refuse(const Parts&... parts) const {
    fail(ErrorKind::unsupported, parts...);
  }
  template <typename... Parts>
  void check(bool ok, const Parts&... parts) const {
    require(ok, ErrorKind::malformed, parts...);
  }
  // Throws where a translation would need a constant of that many elements which the file does not hold itself.
  void check_list_size(int64_t elements) const;
  // For the report: the sentence gets file and operator in front.
  void warn(std::string_view sentence);

 private:
  ValueId constant_of(int tensor_index);
  ValueId saturate(const tflite::Tensor& tensor, ValueId value);
  void infer(ir::NodeId node);

  Translation& t_;
  const tflite::Operator& source_;
};

// "[1, 2, 3]", for messages.
std::string dims_text(const Ints& dims);

}  // namespace es::translate
