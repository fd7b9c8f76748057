// SPDX-License-Identifier: Apache-2.0
//
// Metadata on a GstBuffer. The batch metadata of nvstreammux is a GstMeta of type NVDS_BATCH_GST_META; applications and
// elements may attach others of their own.
//
//   NvDsBatchMeta* batch = gst_buffer_get_nvds_batch_meta(buffer);
#ifndef GST_NVDS_META_API_H
#define GST_NVDS_META_API_H

#include <gst/base/gstbasetransform.h>
#include <gst/gst.h>
#include <gst/video/video.h>

#include "nvdsmeta.h"

#ifdef __cplusplus
extern "C" {
#endif

#define NVDS_META_STRING "nvdsmeta"
#define NVDS_META_API_TYPE (nvds_meta_api_get_type())
#define NVDS_META_INFO (nvds_meta_get_info())

typedef enum {
  NVDS_GST_INVALID_META = -1,
  NVDS_BATCH_GST_META = NVDS_GST_CUSTOM_META + 1,
  NVDS_DECODER_GST_META = NVDS_GST_CUSTOM_META + 2,
  NVDS_DEWARPER_GST_META = NVDS_GST_CUSTOM_META + 3,
  NVDS_BUFFER_GST_AS_FRAME_USER_META = NVDS_GST_CUSTOM_META + 4,
  NVDS_RESERVED_GST_META = NVDS_GST_CUSTOM_META + 4096,
  NVDS_GST_META_FORCE32 = 0x7FFFFFFF
} GstNvDsMetaType;

// meta_type says what meta_data is. copyfunc(meta_data, user_data) is called when the buffer is copied, freefunc once
// at the end. A meta attached before nvstreammux becomes user metadata of its frame where it has
// gst_to_nvds_meta_transform_func: a copy function for an NvDsUserMeta whose user_meta_data is meta_data.
typedef struct _NvDsMeta {
  GstMeta meta;
  gpointer meta_data;
  gpointer user_data;
  gint meta_type;
  NvDsMetaCopyFunc copyfunc;
  NvDsMetaReleaseFunc freefunc;
  NvDsMetaCopyFunc gst_to_nvds_meta_transform_func;
  NvDsMetaReleaseFunc gst_to_nvds_meta_release_func;
} NvDsMeta;

GType nvds_meta_api_get_type(void);
const GstMetaInfo* nvds_meta_get_info(void);

// Attaches metadata to a writable buffer. The caller then sets meta_type. NULL where the buffer is not writable.
NvDsMeta* gst_buffer_add_nvds_meta(GstBuffer* buffer, gpointer meta_data, gpointer user_data,
                                   NvDsMetaCopyFunc copy_func, NvDsMetaReleaseFunc release_func);
// The one attached last, of whatever type; NULL where there is none.
NvDsMeta* gst_buffer_get_nvds_meta(GstBuffer* buffer);
// The batch, owned by the buffer; NULL where the buffer is not a batch.
NvDsBatchMeta* gst_buffer_get_nvds_batch_meta(GstBuffer* buffer);

// Every NvDsMeta of the buffer that has a transform function becomes user metadata of the frame.
void nvds_copy_gst_meta_to_frame_meta(GstBuffer* src_gst_buffer, NvDsBatchMeta* batch_meta, NvDsFrameMeta* frame_meta);

#ifdef __cplusplus
}
#endif

#endif  // GST_NVDS_META_API_H
