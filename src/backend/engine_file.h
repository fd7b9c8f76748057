// SPDX-License-Identifier: Apache-2.0
//
// The engine container: what TensorRT's plan is on a GPU, a model made ready for one machine. Unlike a plan it carries
// the model that it was made from, so that another machine or another runtime can make it anew. docs/engine-format.md
// draws the bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "vision/tensor.h"

namespace es::backend {

// The shapes for which an engine may run one of its inputs; dimension 0 is the batch.
struct Profile {
  std::string input;
  Shape min, opt, max;
  bool operator==(const Profile&) const = default;
};

struct EngineHeader {
  std::string model_name;           // file name of the model, for people
  std::string model_sha256;         // of the model inside
  std::string requested_precision;  // what the configuration asked for: fp32, fp16, int8, best
  std::string precision;            // what computes: fp32
  std::string provider;             // for which the model was optimised: cpu
  std::string runtime;              // runtime_version() that optimised it
  std::string cpu;                  // cpu_features() that it was optimised for
  int64_t built_at = 0;             // seconds since 1970
  std::vector<Profile> profiles;    // one per input, in the model's order
  bool operator==(const EngineHeader&) const = default;
};

// An engine in memory of somebody else.
struct EngineView {
  EngineHeader header;
  BytesView model;      // the ONNX file
  BytesView optimised;  // the same after optimise_model(); empty where the provider optimises by itself
};

// The container's bytes; they depend on nothing but the argument. header.model_sha256 is computed here.
Bytes write_engine(const EngineView& engine);

// Views into `file`, which must stay. Everything is checked: sizes before use, the hash over all bytes, the hash of the
// model. Throws malformed where it is torn or changed, unsupported where a newer version of this program wrote it.
// `name` is for messages.
EngineView read_engine(BytesView file, const std::string& name);

// What a file is, by its first bytes.
enum class EngineKind {
  ours,
  empty,
  tensorrt_plan,  // also with the JSON in front that some training tools write
  onnx,           // a model where an engine was expected
  foreign,
};
EngineKind engine_kind(BytesView file);

}  // namespace es::backend
