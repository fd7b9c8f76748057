// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace es::app {

// One decoded frame: RGB, rows without gaps.
struct SampledFrame {
  int width = 0, height = 0;
  std::vector<uint8_t> rgb;
};

// `count` frames spread evenly over a video, scaled to the given size. Fewer where the video has fewer. initialise()
// must have been called. Throws malformed where the video cannot be decoded.
std::vector<SampledFrame> sample_frames(const std::string& uri, int count, int width, int height);

}  // namespace es::app
