// SPDX-License-Identifier: Apache-2.0
//
// SSD with its boxes decoded and suppressed in the network, as TensorFlow's detection models answer:
//
//   detection_boxes    [boxes, 4]   top, left, bottom, right, from 0 to 1
//   detection_classes  [boxes]      counted from 0, without a background
//   detection_scores   [boxes]
//   num_detections     [1]          how many rows count; may be missing
//
// Decoded as Edge Impulse's SDK does: corners held inside the picture, cut to whole pixels, nothing suppressed again
// (cluster-mode=4).
#ifndef ES_HEADS_SSD_H_
#define ES_HEADS_SSD_H_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "head.h"

namespace es_heads {

struct Ssd {
  static std::string problem(const std::vector<Tensor>& outputs, const Network&) {
    const Tensor* boxes = named(outputs, "detection_boxes");
    const Tensor* classes = named(outputs, "detection_classes");
    const Tensor* scores = named(outputs, "detection_scores");
    if (boxes == nullptr || classes == nullptr || scores == nullptr) {
      return "SSD has outputs detection_boxes, detection_classes and detection_scores; one of them is missing";
    }
    const std::size_t rows = count(*scores);
    if (count(*boxes) == 4 * rows && count(*classes) == rows) return "";
    return "detection_boxes " + shape_text(*boxes) + ", detection_classes " + shape_text(*classes) +
           " and detection_scores " + shape_text(*scores) + " do not fit; [n, 4], [n] and [n] are needed";
  }

  static void decode(const std::vector<Tensor>& outputs, const Network& network, std::vector<Detection>& found) {
    const Tensor& boxes = *named(outputs, "detection_boxes");
    const Tensor& classes = *named(outputs, "detection_classes");
    const Tensor& scores = *named(outputs, "detection_scores");
    std::size_t rows = count(scores);
    const Tensor* valid = named(outputs, "num_detections");
    if (valid != nullptr && count(*valid) > 0 && valid->data[0] >= 0 && valid->data[0] < static_cast<float>(rows)) {
      rows = static_cast<std::size_t>(valid->data[0]);
    }
    for (std::size_t i = 0; i < rows; ++i) {
      const float class_value = classes.data[i];
      if (!(class_value >= 0 && class_value < static_cast<float>(network.classes))) continue;
      const unsigned class_id = static_cast<unsigned>(class_value);
      if (!(scores.data[i] >= network.thresholds[class_id])) continue;
      add(boxes.data + 4 * i, class_id, scores.data[i], network, found);
    }
  }

 private:
  static const Tensor* named(const std::vector<Tensor>& outputs, const std::string& name) {
    for (const Tensor& output : outputs) {
      if (output.name == name) return &output;
    }
    return nullptr;
  }

  static std::size_t count(const Tensor& tensor) {
    std::size_t product = 1;
    for (const unsigned dim : tensor.dims) product *= dim;
    return product;
  }

  // A number that is none is held at 0.
  static float held(float value) { return value > 0.0f ? std::min(value, 1.0f) : 0.0f; }

  static void add(const float* corners, unsigned class_id, float score, const Network& network,
                  std::vector<Detection>& found) {
    const float top = held(corners[0]), left = held(corners[1]), bottom = held(corners[2]), right = held(corners[3]);
    const float width = static_cast<float>(network.width), height = static_cast<float>(network.height);
    Detection box{class_id,
                  std::trunc(left * width),
                  std::trunc(top * height),
                  std::trunc((right - left) * width),
                  std::trunc((bottom - top) * height),
                  score};
    if (box.width > 0 && box.height > 0) found.push_back(box);
  }
};

}  // namespace es_heads

#endif  // ES_HEADS_SSD_H_
