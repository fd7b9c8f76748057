// SPDX-License-Identifier: Apache-2.0
//
// Graph to graph: what turns a correct ONNX graph into a good one for DeepStream, TensorRT and ONNX Runtime.
//
// Each pass is one rewrite in one file, a row in the list of passes.cpp, and preserves what the graph computes:
// exactly, or to the last bits where arithmetic is re-associated (fold_affine). Passes work on the forms of opset 13
// (ir/README); the last one, match_opset, lowers them to the opset asked for.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ir/graph.h"

namespace es::passes {

enum class BatchPolicy {
  free,        // any batch, where the graph allows it
  as_in_file,  // what the source says
};
enum class InputLayout {
  channels_first,  // image inputs (rank 4 and 5) become NCHW
  as_in_file,
};
enum class OutputLayout {
  automatic,  // image outputs are whatever needs no Transpose
  channels_first,
  channels_last,
};

struct Options {
  BatchPolicy batch = BatchPolicy::free;
  InputLayout input_layout = InputLayout::channels_first;
  OutputLayout output_layout = OutputLayout::automatic;
  int64_t opset = 13;             // 11 to 21
  bool clean_names = true;        // [A-Za-z0-9_./-], at most 63 characters; false: as the source has them, but no ';'
  std::vector<std::string> skip;  // passes left out, by name
#ifdef NDEBUG
  bool verify = false;
#else
  bool verify = true;  // hold the graph against ir/verify.h after every pass
#endif
};

struct PassRun {
  std::string name;
  int changes = 0;  // rewrites made
  double seconds = 0;
};

// A Transpose that stays in the graph.
struct TransposeLeft {
  std::string tensor;  // what it makes
  std::string shape;   // "[N,30,30,2]"
  ir::Ints perm;
  std::string reason;  // one sentence
};

// How an input or output is stored against how the source wrote it.
struct EdgeLayout {
  std::string name;
  ir::Shape shape;  // as stored
  ir::Ints axes;    // stored axis i is axis axes[i] of the source: [0,3,1,2] for NHWC now stored NCHW
  bool changed = false;
};

struct Report {
  std::vector<PassRun> passes;  // in order of running
  std::vector<TransposeLeft> transposes;
  std::vector<EdgeLayout> inputs, outputs;
  bool dynamic_batch = false;
  // Where the batch is fixed: which node holds it ("Reshape 'x' (from op 17 RESHAPE)"; empty where it is no node's
  // fault) and why, a sentence without its end.
  std::string batch_node, batch_reason;
  // Value names of the source that had to change: old, new. Inputs and outputs only.
  std::vector<std::pair<std::string, std::string>> renamed;
};

// Runs every pass of the list on the graph, whose values must have been inferred. Throws usage for an opset out of
// range, for an unknown name in `skip`, unsupported where the graph cannot be written in that opset (naming the node).
Report run(ir::Graph& graph, const Options& options = {});

// One pass alone, for tests; returns the number of changes.
int run_one(std::string_view name, ir::Graph& graph, const Options& options, Report& report);

struct PassInfo {
  std::string_view name;
  std::string_view summary;  // one line, for --help and docs
};
// In running order; a pass that runs twice stands twice.
std::vector<PassInfo> list();

}  // namespace es::passes
