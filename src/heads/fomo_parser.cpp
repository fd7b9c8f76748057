// SPDX-License-Identifier: Apache-2.0
//
// DeepStream's output parser for FOMO. The decoding is in fomo.h, the very source that EdgeStream runs.
#include <vector>

#include "fomo.h"
#include "parser_entry.h"

extern "C" bool NvDsInferParseCustomEdgeImpulseFomo(const std::vector<NvDsInferLayerInfo>& layers,
                                                    const NvDsInferNetworkInfo& network,
                                                    const NvDsInferParseDetectionParams& params,
                                                    std::vector<NvDsInferObjectDetectionInfo>& objects) {
  return es_heads::parse<es_heads::Fomo>("NvDsInferParseCustomEdgeImpulseFomo", layers, network, params, objects);
}
