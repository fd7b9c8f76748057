// SPDX-License-Identifier: Apache-2.0
//
// What every family's recorded cases are held to.
#include <algorithm>

#include "ir/verify.h"
#include "testing/recorded_cases.h"
#include "translate/op_table.h"
#include "translate/translate.h"

namespace es::testing {
namespace {

using translate::op_table;

// Only operators that the table announces for the file's operators.
::testing::AssertionResult is_announced(const ir::Graph& graph, const tflite::Model& model) {
  std::vector<std::string> announced{"Transpose", "Identity"};
  for (const auto& op : model.operators()) {
    const auto* row = op.custom_code.empty() ? op_table().find(op.name) : op_table().find_custom(op.custom_code);
    for (const auto& word : split(row->emits, ',')) announced.emplace_back(trim(word));
  }
  for (const auto id : graph.nodes()) {
    const auto& node = graph.node(id);
    if (std::find(announced.begin(), announced.end(), node.op_type) == announced.end()) {
      return ::testing::AssertionFailure() << node.describe() << " is not announced in the operator table";
    }
  }
  return ::testing::AssertionSuccess();
}

void expect_record(const tflite::Model& model, const RecordedCase& recorded, int opset) {
  translate::Notes notes;
  auto graph = translate::to_graph(model, {.opset = opset}, notes);
  ir::verify(graph, "translate");
  EXPECT_TRUE(is_announced(graph, model));
  EXPECT_TRUE(matches_record(graph, recorded));
  for (const auto& warning : notes.warnings) {
    EXPECT_EQ(warning.find("the latter holds"), std::string::npos) << warning;
  }
}

// With the operators of the default and with the newest ones.
TEST_P(RecordedCases, GiveLiteRTsAnswer) {
  const auto& recorded = GetParam();
  const auto model = tflite::Model::parse(recorded.model, "case.tflite");
  for (const int opset : {13, 21}) {
    SCOPED_TRACE(text("opset ", opset));
    expect_record(model, recorded, opset);
  }
}

}  // namespace
}  // namespace es::testing
