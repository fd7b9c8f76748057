// SPDX-License-Identifier: Apache-2.0
#include "gst/format.h"

#include <iterator>

#include "base/error.h"
#include "base/text.h"

namespace es::gst {
namespace {

// In the order in which an element offers them.
struct Row {
  GstVideoFormat video;
  PixelFormat pixel;
  const char* name;
};

constexpr Row rows[] = {
    {GST_VIDEO_FORMAT_I420, PixelFormat::i420, "I420"},    {GST_VIDEO_FORMAT_NV12, PixelFormat::nv12, "NV12"},
    {GST_VIDEO_FORMAT_RGBA, PixelFormat::rgba, "RGBA"},    {GST_VIDEO_FORMAT_BGRx, PixelFormat::bgrx, "BGRx"},
    {GST_VIDEO_FORMAT_RGB, PixelFormat::rgb, "RGB"},       {GST_VIDEO_FORMAT_BGR, PixelFormat::bgr, "BGR"},
    {GST_VIDEO_FORMAT_GRAY8, PixelFormat::gray8, "GRAY8"},
};

// The surface format of a YUV picture by matrix and range.
struct YuvRow {
  GstVideoFormat video;
  NvBufSurfaceColorFormat limited601, full601, limited709, full709;
};

constexpr YuvRow yuv_rows[] = {
    {GST_VIDEO_FORMAT_I420, NVBUF_COLOR_FORMAT_YUV420, NVBUF_COLOR_FORMAT_YUV420_ER, NVBUF_COLOR_FORMAT_YUV420_709,
     NVBUF_COLOR_FORMAT_YUV420_709_ER},
    {GST_VIDEO_FORMAT_NV12, NVBUF_COLOR_FORMAT_NV12, NVBUF_COLOR_FORMAT_NV12_ER, NVBUF_COLOR_FORMAT_NV12_709,
     NVBUF_COLOR_FORMAT_NV12_709_ER},
};

std::string caps_fields() {
  return "format=(string)" + surface_formats() +
         ", width=(int)[1, 32767], height=(int)[1, 32767], framerate=(fraction)[0/1, 2147483647/1]";
}

}  // namespace

std::string surface_formats() {
  std::string list;
  for (const auto& row : rows) list += (list.empty() ? "{ " : ", ") + std::string(row.name);
  return list + " }";
}

GstCaps* surface_caps() {
  return gst_caps_from_string(text("video/x-raw(", nvmm_feature, "), ", caps_fields()).c_str());
}

GstCaps* plain_caps() { return gst_caps_from_string(("video/x-raw, " + caps_fields()).c_str()); }

bool has_nvmm(const GstCaps* caps) {
  if (caps == nullptr || gst_caps_is_empty(caps) || gst_caps_is_any(caps)) return false;
  const GstCapsFeatures* features = gst_caps_get_features(caps, 0);
  return features != nullptr && gst_caps_features_contains(features, nvmm_feature);
}

std::optional<PixelFormat> pixel_format(GstVideoFormat format) {
  for (const auto& row : rows) {
    if (row.video == format) return row.pixel;
  }
  return std::nullopt;
}

GstVideoFormat video_format(PixelFormat format) {
  for (const auto& row : rows) {
    if (row.pixel == format) return row.video;
  }
  return GST_VIDEO_FORMAT_UNKNOWN;
}

bool is_yuv(GstVideoFormat format) { return GST_VIDEO_FORMAT_INFO_IS_YUV(gst_video_format_get_info(format)); }

ColorMatrix matrix_of(const GstVideoInfo& info) {
  return info.colorimetry.matrix == GST_VIDEO_COLOR_MATRIX_BT709 ? ColorMatrix::bt709 : ColorMatrix::bt601;
}

ColorRange range_of(const GstVideoInfo& info) {
  const bool full = !is_yuv(GST_VIDEO_INFO_FORMAT(&info)) || info.colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255;
  return full ? ColorRange::full : ColorRange::limited;
}

NvBufSurfaceColorFormat surface_color_format(const GstVideoInfo& info) {
  const bool full = range_of(info) == ColorRange::full;
  const bool bt709 = matrix_of(info) == ColorMatrix::bt709;
  for (const auto& row : yuv_rows) {
    if (row.video != GST_VIDEO_INFO_FORMAT(&info)) continue;
    return bt709 ? (full ? row.full709 : row.limited709) : (full ? row.full601 : row.limited601);
  }
  switch (GST_VIDEO_INFO_FORMAT(&info)) {
    case GST_VIDEO_FORMAT_RGBA:
      return NVBUF_COLOR_FORMAT_RGBA;
    case GST_VIDEO_FORMAT_BGRx:
      return NVBUF_COLOR_FORMAT_BGRx;
    case GST_VIDEO_FORMAT_RGB:
      return NVBUF_COLOR_FORMAT_RGB;
    case GST_VIDEO_FORMAT_BGR:
      return NVBUF_COLOR_FORMAT_BGR;
    case GST_VIDEO_FORMAT_GRAY8:
      return NVBUF_COLOR_FORMAT_GRAY8;
    default:
      return NVBUF_COLOR_FORMAT_INVALID;
  }
}

GstVideoInfo video_info(const GstCaps* caps) {
  GstVideoInfo info;
  const bool known = gst_video_info_from_caps(&info, caps) != FALSE;
  if (known && pixel_format(GST_VIDEO_INFO_FORMAT(&info))) return info;
  g_autofree gchar* written = gst_caps_to_string(caps);
  fail(ErrorKind::unsupported, "caps ", printable(written, 400), ": the format must be one of ", surface_formats(),
       "; put a nvvideoconvert in front");
}

GstVideoInfo make_info(GstVideoFormat format, int width, int height, const GstVideoInfo& like) {
  GstVideoInfo info;
  gst_video_info_set_format(&info, format, static_cast<guint>(width), static_cast<guint>(height));
  info.fps_n = like.fps_n;
  info.fps_d = like.fps_d;
  if (!is_yuv(format)) return info;
  if (is_yuv(GST_VIDEO_INFO_FORMAT(&like))) {
    info.colorimetry = like.colorimetry;
    info.chroma_site = like.chroma_site;
  } else {
    // What conversion from RGB yields here, whatever the size of the picture would suggest.
    gst_video_colorimetry_from_string(&info.colorimetry, GST_VIDEO_COLORIMETRY_BT601);
  }
  return info;
}

}  // namespace es::gst
