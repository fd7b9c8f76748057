// SPDX-License-Identifier: Apache-2.0
//
// For tests: what LiteRT made of a model, as src/translate/testdata/litert.py recorded it, and a converted graph held
// against it.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ir/graph.h"
#include "tflite/model.h"

namespace es::testing {

struct RecordedOutput {
  ir::TensorData value;
  double noise = 0;  // the largest distance between LiteRT's own sets of kernels
};

struct RecordedCase {
  std::string name;
  bool exact = false;  // no arithmetic: every bit must agree
  Bytes model;
  std::vector<ir::TensorData> inputs;
  std::vector<RecordedOutput> outputs;
};

inline void PrintTo(const RecordedCase& recorded, std::ostream* out) { *out << recorded.name; }

// Reads src/translate/testdata/<stem>.cases. Throws where it is not there or damaged.
std::vector<RecordedCase> read_cases(const std::string& stem);

// How far each output of `graph` is from the record, written, loaded and run by ONNX Runtime; a failure where it is too
// far: not equal if exact, else beyond 1e-5 of the output's range or twice LiteRT's own noise, whichever is larger.
::testing::AssertionResult matches_record(const ir::Graph& graph, const RecordedCase& recorded);

// As above for a whole network, whose record has several rows: `batch` of them at a time until all are done. The graph
// may take and give images with their channels first. `graph` must have been cut in front of its final Softmax.
::testing::AssertionResult matches_rows(const ir::Graph& graph, const RecordedCase& recorded, int64_t batch);

// Makes what goes into the final Softmax of each output the output.
void cut_softmax(ir::Graph& graph);

// Output 0 of each recorded row, run one by one, in the recorded layout.
std::vector<double> run_rows(const ir::Graph& graph, const RecordedCase& recorded);

// A family's cases as one parametrised suite: each, translated, equals the record, and no node comes out that the
// operator table does not announce.
class RecordedCases : public ::testing::TestWithParam<RecordedCase> {};
std::string test_name(const ::testing::TestParamInfo<RecordedCase>& info);

#define ES_RECORDED_CASES(stem) \
  INSTANTIATE_TEST_SUITE_P(stem, RecordedCases, ::testing::ValuesIn(read_cases(#stem)), test_name)

}  // namespace es::testing
