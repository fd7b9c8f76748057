// SPDX-License-Identifier: Apache-2.0
//
// A head of heads/ as a decoder.
#pragma once

#include <algorithm>
#include <string>

#include "base/error.h"
#include "base/log.h"
#include "heads/head.h"
#include "postprocess/decoder.h"

namespace es::postprocess {

// Dimensions below 0 (decided at run time) or beyond unsigned become 0, which no head takes for its own.
std::vector<unsigned> head_dims(const Shape& shape);
// The tensors as heads see them, by the names that the model gives them; a dtype other than f32 is a shape of no
// dimensions.
std::vector<es_heads::Tensor> head_tensors(std::span<const TensorView> outputs, std::span<const std::string> names);
// Whether the shape without the batch is known before the model runs.
bool is_static(const TensorSpec& output);

template <typename Head>
class HeadDecoder final : public Decoder {
 public:
  HeadDecoder(std::string_view function, std::span<const TensorSpec> outputs, DecoderParams params)
      : function_(function), params_(std::move(params)) {
    require(!outputs.empty(), ErrorKind::mismatch, function_, ": the model has no output");
    for (const auto& output : outputs) {
      names_.push_back(output.name);
      require(output.dtype == DType::f32, ErrorKind::mismatch, function_, ": output '", output.name, "' is ",
              output.dtype, ", float32 is needed");
    }
    if (!std::all_of(outputs.begin(), outputs.end(), is_static)) return;  // shapes are looked at when they are known
    std::vector<es_heads::Tensor> tensors;
    for (const auto& output : outputs) {
      tensors.push_back({nullptr, head_dims(output.shape.without_batch()), output.name});
    }
    const std::string problem = Head::problem(tensors, network());
    require(problem.empty(), ErrorKind::mismatch, function_, ": output '", outputs[0].name, "': ", problem);
  }

  void decode(std::span<const TensorView> outputs, std::vector<ModelDetection>& found) const override {
    const auto tensors = head_tensors(outputs, names_);
    const std::string problem = Head::problem(tensors, network());
    if (!problem.empty()) {
      log(LogLevel::error, function_, ": ", problem);
      return;
    }
    std::vector<es_heads::Detection> detections;
    Head::decode(tensors, network(), detections);
    for (const auto& one : detections) {
      found.push_back({{one.left, one.top, one.width, one.height}, static_cast<int>(one.class_id), one.score, 0});
    }
  }

 private:
  es_heads::Network network() const {
    return {static_cast<unsigned>(params_.network_width), static_cast<unsigned>(params_.network_height),
            params_.classes(), params_.pre_cluster_thresholds.data()};
  }

  std::string function_;
  DecoderParams params_;
  std::vector<std::string> names_;
};

template <typename Head>
std::unique_ptr<Decoder> open_head(std::string_view function, std::span<const TensorSpec> outputs,
                                   const DecoderParams& params) {
  return std::make_unique<HeadDecoder<Head>>(function, outputs, params);
}

}  // namespace es::postprocess
