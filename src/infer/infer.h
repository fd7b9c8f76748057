// SPDX-License-Identifier: Apache-2.0
//
// The facade of the runtime: an nvinfer configuration in, regions of pictures in, detections and attributes out.
//
// A batch is a list of regions: a primary network is given whole frames, a secondary one the boxes of objects. On a CPU
// a batch is so many independent jobs for the worker threads, since computing items together is no faster there and
// leaves cores idle (docs/decisions/0005-batches-are-jobs.md); `dynamic-properties` can ask for real batches
// (options.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "backend/session.h"
#include "config/infer_config.h"
#include "vision/box.h"
#include "vision/detection.h"
#include "vision/image.h"
#include "vision/tensor.h"

namespace es::backend {
class WorkerPool;
}

namespace es::infer {

// What is to be looked at. The pixels must stay until the result is there; see submit().
struct Region {
  ImageView image;
  FrameBox rect;  // pixels of the picture; not looked at for a whole frame
  bool whole_frame = false;
};

// The raw output tensors of one region, alive as long as somebody holds this.
struct Outputs {
  // In the order of Inferencer::output_layers(), without the batch dimension.
  std::vector<TensorView> layers;
  std::shared_ptr<const std::vector<Tensor>> memory;
};

struct RegionResult {
  // False where no pixel was left to look at (an object outside the picture, or narrower than 2 pixels).
  bool inferred = false;
  Placement placement;
  std::vector<Detection> detections;  // detectors; pixels of the picture, labelled
  std::vector<Attribute> attributes;  // classifiers
  std::string label;                  // classifiers: the text beside the object, empty where nothing is to be attached
  std::shared_ptr<const Outputs> tensors;  // with output-tensor-meta and for network-type 100, else null
};

// What the host decides rather than the configuration file. Empty: what dynamic-properties say, else the default.
struct Options {
  std::optional<backend::Provider> provider;
  std::optional<bool> real_batches;
  std::optional<int> intra_op_threads;
  std::optional<int> workers;                 // default: as many as cores
  std::shared_ptr<backend::WorkerPool> pool;  // default: the one that the process shares
};

// How a network came to be ready, for the table at start.
struct Info {
  enum class Engine { loaded, rebuilt, built };
  std::string model;  // file name of the ONNX model
  Engine engine = Engine::built;
  std::filesystem::path engine_file;  // loaded from or written to; empty: in memory only
  double seconds = 0;                 // that loading or building took
  int64_t built_at = 0;               // seconds since 1970
  std::string provider, precision, runtime;
  int workers = 0, intra_op_threads = 1;
  int width = 0, height = 0, channels = 0;
  int batch_size = 0;
  int items_per_run = 1;  // regions that are computed together
};
// One line: "candy.onnx: cpu fp32, 320x320x3, engine built in 0.31 s, 2 workers of 1 thread". `now` in seconds since
// 1970.
std::string describe(const Info& info, int64_t now);

class Inferencer {
 public:
  // Finds the engine (nvinfer.md 5.2), checks everything that can be wrong, and runs the network once. Says in the log
  // what it found and did. Throws Error: unreadable (no model), malformed (no model of ours), mismatch (model and
  // configuration do not fit), unsupported, environment.
  static std::unique_ptr<Inferencer> open(config::InferConfig config, const Options& options = {});

  // Waits for what was submitted.
  ~Inferencer();
  Inferencer(const Inferencer&) = delete;
  Inferencer& operator=(const Inferencer&) = delete;

  const config::InferConfig& config() const;
  const std::vector<std::vector<std::string>>& labels() const;
  Info info() const;

  // Layers as NvDsInferLayerInfo has them: inputs, then outputs, dimensions without the batch.
  std::span<const TensorSpec> input_layers() const;
  std::span<const TensorSpec> output_layers() const;

  // Starts the inference of up to any number of regions and returns; results are in the order of `regions`. Blocks
  // while the workers have enough to do. `keep_alive` is held until the pixels are no longer needed. Safe from many
  // threads; the order of several submits is the caller's, by waiting in order. What fails while running is thrown by
  // the future.
  std::future<std::vector<RegionResult>> submit(std::vector<Region> regions, std::shared_ptr<const void> keep_alive);

 private:
  class Impl;
  explicit Inferencer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace es::infer
