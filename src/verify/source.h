// SPDX-License-Identifier: Apache-2.0
//
// The network as it was exported, computing what the converted one is held against.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "reference/array.h"
#include "verify/inputs.h"

namespace es::verify {

using reference::Array;
using reference::Dims;

struct SourceOutput {
  std::string name;
  // How an output must be called in the converted network; empty: by its place.
  std::string wanted_name;
  bool is_logits = false;  // the network's own last step, a Softmax, is left out here and there
  double step = 0;         // between two numbers that it can be; 0: floats
};

// What an operator of the source made; nothing where it is not known.
struct Layer {
  std::string name;         // "op 17 CONV_2D ('backbone/conv3')"
  std::string node_prefix;  // how nodes that came of it are called: "op_17_CONV_2D"
  std::string value_name;   // how a converter that keeps names calls the value: "backbone/conv3"
  Array values;
};

class Source {
 public:
  virtual ~Source() = default;

  virtual std::string arithmetic() const = 0;  // what computes it: "reference evaluator, float64 sums"
  virtual const Dims& input_shape() const = 0;
  virtual bool is_channels_first() const = 0;  // of a picture input
  // Whether it takes whole numbers alone: bytes of pixels, indices.
  virtual bool takes_integers() const = 0;
  // What the input can stand for, where the source says it.
  virtual std::optional<Range> input_range() const = 0;
  virtual const std::vector<SourceOutput>& outputs() const = 0;
  // One array for each output. Not for several threads at once.
  virtual std::vector<Array> run(const Array& input) const = 0;
  // The same in the export's own integers, its last step included, as the numbers they stand for; [] where the source
  // computes with floats, or its integers cannot be followed.
  virtual std::vector<Array> run_integers(const Array& input) const = 0;
  // Every intermediate result in order; [] where only the runtime knows them.
  virtual std::vector<Layer> layers(const Array& input) const = 0;
};

// `bytes` must outlive it. Throws what the readers throw.
// `integers`: a quantised file computes in its own integers, and its numbers have steps.
std::unique_ptr<Source> tflite_source(BytesView bytes, const std::string& name, bool integers = false);
std::unique_ptr<Source> onnx_source(BytesView bytes, const std::string& name);

}  // namespace es::verify
