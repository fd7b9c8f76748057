// SPDX-License-Identifier: Apache-2.0
#include "nvds/surface_format.h"

namespace es::nvds {
namespace {

constexpr SurfaceFormat gray{1, {{1}}};
constexpr SurfaceFormat yuv420{3, {{1}, {1, 1, 1}, {1, 1, 1}}};
constexpr SurfaceFormat nv12{2, {{1}, {2, 1, 1}}};
constexpr SurfaceFormat yuv422{3, {{1}, {1, 1, 0}, {1, 1, 0}}};
constexpr SurfaceFormat nv16{2, {{1}, {2, 1, 0}}};
constexpr SurfaceFormat yuv444{3, {{1}, {1}, {1}}};
constexpr SurfaceFormat nv24{2, {{1}, {2}}};
constexpr SurfaceFormat packed422{1, {{2}}};
constexpr SurfaceFormat three_bytes{1, {{3}}};
constexpr SurfaceFormat four_bytes{1, {{4}}};

struct Row {
  NvBufSurfaceColorFormat color_format;
  const SurfaceFormat& format;
};

constexpr Row rows[] = {
    {NVBUF_COLOR_FORMAT_GRAY8, gray},          {NVBUF_COLOR_FORMAT_GRAY8_ER, gray},
    {NVBUF_COLOR_FORMAT_YUV420, yuv420},       {NVBUF_COLOR_FORMAT_YVU420, yuv420},
    {NVBUF_COLOR_FORMAT_YUV420_ER, yuv420},    {NVBUF_COLOR_FORMAT_YVU420_ER, yuv420},
    {NVBUF_COLOR_FORMAT_YUV420_709, yuv420},   {NVBUF_COLOR_FORMAT_YUV420_709_ER, yuv420},
    {NVBUF_COLOR_FORMAT_YUV420_2020, yuv420},  {NVBUF_COLOR_FORMAT_NV12, nv12},
    {NVBUF_COLOR_FORMAT_NV12_ER, nv12},        {NVBUF_COLOR_FORMAT_NV21, nv12},
    {NVBUF_COLOR_FORMAT_NV21_ER, nv12},        {NVBUF_COLOR_FORMAT_NV12_709, nv12},
    {NVBUF_COLOR_FORMAT_NV12_709_ER, nv12},    {NVBUF_COLOR_FORMAT_NV12_2020, nv12},
    {NVBUF_COLOR_FORMAT_YUV422, yuv422},       {NVBUF_COLOR_FORMAT_NV16, nv16},
    {NVBUF_COLOR_FORMAT_NV16_ER, nv16},        {NVBUF_COLOR_FORMAT_NV16_709, nv16},
    {NVBUF_COLOR_FORMAT_NV16_709_ER, nv16},    {NVBUF_COLOR_FORMAT_NV16_2020, nv16},
    {NVBUF_COLOR_FORMAT_YUV444, yuv444},       {NVBUF_COLOR_FORMAT_YUV444_ER, yuv444},
    {NVBUF_COLOR_FORMAT_YUV444_709, yuv444},   {NVBUF_COLOR_FORMAT_YUV444_709_ER, yuv444},
    {NVBUF_COLOR_FORMAT_YUV444_2020, yuv444},  {NVBUF_COLOR_FORMAT_R8_G8_B8, yuv444},
    {NVBUF_COLOR_FORMAT_B8_G8_R8, yuv444},     {NVBUF_COLOR_FORMAT_NV24, nv24},
    {NVBUF_COLOR_FORMAT_NV24_ER, nv24},        {NVBUF_COLOR_FORMAT_NV24_709, nv24},
    {NVBUF_COLOR_FORMAT_NV24_709_ER, nv24},    {NVBUF_COLOR_FORMAT_NV24_2020, nv24},
    {NVBUF_COLOR_FORMAT_UYVY, packed422},      {NVBUF_COLOR_FORMAT_UYVY_ER, packed422},
    {NVBUF_COLOR_FORMAT_UYVY_709, packed422},  {NVBUF_COLOR_FORMAT_UYVY_709_ER, packed422},
    {NVBUF_COLOR_FORMAT_UYVY_2020, packed422}, {NVBUF_COLOR_FORMAT_VYUY, packed422},
    {NVBUF_COLOR_FORMAT_VYUY_ER, packed422},   {NVBUF_COLOR_FORMAT_YUYV, packed422},
    {NVBUF_COLOR_FORMAT_YUYV_ER, packed422},   {NVBUF_COLOR_FORMAT_YVYU, packed422},
    {NVBUF_COLOR_FORMAT_YVYU_ER, packed422},   {NVBUF_COLOR_FORMAT_RGB, three_bytes},
    {NVBUF_COLOR_FORMAT_BGR, three_bytes},     {NVBUF_COLOR_FORMAT_RGBA, four_bytes},
    {NVBUF_COLOR_FORMAT_BGRA, four_bytes},     {NVBUF_COLOR_FORMAT_ARGB, four_bytes},
    {NVBUF_COLOR_FORMAT_ABGR, four_bytes},     {NVBUF_COLOR_FORMAT_RGBx, four_bytes},
    {NVBUF_COLOR_FORMAT_BGRx, four_bytes},     {NVBUF_COLOR_FORMAT_xRGB, four_bytes},
    {NVBUF_COLOR_FORMAT_xBGR, four_bytes},
};

}  // namespace

std::optional<SurfaceFormat> surface_format(NvBufSurfaceColorFormat color_format) {
  for (const auto& row : rows) {
    if (row.color_format == color_format) return row.format;
  }
  return std::nullopt;
}

}  // namespace es::nvds
