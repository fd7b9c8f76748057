// SPDX-License-Identifier: Apache-2.0
#include "infer/engine_choice.h"

#include <algorithm>
#include <optional>
#include <system_error>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/text.h"

namespace es::infer {
namespace {

namespace fs = std::filesystem;
using backend::EngineKind;
using backend::EngineView;
using config::InferConfig;
using config::NetworkMode;

bool accessible(const fs::path& path) {
  std::error_code error;
  return !path.empty() && fs::exists(path, error);
}

Target target_of(const InferConfig& config, const Choices& choices, const std::string& precision) {
  return {.model_name = config.onnx_file.filename().string(),
          .requested_precision = precision,
          .provider = choices.provider,
          .device = static_cast<int>(config.gpu_id),
          .intra_op_threads = choices.intra_op_threads};
}

std::string short_hash(const std::string& hash) { return hash.substr(0, 12); }

std::string duration_text(double seconds) {
  std::ostringstream out;
  out.setf(std::ios::fixed);
  out.precision(2);
  out << seconds << " s";
  return out.str();
}

// --- Does an engine fit the configuration? (5.3) -------------------------------------------------------------------

// The dims of infer-dims in the model's order.
Shape requested_dims(const InferConfig& config) {
  const auto& d = config.infer_dims;
  if (config.network_input_order == config::TensorOrder::nhwc) return {d.height, d.width, d.channels};
  return {d.channels, d.height, d.width};
}

bool dims_within(const backend::Profile& profile, const Shape& dims) {
  if (profile.min.rank() != 4 || profile.max.rank() != 4) return false;
  for (size_t axis = 0; axis < 3; ++axis) {
    if (dims[axis] < profile.min[axis + 1] || dims[axis] > profile.max[axis + 1]) return false;
  }
  return true;
}

// Why not, or empty.
std::string misfit(const Engine& engine, const InferConfig& config) {
  const auto& profiles = engine.header.profiles;
  if (profiles.size() != engine.session->inputs().size()) {
    return text("has ", profiles.size(), " profiles for ", engine.session->inputs().size(), " inputs");
  }
  if (max_batch(profiles) < config.batch_size) {
    return text("Backend has maxBatchSize ", max_batch(profiles), " whereas ", config.batch_size,
                " has been requested");
  }
  if (config.infer_dims.given() && !dims_within(profiles[0], requested_dims(config))) {
    return text("backend can not support dims:", shape_text(requested_dims(config)));
  }
  return {};
}

// A missing name is a warning only.
void check_output_names(const Engine& engine, const InferConfig& config) {
  const auto outputs = engine.session->outputs();
  for (const std::string& name : config.output_blob_names) {
    const bool there =
        std::any_of(outputs.begin(), outputs.end(), [&](const TensorSpec& spec) { return spec.name == name; });
    if (!there) log(LogLevel::warning, "Could not find output layer '", printable(name), "' in engine");
  }
}

// --- Step 1: model-engine-file -------------------------------------------------------------------------------------

// The engine's model must be onnx-file where that is there. Commented out or missing, the engine stands alone.
void require_fresh(const EngineView& view, const InferConfig& config) {
  if (!accessible(config.onnx_file)) return;
  const std::string hash = sha256(read_file(config.onnx_file));
  require(hash == view.header.model_sha256, ErrorKind::mismatch, "is stale: it was built from a model with SHA-256 ",
          short_hash(view.header.model_sha256), "..., ", config.onnx_file.string(), " has ", short_hash(hash), "...");
}

void save_rebuilt(const fs::path& path, const Bytes& file, const std::string& why) {
  const auto reason = save_engine(path, file);
  log(LogLevel::info, path.string(), ": ", why, "; the engine was built anew from the model inside",
      reason ? ", in memory only: " + *reason : " and written again");
}

Engine engine_of_file(const InferConfig& config, const Target& target) {
  const fs::path& path = config.model_engine_file;
  const Bytes file = read_file(path);
  const EngineKind kind = backend::engine_kind(file);
  require(kind == EngineKind::ours, ErrorKind::unsupported, path.string(), ": ", what_it_is_instead(kind));
  const EngineView view = backend::read_engine(file, path.string());
  with_context(path.string(), [&] { require_fresh(view, config); });
  std::optional<Bytes> rebuilt;
  Engine engine = open_engine(view, target, rebuilt);
  engine.file = path;
  if (rebuilt) save_rebuilt(path, *rebuilt, not_of_this_machine(view.header, target));
  return engine;
}

std::optional<Engine> try_engine_file(const InferConfig& config, const Target& target) {
  const std::string path = config.model_engine_file.string();
  try {
    Engine engine = engine_of_file(config, target);
    log(LogLevel::info, "deserialized trt engine from :", path);
    if (const std::string reason = misfit(engine, config); !reason.empty()) {
      log(LogLevel::warning, reason);
      log(LogLevel::warning, "deserialized backend context :", path, " failed to match config params, trying rebuild");
      return std::nullopt;
    }
    log(LogLevel::info, "Use deserialized engine model: ", path, " (", duration_text(engine.seconds), ")");
    return engine;
  } catch (const Error& error) {
    log(LogLevel::warning, "deserialize engine from file :", path, " failed: ", error.what());
    log(LogLevel::warning, "deserialize backend context from engine from file :", path, " failed, try rebuild");
    return std::nullopt;
  }
}

// --- Step 2: build -------------------------------------------------------------------------------------------------

// What the configuration names and nothing here can build from.
std::string unusable_sources(const InferConfig& config) {
  std::vector<std::string_view> found;
  if (!config.model_file.empty() || !config.proto_file.empty()) found.push_back("model-file and proto-file (Caffe)");
  if (!config.uff_file.empty()) found.push_back("uff-file");
  if (!config.tlt_encoded_model.empty()) found.push_back("tlt-encoded-model (encrypted TAO)");
  if (!config.engine_create_func_name.empty()) found.push_back("engine-create-func-name (makes TensorRT engines)");
  if (found.empty()) return "there is no onnx-file, and no model-engine-file that can be used";
  return text(join(found, ", "), found.size() == 1 ? " is" : " are",
              " no model that can be built here; export the network as ONNX and name it with onnx-file");
}

Bytes read_onnx(const InferConfig& config) {
  require(!config.onnx_file.empty(), ErrorKind::usage,
          config.origin.file.empty() ? "configuration" : config.origin.file.string(), ": ", unusable_sources(config),
          " [failed to build network since there is no model file matched.]");
  if (!config.engine_create_func_name.empty()) {
    log(LogLevel::warning, "engine-create-func-name=", config.engine_create_func_name,
        " makes TensorRT engines and is not called; onnx-file is used");
  }
  try {
    return read_file(config.onnx_file);
  } catch (const Error& error) {
    throw Error(error.kind(), text(error.what(), " [Cannot access ONNX file '", config.onnx_file.string(), "']"));
  }
}

Engine build(const InferConfig& config, const Target& target) {
  log(LogLevel::info, "Trying to create engine from model files");
  const Bytes onnx = read_onnx(config);
  Built built = make_engine(onnx, target,
                            [&](auto inputs) { return profiles_of_config(inputs, config, config.onnx_file.string()); });
  if (const std::string reason = misfit(built.engine, config); !reason.empty()) {
    fail(ErrorKind::mismatch, config.onnx_file.string(), ": ", reason);
  }
  const fs::path path = suggested_engine_path(config, target.requested_precision);
  if (const auto reason = save_engine(path, built.file)) {
    log(LogLevel::warning, "failed to serialize cude engine to file: ", path.string(), ": ", *reason,
        "; the engine stays in memory and will be built again at the next start");
  } else {
    log(LogLevel::info, "serialize cuda engine to file: ", path.string(), " successfully (built in ",
        duration_text(built.engine.seconds), ")");
    built.engine.file = path;
  }
  return std::move(built.engine);
}

}  // namespace

std::string effective_precision(const InferConfig& config) {
  const bool wants_int8 = config.network_mode == NetworkMode::int8 || config.network_mode == NetworkMode::best;
  if (wants_int8 && !accessible(config.int8_calib_file)) {
    log(LogLevel::warning, "INT8 calibration file not specified. Trying FP16 mode.");
    return "fp16";
  }
  switch (config.network_mode) {
    case NetworkMode::fp32:
      return "fp32";
    case NetworkMode::int8:
      return "int8";
    case NetworkMode::fp16:
      return "fp16";
    case NetworkMode::best:
      return "best";
  }
  return "fp32";
}

fs::path suggested_engine_path(const InferConfig& config, const std::string& precision) {
  const bool dla = config.enable_dla && config.use_dla_core >= 0;
  const std::string device = dla ? text("dla", config.use_dla_core) : text("gpu", config.gpu_id);
  return text(config.onnx_file.string(), "_b", config.batch_size, '_', device, '_', precision, ".engine");
}

Engine choose_engine(const InferConfig& config, const Choices& choices) {
  const std::string precision = effective_precision(config);
  if (const auto note = precision_note(precision, choices.provider); !note.empty()) log(LogLevel::info, note);
  const Target target = target_of(config, choices, precision);
  std::optional<Engine> engine;
  if (!config.model_engine_file.empty()) engine = try_engine_file(config, target);
  if (!engine) engine = build(config, target);
  check_output_names(*engine, config);
  return std::move(*engine);
}

}  // namespace es::infer
