// SPDX-License-Identifier: Apache-2.0
//
// YOLOv11 output, one column per candidate box, sigmoid already applied:
//
//   [4 + classes, boxes]   center x, center y, width, height, one score per class
//
// Every class above its threshold makes a box; they are left to nvinfer to cluster class by class (cluster-mode=2), as
// Edge Impulse's SDK suppresses class by class.
#ifndef ES_HEADS_YOLOV11_H_
#define ES_HEADS_YOLOV11_H_

#include <cstddef>
#include <string>
#include <vector>

#include "head.h"

namespace es_heads {

// `Normalized`: coordinates from 0 to 1; pixels of the network's input otherwise.
template <bool Normalized>
struct YoloV11 {
  static std::string problem(const std::vector<Tensor>& outputs, const Network& network) {
    const bool fits = !outputs.empty() && outputs[0].dims.size() >= 2 &&
                      outputs[0].dims[outputs[0].dims.size() - 2] == 4 + network.classes;
    if (fits) return "";
    const std::string found = outputs.empty() ? "is missing" : "is " + shape_text(outputs[0]);
    return "the first output " + found + "; YOLOv11 with " + std::to_string(network.classes) +
           (network.classes == 1 ? " class" : " classes") + " has [" + std::to_string(4 + network.classes) + ", boxes]";
  }

  static void decode(const std::vector<Tensor>& outputs, const Network& network, std::vector<Detection>& found) {
    const std::size_t boxes = outputs[0].dims.back();
    const float* row = outputs[0].data;
    const float x_factor = Normalized ? static_cast<float>(network.width) : 1.0f;
    const float y_factor = Normalized ? static_cast<float>(network.height) : 1.0f;
    for (std::size_t i = 0; i < boxes; ++i) {
      const float x = row[i] * x_factor, y = row[boxes + i] * y_factor;
      const float width = row[2 * boxes + i] * x_factor, height = row[3 * boxes + i] * y_factor;
      if (!is_sane(x) || !is_sane(y) || !is_sane(width) || !is_sane(height) || width <= 0 || height <= 0) continue;
      for (unsigned k = 0; k < network.classes; ++k) {
        const float score = row[(4 + k) * boxes + i];
        if (!(score >= network.thresholds[k] && score <= 1.0f)) continue;
        found.push_back(Detection{k, x - width / 2.0f, y - height / 2.0f, width, height, score});
      }
    }
  }
};

}  // namespace es_heads

#endif  // ES_HEADS_YOLOV11_H_
