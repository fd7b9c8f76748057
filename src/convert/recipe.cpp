// SPDX-License-Identifier: Apache-2.0
#include "convert/recipe.h"

namespace es::convert {

const HeadFacts* facts_of(Head head) {
  static constexpr HeadFacts table[] = {
      {Head::classification, "classifier", false, "", ""},
      {Head::fomo, "FOMO", true, "NvDsInferParseCustomEdgeImpulseFomo", "fomo.h"},
      {Head::yolov5, "YOLOv5", true, "NvDsInferParseCustomEdgeImpulseYoloV5", "yolov5.h"},
  };
  for (const auto& row : table) {
    if (row.head == head) return &row;
  }
  return nullptr;
}

}  // namespace es::convert
