// SPDX-License-Identifier: Apache-2.0
//
// Which engine a configuration gets: the rules of nvinfer.md 5.2, 5.3 and 5.7, and its sentences (9.4) where scripts
// look for them.
#pragma once

#include <filesystem>
#include <string>

#include "config/infer_config.h"
#include "infer/engine_build.h"
#include "infer/options.h"

namespace es::infer {

// The precision that names the engine: network-mode after the fallbacks that nvinfer has on a GPU with fast fp16 and
// int8. int8 and best without a calibration table become fp16, with nvinfer's warning in the log.
std::string effective_precision(const config::InferConfig& config);

// "<onnx-file>_b<batch>_gpu<id>_<precision>.engine"
std::filesystem::path suggested_engine_path(const config::InferConfig& config, const std::string& precision);

// model-engine-file if it will do, else built from onnx-file and written to the suggested path. Every step is in the
// log.
Engine choose_engine(const config::InferConfig& config, const Choices& choices);

}  // namespace es::infer
