// SPDX-License-Identifier: Apache-2.0
#include "infer/runner.h"

#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "infer/network.h"
#include "infer/shapes.h"

namespace es::infer {
namespace {

// Item `item` of every output, as nvinfer shows it: without the first dimension.
std::vector<TensorView> item_of(const std::vector<Tensor>& outputs, size_t item) {
  std::vector<TensorView> views;
  for (const Tensor& tensor : outputs) {
    const Shape rest = layer_shape(tensor.shape());
    const size_t bytes = static_cast<size_t>(rest.elements()) * size_of(tensor.dtype());
    views.push_back({static_cast<const uint8_t*>(tensor.data()) + item * bytes, rest, tensor.dtype()});
  }
  return views;
}

}  // namespace

// A slot for the time of a run.
class Runner::Lease {
 public:
  explicit Lease(const Runner& runner) : runner_(runner) {
    {
      const std::lock_guard lock(runner.mutex_);
      if (!runner.free_slots_.empty()) {
        slot_ = std::move(runner.free_slots_.back());
        runner.free_slots_.pop_back();
      }
    }
    if (!slot_) slot_ = std::make_unique<Slot>(Slot{Tensor(runner.input_shape(), DType::f32), {}});
  }
  ~Lease() {
    const std::lock_guard lock(runner_.mutex_);
    runner_.free_slots_.push_back(std::move(slot_));
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  Slot& operator*() { return *slot_; }

 private:
  const Runner& runner_;
  std::unique_ptr<Slot> slot_;
};

Runner::Runner(Engine engine, preprocess::Spec spec, const Choices& choices, unsigned batch_size)
    : engine_(std::move(engine)), model_(engine_.header.model_name), spec_(std::move(spec)) {
  const auto fixed = engine_.fixed_batch();
  require(!fixed || (*fixed >= 1 && *fixed <= most_batch), ErrorKind::unsupported, model_, ": has a fixed batch of ",
          fixed.value_or(0), ", 1 to ", most_batch, " can be run");
  items_per_run_ = fixed ? static_cast<size_t>(*fixed) : choices.real_batches ? batch_size : 1;
  pads_ = fixed.has_value();
  if (fixed && (*fixed > 1 || choices.real_batches)) log(LogLevel::warning, model_, ": ", fixed_batch_note(*fixed));
  warm_up();
}

Shape Runner::input_shape() const {
  const auto items = static_cast<int64_t>(items_per_run_);
  if (spec_.layout == preprocess::Layout::nhwc) return {items, spec_.height, spec_.width, spec_.channels()};
  return {items, spec_.channels(), spec_.height, spec_.width};
}

// The second run, with a smaller batch, is for models that say they take any.
void Runner::warm_up() {
  Lease lease(*this);
  Slot& slot = *lease;
  outputs_.assign(engine_.session->outputs().begin(), engine_.session->outputs().end());
  run_network(slot, items_per_run_);
  for (size_t i = 0; i < outputs_.size(); ++i) {
    for (size_t axis = 1; axis < outputs_[i].shape.rank(); ++axis) {
      if (outputs_[i].shape[axis] < 0) outputs_[i].shape[axis] = slot.outputs[i].shape()[axis];
    }
  }
  if (!pads_ && items_per_run_ > 1) run_network(slot, 1);
}

void Runner::run(std::span<const Region> regions, std::span<RegionResult> results,
                 const Interpreter& interpreter) const {
  Lease lease(*this);
  Slot& slot = *lease;
  std::vector<size_t> inferred;  // which region each item is
  for (size_t i = 0; i < regions.size(); ++i) {
    if (fill(regions[i], results[i], slot, inferred.size())) inferred.push_back(i);
  }
  if (inferred.empty()) return;
  run_network(slot, pads_ ? items_per_run_ : inferred.size());

  std::shared_ptr<const std::vector<Tensor>> kept;
  if (interpreter.keeps_tensors()) {
    kept = std::make_shared<const std::vector<Tensor>>(std::exchange(slot.outputs, {}));
  }
  for (size_t item = 0; item < inferred.size(); ++item) {
    RegionResult& result = results[inferred[item]];
    const auto layers = item_of(kept ? *kept : slot.outputs, item);
    interpreter.read(layers, regions[inferred[item]].image, result);
    if (kept) result.tensors = std::make_shared<const Outputs>(Outputs{layers, kept});
  }
}

bool Runner::fill(const Region& region, RegionResult& result, Slot& slot, size_t item) const {
  const ImageView& image = region.image;
  const FrameBox whole{0, 0, static_cast<float>(image.width), static_cast<float>(image.height)};
  const auto placement = preprocess::place(region.whole_frame ? whole : region.rect, image.width, image.height, spec_);
  if (!placement) return false;
  result.inferred = true;
  result.placement = *placement;
  const size_t elements = spec_.elements();
  preprocess::preprocess(image, *placement, spec_, slot.input.floats().subspan(item * elements, elements));
  return true;
}

void Runner::run_network(Slot& slot, size_t items) const {
  TensorView view = slot.input.view();
  view.shape[0] = static_cast<int64_t>(items);
  engine_.session->run(std::span(&view, 1), slot.outputs);
  for (size_t i = 0; items > 1 && i < slot.outputs.size(); ++i) {
    const Shape& shape = slot.outputs[i].shape();
    require(shape.rank() >= 1 && shape[0] == static_cast<int64_t>(items), ErrorKind::mismatch, model_, ": output '",
            printable(outputs_[i].name), "' is ", shape, " for a batch of ", items,
            "; its items cannot be told apart, use edgestream-batch=items");
  }
}

}  // namespace es::infer
