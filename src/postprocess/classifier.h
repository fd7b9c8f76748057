// SPDX-License-Identifier: Apache-2.0
//
// A classifier from output tensors to attributes.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "vision/detection.h"
#include "vision/tensor.h"

namespace es::postprocess {

struct ClassifierParams {
  int network_width = 0;
  int network_height = 0;
  int network_channels = 0;
  float classifier_threshold = 0;
  // labels[l][v] is the label of class v of output l.
  std::vector<std::vector<std::string>> labels;
  std::string parse_classifier_func_name;
  std::filesystem::path custom_lib_path;
};

// `label` is the text shown beside the object: with the default parser the label of each attribute and a blank
// ("red sedan "). Where it is empty, nvinfer attaches nothing.
struct ClassifierResult {
  std::vector<Attribute> attributes;
  std::string label;
};

class AttributeParser {
 public:
  virtual ~AttributeParser() = default;
  // Safe to call from many threads at once.
  virtual void parse(std::span<const TensorView> outputs, ClassifierResult& result) const = 0;
};

class Classifier {
 public:
  // `outputs` are the model's, with the batch dimension in front. Throws mismatch where the default parser cannot read
  // them, unreadable or environment where a parser is named and its library cannot be loaded, mismatch where the
  // library has no such function.
  Classifier(std::span<const TensorSpec> outputs, ClassifierParams params);
  ~Classifier();

  // The tensors of one item, without batch dimension. Never throws for values; safe to call from many threads at once.
  ClassifierResult run(std::span<const TensorView> outputs) const;

 private:
  std::string label_of(const Attribute& attribute) const;

  ClassifierParams params_;
  std::unique_ptr<AttributeParser> parser_;
};

}  // namespace es::postprocess
