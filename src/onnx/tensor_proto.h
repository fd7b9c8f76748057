// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "ir/tensor_data.h"
#include "onnx.pb.h"

namespace es::onnx {

// A tensor of the file as a constant; its bytes leave the message, so that a large model is never held twice. Throws
// unsupported for external, text, complex, 4- and 8-bit-float data, malformed where the data does not fill the
// dimensions.
ir::TensorData take_tensor(es_onnx_format::Tensor& proto, const std::string& where);

}  // namespace es::onnx
