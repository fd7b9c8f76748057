// SPDX-License-Identifier: Apache-2.0
//
// SPACE_TO_BATCH_ND, BATCH_TO_SPACE_ND: blocks of pixels become images of their own, and back.
//
// In a batch of N the image of place (i, j) inside a block is number (i * width + j) * N + n: the places count before
// the images of the file. Neither has an ONNX operator; a Reshape takes the axes apart, a Transpose brings them in
// order.
#include <algorithm>

#include "translate/op.h"
#include "translate/ops/families.h"

namespace es::translate {
namespace {

// An image [N, spatial..., rest...] whose first `block.size()` axes after N are cut into blocks.
struct Blocks {
  Ints dims, block;
  Ints before, after;  // padding, or what is cut off, for each blocked axis

  size_t count() const { return block.size(); }
  Ints rest() const { return {dims.begin() + static_cast<std::ptrdiff_t>(1 + count()), dims.end()}; }
};

Blocks read_blocks(Op& op) {
  Blocks b{.dims = op.shape(op.input(0)), .block = op.constant_ints(1, "its block sizes"), .before = {}, .after = {}};
  const auto pairs = op.constant_ints(2, "its paddings or crops");
  op.check(!b.block.empty() && b.dims.size() > b.count() && pairs.size() == 2 * b.count(), "it has ", b.count(),
           " block sizes and ", pairs.size(), " amounts for ", dims_text(b.dims));
  for (size_t i = 0; i < b.count(); ++i) {
    b.before.push_back(pairs[2 * i]);
    b.after.push_back(pairs[2 * i + 1]);
    op.check(b.block[i] > 0 && b.before[i] >= 0 && b.after[i] >= 0, "its blocks are ", dims_text(b.block),
             " and its amounts ", dims_text(pairs), ", none may be negative and no block empty");
  }
  return b;
}

void append(Ints& list, const Ints& more) { list.insert(list.end(), more.begin(), more.end()); }

ValueId padded(Op& op, const Blocks& b) {
  Ints pads{0};
  append(pads, b.before);
  pads.resize(b.dims.size(), 0);
  pads.push_back(0);
  append(pads, b.after);
  pads.resize(2 * b.dims.size(), 0);
  const bool none = std::all_of(pads.begin(), pads.end(), [](int64_t amount) { return amount == 0; });
  return none ? op.input(0) : op.emit("Pad", {op.input(0), op.ints(pads)}, {{"mode", std::string("constant")}});
}

void space_to_batch(Op& op) {
  const auto b = read_blocks(op);
  const size_t m = b.count();
  Ints apart{b.dims[0]}, order, together{-1};
  for (size_t i = 0; i < m; ++i) {
    const int64_t size = b.dims[1 + i] + b.before[i] + b.after[i];
    op.check(size % b.block[i] == 0, "its axis ", 1 + i, " is ", size,
             " long with its padding, no multiple of its block ", b.block[i]);
    append(apart, {size / b.block[i], b.block[i]});
    together.push_back(size / b.block[i]);
    order.push_back(static_cast<int64_t>(2 + 2 * i));  // the place in a block, before the image's number
  }
  order.push_back(0);
  for (size_t i = 0; i < m; ++i) order.push_back(static_cast<int64_t>(1 + 2 * i));
  for (size_t i = 0; i < b.rest().size(); ++i) order.push_back(static_cast<int64_t>(1 + 2 * m + i));
  append(apart, b.rest());
  append(together, b.rest());
  op.output(0, op.reshape(op.transpose(op.reshape(padded(op, b), apart), order), together));
}

ValueId cropped(Op& op, ValueId x, const Blocks& b, const Ints& sizes) {
  Ints starts, ends, axes;
  for (size_t i = 0; i < b.count(); ++i) {
    if (b.before[i] == 0 && b.after[i] == 0) continue;
    op.check(b.before[i] + b.after[i] <= sizes[i], "it cuts ", b.before[i], " and ", b.after[i], " off ", sizes[i]);
    starts.push_back(b.before[i]);
    ends.push_back(sizes[i] - b.after[i]);
    axes.push_back(static_cast<int64_t>(1 + i));
  }
  return axes.empty() ? x : op.emit("Slice", {x, op.ints(starts), op.ints(ends), op.ints(axes)});
}

void batch_to_space(Op& op) {
  const auto b = read_blocks(op);
  const size_t m = b.count();
  Ints apart = b.block, order{static_cast<int64_t>(m)}, together{-1}, sizes;
  apart.push_back(-1);
  for (size_t i = 0; i < m; ++i) {
    apart.push_back(b.dims[1 + i]);
    append(order, {static_cast<int64_t>(m + 1 + i), static_cast<int64_t>(i)});
    sizes.push_back(b.dims[1 + i] * b.block[i]);
  }
  for (size_t i = 0; i < b.rest().size(); ++i) order.push_back(static_cast<int64_t>(2 * m + 1 + i));
  append(apart, b.rest());
  append(together, sizes);
  append(together, b.rest());
  const auto image = op.reshape(op.transpose(op.reshape(op.input(0), apart), order), together);
  op.output(0, cropped(op, image, b, sizes));
}

}  // namespace

void register_batch_space(OpTable& table) {
  table.add("SPACE_TO_BATCH_ND", {1, 4}, space_to_batch, "Pad, Reshape, Transpose");
  table.add("BATCH_TO_SPACE_ND", {1, 4}, batch_to_space, "Reshape, Transpose, Slice");
}

}  // namespace es::translate
