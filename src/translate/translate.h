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
  clean,  // by the file's signature where it has one, in characters that every tool takes ([A-Za-z0-9_./-])
  keep,   // by the file's tensors, to the letter where the letters are UTF-8
};

struct Options {
  int opset = 13;  // 11 to 21
  Names names = Names::clean;
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
  std::vector<std::string> warnings;  // one sentence each
};

// Throws unsupported, naming every operator that has no translation (all in one message), or the one whose use has
// none; malformed where operators contradict their tensors; usage for an opset out of range.
ir::Graph to_graph(const tflite::Model& model, const Options& options, Notes& notes);

}  // namespace es::translate
