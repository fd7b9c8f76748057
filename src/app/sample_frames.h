// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "vision/image.h"

namespace es::app {

// One decoded frame: RGB, rows without gaps.
struct SampledFrame {
  int width = 0, height = 0;
  std::vector<uint8_t> rgb;
};

// Every frame of a video in order, RGB, scaled to the given size; the pixels stay until `body` returns. initialise()
// must have been called. Throws malformed where nothing can be decoded, and what `body` throws.
void for_each_frame(const std::string& uri, int width, int height,
                    const std::function<void(size_t index, const ImageView& rgb)>& body);

// `count` frames spread evenly over a video, scaled to the given size. Fewer where the video has fewer.
std::vector<SampledFrame> sample_frames(const std::string& uri, int count, int width, int height);

}  // namespace es::app
