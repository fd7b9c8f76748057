// SPDX-License-Identifier: Apache-2.0
//
// MEAN, SUM, REDUCE_MAX, REDUCE_MIN, REDUCE_PROD, REDUCE_ANY, REDUCE_ALL, ARG_MAX, ARG_MIN.
//
// The axes are an input. An empty list of them means "none" in TFLite and "all" in ONNX. The mean over exactly the two
// spatial axes of an image is what ONNX calls GlobalAveragePool, which every runtime does best.
#include <set>

#include "translate/constants.h"
#include "translate/op.h"
#include "translate/ops/families.h"

namespace es::translate {
namespace {

// Sorted, from the front, each once.
Ints axes_of(Op& op, int rank) {
  std::set<int64_t> axes;
  for (const auto axis : op.constant_ints(1, "its axes")) axes.insert(op.axis(axis, rank));
  return {axes.begin(), axes.end()};
}

struct Reduction {
  ValueId x;
  Ints axes;
  bool keep_dims;
};

Reduction reduction(Op& op) {
  const auto x = op.input(0);
  return {x, axes_of(op, op.rank(x)), op.options<tflite::ReducerOptions>().keep_dims};
}

ValueId reduce(Op& op, std::string_view onnx_name, ValueId x, const Reduction& r) {
  return r.axes.empty() ? op.emit("Identity", {x}) : op.reduce(onnx_name, x, r.axes, r.keep_dims);
}

template <const char* onnx_name>
void reduce(Op& op) {
  const auto r = reduction(op);
  op.output(0, reduce(op, onnx_name, r.x, r));
}
constexpr char sum[] = "ReduceSum", max[] = "ReduceMax", min[] = "ReduceMin", prod[] = "ReduceProd";

void mean(Op& op) {
  const auto r = reduction(op);
  const auto dims = op.shape(r.x);
  const bool is_global_pool = dims.size() == 4 && r.axes == Ints{1, 2} && ir::is_float(op.dtype(r.x));
  if (!is_global_pool) return op.output(0, reduce(op, "ReduceMean", r.x, r));
  const auto pooled = op.emit("GlobalAveragePool", {op.to_nchw(r.x)});
  op.output(0, r.keep_dims ? op.to_nhwc(pooled) : op.emit("Flatten", {pooled}, {{"axis", int64_t{1}}}));
}

// Truth as 0 and 1 in floats: not every runtime reduces integers.
template <const char* onnx_name>
void reduce_truth(Op& op) {
  const auto r = reduction(op);
  const auto numbers = op.cast(r.x, ir::DType::f32);
  op.output(0, op.cast(reduce(op, onnx_name, numbers, r), ir::DType::boolean));
}

template <const char* onnx_name>
void arg(Op& op) {
  const auto x = op.input(0);
  const auto axes = op.constant_ints(1, "its axis");
  op.check(axes.size() == 1, "it has ", axes.size(), " axes, 1 is needed");
  const auto index = op.emit(onnx_name, {x}, {{"axis", op.axis(axes[0], op.rank(x))}, {"keepdims", int64_t{0}}});
  op.output(0, op.cast(index, dtype_of(op.output_tensor(0).type)));
}
constexpr char arg_max[] = "ArgMax", arg_min[] = "ArgMin";

}  // namespace

void register_reduce(OpTable& table) {
  table.add("MEAN", {1, 3}, mean, "ReduceMean, GlobalAveragePool, Flatten, Identity");
  table.add("SUM", {1, 2}, reduce<sum>, "ReduceSum, Identity");
  table.add("REDUCE_MAX", {1, 3}, reduce<max>, "ReduceMax, Identity");
  table.add("REDUCE_MIN", {1, 3}, reduce<min>, "ReduceMin, Identity");
  table.add("REDUCE_PROD", {1, 2}, reduce<prod>, "ReduceProd, Identity");
  table.add("REDUCE_ANY", {1, 1}, reduce_truth<max>, "Cast, ReduceMax, Identity");
  table.add("REDUCE_ALL", {1, 1}, reduce_truth<min>, "Cast, ReduceMin, Identity");
  table.add("ARG_MAX", {1, 3}, arg<arg_max>, "ArgMax, Cast");
  table.add("ARG_MIN", {1, 3}, arg<arg_min>, "ArgMin, Cast");
}

}  // namespace es::translate
