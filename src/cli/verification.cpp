// SPDX-License-Identifier: Apache-2.0
#include "cli/verification.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
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

namespace {

using edge_impulse::Head;

// Cells of the whole picture -> those of the centre. The output is [1, C, h, w].
void cut_cells(const Placement& placement, reference::Array& output) {
  const auto& crop = *placement.crop;
  if (output.shape.size() != 4 || output.shape[2] <= 0 || output.shape[3] <= 0) return;
  const int64_t cell_h = placement.height / output.shape[2], cell_w = placement.width / output.shape[3];
  if (cell_h <= 0 || cell_w <= 0) return;
  reference::Array cut{.type = output.type, .shape = output.shape, .values = {}};
  cut.shape[2] = crop.height / cell_h;
  cut.shape[3] = crop.width / cell_w;
  reference::for_each(cut.shape, [&](const Index& index) {
    const Index from{index[0], index[1], index[2] + crop.top / cell_h, index[3] + crop.left / cell_w};
    cut.values.push_back(reference::at(output, from));
  });
  output = std::move(cut);
}

// Coordinates of the whole picture -> those of the centre, in the order that `order` says ('x', 'y': places; 'w', 'h':
// sizes), along the last axis or, where the numbers come first, along axis 1.
void move_back(const Placement& placement, std::string_view order, bool normalized, size_t axis,
               reference::Array& output) {
  const auto& crop = *placement.crop;
  size_t i = 0;
  reference::for_each(output.shape, [&](const Index& index) {
    double& value = output.values[i++];
    const auto column = static_cast<size_t>(index[axis]);
    if (column >= order.size()) return;
    const bool across = order[column] == 'x' || order[column] == 'w',
               is_place = order[column] == 'x' || order[column] == 'y';
    const double whole = across ? placement.width : placement.height, part = across ? crop.width : crop.height;
    const double start = is_place ? (across ? crop.left : crop.top) : 0;
    value = normalized ? (value * whole - start) / part : value - start;
  });
}

void restore(const Placement& placement, const std::string& name, reference::Array& output) {
  const bool normalized = placement.parser.ends_with("Normalized");
  const size_t last = output.shape.empty() ? 0 : output.shape.size() - 1;
  switch (placement.head) {
    case Head::fomo:
      return cut_cells(placement, output);
    case Head::yolov5:
    case Head::yolov5_drpai:
      return move_back(placement, "xywh", normalized, last, output);
    case Head::yolov11:
    case Head::yolov11_absolute:
      return move_back(placement, "xywh", normalized, 1, output);
    case Head::yolo_pro:
      return move_back(placement, "xyxy", true, last, output);
    case Head::ssd:
      if (name == "detection_boxes") move_back(placement, "yxyx", true, last, output);
      return;
    default:
      return;
  }
}

// A number of a report, within what a picture can be.
int number_at(const nlohmann::json& json, const char* pointer) {
  const nlohmann::json::json_pointer place(pointer);
  constexpr int64_t most = 1 << 16;
  if (!json.contains(place) || !json[place].is_number_integer()) return 0;
  const auto value = json[place].get<int64_t>();
  return value < 0 || value > most ? 0 : static_cast<int>(value);
}

std::string word_at(const nlohmann::json& json, const char* pointer) {
  const nlohmann::json::json_pointer place(pointer);
  return json.contains(place) && json[place].is_string() ? json[place].get<std::string>() : std::string();
}

}  // namespace

Placement placement_of(const convert::Recipe& recipe) {
  return {.scaling = recipe.scaling.value,
          .head = recipe.head.value,
          .parser = recipe.parser_name,
          .width = recipe.width,
          .height = recipe.height,
          .crop = recipe.crop};
}

Placement placement_beside(const std::filesystem::path& network) {
  const auto path = network.parent_path() / "report.json";
  std::error_code ignored;
  Placement placement;
  if (!std::filesystem::is_regular_file(path, ignored)) return placement;
  const auto json = nlohmann::json::parse(read_text_file(path, 16 << 20), nullptr, false);
  if (json.is_discarded()) return placement;
  placement.scaling =
      edge_impulse::image_scaling_from(word_at(json, "/recipe/scaling/value")).value_or(placement.scaling);
  placement.head = edge_impulse::head_from(word_at(json, "/recipe/head/value")).value_or(placement.head);
  placement.parser = word_at(json, "/recipe/parser");
  placement.width = number_at(json, "/model/input/width");
  placement.height = number_at(json, "/model/input/height");
  if (json.contains(nlohmann::json::json_pointer("/recipe/crop"))) {
    placement.crop = convert::Crop{.left = number_at(json, "/recipe/crop/left"),
                                   .top = number_at(json, "/recipe/crop/top"),
                                   .width = number_at(json, "/recipe/crop/width"),
                                   .height = number_at(json, "/recipe/crop/height"),
                                   .aspect = {}};
    if (placement.crop->width == 0 || placement.crop->height == 0) placement.crop.reset();
  }
  return placement;
}

verify::Report prove(const edge_impulse::Import& import, const Placement& placement, BytesView onnx,
                     const std::string& name, verify::Options options, bool integers) {
  const auto& model = import.model;
  const auto source = model.format == edge_impulse::ModelFormat::onnx
                          ? verify::onnx_source(model.bytes, model.found_in)
                          : verify::tflite_source(model.bytes, model.found_in, integers);
  const bool is_picture = source->input_shape().size() == 4;
  options.range = is_picture ? range_of(placement.scaling) : source->input_range().value_or(verify::Range{-1, 1});
  if (placement.scaling == ImageScaling::torch) {
    options.pixels = [first = source->is_channels_first()](reference::Array& input) {
      apply_torch_scaling(input, first);
    };
  }
  if (placement.crop) {
    options.window = {placement.crop->left, placement.crop->top};
    options.restore = [&](const std::string& output, reference::Array& array) { restore(placement, output, array); };
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
