// SPDX-License-Identifier: Apache-2.0
#include "preprocess/axis.h"

#include <algorithm>
#include <cmath>

#include "preprocess/kernels.h"

namespace es::preprocess {
namespace {

size_t padded(int count) { return (static_cast<size_t>(count) + lane_padding - 1) / lane_padding * lane_padding; }

}  // namespace

void Axis::set(int source, int destination, Filter filter) {
  if (source == source_ && destination == destination_ && filter == filter_) return;
  source_ = source;
  destination_ = destination;
  filter_ = filter;
  first_.assign(padded(destination), 0);
  count_.assign(padded(destination), 1);
  second_weight_.assign(padded(destination), 0.0f);
  if (filter == Filter::nearest) {
    set_nearest();
  } else if (filter == Filter::bilinear || destination > source) {
    set_bilinear();
    if (filter == Filter::area) copy_weights_of_pairs();
  } else {
    set_area();
  }
}

// floor((i + 0.5) * source / destination), in whole numbers.
void Axis::set_nearest() {
  for (int i = 0; i < destination_; ++i) {
    first_[i] = static_cast<int32_t>((int64_t{2} * i + 1) * source_ / (int64_t{2} * destination_));
  }
}

void Axis::set_bilinear() {
  const double step = source_ / static_cast<double>(destination_);
  const int last_pair = std::max(source_ - 2, 0);
  for (int i = 0; i < destination_; ++i) {
    const double centre = std::clamp((i + 0.5) * step - 0.5, 0.0, source_ - 1.0);
    first_[i] = std::min(static_cast<int>(centre), last_pair);
    count_[i] = std::min(source_, 2);
    second_weight_[i] = static_cast<float>(centre - first_[i]);
  }
}

// Room for `most` weights per destination sample.
void Axis::clear_weights(size_t most) {
  weights_width_ = (most + kernels::weight_padding - 1) / kernels::weight_padding * kernels::weight_padding;
  weights_.assign(static_cast<size_t>(destination_) * weights_width_, 0.0f);
}

void Axis::copy_weights_of_pairs() {
  clear_weights(2);
  for (int i = 0; i < destination_; ++i) {
    float* weight = weights_.data() + static_cast<size_t>(i) * weights_width_;
    weight[0] = 1 - second_weight_[i];
    weight[1] = second_weight_[i];
  }
}

// Destination sample i covers [i, i + 1) * source / destination. In units of 1 / destination of a source sample every
// border is a whole number, so the shares are exact.
void Axis::set_area() {
  clear_weights(static_cast<size_t>(source_ / destination_) + 2);
  for (int i = 0; i < destination_; ++i) {
    const int64_t begin = int64_t{i} * source_;
    const int64_t end = begin + source_;
    first_[i] = static_cast<int32_t>(begin / destination_);
    count_[i] = static_cast<int32_t>((end + destination_ - 1) / destination_) - first_[i];
    float* weight = weights_.data() + static_cast<size_t>(i) * weights_width_;
    for (int k = 0; k < count_[i]; ++k) {
      const int64_t left = std::max(begin, int64_t{first_[i] + k} * destination_);
      const int64_t right = std::min(end, int64_t{first_[i] + k + 1} * destination_);
      weight[k] = static_cast<float>(static_cast<double>(right - left) / source_);
    }
  }
}

}  // namespace es::preprocess
