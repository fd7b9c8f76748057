// SPDX-License-Identifier: Apache-2.0
//
// A detector from output tensors to boxes in network pixels: parse, filter, cluster.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "postprocess/decoder.h"
#include "vision/class_attributes.h"
#include "vision/detection.h"
#include "vision/tensor.h"

namespace es::postprocess {

struct DetectorParams {
  int network_width = 0;  // pixels of the network's input
  int network_height = 0;
  int network_channels = 0;
  // One entry per class (num-detected-classes of them).
  std::vector<ClassAttributes> classes;
  ClusterMode cluster_mode = ClusterMode::group_rectangles;
  std::string parse_bbox_func_name;
  std::filesystem::path custom_lib_path;
};

class Detector {
 public:
  // `outputs` are the model's, with the batch dimension in front. Cluster mode 0 becomes NMS with an IoU of 0.5 and the
  // best 20 of each class.
  //
  // Which parser: a function of custom-lib-path where the library has it; the built-in one of that name where it does
  // not, or the library is absent or cannot be loaded (one warning in the log); the default parser where no function is
  // named. Throws mismatch where the parser cannot read the outputs or there is no such function; unreadable or
  // environment where the library cannot be loaded and the function is not built in.
  Detector(std::span<const TensorSpec> outputs, DetectorParams params);

  // The tensors of one item, without batch dimension, in the order of the model's outputs. Order of the result: classes
  // ascending, see cluster.h. Never throws for values; safe to call from many threads at once.
  std::vector<ModelDetection> run(std::span<const TensorView> outputs) const;

 private:
  DetectorParams params_;
  std::unique_ptr<Decoder> decoder_;
};

}  // namespace es::postprocess
