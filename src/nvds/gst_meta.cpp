// SPDX-License-Identifier: Apache-2.0
//
// libnvdsgst_meta: NvDsMeta, the GstMeta that carries a batch's metadata, or anybody's, on a buffer.
//
// Its API type has no tags: no element may think that scaling or cropping makes it wrong, so it survives every copy.
#include "nvds/gst_exported.h"

namespace {

gboolean meta_init(GstMeta* meta, gpointer, GstBuffer*) {
  auto* self = reinterpret_cast<NvDsMeta*>(meta);
  self->meta_data = nullptr;
  self->user_data = nullptr;
  self->meta_type = NVDS_GST_INVALID_META;
  self->copyfunc = nullptr;
  self->freefunc = nullptr;
  self->gst_to_nvds_meta_transform_func = nullptr;
  self->gst_to_nvds_meta_release_func = nullptr;
  return TRUE;
}

void meta_free(GstMeta* meta, GstBuffer*) {
  auto* self = reinterpret_cast<NvDsMeta*>(meta);
  if (self->freefunc != nullptr) self->freefunc(self->meta_data, self->user_data);
}

// Whatever the transformation, the metadata is copied whole; without a copy function it stays behind.
gboolean meta_transform(GstBuffer* to, GstMeta* meta, GstBuffer*, GQuark, gpointer) {
  const auto* self = reinterpret_cast<NvDsMeta*>(meta);
  if (self->copyfunc == nullptr) return FALSE;
  gpointer copy = self->copyfunc(self->meta_data, self->user_data);
  NvDsMeta* made = gst_buffer_add_nvds_meta(to, copy, self->user_data, self->copyfunc, self->freefunc);
  if (made == nullptr) return FALSE;
  made->meta_type = self->meta_type;
  made->gst_to_nvds_meta_transform_func = self->gst_to_nvds_meta_transform_func;
  made->gst_to_nvds_meta_release_func = self->gst_to_nvds_meta_release_func;
  return TRUE;
}

// Calls visit(meta) for each NvDsMeta of the buffer, in the order of attaching.
template <typename Visit>
void for_each_meta(GstBuffer* buffer, Visit visit) {
  gpointer state = nullptr;
  while (GstMeta* meta = gst_buffer_iterate_meta_filtered(buffer, &state, NVDS_META_API_TYPE)) {
    visit(reinterpret_cast<NvDsMeta*>(meta));
  }
}

}  // namespace

extern "C" {

GType nvds_meta_api_get_type() {
  static const GType type = [] {
    static const gchar* tags[] = {nullptr};
    return gst_meta_api_type_register("NvDsMetaAPI", tags);
  }();
  return type;
}

const GstMetaInfo* nvds_meta_get_info() {
  static const GstMetaInfo* const info =
      gst_meta_register(NVDS_META_API_TYPE, "NvDsMeta", sizeof(NvDsMeta), meta_init, meta_free, meta_transform);
  return info;
}

NvDsMeta* gst_buffer_add_nvds_meta(GstBuffer* buffer, gpointer meta_data, gpointer user_data,
                                   NvDsMetaCopyFunc copy_func, NvDsMetaReleaseFunc release_func) {
  if (buffer == nullptr || !gst_buffer_is_writable(buffer)) return nullptr;
  auto* meta = reinterpret_cast<NvDsMeta*>(gst_buffer_add_meta(buffer, NVDS_META_INFO, nullptr));
  if (meta == nullptr) return nullptr;
  meta->meta_data = meta_data;
  meta->user_data = user_data;
  meta->copyfunc = copy_func;
  meta->freefunc = release_func;
  return meta;
}

NvDsMeta* gst_buffer_get_nvds_meta(GstBuffer* buffer) {
  NvDsMeta* last = nullptr;
  if (buffer != nullptr) for_each_meta(buffer, [&last](NvDsMeta* meta) { last = meta; });
  return last;
}

NvDsBatchMeta* gst_buffer_get_nvds_batch_meta(GstBuffer* buffer) {
  NvDsBatchMeta* batch = nullptr;
  if (buffer == nullptr) return nullptr;
  for_each_meta(buffer, [&batch](NvDsMeta* meta) {
    if (meta->meta_type == NVDS_BATCH_GST_META) batch = static_cast<NvDsBatchMeta*>(meta->meta_data);
  });
  return batch;
}

void nvds_copy_gst_meta_to_frame_meta(GstBuffer* src_gst_buffer, NvDsBatchMeta* batch_meta, NvDsFrameMeta* frame_meta) {
  if (src_gst_buffer == nullptr || batch_meta == nullptr || frame_meta == nullptr) return;
  for_each_meta(src_gst_buffer, [&](NvDsMeta* meta) {
    if (meta->gst_to_nvds_meta_transform_func == nullptr) return;
    NvDsUserMeta* user = nvds_acquire_user_meta_from_pool(batch_meta);
    user->base_meta.meta_type = static_cast<NvDsMetaType>(meta->meta_type);
    user->user_meta_data = meta->meta_data;
    user->user_meta_data = meta->gst_to_nvds_meta_transform_func(user, nullptr);
    user->base_meta.copy_func = meta->gst_to_nvds_meta_transform_func;
    user->base_meta.release_func = meta->gst_to_nvds_meta_release_func;
    nvds_add_user_meta_to_frame(frame_meta, user);
  });
}

}  // extern "C"
