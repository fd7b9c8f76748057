// SPDX-License-Identifier: Apache-2.0
//
// Sessions of ONNX Runtime; the one file that includes its headers.
//
// Settings after measurements of CPU inference on few cores: one thread per run and none spinning, every graph
// optimisation, no memory patterns (they cost memory and bring nothing for convolutional networks), denormals flushed.
#define ORT_API_MANUAL_INIT
#include <onnxruntime_cxx_api.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>

#include "backend/convert_values.h"
#include "backend/float_mode.h"
#include "backend/session.h"
#include "backend/temporary_folder.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"

namespace es::backend {
namespace {

// --- The library ---------------------------------------------------------------------------------------------------

// The C++ wrapper calls through a table that the library hands out per API version, and not at all for one that it does
// not know: without this check the first call would be through a null pointer.
void load_api() {
  static const OrtApi* const api = OrtGetApiBase()->GetApi(ORT_API_VERSION);
  require(api != nullptr, ErrorKind::environment, "libonnxruntime.so.1: is release ",
          OrtGetApiBase()->GetVersionString(), ", this program needs 1.", ORT_API_VERSION,
          " or newer; look at what LD_LIBRARY_PATH names, or run scripts/setup");
  Ort::InitApi(api);
}

// What the library says goes to our log, for those who look for more: what matters reaches us as an exception.
void ORT_API_CALL log_line(void*, OrtLoggingLevel severity, const char*, const char*, const char*,
                           const char* message) {
  log(severity >= ORT_LOGGING_LEVEL_FATAL ? LogLevel::error : LogLevel::debug, "ONNX Runtime: ", message);
}

// Microsoft's own builds send usage data home from 1.29 on, and write a database below ~/.cache and a log below /tmp
// for it, unless this variable stands when the environment is made; switching it off in the API comes too late for the
// files. A value that the user has set stays.
Ort::Env make_environment() {
  ::setenv("ORT_DISABLE_TELEMETRY", "1", 0);
  Ort::Env env(ORT_LOGGING_LEVEL_WARNING, "edgestream", log_line, nullptr);
  env.DisableTelemetryEvents();
  return env;
}

// One environment for the process: it costs 15 ms to make, and sessions must not outlive it.
Ort::Env& environment() {
  load_api();
  static Ort::Env env = make_environment();
  return env;
}

ErrorKind kind_of(OrtErrorCode code) {
  switch (code) {
    case ORT_NOT_IMPLEMENTED:
      return ErrorKind::unsupported;
    case ORT_NO_SUCHFILE:
      return ErrorKind::unreadable;
    case ORT_EP_FAIL:
    case ORT_ENGINE_ERROR:
    case ORT_RUNTIME_EXCEPTION:
      return ErrorKind::environment;
    default:
      return ErrorKind::malformed;
  }
}

std::string on_one_line(const Ort::Exception& error) {
  std::string reason = error.what();
  std::replace(reason.begin(), reason.end(), '\n', ' ');
  return printable(reason, 400);
}

// --- Types ---------------------------------------------------------------------------------------------------------

constexpr std::array<std::pair<DType, ONNXTensorElementDataType>, 12> dtypes{{
    {DType::f32, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT},
    {DType::f16, ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16},
    {DType::f64, ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE},
    {DType::i8, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8},
    {DType::u8, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8},
    {DType::i16, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16},
    {DType::u16, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16},
    {DType::i32, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32},
    {DType::u32, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32},
    {DType::i64, ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64},
    {DType::u64, ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64},
    {DType::boolean, ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL},
}};

ONNXTensorElementDataType to_ort(DType dtype) {
  return std::find_if(dtypes.begin(), dtypes.end(), [&](const auto& row) { return row.first == dtype; })->second;
}

DType from_ort(ONNXTensorElementDataType type, const std::string& name, std::string_view tensor) {
  const auto row = std::find_if(dtypes.begin(), dtypes.end(), [&](const auto& r) { return r.second == type; });
  require(row != dtypes.end(), ErrorKind::unsupported, name, ": tensor '", printable(tensor), "' has ONNX data type ",
          static_cast<int>(type), ", which is neither a number nor a boolean");
  return row->first;
}

// A tensor as the model declares it. Dimension names tell which unknown dimension is the batch.
struct Declared {
  TensorSpec spec;
  std::vector<std::string> dimension_names;
};

Declared declared(const std::string& model, const std::string& tensor, const Ort::TypeInfo& type) {
  require(type.GetONNXType() == ONNX_TYPE_TENSOR, ErrorKind::unsupported, model, ": '", printable(tensor),
          "' is a sequence, a map or optional, a tensor is needed");
  const auto info = type.GetTensorTypeAndShapeInfo();  // a view into `type`
  Declared result{.spec = {.name = tensor,
                           .shape = Shape(info.GetShape()),
                           .dtype = from_ort(info.GetElementType(), model, tensor)}};
  std::vector<const char*> names(result.spec.shape.rank());
  info.GetSymbolicDimensions(names.data(), names.size());
  for (const char* name : names) result.dimension_names.emplace_back(name ? name : "");
  return result;
}

// --- Options -------------------------------------------------------------------------------------------------------

void add_provider(Ort::SessionOptions& options, const SessionOptions& wanted) {
  const std::string device = std::to_string(wanted.device);
  const char* const keys[] = {"device_id"};
  const char* const values[] = {device.c_str()};
  const OrtApi& api = Ort::GetApi();
  if (wanted.provider == Provider::tensorrt) {
    OrtTensorRTProviderOptionsV2* raw = nullptr;
    Ort::ThrowOnError(api.CreateTensorRTProviderOptions(&raw));
    const std::unique_ptr<OrtTensorRTProviderOptionsV2, decltype(api.ReleaseTensorRTProviderOptions)> trt(
        raw, api.ReleaseTensorRTProviderOptions);
    Ort::ThrowOnError(api.UpdateTensorRTProviderOptions(raw, keys, values, std::size(keys)));
    options.AppendExecutionProvider_TensorRT_V2(*raw);
  }
  if (wanted.provider != Provider::cpu) {  // what TensorRT leaves, CUDA takes
    OrtCUDAProviderOptionsV2* raw = nullptr;
    Ort::ThrowOnError(api.CreateCUDAProviderOptions(&raw));
    const std::unique_ptr<OrtCUDAProviderOptionsV2, decltype(api.ReleaseCUDAProviderOptions)> cuda(
        raw, api.ReleaseCUDAProviderOptions);
    Ort::ThrowOnError(api.UpdateCUDAProviderOptions(raw, keys, values, std::size(keys)));
    options.AppendExecutionProvider_CUDA_V2(*raw);
  }
}

// A library without the provider, or a machine without the GPU, says so only here.
void require_provider(Ort::SessionOptions& options, const SessionOptions& wanted) {
  try {
    add_provider(options, wanted);
  } catch (const Ort::Exception& error) {
    fail(ErrorKind::environment, wanted.name, ": provider '", name_of(wanted.provider), "' cannot be used with ",
         runtime_version(), " of this installation (", on_one_line(error),
         "); set ONNXRUNTIME_ROOT to a GPU build and build anew, or use provider 'cpu'");
  }
}

Ort::SessionOptions session_options(const SessionOptions& wanted) {
  Ort::SessionOptions options;
  options.SetIntraOpNumThreads(std::max(wanted.intra_op_threads, 1));
  options.SetInterOpNumThreads(1);
  options.SetExecutionMode(ORT_SEQUENTIAL);
  options.SetGraphOptimizationLevel(wanted.optimised ? ORT_DISABLE_ALL : ORT_ENABLE_ALL);
  options.DisableMemPattern();
  options.AddConfigEntry("session.intra_op.allow_spinning", "0");
  options.AddConfigEntry("session.inter_op.allow_spinning", "0");
  // Weights in other files would be looked for below the working directory, and beside it: there is nothing below a
  // file.
  options.AddConfigEntry("session.model_external_initializers_file_folder_path", "/dev/null/none");
  if (wanted.intra_op_threads > 1) options.AddConfigEntry("session.set_denormal_as_zero", "1");
  require_provider(options, wanted);
  return options;
}

Ort::Session make_session(BytesView model, const Ort::SessionOptions& options, const SessionOptions& wanted) {
  require(!model.empty(), ErrorKind::malformed, wanted.name, ": is empty, an ONNX model is needed");
  const FlushDenormals mode;  // restores what the library sets for the whole thread
  try {
    return Ort::Session(environment(), model.data(), model.size(), options);
  } catch (const Ort::Exception& error) {
    const std::string reason = on_one_line(error);
    require(reason.find("External data path") == std::string::npos, ErrorKind::unsupported, wanted.name,
            ": keeps its weights in other files, one file is needed; save the model with its weights inside "
            "(onnx.save_model with save_as_external_data=False)");
    fail(kind_of(error.GetOrtErrorCode()), wanted.name, ": ONNX Runtime refuses this model: ", reason,
         reason.find("protobuf parsing failed") != std::string::npos
             ? " (the file is truncated, damaged or no ONNX model; take a fresh copy)"
             : "");
  }
}

// --- The session ---------------------------------------------------------------------------------------------------

class OnnxRuntimeSession final : public Session {
 public:
  OnnxRuntimeSession(BytesView model, const SessionOptions& options)
      : name_(options.name), session_(make_session(model, session_options(options), options)) {
    const Ort::AllocatorWithDefaultOptions allocator;
    for (size_t i = 0; i < session_.GetInputCount(); ++i) {
      const auto tensor = session_.GetInputNameAllocated(i, allocator);
      declared_inputs_.push_back(declared(name_, tensor.get(), session_.GetInputTypeInfo(i)));
      inputs_.push_back(declared_inputs_.back().spec);
    }
    for (size_t i = 0; i < session_.GetOutputCount(); ++i) {
      const auto tensor = session_.GetOutputNameAllocated(i, allocator);
      declared_outputs_.push_back(declared(name_, tensor.get(), session_.GetOutputTypeInfo(i)));
      outputs_.push_back(declared_outputs_.back().spec);
      if (is_float(outputs_.back().dtype)) outputs_.back().dtype = DType::f32;
    }
    require(!inputs_.empty() && !outputs_.empty(), ErrorKind::unsupported, name_, ": has ", inputs_.size(),
            " inputs and ", outputs_.size(), " outputs, at least one of each is needed");
    for (const auto& spec : inputs_) input_names_.push_back(spec.name.c_str());
    for (const auto& spec : outputs_) output_names_.push_back(spec.name.c_str());
  }

  std::span<const TensorSpec> inputs() const override { return inputs_; }
  std::span<const TensorSpec> outputs() const override { return outputs_; }

  void run(std::span<const TensorView> in, std::vector<Tensor>& out) const override {
    require(in.size() == inputs_.size(), ErrorKind::internal, name_, ": was given ", in.size(), " inputs, it has ",
            inputs_.size());
    std::vector<std::vector<uint64_t>> converted(in.size());  // memory for inputs that are no floats, else unused
    std::vector<Ort::Value> feeds, fetches;
    for (size_t i = 0; i < in.size(); ++i) feeds.push_back(feed(i, in[i], converted[i]));
    out.resize(outputs_.size());
    for (size_t i = 0; i < outputs_.size(); ++i) fetches.push_back(fetch_into(i, in[0].shape, out[i]));

    try {
      const FlushDenormals mode;
      // The const_cast is the wrapper's: Session::Run is not const, the C function behind it may be called from any
      // thread.
      const_cast<Ort::Session&>(session_).Run(Ort::RunOptions{nullptr}, input_names_.data(), feeds.data(), feeds.size(),
                                              output_names_.data(), fetches.data(), fetches.size());
    } catch (const Ort::Exception& error) {
      fail(kind_of(error.GetOrtErrorCode()), name_, ": ONNX Runtime stopped while running it: ", on_one_line(error));
    }
    for (size_t i = 0; i < outputs_.size(); ++i) collect(i, fetches[i], out[i]);
  }

 private:
  const Ort::MemoryInfo& host() const { return memory_; }

  Ort::Value wrap(void* data, const Shape& shape, DType dtype) const {
    const auto bytes = static_cast<size_t>(shape.elements()) * size_of(dtype);
    return Ort::Value::CreateTensor(host(), data, bytes, shape.dims().data(), shape.rank(), to_ort(dtype));
  }

  void check_shape(size_t index, const Shape& shape) const {
    const TensorSpec& spec = inputs_[index];
    bool fits = shape.rank() == spec.shape.rank();
    for (size_t axis = 0; fits && axis < shape.rank(); ++axis) {
      fits = spec.shape[axis] < 0 || spec.shape[axis] == shape[axis];
    }
    require(fits, ErrorKind::mismatch, name_, ": input '", printable(spec.name), "' is ", spec.shape, ", it was given ",
            shape);
  }

  Ort::Value feed(size_t index, const TensorView& view, std::vector<uint64_t>& converted) const {
    check_shape(index, view.shape);
    const DType wanted = inputs_[index].dtype;
    if (view.dtype == wanted) return wrap(const_cast<void*>(view.data), view.shape, wanted);
    require(view.dtype == DType::f32, ErrorKind::internal, name_, ": input '", printable(inputs_[index].name), "' is ",
            wanted, ", it was given ", view.dtype);
    const auto values = view.floats();
    converted.resize((values.size() * size_of(wanted) + sizeof(uint64_t) - 1) / sizeof(uint64_t));
    from_floats(values, wanted, converted.data());
    return wrap(converted.data(), view.shape, wanted);
  }

  // The output's shape where it is known before the run: every dimension is fixed, or is the batch of the first input
  // by name.
  std::optional<Shape> known_shape(size_t index, const Shape& first_input) const {
    Shape shape = declared_outputs_[index].spec.shape;
    for (size_t axis = 0; axis < shape.rank(); ++axis) {
      if (shape[axis] >= 0) continue;
      const std::string& dimension = declared_outputs_[index].dimension_names[axis];
      const auto& batch = declared_inputs_[0].dimension_names;
      if (dimension.empty() || batch.empty() || batch[0] != dimension) return std::nullopt;
      shape[axis] = first_input[0];
    }
    return shape;
  }

  // Our own memory to write into, or nothing: then the library allocates and collect() copies.
  Ort::Value fetch_into(size_t index, const Shape& first_input, Tensor& out) const {
    if (declared_outputs_[index].spec.dtype != outputs_[index].dtype) return Ort::Value{nullptr};
    const auto shape = known_shape(index, first_input);
    if (!shape) return Ort::Value{nullptr};
    if (out.data() == nullptr || out.shape() != *shape || out.dtype() != outputs_[index].dtype) {
      out = Tensor(*shape, outputs_[index].dtype);
    }
    return wrap(out.data(), out.shape(), out.dtype());
  }

  void collect(size_t index, const Ort::Value& value, Tensor& out) const {
    if (out.data() != nullptr && value.GetTensorRawData() == out.data()) return;
    const auto info = value.GetTensorTypeAndShapeInfo();
    const DType dtype = from_ort(info.GetElementType(), name_, outputs_[index].name);
    const Shape shape(info.GetShape());
    if (out.data() == nullptr || out.shape() != shape || out.dtype() != outputs_[index].dtype) {
      out = Tensor(shape, outputs_[index].dtype);
    }
    if (out.bytes() == 0) return;
    if (dtype != out.dtype()) {
      to_floats(value.GetTensorRawData(), dtype, out.floats());
    } else {
      std::memcpy(out.data(), value.GetTensorRawData(), out.bytes());
    }
  }

  std::string name_;
  Ort::Session session_;
  const Ort::MemoryInfo memory_ = Ort::MemoryInfo::CreateCpu(OrtDeviceAllocator, OrtMemTypeDefault);
  std::vector<Declared> declared_inputs_, declared_outputs_;
  std::vector<TensorSpec> inputs_, outputs_;
  std::vector<const char*> input_names_, output_names_;
};

}  // namespace

std::unique_ptr<Session> open_session(BytesView model, const SessionOptions& options) {
  load_api();
  return std::make_unique<OnnxRuntimeSession>(model, options);
}

Bytes optimise_model(BytesView onnx, const SessionOptions& options) {
  load_api();
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "optimised.onnx";
  Ort::SessionOptions settings = session_options(options);
  settings.SetOptimizedModelFilePath(file.c_str());
  make_session(onnx, settings, options);
  return read_file(file);
}

std::string runtime_version() {
  load_api();
  return text("ONNX Runtime ", OrtGetApiBase()->GetVersionString());
}

}  // namespace es::backend
