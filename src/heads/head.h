// SPDX-License-Identifier: Apache-2.0
//
// What every head speaks of. C++14 and the standard library alone: these files are compiled into EdgeStream and copied
// into deployment folders, where they become DeepStream's output parser.
//
// A head is a type with two static functions:
//
//   static std::string problem(const std::vector<Tensor>& outputs, const Network& network);
//       Empty if the shapes are the head's own, else one sentence: what was found, what is needed. Reads no values.
//   static void decode(const std::vector<Tensor>& outputs, const Network& network, std::vector<Detection>& found);
//       Adds what the tensors say. Called only where problem() is empty; any float values are safe.
#ifndef ES_HEADS_HEAD_H_
#define ES_HEADS_HEAD_H_

#include <cstddef>
#include <string>
#include <vector>

namespace es_heads {

// One output of the network for one picture: dense, row-major, the batch dimension taken away. Heads of several outputs
// tell them apart by name.
struct Tensor {
  const float* data;
  std::vector<unsigned> dims;
  std::string name;
};

// What the decoder must know of the network. The picture's size is in pixels; thresholds has one entry per class, and a
// detection is kept when its score is not below that of its class.
struct Network {
  unsigned width;
  unsigned height;
  unsigned classes;
  const float* thresholds;
};

// A box in pixels of the network's input, letterbox bars included.
struct Detection {
  unsigned class_id;
  float left, top, width, height;
  float score;
};

// "[6300, 7]"
inline std::string shape_text(const Tensor& tensor) {
  std::string text = "[";
  for (std::size_t i = 0; i < tensor.dims.size(); ++i) {
    if (i != 0) text += ", ";
    text += std::to_string(tensor.dims[i]);
  }
  return text + "]";
}

// Not NaN, not infinite, and small enough that a whole number of it fits an int.
inline bool is_sane(float value) { return value > -1e9f && value < 1e9f; }

}  // namespace es_heads

#endif  // ES_HEADS_HEAD_H_
