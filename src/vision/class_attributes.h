// SPDX-License-Identifier: Apache-2.0
//
// What may be said about one class of a detector, and how its boxes are merged: the words of nvinfer's
// [class-attrs-*] groups and of cluster-mode.
#pragma once

namespace es {

// The values are those of NvDsInferClusterMode and of the key cluster-mode.
enum class ClusterMode { group_rectangles = 0, dbscan = 1, nms = 2, dbscan_nms_hybrid = 3, none = 4 };

// Components 0..1, as nvinfer writes them; nothing holds them to that range.
struct Color {
  double red = 0, green = 0, blue = 0, alpha = 0;
  bool operator==(const Color&) const = default;
};

// One [class-attrs-*] group with nvinfer's defaults. Sizes and offsets are pixels of the picture.
struct ClassAttributes {
  float pre_cluster_threshold = 0.2f;  // detections below it go before clustering
  float post_cluster_threshold = 0.0f;
  float eps = 0.0f;
  int group_threshold = 0;
  int min_boxes = 0;  // key minBoxes
  float dbscan_min_score = 0.0f;
  float nms_iou_threshold = 0.3f;
  int topk = -1;  // -1: no limit, 0: none
  unsigned roi_top_offset = 0;
  unsigned roi_bottom_offset = 0;
  int detected_min_w = 0;
  int detected_min_h = 0;
  int detected_max_w = 0;  // 0: no limit
  int detected_max_h = 0;
  Color border_color{1, 0, 0, 1};
  bool has_bg_color = false;
  Color bg_color{};
  bool operator==(const ClassAttributes&) const = default;
};

}  // namespace es
