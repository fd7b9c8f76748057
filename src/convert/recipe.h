// SPDX-License-Identifier: Apache-2.0
//
// Everything the deployment folder states, decided: one value each, with the constant, file or option it came from.
// choose.cpp fills it; the file writers only put it into words.
#pragma once

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

struct Recipe {
  std::string name;          // of files; letters, digits, '-' and '_'
  std::string display_name;  // of the project, for people
  Known<Head> head;
  std::string parser_name;                  // parse-bbox-func-name; empty for classifiers
  int width = 0, height = 0, channels = 0;  // of the written network's input
  Known<ColorMode> color;
  Known<ImageScaling> scaling;
  Known<ResizeMode> resize;
  GrayInput gray_input = GrayInput::exact;
  Interpolation interpolation = Interpolation::area;
  Known<std::vector<std::string>> labels;
  Known<float> threshold;
  std::string input_name;
  std::vector<std::string> output_names;
  bool dynamic_batch = true;
};

// What a head is called in nvinfer's words. Only heads that can be deployed have facts.
struct HeadFacts {
  Head head;
  const char* word;               // for people
  bool is_detector;               // network-type 0, else 1
  const char* parser_stem;        // heads/<stem>.h and heads/<stem>_parser.cpp; empty for classifiers
  const char* parser_name;        // parse-bbox-func-name, coordinates in pixels of the network's input
  const char* normalized_parser;  // the same for coordinates of 0..1; empty where the head has no such form
};
// nullptr where the head cannot be deployed.
const HeadFacts* facts_of(Head head);

}  // namespace es::convert
