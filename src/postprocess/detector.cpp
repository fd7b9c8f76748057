// SPDX-License-Identifier: Apache-2.0
#include "postprocess/detector.h"

#include <optional>

#include "base/error.h"
#include "base/log.h"
#include "base/text.h"
#include "postprocess/cluster.h"
#include "postprocess/decoders/bbox_coverage.h"
#include "postprocess/decoders/custom_library.h"

namespace es::postprocess {
namespace {

std::string built_in_names() {
  std::vector<std::string_view> names;
  for (const auto& row : decoder_table()) names.push_back(row.function);
  return join(names, ", ");
}

DecoderParams decoder_params(const DetectorParams& params) {
  DecoderParams out{params.network_width, params.network_height, params.network_channels, {}, {}};
  for (const auto& attributes : params.classes) {
    out.pre_cluster_thresholds.push_back(attributes.pre_cluster_threshold);
    out.post_cluster_thresholds.push_back(attributes.post_cluster_threshold);
  }
  return out;
}

// The library with the function in it, or the reason why there is none.
struct Found {
  std::shared_ptr<CustomLibrary> library;
  std::optional<Error> reason;
};

Found look_in_library(const DetectorParams& params) {
  try {
    auto library = std::make_shared<CustomLibrary>(params.custom_lib_path);
    require(library->function(params.parse_bbox_func_name) != nullptr, ErrorKind::mismatch,
            params.custom_lib_path.string(), ": has no function '", params.parse_bbox_func_name,
            "', parse-bbox-func-name names it");
    return {std::move(library), std::nullopt};
  } catch (const Error& error) {
    return {nullptr, error};
  }
}

std::unique_ptr<Decoder> open_decoder(std::span<const TensorSpec> outputs, const DetectorParams& params) {
  const std::string& function = params.parse_bbox_func_name;
  const DecoderParams facts = decoder_params(params);
  if (function.empty()) return open_bbox_coverage(outputs, facts);

  const DecoderRow* built_in = find_decoder(function);
  if (params.custom_lib_path.empty()) {
    if (built_in) return built_in->open(function, outputs, facts);
    log(LogLevel::warning, "parse-bbox-func-name is '", function, "', which is not built in (", built_in_names(),
        " are), and there is no custom-lib-path; like DeepStream, the default parser is used");
    return open_bbox_coverage(outputs, facts);
  }
  auto [library, reason] = look_in_library(params);
  if (library) return open_custom_decoder(std::move(library), function, outputs, facts);
  if (!built_in) {
    throw Error(reason->kind(), text(reason->what(), "; '", function, "' is not built in, ", built_in_names(),
                                     " are (Could not open custom lib)"));
  }
  log(LogLevel::warning, "custom-lib-path: ", reason->what(), "; the built-in '", function, "' is used");
  return built_in->open(function, outputs, facts);
}

}  // namespace

Detector::Detector(std::span<const TensorSpec> outputs, DetectorParams params) : params_(std::move(params)) {
  replace_group_rectangles(params_.cluster_mode, params_.classes);
  decoder_ = open_decoder(outputs, params_);
}

std::vector<ModelDetection> Detector::run(std::span<const TensorView> outputs) const {
  std::vector<ModelDetection> found;
  decoder_->decode(outputs, found);
  found = filter_before_clustering(std::move(found), params_.classes);
  return cluster(found, params_.cluster_mode, params_.classes);
}

}  // namespace es::postprocess
