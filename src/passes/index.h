// SPDX-License-Identifier: Apache-2.0
//
// Walking over the elements of dense tensors.
#pragma once

#include <cstdint>
#include <vector>

namespace es::passes {

// How many elements lie between neighbours along each axis.
inline std::vector<int64_t> strides_of(const std::vector<int64_t>& dims) {
  std::vector<int64_t> strides(dims.size(), 1);
  for (size_t i = dims.size(); i-- > 1;) strides[i - 1] = strides[i] * dims[i];
  return strides;
}

// Calls visit(offset) for every element of a tensor of `dims` in row-major order, where offset moves by strides[i] per
// step along axis i: 0 repeats an axis, a negative one walks it backwards.
template <typename Visit>
void walk(const std::vector<int64_t>& dims, const std::vector<int64_t>& strides, int64_t offset, Visit visit) {
  int64_t count = 1;
  for (const int64_t dim : dims) count *= dim;
  std::vector<int64_t> at(dims.size(), 0);
  for (int64_t i = 0; i < count; ++i) {
    visit(offset);
    for (size_t axis = dims.size(); axis-- > 0;) {
      offset += strides[axis];
      if (++at[axis] < dims[axis]) break;
      offset -= strides[axis] * dims[axis];
      at[axis] = 0;
    }
  }
}

}  // namespace es::passes
