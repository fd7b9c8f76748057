// SPDX-License-Identifier: Apache-2.0
//
// What nvinfer and an output parser say to each other: layers, network, detected objects, attributes, status codes.
//
// Names, member order and values are those of DeepStream 9.1, so that a parser source compiles against either. The
// include guard is DeepStream's too: a source that finds both headers takes the first and is not torn between them.
#ifndef _NVDSINFER_H_
#define _NVDSINFER_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define _DS_DEPRECATED_(STR) __attribute__((deprecated(STR)))

// The most dimensions a layer may have, the batch not counted.
#define NVDSINFER_MAX_DIMS 8

// Element type of a layer. FLOAT is 32-bit, HALF is 16-bit IEEE.
typedef enum { FLOAT = 0, HALF = 1, INT8 = 2, INT32 = 3, INT64 = 4, UINT8 = 5 } NvDsInferDataType;

// Shape of one item of the batch: d[0] to d[numDims - 1], outermost first; numElements is their product.
typedef struct {
  unsigned int numDims;
  unsigned int d[NVDSINFER_MAX_DIMS];
  unsigned int numElements;
} NvDsInferDims;

// Channels, height, width, in this order.
typedef struct {
  unsigned int c;
  unsigned int h;
  unsigned int w;
} NvDsInferDimsCHW;

// Reads a three-dimensional NvDsInferDims in NCHW or in NHWC order.
#define getDimsCHWFromDims(dimsCHW, dims) \
  do {                                    \
    (dimsCHW).c = (dims).d[0];            \
    (dimsCHW).h = (dims).d[1];            \
    (dimsCHW).w = (dims).d[2];            \
  } while (0)

#define getDimsHWCFromDims(dimsCHW, dims) \
  do {                                    \
    (dimsCHW).h = (dims).d[0];            \
    (dimsCHW).w = (dims).d[1];            \
    (dimsCHW).c = (dims).d[2];            \
  } while (0)

// One input or output tensor of the model.
typedef struct {
  NvDsInferDataType dataType;
  // The shape without the batch. `dims` is the name of older releases.
  union {
    NvDsInferDims inferDims;
    NvDsInferDims dims _DS_DEPRECATED_("use inferDims");
  };
  int bindingIndex;
  const char* layerName;
  // The values of this item, in host memory, valid during the call of a parser.
  void* buffer;
  // 1 for an input, 0 for an output.
  int isInput;
} NvDsInferLayerInfo;

// The picture that the network takes, in pixels and channels.
typedef struct {
  unsigned int width;
  unsigned int height;
  unsigned int channels;
} NvDsInferNetworkInfo;

// One object that a detector's parser found. Box in network pixels, letterbox bars included; confidence from 0 to 1;
// rotation in radians and 0 for an upright box (a parser must set it: value-initialise the struct).
typedef struct {
  unsigned int classId;
  float left;
  float top;
  float width;
  float height;
  float detectionConfidence;
  float rotation_angle;
} NvDsInferObjectDetectionInfo;

// Its name in older releases.
typedef NvDsInferObjectDetectionInfo NvDsInferParseObjectInfo;

// One object with its mask: mask_width x mask_height floats, mask_size in bytes, made with new[]; the caller of the
// parser becomes the owner.
typedef struct {
  unsigned int classId;
  float left;
  float top;
  float width;
  float height;
  float detectionConfidence;
  float* mask;
  unsigned int mask_width;
  unsigned int mask_height;
  unsigned int mask_size;
} NvDsInferInstanceMaskInfo;

// One answer of a classifier: output layer `attributeIndex` says class `attributeValue`. The label is NULL (then the
// labels file is asked) or made with strdup(); the caller of the parser frees it.
typedef struct {
  unsigned int attributeIndex;
  unsigned int attributeValue;
  float attributeConfidence;
  char* attributeLabel;
} NvDsInferAttribute;

typedef enum {
  NVDSINFER_SUCCESS = 0,
  NVDSINFER_CONFIG_FAILED = 1,
  NVDSINFER_CUSTOM_LIB_FAILED = 2,
  NVDSINFER_INVALID_PARAMS = 3,
  NVDSINFER_OUTPUT_PARSING_FAILED = 4,
  NVDSINFER_CUDA_ERROR = 5,
  NVDSINFER_TENSORRT_ERROR = 6,
  NVDSINFER_RESOURCE_ERROR = 7,
  NVDSINFER_TRITON_ERROR = 8,
  NVDSINFER_TRTIS_ERROR = NVDSINFER_TRITON_ERROR,
  NVDSINFER_MEM_ERROR = 9,
  NVDSINFER_UNKNOWN_ERROR = 10
} NvDsInferStatus;

typedef enum {
  NVDSINFER_LOG_ERROR = 0,
  NVDSINFER_LOG_WARNING = 1,
  NVDSINFER_LOG_INFO = 2,
  NVDSINFER_LOG_DEBUG = 3
} NvDsInferLogLevel;

// The name of the enumerator, a static string; a text that says so for a number that is none.
const char* NvDsInferStatus2Str(NvDsInferStatus status);

#ifdef __cplusplus
}  // extern "C"

// Shapes of a layer whose batch is decided at run time.
typedef enum { kSELECTOR_MIN = 0, kSELECTOR_OPT = 1, kSELECTOR_MAX = 2, kSELECTOR_SIZE = 3 } NvDsInferProfileSelector;

typedef struct NvDsInferBatchDims {
  int batchSize = 0;
  NvDsInferDims dims = {};
} NvDsInferBatchDims;

struct NvDsInferBatchDimsLayerInfo : NvDsInferLayerInfo {
  NvDsInferBatchDims profileDims[kSELECTOR_SIZE];
};
#endif  // __cplusplus

#endif  // _NVDSINFER_H_
