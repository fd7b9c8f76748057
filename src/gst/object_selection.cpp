// SPDX-License-Identifier: Apache-2.0
#include "gst/object_selection.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace es::gst {
namespace {

using config::NetworkType;

constexpr uint64_t buffers_between_cleanings = 1800;
constexpr int64_t frames_between_cleanings = 1800;
constexpr int64_t frames_remembered = 150;

bool exceeds(float size, int limit) { return limit > 0 && size > static_cast<float>(limit); }
bool falls_short(float size, int limit) { return size < static_cast<float>(std::max(1, limit)); }

// As nvinfer counts: a frame number that jumps backwards is a long time.
bool more_frames_than(int64_t from, int64_t to, int limit) {
  return static_cast<uint64_t>(to) - static_cast<uint64_t>(from) > static_cast<uint64_t>(limit);
}

}  // namespace

ObjectSelector::ObjectSelector(const config::InferConfig& config) : config_(config) { sources_[0]; }

void ObjectSelector::add_source(unsigned source) {
  const std::lock_guard lock(mutex_);
  sources_[source];
}

void ObjectSelector::remove_source(unsigned source) {
  const std::lock_guard lock(mutex_);
  sources_.erase(source);
}

void ObjectSelector::forget_objects(unsigned source) {
  const std::lock_guard lock(mutex_);
  const auto found = sources_.find(source);
  if (found != sources_.end()) found->second.objects.clear();
}

bool ObjectSelector::begin_frame(unsigned source, int64_t frame_num) {
  const std::lock_guard lock(mutex_);
  const auto found = sources_.find(source);
  if (found == sources_.end()) return false;
  found->second.last_frame = frame_num;
  return true;
}

bool ObjectSelector::passes_filters(const NvDsObjectMeta& object) const {
  const auto& box = object.rect_params;
  const auto& classes = config_.operate_on_class_ids;
  if (config_.operate_on_gie_id > -1 && object.unique_component_id != config_.operate_on_gie_id) return false;
  if (falls_short(box.width, config_.input_object_min_width)) return false;
  if (falls_short(box.height, config_.input_object_min_height)) return false;
  if (exceeds(box.width, config_.input_object_max_width)) return false;
  if (exceeds(box.height, config_.input_object_max_height)) return false;
  return classes.empty() || std::ranges::find(classes, object.class_id) != classes.end();
}

bool ObjectSelector::is_due(const History* history, int64_t frame_num, const NvDsObjectMeta& object) const {
  const int interval = config_.secondary_reinfer_interval;
  if (history == nullptr) return true;
  if (config_.network_type == NetworkType::classifier) {
    const auto& box = object.rect_params;
    const bool grown = 1.2 * history->width * history->height < static_cast<double>(box.width) * box.height;
    return grown || more_frames_than(history->inferred_frame, frame_num, interval);
  }
  if (config_.network_type == NetworkType::detector) {
    const bool always = interval == std::numeric_limits<int>::max();
    return always || more_frames_than(history->inferred_frame, frame_num, interval);
  }
  return true;
}

ObjectSelector::History* ObjectSelector::find(unsigned source, uint64_t object_id) {
  const auto at = sources_.find(source);
  if (at == sources_.end() || object_id == UNTRACKED_OBJECT_ID) return nullptr;
  const auto found = at->second.objects.find(object_id);
  return found != at->second.objects.end() ? &found->second : nullptr;
}

ObjectSelector::Decision ObjectSelector::decide(unsigned source, int64_t frame_num, const NvDsObjectMeta& object) {
  const std::lock_guard lock(mutex_);
  History* history = find(source, object.object_id);
  const Decision decision{.infer = passes_filters(object) && is_due(history, frame_num, object),
                          .known = history != nullptr};
  if (history == nullptr && decision.infer && object.object_id != UNTRACKED_OBJECT_ID) {
    history = &sources_[source].objects[object.object_id];
  }
  if (history == nullptr) return decision;
  history->accessed_frame = frame_num;
  if (decision.infer) {
    history->under_inference = true;
    history->inferred_frame = frame_num;
    history->width = object.rect_params.width;
    history->height = object.rect_params.height;
  }
  return decision;
}

void ObjectSelector::store(unsigned source, uint64_t object_id, int64_t frame_num, Classification classification) {
  const std::lock_guard lock(mutex_);
  History* history = find(source, object_id);
  if (history == nullptr) return;
  history->classification = std::move(classification);
  if (frame_num == history->inferred_frame) history->under_inference = false;
}

void ObjectSelector::give_up(unsigned source, uint64_t object_id, int64_t frame_num) {
  const std::lock_guard lock(mutex_);
  History* history = find(source, object_id);
  if (history != nullptr && frame_num == history->inferred_frame) history->under_inference = false;
}

std::optional<Classification> ObjectSelector::recall(unsigned source, uint64_t object_id) const {
  const std::lock_guard lock(mutex_);
  const History* history = const_cast<ObjectSelector*>(this)->find(source, object_id);
  if (history == nullptr) return std::nullopt;
  return history->classification;
}

void ObjectSelector::end_buffer() {
  const std::lock_guard lock(mutex_);
  if (++buffers_since_cleaning_ <= buffers_between_cleanings) return;
  buffers_since_cleaning_ = 0;
  for (auto& at : sources_) {
    Source& source = at.second;
    if (source.last_frame - source.cleaned_frame < frames_between_cleanings) continue;
    source.cleaned_frame = source.last_frame;
    std::erase_if(source.objects, [&source](const auto& object) {
      const History& history = object.second;
      return !history.under_inference && source.last_frame - history.accessed_frame > frames_remembered;
    });
  }
}

}  // namespace es::gst
