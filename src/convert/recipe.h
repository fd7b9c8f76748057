// SPDX-License-Identifier: Apache-2.0
//
// Everything the deployment folder states, decided: one value each, with the constant, file or option it came from.
// choose.cpp fills it; the file writers only put it into words.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace es::convert {

// A value and where it came from, as the comment above its key says it: "EI_CLASSIFIER_INPUT_WIDTH in
// model_metadata.h", "--threshold", "a guess; --scaling overrides it".
template <typename T>
struct Known {
  T value{};
  std::string source;
};

enum class Head { classification, fomo, yolov5 };

// How Edge Impulse feeds a picture to the network (edge-impulse.md 3.1, 3.2).
enum class Geometry { squash, fit_longest, fit_shortest };
enum class Scaling { zero_to_one = 0, byte = 1, torch = 2, minus_one_to_one = 3, minus_128_to_127 = 4, bgr_mean = 5 };
enum class Pixels { rgb, grayscale };

// How a grayscale network gets its pixels: from the decoder's luma (model-color-format=2), or exactly as Edge Impulse
// computes them, by a 1x1 convolution put in front of the graph.
enum class GrayInput { exact, luma };

// Which filter nvinfer scales with. Area averaging is what training pipelines reduce with.
enum class Interpolation { area, bilinear };

struct Recipe {
  std::string name;          // of files; letters, digits, '-' and '_'
  std::string display_name;  // of the project, for people
  Known<Head> head;
  int width = 0, height = 0, channels = 0;  // of the written network's input
  Known<Pixels> pixels;
  Known<Scaling> scaling;
  Known<Geometry> geometry;
  GrayInput gray_input = GrayInput::exact;
  Interpolation interpolation = Interpolation::area;
  Known<std::vector<std::string>> labels;
  Known<float> threshold;
  Known<float> nms_iou_threshold;  // detectors that cluster
  std::string input_name, output_name;
  bool dynamic_batch = true;
  int primary_batch = 1, secondary_batch = 8;
};

// nvinfer's words for each head.
struct HeadFacts {
  const char* word;           // "FOMO", for people
  int network_type;           // 0 detector, 1 classifier
  int cluster_mode;           // detectors
  const char* parser_name;    // parse-bbox-func-name; empty for classifiers
  const char* parser_header;  // below heads/
};
const HeadFacts& facts_of(Head head);

}  // namespace es::convert
