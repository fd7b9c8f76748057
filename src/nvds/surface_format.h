// SPDX-License-Identifier: Apache-2.0
//
// How the pictures of a colour format lie in memory.
#pragma once

#include <cstdint>
#include <optional>

#include "nvds/exported.h"

namespace es::nvds {

// One plane: bytes per sample position, and by how much each axis is halved.
struct PlaneFormat {
  uint8_t bytes_per_pixel = 1;
  uint8_t shift_x = 0;
  uint8_t shift_y = 0;
};

struct SurfaceFormat {
  uint8_t plane_count = 0;
  PlaneFormat planes[3];
};

// Nothing for a format that has no 8-bit pitch-linear layout here.
std::optional<SurfaceFormat> surface_format(NvBufSurfaceColorFormat color_format);

}  // namespace es::nvds
