// SPDX-License-Identifier: Apache-2.0
//
// Metadata as JSON Lines; the fields are described in docs/detections.schema.json.
#pragma once

#include <string>

#include "edgestream/deepstream/nvdsmeta.h"

namespace es::gst {

// One line for each frame of the batch, in its order, each with its newline. The same metadata gives the same bytes:
// fields in a fixed order, each number as the shortest text that reads back as the same single-precision value. A value
// that is no number (NaN, infinity) becomes null; bytes that are no UTF-8 become the replacement character.
std::string json_lines(const NvDsBatchMeta& batch);

}  // namespace es::gst
