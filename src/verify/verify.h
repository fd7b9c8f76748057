// SPDX-License-Identifier: Apache-2.0
//
// The proof that a converted network answers as its source does.
//
// Both get the same inputs, and are compared in front of a last Softmax: probabilities of 0 and 1 agree too easily. A
// TFLite source is computed by reference/, which shares nothing with the converter; an ONNX source by ONNX Runtime.
// Errors are largest absolute differences relative to the largest absolute value of the source's output.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "verify/inputs.h"
#include "verify/source.h"

namespace es::verify {

struct Options {
  size_t inputs = 8;                         // structured ones
  std::vector<Input> more_inputs;            // the user's, in the source's layout and range
  Range range;                               // of the structured inputs
  std::vector<int64_t> batches{1, 2, 3, 8};  // those that a fixed batch does not allow are left out
  bool layers = false;                       // where the two part, name the first operator that differs
  double tolerance = 1e-5;                   // of an output
  // What the converted network computes on its pixels before the source's begins, for sources of one channel or with
  // a factor of their own: from the converted network's input to the source's. Empty: nothing.
  std::function<void(Array& input)> pixels;
  // Where in the converted network's input the source's lies; everything around it must not matter.
  struct Window {
    int64_t left = 0, top = 0;
  };
  std::optional<Window> window;
  // Brings an output of one row, named as in the converted network, back to what the source would say. Empty: nothing.
  std::function<void(const std::string& name, Array& output)> restore;
  std::function<void(const std::string& step, double share)> progress;  // may be empty
};

struct OutputResult {
  std::string name;
  Dims shape;  // the source's, of one row
  bool is_logits = false;
  double step = 0;        // of a source that computes in integers; then errors of some steps are the runtime's rounding
  double range = 0;       // largest absolute value of the source's answers
  double max_error = 0;   // relative to range
  double mean_error = 0;  // relative to range
  // How much the source's own answer moves when its input does by one part in a million: what float32 can be asked for.
  std::optional<double> sensitivity;
  int64_t top1_equal = 0, top1_total = 0;  // rows (cells) of class scores whose best is the same; 0 of 0: no scores
  size_t worst_input = 0;
  bool passed = false;
  // The rows of the worst input, for pictures: what the source answers and what the converted network does.
  Array expected, actual;
};

// How near the network is to the export's own integers. That is a statement, not a proof: floats have no steps.
struct Agreement {
  std::string name;                        // of the output; "boxes" for all of a detector's
  int64_t top1_equal = 0, top1_total = 0;  // rows (cells) whose best class is the same; of boxes, those found again
  double max_shift = 0;                    // of any number; of boxes, 1 - the least overlap (IoU) of those found again
};

struct BatchResult {
  int64_t batch = 1;
  double max_error = 0;
  bool passed = false;
  std::string problem;  // what the runtime said where it did not run
};

struct LayerResult {
  std::string name;
  double range = 0, max_error = 0;
  bool passed = false;
};

struct Report {
  std::string source, network;  // file names
  std::string source_arithmetic, network_arithmetic;
  std::vector<std::string> inputs;
  double tolerance = 0;
  std::vector<OutputResult> outputs;
  std::vector<BatchResult> batches;
  std::vector<Agreement> agreements;        // with the export's integers, where it has any
  std::vector<LayerResult> layers;          // where asked for
  std::optional<LayerResult> first_parted;  // the first layer that differs
  double seconds = 0;
  bool passed = false;
  // One sentence that says why not; empty where it passed.
  std::string verdict;
};

// Throws mismatch where inputs or outputs do not even have the same shapes, and what readers and runtimes throw.
Report verify(const Source& source, BytesView onnx, const std::string& name, const Options& options);

// One page of HTML with a picture per output, and the same as JSON.
std::string html_page(const Report& report);
// "'output_0': best class equal in 8 of 8, numbers move by up to 0.012"
std::string agreement_text(const Agreement& agreement);
std::string json_text(const Report& report);

}  // namespace es::verify
