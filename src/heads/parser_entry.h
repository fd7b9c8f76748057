// SPDX-License-Identifier: Apache-2.0
//
// From DeepStream's parser call to a head and back. A parser's source is this, once for each name:
//
//   #include "fomo.h"
//   #include "parser_entry.h"
//
//   extern "C" bool NvDsInferParseCustomEdgeImpulseFomo(const std::vector<NvDsInferLayerInfo>& layers,
//                                                       const NvDsInferNetworkInfo& network,
//                                                       const NvDsInferParseDetectionParams& params,
//                                                       std::vector<NvDsInferObjectDetectionInfo>& objects) {
//     return es_heads::parse<es_heads::Fomo>("NvDsInferParseCustomEdgeImpulseFomo", layers, network, params, objects);
//   }
//
// Needs DeepStream's nvdsinfer.h (its structs; it includes nothing but <stdint.h>) and neither nvdsinfer_custom_impl.h,
// which pulls in TensorRT, nor CUDA. Where nvdsinfer.h is not at hand, for instance when building for a Jetson on
// another machine, -DES_DEEPSTREAM_MAJOR=<major version of the DeepStream that will load the library> takes its place:
// the objects that a parser hands over are 24 bytes up to DeepStream 8 and 28 bytes since 9, and a library of the one
// cannot be loaded into the other.
#ifndef ES_HEADS_PARSER_ENTRY_H_
#define ES_HEADS_PARSER_ENTRY_H_

#include <cstdio>
#include <string>
#include <type_traits>
#include <vector>

#include "head.h"

#if defined(_NVDSINFER_CUSTOM_IMPL_H_)
// DeepStream's or EdgeStream's header came first and has everything.
#elif defined(ES_DEEPSTREAM_MAJOR)

// The structs of nvdsinfer.h, laid out as there.
typedef enum { FLOAT = 0, HALF = 1, INT8 = 2, INT32 = 3, INT64 = 4, UINT8 = 5 } NvDsInferDataType;

typedef struct {
  unsigned int numDims;
  unsigned int d[8];
  unsigned int numElements;
} NvDsInferDims;

typedef struct {
  NvDsInferDataType dataType;
  NvDsInferDims inferDims;
  int bindingIndex;
  const char* layerName;
  void* buffer;
  int isInput;
} NvDsInferLayerInfo;

typedef struct {
  unsigned int width;
  unsigned int height;
  unsigned int channels;
} NvDsInferNetworkInfo;

typedef struct {
  unsigned int classId;
  float left;
  float top;
  float width;
  float height;
  float detectionConfidence;
#if ES_DEEPSTREAM_MAJOR >= 9
  float rotation_angle;
#endif
} NvDsInferObjectDetectionInfo;

#else
#include "nvdsinfer.h"  // not found? -I<its folder>, or -DES_DEEPSTREAM_MAJOR=<the DeepStream that will load this>
#endif

#if !defined(_NVDSINFER_CUSTOM_IMPL_H_)
// From nvdsinfer_custom_impl.h, the same since DeepStream 5.
typedef struct NvDsInferParseDetectionParams {
  unsigned int numClassesConfigured;
  std::vector<float> perClassPreclusterThreshold;
  std::vector<float> perClassPostclusterThreshold;
  std::vector<float>& perClassThreshold = perClassPreclusterThreshold;
} NvDsInferParseDetectionParams;
#endif

static_assert(std::is_same<decltype(NvDsInferObjectDetectionInfo::left), float>::value,
              "DeepStream 4 and older are not supported");

namespace es_heads {

inline std::string problem_of(const std::vector<NvDsInferLayerInfo>& layers,
                              const NvDsInferParseDetectionParams& params) {
  if (params.perClassPreclusterThreshold.size() < params.numClassesConfigured) return "a class has no threshold";
  for (const NvDsInferLayerInfo& layer : layers) {
    if (layer.dataType != FLOAT || layer.buffer == nullptr) {
      return std::string("output '") + (layer.layerName ? layer.layerName : "") + "' is not float32 in host memory";
    }
  }
  return "";
}

inline Tensor tensor_of(const NvDsInferLayerInfo& layer) {
  const NvDsInferDims& dims = layer.inferDims;
  return {static_cast<const float*>(layer.buffer),
          std::vector<unsigned>(dims.d, dims.d + (dims.numDims <= 8 ? dims.numDims : 0)),
          layer.layerName ? layer.layerName : ""};
}

// True where the outputs could be read; else one line on stderr for each call.
template <typename Head>
bool parse(const char* name, const std::vector<NvDsInferLayerInfo>& layers, const NvDsInferNetworkInfo& network,
           const NvDsInferParseDetectionParams& params, std::vector<NvDsInferObjectDetectionInfo>& objects) {
  const Network facts{network.width, network.height, params.numClassesConfigured,
                      params.perClassPreclusterThreshold.data()};
  std::vector<Tensor> outputs;
  std::string problem = problem_of(layers, params);
  for (const NvDsInferLayerInfo& layer : layers) outputs.push_back(tensor_of(layer));
  if (problem.empty()) problem = Head::problem(outputs, facts);
  if (!problem.empty()) {
    std::fprintf(stderr, "%s: %s\n", name, problem.c_str());
    return false;
  }
  std::vector<Detection> found;
  Head::decode(outputs, facts, found);
  for (const Detection& detection : found) {
    NvDsInferObjectDetectionInfo object{};  // rotation_angle, where there is one, is 0
    object.classId = detection.class_id;
    object.left = detection.left;
    object.top = detection.top;
    object.width = detection.width;
    object.height = detection.height;
    object.detectionConfidence = detection.score;
    objects.push_back(object);
  }
  return true;
}

}  // namespace es_heads

#endif  // ES_HEADS_PARSER_ENTRY_H_
