// SPDX-License-Identifier: Apache-2.0
//
// One operator being evaluated. Internal to this folder.
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "base/error.h"
#include "reference/array.h"

namespace es::reference {

class Call {
 public:
  // `integers`: arrays of quantised tensors hold integers, for the kernels of integers.h. `accumulating`: the operator
  // is handed centred integers, and what it gives are sums to be rescaled.
  enum class Mode { real, integers, accumulating };
  Call(const tflite::Model& model, const tflite::Operator& source, std::vector<Array>& trace, Mode mode = Mode::real)
      : model_(model), source_(source), trace_(trace), mode_(mode) {}

  std::string_view name() const { return source_.name; }
  size_t input_count() const { return source_.inputs.size(); }
  size_t output_count() const { return source_.outputs.size(); }
  bool has(size_t slot) const { return slot < input_count() && source_.inputs[slot] >= 0; }
  const Array& in(size_t slot) const;
  std::vector<int64_t> ints(size_t slot) const { return integers(in(slot)); }
  // The one element of an input.
  double number(size_t slot) const;
  int64_t integer(size_t slot) const { return static_cast<int64_t>(number(slot)); }
  // float32 also for a quantised output.
  tflite::TensorType out_type(size_t slot = 0) const;
  // A bias as numbers; [] where there is none. `image` and `weight` are the slots whose scales make up the bias's own
  // where all are quantised.
  std::vector<double> bias(size_t slot, size_t image, size_t weight) const;
  Dims stated_shape(size_t slot) const;  // of an output, in the file

  template <typename Table>
  Table options() const {
    const auto* table = std::get_if<Table>(&source_.options);
    return table != nullptr ? *table : Table{};
  }

  // An array for the output, zeroed, of the file's type.
  Array make(Dims shape, size_t slot = 0) const { return make_array(out_type(slot), std::move(shape)); }
  void give(Array result, size_t slot = 0);
  // The activation that is fused into an operator; the two that kernels do not know change nothing. Sums of integers
  // get theirs when they are rescaled.
  void activate(Array& array, tflite::ActivationFunctionType activation);

  // --- for kernels of integers
  Array make_integers(Dims shape) const { return make_array(out_tensor(0).type, std::move(shape)); }
  void give_integers(Array result) { trace_[static_cast<size_t>(source_.outputs[0])] = std::move(result); }
  // A window over the image, whose cells `summary` makes one of.
  void pool(const std::function<double(const std::vector<double>&)>& summary);
  const tflite::Tensor& in_tensor(size_t slot) const;
  const tflite::Tensor& out_tensor(size_t slot) const;

  int64_t axis(int64_t axis, size_t rank) const;
  template <typename... Parts>
  void check(bool ok, const Parts&... parts) const {
    require(ok, ErrorKind::malformed, parts...);
  }

 private:
  const tflite::Model& model_;
  const tflite::Operator& source_;
  std::vector<Array>& trace_;
  Mode mode_;
  tflite::ActivationFunctionType pending_ = tflite::ActivationFunctionType::none;  // until sums are rescaled
};

struct Row {
  std::string_view name;
  void (*evaluate)(Call&);
};

std::span<const Row> assemble_rows();
std::span<const Row> detection_rows();
std::span<const Row> elementwise_rows();
std::span<const Row> index_rows();
std::span<const Row> matrix_rows();
std::span<const Row> movement_rows();
std::span<const Row> reduce_rows();
std::span<const Row> slice_rows();
std::span<const Row> spatial_rows();

}  // namespace es::reference
