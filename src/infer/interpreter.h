// SPDX-License-Identifier: Apache-2.0
//
// What the output tensors of one region mean, by network-type.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "config/infer_config.h"
#include "config/labels.h"
#include "infer/infer.h"
#include "infer/network.h"
#include "vision/tensor.h"

namespace es::postprocess {
class Classifier;
class Detector;
}  // namespace es::postprocess

namespace es::infer {

class Interpreter {
 public:
  // `outputs` are the model's, with the batch dimension in front. Reads the labels file and warns about what the
  // configuration allows and probably does not mean. `config` must stay. Throws as Detector and Classifier do, with the
  // model's name in front.
  Interpreter(const config::InferConfig& config, const NetworkSize& size, std::span<const TensorSpec> outputs,
              const std::string& model);
  ~Interpreter();

  const config::Labels& labels() const { return labels_; }
  // Raw tensors are part of the result.
  bool keeps_tensors() const;
  // Fills detections, or attributes and label. result.placement is set. From any thread.
  void read(std::span<const TensorView> outputs, const ImageView& image, RegionResult& result) const;

 private:
  const config::InferConfig& config_;
  config::Labels labels_;
  std::unique_ptr<postprocess::Detector> detector_;
  std::unique_ptr<postprocess::Classifier> classifier_;
};

}  // namespace es::infer
