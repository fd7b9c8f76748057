// SPDX-License-Identifier: Apache-2.0
#include "infer/interpreter.h"

#include <algorithm>

#include "base/error.h"
#include "base/log.h"
#include "config/lint.h"
#include "postprocess/postprocess.h"

namespace es::infer {
namespace {

using config::InferConfig;
using config::NetworkType;

postprocess::DetectorParams detector_params(const InferConfig& config, const NetworkSize& size) {
  return {.network_width = size.width,
          .network_height = size.height,
          .network_channels = size.channels,
          .classes = config.class_attributes,
          .cluster_mode = config.cluster_mode,
          .parse_bbox_func_name = config.parse_bbox_func_name,
          .custom_lib_path = config.custom_lib_path};
}

postprocess::ClassifierParams classifier_params(const InferConfig& config, const NetworkSize& size,
                                                const config::Labels& labels) {
  return {.network_width = size.width,
          .network_height = size.height,
          .network_channels = size.channels,
          .classifier_threshold = config.classifier_threshold,
          .labels = labels,
          .parse_classifier_func_name = config.parse_classifier_func_name,
          .custom_lib_path = config.custom_lib_path};
}

config::ModelFacts classes_of(std::span<const TensorSpec> outputs) {
  config::ModelFacts facts;
  for (const TensorSpec& output : outputs) {
    facts.classes_of_outputs.push_back(static_cast<int>(std::max<int64_t>(layer_shape(output.shape)[0], 0)));
  }
  return facts;
}

}  // namespace

Interpreter::Interpreter(const InferConfig& config, const NetworkSize& size, std::span<const TensorSpec> outputs,
                         const std::string& model)
    : config_(config) {
  if (config.network_type == NetworkType::other) return;
  if (!config.labelfile_path.empty()) labels_ = config::read_labels(config.labelfile_path);
  config::ModelFacts facts;
  with_context(model, [&] {
    if (config.network_type == NetworkType::detector) {
      detector_ = std::make_unique<postprocess::Detector>(outputs, detector_params(config, size));
    } else {
      classifier_ = std::make_unique<postprocess::Classifier>(outputs, classifier_params(config, size, labels_));
      facts = classes_of(outputs);
    }
  });
  for (const auto& warning : config::lint(config, labels_, facts)) log(LogLevel::warning, warning);
}

Interpreter::~Interpreter() = default;

bool Interpreter::keeps_tensors() const {
  return config_.output_tensor_meta || config_.network_type == NetworkType::other;
}

void Interpreter::read(std::span<const TensorView> outputs, const ImageView& image, RegionResult& result) const {
  if (detector_) {
    result.detections = postprocess::place(detector_->run(outputs), result.placement,
                                           {.classes = config_.class_attributes,
                                            .labels = labels_,
                                            .filter_out_class_ids = config_.filter_out_class_ids,
                                            .crop_objects_to_roi_boundary = config_.crop_objects_to_roi_boundary,
                                            .surface_width = image.width,
                                            .surface_height = image.height});
  } else if (classifier_) {
    auto found = classifier_->run(outputs);
    result.attributes = std::move(found.attributes);
    result.label = std::move(found.label);
  }
}

}  // namespace es::infer
