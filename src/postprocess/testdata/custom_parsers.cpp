// SPDX-License-Identifier: Apache-2.0
//
// A library of the user's, well and ill behaved, for custom_library_test.
#include <cstring>
#include <stdexcept>

#include "edgestream/deepstream/nvdsinfer_custom_impl.h"

// What it was called with, as a detection: left = number of layers, top = elements of layer 0, width and height of the
// network, confidence = first value of layer 0.
extern "C" bool ParseEcho(const std::vector<NvDsInferLayerInfo>& layers, const NvDsInferNetworkInfo& network,
                          const NvDsInferParseDetectionParams& params,
                          std::vector<NvDsInferObjectDetectionInfo>& objects) {
  const bool named = std::strcmp(layers.at(0).layerName, "first") == 0 && layers[0].inferDims.numDims == 2 &&
                     layers[0].inferDims.d[1] == 3 && layers[0].dataType == FLOAT && layers[0].isInput == 0 &&
                     layers.at(1).dataType == INT64 && network.channels == 3 && params.numClassesConfigured == 2 &&
                     &params.perClassThreshold == &params.perClassPreclusterThreshold &&
                     params.perClassPostclusterThreshold.size() == 2;
  if (!named || !objects.empty()) return false;
  NvDsInferObjectDetectionInfo object{};
  object.classId = 1;
  object.left = static_cast<float>(layers.size());
  object.top = static_cast<float>(layers[0].inferDims.numElements);
  object.width = static_cast<float>(network.width);
  object.height = static_cast<float>(network.height);
  object.detectionConfidence = *static_cast<const float*>(layers[0].buffer);
  object.rotation_angle = params.perClassThreshold.at(1);
  objects.push_back(object);
  object.classId = 2;  // beyond the configured ones
  objects.push_back(object);
  object.classId = 4294967295u;
  objects.push_back(object);
  return true;
}
CHECK_CUSTOM_PARSE_FUNC_PROTOTYPE(ParseEcho)

extern "C" bool ParseFailure(const std::vector<NvDsInferLayerInfo>&, const NvDsInferNetworkInfo&,
                             const NvDsInferParseDetectionParams&, std::vector<NvDsInferObjectDetectionInfo>& objects) {
  objects.resize(3);
  return false;
}

extern "C" bool ParseThrow(const std::vector<NvDsInferLayerInfo>&, const NvDsInferNetworkInfo&,
                           const NvDsInferParseDetectionParams&, std::vector<NvDsInferObjectDetectionInfo>&) {
  throw std::runtime_error("out of cheese");
}

// The object of DeepStream 8 and older.
struct OldObject {
  unsigned classId;
  float left, top, width, height, detectionConfidence;
};

extern "C" bool ParseOld(const std::vector<NvDsInferLayerInfo>&, const NvDsInferNetworkInfo&,
                         const NvDsInferParseDetectionParams&, std::vector<OldObject>& objects) {
  objects.push_back({0, 1, 2, 3, 4, 0.9f});
  return true;
}

// Class 2 of output 0 without a label, class 0 of output 1 with one of its own.
extern "C" bool ParseAttributes(const std::vector<NvDsInferLayerInfo>&, const NvDsInferNetworkInfo&, float threshold,
                                std::vector<NvDsInferAttribute>& attributes, std::string& description) {
  attributes.push_back({0, 2, threshold, nullptr});
  attributes.push_back({1, 0, 1.0f, strdup("own")});
  description = "mine ";
  return true;
}
CHECK_CUSTOM_CLASSIFIER_PARSE_FUNC_PROTOTYPE(ParseAttributes)
