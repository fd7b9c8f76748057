// SPDX-License-Identifier: Apache-2.0
//
// Where a source's tile lies on the tiler's picture, and metadata moved there.
#pragma once

#include <optional>

#include "edgestream/deepstream/nvdsmeta.h"
#include "vision/box.h"

namespace es::gst {

struct TileGrid {
  int rows = 1, columns = 1;
  int width = 0, height = 0;  // of the whole picture, pixels
  int show_source = -1;       // at least 0: this source alone, over the whole picture
};

// As few rows and columns as hold the sources, columns first: 1x1, 1x2, 2x2, 2x3, 3x3, ...
void make_square(TileGrid& grid, int sources);

// Nothing for a source that has no place.
std::optional<PixelRect> tile_of(const TileGrid& grid, int source);

// Rectangles, texts, lines, arrows and circles of the frame, from a picture of this size to the tile. Fonts and line
// widths keep their size.
void move_frame(NvDsFrameMeta& frame, const PixelRect& tile, int frame_width, int frame_height);

}  // namespace es::gst
