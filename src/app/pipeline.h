// SPDX-License-Identifier: Apache-2.0
//
// A configuration as a pipeline in the words of gst-launch-1.0. What this returns is what runs: --print-pipeline shows
// it, and plain gst-launch-1.0 gives the same detections.
#pragma once

#include <string>

#include "app/app_config.h"

namespace es::app {

struct PipelineOptions {
  std::string json;         // file for JSON Lines; empty: none
  double threshold = -1;    // overrides the thresholds of every engine; below 0: as the files say
  bool has_display = true;  // a window can be opened
  bool images = false;      // sinks of type 3 write PNG pictures, output_file being a pattern with %05d or one name
};

// Throws malformed or unsupported where the configuration cannot run; `warnings` gets what was replaced.
std::string pipeline_text(const AppConfig& config, const PipelineOptions& options, std::vector<std::string>& warnings);

// The same for a shell, which takes parentheses for its own.
std::string shell_text(const std::string& pipeline);

// `value` as gst-launch-1.0 reads it back: in quotes with escapes where needed.
std::string launch_quoted(const std::string& value);

}  // namespace es::app
