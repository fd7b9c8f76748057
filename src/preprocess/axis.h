// SPDX-License-Identifier: Apache-2.0
//
// Which source samples make a destination sample, along one axis.
#pragma once

#include <cstdint>
#include <vector>

#include "preprocess/preprocess.h"

namespace es::preprocess {

// Tables are padded to a multiple of this with harmless entries, so that kernels need no tail.
inline constexpr size_t lane_padding = 64;

// Destination sample i is the sum over k < count[i] of weights(i)[k] * source[first[i] + k].
//   nearest   count 1
//   bilinear  count 2, or 1 where the source has a single sample; weights sum to 1
//   area      as many as the destination sample covers
class Axis {
 public:
  // Fills the tables anew unless they are already for these values.
  void set(int source, int destination, Filter filter);

  int source() const { return source_; }
  int destination() const { return destination_; }
  Filter filter() const { return filter_; }

  const int32_t* first() const { return first_.data(); }
  const int32_t* count() const { return count_.data(); }
  // Area only: weights_width() of them, those beyond count()[i] 0.
  const float* weights(int i) const { return weights_.data() + static_cast<size_t>(i) * weights_width_; }
  size_t weights_width() const { return weights_width_; }
  // Bilinear only: the weight of the second sample, one per destination sample.
  const float* second_weight() const { return second_weight_.data(); }

 private:
  void set_nearest();
  void set_bilinear();
  void set_area();
  void copy_weights_of_pairs();
  void clear_weights(size_t most);

  int source_ = 0, destination_ = 0;
  Filter filter_ = Filter::nearest;
  size_t weights_width_ = 0;
  std::vector<int32_t> first_, count_;
  std::vector<float> weights_, second_weight_;
};

}  // namespace es::preprocess
