// SPDX-License-Identifier: Apache-2.0
//
// From output tensors to boxes, one decoder per way of writing boxes into tensors. Clustering, labels and the way back
// to the picture are others' business.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "vision/detection.h"
#include "vision/tensor.h"

namespace es::postprocess {

// What a decoder must know of the network. Width and height are those of the network's input in pixels; the thresholds
// have one entry per class.
struct DecoderParams {
  int network_width = 0;
  int network_height = 0;
  int network_channels = 0;
  std::vector<float> pre_cluster_thresholds;
  std::vector<float> post_cluster_thresholds;

  unsigned classes() const { return static_cast<unsigned>(pre_cluster_thresholds.size()); }
};

class Decoder {
 public:
  virtual ~Decoder() = default;
  // Adds what the tensors of one item (no batch dimension, order of the model's outputs) say; boxes in network pixels.
  // Any values are safe, and so is any shape: tensors that are not the decoder's give nothing and an error in the log.
  // Safe to call from many threads at once.
  virtual void decode(std::span<const TensorView> outputs, std::vector<ModelDetection>& found) const = 0;
};

// `outputs` are the model's, with the batch dimension in front. Throws mismatch where they are not the decoder's.
using OpenDecoder = std::unique_ptr<Decoder> (*)(std::string_view function, std::span<const TensorSpec> outputs,
                                                 const DecoderParams& params);

// The parsers that are built in, by the name that parse-bbox-func-name gives.
struct DecoderRow {
  std::string_view function;
  OpenDecoder open;
  std::string_view meaning;
};
std::span<const DecoderRow> decoder_table();
// Null where the function is not built in.
const DecoderRow* find_decoder(std::string_view function);

}  // namespace es::postprocess
