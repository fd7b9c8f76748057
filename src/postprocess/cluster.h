// SPDX-License-Identifier: Apache-2.0
//
// Boxes of one object become one box: what nvinfer does between the parser and the metadata.
#pragma once

#include <span>
#include <vector>

#include "vision/class_attributes.h"
#include "vision/detection.h"

namespace es::postprocess {

// Intersection over union in single precision; 0 for boxes that touch or have no area. The rotation does not count.
float iou(const ModelBox& a, const ModelBox& b);

// Without detections of a class beyond `classes`, of a score below their class's pre-cluster threshold, and of values
// that are not numbers. The order stays.
std::vector<ModelDetection> filter_before_clustering(std::vector<ModelDetection> found,
                                                     std::span<const ClassAttributes> classes);

// Clusters each class for itself, with its post-cluster threshold and topk where the mode has them. The result is in
// the order of classes; within a class by descending score (by parser order without clustering and topk, by cluster
// after DBSCAN). `found` has passed filter_before_clustering; `mode` is not group_rectangles.
std::vector<ModelDetection> cluster(const std::vector<ModelDetection>& found, ClusterMode mode,
                                    std::span<const ClassAttributes> classes);

// What takes the place of cluster-mode 0, whatever the file says: NMS with an IoU of 0.5 and the best 20 of each class.
void replace_group_rectangles(ClusterMode& mode, std::vector<ClassAttributes>& classes);

// The parts of cluster(), for one class.
std::vector<ModelDetection> non_maximum_suppression(std::vector<ModelDetection> candidates,
                                                    const ClassAttributes& attributes);
std::vector<ModelDetection> dbscan(const std::vector<ModelDetection>& candidates, const ClassAttributes& attributes);
// The members of clusters as they were, without noise.
std::vector<ModelDetection> dbscan_members(const std::vector<ModelDetection>& candidates,
                                           const ClassAttributes& attributes);

}  // namespace es::postprocess
