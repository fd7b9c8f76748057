// SPDX-License-Identifier: Apache-2.0
#include "convert/crop.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/error.h"

namespace es::convert {
namespace {

using ir::Graph;
using ir::Ints;
using ir::TensorData;
using ir::ValueId;

ir::Shape with_dim(ir::Shape shape, size_t axis, int64_t size) {
  shape[axis] = size;
  return shape;
}

ValueId ints(Graph& graph, const Ints& values) { return graph.add_constant(TensorData::ints(values), "crop"); }

void slice_input(Graph& graph, const Crop& crop, int width, int height) {
  const ValueId input = graph.inputs().front();
  const ir::Shape inner = *graph.value(input).shape;
  graph.set_type(input, graph.value(input).dtype, with_dim(with_dim(inner, 2, height), 3, width));
  const ValueId cropped =
      graph.emit("Slice",
                 {input, ints(graph, {crop.top, crop.left}),
                  ints(graph, {crop.top + crop.height, crop.left + crop.width}), ints(graph, {2, 3})},
                 {}, "the centre of the picture", graph.first_node());
  graph.set_type(cropped, graph.value(input).dtype, inner);
  graph.redirect_inputs(input, cropped, graph.producer(cropped));
}

// The output passes through one more node, which takes over its name.
void replace_output(Graph& graph, size_t index, ValueId made, ir::Shape shape) {
  graph.set_type(made, ir::DType::f32, std::move(shape));
  graph.take_over_output(index, made, "_of_centre");
}

// Cells beside the centre find nothing: all their scores are 0.
void pad_cells(Graph& graph, size_t index, const Crop& crop, int width, int height) {
  const ValueId map = graph.outputs()[index];
  const ir::Shape shape = *graph.value(map).shape;
  const int64_t rows = shape[2].size, columns = shape[3].size;
  const int64_t cell_h = crop.height / rows, cell_w = crop.width / columns;
  const int64_t top = crop.top / cell_h, left = crop.left / cell_w;
  const int64_t all_rows = height / cell_h, all_columns = width / cell_w;
  const ValueId pads = ints(graph, {0, 0, top, left, 0, 0, all_rows - rows - top, all_columns - columns - left});
  const ValueId padded =
      graph.emit("Pad", {map, pads}, {{"mode", std::string("constant")}}, "cells of the whole picture");
  replace_output(graph, index, padded, with_dim(with_dim(shape, 2, all_rows), 3, all_columns));
}

// value * factor + offset, each along one axis of the output.
void move(Graph& graph, size_t index, size_t axis, const std::vector<float>& factor, const std::vector<float>& offset) {
  const ValueId value = graph.outputs()[index];
  const ir::Shape shape = *graph.value(value).shape;
  Ints dims(shape.rank(), 1);
  dims[axis] = static_cast<int64_t>(factor.size());
  ValueId moved = value;
  const bool scales = std::any_of(factor.begin(), factor.end(), [](float f) { return f != 1; });
  if (scales) {
    moved = graph.emit("Mul", {moved, graph.add_constant(TensorData::floats(dims, factor), "crop_factor")}, {},
                       "coordinates of the whole picture");
    graph.set_type(moved, ir::DType::f32, shape);
  }
  moved = graph.emit("Add", {moved, graph.add_constant(TensorData::floats(dims, offset), "crop_offset")}, {},
                     "coordinates of the whole picture");
  replace_output(graph, index, moved, shape);
}

// The first four of `count` numbers are coordinates, in the order given: 'x', 'y' for places, 'w', 'h' for sizes.
struct Columns {
  std::vector<float> factor, offset;
};
Columns columns_of(std::string_view order, size_t count, bool normalized, const Crop& crop, int width, int height) {
  Columns columns{std::vector<float>(count, 1), std::vector<float>(count, 0)};
  for (size_t i = 0; i < order.size() && i < count; ++i) {
    const bool across = order[i] == 'x' || order[i] == 'w';
    const bool is_place = order[i] == 'x' || order[i] == 'y';
    const auto whole = static_cast<float>(across ? width : height);
    const auto part = static_cast<float>(across ? crop.width : crop.height);
    const auto start = static_cast<float>(across ? crop.left : crop.top);
    columns.factor[i] = normalized ? part / whole : 1;
    if (is_place) columns.offset[i] = normalized ? start / whole : start;
  }
  return columns;
}

void move_rows(Graph& graph, size_t index, std::string_view order, bool normalized, const Recipe& recipe, int width,
               int height, bool numbers_first = false) {
  const ir::Shape& shape = *graph.value(graph.outputs()[index]).shape;
  const size_t axis = numbers_first ? 1 : shape.rank() - 1;
  const auto columns =
      columns_of(order, static_cast<size_t>(shape[axis].size), normalized, *recipe.crop, width, height);
  move(graph, index, axis, columns.factor, columns.offset);
}

void move_outputs(Graph& graph, const Recipe& recipe, int width, int height) {
  const bool normalized = recipe.parser_name.ends_with("Normalized");
  switch (recipe.head.value) {
    case Head::fomo:
      return pad_cells(graph, 0, *recipe.crop, width, height);
    case Head::yolov5:
    case Head::yolov5_drpai:
      return move_rows(graph, 0, "xywh", normalized, recipe, width, height);
    case Head::yolov11:
    case Head::yolov11_absolute:
      return move_rows(graph, 0, "xywh", normalized, recipe, width, height, true);
    case Head::yolo_pro:
      return move_rows(graph, 0, "xyxy", true, recipe, width, height);
    case Head::ssd:
      for (size_t i = 0; i < graph.outputs().size(); ++i) {
        if (graph.value(graph.outputs()[i]).name == "detection_boxes") {
          move_rows(graph, i, "yxyx", true, recipe, width, height);
        }
      }
      return;
    default:
      return;  // no coordinates, or none that are known
  }
}

int widened(int size, double needed, int unit) {
  if (needed <= size) return size;
  const int steps = static_cast<int>(std::ceil((needed - size) / 2 / unit));
  return size + 2 * steps * unit;
}

}  // namespace

Crop crop_for(int width, int height, const Aspect& aspect, int unit) {
  const double wanted = static_cast<double>(aspect.width) / aspect.height;
  const int whole_width = widened(width, height * wanted, unit);
  const int whole_height = widened(height, width / wanted, unit);
  return {.left = (whole_width - width) / 2,
          .top = (whole_height - height) / 2,
          .width = width,
          .height = height,
          .aspect = aspect};
}

void widen_for_crop(Graph& graph, Recipe& recipe) {
  const Crop& crop = *recipe.crop;
  const int width = crop.width + 2 * crop.left, height = crop.height + 2 * crop.top;
  slice_input(graph, crop, width, height);
  move_outputs(graph, recipe, width, height);
  recipe.width = width;
  recipe.height = height;
}

}  // namespace es::convert
