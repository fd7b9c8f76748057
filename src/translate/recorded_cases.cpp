// SPDX-License-Identifier: Apache-2.0
#include "translate/recorded_cases.h"

#include <algorithm>
#include <bit>
#include <cctype>
#include <cmath>

#include "base/file.h"
#include "ir/verify.h"
#include "onnx/onnx.h"
#include "testing/run_onnx.h"
#include "translate/constants.h"
#include "translate/op_table.h"
#include "translate/translate.h"

namespace es::translate {
namespace {

// --- reading

BytesView take_blob(ByteReader& reader) { return reader.take(reader.read<uint32_t>()); }

ir::TensorData take_tensor(ByteReader& reader) {
  const auto dtype = dtype_of(static_cast<tflite::TensorType>(reader.read<uint8_t>()));
  std::vector<int64_t> dims(reader.read<uint32_t>());
  for (auto& dim : dims) dim = reader.read<int32_t>();
  const auto size = static_cast<size_t>(*ir::element_count(dims)) * ir::size_of(dtype);
  const auto bytes = reader.take(size);
  return ir::TensorData(dtype, dims, {bytes.begin(), bytes.end()});
}

RecordedCase take_case(ByteReader& reader) {
  RecordedCase recorded;
  recorded.name = as_text(take_blob(reader));
  recorded.exact = reader.read<uint8_t>() != 0;
  const auto model = take_blob(reader);
  recorded.model = {model.begin(), model.end()};
  for (auto count = reader.read<uint32_t>(); count > 0; --count) recorded.inputs.push_back(take_tensor(reader));
  for (auto count = reader.read<uint32_t>(); count > 0; --count) {
    auto value = take_tensor(reader);
    recorded.outputs.push_back({std::move(value), std::bit_cast<double>(reader.read<uint64_t>())});
  }
  return recorded;
}

// --- comparing

double largest(const std::vector<double>& values) {
  double result = 0;
  for (const double value : values) result = std::max(result, std::abs(value));
  return result;
}

// What must hold of one output; empty where it does.
std::string complaint(const ir::TensorData& actual, const RecordedOutput& expected, bool exact) {
  if (actual.dtype != expected.value.dtype) return text("is ", actual.dtype, ", recorded is ", expected.value.dtype);
  if (actual.dims != expected.value.dims) {
    return text("is [", join(actual.dims, ","), "], recorded is [", join(expected.value.dims, ","), "]");
  }
  const auto a = actual.as_doubles(), b = expected.value.as_doubles();
  const double tolerance = exact ? 0 : std::max(1e-5 * largest(b), 2 * expected.noise);
  for (size_t i = 0; i < a.size(); ++i) {
    if (!(std::abs(a[i] - b[i]) <= tolerance)) {
      return text("has ", a[i], " at ", i, ", recorded is ", b[i], ", allowed are ", tolerance);
    }
  }
  return "";
}

std::vector<std::string> split_list(std::string_view list) {
  std::vector<std::string> words;
  for (const auto& word : split(list, ',')) words.emplace_back(trim(word));
  return words;
}

// The operators whose nodes stand in the graph, each with its row's announcement.
::testing::AssertionResult is_announced(const ir::Graph& graph, const tflite::Model& model) {
  std::vector<std::string> announced{"Transpose", "Identity"};
  for (const auto& op : model.operators()) {
    for (auto& word : split_list(op_table().find(op.name)->emits)) announced.push_back(std::move(word));
  }
  for (const auto id : graph.nodes()) {
    const auto& node = graph.node(id);
    if (std::find(announced.begin(), announced.end(), node.op_type) == announced.end()) {
      return ::testing::AssertionFailure() << node.describe() << " is not announced in the operator table";
    }
  }
  return ::testing::AssertionSuccess();
}

}  // namespace

std::vector<RecordedCase> read_cases(const std::string& stem) {
  const auto bytes = read_file(std::string(ES_TEST_DATA) + "/" + stem + ".cases");
  ByteReader reader(bytes, stem + ".cases");
  require(as_text(reader.take(8)) == "ESCASES1", ErrorKind::malformed, stem, ".cases: no recorded cases");
  std::vector<RecordedCase> cases(reader.read<uint32_t>());
  for (auto& recorded : cases) recorded = take_case(reader);
  require(reader.remaining() == 0, ErrorKind::malformed, stem, ".cases: more than it says");
  return cases;
}

::testing::AssertionResult matches_record(const ir::Graph& graph, const RecordedCase& recorded) {
  try {
    const auto outputs = es::testing::run_onnx(onnx::write(graph), recorded.inputs);
    if (outputs.size() != recorded.outputs.size()) return ::testing::AssertionFailure() << "it has other outputs";
    for (size_t i = 0; i < outputs.size(); ++i) {
      const auto words = complaint(outputs[i], recorded.outputs[i], recorded.exact);
      if (!words.empty()) return ::testing::AssertionFailure() << "output " << i << " " << words;
    }
    return ::testing::AssertionSuccess();
  } catch (const std::exception& error) {
    return ::testing::AssertionFailure() << error.what();
  }
}

std::string test_name(const ::testing::TestParamInfo<RecordedCase>& info) {
  std::string name;
  for (const char c : info.param.name) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) name += c;
    else if (c == '-') name += "minus";
    else if (name.empty() || name.back() != '_') name += '_';
  }
  return name;
}

namespace {

// The one refusal that an opset may bring with it says which one lifts it.
bool needs_a_newer_opset(const Error& error, int opset) {
  return opset == 11 && std::string_view(error.what()).find("opset 12 or newer is needed") != std::string_view::npos;
}

void expect_record(const tflite::Model& model, const RecordedCase& recorded, int opset) {
  Notes notes;
  auto graph = to_graph(model, {.opset = opset}, notes);
  ir::verify(graph, "translate");
  EXPECT_TRUE(is_announced(graph, model));
  EXPECT_TRUE(matches_record(graph, recorded));
}

}  // namespace

TEST_P(RecordedCases, GiveLiteRTsAnswerAtEveryOpset) {
  const auto& recorded = GetParam();
  const auto model = tflite::Model::parse(recorded.model, "case.tflite");
  for (const int opset : {11, 13, 17, 21}) {
    SCOPED_TRACE(text("opset ", opset));
    try {
      expect_record(model, recorded, opset);
    } catch (const Error& error) {
      if (!needs_a_newer_opset(error, opset)) ADD_FAILURE() << error.what();
    }
  }
}

}  // namespace es::translate
