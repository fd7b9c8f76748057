// SPDX-License-Identifier: Apache-2.0
//
// The words for the facts, each written once in a table that is read both ways.
#include "edge_impulse/project.h"

#include <algorithm>
#include <span>

#include "base/text.h"

namespace es::edge_impulse {
namespace {

template <typename Value>
struct Word {
  Value value;
  std::string_view word;
};

constexpr Word<ResizeMode> resize_words[] = {
    {ResizeMode::none, "none"},
    {ResizeMode::fit_shortest, "fit-shortest"},
    {ResizeMode::fit_longest, "fit-longest"},
    {ResizeMode::squash, "squash"},
};

constexpr Word<ImageScaling> scaling_words[] = {
    {ImageScaling::zero_to_one, "0..1"},
    {ImageScaling::zero_to_255, "0..255"},
    {ImageScaling::torch, "torch"},
    {ImageScaling::minus1_to_1, "-1..1"},
    {ImageScaling::minus128_to_127, "-128..127"},
    {ImageScaling::bgr_minus_mean, "bgr-minus-mean"},
};

constexpr Word<ColorMode> color_words[] = {{ColorMode::rgb, "rgb"}, {ColorMode::grayscale, "grayscale"}};

constexpr Word<Head> head_words[] = {
    {Head::unknown, "unknown"},
    {Head::classification, "classification"},
    {Head::regression, "regression"},
    {Head::fomo, "fomo"},
    {Head::ssd, "ssd"},
    {Head::yolov5, "yolov5"},
    {Head::yolov5_drpai, "yolov5-drpai"},
    {Head::yolox, "yolox"},
    {Head::yolox_detect, "yolox-detect"},
    {Head::yolov7, "yolov7"},
    {Head::yolov2, "yolov2"},
    {Head::yolo_pro, "yolo-pro"},
    {Head::yolov11, "yolov11"},
    {Head::yolov11_absolute, "yolov11-absolute"},
    {Head::tao_retinanet, "tao-retinanet"},
    {Head::tao_ssd, "tao-ssd"},
    {Head::tao_yolov3, "tao-yolov3"},
    {Head::tao_yolov4, "tao-yolov4"},
    {Head::paddleocr, "paddleocr"},
    {Head::qualcomm_face, "qualcomm-face"},
    {Head::qualcomm_yolox, "qualcomm-yolox"},
    {Head::anomaly_gmm, "anomaly-gmm"},
    {Head::anomaly_kmeans, "anomaly-kmeans"},
    {Head::anomaly_custom, "anomaly-custom"},
    {Head::visual_anomaly, "visual-anomaly"},
    {Head::freeform, "freeform"},
};

constexpr Word<Engine> engine_words[] = {
    {Engine::none, "none"},
    {Engine::utensor, "uTensor"},
    {Engine::tflite, "TensorFlow Lite"},
    {Engine::cube_ai, "Cube.AI"},
    {Engine::tflite_full, "full TensorFlow Lite"},
    {Engine::tensaiflow, "TensaiFlow"},
    {Engine::tensorrt, "TensorRT"},
    {Engine::drpai, "DRP-AI"},
    {Engine::tflite_tidl, "TensorFlow Lite TIDL"},
    {Engine::akida, "Akida"},
    {Engine::syntiant, "Syntiant"},
    {Engine::onnx_tidl, "ONNX TIDL"},
    {Engine::memryx, "MemryX"},
    {Engine::ethos_linux, "Ethos Linux"},
    {Engine::aton, "Aton"},
    {Engine::ceva, "CEVA"},
    {Engine::nordic_axon, "Nordic Axon"},
    {Engine::vlm_connector, "VLM connector"},
};

constexpr Word<Sensor> sensor_words[] = {
    {Sensor::unknown, "unknown"}, {Sensor::microphone, "microphone"}, {Sensor::accelerometer, "accelerometer"},
    {Sensor::camera, "camera"},   {Sensor::nine_axis, "9-axis"},      {Sensor::environmental, "environmental"},
    {Sensor::fusion, "fusion"},
};

template <typename Value>
std::string find_word(std::span<const Word<Value>> words, Value value) {
  for (const auto& row : words) {
    if (row.value == value) return std::string(row.word);
  }
  return text("number ", static_cast<int>(value));
}

template <typename Value>
std::optional<Value> find_value(std::span<const Word<Value>> words, std::string_view word) {
  for (const auto& row : words) {
    if (row.word == word) return row.value;
  }
  return std::nullopt;
}

std::string shown(const std::string& value) { return printable(value); }
std::string shown(int64_t value) { return text(value); }
std::string shown(double value) { return number_text(value); }
std::string shown(bool value) { return value ? "yes" : "no"; }
std::string shown(const std::vector<std::string>& value) { return printable(join(value, ", "), 400); }
template <typename Enum>
std::string shown(Enum value) {
  return word_for(value);
}

template <typename T>
void add_line(std::vector<FactLine>& lines, std::string_view name, const Fact<T>& fact) {
  if (fact) lines.push_back({std::string(name), shown(*fact), fact.source});
}

}  // namespace

std::string word_for(ResizeMode mode) { return find_word<ResizeMode>(resize_words, mode); }
std::string word_for(ImageScaling scaling) { return find_word<ImageScaling>(scaling_words, scaling); }
std::string word_for(ColorMode color) { return find_word<ColorMode>(color_words, color); }
std::string word_for(Head head) { return find_word<Head>(head_words, head); }
std::string word_for(Engine engine) { return find_word<Engine>(engine_words, engine); }
std::string word_for(Sensor sensor) { return find_word<Sensor>(sensor_words, sensor); }

std::optional<ResizeMode> resize_mode_from(std::string_view word) { return find_value<ResizeMode>(resize_words, word); }
std::optional<ImageScaling> image_scaling_from(std::string_view word) {
  return find_value<ImageScaling>(scaling_words, word);
}
std::optional<ColorMode> color_mode_from(std::string_view word) { return find_value<ColorMode>(color_words, word); }
std::optional<Head> head_from(std::string_view word) { return find_value<Head>(head_words, word); }

int channels_of(ColorMode color) { return color == ColorMode::rgb ? 3 : 1; }

bool Project::is_about_images() const {
  if (dsp_functions) {
    return std::ranges::all_of(*dsp_functions,
                               [](const auto& function) { return function == "extract_image_features"; });
  }
  if (sensor && *sensor != Sensor::unknown) return *sensor == Sensor::camera;
  return input_width.value_or(1) != 0;
}

std::vector<FactLine> fact_lines(const Project& p) {
  std::vector<FactLine> lines;
  add_line(lines, "project", p.name);
  add_line(lines, "owner", p.owner);
  add_line(lines, "project id", p.id);
  add_line(lines, "deploy version", p.deploy_version);
  add_line(lines, "impulse", p.impulse_name);
  add_line(lines, "impulse id", p.impulse_id);
  add_line(lines, "Studio version", p.studio_version);
  add_line(lines, "sensor", p.sensor);
  add_line(lines, "fusion axes", p.fusion_axes);
  add_line(lines, "processing blocks", p.dsp_functions);
  add_line(lines, "input width", p.input_width);
  add_line(lines, "input height", p.input_height);
  add_line(lines, "input frames", p.input_frames);
  add_line(lines, "input features", p.input_features);
  add_line(lines, "color", p.color);
  add_line(lines, "resize mode", p.resize_mode);
  add_line(lines, "image scaling", p.image_scaling);
  add_line(lines, "input type", p.input_dtype);
  add_line(lines, "learning blocks", p.learning_functions);
  add_line(lines, "head", p.head);
  add_line(lines, "labels", p.labels);
  add_line(lines, "label count", p.label_count);
  add_line(lines, "output count", p.output_count);
  add_line(lines, "output type", p.output_dtype);
  add_line(lines, "threshold", p.threshold);
  add_line(lines, "NMS IoU threshold", p.nms_iou_threshold);
  add_line(lines, "NMS score threshold", p.nms_score_threshold);
  add_line(lines, "object slots", p.object_detection_count);
  add_line(lines, "heat map width", p.heat_map_width);
  add_line(lines, "heat map height", p.heat_map_height);
  add_line(lines, "boxes output", p.boxes_output);
  add_line(lines, "labels output", p.labels_output);
  add_line(lines, "scores output", p.scores_output);
  add_line(lines, "object tracking", p.object_tracking);
  add_line(lines, "performance calibration", p.calibration);
  add_line(lines, "engine", p.engine);
  add_line(lines, "EON-compiled", p.compiled);
  add_line(lines, "quantized", p.quantized);
  return lines;
}

}  // namespace es::edge_impulse
