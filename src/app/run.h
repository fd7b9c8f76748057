// SPDX-License-Identifier: Apache-2.0
//
// A pipeline from start to end: messages to sentences, performance lines, Ctrl-C to a playable file.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/app_config.h"
#include "app/pipeline.h"

namespace es::app {

// What a running pipeline says, about ten times a second.
struct Progress {
  uint64_t frames = 0;
  double seconds = 0;            // since the first frame
  double frames_per_second = 0;  // over the last second
  double position = 0;           // seconds into the first source
  double duration = 0;           // of the first source; 0 where it is not known
};

struct Summary {
  uint64_t frames = 0;
  uint64_t objects = 0;
  double seconds = 0;  // from the first frame to the last
  bool interrupted = false;
  double frames_per_second() const { return seconds > 0 ? static_cast<double>(frames) / seconds : 0; }
};

struct RunOptions {
  std::function<void(const Progress&)> progress;  // may be empty
  std::function<void(const std::string&)> print;  // performance lines and what deepstream-app prints; may be empty
  bool decorate = true;  // border, label and fill of objects as [osd] and the engines' groups say
};

// gst_init, with what is missing as a sentence. Once per process, before anything else here.
void initialise();

// Runs until the end of the streams, an error, or Ctrl-C: the first one ends the streams in order (files are finished),
// a second one kills. initialise() must have been called. Throws environment where an element is missing or the
// pipeline stops with an error; the message names the element.
Summary run(const AppConfig& config, const std::string& pipeline, const RunOptions& options);

// What a file or URI is, found by opening it.
struct MediaInfo {
  bool is_image = false;
  int width = 0, height = 0;
  double seconds = 0;  // 0 for images and live sources
};
// Throws unreadable or malformed where nothing in it can be decoded.
MediaInfo probe_media(const std::string& uri);

}  // namespace es::app
