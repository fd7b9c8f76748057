// SPDX-License-Identifier: Apache-2.0
//
// CONCATENATION, PACK, TILE, BROADCAST_TO, DEPTH_TO_SPACE, SPACE_TO_DEPTH: what puts tensors together or makes them
// larger with the elements they have.
#include <algorithm>

#include "translate/op.h"
#include "translate/ops/families.h"

namespace es::translate {
namespace {

ValueId join(Op& op, const std::vector<ValueId>& parts, int64_t axis) {
  return parts.size() == 1 ? parts[0] : op.emit("Concat", parts, {{"axis", axis}});
}

void concatenation(Op& op) {
  const auto o = op.options<tflite::ConcatenationOptions>();
  if (o.fused_activation_function != tflite::ActivationFunctionType::none) {
    op.refuse("its fused activation is ", tflite::name_of(o.fused_activation_function),
              ", which the TFLite runtime refuses as well");
  }
  const auto parts = op.all_inputs();
  op.check(!parts.empty(), "it joins no tensor");
  op.output(0, join(op, parts, op.axis(o.axis, op.rank(parts[0]))));
}

void pack(Op& op) {
  const auto o = op.options<tflite::PackOptions>();
  auto parts = op.all_inputs();
  op.check(!parts.empty() && static_cast<int64_t>(parts.size()) == o.values_count, "it packs ", o.values_count,
           " tensors and has ", parts.size(), " inputs");
  const auto axis = op.axis(o.axis, op.rank(parts[0]) + 1);
  for (auto& part : parts) part = op.unsqueeze(part, {axis});
  op.output(0, join(op, parts, axis));
}

void tile(Op& op) {
  const auto multiples = op.constant_ints(1, "its multiples");
  const bool repeats = std::any_of(multiples.begin(), multiples.end(), [](int64_t times) { return times != 1; });
  const auto x = op.input(0);
  op.output(0, repeats ? op.emit("Tile", {x, op.ints(multiples)}) : x);
}

void broadcast_to(Op& op) {
  op.output(0, op.emit("Expand", {op.input(0), op.ints(op.constant_ints(1, "its target"))}));
}

int64_t block_size(const Op& op) {
  const int64_t size = op.options<tflite::BlockOptions>().block_size;
  op.check(size >= 1, "its block size is ", size);
  return size;
}

// Both count the place inside a block before the channel, which is ONNX's mode DCR.
void depth_to_space(Op& op) {
  const auto y =
      op.emit("DepthToSpace", {op.to_nchw(op.input(0))}, {{"blocksize", block_size(op)}, {"mode", std::string("DCR")}});
  op.output(0, op.to_nhwc(y));
}

void space_to_depth(Op& op) {
  const auto y = op.emit("SpaceToDepth", {op.to_nchw(op.input(0))}, {{"blocksize", block_size(op)}});
  op.output(0, op.to_nhwc(y));
}

}  // namespace

void register_join(OpTable& table) {
  table.add("CONCATENATION", {1, 5}, concatenation, "Concat");
  table.add("PACK", {1, 4}, pack, "Unsqueeze, Concat");
  table.add("TILE", {1, 3}, tile, "Tile");
  table.add("BROADCAST_TO", {2, 3}, broadcast_to, "Expand");
  table.add("DEPTH_TO_SPACE", {1, 2}, depth_to_space, "DepthToSpace");
  table.add("SPACE_TO_DEPTH", {1, 2}, space_to_depth, "SpaceToDepth");
}

}  // namespace es::translate
