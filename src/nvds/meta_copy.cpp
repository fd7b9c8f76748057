// SPDX-License-Identifier: Apache-2.0
//
// Deep copies of metadata. A copy lives in the destination's pools: what the original owns is duplicated, what it
// merely points to (font_name, classifier_type, sensor names) is pointed to again, and a parent is the copy of the
// parent.
#include <cstring>
#include <unordered_map>

#include "nvds/pool.h"

namespace {

// `to` becomes `from`, but stays the element it is: its own base, empty lists and nothing owned yet.
template <typename Element>
void copy_fields(const Element& from, Element& to) {
  const NvDsBaseMeta base = to.base_meta;
  to = from;
  to.base_meta = base;
}

NvOSD_TextParams copy_text(const NvOSD_TextParams& text) {
  NvOSD_TextParams copy = text;
  copy.display_text = g_strdup(text.display_text);
  return copy;
}

NvOSD_MaskParams copy_mask(const NvOSD_MaskParams& mask) {
  NvOSD_MaskParams copy = mask;
  copy.data = mask.data != nullptr ? static_cast<float*>(g_memdup2(mask.data, mask.size)) : nullptr;
  return copy;
}

// What a destination owned before it is overwritten.
void give_up(NvDsBaseMeta& base) {
  if (base.release_func != nullptr) base.release_func(&base, nullptr);
}

template <typename Owner, typename Add>
void copy_user_list(GList* from, NvDsBatchMeta* batch, Owner* to, Add add) {
  for (GList* at = from; at != nullptr; at = at->next) {
    auto* source = static_cast<NvDsUserMeta*>(at->data);
    if (source->base_meta.copy_func == nullptr) continue;
    NvDsUserMeta* copy = nvds_acquire_user_meta_from_pool(batch);
    copy->base_meta.meta_type = source->base_meta.meta_type;
    copy->base_meta.uContext = source->base_meta.uContext;
    copy->base_meta.copy_func = source->base_meta.copy_func;
    copy->base_meta.release_func = source->base_meta.release_func;
    copy->user_meta_data = source->base_meta.copy_func(source, nullptr);
    add(to, copy);
  }
}

}  // namespace

extern "C" {

gpointer nvds_batch_meta_copy_func(gpointer data, gpointer) {
  auto* source = static_cast<NvDsBatchMeta*>(data);
  const es::nvds::MetaLock lock(source);
  NvDsBatchMeta* copy = nvds_create_batch_meta(source->max_frames_in_batch);
  copy->base_meta.uContext = source->base_meta.uContext;
  std::memcpy(copy->misc_batch_info, source->misc_batch_info, sizeof copy->misc_batch_info);
  std::memcpy(copy->reserved, source->reserved, sizeof copy->reserved);
  nvds_copy_frame_meta_list(source->frame_meta_list, copy);
  nvds_copy_batch_user_meta_list(source->batch_user_meta_list, copy);
  return copy;
}

void nvds_copy_frame_meta(NvDsFrameMeta* src_frame_meta, NvDsFrameMeta* dst_frame_meta) {
  give_up(dst_frame_meta->base_meta);
  copy_fields(*src_frame_meta, *dst_frame_meta);
  dst_frame_meta->obj_meta_list = nullptr;
  dst_frame_meta->display_meta_list = nullptr;
  dst_frame_meta->frame_user_meta_list = nullptr;
  dst_frame_meta->num_obj_meta = 0;
  nvds_copy_obj_meta_list(src_frame_meta->obj_meta_list, dst_frame_meta);
  nvds_copy_display_meta_list(src_frame_meta->display_meta_list, dst_frame_meta);
  nvds_copy_frame_user_meta_list(src_frame_meta->frame_user_meta_list, dst_frame_meta);
}

void nvds_copy_obj_meta(NvDsObjectMeta* src_object_meta, NvDsObjectMeta* dst_object_meta) {
  give_up(dst_object_meta->base_meta);
  copy_fields(*src_object_meta, *dst_object_meta);
  if (dst_object_meta->base_meta.batch_meta != src_object_meta->base_meta.batch_meta) dst_object_meta->parent = nullptr;
  dst_object_meta->text_params = copy_text(src_object_meta->text_params);
  dst_object_meta->mask_params = copy_mask(src_object_meta->mask_params);
  dst_object_meta->classifier_meta_list = nullptr;
  dst_object_meta->obj_user_meta_list = nullptr;
  nvds_copy_classification_list(src_object_meta->classifier_meta_list, dst_object_meta);
  nvds_copy_obj_user_meta_list(src_object_meta->obj_user_meta_list, dst_object_meta);
}

void nvds_copy_classifier_meta(NvDsClassifierMeta* src_classifier_meta, NvDsClassifierMeta* dst_classifier_meta) {
  give_up(dst_classifier_meta->base_meta);
  copy_fields(*src_classifier_meta, *dst_classifier_meta);
  dst_classifier_meta->label_info_list = nullptr;
  dst_classifier_meta->num_labels = 0;
  nvds_copy_label_info_list(src_classifier_meta->label_info_list, dst_classifier_meta);
}

void nvds_copy_label_info_meta(NvDsLabelInfo* src_label_info, NvDsLabelInfo* dst_label_info) {
  give_up(dst_label_info->base_meta);
  copy_fields(*src_label_info, *dst_label_info);
  dst_label_info->pResult_label = g_strdup(src_label_info->pResult_label);
}

void nvds_copy_display_meta(NvDsDisplayMeta* src_display_meta, NvDsDisplayMeta* dst_display_meta) {
  give_up(dst_display_meta->base_meta);
  copy_fields(*src_display_meta, *dst_display_meta);
  for (auto& text : dst_display_meta->text_params) text = copy_text(text);
}

void nvds_copy_frame_meta_list(NvDsFrameMetaList* src_frame_meta_list, NvDsBatchMeta* dst_batch_meta) {
  for (GList* at = src_frame_meta_list; at != nullptr; at = at->next) {
    NvDsFrameMeta* copy = nvds_acquire_frame_meta_from_pool(dst_batch_meta);
    nvds_copy_frame_meta(static_cast<NvDsFrameMeta*>(at->data), copy);
    nvds_add_frame_meta_to_batch(dst_batch_meta, copy);
  }
}

void nvds_copy_obj_meta_list(NvDsObjectMetaList* src_obj_meta_list, NvDsFrameMeta* dst_frame_meta) {
  std::unordered_map<NvDsObjectMeta*, NvDsObjectMeta*> copies;
  for (GList* at = src_obj_meta_list; at != nullptr; at = at->next) {
    auto* source = static_cast<NvDsObjectMeta*>(at->data);
    NvDsObjectMeta* copy = nvds_acquire_obj_meta_from_pool(dst_frame_meta->base_meta.batch_meta);
    nvds_copy_obj_meta(source, copy);
    nvds_add_obj_meta_to_frame(dst_frame_meta, copy, nullptr);
    copies.emplace(source, copy);
  }
  for (const auto& [source, copy] : copies) {
    const auto parent = copies.find(source->parent);
    if (parent != copies.end()) copy->parent = parent->second;
  }
}

void nvds_copy_classification_list(NvDsClassifierMetaList* src_classifier_meta_list, NvDsObjectMeta* dst_object_meta) {
  for (GList* at = src_classifier_meta_list; at != nullptr; at = at->next) {
    NvDsClassifierMeta* copy = nvds_acquire_classifier_meta_from_pool(dst_object_meta->base_meta.batch_meta);
    nvds_copy_classifier_meta(static_cast<NvDsClassifierMeta*>(at->data), copy);
    nvds_add_classifier_meta_to_object(dst_object_meta, copy);
  }
}

void nvds_copy_label_info_list(NvDsLabelInfoList* src_label_info_list, NvDsClassifierMeta* dst_classifier_meta) {
  for (GList* at = src_label_info_list; at != nullptr; at = at->next) {
    NvDsLabelInfo* copy = nvds_acquire_label_info_meta_from_pool(dst_classifier_meta->base_meta.batch_meta);
    nvds_copy_label_info_meta(static_cast<NvDsLabelInfo*>(at->data), copy);
    nvds_add_label_info_meta_to_classifier(dst_classifier_meta, copy);
  }
}

void nvds_copy_display_meta_list(NvDisplayMetaList* src_display_meta_list, NvDsFrameMeta* dst_frame_meta) {
  for (GList* at = src_display_meta_list; at != nullptr; at = at->next) {
    NvDsDisplayMeta* copy = nvds_acquire_display_meta_from_pool(dst_frame_meta->base_meta.batch_meta);
    nvds_copy_display_meta(static_cast<NvDsDisplayMeta*>(at->data), copy);
    nvds_add_display_meta_to_frame(dst_frame_meta, copy);
  }
}

void nvds_copy_batch_user_meta_list(NvDsUserMetaList* src_user_meta_list, NvDsBatchMeta* dst_batch_meta) {
  copy_user_list(src_user_meta_list, dst_batch_meta, dst_batch_meta, nvds_add_user_meta_to_batch);
}
void nvds_copy_frame_user_meta_list(NvDsUserMetaList* src_user_meta_list, NvDsFrameMeta* dst_frame_meta) {
  copy_user_list(src_user_meta_list, dst_frame_meta->base_meta.batch_meta, dst_frame_meta, nvds_add_user_meta_to_frame);
}
void nvds_copy_obj_user_meta_list(NvDsUserMetaList* src_user_meta_list, NvDsObjectMeta* dst_object_meta) {
  copy_user_list(src_user_meta_list, dst_object_meta->base_meta.batch_meta, dst_object_meta, nvds_add_user_meta_to_obj);
}

}  // extern "C"
