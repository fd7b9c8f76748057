// SPDX-License-Identifier: Apache-2.0
//
// What nvinfer attaches besides objects: raw output tensors and segmentation maps, as the user_meta_data of
// NvDsUserMeta. Layout of DeepStream 9.1.
#ifndef EDGESTREAM_DEEPSTREAM_GSTNVDSINFER_H
#define EDGESTREAM_DEEPSTREAM_GSTNVDSINFER_H

#include <gst/gst.h>

#include "nvdsinfer.h"

#ifdef __cplusplus
extern "C" {
#endif

// `raw-output-generated-callback` of nvinfer: all bound layers of one inference, their `buffer` in host memory, one
// item after the other. The buffer must not be changed.
typedef void (*gst_nvinfer_raw_output_generated_callback)(GstBuffer* buf, NvDsInferNetworkInfo* network_info,
                                                          NvDsInferLayerInfo* layers_info, guint num_layers,
                                                          guint batch_size, gpointer user_data);

// Type NVDSINFER_TENSOR_OUTPUT_META, one per frame or object, with `output-tensor-meta`. out_buf_ptrs_host[i] is layer
// i's data for this item; out_buf_ptrs_dev is NULL, there is no device.
typedef struct {
  guint unique_id;
  guint num_output_layers;
  NvDsInferLayerInfo* output_layers_info;
  void** out_buf_ptrs_host;
  void** out_buf_ptrs_dev;
  gint gpu_id;
  void* priv_data;
  NvDsInferNetworkInfo network_info;
  gboolean maintain_aspect_ratio;
  gboolean symmetric_padding;
} NvDsInferTensorMeta;

// Type NVDSINFER_SEGMENTATION_META. class_map[y * width + x] is the class, -1 for none; width and height are the
// network's.
typedef struct {
  guint classes;
  guint width;
  guint height;
  gint* class_map;
  gfloat* class_probabilities_map;
  void* priv_data;
  gint unique_id;
} NvDsInferSegmentationMeta;

#ifdef __cplusplus
}
#endif

#endif  // EDGESTREAM_DEEPSTREAM_GSTNVDSINFER_H
