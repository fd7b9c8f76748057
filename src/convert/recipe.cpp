// SPDX-License-Identifier: Apache-2.0
#include "convert/recipe.h"

namespace es::convert {

const HeadFacts* facts_of(Head head) {
  static constexpr HeadFacts table[] = {
      {Head::classification, "classifier", false, "", "", ""},
      {Head::fomo, "FOMO", true, "fomo", "NvDsInferParseCustomEdgeImpulseFomo", ""},
      {Head::yolov5, "YOLOv5", true, "yolov5", "NvDsInferParseCustomEdgeImpulseYoloV5",
       "NvDsInferParseCustomEdgeImpulseYoloV5Normalized"},
      {Head::yolov5_drpai, "YOLOv5", true, "yolov5", "NvDsInferParseCustomEdgeImpulseYoloV5", ""},
  };
  for (const auto& row : table) {
    if (row.head == head) return &row;
  }
  return nullptr;
}

}  // namespace es::convert
