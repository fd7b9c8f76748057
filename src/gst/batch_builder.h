// SPDX-License-Identifier: Apache-2.0
//
// Frames of several sources to one batch: each at the batch's size and format, and the metadata that says where it came
// from.
#pragma once

#include <gst/gst.h>

#include <vector>

#include "gst/frame.h"
#include "gst/pixels.h"

namespace es::gst {

// A frame as it waits in nvstreammux.
struct SourceFrame {
  Frame frame;  // already fitted
  unsigned pad_index = 0;
  int frame_num = 0;
  GstClockTime pts = GST_CLOCK_TIME_NONE;           // as it came
  GstClockTime running_time = GST_CLOCK_TIME_NONE;  // when it is to be shown
  GstClockTime duration = GST_CLOCK_TIME_NONE;
  guint64 ntp = 0;       // nanoseconds of wall clock, 0 unknown
  int source_width = 0;  // before fitting
  int source_height = 0;
  GstBuffer* metas = nullptr;  // carries the NvDsMeta that came with the frame; owned, NULL where there was none
};

// How frames are made to fit.
struct Fit {
  GstVideoInfo output;
  Filter filter = Filter::bilinear;
  bool padding = false;  // keep proportions, black bands on both sides
};

// The frame itself where it has the output's size and format already, else a scaled and converted one from `pool`.
Frame fit_frame(const Frame& frame, const Fit& fit, FramePool& pool);

// Where a picture of this size lies in the output with its proportions kept: as large as fits, in the middle, on even
// numbers.
PixelRect padded_rect(int width, int height, int output_width, int output_height);

// A buffer with these frames and their NvDsBatchMeta. batch_id is the position in the list.
GstBuffer* build_batch(std::vector<SourceFrame> sources, unsigned batch_size, unsigned surfaces_per_frame);

}  // namespace es::gst
