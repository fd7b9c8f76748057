// SPDX-License-Identifier: Apache-2.0
//
// One picture format in three vocabularies: GStreamer's caps, ours (vision/image.h), and NvBufSurface's; and the caps
// that carry memory:NVMM.
#pragma once

#include <gst/gst.h>
#include <gst/video/video.h>

#include <optional>
#include <string>
#include <string_view>

#include "edgestream/deepstream/nvbufsurface.h"
#include "vision/image.h"

namespace es::gst {

inline constexpr const char* nvmm_feature = "memory:NVMM";

// The formats in which pictures travel as surfaces, as caps write a list: "{ I420, NV12, ... }", most wanted first.
std::string surface_formats();

// "video/x-raw(memory:NVMM), format=..., width=..., height=..., framerate=..." for all surface formats.
GstCaps* surface_caps();
// The same formats in plain system memory.
GstCaps* plain_caps();
// Whether the first structure of the caps asks for memory:NVMM.
bool has_nvmm(const GstCaps* caps);

std::optional<PixelFormat> pixel_format(GstVideoFormat format);
GstVideoFormat video_format(PixelFormat format);
bool is_yuv(GstVideoFormat format);

// Matrix and range as ImageView has them; formats of RGB and gray are full range.
ColorMatrix matrix_of(const GstVideoInfo& info);
ColorRange range_of(const GstVideoInfo& info);
NvBufSurfaceColorFormat surface_color_format(const GstVideoInfo& info);

// The video info of caps of either kind of memory. Throws unsupported for a format that is none of ours.
GstVideoInfo video_info(const GstCaps* caps);

// A picture of this format and size with GStreamer's default layout and the colours of `like`, where both are YUV.
GstVideoInfo make_info(GstVideoFormat format, int width, int height, const GstVideoInfo& like);

}  // namespace es::gst
