// SPDX-License-Identifier: Apache-2.0
#include "convert/recipe.h"

namespace es::convert {

const HeadFacts& facts_of(Head head) {
  static constexpr HeadFacts table[] = {
      {Head::classification, "classifier", Answers::classes, "", "", "", false},
      {Head::fomo, "FOMO", Answers::boxes, "fomo", "NvDsInferParseCustomEdgeImpulseFomo", "", true},
      {Head::ssd, "SSD", Answers::boxes, "ssd", "NvDsInferParseCustomEdgeImpulseSsd", "", true},
      {Head::yolov5, "YOLOv5", Answers::boxes, "yolov5", "NvDsInferParseCustomEdgeImpulseYoloV5",
       "NvDsInferParseCustomEdgeImpulseYoloV5Normalized", true},
      {Head::yolov5_drpai, "YOLOv5", Answers::boxes, "yolov5", "NvDsInferParseCustomEdgeImpulseYoloV5", "", true},
      {Head::yolov11, "YOLOv11", Answers::boxes, "yolov11", "NvDsInferParseCustomEdgeImpulseYoloV11Normalized", "",
       false},
      {Head::yolov11_absolute, "YOLOv11", Answers::boxes, "yolov11", "NvDsInferParseCustomEdgeImpulseYoloV11", "",
       false},
      {Head::yolo_pro, "YOLO-Pro", Answers::boxes, "yolo_pro", "NvDsInferParseCustomEdgeImpulseYoloPro", "", false},
      {Head::regression, "regression", Answers::tensors, "", "", "", false},
      {Head::visual_anomaly, "visual anomaly network", Answers::tensors, "", "", "", false},
      {Head::unknown, "network", Answers::tensors, "", "", "", false},
  };
  for (const auto& row : table) {
    if (row.head == head) return row;
  }
  return facts_of(Head::unknown);
}

}  // namespace es::convert
