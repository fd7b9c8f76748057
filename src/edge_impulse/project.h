// SPDX-License-Identifier: Apache-2.0
//
// What an Edge Impulse export says about its model, and where it says so.
//
// Nothing here is guessed: a fact that the export does not state stays unknown, and whoever needs it decides (and
// says) what to assume. Every known fact names the macro, field or file it was read from, so that a report and the
// comments of a generated file can name it too.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace es::edge_impulse {

// One fact and its witness. `source` reads "EI_CLASSIFIER_INPUT_WIDTH (model_metadata.h)".
template <typename T>
struct Fact {
  std::optional<T> value;
  std::string source;

  Fact() = default;
  Fact(T known, std::string said_by) : value(std::move(known)), source(std::move(said_by)) {}

  explicit operator bool() const { return value.has_value(); }
  const T& operator*() const { return *value; }
  const T* operator->() const { return &*value; }
  T value_or(T other) const { return value.value_or(std::move(other)); }
};

// How a picture is brought to the size of the network. fit_shortest crops the longer side; fit_longest adds black bars.
enum class ResizeMode { none = 0, fit_shortest = 1, fit_longest = 2, squash = 3 };

// What happens to a byte of a pixel before the network sees it.
enum class ImageScaling {
  zero_to_one = 0,      // v / 255
  zero_to_255 = 1,      // v
  torch = 2,            // (v / 255 - mean) / deviation per channel, ImageNet's
  minus1_to_1 = 3,      // v / 127.5 - 1
  minus128_to_127 = 4,  // v - 128
  bgr_minus_mean = 5,   // channels B, G, R; v - (103.939, 116.779, 123.68)
};

enum class ColorMode { rgb, grayscale };

// What the output tensors mean.
enum class Head {
  unknown,
  classification,
  regression,
  fomo,
  ssd,
  yolov5,        // coordinates 0..1 in TFLite, network pixels in ONNX
  yolov5_drpai,  // YOLOv5 of release 5: coordinates in network pixels
  yolox,
  yolox_detect,  // YOLOX with its detect layer: rows of box, score, label
  yolov7,
  yolov2,
  yolo_pro,
  yolov11,
  yolov11_absolute,  // YOLOv11 with coordinates in network pixels
  tao_retinanet,
  tao_ssd,
  tao_yolov3,
  tao_yolov4,
  paddleocr,
  qualcomm_face,
  qualcomm_yolox,
  anomaly_gmm,
  anomaly_kmeans,
  anomaly_custom,
  visual_anomaly,
  freeform,
};

// EI_CLASSIFIER_INFERENCING_ENGINE. A number that is not listed here is kept as it stands.
enum class Engine {
  utensor = 1,
  tflite = 2,
  cube_ai = 3,
  tflite_full = 4,
  tensaiflow = 5,
  tensorrt = 6,
  drpai = 7,
  tflite_tidl = 8,
  akida = 9,
  syntiant = 10,
  onnx_tidl = 11,
  memryx = 12,
  ethos_linux = 13,
  aton = 14,
  ceva = 15,
  nordic_axon = 16,
  vlm_connector = 17,
  none = 255,
};

enum class Sensor {
  unknown = -1,
  microphone = 1,
  accelerometer = 2,
  camera = 3,
  nine_axis = 4,
  environmental = 5,
  fusion = 6,
};

// The configuration of one processing block: its fields as the export writes them.
struct BlockParameters {
  std::string function;                                         // "extract_mfcc_features"
  std::string source;                                           // "ei_dsp_config_5 (model_variables.h)"
  std::vector<std::pair<std::string, std::string>> parameters;  // name and value: a number, a word or a text
};

// Element types are named as TFLite names them ("float32", "int8", "uint8"). Strings come from the export as they are:
// whoever writes them into a file or a terminal makes them harmless first.
struct Project {
  // Identity.
  Fact<std::string> name, owner, impulse_name;
  Fact<int64_t> id, deploy_version, impulse_id;
  Fact<std::string> studio_version;  // "1.60.1"; exports before November 2023 do not say

  // What the network is fed with. Sizes in pixels; 0 where the model is not about pictures.
  Fact<Sensor> sensor;
  Fact<std::string> fusion_axes;  // "image", "audio", "accX + accY + accZ"
  Fact<int64_t> input_width, input_height, input_frames;
  Fact<int64_t> input_features;  // numbers in one input of the network: width * height * channels * frames
  Fact<ColorMode> color;
  Fact<ResizeMode> resize_mode;
  Fact<ImageScaling> image_scaling;
  Fact<std::vector<std::string>> dsp_functions;  // "extract_image_features"; one per processing block
  std::vector<BlockParameters> dsp_parameters;   // of those blocks that have a configuration

  // What the network answers.
  Fact<std::vector<std::string>> labels;  // in the order of the outputs; never sorted
  Fact<int64_t> label_count, output_count;
  Fact<Head> head;
  Fact<double> threshold;                                    // a score below it is not reported
  Fact<double> nms_iou_threshold, nms_score_threshold;       // of the SDK's own clustering
  Fact<int64_t> object_detection_count;                      // result slots kept at least; not a limit
  Fact<int64_t> heat_map_width, heat_map_height;             // FOMO and visual anomaly, in cells
  Fact<int64_t> boxes_output, labels_output, scores_output;  // SSD: index among the graph's outputs
  Fact<bool> object_tracking, calibration;

  // How the export was built.
  Fact<Engine> engine;
  Fact<bool> compiled, quantized;
  Fact<std::string> input_dtype, output_dtype;
  Fact<std::vector<std::string>> learning_functions;  // "run_nn_inference"; one per learning block

  // True where every processing block hands pixels to the network, or no block is known and nothing speaks against it.
  bool is_about_images() const;
};

int channels_of(ColorMode color);

// The words used in reports and on the command line: "fit-shortest", "0..1", "grayscale", "fomo", "tflite", "camera".
std::string word_for(ResizeMode mode);
std::string word_for(ImageScaling scaling);
std::string word_for(ColorMode color);
std::string word_for(Head head);
std::string word_for(Engine engine);
std::string word_for(Sensor sensor);

// The opposite of word_for; nothing where no value has that word.
std::optional<ResizeMode> resize_mode_from(std::string_view word);
std::optional<ImageScaling> image_scaling_from(std::string_view word);
std::optional<ColorMode> color_mode_from(std::string_view word);
std::optional<Head> head_from(std::string_view word);

// A known fact as three words, for inspection and reports.
struct FactLine {
  std::string name;  // the field's name, with blanks: "input width"
  std::string value;
  std::string source;
};

// The known facts in the order of the struct.
std::vector<FactLine> fact_lines(const Project& project);

}  // namespace es::edge_impulse
