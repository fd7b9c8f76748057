// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "postprocess/decoder.h"

namespace es::postprocess {

// nvinfer's default parser, for networks in the style of DetectNet_v2. Throws mismatch where the model has no output
// whose name contains "cov", or none whose name contains "bbox", or their shapes do not go together.
std::unique_ptr<Decoder> open_bbox_coverage(std::span<const TensorSpec> outputs, const DecoderParams& params);

}  // namespace es::postprocess
