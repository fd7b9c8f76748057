// SPDX-License-Identifier: Apache-2.0
//
// Whatever a network writes into its outputs, every built-in decoder, each way of clustering and the way back to the
// picture come to an end, and what they report are numbers of configured classes.
//
// Input: decoder, cluster mode, classes, network size, rank and dimensions of the output, one byte each; then floats.
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "postprocess/postprocess.h"

namespace {

class Input {
 public:
  Input(const uint8_t* data, size_t size) : data_(data), size_(size) {}
  unsigned byte() {
    if (size_ == 0) return 0;
    --size_;
    return *data_++;
  }
  // The rest as `count` floats, repeated from the start where it is too short.
  std::vector<float> floats(size_t count) const {
    std::vector<float> values(count);
    const size_t there = size_ / sizeof(float);
    for (size_t i = 0; i < count && there != 0; ++i)
      std::memcpy(&values[i], data_ + i % there * sizeof(float), sizeof(float));
    return values;
  }

 private:
  const uint8_t* data_;
  size_t size_;
};

using namespace es;
using namespace es::postprocess;

void check(const Detector& detector, std::span<const TensorView> outputs, std::span<const ClassAttributes> classes,
           int size) {
  const auto found = detector.run(outputs);
  for (const auto& one : found) {
    if (one.class_id < 0 || static_cast<size_t>(one.class_id) >= classes.size() || !std::isfinite(one.box.left) ||
        !std::isfinite(one.score)) {
      std::abort();
    }
  }
  const Placement placement{{0, 0, 2 * size, size}, {0, 0, size, size}, 0.5, 1, 0, 0};
  for (const auto& one : place(found, placement, {classes, {}, {}, true, 2 * size, size})) {
    if (one.box.left < 0 || one.box.top < 0) std::abort();
  }
}

void run(Input input) {
  DetectorParams params;
  const auto rows = decoder_table();
  const size_t decoder = input.byte() % (rows.size() + 1);
  if (decoder < rows.size()) params.parse_bbox_func_name = rows[decoder].function;
  params.cluster_mode = static_cast<ClusterMode>(input.byte() % 5);
  const ClassAttributes attributes{.pre_cluster_threshold = 0, .eps = 0.5f, .min_boxes = 2};
  params.classes.assign(input.byte() % 5, attributes);
  params.network_width = params.network_height = static_cast<int>(input.byte()) + 1;
  params.network_channels = 3;

  std::vector<int64_t> dims;
  for (unsigned rank = input.byte() % 4; dims.size() < rank;) dims.push_back(input.byte() % 24);
  const Shape shape(dims);
  const auto values = input.floats(static_cast<size_t>(shape.elements()));
  std::vector<int64_t> with_batch{-1};
  with_batch.insert(with_batch.end(), dims.begin(), dims.end());

  // The default parser takes the same tensor for coverage and for boxes.
  const std::vector<TensorSpec> outputs{{"cov", Shape(with_batch), DType::f32},
                                        {"bbox", Shape(with_batch), DType::f32}};
  const TensorView view{values.data(), shape, DType::f32};
  const TensorView views[] = {view, view};
  const Detector detector(outputs, params);
  check(detector, views, params.classes, params.network_width);
  Classifier(outputs, {.labels = {{"a", "b"}}}).run(views);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  set_log_sink([](LogLevel, const std::string&) {});
  try {
    run(Input(data, size));
  } catch (const es::Error&) {
  }
  return 0;
}
