// SPDX-License-Identifier: Apache-2.0
//
// What is allowed in a configuration and is probably a mistake.
#pragma once

#include <vector>

#include "config/infer_config.h"
#include "config/labels.h"
#include "config/read.h"

namespace es::config {

// What is known of the model, if it has been opened.
struct ModelFacts {
  // Classes of each output of a classifier, in the order of outputs. Empty: not known.
  std::vector<int> classes_of_outputs;
};

// Sentences for the user, each on one line, in the order of the rules in lint.cpp. `labels` is what labelfile-path
// holds, empty where there is none. Throws nothing: what must be refused is refused elsewhere.
Warnings lint(const InferConfig& config, const Labels& labels, const ModelFacts& model = {});

}  // namespace es::config
