// SPDX-License-Identifier: Apache-2.0
//
// The functions that a library named by `custom-lib-path` may offer, as types, and macros that check a definition.
//
// DeepStream's header includes TensorRT's; this one declares the few TensorRT names that appear in signatures, so that
// a library of parsers needs neither TensorRT nor CUDA to build. Without TensorRT only the parser functions are called.
//
// A parser is called for one frame or object at a time; the layers' buffers are valid during the call. It returns false
// where the tensors cannot be read; that frame then has no result.
#ifndef _NVDSINFER_CUSTOM_IMPL_H_
#define _NVDSINFER_CUSTOM_IMPL_H_

#include <string>
#include <type_traits>
#include <vector>

#include "nvdsinfer.h"

namespace nvinfer1 {
enum class DataType : int32_t;
class IBuilder;
class IBuilderConfig;
class ICudaEngine;
class INetworkDefinition;
class IPluginFactory;
}  // namespace nvinfer1

typedef struct _NvDsInferContextInitParams NvDsInferContextInitParams;

// Builds a network from a model of one's own format. Deleted after the engine is built.
class IModelParser {
 public:
  IModelParser() = default;
  virtual ~IModelParser() = default;
  virtual NvDsInferStatus parseModel(nvinfer1::INetworkDefinition& network) = 0;
  virtual bool hasFullDimsSupported() const = 0;
  // The stem of the engine file's name.
  virtual const char* getModelName() const = 0;
};

extern "C" {

// What the configuration says about detections. Both vectors have numClassesConfigured entries; objects of a class
// beyond them, or below the pre-cluster threshold of their class, are dropped after the parser anyway.
typedef struct NvDsInferParseDetectionParams {
  unsigned int numClassesConfigured;
  std::vector<float> perClassPreclusterThreshold;
  std::vector<float> perClassPostclusterThreshold;
  // The older name of perClassPreclusterThreshold, the same vector.
  std::vector<float>& perClassThreshold = perClassPreclusterThreshold;
} NvDsInferParseDetectionParams;

// parse-bbox-func-name: adds the objects found to the list, which is empty, in network coordinates. Not clustered.
typedef bool (*NvDsInferParseCustomFunc)(const std::vector<NvDsInferLayerInfo>& outputLayersInfo,
                                         const NvDsInferNetworkInfo& networkInfo,
                                         const NvDsInferParseDetectionParams& detectionParams,
                                         std::vector<NvDsInferObjectDetectionInfo>& objectList);

// parse-bbox-instance-mask-func-name: the same with masks.
typedef bool (*NvDsInferInstanceMaskParseCustomFunc)(const std::vector<NvDsInferLayerInfo>& outputLayersInfo,
                                                     const NvDsInferNetworkInfo& networkInfo,
                                                     const NvDsInferParseDetectionParams& detectionParams,
                                                     std::vector<NvDsInferInstanceMaskInfo>& objectList);

// parse-classifier-func-name: adds attributes, and writes the text that is shown beside the object. Without that text
// nothing is attached.
typedef bool (*NvDsInferClassiferParseCustomFunc)(const std::vector<NvDsInferLayerInfo>& outputLayersInfo,
                                                  const NvDsInferNetworkInfo& networkInfo, float classifierThreshold,
                                                  std::vector<NvDsInferAttribute>& attrList, std::string& descString);

// parse-segmentation-func-name: fills networkInfo.width * height class indices, row by row, -1 for none, and may point
// classProbabilityMap at the probabilities.
typedef bool (*NvDsInferSemSegmentationParseCustomFunc)(const std::vector<NvDsInferLayerInfo>& outputLayersInfo,
                                                        const NvDsInferNetworkInfo& networkInfo,
                                                        float segmentationThreshold, unsigned int numClasses,
                                                        int* classificationMap, float*& classProbabilityMap);

// engine-create-func-name: builds a TensorRT engine. Recognised and refused by name where there is no TensorRT.
typedef bool (*NvDsInferEngineCreateCustomFunc)(nvinfer1::IBuilder* const builder,
                                                nvinfer1::IBuilderConfig* const builderConfig,
                                                const NvDsInferContextInitParams* const initParams,
                                                nvinfer1::DataType dataType, nvinfer1::ICudaEngine*& cudaEngine);

// Functions with a fixed name, looked for in the library.
bool NvDsInferInitializeInputLayers(const std::vector<NvDsInferLayerInfo>& inputLayersInfo,
                                    const NvDsInferNetworkInfo& networkInfo, unsigned int maxBatchSize);
IModelParser* NvDsInferCreateModelParser(const NvDsInferContextInitParams* initParams);
bool NvDsInferPluginFactoryRuntimeGet(nvinfer1::IPluginFactory*& pluginFactory);
void NvDsInferPluginFactoryRuntimeDestroy(nvinfer1::IPluginFactory* pluginFactory);
bool NvDsInferCudaEngineGet(nvinfer1::IBuilder* builder, NvDsInferContextInitParams* initParams,
                            nvinfer1::DataType dataType, nvinfer1::ICudaEngine*& cudaEngine)
    _DS_DEPRECATED_("name the function by engine-create-func-name");

}  // extern "C"

// CHECK_..._PROTOTYPE(name), after the definition of a function: does not compile where the function has other
// parameters, or a C++ name.
#define NVDSINFER_CHECK_TYPE_(function, type) \
  static_assert(std::is_convertible<decltype(&function), type>::value, #function " is not a " #type);

#define CHECK_CUSTOM_PARSE_FUNC_PROTOTYPE(function)                                             \
  NVDSINFER_CHECK_TYPE_(function, NvDsInferParseCustomFunc)                                     \
  extern "C" bool function(const std::vector<NvDsInferLayerInfo>&, const NvDsInferNetworkInfo&, \
                           const NvDsInferParseDetectionParams&, std::vector<NvDsInferObjectDetectionInfo>&);

#define CHECK_CUSTOM_INSTANCE_MASK_PARSE_FUNC_PROTOTYPE(function)                               \
  NVDSINFER_CHECK_TYPE_(function, NvDsInferInstanceMaskParseCustomFunc)                         \
  extern "C" bool function(const std::vector<NvDsInferLayerInfo>&, const NvDsInferNetworkInfo&, \
                           const NvDsInferParseDetectionParams&, std::vector<NvDsInferInstanceMaskInfo>&);

#define CHECK_CUSTOM_CLASSIFIER_PARSE_FUNC_PROTOTYPE(function)                                         \
  NVDSINFER_CHECK_TYPE_(function, NvDsInferClassiferParseCustomFunc)                                   \
  extern "C" bool function(const std::vector<NvDsInferLayerInfo>&, const NvDsInferNetworkInfo&, float, \
                           std::vector<NvDsInferAttribute>&, std::string&);

#define CHECK_CUSTOM_SEM_SEGMENTATION_PARSE_FUNC_PROTOTYPE(function)                                                 \
  NVDSINFER_CHECK_TYPE_(function, NvDsInferSemSegmentationParseCustomFunc)                                           \
  extern "C" bool function(const std::vector<NvDsInferLayerInfo>&, const NvDsInferNetworkInfo&, float, unsigned int, \
                           int*, float*&);

#define CHECK_CUSTOM_ENGINE_CREATE_FUNC_PROTOTYPE(function)                            \
  NVDSINFER_CHECK_TYPE_(function, NvDsInferEngineCreateCustomFunc)                     \
  extern "C" bool function(nvinfer1::IBuilder* const, nvinfer1::IBuilderConfig* const, \
                           const NvDsInferContextInitParams* const, nvinfer1::DataType, nvinfer1::ICudaEngine*&);

#endif  // _NVDSINFER_CUSTOM_IMPL_H_
