// SPDX-License-Identifier: Apache-2.0
//
// TFLite_Detection_PostProcess, NON_MAX_SUPPRESSION_V4 and _V5: boxes decoded and suppressed by ONNX's own operators.
//
// ONNX keeps scores above a threshold, the custom operator those at it too; and where ONNX drops boxes that overlap by
// more than a threshold, NON_MAX_SUPPRESSION drops those that overlap by exactly that much as well. Both are set right
// by handing over the next smaller float. The rows that ONNX selects come in any order and for all items of a batch in
// one list; they become marks on the scores, so that everything behind has one shape and keeps items apart.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "translate/constants.h"
#include "translate/op.h"
#include "translate/ops/families.h"

namespace es::translate {
namespace {

using tflite::DetectionPostProcessOptions;

constexpr double unmarked = -1e30;  // below every score; above float16's range, so keep this part in float32
constexpr double lowest_marked = -1e29;

float just_below(float value) { return std::nextafter(value, -std::numeric_limits<float>::infinity()); }

ValueId slice(Op& op, ValueId value, int64_t axis, int64_t begin, int64_t end) {
  return op.emit("Slice", {value, op.ints({begin}), op.ints({end}), op.ints({axis})});
}

// --- marks

// Scores [N, rows, n] with everything but the selected [M, 3] (item, row, place) far below zero.
ValueId keep_selected(Op& op, ValueId scores, ValueId selected) {
  // Of the scores' shape at any batch, and zero also where a score is no number.
  const auto zeros = op.cast(op.emit("Greater", {scores, scores}), ir::DType::f32);
  const auto how_many = slice(op, op.emit("Shape", {selected}), 0, 0, 1);
  const auto ones =
      op.emit("ConstantOfShape", {how_many}, {{"value", ir::TensorData::floats({1}, std::vector<float>{1.0f})}});
  const auto marks = op.emit("ScatterND", {zeros, selected, ones});
  return op.emit("Where", {op.emit("Greater", {marks, op.scalar(0.5)}), scores, op.scalar(unmarked)});
}

ValueId suppress(Op& op, ValueId boxes, ValueId scores, int64_t most, float iou, float score) {
  return op.emit("NonMaxSuppression", {boxes, scores, op.ints({most}), op.scalar(static_cast<double>(iou)),
                                       op.scalar(static_cast<double>(score))});
}

// The best `count` of [N, n], highest first, the earlier of equals first.
struct Best {
  ValueId scores, places;  // [N, count], places int64
  ValueId valid;           // 1.0 where the place was marked, else 0.0
};

Best best_of(Op& op, ValueId scores, int64_t count) {
  const auto top = op.emit_many("TopK", {scores, op.ints({count})}, 2,
                                {{"axis", int64_t{1}}, {"largest", int64_t{1}}, {"sorted", int64_t{1}}});
  const auto is_valid = op.emit("Greater", {top[0], op.scalar(lowest_marked)});
  return {op.emit("Where", {is_valid, top[0], op.scalar(0)}), top[1], op.cast(is_valid, ir::DType::f32)};
}

// Rows of [N, n, width] at [N, count].
ValueId rows_at(Op& op, ValueId data, ValueId places, int64_t width) {
  const auto wide = op.emit("Expand", {op.unsqueeze(places, {2}), op.ints({1, 1, width})});
  return op.emit("GatherElements", {data, wide}, {{"axis", int64_t{1}}});
}

ValueId where_valid(Op& op, ValueId rows, ValueId valid) { return op.emit("Mul", {rows, op.unsqueeze(valid, {2})}); }

// --- TFLite_Detection_PostProcess: its inputs

// Boxes and scores as the decoding wants them, with anchors in the order of both.
struct Candidates {
  int64_t anchors = 0, classes = 0;
  bool planes = false;                // [N, 4, anchors] and [N, classes, anchors]; else the axes the other way round
  ValueId encodings, scores;          // scores without the background
  std::vector<double> anchor_values;  // center y, center x, height, width of each
};

std::vector<double> anchors_of(Op& op, int64_t count) {
  const auto* data = op.constant(op.input(2));
  if (data == nullptr) op.refuse("its anchors are computed at run time, only constant ones can be converted");
  op.check(data->dims == Ints{count, 4}, "its anchors are ", dims_text(data->dims), ", ", dims_text({count, 4}),
           " are needed");
  return data->as_doubles();
}

// One feature map of a head: the convolution whose channels are (anchor, number) pairs.
struct Level {
  ir::NodeId conv;
  int64_t anchors, width, height;
};

struct Levels {
  std::vector<Level> levels;
  bool has_sigmoid = false;
};

const ir::Node* producer(const Op& op, ValueId value) { return op.graph().producer_node(value); }

std::optional<Level> level_of(const Op& op, ValueId value, int64_t numbers) {
  const auto* reshape = producer(op, value);
  if (reshape == nullptr || reshape->op_type != "Reshape") return std::nullopt;
  const auto* door = producer(op, reshape->inputs[0]);
  if (door == nullptr || door->op_type != "Transpose" || door->get_ints("perm") != Ints{0, 2, 3, 1})
    return std::nullopt;
  const auto* conv = producer(op, door->inputs[0]);
  const bool fits = conv != nullptr && conv->op_type == "Conv" && conv->get_int("group", 1) == 1 &&
                    op.constant(conv->input(1)) != nullptr &&
                    (conv->input(2) == ir::no_value || op.constant(conv->input(2)) != nullptr);
  if (!fits) return std::nullopt;
  const auto image = op.shape(door->inputs[0]), rows = op.shape(value);
  if (image[0] != 1 || rows.size() != 3 || rows[2] != numbers || image[1] % numbers != 0) return std::nullopt;
  return Level{op.graph().producer(door->inputs[0]), image[1] / numbers, image[3], image[2]};
}

// The feature maps behind a head whose candidates have `numbers` numbers each; nothing where it is built otherwise.
std::optional<Levels> levels_of(const Op& op, ValueId value, int64_t numbers) {
  Levels result;
  const auto* node = producer(op, value);
  if (node != nullptr && node->op_type == "Sigmoid") {
    result.has_sigmoid = true;
    node = producer(op, node->inputs[0]);
  }
  if (node == nullptr || node->op_type != "Concat" || node->get_int("axis", 0) != 1) return std::nullopt;
  for (const auto input : node->inputs) {
    const auto level = level_of(op, input, numbers);
    if (!level) return std::nullopt;
    result.levels.push_back(*level);
  }
  return result;
}

bool same_places(const Levels& a, const Levels& b) {
  return std::equal(a.levels.begin(), a.levels.end(), b.levels.begin(), b.levels.end(),
                    [](const Level& x, const Level& y) {
                      return x.anchors == y.anchors && x.width == y.width && x.height == y.height;
                    });
}

// A convolution's constant with its outermost axis, (anchor, number) pairs, as (number, anchor) pairs.
ValueId pairs_swapped(Op& op, ValueId constant, int64_t anchors, int64_t numbers) {
  const auto* data = op.constant(constant);
  Ints dims = data->dims;
  const int64_t each = *ir::element_count(dims) / (anchors * numbers);
  ir::TensorData pairs(data->dtype, {anchors, numbers, each}, data->bytes);
  auto swapped = permute(pairs, std::array<int64_t, 3>{1, 0, 2});
  return op.add_constant(ir::TensorData(data->dtype, std::move(dims), std::move(swapped.bytes)));
}

// [N, numbers, anchors of all levels], each level's anchors one after the other and each with its whole map.
ValueId planes_of(Op& op, const Levels& head, int64_t numbers) {
  std::vector<ValueId> maps;
  for (const auto& level : head.levels) {
    const ir::Node conv = op.graph().node(level.conv);
    std::vector<ValueId> inputs{conv.inputs[0], pairs_swapped(op, conv.inputs[1], level.anchors, numbers)};
    if (conv.input(2) != ir::no_value) inputs.push_back(pairs_swapped(op, conv.inputs[2], level.anchors, numbers));
    const auto map = op.emit("Conv", inputs, conv.attributes);
    maps.push_back(op.reshape(map, {1, numbers, level.anchors * level.height * level.width}));
  }
  const auto all = op.emit("Concat", maps, {{"axis", int64_t{2}}});
  return head.has_sigmoid ? op.emit("Sigmoid", {all}) : all;
}

// Rows of anchors in the order of planes_of().
std::vector<double> anchors_by_level(const Levels& head, const std::vector<double>& anchors) {
  std::vector<double> result;
  int64_t first = 0;
  for (const auto& level : head.levels) {
    const int64_t places = level.width * level.height;
    for (int64_t a = 0; a < level.anchors; ++a) {
      for (int64_t place = 0; place < places; ++place) {
        const auto row = static_cast<size_t>(4 * (first + place * level.anchors + a));
        result.insert(result.end(), anchors.begin() + static_cast<std::ptrdiff_t>(row),
                      anchors.begin() + static_cast<std::ptrdiff_t>(row + 4));
      }
    }
    first += places * level.anchors;
  }
  return result;
}

Candidates candidates_of(Op& op, const DetectionPostProcessOptions& o) {
  const auto encodings = op.shape(op.input(0)), scored = op.shape(op.input(1));
  op.check(
      encodings.size() == 3 && scored.size() == 3 && encodings[2] >= 4 && scored[1] == encodings[1] && encodings[1] > 0,
      "its boxes are ", dims_text(encodings), " and its scores ", dims_text(scored),
      ", [1, anchors, 4] and [1, anchors, classes] are needed");
  const int64_t background = scored[2] - o.num_classes;
  op.check(background == 0 || background == 1, "its scores are of ", scored[2], " classes, its options say ",
           o.num_classes, " and perhaps a background");
  op.check_list_size(encodings[1] * scored[2]);
  Candidates c{.anchors = encodings[1],
               .classes = o.num_classes,
               .planes = false,
               .encodings = op.input(0),
               .scores = op.input(1),
               .anchor_values = anchors_of(op, encodings[1])};
  if (op.translation_options().anchor_order == AnchorOrder::free) {
    const auto boxes = levels_of(op, c.encodings, encodings[2]), scores = levels_of(op, c.scores, scored[2]);
    if (boxes && scores && same_places(*boxes, *scores)) {
      c.planes = true;
      c.encodings = planes_of(op, *boxes, encodings[2]);
      c.scores = planes_of(op, *scores, scored[2]);
      c.anchor_values = anchors_by_level(*boxes, c.anchor_values);
    } else {
      op.warn("its boxes and scores do not come from convolutions side by side; the anchors keep their order");
    }
  }
  if (background == 1) c.scores = slice(op, c.scores, c.planes ? 1 : 2, 1, scored[2]);
  return c;
}

// Column `first` and the next of the anchors, each times `factor`, beside the encodings: [1, anchors, 2] or
// [1, 2, anchors].
ValueId anchor_pairs(Op& op, const Candidates& c, size_t first, double factor_0, double factor_1) {
  const auto count = static_cast<size_t>(c.anchors);
  std::vector<float> values(2 * count);
  for (size_t i = 0; i < count; ++i) {
    values[c.planes ? i : 2 * i] = static_cast<float>(c.anchor_values[4 * i + first] * factor_0);
    values[c.planes ? count + i : 2 * i + 1] = static_cast<float>(c.anchor_values[4 * i + first + 1] * factor_1);
  }
  return op.add_constant(ir::TensorData::floats(c.planes ? Ints{1, 2, c.anchors} : Ints{1, c.anchors, 2}, values));
}

// [N, anchors, 4]: top, left, bottom, right.
ValueId decoded_boxes(Op& op, const DetectionPostProcessOptions& o, const Candidates& c) {
  const int64_t axis = c.planes ? 1 : 2;
  const double y_scale = o.y_scale, x_scale = o.x_scale;
  const auto center_factor = anchor_pairs(op, c, 2, 1 / y_scale, 1 / x_scale);
  const auto offset = op.emit("Mul", {slice(op, c.encodings, axis, 0, 2), center_factor});
  const auto center = op.emit("Add", {offset, anchor_pairs(op, c, 0, 1, 1)});
  const auto size_factor = op.add_constant(ir::TensorData::floats(c.planes ? Ints{1, 2, 1} : Ints{1, 1, 2},
                                                                  std::vector<float>{1 / o.h_scale, 1 / o.w_scale}));
  const auto growth = op.emit("Exp", {op.emit("Mul", {slice(op, c.encodings, axis, 2, 4), size_factor})});
  const auto half = op.emit("Mul", {growth, anchor_pairs(op, c, 2, 0.5, 0.5)});
  const auto first = op.emit("Sub", {center, half}), last = op.emit("Add", {center, half});
  if (!c.planes) return op.emit("Concat", {first, last}, {{"axis", int64_t{2}}});
  // Four planes beside each other become four columns without moving more than they must.
  std::vector<ValueId> columns;
  for (const auto corner : {first, last}) {
    for (const auto plane : op.split(corner, 1, {1, 1})) columns.push_back(op.reshape(plane, {1, c.anchors, 1}));
  }
  return op.emit("Concat", columns, {{"axis", int64_t{2}}});
}

// --- and its results

// What one decoding makes, padded to the operator's number of rows.
struct Detections {
  ValueId boxes, classes, scores, valid;  // [N, rows, 4], [N, rows], [N, rows], [N, kept anchors]
};

// One suppression over all classes by each anchor's best; each kept anchor answers its best classes.
Detections fast(Op& op, const DetectionPostProcessOptions& o, ValueId boxes, const Candidates& c) {
  const int64_t kept = std::min<int64_t>(o.max_detections, c.anchors);
  const int64_t each = std::min<int64_t>(o.max_classes_per_detection, c.classes);
  const int64_t class_axis = c.planes ? 1 : 2;
  const auto best = op.reduce("ReduceMax", c.scores, {class_axis}, c.planes);
  const auto row = c.planes ? best : op.unsqueeze(best, {1});
  const auto selected =
      suppress(op, boxes, row, o.max_detections, o.nms_iou_threshold, just_below(o.nms_score_threshold));
  const auto top = best_of(op, op.reshape(keep_selected(op, row, selected), {1, c.anchors}), kept);
  const auto kept_boxes = where_valid(op, rows_at(op, boxes, top.places, 4), top.valid);
  if (each == 1) {
    const auto best_class = op.emit("ArgMax", {c.scores}, {{"axis", class_axis}, {"keepdims", int64_t{0}}});
    const auto chosen =
        op.emit("GatherElements", {op.cast(best_class, ir::DType::f32), top.places}, {{"axis", int64_t{1}}});
    return {kept_boxes, op.emit("Mul", {chosen, top.valid}), top.scores, top.valid};
  }
  const auto by_anchor = c.planes ? op.transpose(c.scores, {0, 2, 1}) : c.scores;
  const auto ranked = op.emit_many("TopK", {by_anchor, op.ints({each})}, 2,
                                   {{"axis", int64_t{2}}, {"largest", int64_t{1}}, {"sorted", int64_t{1}}});
  const auto flat = [&](ValueId values) {
    return op.reshape(where_valid(op, rows_at(op, values, top.places, each), top.valid), {1, kept * each});
  };
  const auto repeated = op.emit("Expand", {op.unsqueeze(kept_boxes, {2}), op.ints({1, 1, each, 1})});
  return {op.reshape(repeated, {1, kept * each, 4}), flat(op.cast(ranked[1], ir::DType::f32)), flat(ranked[0]),
          top.valid};
}

// A suppression for each class, the results merged by score.
Detections regular(Op& op, const DetectionPostProcessOptions& o, ValueId boxes, const Candidates& c) {
  const int64_t kept = std::min<int64_t>(o.max_detections, c.anchors * c.classes);
  const auto by_class = c.planes ? c.scores : op.transpose(c.scores, {0, 2, 1});
  const auto selected = suppress(op, boxes, by_class, std::min(o.detections_per_class, o.max_detections),
                                 o.nms_iou_threshold, just_below(o.nms_score_threshold));
  const auto top = best_of(op, op.reshape(keep_selected(op, by_class, selected), {1, c.classes * c.anchors}), kept);
  const auto per_class = op.scalar(static_cast<double>(c.anchors), ir::DType::i64);
  const auto class_id = op.emit("Div", {top.places, per_class});
  const auto anchor = op.emit("Sub", {top.places, op.emit("Mul", {class_id, per_class})});
  return {where_valid(op, rows_at(op, boxes, anchor, 4), top.valid),
          op.emit("Mul", {op.cast(class_id, ir::DType::f32), top.valid}), top.scores, top.valid};
}

// Zeros behind the rows of axis 1.
ValueId padded(Op& op, ValueId value, int64_t rows) {
  const auto dims = op.shape(value);
  if (dims[1] >= rows) return value;
  Ints amounts(2 * dims.size(), 0);
  amounts[dims.size() + 1] = rows - dims[1];
  return op.emit("Pad", {value, op.ints(amounts)}, {{"mode", std::string("constant")}});
}

void check_options(const Op& op, const DetectionPostProcessOptions& o) {
  op.check(o.max_detections > 0 && o.max_classes_per_detection > 0 && o.num_classes > 0, "it keeps ", o.max_detections,
           " detections of ", o.num_classes, " classes, ", o.max_classes_per_detection, " each; 1 or more are needed");
  op.check(o.detections_per_class > 0, "it keeps 0 detections for each class");
  for (const float scale : {o.y_scale, o.x_scale, o.h_scale, o.w_scale}) {
    op.check(std::isfinite(scale) && scale != 0, "one of its scales is ", scale);
  }
}

void detection_post_process(Op& op) {
  op.check(op.has_options(), "it has no options");
  const auto o = op.options<DetectionPostProcessOptions>();
  check_options(op, o);
  const auto candidates = candidates_of(op, o);
  const auto boxes = decoded_boxes(op, o, candidates);
  const auto found = o.use_regular_nms ? regular(op, o, boxes, candidates) : fast(op, o, boxes, candidates);
  const int64_t rows = int64_t{o.max_detections} * o.max_classes_per_detection;
  op.check_list_size(rows);
  // [N, 1], which nvinfer takes for a layer of one number; [N] only where the file says so.
  const bool keeps_axis = !op.has_output(3) || op.output_tensor(3).shape.size() != 1;
  const ValueId results[] = {padded(op, found.boxes, rows), padded(op, found.classes, rows),
                             padded(op, found.scores, rows), op.reduce("ReduceSum", found.valid, {1}, keeps_axis)};
  for (size_t slot = 0; slot < std::size(results); ++slot) {
    if (op.has_output(slot)) op.output(slot, results[slot]);
  }
}

// --- NON_MAX_SUPPRESSION_V4 and V5

// Boxes [n, 4], scores [n], the most to keep, IoU and score threshold, for V5 a softness. Answers places (zeros behind
// the last), for V5 their scores, and how many.
void non_max_suppression(Op& op) {
  const bool is_v5 = op.source().name == "NON_MAX_SUPPRESSION_V5";
  const auto number = [&](size_t slot, std::string_view what) {
    const auto* data = op.constant(op.input(slot));
    if (data == nullptr) op.refuse(what, " is computed at run time, only a constant one can be converted");
    op.check(data->elements() == 1, what, " has ", data->elements(), " elements, 1 is needed");
    return data->as_doubles()[0];
  };
  if (is_v5 && number(5, "its softness") != 0) op.refuse("it lowers scores instead of dropping boxes (soft NMS)");
  const auto most = op.constant_ints(2, "its number of boxes");
  op.check(most.size() == 1 && most[0] > 0, "it keeps ", most.empty() ? 0 : most[0], " boxes, 1 or more are needed");
  const auto dims = op.shape(op.input(0));
  op.check(dims.size() == 2 && dims[1] == 4 && op.shape(op.input(1)) == Ints{dims[0]} && dims[0] > 0, "its boxes are ",
           dims_text(dims), " and its scores ", dims_text(op.shape(op.input(1))), ", [n, 4] and [n] are needed");
  op.check_list_size(most[0]);
  const auto iou = static_cast<float>(number(3, "its IoU threshold"));
  const auto score = static_cast<float>(number(4, "its score threshold"));

  const auto boxes = op.unsqueeze(op.input(0), {0});
  const auto scores = op.unsqueeze(op.input(1), {0, 1});
  const auto selected = suppress(op, boxes, scores, most[0], just_below(iou), score);
  const auto marked = op.reshape(keep_selected(op, scores, selected), {1, dims[0]});
  const auto top = best_of(op, marked, std::min(most[0], dims[0]));
  const auto as_list = [&](ValueId value) { return op.squeeze(padded(op, value, most[0]), {0}); };
  const auto places = op.emit("Mul", {op.cast(top.places, ir::DType::i32), op.cast(top.valid, ir::DType::i32)});
  const auto count = op.cast(op.reduce("ReduceSum", top.valid, {0, 1}, false), ir::DType::i32);
  op.output(0, as_list(places));
  if (is_v5 && op.has_output(1)) op.output(1, as_list(top.scores));
  const size_t last = is_v5 ? 2 : 1;
  if (op.has_output(last)) op.output(last, count);
}

}  // namespace

void register_detection(OpTable& table) {
  constexpr std::string_view suppression =
      "NonMaxSuppression, Shape, Slice, ConstantOfShape, ScatterND, Greater, Where, Reshape, TopK, Cast, Mul, "
      "ReduceSum, Pad, Unsqueeze, Squeeze";
  table.add("NON_MAX_SUPPRESSION_V4", {1, 1}, non_max_suppression, suppression);
  table.add("NON_MAX_SUPPRESSION_V5", {1, 1}, non_max_suppression, suppression);
  table.add_custom(
      "TFLite_Detection_PostProcess", detection_post_process,
      "Slice, Mul, Add, Exp, Sub, Concat, ReduceMax, Unsqueeze, NonMaxSuppression, Shape, ConstantOfShape, "
      "ScatterND, Greater, Where, Reshape, TopK, Cast, Expand, GatherElements, ArgMax, Div, Split, Conv, Sigmoid, "
      "ReduceSum, Pad");
}

}  // namespace es::translate
