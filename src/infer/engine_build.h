// SPDX-License-Identifier: Apache-2.0
//
// Making engines, and opening what was made. Which file is looked at and what happens when it will not do is
// engine_choice.h's business.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "backend/engine_file.h"
#include "backend/session.h"
#include "base/bytes.h"
#include "infer/infer.h"
#include "infer/shapes.h"

namespace es::infer {

// An engine ready to run.
struct Engine {
  std::unique_ptr<backend::Session> session;
  backend::EngineHeader header;
  Info::Engine origin = Info::Engine::built;
  std::filesystem::path file;  // empty: in memory only
  double seconds = 0;          // that loading or building took

  // The batch that the model is wired for, or nothing where any will do.
  std::optional<int64_t> fixed_batch() const;
};

// What an engine is made for.
struct Target {
  std::string model_name;  // file name of the model
  std::string requested_precision = "fp32";
  backend::Provider provider = backend::Provider::cpu;
  int device = 0;
  int intra_op_threads = 1;
};

using ProfileRule = std::function<std::vector<backend::Profile>(std::span<const TensorSpec> inputs)>;

// An engine and the bytes of its file.
struct Built {
  Engine engine;
  Bytes file;
};
Built make_engine(BytesView onnx, const Target& target, const ProfileRule& profiles);

// Why an engine from a file is not for this machine; empty where it is.
std::string not_of_this_machine(const backend::EngineHeader& header, const Target& target);

// Opens an engine whose file was read and checked. `rebuilt` gets the new file's bytes where another machine or runtime
// made it: it is then built anew from the model inside, with its profiles and precision.
Engine open_engine(const backend::EngineView& view, const Target& target, std::optional<Bytes>& rebuilt);

// Writes an engine unless something other than an engine of ours, or nothing, is in its place. Gives the reason where
// it was not written; never throws.
std::optional<std::string> save_engine(const std::filesystem::path& path, BytesView file);

// "is a TensorRT plan: ...", for a file that was expected to be an engine of ours. Empty for ours.
std::string what_it_is_instead(backend::EngineKind kind);
backend::EngineKind kind_of_file(const std::filesystem::path& path);

// --- By hand, as trtexec does it -----------------------------------------------------------------------------------

struct BuildOptions {
  std::filesystem::path onnx;
  std::filesystem::path save;  // empty: build only
  ShapeLists shapes;
  std::string precision = "fp32";  // asked for: fp32, fp16, int8, best
  backend::Provider provider = backend::Provider::cpu;
  int device = 0;
  int intra_op_threads = 1;
};

struct BuildResult {
  Engine engine;
  size_t bytes = 0;                // of the engine file
  std::vector<std::string> notes;  // sentences worth a line: what fp16 means here, what a fixed batch costs
};

// Throws as Inferencer::open does, and environment where `save` cannot be written or is something that is not ours to
// overwrite.
BuildResult build_engine(const BuildOptions& options);

// The engine in a file; throws where it is none of ours. A note tells if it had to be built anew for this machine; the
// file is then written anew as well.
BuildResult load_engine(const std::filesystem::path& file, const Target& target);

// What a fixed batch costs, for models that have one.
std::string fixed_batch_note(int64_t batch);
// What a precision other than fp32 means here; empty for fp32 and on a GPU.
std::string precision_note(const std::string& requested, backend::Provider provider);

}  // namespace es::infer
