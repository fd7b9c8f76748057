// SPDX-License-Identifier: Apache-2.0
//
// One row per key, as Gst-nvinfer has them: first the keys that need a rule of their own, then the
// tables. The keys of class groups stand in class_table.cpp; how a row is used, in key_row.cpp.
#include "config/key_table.h"

#include <algorithm>
#include <array>

#include "config/source.h"

namespace es::config {
namespace {

using C = InferConfig;

constexpr int process_modes[] = {1, 2};
constexpr int network_types[] = {0, 1, 2, 3, 100};
constexpr int zero_to_one[] = {0, 1};
constexpr int zero_to_two[] = {0, 1, 2};
constexpr int zero_to_three[] = {0, 1, 2, 3};

// The VIC scaler (2) exists on Jetson alone.
#ifdef __aarch64__
constexpr int last_scaler = 2;
#else
constexpr int last_scaler = 1;
#endif

constexpr Range at_least_zero{.min = 0};
constexpr Range zero_or_one{.listed = zero_to_one};
constexpr Range zero_one_or_two{.listed = zero_to_two};

// nvinfer takes any number and would fill the memory; nobody has more classes.
constexpr Range class_count{.min = 0, .max = 65536};

bool set_gie_unique_id(C& config, const Key& key) {
  const int id = key.get<int>();
  if (id == 0) key.refuse("gie-unique-id is 0, a number above 0 is needed (Error: gie-unique-id (0) should be > 0)");
  config.gie_unique_id = static_cast<unsigned>(id);
  return true;
}

InferDims dims_from(const std::vector<int>& values, const Key& key) {
  for (size_t i = 0; i < 3; ++i) {
    if (values[i] < 0) key.refuse(key.name(), " has ", values[i], ", sizes of 0 or more are needed");
  }
  return {values[0], values[1], values[2]};
}

bool set_infer_dims(C& config, const Key& key) {
  const auto values = key.get<std::vector<int>>();
  if (values.size() != 3) {
    key.refuse("infer-dims has ", values.size(), " numbers, channels;height;width are needed (Error. 'infer-dims' ",
               "array length is ", values.size(), ". Should be 3 as [c;h;w] order.)");
  }
  config.infer_dims = dims_from(values, key);
  return true;
}

// input-dims and uff-input-dims: channels;height;width;order, where infer-dims is absent.
bool set_input_dims(C& config, const Key& key) {
  if (key.group_has("infer-dims")) {
    key.warn("'", key.name(), "' is ignored, 'infer-dims' is there (Warning: Ignoring '", key.name(), "')");
    return true;
  }
  key.warn("'", key.name(), "' is an old name; write 'infer-dims' (Warning: '", key.name(),
           "' parameter has been deprecated. Use 'infer-dims' instead.)");
  const auto values = key.get<std::vector<int>>();
  if (values.size() != 4) {
    key.refuse(key.name(), " has ", values.size(), " numbers, channels;height;width;order are needed");
  }
  if (values[3] < 0 || values[3] > 2) {
    key.refuse(key.name(), " ends in ", values[3], ", an order of 0 (NCHW), 1 (NHWC) or 2 (NC) is needed (Error. ",
               "Invalid value for '", key.name(), "', input order :'", values[3], "')");
  }
  config.infer_dims = dims_from(values, key);
  config.uff_input_order = static_cast<TensorOrder>(values[3]);
  return true;
}

bool set_is_classifier(C& config, const Key& key) {
  const bool is_classifier = key.get<bool>();
  if (key.group_has("network-type")) return false;
  config.network_type = is_classifier ? NetworkType::classifier : NetworkType::detector;
  return true;
}

bool set_enable_dbscan(C& config, const Key& key) {
  key.warn("'enable-dbscan' is an old name; write 'cluster-mode=1' (Warn: 'enable-dbscan' parameter has been ",
           "deprecated. Use 'cluster-mode' instead.)");
  const bool enable = key.get<bool>();
  if (key.group_has("cluster-mode")) {
    key.warn("'enable-dbscan' is ignored, 'cluster-mode' is there");
  } else if (enable) {
    config.cluster_mode = ClusterMode::dbscan;
  }
  return true;
}

// The file's entries are added to those that a property gave before.
bool add_filter_out_class_ids(C& config, const Key& key) {
  for (const int id : key.get<std::vector<int>>()) {
    if (id < 0) key.refuse("filter-out-class-ids has ", id, ", class ids of 0 or more are needed");
    config.filter_out_class_ids.push_back(id);
  }
  auto& ids = config.filter_out_class_ids;
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return true;
}

bool set_operate_on_class_ids(C& config, const Key& key) {
  const auto ids = key.get<std::vector<int>>();
  for (const int id : ids) {
    if (id < 0) key.refuse("operate-on-class-ids has ", id, ", class ids of 0 or more are needed");
  }
  config.operate_on_class_ids = ids;
  return true;
}

bool set_offsets(C& config, const Key& key) {
  const auto offsets = key.get<std::vector<double>>();
  if (offsets.size() > 4) {
    key.refuse("offsets has ", offsets.size(), " numbers, one per channel and at most 4 are needed (Error. Maximum  ",
               "length of 4 is allowed for 'offsets')");
  }
  config.offsets = offsets;
  return true;
}

// A whole number in INI, a fraction too in YAML; out of range it is put right with a warning.
bool set_max_gpu_mem_per(C& config, const Key& key) {
  const double percent = key.format() == Format::ini ? key.get<int>() : key.get<double>();
  const bool low = !(percent > 0);
  config.max_gpu_mem_per = low ? 99.0 : std::min(percent, 100.0);
  if (low || percent > 100) {
    key.warn("max-gpu-mem-per is ", percent, ", above 0 and up to 100 is needed; ", config.max_gpu_mem_per,
             " is taken");
  }
  return true;
}

bool set_op_tensor_files(C& config, const Key& key) {
  config.op_tensor_files.clear();
  for (const auto& file : key.get<std::vector<std::string>>()) {
    config.op_tensor_files.push_back(key.resolve(file, "output Tensor file"));
  }
  return true;
}

// A cluster mode below 0 has a sentence of its own in nvinfer.
bool set_cluster_mode(C& config, const Key& key) {
  const int mode = key.get<int>();
  if (mode < 0) {
    key.refuse("cluster-mode is ", mode, ", one of 0, 1, 2, 3, 4 is needed (Error: Negative value specified for ",
               "cluster-mode(", mode, "))");
  }
  if (mode > 4) {
    key.refuse("cluster-mode is ", mode, ", one of 0, 1, 2, 3, 4 is needed (Error. Invalid value for ",
               "'cluster-mode':'", mode, "')");
  }
  config.cluster_mode = static_cast<ClusterMode>(mode);
  return true;
}

bool set_scaling_compute_hw(C& config, const Key& key) {
  const int scaler = key.get<int>();
  if (scaler < 0 || scaler > last_scaler) {
    key.refuse("scaling-compute-hw is ", scaler, ", 0 to ", last_scaler, " is needed on this machine (Error. Invalid ",
               "value for 'scaling-compute-hw':'", scaler, "')");
  }
  config.scaling_compute_hw = scaler;
  return true;
}

constexpr std::string_view negative = "Error: Negative value specified for {key}({value})";
constexpr std::string_view not_one_of = "Error. Invalid value for '{key}':'{value}'";

constexpr PropertyRow identity_rows[] = {
    {.name = "gie-unique-id",
     .field = &C::gie_unique_id,
     .handler = set_gie_unique_id,
     .property = "unique-id",
     .meaning = "Identifier of this instance, above 0; it becomes unique_component_id of what is attached. Needed "
                "unless the property is set."},
    {.name = "process-mode",
     .field = &C::process_mode,
     .range = {.listed = process_modes},
     .nvinfer_words = "Error: Invalid value for process-mode ({value})",
     .property = "process-mode",
     .meaning = "1 primary: whole frames; 2 secondary: objects found before."},
    {.name = "network-type",
     .field = &C::network_type,
     .range = {.listed = network_types},
     .nvinfer_words = not_one_of,
     .meaning = "0 detector, 1 classifier, 2 semantic segmentation, 3 instance segmentation, 100 other: tensors only."},
    {.name = "batch-size",
     .field = &C::batch_size,
     .range = {.min = 1, .max = 1024},
     .nvinfer_words = "Error: batch-size({value}) should be in the range [1,1024]",
     .property = "batch-size",
     .meaning = "The most frames or objects of one inference."},
    {.name = "interval",
     .field = &C::interval,
     .range = at_least_zero,
     .nvinfer_words = "Error: Negative value ({value}) specified for interval",
     .property = "interval",
     .meaning = "Batches passed by between two inferences (primary mode)."},
    {.name = "gpu-id", .field = &C::gpu_id, .traits = Traits::no_effect, .property = "gpu-id", .meaning = "The GPU."},
    {.name = "stabilize-buffer-count",
     .field = &C::stabilize_buffer_count,
     .range = at_least_zero,
     .traits = Traits::no_effect,
     .nvinfer_words = negative,
     .meaning = "Buffers that nvinfer throws away at the start; here they are passed on."},
    {.name = "secondary-reinfer-interval",
     .field = &C::secondary_reinfer_interval,
     .meaning = "Frames after which a tracked object is inferred again (secondary mode)."},
    {.name = "operate-on-gie-id",
     .field = &C::operate_on_gie_id,
     .property = "infer-on-gie-id",
     .meaning = "Only objects found by the instance of this id; below 0: any (secondary mode)."},
    {.name = "operate-on-class-ids",
     .field = &C::operate_on_class_ids,
     .handler = set_operate_on_class_ids,
     .property = "infer-on-class-ids",
     .type = "list of int",
     .meaning = "Only objects of these classes; empty: all (secondary mode)."},
    {.name = "filter-out-class-ids",
     .field = &C::filter_out_class_ids,
     .handler = add_filter_out_class_ids,
     .property = "filter-out-class-ids",
     .type = "list of int",
     .meaning = "Detections of these classes are not attached."},
    {.name = "input-object-min-width",
     .field = &C::input_object_min_width,
     .range = at_least_zero,
     .nvinfer_words = negative,
     .meaning = "Objects narrower than this are passed by; pixels (secondary mode)."},
    {.name = "input-object-min-height",
     .field = &C::input_object_min_height,
     .range = at_least_zero,
     .nvinfer_words = negative,
     .meaning = "Objects lower than this are passed by; pixels (secondary mode)."},
    {.name = "input-object-max-width",
     .field = &C::input_object_max_width,
     .range = at_least_zero,
     .nvinfer_words = negative,
     .meaning = "Objects wider than this are passed by; pixels, 0: no limit."},
    {.name = "input-object-max-height",
     .field = &C::input_object_max_height,
     .range = at_least_zero,
     .nvinfer_words = negative,
     .meaning = "Objects higher than this are passed by; pixels, 0: no limit."},
    {.name = "classifier-async-mode",
     .field = &C::classifier_async_mode,
     .traits = Traits::one_way,
     .meaning = "Buffers do not wait for the classifier (secondary mode, tracked objects)."},
    {.name = "classifier-type",
     .field = &C::classifier_type,
     .meaning = "Copied to classifier_type of the classifier's metadata."},
    {.name = "output-tensor-meta",
     .field = &C::output_tensor_meta,
     .traits = Traits::one_way,
     .property = "output-tensor-meta",
     .meaning = "Attach the output tensors themselves."},
    {.name = "output-instance-mask",
     .field = &C::output_instance_mask,
     .traits = Traits::one_way,
     .property = "output-instance-mask",
     .meaning = "Attach the mask of each object; needs cluster-mode=4."},
    {.name = "input-tensor-from-meta",
     .field = &C::input_tensor_from_meta,
     .traits = Traits::one_way,
     .property = "input-tensor-meta",
     .meaning = "Take input tensors from metadata made upstream."},
    {.name = "raw-output-file-write",
     .field = &C::raw_output_file_write,
     .traits = Traits::one_way,
     .property = "raw-output-file-write",
     .meaning = "Write every output tensor to a file."},
    {.name = "crop-objects-to-roi-boundary",
     .field = &C::crop_objects_to_roi_boundary,
     .traits = Traits::one_way,
     .property = "crop-objects-to-roi-boundary",
     .meaning = "Cut boxes at the roi offsets and the frame's edge instead of dropping them."},
    {.name = "disable-output-host-copy",
     .field = &C::disable_output_host_copy,
     .traits = Traits::as_int | Traits::no_effect,
     .meaning = "Parsers get device memory; here there is host memory alone."},
};

constexpr PropertyRow model_rows[] = {
    {.name = "onnx-file", .field = &C::onnx_file, .nvinfer_words = "ONNX file", .meaning = "The model."},
    {.name = "model-engine-file",
     .field = &C::model_engine_file,
     .nvinfer_words = "model engine file",
     .property = "model-engine-file",
     .meaning = "An engine built before; tried first."},
    {.name = "int8-calib-file",
     .field = &C::int8_calib_file,
     .traits = Traits::no_effect,
     .nvinfer_words = "INT8 calibration file",
     .meaning = "TensorRT's calibration table."},
    {.name = "network-mode",
     .field = &C::network_mode,
     .range = {.listed = zero_to_three},
     .nvinfer_words = not_one_of,
     .meaning = "0 FP32, 1 INT8, 2 FP16, 3 best. Part of the engine's name; the CPU computes in FP32."},
    {.name = "infer-dims",
     .field = &C::infer_dims,
     .handler = set_infer_dims,
     .type = "list of int",
     .meaning = "channels;height;width of the input, also for NHWC networks. Needed for a dynamic height or width."},
    {.name = "output-blob-names",
     .field = &C::output_blob_names,
     .meaning = "Outputs that the model must have; a missing one is a warning. Selects nothing."},
    {.name = "output-io-formats",
     .field = &C::output_io_formats,
     .traits = Traits::no_effect,
     .meaning = "layer:type:format for TensorRT."},
    {.name = "layer-device-precision",
     .field = &C::layer_device_precision,
     .traits = Traits::no_effect,
     .meaning = "layer:precision:device for TensorRT."},
    {.name = "workspace-size",
     .field = &C::workspace_size,
     .range = at_least_zero,
     .traits = Traits::no_effect,
     .nvinfer_words = negative,
     .meaning = "MiB for TensorRT's builder."},
    {.name = "force-implicit-batch-dim",
     .field = &C::force_implicit_batch_dim,
     .traits = Traits::one_way | Traits::no_effect,
     .meaning = "Without effect in DeepStream 9.1 too."},
    {.name = "enable-dla",
     .field = &C::enable_dla,
     .traits = Traits::one_way | Traits::no_effect,
     .meaning = "Use a DLA."},
    {.name = "use-dla-core", .field = &C::use_dla_core, .traits = Traits::no_effect, .meaning = "Which DLA."},
    {.name = "strongly-typed",
     .field = &C::strongly_typed,
     .traits = Traits::one_way | Traits::no_effect,
     .property = "strongly-typed",
     .meaning = "TensorRT keeps the types of the model."},
    {.name = "warmup-engine",
     .field = &C::warmup_engine,
     .traits = Traits::one_way,
     .meaning = "Run each batch size once at the start."},
    {.name = "dynamic-properties",
     .field = &C::dynamic_properties,
     .property = "dynamic-properties",
     .meaning =
         "name=value;name=value, which DeepStream stores and never looks at. Here edgestream-provider (cpu, cuda, "
         "tensorrt), edgestream-batch (items: a job per region; whole: real batches), edgestream-workers and "
         "edgestream-intra-op-threads are read; others are stored."},
    {.name = "custom-lib-path",
     .field = &C::custom_lib_path,
     .nvinfer_words = "custom library",
     .meaning = "Shared library with output parsers. Where it is absent and the parser is built in, the built-in one "
                "serves, with a warning."},
    {.name = "engine-create-func-name",
     .field = &C::engine_create_func_name,
     .traits = Traits::no_effect,
     .meaning = "Function of the library that builds a TensorRT engine."},
    {.name = "custom-network-config",
     .field = &C::custom_network_config,
     .traits = Traits::no_effect,
     .meaning = "Text for that function."},
    {.name = "tlt-encoded-model",
     .field = &C::tlt_encoded_model,
     .traits = Traits::no_effect,
     .nvinfer_words = "TLT encoded model file",
     .meaning = "Encrypted TAO model."},
    {.name = "tlt-model-key", .field = &C::tlt_model_key, .traits = Traits::no_effect, .meaning = "Its key."},
    {.name = "uff-input-blob-name",
     .field = &C::uff_input_blob_name,
     .traits = Traits::no_effect,
     .meaning = "For custom engine builders."},
    {.name = "uff-input-order",
     .field = &C::uff_input_order,
     .range = zero_one_or_two,
     .traits = Traits::no_effect,
     .nvinfer_words = "Error. Invalid value for '{key}', input order :'{value}'",
     .meaning = "For custom engine builders."},
    {.name = "model-file",
     .field = &C::model_file,
     .traits = Traits::no_effect,
     .nvinfer_words = "model file",
     .meaning = "Caffe; no builder exists any more."},
    {.name = "proto-file",
     .field = &C::proto_file,
     .traits = Traits::no_effect,
     .nvinfer_words = "prototxt file",
     .meaning = "Caffe; no builder exists any more."},
    {.name = "uff-file",
     .field = &C::uff_file,
     .traits = Traits::no_effect,
     .nvinfer_words = "UFF file",
     .meaning = "UFF; no builder exists any more."},
    {.name = "auto-inc-mem",
     .field = &C::auto_inc_mem,
     .traits = Traits::no_effect | Traits::as_int,
     .meaning = "Grow the pool of output buffers; here it always does."},
    {.name = "max-gpu-mem-per",
     .field = &C::max_gpu_mem_per,
     .handler = set_max_gpu_mem_per,
     .traits = Traits::no_effect,
     .meaning = "How far that pool may grow."},
    {.name = "tensor-meta-pool-size",
     .field = &C::tensor_meta_pool_size,
     .range = at_least_zero,
     .traits = Traits::no_effect,
     .nvinfer_words = negative,
     .meaning = "Size of that pool at the start."},
};

constexpr PropertyRow preprocessing_rows[] = {
    {.name = "net-scale-factor",
     .field = &C::net_scale_factor,
     .meaning = "The network sees net-scale-factor * (byte - offset). 0 or less: 1, and no offsets."},
    {.name = "offsets",
     .field = &C::offsets,
     .handler = set_offsets,
     .type = "list of double",
     .meaning = "What is subtracted from each channel, in the network's channel order; as many as channels, or none."},
    {.name = "mean-file",
     .field = &C::mean_file,
     .nvinfer_words = "mean image file",
     .meaning = "A PPM of the network's size that is subtracted instead."},
    {.name = "model-color-format",
     .field = &C::model_color_format,
     .range = zero_one_or_two,
     .nvinfer_words = not_one_of,
     .meaning = "0 RGB, 1 BGR, 2 GRAY."},
    {.name = "network-input-order",
     .field = &C::network_input_order,
     .range = zero_or_one,
     .nvinfer_words = "Error. Invalid value for '{key}', network input order :'{value}'",
     .meaning = "0 NCHW, 1 NHWC."},
    {.name = "maintain-aspect-ratio",
     .field = &C::maintain_aspect_ratio,
     .traits = Traits::one_way,
     .meaning = "Letterbox instead of stretching."},
    {.name = "symmetric-padding",
     .field = &C::symmetric_padding,
     .traits = Traits::one_way,
     .meaning = "With maintain-aspect-ratio: bars on both sides instead of right and below."},
    {.name = "scaling-filter",
     .field = &C::scaling_filter,
     .range = {.min = 0, .max = 6},
     .nvinfer_words = not_one_of,
     .meaning = "0 nearest, 1 bilinear, 2 to 5 finer ones, 6 default, which is nearest."},
    {.name = "scaling-compute-hw",
     .field = &C::scaling_compute_hw,
     .handler = set_scaling_compute_hw,
     .traits = Traits::no_effect,
     .meaning = "0 default, 1 GPU; on arm64 also 2 VIC."},
};

constexpr PropertyRow postprocessing_rows[] = {
    {.name = "labelfile-path",
     .field = &C::labelfile_path,
     .nvinfer_words = "labels file",
     .meaning = "Labels: one a line for a detector; for a classifier one line per output, separated by ';'."},
    {.name = "num-detected-classes",
     .field = &C::num_detected_classes,
     .range = class_count,
     .meaning = "Classes of a detector; objects of later classes are dropped."},
    {.name = "cluster-mode",
     .field = &C::cluster_mode,
     .handler = set_cluster_mode,
     .meaning = "0 group rectangles (replaced by NMS with IoU 0.5 and the best 20), 1 DBSCAN, 2 NMS, 3 DBSCAN then "
                "NMS, 4 none."},
    {.name = "parse-bbox-func-name",
     .field = &C::parse_bbox_func_name,
     .meaning = "The parser of a detector's outputs: a built-in name or a function of custom-lib-path."},
    {.name = "parse-bbox-instance-mask-func-name",
     .field = &C::parse_bbox_instance_mask_func_name,
     .meaning = "The parser of boxes and masks (network-type=3)."},
    {.name = "parse-classifier-func-name",
     .field = &C::parse_classifier_func_name,
     .meaning = "The parser of a classifier's outputs, from custom-lib-path."},
    {.name = "parse-segmentation-func-name",
     .field = &C::parse_segmentation_func_name,
     .meaning = "The parser of a segmentation network (network-type=2)."},
    {.name = "classifier-threshold",
     .field = &C::classifier_threshold,
     .range = at_least_zero,
     .nvinfer_words = negative,
     .meaning = "A class is reported when its probability is above this."},
    {.name = "segmentation-threshold",
     .field = &C::segmentation_threshold,
     .range = at_least_zero,
     .nvinfer_words = negative,
     .meaning = "The same for a pixel."},
    {.name = "segmentation-output-order",
     .field = &C::segmentation_output_order,
     .range = zero_or_one,
     .nvinfer_words = "Error. Invalid value for '{key}', segmentation output order :'{value}'",
     .meaning = "0 NCHW, 1 NHWC."},
};

constexpr PropertyRow diagnostics_rows[] = {
    {.name = "dump-input-tensor",
     .field = &C::dump_input_tensor,
     .traits = Traits::as_int,
     .meaning = "Append input tensors to a file."},
    {.name = "dump-output-tensor",
     .field = &C::dump_output_tensor,
     .traits = Traits::as_int,
     .meaning = "Append output tensors to files."},
    {.name = "overwrite-input-tensor",
     .field = &C::overwrite_input_tensor,
     .traits = Traits::as_int,
     .meaning = "Take input tensors from ip-tensor-file."},
    {.name = "ip-tensor-file",
     .field = &C::ip_tensor_file,
     .nvinfer_words = "Input Tensor file",
     .meaning = "Where from."},
    {.name = "overwrite-output-tensor",
     .field = &C::overwrite_output_tensor,
     .traits = Traits::as_int,
     .meaning = "Take output tensors from op-tensor-files."},
    {.name = "op-tensor-files",
     .field = &C::op_tensor_files,
     .handler = set_op_tensor_files,
     .type = "list of path",
     .meaning = "Where from."},
};

constexpr PropertyRow legacy_rows[] = {
    {.name = "is-classifier",
     .handler = set_is_classifier,
     .traits = Traits::legacy,
     .type = "bool",
     .meaning = "1: network-type=1, 0: network-type=0; only where network-type is absent."},
    {.name = "input-dims",
     .handler = set_input_dims,
     .traits = Traits::legacy,
     .type = "list of int",
     .meaning = "channels;height;width;order; only where infer-dims is absent."},
    {.name = "uff-input-dims",
     .handler = set_input_dims,
     .traits = Traits::legacy,
     .type = "list of int",
     .meaning = "As input-dims."},
    {.name = "enable-dbscan",
     .handler = set_enable_dbscan,
     .traits = Traits::legacy,
     .type = "bool",
     .meaning = "1: cluster-mode=1; only where cluster-mode is absent."},
};

constexpr PropertySection sections[] = {
    {"Identity, mode, batching", identity_rows}, {"Model and engine", model_rows},
    {"Preprocessing", preprocessing_rows},       {"Post-processing", postprocessing_rows},
    {"Diagnostics", diagnostics_rows},           {"Old names, in INI files only", legacy_rows},
};

}  // namespace

std::span<const PropertySection> property_sections() { return sections; }

}  // namespace es::config
