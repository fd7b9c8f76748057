// SPDX-License-Identifier: Apache-2.0
//
// YOLOv5 output, one row per candidate box, sigmoid already applied:
//
//   [boxes, 5 + classes]   center x, center y, width, height, objectness, one probability per class
//   [boxes, 6]             left, top, right, bottom, score, class            (what DeepStream-Yolo's exporter writes)
//
// Edge Impulse's SDK and the network's trainers read the first layout differently. The SDK scores by objectness alone,
// cuts coordinates to whole pixels and runs one non-maximum suppression over all classes at an IoU of 0.2; the trainers
// score by objectness times class probability and suppress per class, which is left to nvinfer (cluster-mode=2).
#ifndef ES_HEADS_YOLOV5_H_
#define ES_HEADS_YOLOV5_H_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "head.h"

namespace es_heads {
namespace yolov5 {

struct Row {
  float left, top, width, height;
  float score;
  unsigned class_id;
};

inline std::size_t columns_of(const Tensor& output) { return output.dims.empty() ? 0 : output.dims.back(); }

inline std::size_t rows_of(const Tensor& output) {
  std::size_t rows = output.dims.empty() ? 0 : 1;
  for (std::size_t i = 0; i + 1 < output.dims.size(); ++i) rows *= output.dims[i];
  return rows;
}

// The first of the largest; 0 where none is above 0, as in the SDK.
inline unsigned best_class(const float* probabilities, std::size_t classes) {
  unsigned best = 0;
  float highest = 0;
  for (std::size_t i = 0; i < classes; ++i) {
    if (probabilities[i] > highest) {
      highest = probabilities[i];
      best = static_cast<unsigned>(i);
    }
  }
  return best;
}

inline bool passes(float score, unsigned class_id, const Network& network) {
  return class_id < network.classes && score >= network.thresholds[class_id];
}

// Intersection over union of whole-pixel boxes; a box without area overlaps nothing.
inline float overlap(const Detection& a, const Detection& b) {
  const float area_a = a.width * a.height;
  const float area_b = b.width * b.height;
  if (area_a <= 0 || area_b <= 0) return 0;
  const float width = std::min(a.left + a.width, b.left + b.width) - std::max(a.left, b.left);
  const float height = std::min(a.top + a.height, b.top + b.height) - std::max(a.top, b.top);
  const float shared = std::max(width, 0.0f) * std::max(height, 0.0f);
  return shared / (area_a + area_b - shared);
}

// The SDK's suppression: best first over all classes, a box goes when it overlaps a kept one by the limit or more.
inline std::vector<Detection> suppress(std::vector<Detection> candidates, float limit) {
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Detection& a, const Detection& b) { return a.score > b.score; });
  std::vector<Detection> kept;
  for (const Detection& candidate : candidates) {
    const bool covered = std::any_of(kept.begin(), kept.end(),
                                     [&](const Detection& other) { return overlap(candidate, other) >= limit; });
    if (!covered) kept.push_back(candidate);
  }
  return kept;
}

}  // namespace yolov5

// As Edge Impulse's SDK decodes it, boxes joined: use with cluster-mode=4. `Normalized`: coordinates from 0 to 1, as in
// its TFLite files; pixels otherwise, as in its ONNX files.
template <bool Normalized>
struct YoloV5Sdk {
  static std::string problem(const std::vector<Tensor>& outputs, const Network& network) {
    const std::size_t columns = outputs.empty() ? 0 : yolov5::columns_of(outputs[0]);
    if (!outputs.empty() && outputs[0].dims.size() >= 2 && columns == 5 + std::size_t{network.classes}) return "";
    const std::string found = outputs.empty() ? "is missing" : "is " + shape_text(outputs[0]);
    return "the first output " + found + "; YOLOv5 with " + std::to_string(network.classes) +
           (network.classes == 1 ? " class" : " classes") + " has [boxes, " + std::to_string(5 + network.classes) + "]";
  }

  static void decode(const std::vector<Tensor>& outputs, const Network& network, std::vector<Detection>& found) {
    const std::size_t columns = yolov5::columns_of(outputs[0]);
    const std::size_t rows = yolov5::rows_of(outputs[0]);
    std::vector<Detection> candidates;
    for (std::size_t i = 0; i < rows; ++i) {
      const float* row = outputs[0].data + i * columns;
      const unsigned class_id = yolov5::best_class(row + 5, columns - 5);
      if (!yolov5::passes(row[4], class_id, network) || row[4] > 1.0f || !(row[4] > 0.0f)) continue;
      Detection box{class_id, 0, 0, 0, 0, row[4]};
      if (place(row, network, box)) candidates.push_back(box);
    }
    for (Detection box : yolov5::suppress(candidates, 0.2f)) {
      clip(network, box);
      found.push_back(box);
    }
  }

 private:
  // Center to corner, cut at the borders, to whole pixels; false for a box that lies outside.
  static bool place(const float* row, const Network& network, Detection& box) {
    if (!is_sane(row[0]) || !is_sane(row[1]) || !is_sane(row[2]) || !is_sane(row[3])) return false;
    float left = std::max(row[0] - row[2] / 2.0f, 0.0f);
    float top = std::max(row[1] - row[3] / 2.0f, 0.0f);
    float width = row[2];
    float height = row[3];
    // The SDK compares before it scales, so normalized boxes are never cut here.
    if (left + width > static_cast<float>(network.width)) width = static_cast<float>(network.width) - left;
    if (top + height > static_cast<float>(network.height)) height = static_cast<float>(network.height) - top;
    if (width < 0 || height < 0) return false;
    if (Normalized) {
      left *= static_cast<float>(network.width);
      top *= static_cast<float>(network.height);
      width *= static_cast<float>(network.width);
      height *= static_cast<float>(network.height);
    }
    box.left = std::trunc(left);
    box.top = std::trunc(top);
    box.width = std::trunc(width);
    box.height = std::trunc(height);
    return true;
  }

  static void clip(const Network& network, Detection& box) {
    const float right = std::min(box.left + box.width, static_cast<float>(network.width));
    const float bottom = std::min(box.top + box.height, static_cast<float>(network.height));
    box.left = std::min(box.left, static_cast<float>(network.width));
    box.top = std::min(box.top, static_cast<float>(network.height));
    box.width = right - box.left;
    box.height = bottom - box.top;
  }
};

// As the network's trainers read it, for nvinfer to cluster: score = objectness * class probability, fractions of
// pixels kept, corners held inside the picture, boxes under one pixel left out. `Normalized`: coordinates from 0 to 1,
// pixels otherwise. Takes both layouts, with any number of classes. A row of 6 can be either; all rows together cannot:
// only corners and a class have no fraction in the last column anywhere and no right edge left of the left one.
template <bool Normalized>
struct YoloV5PerClassOf {
  static std::string problem(const std::vector<Tensor>& outputs, const Network&) {
    if (!outputs.empty() && outputs[0].dims.size() >= 2 && yolov5::columns_of(outputs[0]) >= 6) return "";
    const std::string found = outputs.empty() ? "is missing" : "is " + shape_text(outputs[0]);
    return "the first output " + found + "; YOLOv5 has [boxes, 5 + classes] or [boxes, 6]";
  }

  static void decode(const std::vector<Tensor>& outputs, const Network& network, std::vector<Detection>& found) {
    const std::size_t columns = yolov5::columns_of(outputs[0]);
    const std::size_t rows = yolov5::rows_of(outputs[0]);
    const bool corners = columns == 6 && has_corners(outputs[0].data, rows);
    for (std::size_t i = 0; i < rows; ++i) {
      const float* row = outputs[0].data + i * columns;
      if (corners) {
        add(row[0], row[1], row[2], row[3], row[4], static_cast<unsigned>(row[5]), network, found);
      } else {
        const unsigned class_id = yolov5::best_class(row + 5, columns - 5);
        const float half_width = row[2] / 2.0f;
        const float half_height = row[3] / 2.0f;
        add(row[0] - half_width, row[1] - half_height, row[0] + half_width, row[1] + half_height,
            row[4] * row[5 + class_id], class_id, network, found);
      }
    }
  }

 private:
  static bool has_corners(const float* data, std::size_t rows) {
    for (std::size_t i = 0; i < rows; ++i) {
      const float* row = data + i * 6;
      const bool whole = row[5] >= 0.0f && row[5] < 65536.0f && std::trunc(row[5]) == row[5];
      if (!whole || row[2] < row[0] || row[3] < row[1]) return false;
    }
    return true;
  }

  static float held(float value, unsigned limit) { return std::max(0.0f, std::min(value, static_cast<float>(limit))); }

  static void add(float left, float top, float right, float bottom, float score, unsigned class_id,
                  const Network& network, std::vector<Detection>& found) {
    if (!yolov5::passes(score, class_id, network)) return;
    if (Normalized) {
      left *= static_cast<float>(network.width);
      right *= static_cast<float>(network.width);
      top *= static_cast<float>(network.height);
      bottom *= static_cast<float>(network.height);
    }
    if (!is_sane(left) || !is_sane(top) || !is_sane(right) || !is_sane(bottom) || !is_sane(score)) return;
    left = held(left, network.width);
    top = held(top, network.height);
    const float width = held(right, network.width) - left;
    const float height = held(bottom, network.height) - top;
    if (width < 1.0f || height < 1.0f) return;
    found.push_back(Detection{class_id, left, top, width, height, score});
  }
};

// Coordinates in pixels, as in ONNX files.
using YoloV5PerClass = YoloV5PerClassOf<false>;

}  // namespace es_heads

#endif  // ES_HEADS_YOLOV5_H_
