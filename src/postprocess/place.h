// SPDX-License-Identifier: Apache-2.0
//
// Boxes go back into the picture, and those that nobody asked for are dropped.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "vision/box.h"
#include "vision/class_attributes.h"
#include "vision/detection.h"

namespace es::postprocess {

struct PlaceParams {
  // One entry per class.
  std::span<const ClassAttributes> classes;
  // labels[c][0] is the label of class c.
  std::span<const std::vector<std::string>> labels;
  std::span<const int> filter_out_class_ids;
  bool crop_objects_to_roi_boundary = false;
  // The batched picture's size in pixels, also where a part of it was inferred.
  int surface_width = 0;
  int surface_height = 0;
};

// In the order of `found`. Size and roi filters see coordinates relative to what was inferred, as in nvinfer; the
// origin of `placement` is added at the end. Left and top below 0 become 0, the size stays. Without crop a box that
// reaches below the surface is dropped and one that reaches beyond its right edge is kept.
std::vector<Detection> place(std::span<const ModelDetection> found, const Placement& placement,
                             const PlaceParams& params);

}  // namespace es::postprocess
