// SPDX-License-Identifier: Apache-2.0
//
// A .tflite file as a checked, read-only view.
//
// parse() refuses what it cannot vouch for, so that nobody above needs to: every index is in range or -1 where -1 means
// absent, every constant has exactly the bytes its shape and type ask for, operators stand in the order in which their
// inputs come into being (but for those of custom operators, which may be scratch memory), and each tensor is made
// once.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "tflite/options.h"
#include "tflite/types.h"

namespace es::tflite {

// real = scale * (q - zero_point). One scale: for the whole tensor. Several: one for each index of axis `dimension`.
struct Quantization {
  std::span<const float> scale;         // empty: not quantised
  std::span<const int64_t> zero_point;  // empty: all zero; otherwise one, or as many as scales
  int dimension = 0;
  std::string_view details;  // a scheme that scale and zero_point do not describe ("BlockwiseQuantization")

  bool is_quantized() const { return !scale.empty() || !details.empty(); }
  bool per_axis() const { return scale.size() > 1; }
  int64_t zero_point_at(size_t index) const;
};

struct Tensor {
  std::string_view name;  // any bytes, may be empty, need not be unique
  TensorType type = TensorType::float32;
  std::span<const int32_t> shape;  // as exported; no dimension is negative; [] is a scalar or unknown
  std::span<const int32_t>
      shape_signature;  // -1 where the author left a dimension open; [] where the file says nothing
  Quantization quantization;
  BytesView data;            // of a constant; may lie at any address, so read it by memcpy
  bool is_constant = false;  // also a constant without elements, whose data is empty
  bool is_variable = false;
  bool is_sparse = false;  // data is then not one element after the other
  int producer = -1;       // index of the operator that makes it

  int64_t elements() const;
  // Whether its elements stand for real numbers by a scale. Scales that a float tensor carries mean nothing.
  bool is_quantized() const;
  // The numbers that its smallest and its largest integer stand for; nothing where it is not quantised with one scale
  // in 8 or 16 bits.
  std::optional<std::pair<double, double>> real_range() const;
};

struct Operator {
  int index = 0;
  int code = 0;                  // of builtin_operators(); 32 is CUSTOM
  std::string_view name;         // "CONV_2D"; of a custom operator "CUSTOM"
  std::string_view custom_code;  // "TFLite_Detection_PostProcess"; empty for the others
  int version = 1;
  std::span<const int32_t> inputs;   // tensor indices; -1: an optional input that is absent
  std::span<const int32_t> outputs;  // likewise
  Options options;
  BytesView custom_options;
};

struct Signature {
  std::string_view key;                                           // "serving_default"
  std::vector<std::pair<std::string_view, int>> inputs, outputs;  // name and tensor index
};

struct Metadata {
  std::string_view name;
  BytesView data;
};

class Model {
 public:
  // `bytes` must stay where they are as long as the model and everything got from it. `name` is how messages call the
  // file. Throws malformed for a damaged or hostile file, and unsupported for an intact one of a kind that cannot be
  // read (tensors in another file).
  static Model parse(BytesView bytes, std::string name);

  Model(Model&&) = default;  // a copy would view the original's bytes
  Model& operator=(Model&&) = default;

  const std::string& name() const { return name_; }
  std::span<const Tensor> tensors() const { return tensors_; }
  std::span<const Operator> operators() const { return operators_; }
  std::span<const int32_t> inputs() const { return inputs_; }
  std::span<const int32_t> outputs() const { return outputs_; }
  std::span<const Signature> signatures() const { return signatures_; }
  std::span<const Metadata> metadata() const { return metadata_; }
  std::string_view description() const { return description_; }
  // The oldest runtime that the exporter thinks can run it ("1.14.0"); empty where the file does not say.
  std::string min_runtime_version() const;
  size_t subgraphs() const { return subgraphs_; }
  // What is odd about the file and was read all the same, one sentence each.
  const std::vector<std::string>& warnings() const { return warnings_; }

  // Whether arithmetic is done in integers: some graph input, or some operator's result, is a quantised integer.
  bool has_integer_arithmetic() const;
  // Whether weights are stored as halves (and turned into floats by DEQUANTIZE operators).
  bool has_float16_weights() const;

  // "person.tflite: op 17 CONV_2D ('backbone/conv3')"; the name is that of the first output.
  std::string where(const Operator& op) const;
  // "op 17 CONV_2D ('backbone/conv3')".
  std::string describe(const Operator& op) const;
  // "tensor 12 ('weights')".
  std::string describe_tensor(int index) const;

 private:
  friend class ModelReader;
  Model() = default;

  std::string name_;
  Bytes aligned_;  // a copy of the file, made only where the caller's bytes do not lie at a multiple of 16
  std::vector<Tensor> tensors_;
  std::vector<Operator> operators_;
  std::span<const int32_t> inputs_, outputs_;
  std::vector<Signature> signatures_;
  std::vector<Metadata> metadata_;
  std::string_view description_;
  size_t subgraphs_ = 0;
  std::vector<std::string> warnings_;
};

}  // namespace es::tflite
