// SPDX-License-Identifier: Apache-2.0
#include "heads/fomo.h"
#include "heads/ssd.h"
#include "heads/yolo_pro.h"
#include "heads/yolov11.h"
#include "heads/yolov5.h"
#include "postprocess/decoder.h"
#include "postprocess/decoders/head_decoder.h"

namespace es::postprocess {
namespace {

constexpr std::string_view per_class = "YOLOv5 and DeepStream-Yolo's exports, for nvinfer to cluster (cluster-mode=2)";

constexpr DecoderRow rows[] = {
    {"NvDsInferParseYolo", open_head<es_heads::YoloV5PerClass>, per_class},
    {"NvDsInferParseYoloCuda", open_head<es_heads::YoloV5PerClass>, per_class},
    {"NvDsInferParseYoloE", open_head<es_heads::YoloV5PerClass>, per_class},
    {"NvDsInferParseCustomEdgeImpulseYoloV5", open_head<es_heads::YoloV5Sdk<false>>,
     "YOLOv5 as Edge Impulse's SDK decodes it, boxes joined (cluster-mode=4), coordinates in pixels"},
    {"NvDsInferParseCustomEdgeImpulseYoloV5Normalized", open_head<es_heads::YoloV5Sdk<true>>,
     "the same, coordinates from 0 to 1"},
    {"NvDsInferParseCustomEdgeImpulseFomo", open_head<es_heads::Fomo>,
     "FOMO as Edge Impulse's SDK decodes it, cells joined (cluster-mode=4)"},
    {"NvDsInferParseYoloNormalized", open_head<es_heads::YoloV5PerClassOf<true>>,
     "YOLOv5 with coordinates from 0 to 1, for nvinfer to cluster (cluster-mode=2)"},
    {"NvDsInferParseCustomEdgeImpulseSsd", open_head<es_heads::Ssd>,
     "SSD with its boxes decoded and suppressed in the network (cluster-mode=4)"},
    {"NvDsInferParseCustomTfSSD", open_head<es_heads::Ssd>, "the same, under DeepStream's own name for it"},
    {"NvDsInferParseCustomEdgeImpulseYoloV11", open_head<es_heads::YoloV11<false>>,
     "YOLOv11 for nvinfer to cluster (cluster-mode=2), coordinates in pixels"},
    {"NvDsInferParseCustomEdgeImpulseYoloV11Normalized", open_head<es_heads::YoloV11<true>>,
     "the same, coordinates from 0 to 1"},
    {"NvDsInferParseCustomEdgeImpulseYoloPro", open_head<es_heads::YoloPro>,
     "YOLO-Pro for nvinfer to cluster (cluster-mode=2)"},
};

}  // namespace

std::span<const DecoderRow> decoder_table() { return rows; }

const DecoderRow* find_decoder(std::string_view function) {
  for (const auto& row : rows) {
    if (row.function == function) return &row;
  }
  return nullptr;
}

}  // namespace es::postprocess
