// SPDX-License-Identifier: Apache-2.0
//
// Selection follows nvinfer.md 4.2 and 4.4, attachment 8.1 to 8.8.
#include "gst/batch_inference.h"

#include <functional>
#include <utility>

namespace es::gst {
namespace {

using config::NetworkType;

NvDsInferDataType data_type(DType dtype) {
  switch (dtype) {
    case DType::f16:
      return HALF;
    case DType::i8:
      return INT8;
    case DType::i32:
      return INT32;
    case DType::i64:
      return INT64;
    case DType::u8:
    case DType::boolean:
      return UINT8;
    default:
      return FLOAT;
  }
}

NvDsInferLayerInfo layer_info(const TensorSpec& spec, int index) {
  NvDsInferLayerInfo info{};
  info.dataType = data_type(spec.dtype);
  info.bindingIndex = index;
  info.layerName = spec.name.c_str();
  auto& dims = info.inferDims;
  dims.numElements = 1;
  for (const int64_t size : spec.shape.dims()) {
    if (dims.numDims == NVDSINFER_MAX_DIMS) break;
    dims.d[dims.numDims++] = static_cast<unsigned>(size);
    dims.numElements *= static_cast<unsigned>(size);
  }
  return info;
}

FrameBox box_of(const NvDsObjectMeta& object) {
  const auto& box = object.rect_params;
  return {box.left, box.top, box.width, box.height};
}

}  // namespace

std::unique_ptr<Network> open_network(const config::InferConfig& config) {
  auto network = std::make_unique<Network>();
  network->inferencer = infer::Inferencer::open(config);
  network->selector = std::make_unique<ObjectSelector>(network->config());
  const auto& opened = network->config();
  network->attach = {
      .unique_id = static_cast<int>(opened.gie_unique_id),
      .class_attributes = opened.class_attributes,
      .classifier_type = opened.classifier_type.empty() ? nullptr : g_intern_string(opened.classifier_type.c_str())};
  int index = static_cast<int>(network->inferencer->input_layers().size());
  for (const auto& spec : network->inferencer->output_layers()) network->layers.push_back(layer_info(spec, index++));
  network->asynchronous = opened.classifier_async_mode && opened.network_type == NetworkType::classifier &&
                          opened.process_mode == config::ProcessMode::secondary;
  return network;
}

// ---- select ---------------------------------------------------------------------------------------------------------

BatchInference::Chunk& BatchInference::open_chunk() {
  if (chunks_.empty() || chunks_.back().results.valid()) chunks_.emplace_back();
  return chunks_.back();
}

void BatchInference::add(Network& network, Item item, infer::Region region, std::shared_ptr<const void> keep_alive) {
  Chunk& chunk = open_chunk();
  chunk.items.push_back(item);
  chunk.regions.push_back(region);
  if (chunk.items.size() == network.config().batch_size) submit(network, std::move(keep_alive));
}

// The chunk that is being filled, if there is one.
void BatchInference::submit(Network& network, std::shared_ptr<const void> keep_alive) {
  if (chunks_.empty() || chunks_.back().results.valid()) return;
  Chunk& chunk = chunks_.back();
  chunk.results = network.inferencer->submit(std::exchange(chunk.regions, {}), std::move(keep_alive));
}

BatchInference BatchInference::of_frames(Network& network, NvDsBatchMeta* batch, std::span<const Frame> frames) {
  BatchInference inference;
  for_each_frame(batch, [&](NvDsFrameMeta& frame) {
    if (frame.batch_id >= frames.size()) return;
    const Item item{.frame = &frame, .source = frame.pad_index, .frame_num = frame.frame_num};
    inference.add(network, item, {.image = frames[frame.batch_id].view(), .rect = {}, .whole_frame = true}, nullptr);
  });
  inference.submit(network, nullptr);
  return inference;
}

BatchInference BatchInference::of_objects(Network& network, NvDsBatchMeta* batch, std::span<const Frame> frames,
                                          const std::function<void(unsigned)>& unknown_source) {
  BatchInference inference;
  // The buffer may be gone before an asynchronous result is there: its pixels then stay for this alone.
  std::shared_ptr<const void> keep_alive;
  if (network.asynchronous) keep_alive = std::make_shared<std::vector<Frame>>(frames.begin(), frames.end());
  const MetaHold hold(batch);
  for_each_frame(batch, [&](NvDsFrameMeta& frame) {
    if (frame.batch_id >= frames.size()) return;
    if (!network.selector->begin_frame(frame.pad_index, frame.frame_num)) return unknown_source(frame.pad_index);
    for_each_object(frame, [&](NvDsObjectMeta& object) {
      inference.add_object(network, frame, object, frames[frame.batch_id], keep_alive);
    });
  });
  inference.submit(network, keep_alive);
  network.selector->end_buffer();
  return inference;
}

void BatchInference::add_object(Network& network, NvDsFrameMeta& frame, NvDsObjectMeta& object, const Frame& picture,
                                const std::shared_ptr<const void>& keep_alive) {
  const bool tracked = object.object_id != UNTRACKED_OBJECT_ID;
  if (network.asynchronous && !tracked) return;
  const Item item{&frame, &object, frame.pad_index, frame.frame_num, object.object_id};
  const auto decision = network.selector->decide(item.source, item.frame_num, object);
  if (network.asynchronous && decision.known) {
    const auto known = network.selector->recall(item.source, item.object_id);
    attach_classification(frame, &object, known->attributes, known->label, network.attach);
  } else if (!decision.infer && decision.known && network.config().network_type == NetworkType::classifier) {
    open_chunk().recalled.push_back(item);
  }
  if (decision.infer) add(network, item, {.image = picture.view(), .rect = box_of(object)}, keep_alive);
}

// ---- attach ---------------------------------------------------------------------------------------------------------

void BatchInference::attach(Network& network, NvDsBatchMeta* batch) {
  std::exception_ptr first;
  for (auto& chunk : chunks_) {
    chunk.results.wait();
    const MetaHold hold(batch);
    try {
      attach_chunk(network, chunk);
    } catch (...) {
      if (!first) first = std::current_exception();
    }
  }
  chunks_.clear();
  if (first) std::rethrow_exception(first);
}

void BatchInference::attach_chunk(Network& network, Chunk& chunk) {
  const auto results = chunk.results.get();
  for (size_t i = 0; i < results.size(); ++i) attach_result(network, chunk.items[i], results[i]);
  for (const auto& item : chunk.recalled) {
    const auto known = network.selector->recall(item.source, item.object_id);
    if (known) attach_classification(*item.frame, item.object, known->attributes, known->label, network.attach);
  }
  for (size_t i = 0; i < results.size(); ++i) attach_output_tensors(network, chunk.items[i], results[i]);
}

void BatchInference::attach_result(Network& network, const Item& item, const infer::RegionResult& result) {
  if (!result.inferred) return network.selector->give_up(item.source, item.object_id, item.frame_num);
  const auto type = network.config().network_type;
  if (type == NetworkType::other) return;
  item.frame->bInferDone = TRUE;
  if (type != NetworkType::classifier) {
    return attach_detections(*item.frame, item.object, result.detections, network.attach);
  }
  if (item.object != nullptr) {
    network.selector->store(item.source, item.object_id, item.frame_num, {result.attributes, result.label});
  }
  attach_classification(*item.frame, item.object, result.attributes, result.label, network.attach);
}

void BatchInference::attach_output_tensors(Network& network, const Item& item, const infer::RegionResult& result) {
  const auto& config = network.config();
  if (!result.inferred || result.tensors == nullptr || !config.output_tensor_meta) return;
  auto layers = network.layers;
  for (size_t i = 0; i < layers.size(); ++i) layers[i].buffer = const_cast<void*>(result.tensors->layers[i].data);
  const auto info = network.inferencer->info();
  NvDsInferTensorMeta description{};
  description.unique_id = config.gie_unique_id;
  description.gpu_id = static_cast<gint>(config.gpu_id);
  description.network_info = {static_cast<unsigned>(info.width), static_cast<unsigned>(info.height),
                              static_cast<unsigned>(info.channels)};
  description.maintain_aspect_ratio = config.maintain_aspect_ratio;
  description.symmetric_padding = config.symmetric_padding;
  attach_tensors(*item.frame, item.object, layers, result.tensors, description);
}

void BatchInference::remember(Network& network) {
  for (auto& chunk : chunks_) {
    const auto results = chunk.results.get();
    for (size_t i = 0; i < results.size(); ++i) {
      const auto& item = chunk.items[i];
      if (results[i].inferred) {
        network.selector->store(item.source, item.object_id, item.frame_num, {results[i].attributes, results[i].label});
      } else {
        network.selector->give_up(item.source, item.object_id, item.frame_num);
      }
    }
  }
}

}  // namespace es::gst
