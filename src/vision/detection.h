// SPDX-License-Identifier: Apache-2.0
//
// What a network says about a picture, before it becomes metadata.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vision/box.h"

namespace es {

// One object as a decoder reads it from the output tensors.
struct ModelDetection {
  ModelBox box;
  int class_id = 0;
  float score = 0;
  float rotation = 0;  // radians, 0 for an upright box
  bool operator==(const ModelDetection&) const = default;
};

// One object in picture coordinates, labelled; what nvinfer attaches.
struct Detection {
  FrameBox box;
  int class_id = 0;
  float score = 0;
  float rotation = 0;  // radians
  std::string label;   // empty where the labels file has none for this class
  bool operator==(const Detection&) const = default;
};

// One attribute of a classifier: output layer `label_id` says class `class_id`.
struct Attribute {
  unsigned label_id = 0;
  unsigned class_id = 0;
  float probability = 0;
  std::string label;
  bool operator==(const Attribute&) const = default;
};

}  // namespace es
