// SPDX-License-Identifier: Apache-2.0
//
// A region of a frame that a preprocessing element cut out for inference. Layout of DeepStream 9.1.
#ifndef __NVDS_ROI_META_H__
#define __NVDS_ROI_META_H__

#include <glib.h>

#include "nvll_osd_struct.h"

#ifdef __cplusplus
extern "C" {
#endif

#define DS_MAX_POLYGON_POINTS 8

typedef struct NvBufSurfaceParams NvBufSurfaceParams;
typedef struct _NvDsFrameMeta NvDsFrameMeta;
typedef struct _NvDsObjectMeta NvDsObjectMeta;
typedef GList NvDsClassifierMetaList;
typedef GList NvDsUserMetaList;

// Element type of a prepared tensor.
typedef enum {
  NvDsDataType_FP32 = 0,
  NvDsDataType_UINT8 = 1,
  NvDsDataType_INT8 = 2,
  NvDsDataType_UINT32 = 3,
  NvDsDataType_INT32 = 4,
  NvDsDataType_INT64 = 5,
  NvDsDataType_UINT64 = 6,
  NvDsDataType_FP16 = 7
} NvDsDataType;

// What one item of a prepared tensor is.
typedef enum { NvDsUnitType_FullFrame = 0, NvDsUnitType_ROI = 1, NvDsUnitType_Object = 2 } NvDsUnitType;

typedef struct NvDsRoiMeta {
  NvOSD_RectParams roi;
  guint roi_polygon[DS_MAX_POLYGON_POINTS][2];
  NvBufSurfaceParams* converted_buffer;
  NvDsFrameMeta* frame_meta;
  // network pixels = frame pixels * scale_ratio + offset, per axis
  gdouble scale_ratio_x;
  gdouble scale_ratio_y;
  gdouble offset_left;
  gdouble offset_top;
  NvDsClassifierMetaList* classifier_meta_list;
  NvDsUserMetaList* roi_user_meta_list;
  // The object the region belongs to, or NULL.
  NvDsObjectMeta* object_meta;
} NvDsRoiMeta;

#ifdef __cplusplus
}
#endif

// Either header may be included first; each needs the other's names.
#include "nvdsmeta.h"

#endif  // __NVDS_ROI_META_H__
