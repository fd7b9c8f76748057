// SPDX-License-Identifier: Apache-2.0
//
// DeepStream's output parsers for YOLOv5. The decoding is in yolov5.h, the very source that EdgeStream runs.
#include <vector>

#include "parser_entry.h"
#include "yolov5.h"

// As Edge Impulse's SDK decodes an ONNX file's output: cluster-mode=4.
extern "C" bool NvDsInferParseCustomEdgeImpulseYoloV5(const std::vector<NvDsInferLayerInfo>& layers,
                                                      const NvDsInferNetworkInfo& network,
                                                      const NvDsInferParseDetectionParams& params,
                                                      std::vector<NvDsInferObjectDetectionInfo>& objects) {
  return es_heads::parse<es_heads::YoloV5Sdk<false>>("NvDsInferParseCustomEdgeImpulseYoloV5", layers, network, params,
                                                     objects);
}

// The same for coordinates from 0 to 1, as in TFLite files.
extern "C" bool NvDsInferParseCustomEdgeImpulseYoloV5Normalized(const std::vector<NvDsInferLayerInfo>& layers,
                                                                const NvDsInferNetworkInfo& network,
                                                                const NvDsInferParseDetectionParams& params,
                                                                std::vector<NvDsInferObjectDetectionInfo>& objects) {
  return es_heads::parse<es_heads::YoloV5Sdk<true>>("NvDsInferParseCustomEdgeImpulseYoloV5Normalized", layers, network,
                                                    params, objects);
}

// As the network's trainers decode it: cluster-mode=2.
extern "C" bool NvDsInferParseYolo(const std::vector<NvDsInferLayerInfo>& layers, const NvDsInferNetworkInfo& network,
                                   const NvDsInferParseDetectionParams& params,
                                   std::vector<NvDsInferObjectDetectionInfo>& objects) {
  return es_heads::parse<es_heads::YoloV5PerClass>("NvDsInferParseYolo", layers, network, params, objects);
}

// The same for coordinates from 0 to 1, as in Edge Impulse's TFLite files.
extern "C" bool NvDsInferParseYoloNormalized(const std::vector<NvDsInferLayerInfo>& layers,
                                             const NvDsInferNetworkInfo& network,
                                             const NvDsInferParseDetectionParams& params,
                                             std::vector<NvDsInferObjectDetectionInfo>& objects) {
  return es_heads::parse<es_heads::YoloV5PerClassOf<true>>("NvDsInferParseYoloNormalized", layers, network, params,
                                                           objects);
}
