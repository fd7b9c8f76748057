// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "vision/image.h"

namespace es::draw {

// Writes an RGB picture as PNG. Throws environment where the file cannot be written.
void write_png(const std::filesystem::path& path, const ImageView& rgb);

}  // namespace es::draw
