// SPDX-License-Identifier: Apache-2.0
//
// The properties of nvinfer against its configuration file: who wins (nvinfer.md 2.2), and what reads back.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "config/read.h"
#include "gst/support/property.h"

namespace es::gst {

struct InferOptions {
  unsigned unique_id = 15;
  int process_mode = 1;
  std::string config_file_path;
  unsigned batch_size = 1;
  unsigned interval = 0;
  int infer_on_gie_id = -1;
  std::string infer_on_class_ids;
  std::string filter_out_class_ids;
  std::string model_engine_file;
  unsigned gpu_id = 0;
  bool raw_output_file_write = false;
  void* raw_output_generated_callback = nullptr;
  void* raw_output_generated_userdata = nullptr;
  bool output_tensor_meta = false;
  bool output_instance_mask = false;
  bool input_tensor_meta = false;
  bool clip_object_outside_roi = true;
  bool crop_objects_to_roi_boundary = false;
  bool strongly_typed = false;
  std::string dynamic_properties;
  double threshold = -1;
};

std::span<const Property<InferOptions>> infer_properties();

// The configuration as file and properties make it, in the order in which they were set.
class InferSettings {
 public:
  // A property was set; `value` is its value as the key's text. Throws usage where it is unfit. config-file-path reads
  // the file; a mistake in that is remembered (error()), since the element is to fail when it starts.
  void set(const std::string& property, const std::string& value);
  // What the properties read back: the file and the properties, whichever holds.
  void show(InferOptions& options) const;

  const config::InferConfig& config() const { return config_; }
  const std::optional<Error>& error() const { return error_; }

 private:
  void read(const std::string& path);

  config::InferConfig config_;
  std::vector<config::Override> overrides_;
  std::optional<Error> error_;
};

// Whether a property is the element's own, without a twin in the file.
bool is_elements_own(std::string_view property);

// The extension property `threshold`: below 0 nothing, else in place of every class's pre-cluster-threshold and of
// classifier-threshold.
void apply_threshold(config::InferConfig& config, double threshold);

}  // namespace es::gst
