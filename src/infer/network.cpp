// SPDX-License-Identifier: Apache-2.0
#include "infer/network.h"

#include <algorithm>
#include <limits>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "preprocess/mean_image.h"

namespace es::infer {
namespace {

using config::InferConfig;
using config::ModelColorFormat;

TensorSpec layer_of(const TensorSpec& tensor, const Shape& shape) {
  return {tensor.name, layer_shape(shape), tensor.dtype};
}

void check_colors(const InferConfig& config, const NetworkSize& size, const std::string& model) {
  const bool gray = config.model_color_format == ModelColorFormat::gray;
  if (size.channels == (gray ? 1 : 3)) return;
  const std::string_view hint = config.network_input_order == config::TensorOrder::nhwc && !config.infer_dims.given()
                                    ? "an NHWC network needs infer-dims=channels;height;width"
                                    : (gray ? "set model-color-format=0 for a network of 3 channels"
                                            : "set model-color-format=2 for a network of 1 channel");
  fail(ErrorKind::mismatch, model, ": has ", size.channels, " input channels; ", hint,
       gray ? " [GRAY input format specified but network input channels is not 1.]"
            : " [RGB/BGR input format specified but network input channels is not 3]");
}

void set_means(preprocess::Spec& spec, const InferConfig& config, const NetworkSize& size, const std::string& model) {
  const bool scaled = config.net_scale_factor > 0;
  const auto channels = static_cast<size_t>(size.channels);
  if (scaled && !config.offsets.empty()) {
    require(config.offsets.size() == channels, ErrorKind::mismatch, model, ": has ", channels,
            " input channels, offsets=", join(config.offsets, ";"), " has ", config.offsets.size(),
            " [Preprocessor set scale and offsets failed.]");
  }
  spec.scale = scaled ? static_cast<float>(config.net_scale_factor) : 1.0f;
  if (!config.mean_file.empty()) {
    const std::string name = config.mean_file.string();
    Bytes file;
    try {
      file = read_file(config.mean_file);
    } catch (const Error& error) {
      throw Error(error.kind(), text(error.what(), " [Cannot access mean image file '", name, "']"));
    }
    spec.mean_image = preprocess::read_mean_image(file, name, size.width, size.height, size.channels);
  } else if (scaled) {
    for (size_t k = 0; k < config.offsets.size(); ++k) spec.mean[k] = static_cast<float>(config.offsets[k]);
  }
}

}  // namespace

Shape layer_shape(const Shape& shape) { return shape.rank() <= 1 ? Shape{1} : shape.without_batch(); }

Layers layers_of(const backend::Session& session, std::span<const backend::Profile> profiles) {
  Layers layers;
  const auto inputs = session.inputs();
  for (size_t i = 0; i < inputs.size(); ++i) {
    layers.inputs.push_back(layer_of(inputs[i], i < profiles.size() ? profiles[i].opt : inputs[i].shape));
  }
  for (const TensorSpec& output : session.outputs()) layers.outputs.push_back(layer_of(output, output.shape));
  return layers;
}

NetworkSize network_size(const Layers& layers, const InferConfig& config, const std::string& model) {
  const TensorSpec& image = layers.inputs[0];
  require(image.shape.rank() == 3, ErrorKind::mismatch, model, ": input '", printable(image.name), "' is ", image.shape,
          " without its batch, a picture of 3 dimensions is needed [Infer Context default input_layer is not a "
          "image[CHW]]");
  require(layers.inputs.size() == 1, ErrorKind::unsupported, model, ": has ", layers.inputs.size(),
          " inputs, networks with one are run here; build the other inputs into the model as constants");
  NetworkSize size{config.infer_dims.channels, config.infer_dims.height, config.infer_dims.width};
  if (!config.infer_dims.given()) {
    for (const int64_t dim : image.shape.dims()) {
      require(dim >= 1 && dim <= std::numeric_limits<int16_t>::max(), ErrorKind::mismatch, model, ": input '",
              printable(image.name), "' is ", image.shape, " without its batch, dimensions from 1 to ",
              std::numeric_limits<int16_t>::max(), " are needed");
    }
    size = {static_cast<int>(image.shape[0]), static_cast<int>(image.shape[1]), static_cast<int>(image.shape[2])};
  }
  return size;
}

preprocess::Spec preprocess_spec(const InferConfig& config, const NetworkSize& size, const std::string& model) {
  check_colors(config, size, model);
  preprocess::Spec spec{.width = size.width, .height = size.height};
  spec.color = config.model_color_format == ModelColorFormat::rgb   ? preprocess::ColorFormat::rgb
               : config.model_color_format == ModelColorFormat::bgr ? preprocess::ColorFormat::bgr
                                                                    : preprocess::ColorFormat::gray;
  spec.layout =
      config.network_input_order == config::TensorOrder::nhwc ? preprocess::Layout::nhwc : preprocess::Layout::nchw;
  spec.filter = preprocess::filter_of(config.scaling_filter);
  if (const auto note = preprocess::filter_note(config.scaling_filter); !note.empty()) log(LogLevel::info, note);
  spec.maintain_aspect_ratio = config.maintain_aspect_ratio;
  spec.symmetric_padding = config.symmetric_padding;
  set_means(spec, config, size, model);
  return spec;
}

}  // namespace es::infer
