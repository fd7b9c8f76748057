// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"
#include "reference/evaluate.h"
#include "tflite/model.h"
#include "verify/source.h"

namespace es::verify {
namespace {

// The names that detections go by whatever the file calls them, in the order of the operator's outputs.
constexpr const char* detection_names[] = {"detection_boxes", "detection_classes", "detection_scores",
                                           "num_detections"};

class TfliteSource final : public Source {
 public:
  TfliteSource(BytesView bytes, const std::string& name, bool integers)
      : model_(tflite::Model::parse(bytes, name)), integers_(integers && model_.has_integer_arithmetic()) {
    require(model_.inputs().size() == 1, ErrorKind::unsupported, name, ": has ", model_.inputs().size(),
            " inputs; networks of one input can be verified");
    const auto& input = model_.tensors()[static_cast<size_t>(model_.inputs()[0])];
    input_shape_ = {input.shape.begin(), input.shape.end()};
    for (const auto index : model_.outputs()) add_output(index);
  }

  std::string arithmetic() const override {
    if (integers_) return "reference evaluator in the export's own integers";
    return model_.has_integer_arithmetic() ? "reference evaluator on the dequantised weights, sums in float64"
                                           : "reference evaluator, sums in float64";
  }
  const Dims& input_shape() const override { return input_shape_; }
  bool is_channels_first() const override { return false; }
  bool takes_integers() const override {
    const auto& input = model_.tensors()[static_cast<size_t>(model_.inputs()[0])];
    return !input.is_quantized() && input.type != tflite::TensorType::float32 &&
           input.type != tflite::TensorType::float16;
  }
  std::optional<Range> input_range() const override {
    const auto range = model_.tensors()[static_cast<size_t>(model_.inputs()[0])].real_range();
    return range ? std::optional<Range>({range->first, range->second}) : std::nullopt;
  }
  const std::vector<SourceOutput>& outputs() const override { return outputs_; }

  std::vector<Array> run(const Array& input) const override {
    // A tensor in front of the last step is no output of the file, so that everything is kept where there is one.
    const auto trace = reference::evaluate(model_, {input}, keep_, arithmetic_of());
    std::vector<Array> answers;
    for (size_t k = 0; k < compared_.size(); ++k) {
      answers.push_back(as_numbers(trace[compared_[k]], compared_[k]));
      for (double& value : answers.back().values) value *= factors_[k];
    }
    return answers;
  }

  std::vector<Array> run_integers(const Array& input) const override {
    std::vector<Array> answers;
    if (!model_.has_integer_arithmetic() || integers_) return answers;
    const auto trace = reference::evaluate(model_, {input}, reference::Keep::outputs, reference::Arithmetic::integers);
    for (const auto index : model_.outputs()) {
      const auto at = static_cast<size_t>(index);
      answers.push_back(reference::as_numbers(trace[at], model_.tensors()[at]));
    }
    return answers;
  }

  std::vector<Layer> layers(const Array& input) const override {
    const auto trace = reference::evaluate(model_, {input}, reference::Keep::all, arithmetic_of());
    std::vector<Layer> layers;
    for (const auto& op : model_.operators()) {
      if (op.outputs.empty() || op.outputs[0] < 0) continue;
      const auto index = static_cast<size_t>(op.outputs[0]);
      layers.push_back({.name = model_.describe(op),
                        .node_prefix = text("op_", op.index, "_", op.name),
                        .value_name = std::string(model_.tensors()[index].name),
                        .values = as_numbers(trace[index], index)});
    }
    return layers;
  }

 private:
  reference::Arithmetic arithmetic_of() const {
    return integers_ ? reference::Arithmetic::integers : reference::Arithmetic::real;
  }
  Array as_numbers(const Array& array, size_t index) const {
    return integers_ ? reference::as_numbers(array, model_.tensors()[index]) : array;
  }

  void add_output(int index) {
    const auto& tensor = model_.tensors()[static_cast<size_t>(index)];
    SourceOutput output{.name = printable(tensor.name), .wanted_name = "", .is_logits = false};
    size_t compared = static_cast<size_t>(index);
    double factor = 1;
    const auto* producer = behind_dequantize(tensor);
    if (producer != nullptr && producer->name == "SOFTMAX" && producer->inputs[0] >= 0) {
      compared = static_cast<size_t>(producer->inputs[0]);
      output.is_logits = true;
      // ONNX's Softmax has no factor of its own: there it stands in front, among the logits.
      const auto* softmax = std::get_if<tflite::SoftmaxOptions>(&producer->options);
      if (softmax != nullptr) factor = static_cast<double>(softmax->beta);
      keep_ = reference::Keep::all;
    } else if (producer != nullptr && producer->custom_code == "TFLite_Detection_PostProcess") {
      for (size_t i = 0; i < producer->outputs.size() && i < std::size(detection_names); ++i) {
        if (producer->outputs[i] == index) output.wanted_name = detection_names[i];
      }
    }
    if (integers_) output.step = step_of(compared);
    compared_.push_back(compared);
    factors_.push_back(factor);
    output.step *= factor;
    outputs_.push_back(std::move(output));
  }

  // Between two numbers that a tensor can hold; also where they were made floats last.
  double step_of(size_t index) const {
    const auto* tensor = &model_.tensors()[index];
    if (!tensor->is_quantized() && tensor->producer >= 0) {
      const auto& op = model_.operators()[static_cast<size_t>(tensor->producer)];
      if (op.name == "DEQUANTIZE" && !op.inputs.empty() && op.inputs[0] >= 0) {
        tensor = &model_.tensors()[static_cast<size_t>(op.inputs[0])];
      }
    }
    return tensor->is_quantized() ? static_cast<double>(tensor->quantization.scale[0]) : 0;
  }

  // The operator that makes a tensor, through a step from integers to floats.
  const tflite::Operator* behind_dequantize(const tflite::Tensor& tensor) const {
    if (tensor.producer < 0) return nullptr;
    const auto& op = model_.operators()[static_cast<size_t>(tensor.producer)];
    if (op.name != "DEQUANTIZE" || op.inputs.empty() || op.inputs[0] < 0) return &op;
    const auto& source = model_.tensors()[static_cast<size_t>(op.inputs[0])];
    return source.producer < 0 ? &op : &model_.operators()[static_cast<size_t>(source.producer)];
  }

  tflite::Model model_;
  bool integers_;
  Dims input_shape_;
  std::vector<SourceOutput> outputs_;
  std::vector<size_t> compared_;  // tensor indices
  std::vector<double> factors_;   // of a Softmax behind them
  reference::Keep keep_ = reference::Keep::outputs;
};

}  // namespace

std::unique_ptr<Source> tflite_source(BytesView bytes, const std::string& name, bool integers) {
  return std::make_unique<TfliteSource>(bytes, name, integers);
}

}  // namespace es::verify
