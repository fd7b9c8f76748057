// SPDX-License-Identifier: Apache-2.0
#include "translate/windows.h"

#include <algorithm>

#include "base/error.h"

namespace es::translate {
namespace {

int64_t reach(int64_t kernel, int64_t dilation) { return (kernel - 1) * dilation + 1; }

}  // namespace

std::string size_text(const ir::Ints& size) { return join(size, "x"); }

void check_window(const Window& window) {
  const auto positive = [](const ir::Ints& list) {
    return std::all_of(list.begin(), list.end(), [](int64_t entry) { return entry > 0; });
  };
  require(positive(window.kernel) && positive(window.strides) && positive(window.dilations), ErrorKind::malformed,
          "its window is ", size_text(window.kernel), " with stride ", size_text(window.strides), " and dilation ",
          size_text(window.dilations), ", each must be 1 or more");
}

int64_t window_count(int64_t size, int64_t kernel, int64_t stride, int64_t dilation, tflite::Padding padding) {
  if (padding == tflite::Padding::same) return (size + stride - 1) / stride;
  return (size + stride - reach(kernel, dilation)) / stride;
}

ir::Ints pads(const ir::Ints& size, const Window& window, tflite::Padding padding) {
  check_window(window);
  ir::Ints begins, ends;
  for (size_t i = 0; i < size.size(); ++i) {
    const int64_t stride = window.strides[i];
    const int64_t extent = reach(window.kernel[i], window.dilations[i]);
    const int64_t count = window_count(size[i], window.kernel[i], stride, window.dilations[i], padding);
    require(count > 0, ErrorKind::malformed, "its window reaches over ", extent, " pixels of an image that has ",
            size[i], ", without padding");
    const int64_t total = std::max<int64_t>(0, (count - 1) * stride + extent - size[i]);
    begins.push_back(padding == tflite::Padding::same ? total / 2 : 0);
    ends.push_back(padding == tflite::Padding::same ? total - total / 2 : 0);
  }
  begins.insert(begins.end(), ends.begin(), ends.end());
  return begins;
}

}  // namespace es::translate
