// SPDX-License-Identifier: Apache-2.0
#include "heads/fomo.h"
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
