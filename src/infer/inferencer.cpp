// SPDX-License-Identifier: Apache-2.0
//
// From a configuration to a network that is ready, and from batches to jobs.
//
//   submit: regions -> groups of items_per_run -> jobs on the worker pool, each a Runner::run -> one promise for all
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>

#include "backend/worker_pool.h"
#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "infer/engine_choice.h"
#include "infer/infer.h"
#include "infer/interpreter.h"
#include "infer/network.h"
#include "infer/options.h"
#include "infer/runner.h"

namespace es::infer {
namespace {

using config::InferConfig;
using config::NetworkType;

std::string where(const InferConfig& config) {
  return config.origin.file.empty() ? "configuration" : config.origin.file.string();
}

void refuse_what_is_not_there_yet(const InferConfig& config) {
  const bool segments =
      config.network_type == NetworkType::segmentation || config.network_type == NetworkType::instance_segmentation;
  require(!segments, ErrorKind::unsupported, where(config), ": network-type=", static_cast<int>(config.network_type),
          " (segmentation) is not decoded by this release; network-type=100 with output-tensor-meta=1 gives the raw "
          "tensors");
  require(!config.input_tensor_from_meta, ErrorKind::unsupported, where(config),
          ": input-tensor-from-meta=1 needs nvdspreprocess, which this release does not have; a network of pixels runs "
          "without the key, one of features in DeepStream or in a program of your own");
}

void name_what_does_nothing(const InferConfig& config) {
  struct Row {
    bool set;
    const char* key;
  };
  const Row rows[] = {{config.dump_input_tensor, "dump-input-tensor"},
                      {config.dump_output_tensor, "dump-output-tensor"},
                      {config.overwrite_input_tensor, "overwrite-input-tensor"},
                      {config.overwrite_output_tensor, "overwrite-output-tensor"}};
  std::vector<std::string_view> keys;
  for (const Row& row : rows) {
    if (row.set) keys.push_back(row.key);
  }
  if (keys.empty()) return;
  log(LogLevel::warning, where(config), ": ", join(keys, ", "), keys.size() == 1 ? " does" : " do",
      " nothing in this release; output-tensor-meta=1 gives the raw tensors");
}

// One submit() on its way. The last job to end fulfils the promise.
struct Batch {
  std::vector<Region> regions;
  std::vector<RegionResult> results;
  std::shared_ptr<const void> keep_alive;
  std::promise<std::vector<RegionResult>> promise;
  std::atomic<size_t> jobs_left{0};
  std::mutex mutex;
  std::exception_ptr error;  // the first

  void finish() {
    keep_alive.reset();
    if (error) {
      promise.set_exception(error);
    } else {
      promise.set_value(std::move(results));
    }
  }
};

}  // namespace

class Inferencer::Impl {
 public:
  Impl(InferConfig config, const Options& options)
      : config_(std::move(config)), choices_(choose(config_.dynamic_properties, options)) {
    refuse_what_is_not_there_yet(config_);
    name_what_does_nothing(config_);
    Engine engine = choose_engine(config_, choices_);
    const std::string model = engine.header.model_name;
    layers_ = layers_of(*engine.session, engine.header.profiles);
    size_ = network_size(layers_, config_, model);
    runner_.emplace(std::move(engine), preprocess_spec(config_, size_, model), choices_, config_.batch_size);
    for (size_t i = 0; i < layers_.outputs.size(); ++i)
      layers_.outputs[i].shape = layer_shape(runner_->outputs()[i].shape);
    interpreter_.emplace(config_, size_, runner_->outputs(), model);
    pool_ = options.pool ? options.pool : backend::shared_worker_pool(choices_.workers);
  }

  ~Impl() {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return jobs_ == 0; });
  }

  const InferConfig& config() const { return config_; }
  const config::Labels& labels() const { return interpreter_->labels(); }
  const Layers& layers() const { return layers_; }

  Info info() const {
    const Engine& engine = runner_->engine();
    return {.model = engine.header.model_name,
            .engine = engine.origin,
            .engine_file = engine.file,
            .seconds = engine.seconds,
            .built_at = engine.header.built_at,
            .provider = engine.header.provider,
            .precision = engine.header.precision,
            .runtime = engine.header.runtime,
            .workers = pool_->threads(),
            .intra_op_threads = choices_.intra_op_threads,
            .width = size_.width,
            .height = size_.height,
            .channels = size_.channels,
            .batch_size = static_cast<int>(config_.batch_size),
            .items_per_run = static_cast<int>(runner_->items_per_run())};
  }

  std::future<std::vector<RegionResult>> submit(std::vector<Region> regions, std::shared_ptr<const void> keep_alive) {
    auto batch = std::make_shared<Batch>();
    batch->regions = std::move(regions);
    batch->results.resize(batch->regions.size());
    batch->keep_alive = std::move(keep_alive);
    auto future = batch->promise.get_future();
    const size_t count = batch->regions.size(), group = runner_->items_per_run();
    if (count == 0) {
      batch->finish();
      return future;
    }
    batch->jobs_left = (count + group - 1) / group;
    count_jobs(batch->jobs_left);
    for (size_t start = 0; start < count; start += group) {
      pool_->submit([this, batch, start, size = std::min(group, count - start)] { do_job(*batch, start, size); });
    }
    return future;
  }

 private:
  void count_jobs(size_t more) {
    const std::lock_guard lock(mutex_);
    jobs_ += more;
  }

  void do_job(Batch& batch, size_t start, size_t size) {
    try {
      runner_->run(std::span(batch.regions).subspan(start, size), std::span(batch.results).subspan(start, size),
                   *interpreter_);
    } catch (...) {
      const std::lock_guard lock(batch.mutex);
      if (!batch.error) batch.error = std::current_exception();
    }
    if (--batch.jobs_left == 0) batch.finish();
    const std::lock_guard lock(mutex_);
    if (--jobs_ == 0) idle_.notify_all();
  }

  const InferConfig config_;
  const Choices choices_;
  Layers layers_;
  NetworkSize size_;
  std::optional<Runner> runner_;
  std::optional<Interpreter> interpreter_;
  std::shared_ptr<backend::WorkerPool> pool_;

  std::mutex mutex_;
  std::condition_variable idle_;
  size_t jobs_ = 0;  // submitted and not ended
};

Inferencer::Inferencer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Inferencer::~Inferencer() = default;

std::unique_ptr<Inferencer> Inferencer::open(InferConfig config, const Options& options) {
  return std::unique_ptr<Inferencer>(new Inferencer(std::make_unique<Impl>(std::move(config), options)));
}

const InferConfig& Inferencer::config() const { return impl_->config(); }
const std::vector<std::vector<std::string>>& Inferencer::labels() const { return impl_->labels(); }
Info Inferencer::info() const { return impl_->info(); }
std::span<const TensorSpec> Inferencer::input_layers() const { return impl_->layers().inputs; }
std::span<const TensorSpec> Inferencer::output_layers() const { return impl_->layers().outputs; }

std::future<std::vector<RegionResult>> Inferencer::submit(std::vector<Region> regions,
                                                          std::shared_ptr<const void> keep_alive) {
  return impl_->submit(std::move(regions), std::move(keep_alive));
}

}  // namespace es::infer
