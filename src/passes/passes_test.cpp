// SPDX-License-Identifier: Apache-2.0
//
// Each pass on small graphs in text: what comes out, and that it computes the same.
#include "passes/passes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "passes/equal_networks_test.h"
#include "testing/text_cases.h"

namespace es::passes {
namespace {

// A first line "to 17" gives match_opset its opset.
std::string answer(const std::string& pass, std::string input) {
  Options options;
  if (input.starts_with("to ")) {
    const size_t end = input.find('\n');
    options.opset = std::stoi(input.substr(3, end - 3));
    input.erase(0, end + 1);
  }
  ir::Graph graph = ir::parse(input);
  Report nothing, report;
  run_one("remove_dead", graph, options, nothing);  // infers shapes
  const ir::Graph before = graph;
  const int changes = run_one(pass, graph, options, report);
  if (pass != "match_opset") run_one("remove_dead", graph, options, nothing);
  std::string words = ir::print(graph);
  if (changes == 0 && words != ir::print(before)) words += "no change is reported\n";
  return words + testing::difference(before, graph, report);
}

class PassCases : public ::testing::TestWithParam<std::string> {};

TEST_P(PassCases, GiveWhatTheySayAndTheSameNumbers) {
  es::testing::run_text_cases(std::string(ES_TEST_DATA "/") + GetParam() + ".test",
                              [&](const std::string& input) { return answer(GetParam(), input); });
}

std::vector<std::string> passes_with_cases() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(ES_TEST_DATA)) names.push_back(entry.path().stem());
  std::sort(names.begin(), names.end());
  return names;
}

INSTANTIATE_TEST_SUITE_P(Passes, PassCases, ::testing::ValuesIn(passes_with_cases()),
                         [](const auto& one) { return one.param; });

TEST(Passes, EachHasCases) {
  for (const auto& pass : list()) {
    EXPECT_TRUE(std::filesystem::exists(std::string(ES_TEST_DATA "/") + std::string(pass.name) + ".test")) << pass.name;
  }
}

}  // namespace
}  // namespace es::passes
