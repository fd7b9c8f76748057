// SPDX-License-Identifier: Apache-2.0
//
// The default parser of nvinfer: the first dimension of each output counts its classes; the best one is reported if its
// value is strictly above the threshold (and above 0), the first of equals. There is no softmax: values are used as
// they are.
#include "postprocess/classifier.h"

#include <algorithm>

#include "base/error.h"
#include "base/log.h"
#include "postprocess/decoders/custom_library.h"

namespace es::postprocess {
namespace {

class BestClass final : public AttributeParser {
 public:
  BestClass(std::span<const TensorSpec> outputs, float threshold) : threshold_(threshold) {
    for (const auto& output : outputs) {
      require(output.dtype == DType::f32 && output.shape.rank() >= 2, ErrorKind::mismatch, "output '", output.name,
              "' is ", output.dtype, output.shape, ", float32[N, classes] is needed for a classifier");
    }
  }

  void parse(std::span<const TensorView> outputs, ClassifierResult& result) const override {
    for (size_t i = 0; i < outputs.size(); ++i) {
      if (outputs[i].dtype != DType::f32 || outputs[i].shape.rank() == 0) continue;
      const auto values = outputs[i].floats();
      const auto classes = std::min(values.size(), static_cast<size_t>(outputs[i].shape[0]));
      Attribute best{.label_id = static_cast<unsigned>(i)};
      bool found = false;
      for (size_t k = 0; k < classes; ++k) {
        if (!(values[k] > threshold_) || !(values[k] > best.probability)) continue;
        best.class_id = static_cast<unsigned>(k);
        best.probability = values[k];
        found = true;
      }
      if (found) result.attributes.push_back(best);
    }
  }

 private:
  float threshold_;
};

std::unique_ptr<AttributeParser> open_parser(std::span<const TensorSpec> outputs, const ClassifierParams& params) {
  const std::string& function = params.parse_classifier_func_name;
  if (function.empty() || params.custom_lib_path.empty()) {
    if (!function.empty()) {
      log(LogLevel::warning, "parse-classifier-func-name is '", function,
          "' without custom-lib-path; like DeepStream, the default parser is used");
    }
    return std::make_unique<BestClass>(outputs, params.classifier_threshold);
  }
  auto library = std::make_shared<CustomLibrary>(params.custom_lib_path);
  require(library->function(function) != nullptr, ErrorKind::mismatch, params.custom_lib_path.string(),
          ": has no function '", function, "', parse-classifier-func-name names it");
  return open_custom_classifier(std::move(library), function, outputs, params);
}

}  // namespace

Classifier::Classifier(std::span<const TensorSpec> outputs, ClassifierParams params)
    : params_(std::move(params)), parser_(open_parser(outputs, params_)) {}

Classifier::~Classifier() = default;

ClassifierResult Classifier::run(std::span<const TensorView> outputs) const {
  ClassifierResult result;
  parser_->parse(outputs, result);
  for (Attribute& attribute : result.attributes) {
    if (!attribute.label.empty()) continue;  // a parser's own label stands in its text already
    attribute.label = label_of(attribute);
    if (!attribute.label.empty()) result.label += attribute.label + " ";
  }
  return result;
}

std::string Classifier::label_of(const Attribute& attribute) const {
  if (attribute.label_id >= params_.labels.size()) return {};
  const auto& line = params_.labels[attribute.label_id];
  return attribute.class_id < line.size() ? line[attribute.class_id] : std::string{};
}

}  // namespace es::postprocess
