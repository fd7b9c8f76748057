// SPDX-License-Identifier: Apache-2.0
//
// PAD, PADV2, MIRROR_PAD.
//
// TFLite lists [before, after] for each axis, ONNX all befores and then all afters. Mirroring with the edge repeated
// (SYMMETRIC) is no mode of ONNX's Pad and becomes a Gather along each padded axis.
#include <algorithm>

#include "translate/op.h"
#include "translate/ops/families.h"

namespace es::translate {
namespace {

struct Amounts {
  Ints before, after;

  bool any() const {
    const auto some = [](const Ints& list) {
      return std::any_of(list.begin(), list.end(), [](int64_t amount) { return amount != 0; });
    };
    return some(before) || some(after);
  }
  Ints onnx_order() const {
    Ints all = before;
    all.insert(all.end(), after.begin(), after.end());
    return all;
  }
};

Amounts amounts(Op& op, int rank) {
  const auto pairs = op.constant_ints(1, "its paddings");
  op.check(pairs.size() == 2 * static_cast<size_t>(rank), "it has ", pairs.size(), " amounts for ", rank, " axes");
  Amounts result;
  for (size_t i = 0; i < pairs.size(); ++i) {
    op.check(pairs[i] >= 0, "it pads by ", pairs[i], ", 0 or more is needed");
    (i % 2 == 0 ? result.before : result.after).push_back(pairs[i]);
  }
  return result;
}

void pad(Op& op) {
  const auto x = op.input(0);
  const auto amount = amounts(op, op.rank(x));
  if (!amount.any()) return op.output(0, x);
  std::vector<ValueId> inputs{x, op.ints(amount.onnx_order())};
  if (op.has_input(2)) inputs.push_back(op.input(2));  // PADV2's value
  op.output(0, op.emit("Pad", inputs, {{"mode", std::string("constant")}}));
}

// n = 5 with 2 before and 3 after: 1 0 | 0 1 2 3 4 | 4 3 2
Ints mirrored_indices(int64_t size, int64_t before, int64_t after) {
  Ints indices;
  for (int64_t i = -before; i < size + after; ++i) {
    indices.push_back(i < 0 ? -i - 1 : i < size ? i : 2 * size - 1 - i);
  }
  return indices;
}

void mirror_pad(Op& op) {
  const bool repeats_edge = op.options<tflite::MirrorPadOptions>().mode == tflite::MirrorPadMode::symmetric;
  const auto x = op.input(0);
  const auto dims = op.shape(x);
  const auto amount = amounts(op, op.rank(x));
  for (size_t axis = 0; axis < dims.size(); ++axis) {
    const int64_t most = repeats_edge ? dims[axis] : std::max<int64_t>(0, dims[axis] - 1);
    op.check(amount.before[axis] <= most && amount.after[axis] <= most, "it mirrors ", amount.before[axis], " and ",
             amount.after[axis], " elements of an axis that has ", dims[axis]);
  }
  if (!amount.any()) return op.output(0, x);
  if (!repeats_edge) {
    return op.output(0, op.emit("Pad", {x, op.ints(amount.onnx_order())}, {{"mode", std::string("reflect")}}));
  }
  auto y = x;
  for (size_t axis = 0; axis < dims.size(); ++axis) {
    if (amount.before[axis] == 0 && amount.after[axis] == 0) continue;
    op.check_list_size(dims[axis] + amount.before[axis] + amount.after[axis]);
    const auto indices = op.ints(mirrored_indices(dims[axis], amount.before[axis], amount.after[axis]));
    y = op.emit("Gather", {y, indices}, {{"axis", static_cast<int64_t>(axis)}});
  }
  op.output(0, y);
}

}  // namespace

void register_pad(OpTable& table) {
  table.add("PAD", {1, 5}, pad, "Pad");
  table.add("PADV2", {1, 5}, pad, "Pad");
  table.add("MIRROR_PAD", {1, 3}, mirror_pad, "Pad, Gather");
}

}  // namespace es::translate
