// SPDX-License-Identifier: Apache-2.0
//
// DeepStream's output parser for YOLO-Pro. The decoding is in yolo_pro.h, the very source that EdgeStream runs.
#include <vector>

#include "parser_entry.h"
#include "yolo_pro.h"

// cluster-mode=2.
extern "C" bool NvDsInferParseCustomEdgeImpulseYoloPro(const std::vector<NvDsInferLayerInfo>& layers,
                                                       const NvDsInferNetworkInfo& network,
                                                       const NvDsInferParseDetectionParams& params,
                                                       std::vector<NvDsInferObjectDetectionInfo>& objects) {
  return es_heads::parse<es_heads::YoloPro>("NvDsInferParseCustomEdgeImpulseYoloPro", layers, network, params, objects);
}
