// SPDX-License-Identifier: Apache-2.0
//
// The structure is YOLOv5's as its paper-less releases 6 and 7 have it: a backbone of strided convolutions and CSP
// blocks with one bottleneck to three, pooling at three scales, a path up and a path down, three levels of three
// anchors. Width 0.25 and depth 0.33 make it "n".
#include "pipeline/yolov5n.h"

#include <cmath>
#include <random>
#include <vector>

namespace es::bench {
namespace {

using ir::Graph;
using ir::Ints;
using ir::TensorData;
using ir::ValueId;

class Network {
 public:
  explicit Network(const YoloShape& shape) : shape_(shape), values_(5 + shape.classes) {}

  Graph build() {
    graph_.name = "yolov5n";
    const ValueId images = graph_.add_input("images", ir::DType::f32, {1, 3, shape_.size, shape_.size});
    ValueId x = conv(images, 3, 16, 6, 2);
    x = csp(conv(x, 16, 32, 3, 2), 32, 32, 1, true);
    const ValueId at8 = x = csp(conv(x, 32, 64, 3, 2), 64, 64, 2, true);
    const ValueId at16 = x = csp(conv(x, 64, 128, 3, 2), 128, 128, 3, true);
    x = pool(csp(conv(x, 128, 256, 3, 2), 256, 256, 1, true), 256);

    const ValueId top = conv(x, 256, 128, 1, 1);
    x = csp(concat({twice(top), at16}, 1), 256, 128, 1, false);
    const ValueId middle = conv(x, 128, 64, 1, 1);
    const ValueId small = csp(concat({twice(middle), at8}, 1), 128, 64, 1, false);
    const ValueId medium = csp(concat({conv(small, 64, 64, 3, 2), middle}, 1), 128, 128, 1, false);
    const ValueId large = csp(concat({conv(medium, 128, 128, 3, 2), top}, 1), 256, 256, 1, false);

    const ValueId out =
        concat({level(small, 64, 8, {10, 13, 16, 30, 33, 23}), level(medium, 128, 16, {30, 61, 62, 45, 59, 119}),
                level(large, 256, 32, {116, 90, 156, 198, 373, 326})},
               1);
    graph_.rename(out, "output0");
    graph_.add_output(out);
    return std::move(graph_);
  }

 private:
  ValueId constant(std::vector<int64_t> dims, const std::vector<float>& values) {
    return graph_.add_constant(TensorData::floats(std::move(dims), values));
  }
  ValueId ints(const Ints& values) { return graph_.add_constant(TensorData::ints(values)); }
  ValueId scalar(float value) { return graph_.add_constant(TensorData::scalar(value)); }
  ValueId concat(std::vector<ValueId> parts, int64_t axis) {
    return graph_.emit("Concat", std::move(parts), {{"axis", axis}});
  }

  // Weights keep the variance of what goes through them, so that no layer saturates.
  ValueId plain_conv(ValueId x, int in, int out, int kernel, int stride) {
    std::normal_distribution<float> normal(0, std::sqrt(2.0f / static_cast<float>(in * kernel * kernel)));
    std::vector<float> weights(size_t(out) * in * kernel * kernel);
    for (float& weight : weights) weight = normal(random_);
    const int64_t pad = kernel == 6 ? 2 : kernel / 2;
    return graph_.emit("Conv",
                       {x, constant({out, in, kernel, kernel}, weights), constant({out}, std::vector<float>(out, 0))},
                       {{"kernel_shape", Ints{kernel, kernel}},
                        {"strides", Ints{stride, stride}},
                        {"pads", Ints{pad, pad, pad, pad}}});
  }

  ValueId conv(ValueId x, int in, int out, int kernel, int stride) {
    const ValueId y = plain_conv(x, in, out, kernel, stride);
    return graph_.emit("Mul", {y, graph_.emit("Sigmoid", {y})});
  }

  // Half of the channels take the way through the bottlenecks, half go past them.
  ValueId csp(ValueId x, int in, int out, int bottlenecks, bool shortcut) {
    const int half = out / 2;
    ValueId inner = conv(x, in, half, 1, 1);
    for (int i = 0; i < bottlenecks; ++i) {
      const ValueId y = conv(conv(inner, half, half, 1, 1), half, half, 3, 1);
      inner = shortcut ? graph_.emit("Add", {inner, y}) : y;
    }
    return conv(concat({inner, conv(x, in, half, 1, 1)}, 1), out, out, 1, 1);
  }

  ValueId pool(ValueId x, int channels) {
    std::vector<ValueId> parts{conv(x, channels, channels / 2, 1, 1)};
    for (int i = 0; i < 3; ++i) {
      parts.push_back(graph_.emit("MaxPool", {parts.back()},
                                  {{"kernel_shape", Ints{5, 5}}, {"strides", Ints{1, 1}}, {"pads", Ints{2, 2, 2, 2}}}));
    }
    return conv(concat(parts, 1), channels * 2, channels, 1, 1);
  }

  ValueId twice(ValueId x) {
    return graph_.emit("Resize", {x, ir::no_value, constant({4}, {1, 1, 2, 2})},
                       {{"mode", std::string("nearest")},
                        {"coordinate_transformation_mode", std::string("asymmetric")},
                        {"nearest_mode", std::string("floor")}});
  }

  // What is added to the raw values of a level: nothing is an object but every so many cells, one class each.
  std::vector<float> offsets(int cells, int stride) {
    std::vector<float> added(size_t{3} * cells * cells * values_, 0);
    for (size_t at = 4; at < added.size(); at += values_) added[at] = -30;
    if (stride != 16) return added;
    const int columns = 6;
    for (int box = 0; box < shape_.boxes; ++box) {
      const int row = (1 + box / columns * 4) % cells, column = (1 + box % columns * 3) % cells;
      float* values = &added[(size_t(box / columns / 5 % 3) * cells * cells + size_t(row) * cells + column) * values_];
      values[4] = 30;
      values[5 + box % shape_.classes] = 30;
    }
    return added;
  }

  ValueId level(ValueId x, int channels, int stride, const std::vector<float>& anchors) {
    const int cells = shape_.size / stride;
    x = plain_conv(x, channels, 3 * values_, 1, 1);
    x = graph_.emit("Reshape", {x, ints({1, 3, values_, cells, cells})});
    x = graph_.emit("Transpose", {x}, {{"perm", Ints{0, 1, 3, 4, 2}}});
    x = graph_.emit("Add", {x, constant({1, 3, cells, cells, values_}, offsets(cells, stride))});
    const auto parts =
        graph_.emit_many("Split", {graph_.emit("Sigmoid", {x}), ints({2, 2, values_ - 4})}, 3, {{"axis", int64_t{4}}});

    std::vector<float> grid(size_t{3} * cells * cells * 2), sizes(grid.size());
    for (size_t i = 0; i < grid.size() / 2; ++i) {
      const size_t cell = i % (size_t(cells) * cells), anchor = i / (size_t(cells) * cells);
      grid[2 * i] = static_cast<float>(cell % cells) - 0.5f;
      grid[2 * i + 1] = static_cast<float>(cell / cells) - 0.5f;
      sizes[2 * i] = anchors[2 * anchor];
      sizes[2 * i + 1] = anchors[2 * anchor + 1];
    }
    const std::vector<int64_t> dims{1, 3, cells, cells, 2};
    const ValueId moved = graph_.emit("Add", {graph_.emit("Mul", {parts[0], scalar(2)}), constant(dims, grid)});
    const ValueId centre = graph_.emit("Mul", {moved, scalar(static_cast<float>(stride))});
    const ValueId squared = graph_.emit("Pow", {graph_.emit("Mul", {parts[1], scalar(2)}), scalar(2)});
    const ValueId size = graph_.emit("Mul", {squared, constant(dims, sizes)});
    return graph_.emit("Reshape", {concat({centre, size, parts[2]}, 4), ints({1, 3 * cells * cells, values_})});
  }

  const YoloShape shape_;
  const int values_;  // per box
  Graph graph_;
  std::mt19937 random_{20};
};

}  // namespace

ir::Graph yolov5n(const YoloShape& shape) { return Network(shape).build(); }

}  // namespace es::bench
