// SPDX-License-Identifier: Apache-2.0
//
// What the layers of a model and its configuration say together: layers as nvinfer counts them (nvinfer.md 5.4), the
// network's size, and how pictures become its input (3.5, 3.6).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "backend/session.h"
#include "config/infer_config.h"
#include "infer/engine_build.h"
#include "preprocess/preprocess.h"
#include "vision/tensor.h"

namespace es::infer {

// Dimensions without the batch, always without the first one whatever it means; a tensor of one dimension becomes {1}.
struct Layers {
  std::vector<TensorSpec> inputs, outputs;
};
Layers layers_of(const backend::Session& session, std::span<const backend::Profile> profiles);

// The dimensions of one layer of a tensor, see above.
Shape layer_shape(const Shape& shape);

struct NetworkSize {
  int channels = 0, height = 0, width = 0;
};

// infer-dims, else the first input's dimensions as channels, height, width. Throws mismatch where the first input is no
// picture, unsupported where there are more inputs.
NetworkSize network_size(const Layers& layers, const config::InferConfig& config, const std::string& model);

// Reads the mean file. Throws mismatch where colours, offsets or mean file do not fit the network, unreadable or
// malformed for the mean file. Says in the log where scaling-filter has no twin here.
preprocess::Spec preprocess_spec(const config::InferConfig& config, const NetworkSize& size, const std::string& model);

}  // namespace es::infer
