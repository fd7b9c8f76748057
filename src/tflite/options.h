// SPDX-License-Identifier: Apache-2.0
//
// The parameters of an operator: plain structs with the schema's names and defaults, for the tables that a converter
// has a use for. Numbers are as the file has them; whoever uses one checks it (a stride may be 0 or negative).
//
// A file may leave out a table whose fields would all be defaults. The structs' own defaults say what that means.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

#include "tflite/types.h"

namespace es::tflite {

struct Conv2DOptions {
  Padding padding = Padding::same;
  int stride_w = 0, stride_h = 0;
  ActivationFunctionType fused_activation_function = ActivationFunctionType::none;
  int dilation_w_factor = 1, dilation_h_factor = 1;
};

struct DepthwiseConv2DOptions {
  Padding padding = Padding::same;
  int stride_w = 0, stride_h = 0;
  int depth_multiplier = 0;  // redundant and wrong in some files: the weight's shape says it
  ActivationFunctionType fused_activation_function = ActivationFunctionType::none;
  int dilation_w_factor = 1, dilation_h_factor = 1;
};

struct TransposeConvOptions {
  Padding padding = Padding::same;
  int stride_w = 0, stride_h = 0;
  ActivationFunctionType fused_activation_function = ActivationFunctionType::none;
};

struct Conv3DOptions {
  Padding padding = Padding::same;
  int stride_d = 0, stride_w = 0, stride_h = 0;
  ActivationFunctionType fused_activation_function = ActivationFunctionType::none;
  int dilation_d_factor = 1, dilation_w_factor = 1, dilation_h_factor = 1;
};

struct Pool2DOptions {
  Padding padding = Padding::same;
  int stride_w = 0, stride_h = 0;
  int filter_width = 0, filter_height = 0;
  ActivationFunctionType fused_activation_function = ActivationFunctionType::none;
};

struct FullyConnectedOptions {
  ActivationFunctionType fused_activation_function = ActivationFunctionType::none;
  FullyConnectedWeightsFormat weights_format = FullyConnectedWeightsFormat::default_format;
  bool keep_num_dims = false;
};

struct BatchMatMulOptions {
  bool adj_x = false, adj_y = false;
};

// AddOptions, SubOptions, MulOptions, DivOptions, L2NormOptions: what they share is all that float arithmetic needs.
struct ArithmeticOptions {
  ActivationFunctionType fused_activation_function = ActivationFunctionType::none;
};

struct ConcatenationOptions {
  int axis = 0;
  ActivationFunctionType fused_activation_function = ActivationFunctionType::none;
};

// The schema's default for beta is 0, which a file without the table does not mean.
struct SoftmaxOptions {
  float beta = 1;
};

struct LeakyReluOptions {
  float alpha = 0;
};

struct GeluOptions {
  bool approximate = false;
};

struct LocalResponseNormalizationOptions {
  int radius = 0;
  float bias = 0, alpha = 0, beta = 0;
};

// ResizeBilinearOptions and ResizeNearestNeighborOptions.
struct ResizeOptions {
  bool align_corners = false, half_pixel_centers = false;
};

// Views into the file stay good as long as its bytes.
struct ReshapeOptions {
  std::span<const int32_t> new_shape;
  bool has_new_shape = false;
};

struct SqueezeOptions {
  std::span<const int32_t> squeeze_dims;
};

struct ReducerOptions {
  bool keep_dims = false;
};

struct StridedSliceOptions {
  int begin_mask = 0, end_mask = 0, ellipsis_mask = 0, new_axis_mask = 0, shrink_axis_mask = 0;
  bool offset = false;
};

struct GatherOptions {
  int axis = 0;
  int batch_dims = 0;
};

// SplitOptions and SplitVOptions.
struct SplitOptions {
  int num_splits = 0;
};

struct PackOptions {
  int values_count = 0;
  int axis = 0;
};

struct UnpackOptions {
  int num = 0;
  int axis = 0;
};

struct CastOptions {
  TensorType in_data_type = TensorType::float32, out_data_type = TensorType::float32;
};

// ArgMaxOptions, ArgMinOptions and ShapeOptions: the type of the integers that come out.
struct OutputTypeOptions {
  TensorType output_type = TensorType::float32;
};

struct MirrorPadOptions {
  MirrorPadMode mode = MirrorPadMode::reflect;
};

// SpaceToDepthOptions and DepthToSpaceOptions.
struct BlockOptions {
  int block_size = 0;
};

struct CumsumOptions {
  bool exclusive = false, reverse = false;
};

struct OneHotOptions {
  int axis = 0;
};

struct ReverseSequenceOptions {
  int seq_dim = 0, batch_dim = 0;
};

struct FakeQuantOptions {
  float min = 0, max = 0;
  int num_bits = 0;
  bool narrow_range = false;
};

struct BucketizeOptions {
  std::span<const float> boundaries;
};

// Of the custom operator TFLite_Detection_PostProcess, from its FlexBuffer.
struct DetectionPostProcessOptions {
  float y_scale = 0, x_scale = 0, h_scale = 0, w_scale = 0;
  int num_classes = 0;  // without the background
  int max_detections = 0, max_classes_per_detection = 0;
  int detections_per_class = 100;
  float nms_score_threshold = 0, nms_iou_threshold = 0;
  bool use_regular_nms = false;
};

// A table that nothing here has a struct for; its name is for messages.
struct OtherOptions {
  std::string_view table;
};

// monostate: the file has no table, or one without fields.
using Options =
    std::variant<std::monostate, Conv2DOptions, DepthwiseConv2DOptions, TransposeConvOptions, Conv3DOptions,
                 Pool2DOptions, FullyConnectedOptions, BatchMatMulOptions, ArithmeticOptions, ConcatenationOptions,
                 SoftmaxOptions, LeakyReluOptions, GeluOptions, LocalResponseNormalizationOptions, ResizeOptions,
                 ReshapeOptions, SqueezeOptions, ReducerOptions, StridedSliceOptions, GatherOptions, SplitOptions,
                 PackOptions, UnpackOptions, CastOptions, OutputTypeOptions, MirrorPadOptions, BlockOptions,
                 CumsumOptions, OneHotOptions, ReverseSequenceOptions, FakeQuantOptions, BucketizeOptions,
                 DetectionPostProcessOptions, OtherOptions>;

}  // namespace es::tflite
