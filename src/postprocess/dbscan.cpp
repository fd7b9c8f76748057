// SPDX-License-Identifier: Apache-2.0
//
// DBSCAN as the helper library of DeepStream does it, which is not the textbook's: a cluster is a core box and its
// direct neighbours (one hop); boxes that are not core are noise even beside a core; and a cluster is dropped whose box
// is large for its number of members.
//
// Distance 1 - IoU, a neighbour is strictly nearer than eps, core means min_boxes with itself included.
#include <cmath>

#include "postprocess/cluster.h"

namespace es::postprocess {
namespace {

constexpr int noise = -1;

// Area-to-hit-ratio: the side of the mean box in pixels, over the number of members plus one.
constexpr float largest_athr = 60.0f;

std::vector<size_t> neighbours_of(size_t index, const std::vector<ModelDetection>& boxes, float eps) {
  std::vector<size_t> neighbours;
  for (size_t j = 0; j < boxes.size(); ++j) {
    if (j != index && 1.0f - iou(boxes[index].box, boxes[j].box) < eps) neighbours.push_back(j);
  }
  return neighbours;
}

// The number of the cluster of each box, or noise; numbers ascend in the order of their first member.
std::vector<int> label(const std::vector<ModelDetection>& boxes, const ClassAttributes& attributes) {
  const auto is_core = [&](const std::vector<size_t>& neighbours) {
    return neighbours.size() + 1 >= static_cast<size_t>(attributes.min_boxes);
  };
  std::vector<int> labels(boxes.size(), noise);
  std::vector<bool> visited(boxes.size(), false);
  int clusters = 0;
  for (size_t i = 0; i < boxes.size(); ++i) {
    if (visited[i]) continue;
    visited[i] = true;
    const auto neighbours = neighbours_of(i, boxes, attributes.eps);
    if (!is_core(neighbours)) continue;
    labels[i] = clusters;
    for (const size_t j : neighbours) {
      if (visited[j]) continue;
      visited[j] = true;
      if (is_core(neighbours_of(j, boxes, attributes.eps))) labels[j] = clusters;
    }
    ++clusters;
  }
  return labels;
}

struct Sum {
  ModelBox weighted;
  float score = 0;
  int members = 0;
  ModelDetection best;

  void add(const ModelDetection& one) {
    weighted.left += one.box.left * one.score;
    weighted.top += one.box.top * one.score;
    weighted.width += one.box.width * one.score;
    weighted.height += one.box.height * one.score;
    score += one.score;
    if (members++ == 0 || one.score > best.score) best = one;
  }
  // The mean box weighted by score, with score and rotation of the best member.
  ModelDetection mean() const {
    ModelDetection one = best;
    one.box = {weighted.left / score, weighted.top / score, weighted.width / score, weighted.height / score};
    return one;
  }
};

}  // namespace

std::vector<ModelDetection> dbscan(const std::vector<ModelDetection>& candidates, const ClassAttributes& attributes) {
  const auto labels = label(candidates, attributes);
  std::vector<Sum> sums;
  for (size_t i = 0; i < candidates.size(); ++i) {
    if (labels[i] == noise) continue;
    const auto cluster = static_cast<size_t>(labels[i]);
    if (cluster >= sums.size()) sums.resize(cluster + 1);
    sums[cluster].add(candidates[i]);
  }
  std::vector<ModelDetection> clusters;
  for (const Sum& sum : sums) {
    if (sum.members == 0 || !(sum.score > 0) || sum.score < attributes.dbscan_min_score) continue;
    const ModelDetection one = sum.mean();
    const float athr = std::sqrt(one.box.width * one.box.height) / static_cast<float>(sum.members + 1);
    if (!(athr > largest_athr)) clusters.push_back(one);
  }
  return clusters;
}

std::vector<ModelDetection> dbscan_members(const std::vector<ModelDetection>& candidates,
                                           const ClassAttributes& attributes) {
  const auto labels = label(candidates, attributes);
  std::vector<ModelDetection> members;
  for (size_t i = 0; i < candidates.size(); ++i) {
    if (labels[i] != noise) members.push_back(candidates[i]);
  }
  return members;
}

}  // namespace es::postprocess
