// SPDX-License-Identifier: Apache-2.0
//
// YOLO-Pro output, one row per candidate box:
//
//   [boxes, 4 + classes]   left, top, right, bottom, from 0 to 1, one score per class
//
// Corners are held inside the picture. Every class above its threshold makes a box; they are left to nvinfer to cluster
// class by class (cluster-mode=2), as Edge Impulse's SDK suppresses class by class.
#ifndef ES_HEADS_YOLO_PRO_H_
#define ES_HEADS_YOLO_PRO_H_

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "head.h"

namespace es_heads {

struct YoloPro {
  static std::string problem(const std::vector<Tensor>& outputs, const Network& network) {
    if (!outputs.empty() && outputs[0].dims.size() >= 2 && outputs[0].dims.back() == 4 + network.classes) return "";
    const std::string found = outputs.empty() ? "is missing" : "is " + shape_text(outputs[0]);
    return "the first output " + found + "; YOLO-Pro with " + std::to_string(network.classes) +
           (network.classes == 1 ? " class" : " classes") + " has [boxes, " + std::to_string(4 + network.classes) + "]";
  }

  static void decode(const std::vector<Tensor>& outputs, const Network& network, std::vector<Detection>& found) {
    const std::size_t columns = outputs[0].dims.back();
    std::size_t rows = 1;
    for (std::size_t i = 0; i + 1 < outputs[0].dims.size(); ++i) rows *= outputs[0].dims[i];
    for (std::size_t i = 0; i < rows; ++i) {
      const float* row = outputs[0].data + i * columns;
      const float left = held(row[0]) * static_cast<float>(network.width);
      const float top = held(row[1]) * static_cast<float>(network.height);
      const float width = held(row[2]) * static_cast<float>(network.width) - left;
      const float height = held(row[3]) * static_cast<float>(network.height) - top;
      if (width <= 0 || height <= 0) continue;
      for (unsigned k = 0; k < network.classes; ++k) {
        const float score = row[4 + k];
        if (!(score >= network.thresholds[k] && score <= 1.0f)) continue;
        found.push_back(Detection{k, left, top, width, height, score});
      }
    }
  }

 private:
  // A number that is none is held at 0.
  static float held(float value) { return value > 0.0f ? std::min(value, 1.0f) : 0.0f; }
};

}  // namespace es_heads

#endif  // ES_HEADS_YOLO_PRO_H_
