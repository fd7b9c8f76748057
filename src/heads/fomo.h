// SPDX-License-Identifier: Apache-2.0
//
// FOMO output: a coarse map of class probabilities (softmax), class 0 is the background. Either layout:
//
//   [1 + classes, rows, columns]     as an NCHW network has it
//   [rows, columns, 1 + classes]     as the TFLite file has it
//
// Decoded exactly as Edge Impulse's SDK does, its two oddities included, so that the boxes are the same: cells of one
// class that touch become one box, but (1) a box that grows to the left or upwards moves without getting larger, and
// (2) in the second pass a box that touches an accepted one is dropped, and the accepted one is reported as it was
// before it grew. No non-maximum suppression follows: use with cluster-mode=4.
#ifndef ES_HEADS_FOMO_H_
#define ES_HEADS_FOMO_H_

#include <cstddef>
#include <string>
#include <vector>

#include "head.h"

namespace es_heads {
namespace fomo {

// In cells.
struct Box {
  unsigned x, y, width, height;
  unsigned class_id;
  float score;
};

// Whether the two touch (a corner is enough); if so, `box` grows by `other` in the SDK's way.
inline bool join(Box& box, const Box& other) {
  const bool apart = box.x + box.width < other.x || box.y + box.height < other.y || other.x + other.width < box.x ||
                     other.y + other.height < box.y;
  if (apart) return false;
  if (other.x < box.x) box.x = other.x;
  if (other.y < box.y) box.y = other.y;
  if (other.x + other.width > box.x + box.width) box.width = other.x + other.width - box.x;
  if (other.y + other.height > box.y + box.height) box.height = other.y + other.height - box.y;
  if (other.score > box.score) box.score = other.score;
  return true;
}

// Boxes in the order of their making, found again by class.
class Boxes {
 public:
  explicit Boxes(unsigned classes) : by_class_(classes) {}

  // Joins `other` to the first box of its class that it touches; false where there is none.
  bool join_first(const Box& other) {
    for (const std::size_t index : by_class_[other.class_id]) {
      if (join(all_[index], other)) return true;
    }
    return false;
  }
  void add(const Box& box) {
    by_class_[box.class_id].push_back(all_.size());
    all_.push_back(box);
  }
  const std::vector<Box>& all() const { return all_; }

 private:
  std::vector<Box> all_;
  std::vector<std::vector<std::size_t>> by_class_;
};

// Where the value of a class at a cell lies.
struct Layout {
  unsigned rows, columns, channels;
  bool channels_first;
  std::size_t index(unsigned row, unsigned column, unsigned channel) const {
    if (channels_first) return (std::size_t{channel} * rows + row) * columns + column;
    return (std::size_t{row} * columns + column) * channels + channel;
  }
};

// The cells of the map are squares; of two layouts that both fit the number of classes that one is meant.
inline bool has_square_cells(const Layout& layout, const Network& network) {
  return layout.rows != 0 && layout.columns != 0 && network.width / layout.columns == network.height / layout.rows;
}

inline bool find_layout(const Tensor& output, const Network& network, Layout& layout) {
  if (output.dims.size() != 3) return false;
  const unsigned channels = network.classes + 1;
  const Layout first{output.dims[1], output.dims[2], channels, true};
  const Layout last{output.dims[0], output.dims[1], channels, false};
  const bool fits_first = output.dims[0] == channels && first.rows != 0 && first.columns != 0;
  const bool fits_last = output.dims[2] == channels && last.rows != 0 && last.columns != 0;
  if (!fits_first && !fits_last) return false;
  const bool ambiguous = fits_first && fits_last;
  layout =
      fits_first && !(ambiguous && !has_square_cells(first, network) && has_square_cells(last, network)) ? first : last;
  return layout.columns <= network.width && layout.rows <= network.height;
}

}  // namespace fomo

struct Fomo {
  static std::string problem(const std::vector<Tensor>& outputs, const Network& network) {
    fomo::Layout layout;
    if (!outputs.empty() && fomo::find_layout(outputs[0], network, layout)) return "";
    const std::string found = outputs.empty() ? "is missing" : "is " + shape_text(outputs[0]);
    const std::string channels = std::to_string(network.classes + 1);
    return "the first output " + found + "; FOMO with " + std::to_string(network.classes) +
           (network.classes == 1 ? " class" : " classes") + " has [" + channels +
           ", rows, columns] or [rows, columns, " + channels + "] with the background";
  }

  static void decode(const std::vector<Tensor>& outputs, const Network& network, std::vector<Detection>& found) {
    fomo::Layout layout;
    if (!fomo::find_layout(outputs[0], network, layout)) return;
    const unsigned cell = network.width / layout.columns;
    fomo::Boxes accepted(network.classes);
    for (const fomo::Box& box : join_cells(outputs[0].data, layout, network)) {
      if (accepted.join_first(box)) continue;
      accepted.add(box);
      found.push_back(Detection{box.class_id, static_cast<float>(box.x * cell), static_cast<float>(box.y * cell),
                                static_cast<float>(box.width * cell), static_cast<float>(box.height * cell),
                                box.score});
    }
  }

 private:
  // The first pass: row by row, column by column, class by class.
  static std::vector<fomo::Box> join_cells(const float* map, const fomo::Layout& layout, const Network& network) {
    fomo::Boxes boxes(network.classes);
    for (unsigned row = 0; row < layout.rows; ++row) {
      for (unsigned column = 0; column < layout.columns; ++column) {
        for (unsigned class_id = 0; class_id < network.classes; ++class_id) {
          const float score = map[layout.index(row, column, class_id + 1)];
          if (!(score >= network.thresholds[class_id]) || !is_sane(score)) continue;
          const fomo::Box cell{column, row, 1, 1, class_id, score};
          if (!boxes.join_first(cell)) boxes.add(cell);
        }
      }
    }
    return boxes.all();
  }
};

}  // namespace es_heads

#endif  // ES_HEADS_FOMO_H_
