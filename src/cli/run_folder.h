// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "app/app_config.h"
#include "app/pipeline.h"

namespace es::cli {

// A deployment folder on an input, without a deepstream-app file.
struct FolderRun {
  std::filesystem::path folder;
  std::filesystem::path secondary;  // another deployment folder, whose classifier runs on the objects; may be empty
  std::string output;               // may be empty
  bool show = false;
};

// The Gst-nvinfer file of a deployment folder: "config_infer_primary_*.txt", or secondary. Throws where there is none,
// or more than one.
std::filesystem::path nvinfer_file_of(const std::filesystem::path& folder, const std::string& stage);

// The configuration that runs the folder on a video, picture, /dev/videoN or URI. Frames keep the input's own size.
// Sets options.images where the input is a picture.
app::AppConfig config_for(const FolderRun& run, const std::string& input, app::PipelineOptions& options);

// Every picture of `pictures`, in the order of their names, each at its own size: an annotated PNG of the same name in
// run.output, one line of JSON each. Files that hold no picture are named and left out.
int run_on_pictures(const FolderRun& run, const std::filesystem::path& pictures, app::PipelineOptions options);

// "a.mp4" as "file:///.../a.mp4"; a URI stays.
std::string uri_of(const std::string& input);

}  // namespace es::cli
