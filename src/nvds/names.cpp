// SPDX-License-Identifier: Apache-2.0
//
// Numbers and texts that a process agrees on: types of user metadata, names of status codes, the version.
#include <cstdio>
#include <map>
#include <mutex>
#include <string>

#include "nvds/exported.h"

extern "C" {

NvDsMetaType nvds_get_user_meta_type(gchar* meta_descriptor) {
  static std::mutex mutex;
  static std::map<std::string, int> numbers;
  const std::lock_guard lock(mutex);
  const int next = NVDS_START_USER_META + static_cast<int>(numbers.size());
  return static_cast<NvDsMetaType>(
      numbers.emplace(meta_descriptor != nullptr ? meta_descriptor : "", next).first->second);
}

const char* NvDsInferStatus2Str(NvDsInferStatus status) {
  static const char* const names[] = {
      "NVDSINFER_SUCCESS",        "NVDSINFER_CONFIG_FAILED",         "NVDSINFER_CUSTOM_LIB_FAILED",
      "NVDSINFER_INVALID_PARAMS", "NVDSINFER_OUTPUT_PARSING_FAILED", "NVDSINFER_CUDA_ERROR",
      "NVDSINFER_TENSORRT_ERROR", "NVDSINFER_RESOURCE_ERROR",        "NVDSINFER_TRITON_ERROR",
      "NVDSINFER_MEM_ERROR",      "NVDSINFER_UNKNOWN_ERROR"};
  const auto index = static_cast<size_t>(status);
  return index < std::size(names) ? names[index] : "not an NvDsInferStatus";
}

void nvds_version(unsigned int* major, unsigned int* minor) {
  if (major != nullptr) *major = NVDS_VERSION_MAJOR;
  if (minor != nullptr) *minor = NVDS_VERSION_MINOR;
}

void nvds_version_print() {
  std::printf("EdgeStream, with the API of DeepStreamSDK %d.%d.%d\n", NVDS_VERSION_MAJOR, NVDS_VERSION_MINOR,
              NVDS_VERSION_MICRO);
}

void nvds_dependencies_version_print() { std::printf("No CUDA, TensorRT or cuDNN is used.\n"); }

}  // extern "C"
