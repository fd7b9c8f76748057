// SPDX-License-Identifier: Apache-2.0
//
// An ONNX file is its own oracle: the source as it came and what became of it, both run by ONNX Runtime.
#include "base/error.h"
#include "verify/network.h"
#include "verify/source.h"

namespace es::verify {
namespace {

class OnnxSource final : public Source {
 public:
  OnnxSource(BytesView bytes, const std::string& name) : network_(bytes, name) {
    for (const auto dim : network_.input().shape.dims()) input_shape_.push_back(dim < 0 ? 1 : dim);
    for (size_t i = 0; i < network_.output_count(); ++i) {
      outputs_.push_back({.name = network_.output_name(i), .wanted_name = "", .is_logits = network_.has_logits(i)});
      as_logits_.push_back(network_.has_logits(i));
    }
  }

  std::string arithmetic() const override { return backend::runtime_version() + " on the source"; }
  const Dims& input_shape() const override { return input_shape_; }
  bool is_channels_first() const override {
    const auto counts_channels = [&](size_t axis) { return input_shape_[axis] == 1 || input_shape_[axis] == 3; };
    return input_shape_.size() == 4 && counts_channels(1) && !counts_channels(3);
  }
  bool takes_integers() const override {
    const auto dtype = network_.input().dtype;
    return dtype != DType::f32 && dtype != DType::f16 && dtype != DType::f64;
  }
  std::optional<Range> input_range() const override { return std::nullopt; }
  const std::vector<SourceOutput>& outputs() const override { return outputs_; }
  std::vector<Array> run(const Array& input) const override { return network_.run(input, as_logits_); }
  std::vector<Array> run_integers(const Array&) const override { return {}; }
  std::vector<Layer> layers(const Array&) const override { return {}; }

 private:
  Network network_;
  Dims input_shape_;
  std::vector<SourceOutput> outputs_;
  std::vector<bool> as_logits_;
};

}  // namespace

std::unique_ptr<Source> onnx_source(BytesView bytes, const std::string& name) {
  return std::make_unique<OnnxSource>(bytes, name);
}

}  // namespace es::verify
