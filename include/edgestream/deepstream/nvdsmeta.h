// SPDX-License-Identifier: Apache-2.0
//
// The metadata that travels with a batch of frames: batch, frames, objects, classifier results, labels, and user
// metadata at each level. Names and layout of DeepStream 9.1, so that applications written for it compile and walk it.
//
//   NvDsBatchMeta
//     frame_meta_list        NvDsFrameMeta
//       obj_meta_list          NvDsObjectMeta
//         classifier_meta_list   NvDsClassifierMeta
//           label_info_list        NvDsLabelInfo
//         obj_user_meta_list     NvDsUserMeta
//       display_meta_list      NvDsDisplayMeta
//       frame_user_meta_list   NvDsUserMeta
//     batch_user_meta_list   NvDsUserMeta
//
// Lists are plain GLists of pointers. Elements come from the batch's pools (acquire), are appended to a list (add), and
// go back to the pool (remove, clear). Owned by an element and freed with it: text_params.display_text,
// mask_params.data, pResult_label, the children in its lists. Never owned: font_name, classifier_type.
//
// Threads: the pools are safe from many threads. Lists and fields are not: hold the meta lock to change them while
// another element may work on the same batch.
#ifndef _NVDSMETA_NEW_H_
#define _NVDSMETA_NEW_H_

#include <glib.h>
#include <gmodule.h>
#include <stdbool.h>

#include "nvds_roi_meta.h"
#include "nvll_osd_struct.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MAX_USER_FIELDS 4
#define MAX_RESERVED_FIELDS 4
// Bytes of a label, the terminating zero included.
#define MAX_LABEL_SIZE 128
#define MAX_ELEMENTS_IN_DISPLAY_META 16
// object_id of an object that no tracker has seen.
#define UNTRACKED_OBJECT_ID 0xFFFFFFFFFFFFFFFF

typedef GList NvDsMetaList;
typedef GList NvDsFrameMetaList;
typedef GList NvDsObjectMetaList;
typedef GList NvDsClassifierMetaList;
typedef GList NvDsLabelInfoList;
typedef GList NvDisplayMetaList;
typedef GList NvDsUserMetaList;
typedef void NvDsElementMeta;

// The numbers moved between releases of DeepStream; these are 9.1's.
typedef enum {
  NVDS_INVALID_META = -1,
  NVDS_BATCH_META = 1,
  NVDS_FRAME_META = 2,
  NVDS_OBJ_META = 3,
  NVDS_DISPLAY_META = 4,
  NVDS_CLASSIFIER_META = 5,
  NVDS_LABEL_INFO_META = 6,
  NVDS_USER_META = 7,
  NVDS_PAYLOAD_META = 8,
  NVDS_EVENT_MSG_META = 9,
  NVDS_OPTICAL_FLOW_META = 10,
  NVDS_LATENCY_MEASUREMENT_META = 11,
  // user_meta_data is an NvDsInferTensorMeta
  NVDSINFER_TENSOR_OUTPUT_META = 12,
  // user_meta_data is an NvDsInferSegmentationMeta
  NVDSINFER_SEGMENTATION_META = 13,
  NVDS_CROP_IMAGE_META = 14,
  NVDS_TRACKER_PAST_FRAME_META = 15,
  NVDS_TRACKER_BATCH_REID_META = 16,
  NVDS_TRACKER_OBJ_REID_META = 17,
  NVDS_TRACKER_TERMINATED_LIST_META = 18,
  NVDS_TRACKER_SHADOW_LIST_META = 19,
  NVDS_OBJ_VISIBILITY = 20,
  NVDS_OBJ_IMAGE_FOOT_LOCATION = 21,
  NVDS_OBJ_WORLD_FOOT_LOCATION = 22,
  NVDS_OBJ_IMAGE_CONVEX_HULL = 23,
  NVDS_OBJ_3D_META = 24,
  NVDS_AUDIO_BATCH_META = 25,
  NVDS_AUDIO_FRAME_META = 26,
  NVDS_PREPROCESS_FRAME_META = 27,
  NVDS_PREPROCESS_BATCH_META = 28,
  NVDS_CUSTOM_MSG_BLOB = 29,
  NVDS_ROI_META = 30,
  NVDS_CUSTOM_MSG_SPARSE4D = 31,
  NVDS_FRAME_META_NVDSANALYTICS = 32,
  NVDS_OBJ_META_NVDSANALYTICS = 33,
  NVDS_RESERVED_META = 4095,
  // First of the types that are a GstMeta, see gstnvdsmeta.h.
  NVDS_GST_CUSTOM_META = 4096,
  // First of the types that nvds_get_user_meta_type() gives out.
  NVDS_START_USER_META = NVDS_GST_CUSTOM_META + 4096 + 1,
  NVDS_FORCE32_META = 0x7FFFFFFF
} NvDsMetaType;

// Copies `data` and returns the copy. For user metadata `data` is the NvDsUserMeta, the answer is new user_meta_data.
typedef gpointer (*NvDsMetaCopyFunc)(gpointer data, gpointer user_data);
// Frees what `data` owns. For user metadata `data` is the NvDsUserMeta.
typedef void (*NvDsMetaReleaseFunc)(gpointer data, gpointer user_data);

// What every element begins with.
typedef struct _NvDsBaseMeta {
  struct _NvDsBatchMeta* batch_meta;
  NvDsMetaType meta_type;
  void* uContext;
  NvDsMetaCopyFunc copy_func;
  NvDsMetaReleaseFunc release_func;
} NvDsBaseMeta;

// full_list holds the elements in use, empty_list those ready for reuse; a pool grows when empty_list runs out.
typedef struct _NvDsMetaPool {
  NvDsMetaType meta_type;
  guint max_elements_in_pool;
  guint element_size;
  guint num_empty_elements;
  guint num_full_elements;
  NvDsMetaList* empty_list;
  NvDsMetaList* full_list;
  NvDsMetaCopyFunc copy_func;
  NvDsMetaReleaseFunc release_func;
} NvDsMetaPool;

typedef struct _NvDsBatchMeta {
  NvDsBaseMeta base_meta;
  guint max_frames_in_batch;
  guint num_frames_in_batch;
  NvDsMetaPool* frame_meta_pool;
  NvDsMetaPool* obj_meta_pool;
  NvDsMetaPool* classifier_meta_pool;
  NvDsMetaPool* display_meta_pool;
  NvDsMetaPool* user_meta_pool;
  NvDsMetaPool* label_info_meta_pool;
  NvDsFrameMetaList* frame_meta_list;
  NvDsUserMetaList* batch_user_meta_list;
  // nvds_acquire_meta_lock()
  GRecMutex meta_mutex;
  gint64 misc_batch_info[MAX_USER_FIELDS];
  gint64 reserved[MAX_RESERVED_FIELDS];
} NvDsBatchMeta;

typedef struct _NvDsSensorInfo_meta {
  guint source_id;
  gchar const* uri;
  gchar const* sensor_id;
  gchar const* sensor_name;
} NvDsSensorInfo_meta;

typedef struct _NvDsFrameMeta {
  NvDsBaseMeta base_meta;
  // Number of the muxer's sink pad.
  guint pad_index;
  // Index of the frame in NvBufSurface::surfaceList.
  guint batch_id;
  // Counts the frames of this source from 0.
  gint frame_num;
  // Nanoseconds: presentation time of the frame as it came to the muxer; wall clock, 0 if unknown.
  guint64 buf_pts;
  guint64 ntp_timestamp;
  guint source_id;
  gint num_surfaces_per_frame;
  // Pixels before the muxer scaled the frame.
  guint source_frame_width;
  guint source_frame_height;
  guint surface_type;
  guint surface_index;
  guint num_obj_meta;
  // TRUE once a network has looked at the frame, also where it found nothing.
  gboolean bInferDone;
  NvDsObjectMetaList* obj_meta_list;
  NvDisplayMetaList* display_meta_list;
  NvDsUserMetaList* frame_user_meta_list;
  gint64 misc_frame_info[MAX_USER_FIELDS];
  // Pixels after the muxer.
  guint pipeline_width;
  guint pipeline_height;
  NvDsSensorInfo_meta sensorInfo_meta;
  gint64 reserved[MAX_RESERVED_FIELDS];
} NvDsFrameMeta;

typedef struct _NvDsComp_BboxInfo {
  NvBbox_Coords org_bbox_coords;
} NvDsComp_BboxInfo;

typedef struct _NvDsObjectMeta {
  NvDsBaseMeta base_meta;
  // The object whose picture this one was found in, or NULL.
  struct _NvDsObjectMeta* parent;
  // unique-id of the element that attached the object.
  gint unique_component_id;
  gint class_id;
  guint64 object_id;
  // What the detector and the tracker said; rect_params is what holds now.
  NvDsComp_BboxInfo detector_bbox_info;
  NvDsComp_BboxInfo tracker_bbox_info;
  // -0.1 where nobody knows.
  gfloat confidence;
  gfloat tracker_confidence;
  NvOSD_RectParams rect_params;
  NvOSD_MaskParams mask_params;
  NvOSD_TextParams text_params;
  gchar obj_label[MAX_LABEL_SIZE];
  NvDsClassifierMetaList* classifier_meta_list;
  NvDsUserMetaList* obj_user_meta_list;
  gint64 misc_obj_info[MAX_USER_FIELDS];
  gint64 reserved[MAX_RESERVED_FIELDS];
} NvDsObjectMeta;

typedef struct _NvDsClassifierMeta {
  NvDsBaseMeta base_meta;
  guint num_labels;
  gint unique_component_id;
  NvDsLabelInfoList* label_info_list;
  // classifier-type of the configuration, or NULL. Not owned.
  const gchar* classifier_type;
} NvDsClassifierMeta;

typedef struct _NvDsLabelInfo {
  NvDsBaseMeta base_meta;
  guint num_classes;
  gchar result_label[MAX_LABEL_SIZE];
  // A label that is too long for result_label, from g_malloc(), or NULL.
  gchar* pResult_label;
  guint result_class_id;
  guint label_id;
  gfloat result_prob;
} NvDsLabelInfo;

// Things to draw that are no objects. Each num_ says how many of its array are used.
typedef struct NvDsDisplayMeta {
  NvDsBaseMeta base_meta;
  guint num_rects;
  guint num_labels;
  guint num_lines;
  guint num_arrows;
  guint num_circles;
  NvOSD_RectParams rect_params[MAX_ELEMENTS_IN_DISPLAY_META];
  NvOSD_TextParams text_params[MAX_ELEMENTS_IN_DISPLAY_META];
  NvOSD_LineParams line_params[MAX_ELEMENTS_IN_DISPLAY_META];
  NvOSD_ArrowParams arrow_params[MAX_ELEMENTS_IN_DISPLAY_META];
  NvOSD_CircleParams circle_params[MAX_ELEMENTS_IN_DISPLAY_META];
  gint64 misc_osd_data[MAX_USER_FIELDS];
  gint64 reserved[MAX_RESERVED_FIELDS];
} NvDsDisplayMeta;

// The producer sets base_meta.meta_type, user_meta_data, base_meta.copy_func and base_meta.release_func; the latter is
// called exactly once.
typedef struct _NvDsUserMeta {
  NvDsBaseMeta base_meta;
  void* user_meta_data;
} NvDsUserMeta;

// ---- Batches and the lock (recursive). destroy answers FALSE for NULL.
NvDsBatchMeta* nvds_create_batch_meta(guint max_batch_size);
gboolean nvds_destroy_batch_meta(NvDsBatchMeta* batch_meta);
void nvds_acquire_meta_lock(NvDsBatchMeta* batch_meta);
void nvds_release_meta_lock(NvDsBatchMeta* batch_meta);
// A deep copy of the NvDsBatchMeta `data`, and its end; for gst_buffer_add_nvds_meta().
gpointer nvds_batch_meta_copy_func(gpointer data, gpointer user_data);
void nvds_batch_meta_release_func(gpointer data, gpointer user_data);
// Prints how full the pools are.
gboolean nvds_get_current_metadata_info(NvDsBatchMeta* batch_meta);

// ---- Acquire: an element of the pool, reset: zeros, NULL, object_id untracked. Never NULL.
NvDsFrameMeta* nvds_acquire_frame_meta_from_pool(NvDsBatchMeta* batch_meta);
NvDsObjectMeta* nvds_acquire_obj_meta_from_pool(NvDsBatchMeta* batch_meta);
NvDsClassifierMeta* nvds_acquire_classifier_meta_from_pool(NvDsBatchMeta* batch_meta);
NvDsDisplayMeta* nvds_acquire_display_meta_from_pool(NvDsBatchMeta* batch_meta);
NvDsLabelInfo* nvds_acquire_label_info_meta_from_pool(NvDsBatchMeta* batch_meta);
NvDsUserMeta* nvds_acquire_user_meta_from_pool(NvDsBatchMeta* batch_meta);

// ---- Add: at the end of the list; the counter beside the list follows.
void nvds_add_frame_meta_to_batch(NvDsBatchMeta* batch_meta, NvDsFrameMeta* frame_meta);
void nvds_add_obj_meta_to_frame(NvDsFrameMeta* frame_meta, NvDsObjectMeta* obj_meta, NvDsObjectMeta* obj_parent);
void nvds_add_classifier_meta_to_object(NvDsObjectMeta* obj_meta, NvDsClassifierMeta* classifier_meta);
void nvds_add_classifier_meta_to_roi(NvDsRoiMeta* roi_meta, NvDsClassifierMeta* classifier_meta);
void nvds_add_label_info_meta_to_classifier(NvDsClassifierMeta* classifier_meta, NvDsLabelInfo* label_info_meta);
void nvds_add_display_meta_to_frame(NvDsFrameMeta* frame_meta, NvDsDisplayMeta* display_meta);
void nvds_add_user_meta_to_batch(NvDsBatchMeta* batch_meta, NvDsUserMeta* user_meta);
void nvds_add_user_meta_to_frame(NvDsFrameMeta* frame_meta, NvDsUserMeta* user_meta);
void nvds_add_user_meta_to_obj(NvDsObjectMeta* obj_meta, NvDsUserMeta* user_meta);
void nvds_add_user_meta_to_roi(NvDsRoiMeta* roi_meta, NvDsUserMeta* user_meta);

// ---- Remove: out of the list and, with its children, back to the pools. An element that is not in the list stays.
void nvds_remove_frame_meta_from_batch(NvDsBatchMeta* batch_meta, NvDsFrameMeta* frame_meta);
void nvds_remove_obj_meta_from_frame(NvDsFrameMeta* frame_meta, NvDsObjectMeta* obj_meta);
void nvds_remove_classifier_meta_from_obj(NvDsObjectMeta* obj_meta, NvDsClassifierMeta* classifier_meta);
void nvds_remove_classifier_meta_from_roi(NvDsRoiMeta* roi_meta, NvDsClassifierMeta* classifier_meta);
void nvds_remove_label_info_meta_from_classifier(NvDsClassifierMeta* classifier_meta, NvDsLabelInfo* label_info_meta);
void nvds_remove_display_meta_from_frame(NvDsFrameMeta* frame_meta, NvDsDisplayMeta* display_meta);
void nvds_remove_user_meta_from_batch(NvDsBatchMeta* batch_meta, NvDsUserMeta* user_meta);
void nvds_remove_user_meta_from_frame(NvDsFrameMeta* frame_meta, NvDsUserMeta* user_meta);
void nvds_remove_user_meta_from_object(NvDsObjectMeta* obj_meta, NvDsUserMeta* user_meta);
void nvds_remove_user_meta_from_roi(NvDsRoiMeta* roi_meta, NvDsUserMeta* user_meta);

// ---- Clear: the whole list back to the pools. `meta_list` is the owner's list.
void nvds_clear_frame_meta_list(NvDsBatchMeta* batch_meta, NvDsFrameMetaList* meta_list);
void nvds_clear_obj_meta_list(NvDsFrameMeta* frame_meta, NvDsObjectMetaList* meta_list);
void nvds_clear_classifier_meta_list(NvDsObjectMeta* obj_meta, NvDsClassifierMetaList* meta_list);
void nvds_clear_label_info_meta_list(NvDsClassifierMeta* classifier_meta, NvDsLabelInfoList* meta_list);
void nvds_clear_display_meta_list(NvDsFrameMeta* frame_meta, NvDisplayMetaList* meta_list);
void nvds_clear_batch_user_meta_list(NvDsBatchMeta* batch_meta, NvDsUserMetaList* meta_list);
void nvds_clear_frame_user_meta_list(NvDsFrameMeta* frame_meta, NvDsUserMetaList* meta_list);
void nvds_clear_obj_user_meta_list(NvDsObjectMeta* object_meta, NvDsUserMetaList* meta_list);
// Answers the list that is left: NULL.
NvDsMetaList* nvds_clear_meta_list(NvDsBatchMeta* batch_meta, NvDsMetaList* meta_list, NvDsMetaPool* meta_pool);

// ---- Copy, deeply, into an element or list of another batch (or the same). User metadata without a copy_func is
// left out. The destination keeps its own batch and pools.
void nvds_copy_frame_meta(NvDsFrameMeta* src_frame_meta, NvDsFrameMeta* dst_frame_meta);
void nvds_copy_obj_meta(NvDsObjectMeta* src_object_meta, NvDsObjectMeta* dst_object_meta);
void nvds_copy_classifier_meta(NvDsClassifierMeta* src_classifier_meta, NvDsClassifierMeta* dst_classifier_meta);
void nvds_copy_label_info_meta(NvDsLabelInfo* src_label_info, NvDsLabelInfo* dst_label_info);
void nvds_copy_display_meta(NvDsDisplayMeta* src_display_meta, NvDsDisplayMeta* dst_display_meta);
void nvds_copy_frame_meta_list(NvDsFrameMetaList* src_frame_meta_list, NvDsBatchMeta* dst_batch_meta);
void nvds_copy_obj_meta_list(NvDsObjectMetaList* src_obj_meta_list, NvDsFrameMeta* dst_frame_meta);
void nvds_copy_classification_list(NvDsClassifierMetaList* src_classifier_meta_list, NvDsObjectMeta* dst_object_meta);
void nvds_copy_label_info_list(NvDsLabelInfoList* src_label_info_list, NvDsClassifierMeta* dst_classifier_meta);
void nvds_copy_display_meta_list(NvDisplayMetaList* src_display_meta_list, NvDsFrameMeta* dst_frame_meta);
void nvds_copy_batch_user_meta_list(NvDsUserMetaList* src_user_meta_list, NvDsBatchMeta* dst_batch_meta);
void nvds_copy_frame_user_meta_list(NvDsUserMetaList* src_user_meta_list, NvDsFrameMeta* dst_frame_meta);
void nvds_copy_obj_user_meta_list(NvDsUserMetaList* src_user_meta_list, NvDsObjectMeta* dst_object_meta);

// ---- The element at position `index` of the list, or NULL.
NvDsFrameMeta* nvds_get_nth_frame_meta(NvDsFrameMetaList* frame_meta_list, guint index);
// A number from NVDS_START_USER_META on for "ORGANISATION.COMPONENT.KIND": the same for the same text in this process.
NvDsMetaType nvds_get_user_meta_type(gchar* meta_descriptor);

#ifdef __cplusplus
}
#endif

#endif  // _NVDSMETA_NEW_H_
