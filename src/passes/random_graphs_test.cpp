// SPDX-License-Identifier: Apache-2.0
//
// Random networks in the way TFLite has them translated (images channels last, each convolution between Transposes)
// through the whole list of passes: they compute the same, are no larger, and keep the names of their outputs.
#include <gtest/gtest.h>

#include <random>

#include "ir/verify.h"
#include "passes/equal_networks_test.h"

namespace es::passes {
namespace {

using ir::Attributes;
using ir::Graph;
using ir::Ints;
using ir::ValueId;

struct Image {
  ValueId id;
  int64_t height, width, channels;
};

class Writer {
 public:
  explicit Writer(uint32_t seed) : random_(seed) {}

  Graph write() {
    const Image start{.id = ir::no_value, .height = pick(4, 9), .width = pick(4, 9), .channels = pick(1, 4)};
    const bool fixed = chance(3);
    Image image = start;
    image.id = graph_.add_input("x", ir::DType::f32,
                                {fixed ? ir::Dim(1) : ir::Dim::batch(), start.height, start.width, start.channels});
    images_.push_back(image);
    const int64_t steps = pick(3, 14);
    for (int64_t i = 0; i < steps; ++i) images_.push_back(step(images_[static_cast<size_t>(pick(0, most()))]));
    finish(images_.back());
    return std::move(graph_);
  }

 private:
  int64_t pick(int64_t least, int64_t most) { return std::uniform_int_distribution<int64_t>(least, most)(random_); }
  bool chance(int64_t one_in) { return pick(1, one_in) == 1; }
  // Later images rather than early ones.
  int64_t most() { return static_cast<int64_t>(images_.size()) - 1; }

  ValueId constant(Ints dims, bool positive = false) {
    auto data = ir::random_tensor(ir::DType::f32, dims, random_());
    if (positive) {
      auto values = data.values<float>();
      for (float& value : values) value = 0.5f + std::abs(value);
      data = ir::TensorData::floats(dims, values);
    }
    return graph_.add_constant(std::move(data));
  }
  ValueId ints(const Ints& values) { return graph_.add_constant(ir::TensorData::ints(values)); }
  ValueId first(ValueId id) { return graph_.emit("Transpose", {id}, {{"perm", Ints{0, 3, 1, 2}}}); }
  ValueId last(ValueId id) { return graph_.emit("Transpose", {id}, {{"perm", Ints{0, 2, 3, 1}}}); }

  Image step(Image from) {
    switch (pick(0, 12)) {
      case 0:
      case 1:
      case 2:
        return convolution(from);
      case 3:
        return pool(from);
      case 4:
        return with(from, graph_.emit(chance(2) ? "Relu" : "Sigmoid", {from.id}));
      case 5:
        return with(from, graph_.emit("Clip", {from.id, graph_.add_constant(ir::TensorData::scalar(-0.5f)),
                                               graph_.add_constant(ir::TensorData::scalar(0.75f))}));
      case 6:
        return with(from, graph_.emit(chance(2) ? "Add" : "Mul", {from.id, constant({from.channels})}));
      case 7:
        return joined(from);
      case 8:
        return with(from, graph_.emit("Softmax", {from.id}, {{"axis", int64_t{-1}}}));
      case 9:
        return gated(from);
      case 10:
        return normalised(from);
      case 11:
        return cut(from);
      default:
        return dense(from);
    }
  }

  static Image with(Image from, ValueId id) {
    from.id = id;
    return from;
  }

  Image convolution(Image from) {
    const int64_t kernel = pick(1, 3), stride = pick(1, 2), out = pick(1, 4);
    ValueId x = from.id;
    int64_t grown_by = 0;
    Ints pads(4, 0);
    if (chance(2)) {
      x = graph_.emit("Pad", {x, ints({0, 0, 1, 0, 0, 1, 1, 0})});
      from.height += 1, from.width += 2;
    } else {
      grown_by = kernel - 1;
      pads = {(kernel - 1) / 2, (kernel - 1) / 2, kernel / 2, kernel / 2};
    }
    if (from.height < kernel || from.width < kernel) return with(from, graph_.emit("Relu", {x}));
    std::vector<ValueId> inputs{first(x), constant({out, from.channels, kernel, kernel})};
    if (chance(2)) inputs.push_back(constant({out}));
    const ValueId y =
        graph_.emit("Conv", std::move(inputs),
                    {{"kernel_shape", Ints{kernel, kernel}}, {"strides", Ints{stride, stride}}, {"pads", pads}});
    return {last(y), (from.height + grown_by - kernel) / stride + 1, (from.width + grown_by - kernel) / stride + 1,
            out};
  }

  Image pool(Image from) {
    if (from.height < 2 || from.width < 2) return with(from, graph_.emit("Relu", {from.id}));
    const ValueId y = graph_.emit(chance(2) ? "MaxPool" : "AveragePool", {first(from.id)},
                                  {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}});
    return {last(y), from.height / 2, from.width / 2, from.channels};
  }

  // With an image of the same size: side by side, or added.
  Image joined(Image from) {
    for (const auto& other : images_) {
      if (other.height != from.height || other.width != from.width) continue;
      if (other.channels == from.channels && chance(2)) return with(from, graph_.emit("Add", {from.id, other.id}));
      const ValueId y = graph_.emit("Concat", {from.id, other.id}, {{"axis", int64_t{3}}});
      return {y, from.height, from.width, from.channels + other.channels};
    }
    return from;
  }

  Image gated(Image from) {
    const ValueId mean = graph_.emit("ReduceMean", {from.id}, {{"axes", Ints{1, 2}}, {"keepdims", int64_t{1}}});
    return with(from, graph_.emit("Mul", {from.id, graph_.emit("Sigmoid", {mean})}));
  }

  Image normalised(Image from) {
    const Ints dims{from.channels};
    const ValueId y = graph_.emit(
        "BatchNormalization", {first(from.id), constant(dims), constant(dims), constant(dims), constant(dims, true)});
    return with(from, last(y));
  }

  Image cut(Image from) {
    if (from.width < 3) return from;
    const ValueId y = graph_.emit("Slice", {from.id, ints({1}), ints({from.width}), ints({2})});
    return {y, from.height, from.width - 1, from.channels};
  }

  // On every pixel, as rows of a matrix.
  Image dense(Image from) {
    const int64_t out = pick(1, 4);
    const ValueId rows = graph_.emit("Reshape", {from.id, ints({-1, from.channels})});
    const ValueId y = graph_.emit("Gemm", {rows, constant({from.channels, out}), constant({out})});
    return {graph_.emit("Reshape", {y, ints({-1, from.height, from.width, out})}), from.height, from.width, out};
  }

  void finish(const Image& image) {
    if (chance(2)) {
      const int64_t features = image.height * image.width * image.channels;
      const ValueId flat = graph_.emit("Reshape", {image.id, ints({-1, features})});
      name_output(graph_.emit("Softmax", {graph_.emit("Gemm", {flat, constant({features, 3}), constant({3})})},
                              {{"axis", int64_t{1}}}),
                  "scores");
    } else {
      name_output(graph_.emit("Sigmoid", {image.id}), "map");
    }
    if (chance(3)) name_output(graph_.emit("Neg", {images_[static_cast<size_t>(pick(0, most()))].id}), "second");
  }

  void name_output(ValueId id, const char* name) {
    graph_.rename(id, name);
    graph_.add_output(id);
  }

  std::mt19937 random_;
  Graph graph_;
  std::vector<Image> images_;
};

std::vector<std::string> output_names(const Graph& graph) {
  std::vector<std::string> names;
  for (const auto id : graph.outputs()) names.push_back(graph.value(id).name);
  return names;
}

class RandomGraphs : public ::testing::TestWithParam<uint32_t> {};

TEST_P(RandomGraphs, StayTheSameNetwork) {
  for (uint32_t seed = GetParam() * 40; seed < GetParam() * 40 + 40; ++seed) {
    Graph graph = Writer(seed).write();
    Options options;
    options.opset = seed % 3 == 0 ? 11 : seed % 3 == 1 ? 13 : 18;
    options.verify = true;
    Report nothing;
    run_one("remove_dead", graph, options, nothing);
    const Graph before = graph;
    SCOPED_TRACE(::testing::Message() << "seed " << seed << "\n" << ir::print(before));
    const Report report = run(graph, options);
    EXPECT_EQ(testing::difference(before, graph, report), "") << ir::print(graph);
    EXPECT_LE(graph.node_count(), before.node_count()) << ir::print(graph);
    EXPECT_EQ(output_names(graph), output_names(before));
    if (::testing::Test::HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomGraphs, ::testing::Range(0u, 10u));

}  // namespace
}  // namespace es::passes
