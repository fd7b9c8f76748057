// SPDX-License-Identifier: Apache-2.0
//
// Batches, and elements in and out of their lists: what nvdsmeta.h declares, copies excepted (meta_copy.cpp).
//
// Adding, removing and clearing take the batch's recursive lock, so parallel branches may work on one batch even where
// they forget to.
#include <cstdio>
#include <iterator>

#include "nvds/pool.h"

namespace es::nvds {
namespace {

template <typename Element>
Element* acquire(NvDsBatchMeta* batch, KindIndex kind) {
  return static_cast<Element*>(pool_of(batch, kind).acquire());
}

void give_back(void* element, KindIndex kind) {
  pool_of(static_cast<NvDsBaseMeta*>(element)->batch_meta, kind).give_back(element);
}

// Everything in `list` back to the pools; `list` is NULL afterwards.
void give_back_all(GList*& list, KindIndex kind) {
  while (list != nullptr) {
    void* element = list->data;
    list = g_list_delete_link(list, list);
    give_back(element, kind);
  }
}

void clean_frame(void* element) {
  auto* frame = static_cast<NvDsFrameMeta*>(element);
  give_back_all(frame->obj_meta_list, object_kind);
  give_back_all(frame->display_meta_list, display_kind);
  give_back_all(frame->frame_user_meta_list, user_kind);
  frame->num_obj_meta = 0;
}

void clean_object(void* element) {
  auto* object = static_cast<NvDsObjectMeta*>(element);
  give_back_all(object->classifier_meta_list, classifier_kind);
  give_back_all(object->obj_user_meta_list, user_kind);
  g_clear_pointer(&object->text_params.display_text, g_free);
  g_clear_pointer(&object->mask_params.data, g_free);
}

void clean_classifier(void* element) {
  auto* classifier = static_cast<NvDsClassifierMeta*>(element);
  give_back_all(classifier->label_info_list, label_kind);
  classifier->num_labels = 0;
}

void clean_display(void* element) {
  for (auto& text : static_cast<NvDsDisplayMeta*>(element)->text_params) g_clear_pointer(&text.display_text, g_free);
}

void clean_label(void* element) { g_clear_pointer(&static_cast<NvDsLabelInfo*>(element)->pResult_label, g_free); }

void clean_user(void* element) { static_cast<NvDsUserMeta*>(element)->user_meta_data = nullptr; }

// base_meta.copy_func of a fresh element: a deep copy out of the pools of `batch`, by default those of the original.
template <typename Element, KindIndex kind, void (*copy)(Element*, Element*)>
gpointer copy_element(gpointer data, gpointer batch) {
  auto* source = static_cast<Element*>(data);
  auto* owner = batch != nullptr ? static_cast<NvDsBatchMeta*>(batch) : source->base_meta.batch_meta;
  auto* made = acquire<Element>(owner, kind);
  copy(source, made);
  return made;
}

template <void (*clean)(void*)>
void release_element(gpointer data, gpointer) {
  clean(data);
}

const Kind kinds[] = {
    {NVDS_FRAME_META, sizeof(NvDsFrameMeta), &NvDsBatchMeta::frame_meta_pool, clean_frame,
     copy_element<NvDsFrameMeta, frame_kind, nvds_copy_frame_meta>, release_element<clean_frame>},
    {NVDS_OBJ_META, sizeof(NvDsObjectMeta), &NvDsBatchMeta::obj_meta_pool, clean_object,
     copy_element<NvDsObjectMeta, object_kind, nvds_copy_obj_meta>, release_element<clean_object>},
    {NVDS_CLASSIFIER_META, sizeof(NvDsClassifierMeta), &NvDsBatchMeta::classifier_meta_pool, clean_classifier,
     copy_element<NvDsClassifierMeta, classifier_kind, nvds_copy_classifier_meta>, release_element<clean_classifier>},
    {NVDS_DISPLAY_META, sizeof(NvDsDisplayMeta), &NvDsBatchMeta::display_meta_pool, clean_display,
     copy_element<NvDsDisplayMeta, display_kind, nvds_copy_display_meta>, release_element<clean_display>},
    {NVDS_USER_META, sizeof(NvDsUserMeta), &NvDsBatchMeta::user_meta_pool, clean_user, nullptr, nullptr},
    {NVDS_LABEL_INFO_META, sizeof(NvDsLabelInfo), &NvDsBatchMeta::label_info_meta_pool, clean_label,
     copy_element<NvDsLabelInfo, label_kind, nvds_copy_label_info_meta>, release_element<clean_label>},
};
static_assert(std::size(kinds) == std::tuple_size_v<decltype(Batch::pools)>);

NvDsBatchMeta* batch_of(const void* element) {
  return element != nullptr ? static_cast<const NvDsBaseMeta*>(element)->batch_meta : nullptr;
}

void append(GList*& list, void* element) { list = g_list_append(list, element); }

// True where the element was in the list; it is in the pool then.
bool remove(GList*& list, void* element, KindIndex kind) {
  GList* node = g_list_find(list, element);
  if (node == nullptr) return false;
  list = g_list_delete_link(list, node);
  give_back(element, kind);
  return true;
}

// Clears `meta_list`; where it is the owner's own list, that becomes NULL.
void clear(GList*& owned, GList* meta_list, KindIndex kind) {
  if (owned == meta_list) owned = nullptr;
  give_back_all(meta_list, kind);
}

}  // namespace

const Kind& kind_at(KindIndex index) { return kinds[index]; }

}  // namespace es::nvds

using namespace es::nvds;

extern "C" {

NvDsBatchMeta* nvds_create_batch_meta(guint max_batch_size) {
  auto* batch = new Batch{};
  batch->base_meta = {batch, NVDS_BATCH_META, nullptr, nvds_batch_meta_copy_func, nvds_batch_meta_release_func};
  batch->max_frames_in_batch = max_batch_size;
  g_rec_mutex_init(&batch->meta_mutex);
  for (size_t i = 0; i < batch->pools.size(); ++i) {
    batch->pools[i].open(batch, kinds[i]);
    batch->*kinds[i].pool = batch->pools[i].face();
  }
  return batch;
}

gboolean nvds_destroy_batch_meta(NvDsBatchMeta* batch_meta) {
  if (batch_meta == nullptr) return FALSE;
  auto* batch = static_cast<Batch*>(batch_meta);
  give_back_all(batch->frame_meta_list, frame_kind);
  give_back_all(batch->batch_user_meta_list, user_kind);
  for (auto& pool : batch->pools) pool.close();
  g_rec_mutex_clear(&batch->meta_mutex);
  delete batch;
  return TRUE;
}

void nvds_batch_meta_release_func(gpointer data, gpointer) {
  nvds_destroy_batch_meta(static_cast<NvDsBatchMeta*>(data));
}

void nvds_acquire_meta_lock(NvDsBatchMeta* batch_meta) { g_rec_mutex_lock(&batch_meta->meta_mutex); }
void nvds_release_meta_lock(NvDsBatchMeta* batch_meta) { g_rec_mutex_unlock(&batch_meta->meta_mutex); }

NvDsFrameMeta* nvds_acquire_frame_meta_from_pool(NvDsBatchMeta* batch_meta) {
  return acquire<NvDsFrameMeta>(batch_meta, frame_kind);
}
NvDsObjectMeta* nvds_acquire_obj_meta_from_pool(NvDsBatchMeta* batch_meta) {
  auto* object = acquire<NvDsObjectMeta>(batch_meta, object_kind);
  object->object_id = UNTRACKED_OBJECT_ID;
  return object;
}
NvDsClassifierMeta* nvds_acquire_classifier_meta_from_pool(NvDsBatchMeta* batch_meta) {
  return acquire<NvDsClassifierMeta>(batch_meta, classifier_kind);
}
NvDsDisplayMeta* nvds_acquire_display_meta_from_pool(NvDsBatchMeta* batch_meta) {
  return acquire<NvDsDisplayMeta>(batch_meta, display_kind);
}
NvDsUserMeta* nvds_acquire_user_meta_from_pool(NvDsBatchMeta* batch_meta) {
  return acquire<NvDsUserMeta>(batch_meta, user_kind);
}
NvDsLabelInfo* nvds_acquire_label_info_meta_from_pool(NvDsBatchMeta* batch_meta) {
  return acquire<NvDsLabelInfo>(batch_meta, label_kind);
}

void nvds_add_frame_meta_to_batch(NvDsBatchMeta* batch_meta, NvDsFrameMeta* frame_meta) {
  const MetaLock lock(batch_meta);
  append(batch_meta->frame_meta_list, frame_meta);
  ++batch_meta->num_frames_in_batch;
}
void nvds_add_obj_meta_to_frame(NvDsFrameMeta* frame_meta, NvDsObjectMeta* obj_meta, NvDsObjectMeta* obj_parent) {
  const MetaLock lock(batch_of(frame_meta));
  obj_meta->parent = obj_parent;
  append(frame_meta->obj_meta_list, obj_meta);
  ++frame_meta->num_obj_meta;
}
void nvds_add_classifier_meta_to_object(NvDsObjectMeta* obj_meta, NvDsClassifierMeta* classifier_meta) {
  const MetaLock lock(batch_of(obj_meta));
  append(obj_meta->classifier_meta_list, classifier_meta);
}
void nvds_add_classifier_meta_to_roi(NvDsRoiMeta* roi_meta, NvDsClassifierMeta* classifier_meta) {
  const MetaLock lock(batch_of(classifier_meta));
  append(roi_meta->classifier_meta_list, classifier_meta);
}
void nvds_add_label_info_meta_to_classifier(NvDsClassifierMeta* classifier_meta, NvDsLabelInfo* label_info_meta) {
  const MetaLock lock(batch_of(classifier_meta));
  append(classifier_meta->label_info_list, label_info_meta);
  ++classifier_meta->num_labels;
}
void nvds_add_display_meta_to_frame(NvDsFrameMeta* frame_meta, NvDsDisplayMeta* display_meta) {
  const MetaLock lock(batch_of(frame_meta));
  append(frame_meta->display_meta_list, display_meta);
}
void nvds_add_user_meta_to_batch(NvDsBatchMeta* batch_meta, NvDsUserMeta* user_meta) {
  const MetaLock lock(batch_meta);
  append(batch_meta->batch_user_meta_list, user_meta);
}
void nvds_add_user_meta_to_frame(NvDsFrameMeta* frame_meta, NvDsUserMeta* user_meta) {
  const MetaLock lock(batch_of(frame_meta));
  append(frame_meta->frame_user_meta_list, user_meta);
}
void nvds_add_user_meta_to_obj(NvDsObjectMeta* obj_meta, NvDsUserMeta* user_meta) {
  const MetaLock lock(batch_of(obj_meta));
  append(obj_meta->obj_user_meta_list, user_meta);
}
void nvds_add_user_meta_to_roi(NvDsRoiMeta* roi_meta, NvDsUserMeta* user_meta) {
  const MetaLock lock(batch_of(user_meta));
  append(roi_meta->roi_user_meta_list, user_meta);
}

void nvds_remove_frame_meta_from_batch(NvDsBatchMeta* batch_meta, NvDsFrameMeta* frame_meta) {
  const MetaLock lock(batch_meta);
  if (remove(batch_meta->frame_meta_list, frame_meta, frame_kind)) --batch_meta->num_frames_in_batch;
}
void nvds_remove_obj_meta_from_frame(NvDsFrameMeta* frame_meta, NvDsObjectMeta* obj_meta) {
  const MetaLock lock(batch_of(frame_meta));
  if (!remove(frame_meta->obj_meta_list, obj_meta, object_kind)) return;
  --frame_meta->num_obj_meta;
  for (GList* at = frame_meta->obj_meta_list; at != nullptr; at = at->next) {
    auto* other = static_cast<NvDsObjectMeta*>(at->data);
    if (other->parent == obj_meta) other->parent = nullptr;
  }
}
void nvds_remove_classifier_meta_from_obj(NvDsObjectMeta* obj_meta, NvDsClassifierMeta* classifier_meta) {
  const MetaLock lock(batch_of(obj_meta));
  remove(obj_meta->classifier_meta_list, classifier_meta, classifier_kind);
}
void nvds_remove_classifier_meta_from_roi(NvDsRoiMeta* roi_meta, NvDsClassifierMeta* classifier_meta) {
  const MetaLock lock(batch_of(classifier_meta));
  remove(roi_meta->classifier_meta_list, classifier_meta, classifier_kind);
}
void nvds_remove_label_info_meta_from_classifier(NvDsClassifierMeta* classifier_meta, NvDsLabelInfo* label_info_meta) {
  const MetaLock lock(batch_of(classifier_meta));
  if (remove(classifier_meta->label_info_list, label_info_meta, label_kind)) --classifier_meta->num_labels;
}
void nvds_remove_display_meta_from_frame(NvDsFrameMeta* frame_meta, NvDsDisplayMeta* display_meta) {
  const MetaLock lock(batch_of(frame_meta));
  remove(frame_meta->display_meta_list, display_meta, display_kind);
}
void nvds_remove_user_meta_from_batch(NvDsBatchMeta* batch_meta, NvDsUserMeta* user_meta) {
  const MetaLock lock(batch_meta);
  remove(batch_meta->batch_user_meta_list, user_meta, user_kind);
}
void nvds_remove_user_meta_from_frame(NvDsFrameMeta* frame_meta, NvDsUserMeta* user_meta) {
  const MetaLock lock(batch_of(frame_meta));
  remove(frame_meta->frame_user_meta_list, user_meta, user_kind);
}
void nvds_remove_user_meta_from_object(NvDsObjectMeta* obj_meta, NvDsUserMeta* user_meta) {
  const MetaLock lock(batch_of(obj_meta));
  remove(obj_meta->obj_user_meta_list, user_meta, user_kind);
}
void nvds_remove_user_meta_from_roi(NvDsRoiMeta* roi_meta, NvDsUserMeta* user_meta) {
  const MetaLock lock(batch_of(user_meta));
  remove(roi_meta->roi_user_meta_list, user_meta, user_kind);
}

void nvds_clear_frame_meta_list(NvDsBatchMeta* batch_meta, NvDsFrameMetaList* meta_list) {
  const MetaLock lock(batch_meta);
  clear(batch_meta->frame_meta_list, meta_list, frame_kind);
  batch_meta->num_frames_in_batch = g_list_length(batch_meta->frame_meta_list);
}
void nvds_clear_obj_meta_list(NvDsFrameMeta* frame_meta, NvDsObjectMetaList* meta_list) {
  const MetaLock lock(batch_of(frame_meta));
  clear(frame_meta->obj_meta_list, meta_list, object_kind);
  frame_meta->num_obj_meta = g_list_length(frame_meta->obj_meta_list);
}
void nvds_clear_classifier_meta_list(NvDsObjectMeta* obj_meta, NvDsClassifierMetaList* meta_list) {
  const MetaLock lock(batch_of(obj_meta));
  clear(obj_meta->classifier_meta_list, meta_list, classifier_kind);
}
void nvds_clear_label_info_meta_list(NvDsClassifierMeta* classifier_meta, NvDsLabelInfoList* meta_list) {
  const MetaLock lock(batch_of(classifier_meta));
  clear(classifier_meta->label_info_list, meta_list, label_kind);
  classifier_meta->num_labels = g_list_length(classifier_meta->label_info_list);
}
void nvds_clear_display_meta_list(NvDsFrameMeta* frame_meta, NvDisplayMetaList* meta_list) {
  const MetaLock lock(batch_of(frame_meta));
  clear(frame_meta->display_meta_list, meta_list, display_kind);
}
void nvds_clear_batch_user_meta_list(NvDsBatchMeta* batch_meta, NvDsUserMetaList* meta_list) {
  const MetaLock lock(batch_meta);
  clear(batch_meta->batch_user_meta_list, meta_list, user_kind);
}
void nvds_clear_frame_user_meta_list(NvDsFrameMeta* frame_meta, NvDsUserMetaList* meta_list) {
  const MetaLock lock(batch_of(frame_meta));
  clear(frame_meta->frame_user_meta_list, meta_list, user_kind);
}
void nvds_clear_obj_user_meta_list(NvDsObjectMeta* object_meta, NvDsUserMetaList* meta_list) {
  const MetaLock lock(batch_of(object_meta));
  clear(object_meta->obj_user_meta_list, meta_list, user_kind);
}

NvDsMetaList* nvds_clear_meta_list(NvDsBatchMeta* batch_meta, NvDsMetaList* meta_list, NvDsMetaPool* meta_pool) {
  const MetaLock lock(batch_meta);
  for (size_t i = 0; i < std::size(kinds); ++i) {
    if (batch_meta->*kinds[i].pool == meta_pool) give_back_all(meta_list, static_cast<KindIndex>(i));
  }
  return meta_list;
}

NvDsFrameMeta* nvds_get_nth_frame_meta(NvDsFrameMetaList* frame_meta_list, guint index) {
  return static_cast<NvDsFrameMeta*>(g_list_nth_data(frame_meta_list, index));
}

gboolean nvds_get_current_metadata_info(NvDsBatchMeta* batch_meta) {
  if (batch_meta == nullptr) return FALSE;
  static const char* const names[] = {"frame", "object", "classifier", "display", "user", "label"};
  for (size_t i = 0; i < std::size(kinds); ++i) {
    const NvDsMetaPool* pool = batch_meta->*kinds[i].pool;
    std::printf("%s metadata: %u in use, %u free, %u bytes each\n", names[i], pool->num_full_elements,
                pool->num_empty_elements, pool->element_size);
  }
  return TRUE;
}

}  // extern "C"
