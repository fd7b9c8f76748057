// SPDX-License-Identifier: Apache-2.0
#include "gst/infer_settings.h"

#include <algorithm>

#include "base/log.h"
#include "gst/support/enums.h"

namespace es::gst {
namespace {

using config::InferConfig;

GType process_mode_enum() {
  static const GEnumValue values[] = {
      {1, "Primary (Full Frame)", "primary"}, {2, "Secondary (Objects)", "secondary"}, {0, nullptr, nullptr}};
  static const GType type = register_enum("EsNvInferProcessMode", values);
  return type;
}

constexpr const char* threshold_name = "threshold";

constexpr Property<InferOptions> rows[] = {
    {"unique-id", "Number of this engine, written to all that it finds. Key gie-unique-id.", &InferOptions::unique_id},
    {"process-mode", "On whole frames or on objects. Key process-mode.", &InferOptions::process_mode, 0, 0,
     process_mode_enum},
    {"config-file-path", "The nvinfer configuration file, INI or (.yml, .yaml) YAML; read when this is set.",
     &InferOptions::config_file_path, 0, 0, nullptr, true},
    {"batch-size", "The most frames or objects that are submitted together. Key batch-size.", &InferOptions::batch_size,
     1, 1024},
    {"interval", "Batches to leave out between two inferences on frames. Key interval.", &InferOptions::interval, 0,
     G_MAXINT},
    {"infer-on-gie-id", "Look at objects of this engine alone; -1: of any. Key operate-on-gie-id.",
     &InferOptions::infer_on_gie_id, -1, G_MAXINT},
    {"infer-on-class-ids", "Look at objects of these classes alone, as 0:2:3; empty: all. Key operate-on-class-ids.",
     &InferOptions::infer_on_class_ids},
    {"filter-out-class-ids", "Classes to leave out of the results, as 0;2;3. Key filter-out-class-ids.",
     &InferOptions::filter_out_class_ids},
    {"model-engine-file", "The engine file, an absolute path. Key model-engine-file.", &InferOptions::model_engine_file,
     0, 0, nullptr, true},
    {"gpu-id", no_effect, &InferOptions::gpu_id},
    {"raw-output-file-write", "Accepted; no files are written.", &InferOptions::raw_output_file_write},
    {"raw-output-generated-callback", "Accepted; never called. Tensors come with output-tensor-meta.",
     &InferOptions::raw_output_generated_callback},
    {"raw-output-generated-userdata", "Accepted; without effect.", &InferOptions::raw_output_generated_userdata},
    {"output-tensor-meta", "Attach the output tensors as well. Key output-tensor-meta.",
     &InferOptions::output_tensor_meta},
    {"output-instance-mask", "Attach masks. Key output-instance-mask.", &InferOptions::output_instance_mask},
    {"input-tensor-meta", "Take tensors from nvdspreprocess, which is refused here. Key input-tensor-from-meta.",
     &InferOptions::input_tensor_meta},
    {"clip-object-outside-roi", "Accepted; for tensors from nvdspreprocess alone.",
     &InferOptions::clip_object_outside_roi},
    {"crop-objects-to-roi-boundary", "Crop objects to the region they were looked for in. Key of the same name.",
     &InferOptions::crop_objects_to_roi_boundary},
    {"strongly-typed", no_effect, &InferOptions::strongly_typed},
    {"dynamic-properties", "Pairs key=value, separated by semicolons; EdgeStream's own begin with edgestream-.",
     &InferOptions::dynamic_properties},
    {threshold_name,
     "Not of DeepStream: replaces pre-cluster-threshold of every class, or classifier-threshold; below 0: as the file "
     "says.",
     &InferOptions::threshold, -1, 1},
};

std::string ids_text(const std::vector<int>& ids, char after_each) {
  std::string words;
  for (const int id : ids) words += text(id, after_each);
  return words;
}

}  // namespace

std::span<const Property<InferOptions>> infer_properties() { return rows; }

void InferSettings::set(const std::string& property, const std::string& value) {
  if (property == "config-file-path") return read(value);
  overrides_.push_back({property, value});
  config::apply_override(config_, overrides_.back());
}

void InferSettings::read(const std::string& path) {
  config::Warnings warnings;
  error_.reset();
  try {
    config_ = config::read_infer_config(path, &warnings, {.set_before = overrides_});
  } catch (const Error& error) {
    error_ = error;
  }
  for (const auto& warning : warnings) log(LogLevel::warning, warning);
}

void InferSettings::show(InferOptions& options) const {
  if (config_.gie_unique_id != 0) options.unique_id = config_.gie_unique_id;
  options.process_mode = static_cast<int>(config_.process_mode);
  options.batch_size = config_.batch_size;
  options.interval = config_.interval;
  options.infer_on_gie_id = config_.operate_on_gie_id;
  options.infer_on_class_ids = ids_text(config_.operate_on_class_ids, ':');
  auto filtered = config_.filter_out_class_ids;
  std::ranges::sort(filtered);
  options.filter_out_class_ids = ids_text(filtered, ';');
  options.model_engine_file = config_.model_engine_file.string();
  options.gpu_id = config_.gpu_id;
  options.output_tensor_meta = config_.output_tensor_meta;
  options.output_instance_mask = config_.output_instance_mask;
  options.input_tensor_meta = config_.input_tensor_from_meta;
  options.crop_objects_to_roi_boundary = config_.crop_objects_to_roi_boundary;
  options.raw_output_file_write = config_.raw_output_file_write;
  options.strongly_typed = config_.strongly_typed;
  options.dynamic_properties = config_.dynamic_properties;
}

bool is_elements_own(std::string_view property) {
  return property == threshold_name || property == "clip-object-outside-roi" ||
         property.starts_with("raw-output-generated");
}

void apply_threshold(InferConfig& config, double threshold) {
  if (threshold < 0) return;
  config.classifier_threshold = static_cast<float>(threshold);
  for (auto& attributes : config.class_attributes) attributes.pre_cluster_threshold = static_cast<float>(threshold);
}

}  // namespace es::gst
