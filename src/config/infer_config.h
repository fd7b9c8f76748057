// SPDX-License-Identifier: Apache-2.0
//
// What an nvinfer configuration file says, as one plain struct.
//
// Every field is the exact twin of a key (net_scale_factor is net-scale-factor; minBoxes alone became min_boxes), with
// the default that Gst-nvinfer uses where the key is absent. The meaning, type and range of each key stand in
// key_table.cpp, from which docs/config.md is made. read.h fills this struct and has checked every range; whoever holds
// an InferConfig need not check again.
#pragma once

#include <filesystem>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "vision/class_attributes.h"

namespace es::config {

using es::ClassAttributes;
using es::ClusterMode;
using es::Color;

enum class ProcessMode { primary = 1, secondary = 2 };

enum class NetworkType { detector = 0, classifier = 1, segmentation = 2, instance_segmentation = 3, other = 100 };

enum class NetworkMode { fp32 = 0, int8 = 1, fp16 = 2, best = 3 };

enum class ModelColorFormat { rgb = 0, bgr = 1, gray = 2 };

enum class TensorOrder { nchw = 0, nhwc = 1, nc = 2 };

// Channels, height, width of the network's input; in this order also for NHWC networks. All zero: not given.
struct InferDims {
  int channels = 0, height = 0, width = 0;
  bool given() const { return channels != 0 && height != 0 && width != 0; }
  bool operator==(const InferDims&) const = default;
};

// Where the values came from, for messages.
struct Origin {
  std::filesystem::path file;
  // Line of each key that the file gives, by {group, key}; groups that nvinfer does not read for this network type
  // are listed as well. Empty for YAML and for a struct filled by hand.
  std::map<std::pair<std::string, std::string>, int> lines;

  bool has(const std::string& group, const std::string& key) const { return lines.contains({group, key}); }
};

struct InferConfig {
  // Identity, mode, batching
  unsigned gie_unique_id = 0;  // 0: not given, an element refuses to start with it
  ProcessMode process_mode = ProcessMode::primary;
  NetworkType network_type = NetworkType::detector;
  unsigned batch_size = 1;  // 1..1024
  unsigned interval = 0;    // batches skipped between two inferences
  unsigned gpu_id = 0;
  unsigned stabilize_buffer_count = 0;
  int secondary_reinfer_interval = std::numeric_limits<int>::max();  // frames
  int operate_on_gie_id = -1;                                        // below 0: any
  std::vector<int> operate_on_class_ids;                             // empty: all
  std::vector<int> filter_out_class_ids;
  int input_object_min_width = 0;  // pixels of the frame
  int input_object_min_height = 0;
  int input_object_max_width = 0;  // 0: no limit
  int input_object_max_height = 0;
  bool classifier_async_mode = false;
  std::string classifier_type;  // empty: not given
  bool output_tensor_meta = false;
  bool output_instance_mask = false;
  bool input_tensor_from_meta = false;
  bool raw_output_file_write = false;
  bool crop_objects_to_roi_boundary = false;
  bool disable_output_host_copy = false;

  // Model and engine. Paths are resolved against the folder of the file; empty: not given.
  std::filesystem::path onnx_file;
  std::filesystem::path model_engine_file;
  std::filesystem::path int8_calib_file;
  NetworkMode network_mode = NetworkMode::fp32;
  InferDims infer_dims;
  std::vector<std::string> output_blob_names;
  std::vector<std::string> output_io_formats;
  std::vector<std::string> layer_device_precision;
  unsigned workspace_size = 0;  // MiB
  bool force_implicit_batch_dim = false;
  bool enable_dla = false;
  int use_dla_core = 0;
  bool strongly_typed = false;
  bool warmup_engine = false;
  std::string dynamic_properties;
  std::filesystem::path custom_lib_path;
  std::string engine_create_func_name;
  std::string custom_network_config;
  std::filesystem::path tlt_encoded_model;
  std::string tlt_model_key;
  std::string uff_input_blob_name;
  TensorOrder uff_input_order = TensorOrder::nchw;
  std::filesystem::path model_file;
  std::filesystem::path proto_file;
  std::filesystem::path uff_file;
  bool auto_inc_mem = true;
  double max_gpu_mem_per = 99.0;  // percent
  unsigned tensor_meta_pool_size = 2;

  // Preprocessing
  double net_scale_factor = 1.0;
  std::vector<double> offsets;  // one per channel, in the network's channel order; empty: none
  std::filesystem::path mean_file;
  ModelColorFormat model_color_format = ModelColorFormat::rgb;
  TensorOrder network_input_order = TensorOrder::nchw;
  bool maintain_aspect_ratio = false;
  bool symmetric_padding = false;
  int scaling_filter = 6;  // NvBufSurfTransform_Inter, 0..6
  int scaling_compute_hw = 0;

  // Post-processing
  std::filesystem::path labelfile_path;
  unsigned num_detected_classes = 0;
  ClusterMode cluster_mode = ClusterMode::group_rectangles;
  std::string parse_bbox_func_name;
  std::string parse_bbox_instance_mask_func_name;
  std::string parse_classifier_func_name;
  std::string parse_segmentation_func_name;
  float classifier_threshold = 0.0f;
  float segmentation_threshold = 0.0f;
  TensorOrder segmentation_output_order = TensorOrder::nchw;

  // Diagnostics
  bool dump_input_tensor = false;
  bool dump_output_tensor = false;
  bool overwrite_input_tensor = false;
  std::filesystem::path ip_tensor_file;
  bool overwrite_output_tensor = false;
  std::vector<std::filesystem::path> op_tensor_files;

  // [class-attrs-*] after inheritance, one per class (num_detected_classes of them) for detectors and instance
  // segmentation, empty for the other types.
  std::vector<ClassAttributes> class_attributes;

  Origin origin;
};

}  // namespace es::config
