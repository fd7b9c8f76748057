// SPDX-License-Identifier: Apache-2.0
//
// After nvinfer: non-maximum suppression per class, a box goes only when its overlap is strictly above the limit; the
// post-cluster threshold is strict after NMS, inclusive after DBSCAN, and not looked at without clustering. All sorts
// are stable, so of equals the one that the parser gave first wins.
#include "postprocess/cluster.h"

#include <algorithm>
#include <cmath>

namespace es::postprocess {
namespace {

void sort_by_score(std::vector<ModelDetection>& detections) {
  std::stable_sort(detections.begin(), detections.end(),
                   [](const ModelDetection& a, const ModelDetection& b) { return a.score > b.score; });
}

void keep_topk(std::vector<ModelDetection>& detections, int topk) {
  if (topk < 0) return;
  sort_by_score(detections);
  if (detections.size() > static_cast<size_t>(topk)) detections.resize(static_cast<size_t>(topk));
}

std::vector<ModelDetection> cluster_class(std::vector<ModelDetection> detections, ClusterMode mode,
                                          const ClassAttributes& attributes) {
  switch (mode) {
    case ClusterMode::dbscan:
      if (attributes.min_boxes > 0) detections = dbscan(detections, attributes);
      std::erase_if(detections, [&](const auto& one) { return one.score < attributes.post_cluster_threshold; });
      break;
    case ClusterMode::dbscan_nms_hybrid:
      if (attributes.min_boxes > 0) detections = dbscan_members(detections, attributes);
      detections = non_maximum_suppression(std::move(detections), attributes);
      break;
    case ClusterMode::group_rectangles:
    case ClusterMode::nms:
      detections = non_maximum_suppression(std::move(detections), attributes);
      break;
    case ClusterMode::none:
      break;
  }
  keep_topk(detections, attributes.topk);
  return detections;
}

float shared_length(float a, float a_length, float b, float b_length) {
  if (a + a_length < b || b + b_length < a) return 0;
  return std::min(a + a_length, b + b_length) - std::max(a, b);
}

bool is_number(const ModelDetection& one) {
  return std::isfinite(one.box.left) && std::isfinite(one.box.top) && std::isfinite(one.box.width) &&
         std::isfinite(one.box.height) && std::isfinite(one.score) && std::isfinite(one.rotation);
}

}  // namespace

float iou(const ModelBox& a, const ModelBox& b) {
  const float shared =
      shared_length(a.left, a.width, b.left, b.width) * shared_length(a.top, a.height, b.top, b.height);
  const float united = a.width * a.height + b.width * b.height - shared;
  return united == 0 ? 0 : shared / united;
}

std::vector<ModelDetection> filter_before_clustering(std::vector<ModelDetection> found,
                                                     std::span<const ClassAttributes> classes) {
  std::erase_if(found, [&](const ModelDetection& one) {
    const auto class_id = static_cast<size_t>(one.class_id);
    return one.class_id < 0 || class_id >= classes.size() || !is_number(one) ||
           one.score < classes[class_id].pre_cluster_threshold;
  });
  return found;
}

std::vector<ModelDetection> cluster(const std::vector<ModelDetection>& found, ClusterMode mode,
                                    std::span<const ClassAttributes> classes) {
  std::vector<std::vector<ModelDetection>> per_class(classes.size());
  for (const auto& one : found) per_class[static_cast<size_t>(one.class_id)].push_back(one);
  std::vector<ModelDetection> result;
  for (size_t i = 0; i < per_class.size(); ++i) {
    if (per_class[i].empty()) continue;
    const auto clustered = cluster_class(std::move(per_class[i]), mode, classes[i]);
    result.insert(result.end(), clustered.begin(), clustered.end());
  }
  return result;
}

void replace_group_rectangles(ClusterMode& mode, std::vector<ClassAttributes>& classes) {
  if (mode != ClusterMode::group_rectangles) return;
  mode = ClusterMode::nms;
  for (auto& attributes : classes) {
    attributes.topk = 20;
    attributes.nms_iou_threshold = 0.5f;
  }
}

std::vector<ModelDetection> non_maximum_suppression(std::vector<ModelDetection> candidates,
                                                    const ClassAttributes& attributes) {
  sort_by_score(candidates);
  std::vector<ModelDetection> kept;
  for (const auto& candidate : candidates) {
    const bool covered = std::any_of(kept.begin(), kept.end(), [&](const ModelDetection& other) {
      return iou(candidate.box, other.box) > attributes.nms_iou_threshold;
    });
    if (!covered) kept.push_back(candidate);
  }
  std::erase_if(kept, [&](const auto& one) { return !(one.score > attributes.post_cluster_threshold); });
  return kept;
}

}  // namespace es::postprocess
