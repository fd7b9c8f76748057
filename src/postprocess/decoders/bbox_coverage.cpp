// SPDX-License-Identifier: Apache-2.0
//
// The default parser of nvinfer.
//
//   "...cov..."   [classes, H, W]        confidence of each class in each cell of a grid
//   "...bbox..."  [4 * classes, H, W]    x1, y1, x2, y2 of each class, as distances from the cell in units of 35 pixels
//
// Of several outputs whose name fits, the last one is meant. Arithmetic is in single precision, as in nvinfer.
#include "postprocess/decoders/bbox_coverage.h"

#include <algorithm>
#include <string>

#include "base/error.h"
#include "base/log.h"

namespace es::postprocess {
namespace {

constexpr float box_norm = 35.0f;
constexpr size_t none = static_cast<size_t>(-1);

size_t last_named(std::span<const TensorSpec> outputs, std::string_view part) {
  size_t found = none;
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].name.find(part) != std::string::npos) found = i;
  }
  return found;
}

// Where a coordinate ends up that lies outside: on the last pixel, or on the first.
float held(float value, int size) {
  const float last = static_cast<float>(size - 1);
  return std::max(value >= static_cast<float>(size) ? last : value, 0.0f);
}

class BboxCoverage final : public Decoder {
 public:
  BboxCoverage(std::span<const TensorSpec> outputs, DecoderParams params)
      : params_(std::move(params)), coverage_(last_named(outputs, "cov")), boxes_(last_named(outputs, "bbox")) {
    require(
        coverage_ != none, ErrorKind::mismatch, "the model has ", names_of(outputs),
        ", an output named '...cov...' is ",
        "needed by the default parser; name another by parse-bbox-func-name (Could not find output coverage layer for ",
        "parsing objects)");
    require(boxes_ != none, ErrorKind::mismatch, "the model has ", names_of(outputs),
            ", an output named '...bbox...' is ",
            "needed by the default parser; name another by parse-bbox-func-name (Could not find output bbox layer for ",
            "parsing objects)");
    for (const size_t index : {coverage_, boxes_}) {
      require(outputs[index].dtype == DType::f32 && outputs[index].shape.rank() == 4, ErrorKind::mismatch, "output '",
              outputs[index].name, "' is ", outputs[index].dtype, outputs[index].shape,
              ", float32[N, planes, height, width] is needed by the default parser");
    }
  }

  void decode(std::span<const TensorView> outputs, std::vector<ModelDetection>& found) const override {
    const TensorView& coverage = outputs[coverage_];
    const TensorView& boxes = outputs[boxes_];
    if (!fit(coverage, boxes)) {
      log(LogLevel::error, "coverage ", coverage.shape, " and bbox ", boxes.shape,
          " do not go together, [classes, H, W] and [4 * classes, H, W] are needed (Failed to parse bboxes)");
      return;
    }
    const int64_t classes = std::min<int64_t>(coverage.shape[0], params_.classes());
    for (int64_t class_id = 0; class_id < classes; ++class_id) decode_class(class_id, coverage, boxes, found);
  }

 private:
  static std::string names_of(std::span<const TensorSpec> outputs) {
    std::vector<std::string> names;
    for (const auto& output : outputs) names.push_back("'" + printable(output.name) + "'");
    return (names.size() == 1 ? "the output " : "the outputs ") + join(names, ", ");
  }

  static bool fit(const TensorView& coverage, const TensorView& boxes) {
    const Shape& cov = coverage.shape;
    const Shape& box = boxes.shape;
    return coverage.dtype == DType::f32 && boxes.dtype == DType::f32 && cov.rank() == 3 && box.rank() == 3 &&
           cov[1] == box[1] && cov[2] == box[2] && cov[1] > 0 && cov[2] > 0 && box[0] / 4 >= cov[0];
  }

  void decode_class(int64_t class_id, const TensorView& coverage, const TensorView& boxes,
                    std::vector<ModelDetection>& found) const {
    const int64_t rows = coverage.shape[1], columns = coverage.shape[2], grid = rows * columns;
    const int64_t stride_x = (params_.network_width + columns - 1) / columns;
    const int64_t stride_y = (params_.network_height + rows - 1) / rows;
    const float threshold = params_.pre_cluster_thresholds[static_cast<size_t>(class_id)];
    const float* scores = static_cast<const float*>(coverage.data) + class_id * grid;
    const float* x1 = static_cast<const float*>(boxes.data) + 4 * class_id * grid;
    for (int64_t cell = 0; cell < grid; ++cell) {
      if (!(scores[cell] >= threshold)) continue;
      const float center_x = (static_cast<float>((cell % columns) * stride_x) + 0.5f) / box_norm;
      const float center_y = (static_cast<float>((cell / columns) * stride_y) + 0.5f) / box_norm;
      const float left = held((x1[cell] - center_x) * -box_norm, params_.network_width);
      const float top = held((x1[cell + grid] - center_y) * -box_norm, params_.network_height);
      const float right = held((x1[cell + 2 * grid] + center_x) * box_norm, params_.network_width);
      const float bottom = held((x1[cell + 3 * grid] + center_y) * box_norm, params_.network_height);
      if (!(right - left >= 0) || !(bottom - top >= 0)) continue;  // NaN goes too
      found.push_back({{left, top, right - left, bottom - top}, static_cast<int>(class_id), scores[cell], 0});
    }
  }

  DecoderParams params_;
  size_t coverage_;
  size_t boxes_;
};

}  // namespace

std::unique_ptr<Decoder> open_bbox_coverage(std::span<const TensorSpec> outputs, const DecoderParams& params) {
  return std::make_unique<BboxCoverage>(outputs, params);
}

}  // namespace es::postprocess
