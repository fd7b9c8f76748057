// SPDX-License-Identifier: Apache-2.0
#include "postprocess/decoders/head_decoder.h"

#include <limits>

namespace es::postprocess {

std::vector<unsigned> head_dims(const Shape& shape) {
  std::vector<unsigned> dims;
  for (const int64_t dim : shape.dims()) {
    const bool fits = dim >= 0 && dim <= std::numeric_limits<unsigned>::max();
    dims.push_back(fits ? static_cast<unsigned>(dim) : 0);
  }
  return dims;
}

std::vector<es_heads::Tensor> head_tensors(std::span<const TensorView> outputs, std::span<const std::string> names) {
  std::vector<es_heads::Tensor> tensors;
  for (const auto& output : outputs) {
    const bool readable = output.dtype == DType::f32 && output.data != nullptr;
    tensors.push_back({static_cast<const float*>(output.data),
                       readable ? head_dims(output.shape) : std::vector<unsigned>{},
                       tensors.size() < names.size() ? names[tensors.size()] : ""});
  }
  return tensors;
}

bool is_static(const TensorSpec& output) {
  const auto dims = output.shape.dims();
  return !dims.empty() && std::none_of(dims.begin() + 1, dims.end(), [](int64_t dim) { return dim < 0; });
}

}  // namespace es::postprocess
