// SPDX-License-Identifier: Apache-2.0
//
// A model loaded and ready to run. Which library runs it is decided behind this header.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "vision/tensor.h"

namespace es::backend {

// What computes. Only the CPU has been run by us.
enum class Provider { cpu, cuda, tensorrt };

std::string_view name_of(Provider provider);
std::optional<Provider> provider_of(std::string_view name);

struct SessionOptions {
  std::string name = "model";  // of the model, for messages
  Provider provider = Provider::cpu;
  int device = 0;  // of a GPU
  // Threads inside one run. Callers in parallel serve a CPU better: 1.9 to 2.0 times on two cores against 1.2 to 1.8.
  int intra_op_threads = 1;
  // The bytes come from optimise_model(): load them as they are.
  bool optimised = false;
};

// run() may be called from any number of threads at once: one session, one copy of the weights.
class Session {
 public:
  virtual ~Session() = default;

  // In the model's order; -1 where a dimension is decided at run time. inputs() have the dtype that the model declares;
  // outputs() what run() gives, which is float32 for any float, and integers as they are.
  virtual std::span<const TensorSpec> inputs() const = 0;
  virtual std::span<const TensorSpec> outputs() const = 0;

  // One view per input, in order. A float32 view serves an input of any dtype: values are rounded to the nearest and
  // clamped for integers. `out` becomes one tensor per output; tensors that fit already are written into, so that a
  // caller who keeps `out` pays for no memory. Throws mismatch where shapes do not fit, environment where the device
  // gives up.
  virtual void run(std::span<const TensorView> in, std::vector<Tensor>& out) const = 0;

  std::vector<Tensor> run(std::span<const TensorView> in) const {
    std::vector<Tensor> out;
    run(in, out);
    return out;
  }
};

// Throws malformed for bytes that are no model, unsupported for a model that this runtime or provider cannot run.
std::unique_ptr<Session> open_session(BytesView model, const SessionOptions& options);

// The ONNX model after every optimisation for this machine's CPU, as bytes for SessionOptions::optimised. They belong
// to this runtime version and these CPU features (below), and are to be trusted no less and no more than the model
// itself.
Bytes optimise_model(BytesView onnx, const SessionOptions& options);

// "ONNX Runtime 1.29.0". Throws environment where the library is older than what we were compiled for.
std::string runtime_version();

// What of this CPU decides which code an optimised model contains: "x86-64 avx avx2 avx512f fma".
std::string cpu_features();

}  // namespace es::backend
