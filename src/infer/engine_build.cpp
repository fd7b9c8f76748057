// SPDX-License-Identifier: Apache-2.0
#include "infer/engine_build.h"

#include <chrono>
#include <fstream>
#include <system_error>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"

namespace es::infer {
namespace {

namespace fs = std::filesystem;
using backend::EngineHeader;
using backend::EngineKind;
using backend::EngineView;
using backend::Provider;

class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

int64_t seconds_since_1970() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

backend::SessionOptions session_options(const Target& target, bool optimised) {
  return {.name = target.model_name,
          .provider = target.provider,
          .device = target.device,
          .intra_op_threads = target.intra_op_threads,
          .optimised = optimised};
}

// A GPU provider compiles when it loads and has nothing to keep; a CPU's optimised model is kept.
Bytes optimised_bytes(BytesView onnx, const Target& target) {
  return target.provider == Provider::cpu ? backend::optimise_model(onnx, session_options(target, false)) : Bytes{};
}

std::unique_ptr<backend::Session> open_session(const EngineView& view, const Target& target) {
  const bool optimised = !view.optimised.empty();
  return backend::open_session(optimised ? view.optimised : view.model, session_options(target, optimised));
}

EngineHeader header_of(const Target& target) {
  return {.model_name = target.model_name,
          .requested_precision = target.requested_precision,
          .precision = "fp32",
          .provider = std::string(name_of(target.provider)),
          .runtime = backend::runtime_version(),
          .cpu = backend::cpu_features(),
          .built_at = seconds_since_1970()};
}

struct KindRow {
  EngineKind kind;
  std::string_view sentence;
};

constexpr KindRow kinds[] = {
    {EngineKind::ours, ""},
    {EngineKind::empty, "is empty"},
    {EngineKind::tensorrt_plan,
     "is a TensorRT plan, which runs on the kind of NVIDIA GPU and the TensorRT release that it was built with and "
     "nowhere "
     "else; EdgeStream builds its own engine from the ONNX model"},
    {EngineKind::onnx, "is an ONNX model, not an engine; name it with onnx-file"},
    {EngineKind::foreign, "is no engine of EdgeStream"},
};

}  // namespace

std::optional<int64_t> Engine::fixed_batch() const {
  const Shape& shape = session->inputs()[0].shape;
  if (shape.rank() == 0 || shape[0] < 0) return std::nullopt;
  return shape[0];
}

Built make_engine(BytesView onnx, const Target& target, const ProfileRule& profiles) {
  const Stopwatch watch;
  const Bytes optimised = optimised_bytes(onnx, target);
  EngineView view{header_of(target), onnx, optimised};
  Built built;
  built.engine.session = open_session(view, target);
  view.header.profiles = profiles(built.engine.session->inputs());
  view.header.model_sha256 = sha256(onnx);
  built.file = backend::write_engine(view);
  built.engine.header = view.header;
  built.engine.seconds = watch.seconds();
  return built;
}

std::string not_of_this_machine(const EngineHeader& header, const Target& target) {
  const std::string runtime = backend::runtime_version(), cpu = backend::cpu_features();
  if (header.provider != name_of(target.provider)) {
    return text("was built for provider '", printable(header.provider), "', this is '", name_of(target.provider), "'");
  }
  if (header.runtime != runtime) return text("was built by ", printable(header.runtime), ", this is ", runtime);
  if (header.cpu != cpu)
    return text("was built for a CPU with '", printable(header.cpu), "', this one has '", cpu, "'");
  return {};
}

Engine open_engine(const EngineView& view, const Target& target, std::optional<Bytes>& rebuilt) {
  const Stopwatch watch;
  if (!not_of_this_machine(view.header, target).empty()) {
    Target same = target;
    same.model_name = view.header.model_name;
    same.requested_precision = view.header.requested_precision;
    Built built = make_engine(view.model, same, [&](auto) { return view.header.profiles; });
    built.engine.origin = Info::Engine::rebuilt;
    rebuilt = std::move(built.file);
    return std::move(built.engine);
  }
  Engine engine{.session = open_session(view, target), .header = view.header, .origin = Info::Engine::loaded};
  engine.seconds = watch.seconds();
  return engine;
}

EngineKind kind_of_file(const fs::path& path) {
  // Enough for a plan behind the JSON that some exporters write.
  Bytes front(64 * 1024);
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(front.data()), static_cast<std::streamsize>(front.size()));
  front.resize(static_cast<size_t>(file.gcount()));
  return backend::engine_kind(front);
}

std::string what_it_is_instead(EngineKind kind) { return std::string(kinds[static_cast<size_t>(kind)].sentence); }

std::optional<std::string> save_engine(const fs::path& path, BytesView file) {
  std::error_code error;
  if (fs::exists(path, error)) {
    const EngineKind kind = kind_of_file(path);
    if (kind != EngineKind::ours && kind != EngineKind::empty) {
      return text(path.string(), ": ", what_it_is_instead(kind), "; it is not overwritten");
    }
  }
  try {
    write_file_atomically(path, file);
  } catch (const Error& failure) {
    return failure.what();
  }
  return std::nullopt;
}

std::string fixed_batch_note(int64_t batch) {
  if (batch == 1) {
    return "the model has a fixed batch of 1: larger batches run item by item, at the cost of as many single runs";
  }
  return text("the model has a fixed batch of ", batch, ": every run computes ", batch,
              " items, and a smaller batch costs as much as ", batch);
}

std::string precision_note(const std::string& requested, Provider provider) {
  if (requested == "fp32" || provider != Provider::cpu) return {};
  return text(requested,
              " was asked for: the CPU computes in fp32, results are at least as exact; the name of the engine keeps ",
              requested);
}

// --- By hand -------------------------------------------------------------------------------------------------------

namespace {

void add_notes(BuildResult& result, Provider provider) {
  if (const auto note = precision_note(result.engine.header.requested_precision, provider); !note.empty()) {
    result.notes.push_back(note);
  }
  if (const auto batch = result.engine.fixed_batch()) result.notes.push_back(fixed_batch_note(*batch));
}

}  // namespace

BuildResult build_engine(const BuildOptions& options) {
  const Bytes onnx = read_file(options.onnx);
  const std::string name = options.onnx.filename().string();
  const Target target{name, options.precision, options.provider, options.device, options.intra_op_threads};
  Built built =
      make_engine(onnx, target, [&](auto inputs) { return profiles_of_shapes(inputs, options.shapes, name); });
  BuildResult result{.engine = std::move(built.engine), .bytes = built.file.size()};
  if (!options.save.empty()) {
    const auto reason = save_engine(options.save, built.file);
    require(!reason, ErrorKind::environment, reason.value_or(""));
    result.engine.file = options.save;
  }
  add_notes(result, options.provider);
  return result;
}

BuildResult load_engine(const fs::path& path, const Target& target) {
  const Bytes file = read_file(path);
  const auto kind = backend::engine_kind(file);
  require(kind == EngineKind::ours, ErrorKind::unsupported, path.string(), ": ", what_it_is_instead(kind),
          "; --onnx=MODEL --saveEngine=FILE builds one");
  const EngineView view = backend::read_engine(file, path.string());
  std::optional<Bytes> rebuilt;
  BuildResult result{.engine = open_engine(view, target, rebuilt), .bytes = file.size()};
  result.engine.file = path;
  if (rebuilt) {
    const auto reason = save_engine(path, *rebuilt);
    result.notes.push_back(text(not_of_this_machine(view.header, target), "; it was built anew from the model inside, ",
                                reason ? "in memory only: " + *reason : "and written again"));
  }
  add_notes(result, target.provider);
  return result;
}

}  // namespace es::infer
