// SPDX-License-Identifier: Apache-2.0
#include "testing/recorded_cases.h"

#include <algorithm>
#include <bit>
#include <cctype>
#include <cmath>

#include "base/file.h"
#include "onnx/onnx.h"
#include "testing/run_onnx.h"
#include "translate/constants.h"

namespace es::testing {
namespace {

// --- reading

BytesView take_blob(ByteReader& reader) { return reader.take(reader.read<uint32_t>()); }

// pattern() of src/translate/testdata/make_models.py: whole numbers up to the division, so the same on every machine.
ir::TensorData pattern(const std::vector<int64_t>& dims) {
  std::vector<int64_t> full{dims[0]};
  full.resize(5 - dims.size(), 1);
  full.insert(full.end(), dims.begin() + 1, dims.end());
  std::vector<float> values;
  for (int64_t n = 0; n < full[0]; ++n) {
    for (int64_t y = 0; y < full[1]; ++y) {
      for (int64_t x = 0; x < full[2]; ++x) {
        for (int64_t c = 0; c < full[3]; ++c) {
          int64_t k = ((3 + 5 * n) * y + (7 + 2 * n) * x + 85 * c + 31 * n + ((x * y * n) >> 4)) & 255;
          if ((y / 8 + x / 8 + n) % 2 == 1) k = 255 - k;
          values.push_back(static_cast<float>(k * (64 * (n % 4 + 1)) >> 8) / 255.0f);
        }
      }
    }
  }
  return ir::TensorData::floats(dims, values);
}

constexpr uint8_t pattern_type = 255;

ir::TensorData take_tensor(ByteReader& reader) {
  const auto type = reader.read<uint8_t>();
  std::vector<int64_t> dims(reader.read<uint32_t>());
  for (auto& dim : dims) dim = reader.read<int32_t>();
  if (type == pattern_type) return pattern(dims);
  const auto dtype = translate::dtype_of(static_cast<tflite::TensorType>(type));
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

double allowed(const RecordedOutput& expected) {
  return std::max(1e-5 * largest(expected.value.as_doubles()), 2 * expected.noise);
}

// What is wrong with an output; empty where nothing is.
std::string complaint(const ir::TensorData& actual, const RecordedOutput& expected, double tolerance) {
  if (actual.dtype != expected.value.dtype) return text("is ", actual.dtype, ", recorded is ", expected.value.dtype);
  if (actual.dims != expected.value.dims) {
    return text("is [", join(actual.dims, ","), "], recorded is [", join(expected.value.dims, ","), "]");
  }
  const auto a = actual.as_doubles(), b = expected.value.as_doubles();
  for (size_t i = 0; i < a.size(); ++i) {
    if (!(std::abs(a[i] - b[i]) <= tolerance)) {
      return text("has ", a[i], " at ", i, ", recorded is ", b[i], ", allowed are ", tolerance);
    }
  }
  return "";
}

// --- rows

// Rows [first, first + count) along the outermost axis.
ir::TensorData rows_of(const ir::TensorData& data, int64_t first, int64_t count) {
  auto dims = data.dims;
  const size_t row = data.bytes.size() / static_cast<size_t>(dims[0]);
  dims[0] = count;
  const auto begin = data.bytes.begin() + static_cast<std::ptrdiff_t>(row * static_cast<size_t>(first));
  return ir::TensorData(data.dtype, dims,
                        Bytes(begin, begin + static_cast<std::ptrdiff_t>(row * static_cast<size_t>(count))));
}

const std::vector<int64_t> to_channels_first{0, 3, 1, 2}, to_channels_last{0, 2, 3, 1};

// An image with its channels where the graph's input has them.
ir::TensorData as_input(const ir::TensorData& image, const ir::Value& input) {
  if (image.dims.size() != 4 || !input.shape || (*input.shape)[3].is(image.dims[3])) return image;
  return translate::permute(image, to_channels_first);
}

ir::TensorData as_recorded(const ir::TensorData& output, const std::vector<int64_t>& recorded_dims) {
  if (output.dims.size() != 4 || output.dims == recorded_dims) return output;
  return translate::permute(output, to_channels_last);
}

}  // namespace

std::vector<RecordedCase> read_cases(const std::string& stem) {
  const auto bytes = read_file(text(ES_SOURCE_DIR, "/src/translate/testdata/", stem, ".cases"));
  ByteReader reader(bytes, stem + ".cases");
  require(as_text(reader.take(8)) == "ESCASES1", ErrorKind::malformed, stem, ".cases: no recorded cases");
  std::vector<RecordedCase> cases(reader.read<uint32_t>());
  for (auto& recorded : cases) recorded = take_case(reader);
  require(reader.remaining() == 0, ErrorKind::malformed, stem, ".cases: more than it says");
  return cases;
}

::testing::AssertionResult matches_record(const ir::Graph& graph, const RecordedCase& recorded) {
  try {
    const auto outputs = run_onnx(onnx::write(graph), recorded.inputs);
    if (outputs.size() != recorded.outputs.size()) return ::testing::AssertionFailure() << "it has other outputs";
    for (size_t i = 0; i < outputs.size(); ++i) {
      const auto words = complaint(outputs[i], recorded.outputs[i], recorded.exact ? 0 : allowed(recorded.outputs[i]));
      if (!words.empty()) return ::testing::AssertionFailure() << "output " << i << " " << words;
    }
    return ::testing::AssertionSuccess();
  } catch (const std::exception& error) {
    return ::testing::AssertionFailure() << error.what();
  }
}

::testing::AssertionResult matches_rows(const ir::Graph& graph, const RecordedCase& recorded, int64_t batch) {
  try {
    const auto file = onnx::write(graph);
    const auto& images = recorded.inputs[0];
    for (int64_t first = 0; first + batch <= images.dims[0]; first += batch) {
      const auto image = as_input(rows_of(images, first, batch), graph.value(graph.inputs()[0]));
      const auto outputs = run_onnx(file, {image});
      for (size_t i = 0; i < outputs.size(); ++i) {
        const RecordedOutput expected{rows_of(recorded.outputs[i].value, first, batch), recorded.outputs[i].noise};
        // The range is that of all rows: a row of small numbers is not held to its own.
        const auto words =
            complaint(as_recorded(outputs[i], expected.value.dims), expected, allowed(recorded.outputs[i]));
        if (!words.empty()) {
          return ::testing::AssertionFailure() << "rows from " << first << ", output " << i << " " << words;
        }
      }
    }
    return ::testing::AssertionSuccess();
  } catch (const std::exception& error) {
    return ::testing::AssertionFailure() << error.what();
  }
}

std::vector<double> run_rows(const ir::Graph& graph, const RecordedCase& recorded) {
  const auto file = onnx::write(graph);
  const auto& images = recorded.inputs[0];
  std::vector<double> values;
  for (int64_t row = 0; row < images.dims[0]; ++row) {
    const auto outputs = run_onnx(file, {as_input(rows_of(images, row, 1), graph.value(graph.inputs()[0]))});
    auto dims = recorded.outputs[0].value.dims;
    dims[0] = 1;
    const auto answer = as_recorded(outputs[0], dims).as_doubles();
    values.insert(values.end(), answer.begin(), answer.end());
  }
  return values;
}

void cut_softmax(ir::Graph& graph) {
  for (size_t i = 0; i < graph.outputs().size(); ++i) {
    const auto* producer = graph.producer_node(graph.outputs()[i]);
    if (producer != nullptr && producer->op_type == "Softmax") graph.set_output(i, producer->input(0));
  }
}

std::string test_name(const ::testing::TestParamInfo<RecordedCase>& info) {
  std::string name;
  for (const char c : info.param.name) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      name += c;
    else if (c == '-')
      name += "minus";
    else if (name.empty() || name.back() != '_')
      name += '_';
  }
  return name;
}

}  // namespace es::testing
