// SPDX-License-Identifier: Apache-2.0
//
// DeepStream's output parser for SSD. The decoding is in ssd.h, the very source that EdgeStream runs.
#include <vector>

#include "parser_entry.h"
#include "ssd.h"

// As Edge Impulse's SDK decodes it: cluster-mode=4.
extern "C" bool NvDsInferParseCustomEdgeImpulseSsd(const std::vector<NvDsInferLayerInfo>& layers,
                                                   const NvDsInferNetworkInfo& network,
                                                   const NvDsInferParseDetectionParams& params,
                                                   std::vector<NvDsInferObjectDetectionInfo>& objects) {
  return es_heads::parse<es_heads::Ssd>("NvDsInferParseCustomEdgeImpulseSsd", layers, network, params, objects);
}
