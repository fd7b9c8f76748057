// SPDX-License-Identifier: Apache-2.0
#include "cli/verification.h"

#include "base/error.h"
#include "cli/terminal.h"

namespace es::cli {
namespace {

using edge_impulse::ImageScaling;
using reference::Index;

// What nvinfer hands to the network, by its factor and offsets.
verify::Range range_of(ImageScaling scaling) {
  switch (scaling) {
    case ImageScaling::zero_to_255:
      return {0, 255};
    case ImageScaling::minus1_to_1:
      return {-1, 1};
    case ImageScaling::minus128_to_127:
      return {-128, 127};
    case ImageScaling::bgr_minus_mean:
      return {-116, 139};
    default:
      return {0, 1};
  }
}

// The statistics of ImageNet that stand in the graph, here applied to the source's input: channels last or first.
void apply_torch_scaling(reference::Array& input, bool channels_first) {
  constexpr double mean[] = {0.485, 0.456, 0.406}, deviation[] = {0.229, 0.224, 0.225};
  if (input.shape.size() != 4) return;
  size_t i = 0;
  reference::for_each(input.shape, [&](const Index& index) {
    const auto channel = static_cast<size_t>(index[channels_first ? 1 : 3]) % 3;
    input.values[i] = (input.values[i] - mean[channel]) / deviation[channel];
    ++i;
  });
}

}  // namespace

verify::Options short_proof() {
  verify::Options options;
  options.inputs = 3;
  options.batches = {3};
  return options;
}

verify::Report prove(const edge_impulse::Import& import, ImageScaling scaling, BytesView onnx, const std::string& name,
                     verify::Options options, bool integers) {
  const auto& model = import.model;
  const auto source = model.format == edge_impulse::ModelFormat::onnx
                          ? verify::onnx_source(model.bytes, model.found_in)
                          : verify::tflite_source(model.bytes, model.found_in, integers);
  const bool is_picture = source->input_shape().size() == 4;
  options.range = is_picture ? range_of(scaling) : source->input_range().value_or(verify::Range{-1, 1});
  if (scaling == ImageScaling::torch) {
    options.pixels = [first = source->is_channels_first()](reference::Array& input) {
      apply_torch_scaling(input, first);
    };
  }
  ProgressLine line;
  options.progress = [&](const std::string& step, double share) {
    line.show(text("verifying, ", step, ": ", static_cast<int>(share * 100), " %"));
  };
  auto report = verify::verify(*source, onnx, name, options);
  report.source = model.found_in;
  return report;
}

}  // namespace es::cli
