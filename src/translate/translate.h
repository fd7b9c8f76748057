// SPDX-License-Identifier: Apache-2.0
//
// A TFLite graph becomes an ONNX graph, operator by operator.
//
// The result is valid ONNX from the first node on. Every value that stands for a TFLite tensor has the axis order of
// the file (channels last for images); where ONNX computes channels first, a Transpose stands in front of the node and
// one behind it. Batch and shapes are the file's. What makes a good graph of this is the business of passes/.
#pragma once

#include <string>
#include <vector>

#include "ir/graph.h"
#include "tflite/model.h"

namespace es::translate {

// How graph inputs and outputs are called.
enum class Names {
  signature,  // as the file's signature calls them where it has one, else as its tensors are called
  tensor,     // as its tensors are called
};

// In which order the candidates of an SSD head are listed.
enum class AnchorOrder {
  keep,  // the file's: by place, then by anchor, which costs a Transpose for the boxes and one for the scores
  free,  // by anchor, then by place, as the network stores them. Detections of exactly equal score may swap places.
};

// What becomes of the integers of a quantised file.
enum class Quantization {
  real,  // nothing: the network computes with the numbers that they stand for
  qdq,   // Q/DQ pairs wherever the file rounds, so that runtimes compute with integers again (quantize())
};

struct Options {
  // The newest operators that may be used (HardSwish came with 14, Gelu with 20). All others have their opset 13 form,
  // which passes/ bring to the opset that is written.
  int opset = 13;
  Names names = Names::signature;
  AnchorOrder anchor_order = AnchorOrder::keep;
  Quantization quantization = Quantization::real;
};

// One input or output of the graph under the names it goes by.
struct Edge {
  std::string tensor_name;     // in the file
  std::string signature_name;  // empty where the file has no signature for it
  std::string graph_name;      // in the ONNX graph
};

// What a report should say about a translation.
struct Notes {
  std::vector<Edge> inputs, outputs;
  std::vector<std::string> warnings;  // one sentence each; those of the model itself are not repeated
};

// Throws unsupported, naming every operator that has no translation (all in one message), or the one whose use has
// none; malformed where operators contradict their tensors.
ir::Graph to_graph(const tflite::Model& model, const Options& options, Notes& notes);

// How much of a file's integers a graph has got back.
struct Quantized {
  int weights = 0, activations = 0;  // that have their integers
  std::vector<std::string> floats;   // operators whose weights stay floats, and why; one sentence each
};

// Gives a graph that was made of `model` with Quantization::qdq, and rewritten since, the file's integers back: each
// operator's result passes through QuantizeLinear and DequantizeLinear with the file's scale, weights and biases are
// stored as integers behind DequantizeLinear. 8 bits are written unsigned (value and zero point both up by 128 where
// the file has them signed): kernels for signed weights saturate on CPUs without VNNI. Nodes are found by their origin.
// Throws unsupported for 16-bit activations.
Quantized quantize(ir::Graph& graph, const tflite::Model& model);

}  // namespace es::translate
