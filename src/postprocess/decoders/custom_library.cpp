// SPDX-License-Identifier: Apache-2.0
//
// What a parser sees: layers with host buffers, dimensions without the batch. What it hands back is read with its ABI
// in mind: until DeepStream 8 a detected object had 24 bytes, since 9 it has 28, and a library of the one age called in
// the other fills the vector in steps of its own.
#include "postprocess/decoders/custom_library.h"

#include <dlfcn.h>

#include <cstdlib>
#include <mutex>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "edgestream/deepstream/nvdsinfer_custom_impl.h"

namespace es::postprocess {
namespace {

struct TypePair {
  DType ours;
  NvDsInferDataType theirs;
};
constexpr TypePair types[] = {{DType::f32, FLOAT}, {DType::f16, HALF}, {DType::i8, INT8},      {DType::i32, INT32},
                              {DType::i64, INT64}, {DType::u8, UINT8}, {DType::boolean, UINT8}};

const TypePair* type_of(DType dtype) {
  for (const auto& pair : types) {
    if (pair.ours == dtype) return &pair;
  }
  return nullptr;
}

// The model's outputs as layers; the names live here, the buffers belong to each call.
class Layers {
 public:
  explicit Layers(std::span<const TensorSpec> outputs) : specs_(outputs.begin(), outputs.end()) {
    for (const auto& spec : specs_) {
      require(type_of(spec.dtype) != nullptr, ErrorKind::mismatch, "output '", spec.name, "' is ", spec.dtype,
              ", a parser of custom-lib-path takes float32, float16, int8, int32, int64 or uint8");
      require(spec.shape.rank() <= NVDSINFER_MAX_DIMS + 1, ErrorKind::mismatch, "output '", spec.name, "' is ",
              spec.shape, ", at most ", NVDSINFER_MAX_DIMS, " dimensions besides the batch can be handed to a parser");
    }
  }

  std::vector<NvDsInferLayerInfo> with(std::span<const TensorView> outputs) const {
    std::vector<NvDsInferLayerInfo> layers;
    for (size_t i = 0; i < outputs.size() && i < specs_.size(); ++i) layers.push_back(layer(i, outputs[i]));
    return layers;
  }

 private:
  NvDsInferLayerInfo layer(size_t index, const TensorView& output) const {
    NvDsInferLayerInfo layer{};
    layer.dataType = type_of(specs_[index].dtype)->theirs;
    layer.bindingIndex = static_cast<int>(index) + 1;  // the picture is binding 0
    layer.layerName = specs_[index].name.c_str();
    layer.buffer = const_cast<void*>(output.data);  // the interface has no const; parsers read
    NvDsInferDims& dims = layer.inferDims;
    for (const int64_t dim : output.shape.dims()) {
      if (dims.numDims < NVDSINFER_MAX_DIMS) dims.d[dims.numDims++] = static_cast<unsigned>(dim);
    }
    if (dims.numDims == 0) dims.d[dims.numDims++] = 1;  // a scalar per item is one element
    dims.numElements = static_cast<unsigned>(output.shape.elements());
    return layer;
  }

  std::vector<TensorSpec> specs_;
};

// Runs foreign code; an exception of it is a failure like any other.
template <typename Call>
bool call_parser(const std::string& function, const char* nvinfer_words, Call call) {
  try {
    if (call()) return true;
    log(LogLevel::error, function, " could not read the outputs (", nvinfer_words, ")");
  } catch (const std::exception& error) {
    log(LogLevel::error, function, " threw '", printable(error.what()), "' (", nvinfer_words, ")");
  } catch (...) {
    log(LogLevel::error, function, " threw something (", nvinfer_words, ")");
  }
  return false;
}

class CustomDecoder final : public Decoder {
 public:
  CustomDecoder(std::shared_ptr<CustomLibrary> library, std::string function, std::span<const TensorSpec> outputs,
                const DecoderParams& params)
      : library_(std::move(library)),
        function_(std::move(function)),
        parse_(reinterpret_cast<NvDsInferParseCustomFunc>(library_->function(function_))),
        layers_(outputs),
        network_{static_cast<unsigned>(params.network_width), static_cast<unsigned>(params.network_height),
                 static_cast<unsigned>(params.network_channels)},
        params_{params.classes(), params.pre_cluster_thresholds, params.post_cluster_thresholds} {}

  void decode(std::span<const TensorView> outputs, std::vector<ModelDetection>& found) const override {
    std::vector<NvDsInferObjectDetectionInfo> objects;
    const bool read = call_parser(function_, "Failed to parse bboxes using custom parse function", [&] {
      const auto layers = layers_.with(outputs);
      const std::lock_guard lock(one_call_);
      return parse_(layers, network_, params_, objects);
    });
    if (!read || !has_our_abi(objects)) return;
    for (const auto& object : objects) {
      if (object.classId >= params_.numClassesConfigured) continue;  // also keeps the number within an int
      found.push_back({{object.left, object.top, object.width, object.height},
                       static_cast<int>(object.classId),
                       object.detectionConfidence,
                       object.rotation_angle});
    }
  }

 private:
  bool has_our_abi(const std::vector<NvDsInferObjectDetectionInfo>& objects) const {
    const auto begin = reinterpret_cast<uintptr_t>(std::to_address(objects.begin()));
    const auto end = reinterpret_cast<uintptr_t>(std::to_address(objects.end()));
    if ((end - begin) % sizeof(NvDsInferObjectDetectionInfo) == 0) return true;
    log(LogLevel::error, function_, " hands over objects of another size than the ",
        sizeof(NvDsInferObjectDetectionInfo),
        " bytes of DeepStream 9; its library was built for an older one: build it again");
    return false;
  }

  std::shared_ptr<CustomLibrary> library_;
  std::string function_;
  NvDsInferParseCustomFunc parse_;
  Layers layers_;
  NvDsInferNetworkInfo network_;
  NvDsInferParseDetectionParams params_;
  mutable std::mutex one_call_;
};

class CustomClassifier final : public AttributeParser {
 public:
  CustomClassifier(std::shared_ptr<CustomLibrary> library, std::string function, std::span<const TensorSpec> outputs,
                   const ClassifierParams& params)
      : library_(std::move(library)),
        function_(std::move(function)),
        parse_(reinterpret_cast<NvDsInferClassiferParseCustomFunc>(library_->function(function_))),
        layers_(outputs),
        network_{static_cast<unsigned>(params.network_width), static_cast<unsigned>(params.network_height),
                 static_cast<unsigned>(params.network_channels)},
        threshold_(params.classifier_threshold) {}

  void parse(std::span<const TensorView> outputs, ClassifierResult& result) const override {
    std::vector<NvDsInferAttribute> attributes;
    std::string description;
    const bool read =
        call_parser(function_, "Failed to parse classification attributes using custom parse function", [&] {
          const auto layers = layers_.with(outputs);
          const std::lock_guard lock(one_call_);
          return parse_(layers, network_, threshold_, attributes, description);
        });
    for (const auto& attribute : attributes) {
      const char* label = attribute.attributeLabel;
      if (read) {
        result.attributes.push_back(
            {attribute.attributeIndex, attribute.attributeValue, attribute.attributeConfidence, label ? label : ""});
      }
      std::free(attribute.attributeLabel);
    }
    if (read) result.label = description;
  }

 private:
  std::shared_ptr<CustomLibrary> library_;
  std::string function_;
  NvDsInferClassiferParseCustomFunc parse_;
  Layers layers_;
  NvDsInferNetworkInfo network_;
  float threshold_;
  mutable std::mutex one_call_;
};

}  // namespace

CustomLibrary::CustomLibrary(const std::filesystem::path& path) {
  std::error_code ignored;
  require(std::filesystem::exists(path, ignored), ErrorKind::unreadable, path.string(), ": No such file or directory");
  // A name without a slash would be looked for in the system's folders.
  const auto absolute = std::filesystem::absolute(path, ignored);
  handle_ = ::dlopen(absolute.c_str(), RTLD_LAZY | RTLD_LOCAL);
  require(handle_ != nullptr, ErrorKind::environment, path.string(), ": the loader refuses it: ", ::dlerror());
}

CustomLibrary::~CustomLibrary() {
  if (handle_) ::dlclose(handle_);
}

void* CustomLibrary::function(const std::string& name) const { return ::dlsym(handle_, name.c_str()); }

std::unique_ptr<Decoder> open_custom_decoder(std::shared_ptr<CustomLibrary> library, const std::string& function,
                                             std::span<const TensorSpec> outputs, const DecoderParams& params) {
  return std::make_unique<CustomDecoder>(std::move(library), function, outputs, params);
}

std::unique_ptr<AttributeParser> open_custom_classifier(std::shared_ptr<CustomLibrary> library,
                                                        const std::string& function,
                                                        std::span<const TensorSpec> outputs,
                                                        const ClassifierParams& params) {
  return std::make_unique<CustomClassifier>(std::move(library), function, outputs, params);
}

}  // namespace es::postprocess
