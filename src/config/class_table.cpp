// SPDX-License-Identifier: Apache-2.0
//
// The keys of [class-attrs-all] and [class-attrs-N], one row each.
#include "config/key_table.h"
#include "config/source.h"

namespace es::config {
namespace {

using A = ClassAttributes;

constexpr Range at_least_zero{.min = 0};

bool set_bg_color(A& attributes, const Key& key) {
  attributes.bg_color = read_color(key);
  attributes.has_bg_color = true;
  return true;
}

// The old name of pre-cluster-threshold.
bool set_threshold(A& attributes, const Key& key) {
  key.warn("'threshold' is an old name; write 'pre-cluster-threshold' (Warn: 'threshold' parameter has been ",
           "deprecated. Use 'pre-cluster-threshold' instead.)");
  const double threshold = key.get<double>();
  if (!(threshold >= 0)) {
    key.refuse("threshold is ", threshold, ", 0 or more is needed (Error: Negative threshold (", threshold,
               ") specified for group ", key.group(), ")");
  }
  attributes.pre_cluster_threshold = static_cast<float>(threshold);
  return true;
}

constexpr std::string_view negative_in_group = "Error: Negative {key} ({value}) specified for group {group}";

constexpr ClassRow class_table[] = {
    {.name = "pre-cluster-threshold",
     .field = &A::pre_cluster_threshold,
     .range = at_least_zero,
     .nvinfer_words = negative_in_group,
     .meaning = "Objects of a smaller confidence go before clustering."},
    {.name = "post-cluster-threshold",
     .field = &A::post_cluster_threshold,
     .range = at_least_zero,
     .nvinfer_words = negative_in_group,
     .meaning = "Objects must be above it after NMS, at least it after DBSCAN; cluster-mode=4 does not look."},
    {.name = "eps",
     .field = &A::eps,
     .range = at_least_zero,
     .nvinfer_words = negative_in_group,
     .meaning = "DBSCAN: boxes of an IoU above 1 - eps are neighbours."},
    {.name = "group-threshold",
     .field = &A::group_threshold,
     .range = at_least_zero,
     .traits = Traits::no_effect,
     .nvinfer_words = negative_in_group,
     .meaning = "Group rectangles, which NMS replaces."},
    {.name = "minBoxes",
     .field = &A::min_boxes,
     .range = at_least_zero,
     .nvinfer_words = negative_in_group,
     .meaning = "DBSCAN: boxes that make a cluster; 0: no DBSCAN."},
    {.name = "dbscan-min-score",
     .field = &A::dbscan_min_score,
     .range = at_least_zero,
     .nvinfer_words = negative_in_group,
     .meaning = "DBSCAN: the sum of confidences a cluster needs."},
    {.name = "nms-iou-threshold",
     .field = &A::nms_iou_threshold,
     .range = {.min = 0, .max = 1},
     .nvinfer_words =
         "Error: Invalid nms iou threshold ({value}) specified for group {group}.Enter a value between 0 & 1.",
     .meaning = "NMS: a box goes when it overlaps a better one of its class by more."},
    {.name = "topk",
     .field = &A::topk,
     .range = at_least_zero,
     .nvinfer_words =
         "Error: Invalid topk value {value} specified for group {group}. topk should be greater than of equal to '0'",
     .meaning = "Only the best ones of the class; 0: none. Without the key there is no limit."},
    {.name = "roi-top-offset",
     .field = &A::roi_top_offset,
     .range = at_least_zero,
     .nvinfer_words = negative_in_group,
     .meaning = "Boxes beginning above this row are dropped (or cut)."},
    {.name = "roi-bottom-offset",
     .field = &A::roi_bottom_offset,
     .range = at_least_zero,
     .nvinfer_words = negative_in_group,
     .meaning = "Boxes reaching into this many rows at the bottom are dropped (or cut)."},
    {.name = "detected-min-w",
     .field = &A::detected_min_w,
     .range = at_least_zero,
     .nvinfer_words = negative_in_group,
     .meaning = "Narrower boxes are dropped; pixels of the frame."},
    {.name = "detected-min-h",
     .field = &A::detected_min_h,
     .range = at_least_zero,
     .nvinfer_words = negative_in_group,
     .meaning = "Lower boxes are dropped; pixels of the frame."},
    {.name = "detected-max-w",
     .field = &A::detected_max_w,
     .range = at_least_zero,
     .nvinfer_words = negative_in_group,
     .meaning = "Wider boxes are dropped; 0: no limit."},
    {.name = "detected-max-h",
     .field = &A::detected_max_h,
     .range = at_least_zero,
     .nvinfer_words = negative_in_group,
     .meaning = "Higher boxes are dropped; 0: no limit."},
    {.name = "border-color", .field = &A::border_color, .meaning = "red;green;blue;alpha of the box, 0 to 1."},
    {.name = "bg-color",
     .field = &A::bg_color,
     .handler = set_bg_color,
     .type = "color",
     .meaning = "The box is filled with this color."},
    {.name = "threshold",
     .handler = set_threshold,
     .traits = Traits::legacy,
     .type = "double",
     .meaning = "The old name of pre-cluster-threshold, in INI files only."},
};

}  // namespace

std::span<const ClassRow> class_rows() { return class_table; }

}  // namespace es::config
