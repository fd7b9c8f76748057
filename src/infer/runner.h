// SPDX-License-Identifier: Apache-2.0
//
// A few regions through the network, on the calling thread: preprocess each into the input tensor, run once, take the
// outputs apart.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "infer/engine_build.h"
#include "infer/infer.h"
#include "infer/interpreter.h"
#include "infer/options.h"
#include "preprocess/preprocess.h"

namespace es::infer {

class Runner {
 public:
  // `batch_size` is how many regions a run takes at most where real batches are wanted and the model has no batch of
  // its own. Says in the log what a fixed batch costs. Runs the network, so that what it does not stand shows here.
  Runner(Engine engine, preprocess::Spec spec, const Choices& choices, unsigned batch_size);

  const Engine& engine() const { return engine_; }
  // Regions that one call of run() may have.
  size_t items_per_run() const { return items_per_run_; }
  // With the batch in front; dimensions that the model leaves open are what the first run gave.
  std::span<const TensorSpec> outputs() const { return outputs_; }

  // `results` has one entry per region. From any number of threads at once.
  void run(std::span<const Region> regions, std::span<RegionResult> results, const Interpreter& interpreter) const;

 private:
  // Memory that runs take turns in using.
  struct Slot {
    Tensor input;
    std::vector<Tensor> outputs;
  };
  class Lease;

  Shape input_shape() const;
  void warm_up();
  bool fill(const Region& region, RegionResult& result, Slot& slot, size_t item) const;
  void run_network(Slot& slot, size_t items) const;

  Engine engine_;
  std::string model_;
  preprocess::Spec spec_;
  size_t items_per_run_ = 1;
  bool pads_ = false;  // a fixed batch: smaller groups are run at its size
  std::vector<TensorSpec> outputs_;

  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<Slot>> free_slots_;
};

}  // namespace es::infer
