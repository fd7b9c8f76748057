// SPDX-License-Identifier: Apache-2.0
//
// GATHER_ND, SCATTER_ND, EMBEDDING_LOOKUP, TOPK_V2, ONE_HOT, WHERE, CUMSUM, REVERSE_SEQUENCE: what works by positions.
//
// TFLite's positions are 32-bit, most of ONNX's are 64-bit. SCATTER_ND adds where a position stands twice, which ONNX
// learned with opset 16. A position below 0 in ONE_HOT is none in TFLite and counts from the end in ONNX.
#include <set>

#include "translate/constants.h"
#include "translate/op.h"
#include "translate/ops/families.h"

namespace es::translate {
namespace {

ValueId positions(Op& op, ValueId value) { return op.cast(value, ir::DType::i64); }

void gather_nd(Op& op) { op.output(0, op.emit("GatherND", {op.input(0), positions(op, op.input(1))})); }

void embedding_lookup(Op& op) { op.output(0, op.emit("Gather", {op.input(1), op.input(0)}, {{"axis", int64_t{0}}})); }

// Whether no row of a constant list of positions stands twice; false also where it is computed.
bool rows_differ(const Op& op, ValueId value) {
  const auto* data = op.constant(value);
  if (data == nullptr || data->dims.empty() || data->dims.back() <= 0) return false;
  const auto numbers = data->as_ints();
  const auto length = static_cast<size_t>(data->dims.back());
  std::set<Ints> rows;
  for (size_t at = 0; at + length <= numbers.size(); at += length) {
    const auto row = numbers.begin() + static_cast<std::ptrdiff_t>(at);
    if (!rows.emplace(row, row + static_cast<std::ptrdiff_t>(length)).second) return false;
  }
  return true;
}

ir::TensorData zero_of(ir::DType dtype) { return ir::TensorData(dtype, {1}, Bytes(ir::size_of(dtype))); }

void scatter_nd(Op& op) {
  const auto indices = op.input(0), updates = op.input(1);
  const auto target = positions(op, op.input(2));
  ir::Attributes attributes;
  if (!rows_differ(op, indices)) {
    if (!op.may_use_opset(16)) op.refuse("its positions may repeat and then add up, for which opset 16 is needed");
    attributes["reduction"] = std::string("add");
  }
  const auto zeros = op.emit("ConstantOfShape", {target}, {{"value", zero_of(op.dtype(updates))}});
  op.output(0, op.emit("ScatterND", {zeros, positions(op, indices), updates}, std::move(attributes)));
}

void topk(Op& op) {
  const auto count = op.reshape(positions(op, op.input(1)), {1});
  const auto parts =
      op.emit_many("TopK", {op.input(0), count}, 2,
                   {{"axis", int64_t{op.rank(op.input(0))} - 1}, {"largest", int64_t{1}}, {"sorted", int64_t{1}}});
  op.output(0, parts[0]);
  if (op.has_output(1)) op.output(1, op.cast(parts[1], dtype_of(op.output_tensor(1).type)));
}

void one_hot(Op& op) {
  const auto where = positions(op, op.input(0));
  const auto depth = op.reshape(positions(op, op.input(1)), {1});
  const auto values =
      op.emit("Concat", {op.reshape(op.input(3), {1}), op.reshape(op.input(2), {1})}, {{"axis", int64_t{0}}});
  const auto is_none = op.emit("Less", {where, op.scalar(0, ir::DType::i64)});
  const auto guarded = op.emit("Where", {is_none, depth, where});
  const int64_t axis = op.options<tflite::OneHotOptions>().axis;
  op.output(0, op.emit("OneHot", {guarded, depth, values}, {{"axis", op.axis(axis, op.rank(where) + 1)}}));
}

// Row by row the coordinates of what is true.
void where(Op& op) {
  const auto coordinates = op.transpose(op.emit("NonZero", {op.input(0)}), {1, 0});
  op.output(0, op.cast(coordinates, dtype_of(op.output_tensor(0).type)));
}

void cumsum(Op& op) {
  const auto o = op.options<tflite::CumsumOptions>();
  const auto axes = op.constant_ints(1, "its axis");
  op.check(axes.size() == 1, "it has ", axes.size(), " axes, 1 is needed");
  const auto axis = op.scalar(static_cast<double>(op.axis(axes[0], op.rank(op.input(0)))), ir::DType::i64);
  op.output(0, op.emit("CumSum", {op.input(0), axis},
                       {{"exclusive", int64_t{o.exclusive}}, {"reverse", int64_t{o.reverse}}}));
}

void reverse_sequence(Op& op) {
  const auto o = op.options<tflite::ReverseSequenceOptions>();
  const bool is_onnx = (o.seq_dim == 0 && o.batch_dim == 1) || (o.seq_dim == 1 && o.batch_dim == 0);
  if (!is_onnx) {
    op.refuse("its sequence lies along axis ", o.seq_dim, " and its batch along ", o.batch_dim,
              "; only 0 and 1, or 1 and 0, can be converted");
  }
  op.output(0, op.emit("ReverseSequence", {op.input(0), positions(op, op.input(1))},
                       {{"time_axis", int64_t{o.seq_dim}}, {"batch_axis", int64_t{o.batch_dim}}}));
}

}  // namespace

void register_index(OpTable& table) {
  table.add("GATHER_ND", {1, 5}, gather_nd, "GatherND, Cast");
  table.add("SCATTER_ND", {1, 1}, scatter_nd, "ConstantOfShape, ScatterND, Cast");
  table.add("EMBEDDING_LOOKUP", {1, 5}, embedding_lookup, "Gather");
  table.add("TOPK_V2", {1, 3}, topk, "TopK, Cast, Reshape");
  table.add("ONE_HOT", {1, 1}, one_hot, "OneHot, Less, Where, Concat, Reshape, Cast");
  table.add("WHERE", {1, 2}, where, "NonZero, Cast");
  table.add("CUMSUM", {1, 1}, cumsum, "CumSum");
  table.add("REVERSE_SEQUENCE", {1, 1}, reverse_sequence, "ReverseSequence, Cast");
}

}  // namespace es::translate
