// SPDX-License-Identifier: Apache-2.0
//
// A network of YOLOv5n's shape with random weights: the same convolutions, the same tensors, nobody's training.
#pragma once

#include "ir/graph.h"

namespace es::bench {

struct YoloShape {
  int size = 320;    // pixels of the square input, a multiple of 32
  int classes = 80;  // of which the boxes have one or another
  int boxes = 30;    // that stand out above any threshold up to 0.9, spread so that NMS keeps all of them
};

// Input "images" [1, 3, size, size]; output "output0" [1, boxes of all levels, 5 + classes], centre and size in pixels
// of the input, as Edge Impulse ships the network. Weights come from a fixed seed.
ir::Graph yolov5n(const YoloShape& shape);

}  // namespace es::bench
