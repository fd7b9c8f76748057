// SPDX-License-Identifier: Apache-2.0
//
// From regions to jobs, and from output tensors to results.
//
//   submit: regions ── groups of items_per_run ──> jobs on the worker pool ──> one promise for all of them
//   a job:  place, preprocess each region into a slot's input; run; each item's tensors to its RegionResult
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>

#include "backend/worker_pool.h"
#include "base/error.h"
#include "base/log.h"
#include "config/labels.h"
#include "config/lint.h"
#include "infer/engine_choice.h"
#include "infer/infer.h"
#include "infer/network.h"
#include "infer/options.h"
#include "postprocess/postprocess.h"

namespace es::infer {
namespace {

using config::InferConfig;
using config::NetworkType;

// Memory that jobs take turns in using: a network's input and outputs.
struct Slot {
  Tensor input;
  std::vector<Tensor> outputs;
};

class Slots {
 public:
  explicit Slots(Shape input) : input_(std::move(input)) {}

  std::unique_ptr<Slot> take() {
    {
      const std::lock_guard lock(mutex_);
      if (!free_.empty()) {
        auto slot = std::move(free_.back());
        free_.pop_back();
        return slot;
      }
    }
    auto slot = std::make_unique<Slot>();
    slot->input = Tensor(input_, DType::f32);
    return slot;
  }

  void give_back(std::unique_ptr<Slot> slot) {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(slot));
  }

 private:
  const Shape input_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Slot>> free_;
};

// One submit() on its way. The last job to end fulfils the promise.
struct Batch {
  std::vector<Region> regions;
  std::vector<RegionResult> results;
  std::shared_ptr<const void> keep_alive;
  std::promise<std::vector<RegionResult>> promise;
  std::atomic<size_t> jobs_left{0};
  std::mutex mutex;
  std::exception_ptr error;  // the first
};

void refuse_what_is_not_there_yet(const InferConfig& config) {
  const std::string where = config.origin.file.empty() ? "configuration" : config.origin.file.string();
  const bool segments =
      config.network_type == NetworkType::segmentation || config.network_type == NetworkType::instance_segmentation;
  require(!segments, ErrorKind::unsupported, where, ": network-type=", static_cast<int>(config.network_type),
          " (segmentation) is not decoded by this release; network-type=100 with output-tensor-meta=1 gives the raw "
          "tensors");
  require(!config.input_tensor_from_meta, ErrorKind::unsupported, where,
          ": input-tensor-from-meta=1 needs nvdspreprocess, which this release does not have; remove the key");
}

postprocess::DetectorParams detector_params(const InferConfig& config, const NetworkSize& size) {
  return {.network_width = size.width,
          .network_height = size.height,
          .network_channels = size.channels,
          .classes = config.class_attributes,
          .cluster_mode = config.cluster_mode,
          .parse_bbox_func_name = config.parse_bbox_func_name,
          .custom_lib_path = config.custom_lib_path};
}

postprocess::ClassifierParams classifier_params(const InferConfig& config, const NetworkSize& size,
                                                const config::Labels& labels) {
  return {.network_width = size.width,
          .network_height = size.height,
          .network_channels = size.channels,
          .classifier_threshold = config.classifier_threshold,
          .labels = labels,
          .parse_classifier_func_name = config.parse_classifier_func_name,
          .custom_lib_path = config.custom_lib_path};
}

config::ModelFacts facts_of(const Layers& layers) {
  config::ModelFacts facts;
  for (const auto& output : layers.outputs)
    facts.classes_of_outputs.push_back(static_cast<int>(std::max<int64_t>(output.shape[0], 0)));
  return facts;
}

}  // namespace

class Inferencer::Impl {
 public:
  Impl(InferConfig config, const Options& options)
      : config_(std::move(config)), choices_(choose(config_.dynamic_properties, options)) {
    refuse_what_is_not_there_yet(config_);
    engine_ = choose_engine(config_, choices_);
    model_ = engine_.header.model_name;
    layers_ = layers_of(*engine_.session, engine_.header.profiles);
    size_ = network_size(layers_, config_, model_);
    spec_ = preprocess_spec(config_, size_, model_);
    set_items_per_run();
    slots_ = std::make_unique<Slots>(input_shape());
    warm_up();
    open_postprocessing();
    pool_ = options.pool ? options.pool : backend::shared_worker_pool(choices_.workers);
  }

  ~Impl() {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return jobs_ == 0; });
  }

  const InferConfig& config() const { return config_; }
  const config::Labels& labels() const { return labels_; }
  const Layers& layers() const { return layers_; }

  Info info() const {
    const auto& header = engine_.header;
    return {.model = model_,
            .engine = engine_.origin,
            .engine_file = engine_.file,
            .seconds = engine_.seconds,
            .built_at = header.built_at,
            .provider = header.provider,
            .precision = header.precision,
            .runtime = header.runtime,
            .workers = pool_->threads(),
            .intra_op_threads = choices_.intra_op_threads,
            .width = size_.width,
            .height = size_.height,
            .channels = size_.channels,
            .batch_size = static_cast<int>(config_.batch_size),
            .items_per_run = static_cast<int>(items_per_run_)};
  }

  std::future<std::vector<RegionResult>> submit(std::vector<Region> regions, std::shared_ptr<const void> keep_alive) {
    auto batch = std::make_shared<Batch>();
    batch->regions = std::move(regions);
    batch->results.resize(batch->regions.size());
    batch->keep_alive = std::move(keep_alive);
    auto future = batch->promise.get_future();
    const size_t count = batch->regions.size();
    if (count == 0) {
      batch->promise.set_value({});
      return future;
    }
    const size_t jobs = (count + items_per_run_ - 1) / items_per_run_;
    batch->jobs_left = jobs;
    {
      const std::lock_guard lock(mutex_);
      jobs_ += jobs;
    }
    for (size_t start = 0; start < count; start += items_per_run_) {
      pool_->submit(
          [this, batch, start, end = std::min(start + items_per_run_, count)] { do_job(*batch, start, end); });
    }
    return future;
  }

 private:
  // --- Opening -----------------------------------------------------------------------------------------------------

  void set_items_per_run() {
    const auto fixed = engine_.fixed_batch();
    items_per_run_ = fixed ? static_cast<size_t>(*fixed) : choices_.real_batches ? config_.batch_size : 1;
    require(items_per_run_ >= 1 && items_per_run_ <= static_cast<size_t>(most_batch), ErrorKind::unsupported, model_,
            ": has a fixed batch of ", items_per_run_, ", 1 to ", most_batch, " can be run");
    pads_ = fixed.has_value();
    if (fixed && (*fixed > 1 || choices_.real_batches)) log(LogLevel::warning, model_, ": ", fixed_batch_note(*fixed));
  }

  Shape input_shape() const {
    const auto items = static_cast<int64_t>(items_per_run_);
    if (spec_.layout == preprocess::Layout::nhwc) return {items, size_.height, size_.width, size_.channels};
    return {items, size_.channels, size_.height, size_.width};
  }

  // What the model does not stand shows here and not in the stream. The second run, with a smaller batch, is for models
  // that say they take any.
  void warm_up() {
    auto slot = slots_->take();
    run(*slot, items_per_run_);
    close_output_shapes(slot->outputs);
    if (!pads_ && items_per_run_ > 1) run(*slot, 1);
    slots_->give_back(std::move(slot));
  }

  // Dimensions that the model leaves open, such as those that follow from an open height, are what the first run gave.
  void close_output_shapes(const std::vector<Tensor>& outputs) {
    outputs_.assign(engine_.session->outputs().begin(), engine_.session->outputs().end());
    for (size_t i = 0; i < outputs.size(); ++i) {
      for (size_t axis = 1; axis < outputs_[i].shape.rank(); ++axis) {
        if (outputs_[i].shape[axis] < 0) outputs_[i].shape[axis] = outputs[i].shape()[axis];
      }
      layers_.outputs[i].shape = layer_shape(outputs_[i].shape);
    }
  }

  void open_postprocessing() {
    if (config_.network_type == NetworkType::other) return;
    if (!config_.labelfile_path.empty()) labels_ = config::read_labels(config_.labelfile_path);
    if (config_.network_type == NetworkType::detector) {
      detector_ = with_context(
          model_, [&] { return std::make_unique<postprocess::Detector>(outputs_, detector_params(config_, size_)); });
    } else {
      classifier_ = with_context(model_, [&] {
        return std::make_unique<postprocess::Classifier>(outputs_, classifier_params(config_, size_, labels_));
      });
    }
    const auto facts = classifier_ ? facts_of(layers_) : config::ModelFacts{};
    for (const auto& warning : config::lint(config_, labels_, facts)) log(LogLevel::warning, warning);
  }

  // --- Running -----------------------------------------------------------------------------------------------------

  void do_job(Batch& batch, size_t start, size_t end) {
    try {
      infer_group(batch, start, end);
    } catch (...) {
      const std::lock_guard lock(batch.mutex);
      if (!batch.error) batch.error = std::current_exception();
    }
    if (--batch.jobs_left == 0) finish(batch);
    const std::lock_guard lock(mutex_);
    if (--jobs_ == 0) idle_.notify_all();
  }

  static void finish(Batch& batch) {
    batch.keep_alive.reset();
    if (batch.error) {
      batch.promise.set_exception(batch.error);
    } else {
      batch.promise.set_value(std::move(batch.results));
    }
  }

  void infer_group(Batch& batch, size_t start, size_t end) {
    auto slot = slots_->take();
    std::vector<size_t> inferred;  // indices of regions, in the order of their items
    for (size_t i = start; i < end; ++i) {
      if (fill(batch.regions[i], batch.results[i], *slot, inferred.size())) inferred.push_back(i);
    }
    if (!inferred.empty()) {
      run(*slot, pads_ ? items_per_run_ : inferred.size());
      read(*slot, batch, inferred);
    }
    slots_->give_back(std::move(slot));
  }

  bool fill(const Region& region, RegionResult& result, Slot& slot, size_t item) const {
    const ImageView& image = region.image;
    const FrameBox whole{0, 0, static_cast<float>(image.width), static_cast<float>(image.height)};
    const auto placement =
        preprocess::place(region.whole_frame ? whole : region.rect, image.width, image.height, spec_);
    if (!placement) return false;
    result.inferred = true;
    result.placement = *placement;
    const size_t elements = spec_.elements();
    preprocess::preprocess(image, *placement, spec_, slot.input.floats().subspan(item * elements, elements));
    return true;
  }

  void run(Slot& slot, size_t items) const {
    TensorView view = slot.input.view();
    view.shape[0] = static_cast<int64_t>(items);
    engine_.session->run(std::span(&view, 1), slot.outputs);
    for (size_t i = 0; items > 1 && i < slot.outputs.size(); ++i) {
      const Shape& shape = slot.outputs[i].shape();
      require(shape.rank() >= 1 && shape[0] == static_cast<int64_t>(items), ErrorKind::mismatch, model_, ": output '",
              printable(layers_.outputs[i].name), "' is ", shape, " for a batch of ", items,
              "; its items cannot be told apart, use edgestream-batch=items");
    }
  }

  // Item `item` of every output, as nvinfer shows it: without the first dimension.
  static std::vector<TensorView> item_of(const std::vector<Tensor>& outputs, size_t item) {
    std::vector<TensorView> views;
    for (const Tensor& tensor : outputs) {
      const Shape rest = layer_shape(tensor.shape());
      const size_t bytes = static_cast<size_t>(rest.elements()) * size_of(tensor.dtype());
      views.push_back({static_cast<const uint8_t*>(tensor.data()) + item * bytes, rest, tensor.dtype()});
    }
    return views;
  }

  bool keeps_tensors() const { return config_.output_tensor_meta || config_.network_type == NetworkType::other; }

  void read(Slot& slot, Batch& batch, const std::vector<size_t>& inferred) const {
    std::shared_ptr<const std::vector<Tensor>> kept;
    if (keeps_tensors()) kept = std::make_shared<const std::vector<Tensor>>(std::exchange(slot.outputs, {}));
    const auto& outputs = kept ? *kept : slot.outputs;
    for (size_t item = 0; item < inferred.size(); ++item) {
      const auto views = item_of(outputs, item);
      RegionResult& result = batch.results[inferred[item]];
      interpret(views, batch.regions[inferred[item]].image, result);
      if (kept) result.tensors = std::make_shared<const Outputs>(Outputs{views, kept});
    }
  }

  void interpret(std::span<const TensorView> outputs, const ImageView& image, RegionResult& result) const {
    if (detector_) {
      result.detections = postprocess::place(detector_->run(outputs), result.placement,
                                             {.classes = config_.class_attributes,
                                              .labels = labels_,
                                              .filter_out_class_ids = config_.filter_out_class_ids,
                                              .crop_objects_to_roi_boundary = config_.crop_objects_to_roi_boundary,
                                              .surface_width = image.width,
                                              .surface_height = image.height});
    } else if (classifier_) {
      auto found = classifier_->run(outputs);
      result.attributes = std::move(found.attributes);
      result.label = std::move(found.label);
    }
  }

  const InferConfig config_;
  const Choices choices_;
  Engine engine_;
  std::string model_;
  Layers layers_;
  std::vector<TensorSpec> outputs_;  // with the batch in front
  NetworkSize size_;
  preprocess::Spec spec_;
  size_t items_per_run_ = 1;
  bool pads_ = false;  // a fixed batch: smaller groups are run at its size
  config::Labels labels_;
  std::unique_ptr<postprocess::Detector> detector_;
  std::unique_ptr<postprocess::Classifier> classifier_;
  std::unique_ptr<Slots> slots_;
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
