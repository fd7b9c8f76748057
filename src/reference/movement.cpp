// SPDX-License-Identifier: Apache-2.0
//
// What moves elements: shapes, joining, blocks.
#include <algorithm>

#include "reference/call.h"

namespace es::reference {
namespace {

Array reshaped(const Call& call, Dims shape) {
  auto y = call.make(std::move(shape));
  call.check(y.values.size() == call.in(0).values.size(), "it gives ", call.in(0).values.size(),
             " elements a shape that has ", y.values.size());
  y.values = call.in(0).values;
  return y;
}

// A list in input 1, else in the options, where [0] is a single number; one entry may be open.
void reshape(Call& call) {
  const auto o = call.options<tflite::ReshapeOptions>();
  Dims target = o.has_new_shape ? Dims(o.new_shape.begin(), o.new_shape.end()) : call.stated_shape(0);
  if (target == Dims{0}) target.clear();
  if (call.has(1) && call.in(1).shape.size() == 1) target = call.ints(1);
  const auto open = std::find(target.begin(), target.end(), -1);
  if (open != target.end()) {
    *open = 1;
    const int64_t rest = count(target);
    call.check(rest > 0, "its target has no elements");
    *open = static_cast<int64_t>(call.in(0).values.size()) / rest;
  }
  call.give(reshaped(call, target));
}

void squeeze(Call& call) {
  const auto& dims = call.in(0).shape;
  const auto o = call.options<tflite::SqueezeOptions>();
  std::vector<bool> goes(dims.size(), o.squeeze_dims.empty());
  for (const auto axis : o.squeeze_dims) goes[static_cast<size_t>(call.axis(axis, dims.size()))] = true;
  Dims shape;
  for (size_t axis = 0; axis < dims.size(); ++axis) {
    if (!goes[axis] || dims[axis] != 1) shape.push_back(dims[axis]);
  }
  call.give(reshaped(call, shape));
}

void expand_dims(Call& call) {
  Dims shape = call.in(0).shape;
  shape.insert(shape.begin() + call.axis(call.integer(1), shape.size() + 1), 1);
  call.give(reshaped(call, shape));
}

void transpose(Call& call) {
  const auto& x = call.in(0);
  const auto order = call.ints(1);
  call.check(order.size() == x.shape.size(), "its permutation does not fit");
  Dims shape;
  for (const auto axis : order) shape.push_back(x.shape[static_cast<size_t>(call.axis(axis, order.size()))]);
  auto y = call.make(shape);
  for_each(shape, [&](const Index& index) {
    Index from(order.size());
    for (size_t i = 0; i < order.size(); ++i) from[static_cast<size_t>(call.axis(order[i], order.size()))] = index[i];
    at(y, index) = at(x, from);
  });
  call.give(std::move(y));
}

void shape_of(Call& call) {
  const auto& dims = call.in(0).shape;
  auto y = call.make({static_cast<int64_t>(dims.size())});
  for (size_t i = 0; i < dims.size(); ++i) y.values[i] = static_cast<double>(dims[i]);
  call.give(std::move(y));
}

void rank_of(Call& call) {
  auto y = call.make({});
  y.values[0] = static_cast<double>(call.in(0).shape.size());
  call.give(std::move(y));
}

void concatenation(Call& call) {
  const auto axis =
      static_cast<size_t>(call.axis(call.options<tflite::ConcatenationOptions>().axis, call.in(0).shape.size()));
  Dims shape = call.in(0).shape;
  shape[axis] = 0;
  for (size_t slot = 0; slot < call.input_count(); ++slot) {
    call.check(call.in(slot).shape.size() == shape.size(), "its inputs have different ranks");
    shape[axis] += call.in(slot).shape[axis];
  }
  auto y = call.make(shape);
  int64_t start = 0;
  for (size_t slot = 0; slot < call.input_count(); ++slot) {
    for_each(call.in(slot).shape, [&](Index index) {
      const double value = at(call.in(slot), index);
      index[axis] += start;
      at(y, index) = value;
    });
    start += call.in(slot).shape[axis];
  }
  call.give(std::move(y));
}

void pack(Call& call) {
  Dims shape = call.in(0).shape;
  const auto axis = call.axis(call.options<tflite::PackOptions>().axis, shape.size() + 1);
  shape.insert(shape.begin() + axis, static_cast<int64_t>(call.input_count()));
  auto y = call.make(shape);
  for_each(shape, [&](Index index) {
    double& value = at(y, index);
    const auto slot = static_cast<size_t>(index[static_cast<size_t>(axis)]);
    index.erase(index.begin() + axis);
    value = at(call.in(slot), index);
  });
  call.give(std::move(y));
}

void tile(Call& call) {
  const auto& x = call.in(0);
  const auto times = call.ints(1);
  call.check(times.size() == x.shape.size(), "it has ", times.size(), " multiples");
  Dims shape = x.shape;
  for (size_t i = 0; i < shape.size(); ++i) shape[i] *= times[i];
  auto y = call.make(shape);
  for_each(shape, [&](const Index& index) {
    Index from = index;
    for (size_t i = 0; i < from.size(); ++i) from[i] %= x.shape[i];
    at(y, index) = at(x, from);
  });
  call.give(std::move(y));
}

void broadcast_to(Call& call) {
  auto y = call.make(broadcast(call.ints(1), call.in(0).shape));
  for_each(y.shape, [&](const Index& index) { at(y, index) = broadcast_at(call.in(0), index); });
  call.give(std::move(y));
}

int64_t block_of(const Call& call) {
  const int64_t block = call.options<tflite::BlockOptions>().block_size;
  call.check(block > 0 && call.in(0).shape.size() == 4, "its block is ", block);
  return block;
}

// Pixel (y, x) of the large image is channel ((y % b) * b + x % b) * C + c of pixel (y / b, x / b) of the small one.
void depth_to_space(Call& call) {
  const auto& x = call.in(0);
  const int64_t b = block_of(call), channels = x.shape[3] / (b * b);
  auto y = call.make({x.shape[0], x.shape[1] * b, x.shape[2] * b, channels});
  for_each(y.shape, [&](const Index& i) {
    at(y, i) = at(x, {i[0], i[1] / b, i[2] / b, (i[1] % b * b + i[2] % b) * channels + i[3]});
  });
  call.give(std::move(y));
}

void space_to_depth(Call& call) {
  const auto& x = call.in(0);
  const int64_t b = block_of(call), channels = x.shape[3];
  auto y = call.make({x.shape[0], x.shape[1] / b, x.shape[2] / b, channels * b * b});
  for_each(y.shape, [&](const Index& i) {
    const int64_t place = i[3] / channels;
    at(y, i) = at(x, {i[0], i[1] * b + place / b, i[2] * b + place % b, i[3] % channels});
  });
  call.give(std::move(y));
}

// The number of an image among those of its batch's blocks: places count before the images of the file.
struct Blocks {
  std::vector<int64_t> block, amounts;
  int64_t images = 0;  // of the file

  int64_t place(const Index& pixel, size_t axis) const { return pixel[1 + axis] % block[axis]; }
};

// From a pixel of the large image (with its padding, or before its crop) to one of the images of blocks.
Index block_index(const Blocks& b, const Index& pixel) {
  Index index = pixel;
  int64_t number = 0;
  for (size_t axis = 0; axis < b.block.size(); ++axis) {
    number = number * b.block[axis] + b.place(pixel, axis);
    index[1 + axis] = pixel[1 + axis] / b.block[axis];
  }
  index[0] = number * b.images + pixel[0];
  return index;
}

Blocks read_blocks(const Call& call) {
  const auto& dims = call.in(0).shape;
  Blocks b{call.ints(1), call.ints(2), dims.empty() ? 0 : dims[0]};
  call.check(dims.size() > b.block.size() && b.amounts.size() == 2 * b.block.size(), "its blocks do not fit");
  for (const auto size : b.block) call.check(size > 0, "its block is ", size);
  return b;
}

void space_to_batch(Call& call) {
  const auto& x = call.in(0);
  const Blocks b = read_blocks(call);
  Dims padded = x.shape, shape = x.shape;
  for (size_t axis = 0; axis < b.block.size(); ++axis) {
    padded[1 + axis] += b.amounts[2 * axis] + b.amounts[2 * axis + 1];
    shape[0] *= b.block[axis];
    shape[1 + axis] = padded[1 + axis] / b.block[axis];
  }
  auto y = call.make(shape);
  for_each(x.shape, [&](const Index& index) {
    Index pixel = index;
    for (size_t axis = 0; axis < b.block.size(); ++axis) pixel[1 + axis] += b.amounts[2 * axis];
    at(y, block_index(b, pixel)) = at(x, index);
  });
  call.give(std::move(y));
}

void batch_to_space(Call& call) {
  const auto& x = call.in(0);
  Blocks b = read_blocks(call);
  Dims shape = x.shape;
  for (size_t axis = 0; axis < b.block.size(); ++axis) {
    b.images /= b.block[axis];
    shape[1 + axis] = x.shape[1 + axis] * b.block[axis] - b.amounts[2 * axis] - b.amounts[2 * axis + 1];
  }
  shape[0] = b.images;
  auto y = call.make(shape);
  for_each(shape, [&](const Index& index) {
    Index pixel = index;
    for (size_t axis = 0; axis < b.block.size(); ++axis) pixel[1 + axis] += b.amounts[2 * axis];
    at(y, index) = at(x, block_index(b, pixel));
  });
  call.give(std::move(y));
}

constexpr Row rows[] = {
    {"RESHAPE", reshape},
    {"SQUEEZE", squeeze},
    {"EXPAND_DIMS", expand_dims},
    {"TRANSPOSE", transpose},
    {"SHAPE", shape_of},
    {"RANK", rank_of},
    {"CONCATENATION", concatenation},
    {"PACK", pack},
    {"TILE", tile},
    {"BROADCAST_TO", broadcast_to},
    {"DEPTH_TO_SPACE", depth_to_space},
    {"SPACE_TO_DEPTH", space_to_depth},
    {"SPACE_TO_BATCH_ND", space_to_batch},
    {"BATCH_TO_SPACE_ND", batch_to_space},
};

}  // namespace

std::span<const Row> movement_rows() { return rows; }

}  // namespace es::reference
