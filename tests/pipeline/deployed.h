// SPDX-License-Identifier: Apache-2.0
//
// The bundled exports as deployment folders and a short piece of the bundled clip, made once for a test program.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/text.h"
#include "testing/command.h"
#include "testing/scratch_folder.h"

namespace es::testing {

inline const std::string edgestream = ES_EDGESTREAM;
inline const std::string candy = ES_SOURCE_DIR "/examples/candy/";
class Deployed {
 public:
  static const Deployed& get() {
    static const Deployed instance;
    return instance;
  }

  std::string detector() const { return (scratch_.path() / "detector").string(); }
  std::string classifier() const { return (scratch_.path() / "classifier").string(); }
  std::string fomo() const { return (scratch_.path() / "fomo").string(); }
  // The first frames of the clip, not encoded anew.
  std::string clip() const { return (scratch_.path() / "short.mp4").string(); }

 private:
  Deployed() {
    must({edgestream, "convert", "--no-verify", candy + "candy-detector.onnx", "-o", detector(), "--labels", "candy",
          "--resize", "squash", "--scaling", "0..1", "--threshold", "0.5"});
    must({edgestream, "convert", "--no-verify", candy + "candy-classifier-cpp-mcu-v1.zip", "-o", classifier()});
    must({edgestream, "convert", "--no-verify", candy + "ei-candy-fomo-arduino-1.0.1.zip", "-o", fomo()});
    must({"gst-launch-1.0", "-q", "filesrc", "location=" + candy + "clip.mp4", "!", "qtdemux", "!", "h264parse", "!",
          "identity", "eos-after=41", "!", "mp4mux", "!", "filesink", "location=" + clip()});
  }

  static void must(const std::vector<std::string>& words) {
    const auto result = run_command(words);
    if (result.code != 0) throw std::runtime_error(join(words, " ") + ": " + result.err);
  }

  ScratchFolder scratch_;
};

// How many frames a decoder of GStreamer's own finds in a video.
inline size_t frames_in(const std::filesystem::path& video) {
  const auto result = run_command({"gst-launch-1.0", "-v", "filesrc", "location=" + video.string(), "!", "decodebin",
                                   "!", "fakesink", "silent=false", "sync=false"});
  size_t count = 0;
  for (size_t at = result.out.find("chain   ***"); at != std::string::npos;
       at = result.out.find("chain   ***", at + 1)) {
    ++count;
  }
  return count;
}

inline size_t clip_frames() {
  static const size_t count = frames_in(Deployed::get().clip());
  return count;
}

inline std::vector<nlohmann::json> lines_of(const std::filesystem::path& file) {
  std::vector<nlohmann::json> lines;
  for (const auto& line : split(read_text_file(file), '\n')) {
    if (!line.empty()) lines.push_back(nlohmann::json::parse(line));
  }
  return lines;
}

inline size_t objects_in(const std::vector<nlohmann::json>& lines) {
  size_t count = 0;
  for (const auto& line : lines) count += line.at("objects").size();
  return count;
}

}  // namespace es::testing
