// SPDX-License-Identifier: Apache-2.0
//
// A 1x1 convolution in front of the graph. It never pads, so its offset is exact at the borders too, and both ONNX
// Runtime and TensorRT run it as one cheap layer.
#include "convert/pixels.h"

#include <vector>

namespace es::convert {
namespace {

// ITU-R BT.601 luma weights, as Edge Impulse computes gray from full-range R, G, B. They sum to one, so that a factor
// and equal offsets commute with them.
const std::vector<float> gray_weights{0.299f, 0.587f, 0.114f};

// The statistics of ImageNet for pixels of 0..1 that torchvision's models are trained with.
constexpr double torch_mean[] = {0.485, 0.456, 0.406};
constexpr double torch_deviation[] = {0.229, 0.224, 0.225};

ir::ValueId insert_convolution(ir::Graph& graph, std::vector<ir::ValueId> inputs, int64_t group, ir::Shape shape) {
  const ir::ValueId input = inputs.front();
  const ir::ValueId result = graph.emit("Conv", std::move(inputs), {{"kernel_shape", ir::Ints{1, 1}}, {"group", group}},
                                        "pixels of the deployment", graph.first_node());
  graph.set_type(result, ir::DType::f32, shape);
  graph.redirect_inputs(input, result, graph.producer(result));
  return result;
}

void prepend_gray(ir::Graph& graph, Recipe& recipe) {
  const ir::ValueId input = graph.inputs().front();
  ir::Shape shape = *graph.value(input).shape;
  const ir::Shape gray = shape;
  shape[1] = 3;
  graph.set_type(input, ir::DType::f32, shape);
  const auto weights = graph.add_constant(ir::TensorData::floats({1, 3, 1, 1}, gray_weights), "gray_weights");
  insert_convolution(graph, {input, weights}, 1, gray);
  recipe.channels = 3;
}

void prepend_torch(ir::Graph& graph) {
  const ir::ValueId input = graph.inputs().front();
  std::vector<float> factor, offset;
  for (int c = 0; c < 3; ++c) {
    factor.push_back(static_cast<float>(1 / torch_deviation[c]));
    offset.push_back(static_cast<float>(-torch_mean[c] / torch_deviation[c]));
  }
  const auto weights = graph.add_constant(ir::TensorData::floats({3, 1, 1, 1}, factor), "one_over_deviation");
  const auto bias = graph.add_constant(ir::TensorData::floats(offset), "minus_mean_over_deviation");
  insert_convolution(graph, {input, weights, bias}, 3, *graph.value(input).shape);
}

}  // namespace

void prepend_pixels(ir::Graph& graph, Recipe& recipe) {
  if (recipe.color.value == ColorMode::grayscale && recipe.gray_input == GrayInput::exact) prepend_gray(graph, recipe);
  if (recipe.scaling.value == ImageScaling::torch) prepend_torch(graph);
}

}  // namespace es::convert
