// SPDX-License-Identifier: Apache-2.0
//
// The bridge between our nouns (vision/) and DeepStream's metadata: nothing else knows both.
#pragma once

#include <gst/gst.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "edgestream/deepstream/gstnvdsinfer.h"
#include "edgestream/deepstream/gstnvdsmeta.h"
#include "vision/class_attributes.h"
#include "vision/detection.h"

namespace es::gst {

// The buffer becomes the owner of the batch.
void attach_batch_meta(GstBuffer* buffer, NvDsBatchMeta* batch);

// Holds the meta lock of a batch.
class MetaHold {
 public:
  explicit MetaHold(NvDsBatchMeta* batch) : batch_(batch) { nvds_acquire_meta_lock(batch_); }
  ~MetaHold() { nvds_release_meta_lock(batch_); }
  MetaHold(const MetaHold&) = delete;
  MetaHold& operator=(const MetaHold&) = delete;

 private:
  NvDsBatchMeta* batch_;
};

// Calls visit(NvDsFrameMeta&) for each frame, in order.
template <typename Visit>
void for_each_frame(const NvDsBatchMeta* batch, Visit visit) {
  for (GList* at = batch->frame_meta_list; at != nullptr; at = at->next) visit(*static_cast<NvDsFrameMeta*>(at->data));
}

// Calls visit(NvDsObjectMeta&) for each object, in order. The object may be removed by the visit.
template <typename Visit>
void for_each_object(const NvDsFrameMeta& frame, Visit visit) {
  for (GList *at = frame.obj_meta_list, *next = nullptr; at != nullptr; at = next) {
    next = at->next;
    visit(*static_cast<NvDsObjectMeta*>(at->data));
  }
}

// How an engine's results look as metadata.
struct AttachSpec {
  int unique_id = 0;
  std::span<const ClassAttributes> class_attributes;  // colours by class; classes beyond them have the default ones
  const char* classifier_type = nullptr;              // lives as long as the process, or NULL
};

// One object per detection, in order, with the fields of nvinfer.md 8.2. `parent` may be NULL. The caller holds the
// meta lock.
void attach_detections(NvDsFrameMeta& frame, NvDsObjectMeta* parent, std::span<const Detection> detections,
                       const AttachSpec& spec);

// One classifier result on `object` (8.5); with `object` NULL a new one that covers the frame is made first. Nothing
// where there are no attributes or no label. The caller holds the meta lock.
void attach_classification(NvDsFrameMeta& frame, NvDsObjectMeta* object, std::span<const Attribute> attributes,
                           const std::string& label, const AttachSpec& spec);

// The output tensors of one item, as user metadata of the frame or, where given, the object (8.7). `owner` keeps the
// memory behind the layers' buffers alive until the metadata is released.
void attach_tensors(NvDsFrameMeta& frame, NvDsObjectMeta* object, std::span<const NvDsInferLayerInfo> layers,
                    std::shared_ptr<const void> owner, const NvDsInferTensorMeta& description);

// Every object once more as GstVideoRegionOfInterestMeta, which elements of other people read: roi_type is the label,
// params are the structures "detection" and, per classifier label, "classification". Replaces what an earlier call
// left. Nothing on a buffer that is not writable.
void mirror_as_regions(GstBuffer* buffer, const NvDsBatchMeta* batch);

}  // namespace es::gst
