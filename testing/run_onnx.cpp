// SPDX-License-Identifier: Apache-2.0
#include "testing/run_onnx.h"

#include <onnxruntime_cxx_api.h>

#include <cstdlib>
#include <string>

namespace es::testing {
namespace {

// Without telemetry, as in backend/onnxruntime.cpp.
Ort::Env make_environment() {
  ::setenv("ORT_DISABLE_TELEMETRY", "1", 0);
  return {ORT_LOGGING_LEVEL_ERROR, "test"};
}

Ort::Env& environment() {
  static Ort::Env environment = make_environment();
  return environment;
}

Ort::Session open(BytesView model) {
  Ort::SessionOptions options;
  options.SetIntraOpNumThreads(1);
  options.SetInterOpNumThreads(1);
  return Ort::Session(environment(), model.data(), model.size(), options);
}

std::vector<std::string> names_of(const Ort::Session& session, bool inputs) {
  Ort::AllocatorWithDefaultOptions allocator;
  std::vector<std::string> names;
  const size_t count = inputs ? session.GetInputCount() : session.GetOutputCount();
  for (size_t i = 0; i < count; ++i) {
    const auto name =
        inputs ? session.GetInputNameAllocated(i, allocator) : session.GetOutputNameAllocated(i, allocator);
    names.emplace_back(name.get());
  }
  return names;
}

std::vector<const char*> pointers(const std::vector<std::string>& names) {
  std::vector<const char*> result;
  for (const auto& name : names) result.push_back(name.c_str());
  return result;
}

// ONNX Runtime reads an input and does not write it, whatever its signature says.
Ort::Value view(const ir::TensorData& tensor) {
  static const auto memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
  return Ort::Value::CreateTensor(memory, const_cast<uint8_t*>(tensor.bytes.data()), tensor.bytes.size(),
                                  tensor.dims.data(), tensor.dims.size(),
                                  static_cast<ONNXTensorElementDataType>(tensor.dtype));
}

ir::TensorData copy(const Ort::Value& value) {
  const auto info = value.GetTensorTypeAndShapeInfo();
  const auto dtype = static_cast<ir::DType>(info.GetElementType());
  const auto* data = static_cast<const uint8_t*>(value.GetTensorRawData());
  const size_t size = info.GetElementCount() * ir::size_of(dtype);
  return ir::TensorData(dtype, info.GetShape(), Bytes(data, data + size));
}

}  // namespace

std::vector<ir::TensorData> run_onnx(BytesView model, const std::vector<ir::TensorData>& inputs) {
  auto session = open(model);
  const auto input_names = names_of(session, true), output_names = names_of(session, false);
  if (inputs.size() != input_names.size()) throw std::runtime_error("the model has another number of inputs");
  std::vector<Ort::Value> values;
  for (const auto& input : inputs) values.push_back(view(input));
  const auto outputs = session.Run(Ort::RunOptions(), pointers(input_names).data(), values.data(), values.size(),
                                   pointers(output_names).data(), output_names.size());
  std::vector<ir::TensorData> results;
  for (const auto& output : outputs) results.push_back(copy(output));
  return results;
}

}  // namespace es::testing
