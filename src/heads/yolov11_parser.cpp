// SPDX-License-Identifier: Apache-2.0
//
// DeepStream's output parsers for YOLOv11. The decoding is in yolov11.h, the very source that EdgeStream runs.
#include <vector>

#include "parser_entry.h"
#include "yolov11.h"

// Coordinates in pixels of the network's input: cluster-mode=2.
extern "C" bool NvDsInferParseCustomEdgeImpulseYoloV11(const std::vector<NvDsInferLayerInfo>& layers,
                                                       const NvDsInferNetworkInfo& network,
                                                       const NvDsInferParseDetectionParams& params,
                                                       std::vector<NvDsInferObjectDetectionInfo>& objects) {
  return es_heads::parse<es_heads::YoloV11<false>>("NvDsInferParseCustomEdgeImpulseYoloV11", layers, network, params,
                                                   objects);
}

// The same for coordinates from 0 to 1.
extern "C" bool NvDsInferParseCustomEdgeImpulseYoloV11Normalized(const std::vector<NvDsInferLayerInfo>& layers,
                                                                 const NvDsInferNetworkInfo& network,
                                                                 const NvDsInferParseDetectionParams& params,
                                                                 std::vector<NvDsInferObjectDetectionInfo>& objects) {
  return es_heads::parse<es_heads::YoloV11<true>>("NvDsInferParseCustomEdgeImpulseYoloV11Normalized", layers, network,
                                                  params, objects);
}
