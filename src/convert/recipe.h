// SPDX-License-Identifier: Apache-2.0
//
// Everything the deployment folder states, decided: one value each, with the constant, file or option it came from.
// choose.cpp fills it; the file writers only put it into words.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "edge_impulse/project.h"

namespace es::convert {

using edge_impulse::ColorMode;
using edge_impulse::Head;
using edge_impulse::ImageScaling;
using edge_impulse::ResizeMode;

// A value and where it came from, as the comment above its key says it: "EI_CLASSIFIER_INPUT_WIDTH
// (model_metadata.h)", "--threshold", "a guess; --scaling overrides it".
template <typename T>
struct Known {
  T value{};
  std::string source;
};

// How a grayscale network gets its pixels: exactly as Edge Impulse computes them, by a 1x1 convolution put in front of
// the graph, or from the decoder's luma (model-color-format=2), which is near and costs nothing.
enum class GrayInput { exact, luma };

// Which filter nvinfer scales with. Area averaging is what training pipelines reduce with.
enum class Interpolation { area, bilinear };

// Of a picture: 16 to 9.
struct Aspect {
  int width = 0, height = 0;
};

// Where in a widened input the network's own lies (crop.h).
struct Crop {
  int left = 0, top = 0, width = 0, height = 0;
  Aspect aspect;
};

// Whose rule YOLOv5's scores follow: Edge Impulse's SDK takes the objectness alone and suppresses over all classes, the
// network's trainers (Ultralytics) take objectness times class probability and suppress by class.
enum class ScoreRule { sdk, ultralytics };

// Numbers that stand in the configuration of one processing block, for whoever computes features.
using edge_impulse::BlockParameters;

struct TensorDescription {
  std::string name;
  std::vector<std::string> dims;  // "batch", "3"
  std::string meaning;            // as far as it is known
};

struct Recipe {
  std::string name;          // of files; letters, digits, '-' and '_'
  std::string display_name;  // of the project, for people
  Known<Head> head;
  std::string parser_name;                  // parse-bbox-func-name; empty but for boxes
  bool is_picture = true;                   // else the network is fed with features that the caller computes
  int width = 0, height = 0, channels = 0;  // of the written network's input; 0 where it is no picture
  Known<ColorMode> color;
  Known<ImageScaling> scaling;
  Known<ResizeMode> resize;
  std::optional<Crop> crop;  // fit-shortest for pictures of one aspect ratio
  GrayInput gray_input = GrayInput::exact;
  Interpolation interpolation = Interpolation::area;
  Known<std::vector<std::string>> labels;
  Known<float> threshold;
  Known<float> nms_iou;  // where nvinfer suppresses
  ScoreRule score_rule = ScoreRule::sdk;
  std::string input_name;
  std::vector<std::string> output_names;
  std::vector<std::string> input_dims;     // "batch", "650"
  std::vector<TensorDescription> outputs;  // in the network's order
  bool dynamic_batch = true;
};

// What nvinfer makes of a network's answers. `tensors`: nothing, they are handed on (network-type=100).
enum class Answers { boxes, classes, tensors };

// What a head is called in nvinfer's words.
struct HeadFacts {
  Head head;
  const char* word;  // for people
  Answers answers;
  const char* parser_stem;        // heads/<stem>.h and heads/<stem>_parser.cpp; empty but for boxes
  const char* parser_name;        // parse-bbox-func-name, coordinates in pixels of the network's input
  const char* normalized_parser;  // the same for coordinates of 0..1; empty where the head has no such form
  bool is_joined;                 // the parser suppresses itself (cluster-mode 4); else nvinfer does, by class (2)
};
// Of a head that is not known, or whose decoding is not: its tensors.
const HeadFacts& facts_of(Head head);

}  // namespace es::convert
