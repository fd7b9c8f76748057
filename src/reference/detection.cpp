// SPDX-License-Identifier: Apache-2.0
//
// TFLite_Detection_PostProcess, NON_MAX_SUPPRESSION_V4 and _V5, written from the kernels' description: candidates in
// order of score, one after the other against those that were kept.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "reference/call.h"

namespace es::reference {
namespace {

struct Box {
  double top, left, bottom, right;
  double area() const { return (bottom - top) * (right - left); }
};

double overlap(const Box& a, const Box& b) {
  if (a.area() <= 0 || b.area() <= 0) return 0;
  const double height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  const double width = std::min(a.right, b.right) - std::max(a.left, b.left);
  const double shared = std::max(height, 0.0) * std::max(width, 0.0);
  return shared / (a.area() + b.area() - shared);
}

// Places in order of falling score, equal ones in their own order.
std::vector<size_t> ranked(const std::vector<double>& scores) {
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return scores[a] > scores[b]; });
  return order;
}

template <typename IsCandidate, typename Drops>
std::vector<size_t> survivors(const std::vector<Box>& boxes, const std::vector<double>& scores, size_t most,
                              const IsCandidate& is_candidate, const Drops& drops) {
  std::vector<size_t> kept;
  for (const size_t i : ranked(scores)) {
    if (kept.size() == most) break;
    if (!is_candidate(scores[i])) continue;
    const bool covered =
        std::any_of(kept.begin(), kept.end(), [&](size_t k) { return drops(overlap(boxes[i], boxes[k])); });
    if (!covered) kept.push_back(i);
  }
  return kept;
}

class PostProcess {
 public:
  explicit PostProcess(Call& call) : call_(call), o_(call.options<tflite::DetectionPostProcessOptions>()) {
    const auto &encodings = call.in(0), &scores = call.in(1), &anchors = call.in(2);
    call.check(encodings.shape.size() == 3 && scores.shape.size() == 3 && anchors.shape.size() == 2 &&
                   encodings.shape[2] >= 4 && anchors.shape[1] == 4 && anchors.shape[0] == encodings.shape[1] &&
                   scores.shape[1] == encodings.shape[1],
               "its boxes, scores and anchors do not fit");
    call.check(encodings.shape[0] == 1, "its batch is ", encodings.shape[0]);
    background_ = scores.shape[2] - o_.num_classes;
    call.check(background_ == 0 || background_ == 1, "its scores have ", scores.shape[2], " columns");
    for (int64_t i = 0; i < anchors.shape[0]; ++i) boxes_.push_back(decoded(encodings, anchors, i));
  }

  void run() {
    o_.use_regular_nms ? regular() : fast();
    const auto rows = static_cast<size_t>(o_.max_detections) * static_cast<size_t>(o_.max_classes_per_detection);
    const auto count = static_cast<double>(count_);
    boxes_out_.resize(4 * rows);
    classes_.resize(rows);
    scores_out_.resize(rows);
    const auto n = static_cast<int64_t>(rows);
    give({1, n, 4}, boxes_out_, 0);
    give({1, n}, classes_, 1);
    give({1, n}, scores_out_, 2);
    give({1}, {count}, 3);
  }

 private:
  Box decoded(const Array& encodings, const Array& anchors, int64_t i) const {
    const auto value = [&](int64_t k) { return at(encodings, {0, i, k}); };
    const double y = value(0) / o_.y_scale * at(anchors, {i, 2}) + at(anchors, {i, 0});
    const double x = value(1) / o_.x_scale * at(anchors, {i, 3}) + at(anchors, {i, 1});
    const double half_h = std::exp(value(2) / o_.h_scale) * at(anchors, {i, 2}) / 2;
    const double half_w = std::exp(value(3) / o_.w_scale) * at(anchors, {i, 3}) / 2;
    return {y - half_h, x - half_w, y + half_h, x + half_w};
  }

  double score(size_t anchor, int64_t class_id) const {
    return at(call_.in(1), {0, static_cast<int64_t>(anchor), class_id + background_});
  }

  std::vector<size_t> suppressed(const std::vector<double>& scores, int most) const {
    return survivors(
        boxes_, scores, static_cast<size_t>(most), [&](double s) { return s >= o_.nms_score_threshold; },
        [&](double iou) { return iou > o_.nms_iou_threshold; });
  }

  void add(size_t anchor, int64_t class_id, double with_score) {
    const auto& box = boxes_[anchor];
    for (const double side : {box.top, box.left, box.bottom, box.right}) boxes_out_.push_back(side);
    classes_.push_back(static_cast<double>(class_id));
    scores_out_.push_back(with_score);
  }

  void fast() {
    std::vector<double> best;
    for (size_t i = 0; i < boxes_.size(); ++i) {
      double most = score(i, 0);
      for (int64_t c = 1; c < o_.num_classes; ++c) most = std::max(most, score(i, c));
      best.push_back(most);
    }
    const auto kept = suppressed(best, o_.max_detections);
    count_ = kept.size();
    for (const size_t anchor : kept) {
      std::vector<double> scores;
      for (int64_t c = 0; c < o_.num_classes; ++c) scores.push_back(score(anchor, c));
      const auto order = ranked(scores);
      for (size_t k = 0; k < static_cast<size_t>(o_.max_classes_per_detection) && k < order.size(); ++k) {
        add(anchor, static_cast<int64_t>(order[k]), scores[order[k]]);
      }
    }
  }

  void regular() {
    struct Found {
      size_t anchor;
      int64_t class_id;
      double score;
    };
    std::vector<Found> all;
    for (int64_t c = 0; c < o_.num_classes; ++c) {
      std::vector<double> scores;
      for (size_t i = 0; i < boxes_.size(); ++i) scores.push_back(score(i, c));
      for (const size_t i : suppressed(scores, std::min(o_.detections_per_class, o_.max_detections))) {
        all.push_back({i, c, scores[i]});
      }
    }
    // Equal scores: the earlier class, and within it the earlier anchor.
    std::stable_sort(all.begin(), all.end(), [](const Found& a, const Found& b) {
      return a.score != b.score         ? a.score > b.score
             : a.class_id != b.class_id ? a.class_id < b.class_id
                                        : a.anchor < b.anchor;
    });
    count_ = std::min(all.size(), static_cast<size_t>(o_.max_detections));
    for (size_t i = 0; i < count_; ++i) add(all[i].anchor, all[i].class_id, all[i].score);
  }

  void give(Dims shape, const std::vector<double>& values, size_t slot) {
    if (slot >= call_.output_count()) return;
    auto result = call_.make(std::move(shape), slot);
    result.values = values;
    call_.give(std::move(result), slot);
  }

  Call& call_;
  tflite::DetectionPostProcessOptions o_;
  int64_t background_ = 0;
  std::vector<Box> boxes_;
  std::vector<double> boxes_out_, classes_, scores_out_;
  size_t count_ = 0;
};

void detection_post_process(Call& call) { PostProcess(call).run(); }

void non_max_suppression(Call& call) {
  const bool is_v5 = call.name() == "NON_MAX_SUPPRESSION_V5";
  const auto &corners = call.in(0), &scores = call.in(1);
  call.check(corners.shape.size() == 2 && corners.shape[1] == 4 && scores.shape == Dims{corners.shape[0]},
             "its boxes and scores do not fit");
  call.check(!is_v5 || call.number(5) == 0, "it is soft");
  std::vector<Box> boxes;
  for (int64_t i = 0; i < corners.shape[0]; ++i) {
    const double y1 = at(corners, {i, 0}), x1 = at(corners, {i, 1}), y2 = at(corners, {i, 2}), x2 = at(corners, {i, 3});
    boxes.push_back({std::min(y1, y2), std::min(x1, x2), std::max(y1, y2), std::max(x1, x2)});
  }
  const double iou = call.number(3), threshold = call.number(4);
  const auto most = call.integer(2);
  const auto kept = survivors(
      boxes, scores.values, static_cast<size_t>(most), [&](double s) { return s > threshold; },
      [&](double overlapping) { return overlapping >= iou; });
  auto places = call.make({most}, 0);
  for (size_t i = 0; i < kept.size(); ++i) places.values[i] = static_cast<double>(kept[i]);
  call.give(std::move(places), 0);
  if (is_v5) {
    auto best = call.make({most}, 1);
    for (size_t i = 0; i < kept.size(); ++i) best.values[i] = scores.values[kept[i]];
    call.give(std::move(best), 1);
  }
  auto count = call.make({}, is_v5 ? 2 : 1);
  count.values[0] = static_cast<double>(kept.size());
  call.give(std::move(count), is_v5 ? 2 : 1);
}

constexpr Row rows[] = {
    {"TFLite_Detection_PostProcess", detection_post_process},
    {"NON_MAX_SUPPRESSION_V4", non_max_suppression},
    {"NON_MAX_SUPPRESSION_V5", non_max_suppression},
};

}  // namespace

std::span<const Row> detection_rows() { return rows; }

}  // namespace es::reference
