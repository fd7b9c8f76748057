// SPDX-License-Identifier: Apache-2.0
//
// The steps and their order, the mixture of float and double, and the asymmetry of bottom and right edge are nvinfer's;
// applications have come to depend on each.
#include "postprocess/place.h"

#include <algorithm>
#include <cmath>

namespace es::postprocess {
namespace {

// A placement without area divides by 0.
bool is_number(const FrameBox& box) {
  return std::isfinite(box.left) && std::isfinite(box.top) && std::isfinite(box.width) && std::isfinite(box.height);
}

bool has_wanted_size(const FrameBox& box, const ClassAttributes& attributes) {
  if (box.width < static_cast<float>(attributes.detected_min_w)) return false;
  if (box.height < static_cast<float>(attributes.detected_min_h)) return false;
  if (attributes.detected_max_w > 0 && box.width > static_cast<float>(attributes.detected_max_w)) return false;
  return !(attributes.detected_max_h > 0 && box.height > static_cast<float>(attributes.detected_max_h));
}

// The first row that belongs to the bottom offset. Unsigned on purpose: an offset larger than the surface wraps around
// and switches the check off, as in nvinfer.
float bottom_limit(const ClassAttributes& attributes, const PlaceParams& params) {
  return static_cast<float>(static_cast<unsigned>(params.surface_height) - attributes.roi_bottom_offset);
}

// Cuts the box or says that it is to be dropped.
bool keep_inside_roi(FrameBox& box, const ClassAttributes& attributes, const PlaceParams& params) {
  const float top_limit = static_cast<float>(attributes.roi_top_offset);
  const float bottom = bottom_limit(attributes, params);
  if (!params.crop_objects_to_roi_boundary) return !(box.top < top_limit) && !(box.top + box.height > bottom);
  const float right = static_cast<float>(params.surface_width);
  if (box.top < top_limit) box.top = top_limit;
  if (box.left + box.width >= right) box.width = right - box.left;
  if (box.top + box.height > bottom) box.height = bottom - box.top;
  return true;
}

std::string label_of(int class_id, std::span<const std::vector<std::string>> labels) {
  const auto index = static_cast<size_t>(class_id);
  return index < labels.size() && !labels[index].empty() ? labels[index][0] : std::string{};
}

}  // namespace

std::vector<Detection> place(std::span<const ModelDetection> found, const Placement& placement,
                             const PlaceParams& params) {
  Placement without_origin = placement;
  without_origin.origin_left = without_origin.origin_top = 0;
  std::vector<Detection> placed;
  for (const ModelDetection& one : found) {
    const auto class_index = static_cast<size_t>(one.class_id);
    if (one.class_id < 0 || class_index >= params.classes.size()) continue;
    const auto& attributes = params.classes[class_index];
    FrameBox box = to_frame(one.box, without_origin);
    if (!is_number(box)) continue;
    box.top = std::max(box.top, 0.0f);
    box.left = std::max(box.left, 0.0f);
    const auto& unwanted = params.filter_out_class_ids;
    if (std::find(unwanted.begin(), unwanted.end(), one.class_id) != unwanted.end()) continue;
    if (!has_wanted_size(box, attributes) || !keep_inside_roi(box, attributes, params)) continue;
    box.left += placement.origin_left;
    box.top += placement.origin_top;
    placed.push_back({box, one.class_id, one.score, one.rotation, label_of(one.class_id, params.labels)});
  }
  return placed;
}

}  // namespace es::postprocess
