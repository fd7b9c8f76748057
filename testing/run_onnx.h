// SPDX-License-Identifier: Apache-2.0
//
// For tests: an ONNX file run by ONNX Runtime, with nothing of ours in between.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "ir/tensor_data.h"

namespace es::testing {

// All outputs in the file's order; `inputs` in the file's order. Throws std::exception with ONNX Runtime's sentence
// where the file does not load or run.
std::vector<ir::TensorData> run_onnx(BytesView model, const std::vector<ir::TensorData>& inputs);

}  // namespace es::testing
