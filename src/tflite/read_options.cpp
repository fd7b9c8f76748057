// SPDX-License-Identifier: Apache-2.0
#include "tflite/read_options.h"

#include <flatbuffers/flexbuffers.h>

#include "base/error.h"

namespace es::tflite {
namespace {

template <typename Ours, typename Schemas>
Ours checked(Schemas value, Schemas highest, std::string_view what) {
  require(value >= 0 && value <= highest, ErrorKind::malformed, "its ", what, " is ", static_cast<int>(value),
          ", the file format has 0 to ", static_cast<int>(highest));
  return static_cast<Ours>(value);
}

Padding padding(schema::Padding value) { return checked<Padding>(value, schema::Padding_MAX, "padding"); }

ActivationFunctionType activation(schema::ActivationFunctionType value) {
  return checked<ActivationFunctionType>(value, schema::ActivationFunctionType_MAX, "fused activation function");
}

TensorType tensor_type(schema::TensorType value) {
  return checked<TensorType>(value, schema::TensorType_MAX, "data type");
}

std::span<const int32_t> ints(const flatbuffers::Vector<int32_t>* vector) {
  if (vector == nullptr) return {};
  return {vector->data(), vector->size()};
}

Options read(const schema::Conv2DOptions& o) {
  return Conv2DOptions{padding(o.padding()),  o.stride_w(),
                       o.stride_h(),          activation(o.fused_activation_function()),
                       o.dilation_w_factor(), o.dilation_h_factor()};
}

Options read(const schema::DepthwiseConv2DOptions& o) {
  return DepthwiseConv2DOptions{padding(o.padding()),
                                o.stride_w(),
                                o.stride_h(),
                                o.depth_multiplier(),
                                activation(o.fused_activation_function()),
                                o.dilation_w_factor(),
                                o.dilation_h_factor()};
}

Options read(const schema::TransposeConvOptions& o) {
  return TransposeConvOptions{padding(o.padding()), o.stride_w(), o.stride_h(),
                              activation(o.fused_activation_function())};
}

Options read(const schema::Conv3DOptions& o) {
  return Conv3DOptions{padding(o.padding()),
                       o.stride_d(),
                       o.stride_w(),
                       o.stride_h(),
                       activation(o.fused_activation_function()),
                       o.dilation_d_factor(),
                       o.dilation_w_factor(),
                       o.dilation_h_factor()};
}

Options read(const schema::Pool2DOptions& o) {
  return Pool2DOptions{padding(o.padding()), o.stride_w(),      o.stride_h(),
                       o.filter_width(),     o.filter_height(), activation(o.fused_activation_function())};
}

Options read(const schema::FullyConnectedOptions& o) {
  return FullyConnectedOptions{
      activation(o.fused_activation_function()),
      checked<FullyConnectedWeightsFormat>(o.weights_format(), schema::FullyConnectedOptionsWeightsFormat_MAX,
                                           "weights format"),
      o.keep_num_dims()};
}

Options read(const schema::BatchMatMulOptions& o) { return BatchMatMulOptions{o.adj_x(), o.adj_y()}; }

template <typename Table>
Options read_arithmetic(const Table& o) {
  return ArithmeticOptions{activation(o.fused_activation_function())};
}
Options read(const schema::AddOptions& o) { return read_arithmetic(o); }
Options read(const schema::SubOptions& o) { return read_arithmetic(o); }
Options read(const schema::MulOptions& o) { return read_arithmetic(o); }
Options read(const schema::DivOptions& o) { return read_arithmetic(o); }
Options read(const schema::L2NormOptions& o) { return read_arithmetic(o); }

Options read(const schema::ConcatenationOptions& o) {
  return ConcatenationOptions{o.axis(), activation(o.fused_activation_function())};
}
Options read(const schema::SoftmaxOptions& o) { return SoftmaxOptions{o.beta()}; }
Options read(const schema::LeakyReluOptions& o) { return LeakyReluOptions{o.alpha()}; }
Options read(const schema::GeluOptions& o) { return GeluOptions{o.approximate()}; }
Options read(const schema::LocalResponseNormalizationOptions& o) {
  return LocalResponseNormalizationOptions{o.radius(), o.bias(), o.alpha(), o.beta()};
}
Options read(const schema::ResizeBilinearOptions& o) {
  return ResizeOptions{o.align_corners(), o.half_pixel_centers()};
}
Options read(const schema::ResizeNearestNeighborOptions& o) {
  return ResizeOptions{o.align_corners(), o.half_pixel_centers()};
}
Options read(const schema::ReshapeOptions& o) { return ReshapeOptions{ints(o.new_shape()), o.new_shape() != nullptr}; }
Options read(const schema::SqueezeOptions& o) { return SqueezeOptions{ints(o.squeeze_dims())}; }
Options read(const schema::ReducerOptions& o) { return ReducerOptions{o.keep_dims()}; }
Options read(const schema::StridedSliceOptions& o) {
  return StridedSliceOptions{o.begin_mask(),    o.end_mask(),         o.ellipsis_mask(),
                             o.new_axis_mask(), o.shrink_axis_mask(), o.offset()};
}
Options read(const schema::GatherOptions& o) { return GatherOptions{o.axis(), o.batch_dims()}; }
Options read(const schema::SplitOptions& o) { return SplitOptions{o.num_splits()}; }
Options read(const schema::SplitVOptions& o) { return SplitOptions{o.num_splits()}; }
Options read(const schema::PackOptions& o) { return PackOptions{o.values_count(), o.axis()}; }
Options read(const schema::UnpackOptions& o) { return UnpackOptions{o.num(), o.axis()}; }
Options read(const schema::CastOptions& o) {
  return CastOptions{tensor_type(o.in_data_type()), tensor_type(o.out_data_type())};
}
Options read(const schema::ArgMaxOptions& o) { return OutputTypeOptions{tensor_type(o.output_type())}; }
Options read(const schema::ArgMinOptions& o) { return OutputTypeOptions{tensor_type(o.output_type())}; }
Options read(const schema::ShapeOptions& o) { return OutputTypeOptions{tensor_type(o.out_type())}; }
Options read(const schema::MirrorPadOptions& o) {
  return MirrorPadOptions{checked<MirrorPadMode>(o.mode(), schema::MirrorPadMode_MAX, "mode")};
}
Options read(const schema::SpaceToDepthOptions& o) { return BlockOptions{o.block_size()}; }
Options read(const schema::DepthToSpaceOptions& o) { return BlockOptions{o.block_size()}; }
Options read(const schema::CumsumOptions& o) { return CumsumOptions{o.exclusive(), o.reverse()}; }
Options read(const schema::OneHotOptions& o) { return OneHotOptions{o.axis()}; }
Options read(const schema::ReverseSequenceOptions& o) { return ReverseSequenceOptions{o.seq_dim(), o.batch_dim()}; }
Options read(const schema::BucketizeOptions& o) {
  if (o.boundaries() == nullptr) return BucketizeOptions{};
  return BucketizeOptions{{o.boundaries()->data(), o.boundaries()->size()}};
}
Options read(const schema::FakeQuantOptions& o) {
  return FakeQuantOptions{o.min(), o.max(), o.num_bits(), o.narrow_range()};
}

// The row of one table: tried by the number in the file, so that the list below needs no order.
template <typename Table>
bool try_read(const schema::Operator& op, Options& options) {
  if (op.builtin_options_type() != schema::BuiltinOptionsTraits<Table>::enum_value) return false;
  options = read(*static_cast<const Table*>(op.builtin_options()));
  return true;
}

template <typename... Tables>
bool try_all(const schema::Operator& op, Options& options) {
  return (try_read<Tables>(op, options) || ...);
}

bool read_known_table(const schema::Operator& op, Options& options) {
  return try_all<
      schema::Conv2DOptions, schema::DepthwiseConv2DOptions, schema::TransposeConvOptions, schema::Conv3DOptions,
      schema::Pool2DOptions, schema::FullyConnectedOptions, schema::BatchMatMulOptions, schema::AddOptions,
      schema::SubOptions, schema::MulOptions, schema::DivOptions, schema::L2NormOptions, schema::ConcatenationOptions,
      schema::SoftmaxOptions, schema::LeakyReluOptions, schema::GeluOptions, schema::LocalResponseNormalizationOptions,
      schema::ResizeBilinearOptions, schema::ResizeNearestNeighborOptions, schema::ReshapeOptions,
      schema::SqueezeOptions, schema::ReducerOptions, schema::StridedSliceOptions, schema::GatherOptions,
      schema::SplitOptions, schema::SplitVOptions, schema::PackOptions, schema::UnpackOptions, schema::CastOptions,
      schema::ArgMaxOptions, schema::ArgMinOptions, schema::ShapeOptions, schema::MirrorPadOptions,
      schema::SpaceToDepthOptions, schema::DepthToSpaceOptions, schema::CumsumOptions, schema::OneHotOptions,
      schema::ReverseSequenceOptions, schema::FakeQuantOptions, schema::BucketizeOptions>(op, options);
}

// --- custom operators

class FlexMap {
 public:
  explicit FlexMap(BytesView bytes) {
    // The verifier wants the alignment that a file need not give.
    copy_.assign(bytes.begin(), bytes.end());
    require(copy_.size() >= 3 && flexbuffers::VerifyBuffer(copy_.data(), copy_.size(), &visited_), ErrorKind::malformed,
            "its options are no FlexBuffer");
    const auto root = flexbuffers::GetRoot(copy_.data(), copy_.size());
    require(root.IsMap(), ErrorKind::malformed, "its options are no map of names to values");
    map_ = root.AsMap();
  }

  bool has(const char* key) const { return !map_[key].IsNull(); }
  double number(const char* key) const {
    const auto value = map_[key];
    require(value.IsNumeric() || value.IsBool(), ErrorKind::malformed, "its options have no number '", key, "'");
    return value.AsDouble();
  }
  int integer(const char* key) const {
    const double value = number(key);
    require(value >= 0 && value <= 1e6, ErrorKind::malformed, "its option '", key, "' is ", value,
            ", 0 to a million are possible");
    return static_cast<int>(value);
  }

 private:
  Bytes copy_;
  std::vector<uint8_t> visited_;
  flexbuffers::Map map_ = flexbuffers::Map::EmptyMap();
};

Options read_detection(BytesView bytes) {
  const FlexMap map(bytes);
  DetectionPostProcessOptions o;
  o.y_scale = static_cast<float>(map.number("y_scale"));
  o.x_scale = static_cast<float>(map.number("x_scale"));
  o.h_scale = static_cast<float>(map.number("h_scale"));
  o.w_scale = static_cast<float>(map.number("w_scale"));
  o.num_classes = map.integer("num_classes");
  o.max_detections = map.integer("max_detections");
  o.max_classes_per_detection = map.integer("max_classes_per_detection");
  if (map.has("detections_per_class")) o.detections_per_class = map.integer("detections_per_class");
  o.nms_score_threshold = static_cast<float>(map.number("nms_score_threshold"));
  o.nms_iou_threshold = static_cast<float>(map.number("nms_iou_threshold"));
  if (map.has("use_regular_nms")) o.use_regular_nms = map.number("use_regular_nms") != 0;
  return o;
}

}  // namespace

Options read_custom_options(std::string_view custom_code, BytesView bytes) {
  if (custom_code == "TFLite_Detection_PostProcess") return read_detection(bytes);
  return {};
}

Options read_options(const schema::Operator& op) {
  Options options;
  if (op.builtin_options() != nullptr && !read_known_table(op, options)) {
    options = OtherOptions{schema::EnumNameBuiltinOptions(op.builtin_options_type())};
  }
  return options;
}

}  // namespace es::tflite
