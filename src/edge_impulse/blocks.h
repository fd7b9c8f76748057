// SPDX-License-Identifier: Apache-2.0
//
// The tables of an impulse: processing blocks, learning blocks, post-processing blocks. Their columns changed with
// every generation and are told apart by what stands in them, never by their position.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "edge_impulse/headers.h"

namespace es::edge_impulse {

struct DspBlock {
  std::string_view function;  // "extract_image_features"
  Place config;
};

struct LearningBlock {
  std::string_view function;  // "run_nn_inference"
  Place config;
  std::string_view scaling;  // "EI_CLASSIFIER_IMAGE_SCALING_NONE"; empty where the table has no such column
};

// The post-processing row that reads a network's output.
struct Decoder {
  std::string_view function;  // "process_fomo_i8"
  std::string_view mode;      // "EI_CLASSIFIER_MODE_OBJECT_DETECTION"
  Place config;
};

struct Blocks {
  Place dsp_table, learning_table, postprocessing_table;
  std::vector<DspBlock> dsp;
  std::vector<LearningBlock> learning;
  std::optional<LearningBlock> network;  // the learning block that is imported: the first with a neural network
  std::optional<Decoder> decoder;        // its post-processing
  std::string_view tracking;             // a stage that follows objects over time, by its function
};

// `impulse` may be null: exports before November 2022 have tables, but no struct that names them.
Blocks find_blocks(const Headers& headers, Place impulse);

}  // namespace es::edge_impulse
