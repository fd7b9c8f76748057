// SPDX-License-Identifier: Apache-2.0
//
// For tests of passes: whether two graphs compute the same. ONNX Runtime runs both on random inputs at batches 1 and 3;
// nothing of ours decides what is equal.
#pragma once

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/text.h"
#include "ir/text.h"
#include "onnx/onnx.h"
#include "passes/passes.h"
#include "testing/run_onnx.h"

namespace es::passes::testing {

using ir::TensorData;
using Tensors = std::vector<TensorData>;

// Random numbers for every input, the batch being `batch`.
inline Tensors inputs_for(const ir::Graph& graph, int64_t batch, uint64_t seed) {
  Tensors inputs;
  for (const auto id : graph.inputs()) {
    const auto& value = graph.value(id);
    const auto dims = value.shape ? value.shape->at_batch(batch) : std::nullopt;
    require(dims.has_value(), ErrorKind::internal, "the case's input '", value.name, "' has no known size");
    inputs.push_back(ir::random_tensor(value.dtype, *dims, seed++));
  }
  return inputs;
}

// Axis i of the result is axis axes[i] of the tensor.
inline TensorData transposed(const TensorData& tensor, const ir::Ints& axes) {
  const size_t rank = tensor.dims.size(), size = ir::size_of(tensor.dtype);
  if (axes.size() != rank) return tensor;
  std::vector<int64_t> dims, strides(rank, 1);
  for (size_t i = rank; i-- > 1;) strides[i - 1] = strides[i] * tensor.dims[i];
  for (const int64_t axis : axes) dims.push_back(tensor.dims[static_cast<size_t>(axis)]);
  Bytes bytes(tensor.bytes.size());
  std::vector<int64_t> at(rank, 0);
  for (size_t to = 0; to < bytes.size() / std::max<size_t>(size, 1); ++to) {
    int64_t from = 0;
    for (size_t i = 0; i < rank; ++i) from += at[i] * strides[static_cast<size_t>(axes[i])];
    std::copy_n(tensor.bytes.begin() + from * static_cast<int64_t>(size), size,
                bytes.begin() + static_cast<std::ptrdiff_t>(to * size));
    for (size_t i = rank; i-- > 0 && ++at[i] == dims[i];) at[i] = 0;
  }
  return {tensor.dtype, dims, bytes};
}

// One below the other.
inline TensorData stacked(const Tensors& parts) {
  TensorData all = parts.front();
  for (size_t i = 1; i < parts.size(); ++i) {
    all.dims[0] += parts[i].dims[0];
    all.bytes.insert(all.bytes.end(), parts[i].bytes.begin(), parts[i].bytes.end());
  }
  return all;
}

inline Tensors stacked(const std::vector<Tensors>& runs) {
  Tensors all;
  for (size_t i = 0; i < runs.front().size(); ++i) {
    Tensors parts;
    for (const auto& run : runs) parts.push_back(run[i]);
    all.push_back(stacked(parts));
  }
  return all;
}

// The largest difference in parts of the first one's range.
inline double distance(const TensorData& before, const TensorData& after) {
  const auto a = before.as_doubles(), b = after.as_doubles();
  if (a.size() != b.size() || before.dims != after.dims) return HUGE_VAL;
  double most = 0, range = 1e-6;
  for (const double value : a) range = std::isfinite(value) ? std::max(range, std::abs(value)) : range;
  for (size_t i = 0; i < a.size(); ++i) {
    const bool same = a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i]));
    if (!same) most = std::max(most, std::isfinite(a[i] - b[i]) ? std::abs(a[i] - b[i]) : HUGE_VAL);
  }
  return most / range;
}

inline bool has_batch(const ir::Graph& graph) {
  return std::ranges::any_of(graph.inputs(), [&](auto id) {
    const auto& shape = graph.value(id).shape;
    return shape && shape->has_batch();
  });
}

// What the source says for a batch; item by item where it knows no batch and the result does.
inline std::string compare(const ir::Graph& before, const ir::Graph& after, const Report& report, int64_t batch) {
  const bool item_by_item = has_batch(after) && !has_batch(before);
  std::vector<Tensors> inputs, outputs;
  for (int64_t item = 0; item < (item_by_item ? batch : 1); ++item) {
    inputs.push_back(inputs_for(before, batch, 100 + static_cast<uint64_t>(item) * 10));
    outputs.push_back(es::testing::run_onnx(onnx::write(before), inputs.back()));
  }
  Tensors fed = stacked(inputs), expected = stacked(outputs);
  for (size_t i = 0; i < fed.size(); ++i) fed[i] = transposed(fed[i], report.inputs.at(i).axes);
  const auto found = es::testing::run_onnx(onnx::write(after), fed);
  for (size_t i = 0; i < expected.size(); ++i) {
    const double apart = distance(transposed(expected[i], report.outputs.at(i).axes), found[i]);
    if (!(apart <= 1e-5)) return text("output ", i, " differs by ", apart, " at batch ", batch, "\n");
  }
  return "";
}

// Empty where both compute the same.
inline std::string difference(const ir::Graph& before, const ir::Graph& after, const Report& report) {
  const auto alone = compare(before, after, report, 1);
  return alone.empty() && has_batch(after) ? compare(before, after, report, 3) : alone;
}

}  // namespace es::passes::testing
