// SPDX-License-Identifier: Apache-2.0
//
// The converter's facade: an opened export in, the files of a deployment folder out. Nothing is read from or written to
// disk here.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "convert/recipe.h"
#include "edge_impulse/import.h"
#include "ir/tensorrt.h"

namespace es::convert {

// What a proof of equality has to say.
struct Proof {
  bool made = false;
  double max_error = 0;                // of any output, relative to its range
  std::string statement;               // one sentence for README.md
  std::vector<std::string> agreement;  // with the source's own integers, where it has any; one sentence each
};

// What the export does not say, or what the user says against it. An unset field is taken from the export, or guessed;
// each guess is reported with the option that overrides it.
struct Options {
  std::string name;  // of the files; from the project's name where empty
  std::optional<std::vector<std::string>> labels;
  std::optional<Head> head;
  std::optional<ResizeMode> resize;
  std::optional<ImageScaling> scaling;
  std::optional<ColorMode> color;
  std::optional<float> threshold;
  // fit-shortest, exactly, for pictures of this aspect ratio.
  std::optional<Aspect> source_aspect;
  GrayInput gray_input = GrayInput::exact;
  Interpolation interpolation = Interpolation::area;
  int opset = 13;
  ScoreRule score_rule = ScoreRule::sdk;
  // Q/DQ pairs where a quantised TFLite file rounds; else the floats that its integers stand for.
  bool qdq = false;
  bool free_anchor_order = false;  // SSD: translate::AnchorOrder::free
  // The TensorRT release that must parse the network. None: whichever does.
  std::optional<ir::Release> target;
  // Called with the network's bytes before any other file is made. Whatever it throws ends the conversion. Empty: no
  // proof.
  std::function<Proof(const Recipe&, BytesView onnx)> prove;
};

struct File {
  std::string name;  // relative to the folder
  Bytes content;
};

// What was decided and why; report.json is made of it.
struct Report {
  std::vector<std::string> guesses;    // "scaling 0..1 is a guess; --scaling overrides it"
  std::vector<std::string> warnings;   // what will not be exactly as Edge Impulse does it
  std::vector<std::string> decisions;  // what was chosen and from which fact
  std::string source_sha256, onnx_sha256;
  std::string source_format;  // "TFLite" or "ONNX"
  int transposes = 0;         // left in the graph
  bool dynamic_batch = true;
  std::string batch_blocker;  // the node and the reason, where the batch stays fixed
  size_t nodes = 0;
  ir::TensorRtFit tensorrt;
  Proof proof;
};

struct Result {
  Recipe recipe;
  std::vector<File> files;  // sorted by name
  Report report;
};

// Throws malformed or unsupported where the model cannot be used, mismatch where options and model disagree. Identical
// input gives identical bytes.
Result convert(const edge_impulse::Import& import, const Options& options);

// The ONNX model alone, as `edgestream tf2onnx` writes it.
struct ModelOptions {
  int opset = 13;
  // Inputs to make channels first, by the tensor's name in the file or in the graph. Keras writes "x_input" where a
  // file says "serving_default_x:0": a name that is in neither is reported, and where the model has one picture input
  // it is taken to mean that one. Empty: inputs keep the file's order.
  std::vector<std::string> inputs_as_nchw;
  std::string file_name;  // for messages
};
Bytes convert_model(BytesView tflite, const ModelOptions& options, Report& report);

}  // namespace es::convert
