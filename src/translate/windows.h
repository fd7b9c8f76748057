// SPDX-License-Identifier: Apache-2.0
//
// Where a sliding window stands on an image: TFLite's SAME and VALID as the explicit padding that ONNX wants.
#pragma once

#include "ir/graph.h"
#include "tflite/types.h"

namespace es::translate {

// One entry for each spatial axis, in the order of the axes ([height, width]).
struct Window {
  ir::Ints kernel, strides, dilations;
};

// "3x3".
std::string size_text(const ir::Ints& size);

// Throws malformed where an entry is not positive.
void check_window(const Window& window);

// The padding of an image of `size`: all begins, then all ends, as ONNX has them. Under SAME, ceil(size / stride)
// windows fit and an odd pixel of padding goes to the end. Throws malformed where a VALID window does not fit once.
ir::Ints pads(const ir::Ints& size, const Window& window, tflite::Padding padding);

// How many windows stand side by side.
int64_t window_count(int64_t size, int64_t kernel, int64_t stride, int64_t dilation, tflite::Padding padding);

}  // namespace es::translate
