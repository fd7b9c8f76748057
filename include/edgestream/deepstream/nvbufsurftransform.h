// SPDX-License-Identifier: Apache-2.0
//
// The names that configurations and properties use for scaling: filters, compute modes, flips, errors. Values of
// DeepStream 9.1.
//
// Only the vocabulary: scaling and conversion are done by the elements (nvvideoconvert, nvstreammux, nvinfer). There is
// no NvBufSurfTransform() to call.
#ifndef NVBUFSURFTRANSFORM_H_
#define NVBUFSURFTRANSFORM_H_

#include "nvbufsurface.h"

#ifdef __cplusplus
extern "C" {
#endif

// Where to compute. It is the CPU here.
typedef enum {
  NvBufSurfTransformCompute_Default = 0,
  NvBufSurfTransformCompute_GPU = 1,
  NvBufSurfTransformCompute_VIC = 2
} NvBufSurfTransform_Compute;

// Default means nearest.
typedef enum {
  NvBufSurfTransformInter_Nearest = 0,
  NvBufSurfTransformInter_Bilinear = 1,
  NvBufSurfTransformInter_Algo1 = 2,
  NvBufSurfTransformInter_Algo2 = 3,
  NvBufSurfTransformInter_Algo3 = 4,
  NvBufSurfTransformInter_Algo4 = 5,
  NvBufSurfTransformInter_Default = 6
} NvBufSurfTransform_Inter;

typedef enum {
  NvBufSurfTransform_None = 0,
  NvBufSurfTransform_Rotate90 = 1,
  NvBufSurfTransform_Rotate180 = 2,
  NvBufSurfTransform_Rotate270 = 3,
  NvBufSurfTransform_FlipX = 4,
  NvBufSurfTransform_FlipY = 5,
  NvBufSurfTransform_Transpose = 6,
  NvBufSurfTransform_InvTranspose = 7
} NvBufSurfTransform_Flip;

typedef enum {
  NvBufSurfTransformError_ROI_Error = -4,
  NvBufSurfTransformError_Invalid_Params = -3,
  NvBufSurfTransformError_Execution_Error = -2,
  NvBufSurfTransformError_Unsupported = -1,
  NvBufSurfTransformError_Success = 0
} NvBufSurfTransform_Error;

// Pixels; top stands before left.
typedef struct {
  uint32_t top;
  uint32_t left;
  uint32_t width;
  uint32_t height;
  void* reserved[STRUCTURE_PADDING];
} NvBufSurfTransformRect;

#ifdef __cplusplus
}
#endif

#endif  // NVBUFSURFTRANSFORM_H_
