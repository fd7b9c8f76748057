// SPDX-License-Identifier: Apache-2.0
//
// Scaling happens in the smaller of the two sizes' formats: a picture is first shrunk and then converted, or first
// converted and then enlarged. Formats without a direct conversion meet in I420 (from YUV) or BGRx (from RGB).
#include "gst/pixels.h"

#include <libyuv.h>
#include <libyuv/scale_rgb.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "base/error.h"

namespace es::gst {
namespace {

// Intermediate pictures of a thread: memory is kept from frame to frame. Several may be in use at once, by slot.
MutableImage scratch(size_t slot, PixelFormat format, int width, int height, const ImageView& like) {
  thread_local std::array<std::vector<uint8_t>, 3> memory;
  MutableImage image{format, width, height, like.matrix, like.range, {}};
  size_t bytes = 0;
  std::array<size_t, 3> starts{};
  for (int p = 0; p < plane_count(format); ++p) {
    starts[static_cast<size_t>(p)] = bytes;
    const size_t stride = (plane_row_bytes(format, p, width) + 63) / 64 * 64;
    image.planes[static_cast<size_t>(p)].stride = static_cast<int>(stride);
    bytes += stride * static_cast<size_t>(plane_rows(format, p, height));
  }
  auto& block = memory[slot];
  if (block.size() < bytes) block.resize(bytes);
  for (size_t p = 0; p < static_cast<size_t>(plane_count(format)); ++p) image.planes[p].data = block.data() + starts[p];
  return image;
}

libyuv::FilterMode mode_of(Filter filter) {
  switch (filter) {
    case Filter::nearest:
      return libyuv::kFilterNone;
    case Filter::bilinear:
      return libyuv::kFilterBilinear;
    case Filter::box:
      break;
  }
  return libyuv::kFilterBox;
}

bool yuv(PixelFormat format) {
  return format == PixelFormat::i420 || format == PixelFormat::nv12 || format == PixelFormat::gray8;
}

// `forward` makes B G R order from Y U V, `swapped` R G B order from Y V U.
struct Matrices {
  const libyuv::YuvConstants* forward;
  const libyuv::YuvConstants* swapped;
};

Matrices matrices_of(const ImageView& image) {
  const bool full = image.range == ColorRange::full;
  if (image.matrix == ColorMatrix::bt709) {
    return full ? Matrices{&libyuv::kYuvF709Constants, &libyuv::kYvuF709Constants}
                : Matrices{&libyuv::kYuvH709Constants, &libyuv::kYvuH709Constants};
  }
  return full ? Matrices{&libyuv::kYuvJPEGConstants, &libyuv::kYvuJPEGConstants}
              : Matrices{&libyuv::kYuvI601Constants, &libyuv::kYvuI601Constants};
}

const uint8_t* data(const ImageView& image, size_t plane) { return image.planes[plane].data; }
uint8_t* data(const MutableImage& image, size_t plane) { return image.planes[plane].data; }
template <typename Byte>
int stride(const BasicImage<Byte>& image, size_t plane) {
  return image.planes[plane].stride;
}

// ---- one size, other format -----------------------------------------------------------------------------------------

void copy_plane(const ImageView& from, const MutableImage& to, int plane) {
  const auto p = static_cast<size_t>(plane);
  libyuv::CopyPlane(data(from, p), stride(from, p), data(to, p), stride(to, p),
                    static_cast<int>(plane_row_bytes(from.format, plane, from.width)),
                    plane_rows(from.format, plane, from.height));
}

void set_chroma_gray(const MutableImage& image) {
  for (int p = 1; p < plane_count(image.format); ++p) {
    const auto plane = static_cast<size_t>(p);
    libyuv::SetPlane(data(image, plane), stride(image, plane),
                     static_cast<int>(plane_row_bytes(image.format, p, image.width)),
                     plane_rows(image.format, p, image.height), 128);
  }
}

void yuv_to_yuv(const ImageView& from, const MutableImage& to) {
  const int w = from.width, h = from.height;
  if (from.format == PixelFormat::i420 && to.format == PixelFormat::nv12) {
    libyuv::I420ToNV12(data(from, 0), stride(from, 0), data(from, 1), stride(from, 1), data(from, 2), stride(from, 2),
                       data(to, 0), stride(to, 0), data(to, 1), stride(to, 1), w, h);
  } else if (from.format == PixelFormat::nv12 && to.format == PixelFormat::i420) {
    libyuv::NV12ToI420(data(from, 0), stride(from, 0), data(from, 1), stride(from, 1), data(to, 0), stride(to, 0),
                       data(to, 1), stride(to, 1), data(to, 2), stride(to, 2), w, h);
  } else {
    copy_plane(from, to, 0);
    if (from.format == PixelFormat::gray8) set_chroma_gray(to);
  }
}

// From I420 or NV12 to any RGB order. libyuv writes B G R; with U, V and the matrix swapped it writes R G B.
void yuv_to_rgb(const ImageView& from, const MutableImage& to) {
  const auto matrices = matrices_of(from);
  const bool red_first = to.format == PixelFormat::rgba || to.format == PixelFormat::rgb;
  const bool four = to.format == PixelFormat::rgba || to.format == PixelFormat::bgrx;
  const auto* matrix = red_first ? matrices.swapped : matrices.forward;
  uint8_t* out = data(to, 0);
  const int out_stride = stride(to, 0), w = from.width, h = from.height;
  if (from.format == PixelFormat::nv12) {
    const auto function = four ? (red_first ? libyuv::NV21ToARGBMatrix : libyuv::NV12ToARGBMatrix)
                               : (red_first ? libyuv::NV21ToRGB24Matrix : libyuv::NV12ToRGB24Matrix);
    function(data(from, 0), stride(from, 0), data(from, 1), stride(from, 1), out, out_stride, matrix, w, h);
    return;
  }
  const size_t u = red_first ? 2 : 1, v = red_first ? 1 : 2;
  const auto function = four ? libyuv::I420ToARGBMatrix : libyuv::I420ToRGB24Matrix;
  function(data(from, 0), stride(from, 0), data(from, u), stride(from, u), data(from, v), stride(from, v), out,
           out_stride, matrix, w, h);
}

void gray_to_bgrx(const ImageView& from, const MutableImage& to) {
  libyuv::J400ToARGB(data(from, 0), stride(from, 0), data(to, 0), stride(to, 0), from.width, from.height);
}

// Any RGB order to B G R x.
void rgb_to_bgrx(const ImageView& from, const MutableImage& to) {
  const auto function = from.format == PixelFormat::rgba  ? libyuv::ABGRToARGB
                        : from.format == PixelFormat::rgb ? libyuv::RAWToARGB
                        : from.format == PixelFormat::bgr ? libyuv::RGB24ToARGB
                                                          : libyuv::ARGBCopy;
  function(data(from, 0), stride(from, 0), data(to, 0), stride(to, 0), from.width, from.height);
}

// The fourth byte of B G R x is nobody's; as alpha it must be opaque.
void set_opaque(const MutableImage& image) {
  for (int y = 0; y < image.height; ++y) {
    uint8_t* row = data(image, 0) + static_cast<ptrdiff_t>(y) * stride(image, 0);
    for (int x = 0; x < image.width; ++x) row[4 * x + 3] = 255;
  }
}

// B G R x to any RGB order, I420, NV12 or gray.
void bgrx_to_any(const ImageView& from, const MutableImage& to) {
  const uint8_t* in = data(from, 0);
  const int in_stride = stride(from, 0), w = from.width, h = from.height;
  switch (to.format) {
    case PixelFormat::bgrx:
      libyuv::ARGBCopy(in, in_stride, data(to, 0), stride(to, 0), w, h);
      break;
    case PixelFormat::rgba:
      libyuv::ARGBToABGR(in, in_stride, data(to, 0), stride(to, 0), w, h);
      set_opaque(to);
      break;
    case PixelFormat::rgb:
      libyuv::ARGBToRAW(in, in_stride, data(to, 0), stride(to, 0), w, h);
      break;
    case PixelFormat::bgr:
      libyuv::ARGBToRGB24(in, in_stride, data(to, 0), stride(to, 0), w, h);
      break;
    case PixelFormat::gray8:
      libyuv::ARGBToJ400(in, in_stride, data(to, 0), stride(to, 0), w, h);
      break;
    case PixelFormat::i420:
      libyuv::ARGBToI420(in, in_stride, data(to, 0), stride(to, 0), data(to, 1), stride(to, 1), data(to, 2),
                         stride(to, 2), w, h);
      break;
    case PixelFormat::nv12:
      libyuv::ARGBToNV12(in, in_stride, data(to, 0), stride(to, 0), data(to, 1), stride(to, 1), w, h);
      break;
  }
}

void change_format(const ImageView& from, const MutableImage& to) {
  if (from.format == to.format) return copy(from, to);
  if (yuv(from.format) && yuv(to.format)) return yuv_to_yuv(from, to);
  if (yuv(from.format) && from.format != PixelFormat::gray8) return yuv_to_rgb(from, to);
  if (from.format == PixelFormat::bgrx) return bgrx_to_any(from, to);
  const MutableImage middle =
      to.format == PixelFormat::bgrx ? to : scratch(0, PixelFormat::bgrx, from.width, from.height, from);
  from.format == PixelFormat::gray8 ? gray_to_bgrx(from, middle) : rgb_to_bgrx(from, middle);
  if (to.format != PixelFormat::bgrx) bgrx_to_any(middle, to);
}

// ---- other size, one format -----------------------------------------------------------------------------------------

void change_size(const ImageView& from, const MutableImage& to, Filter filter) {
  const auto mode = mode_of(filter);
  const int w = from.width, h = from.height, to_w = to.width, to_h = to.height;
  switch (from.format) {
    case PixelFormat::i420:
      libyuv::I420Scale(data(from, 0), stride(from, 0), data(from, 1), stride(from, 1), data(from, 2), stride(from, 2),
                        w, h, data(to, 0), stride(to, 0), data(to, 1), stride(to, 1), data(to, 2), stride(to, 2), to_w,
                        to_h, mode);
      break;
    case PixelFormat::nv12:
      libyuv::NV12Scale(data(from, 0), stride(from, 0), data(from, 1), stride(from, 1), w, h, data(to, 0),
                        stride(to, 0), data(to, 1), stride(to, 1), to_w, to_h, mode);
      break;
    case PixelFormat::gray8:
      libyuv::ScalePlane(data(from, 0), stride(from, 0), w, h, data(to, 0), stride(to, 0), to_w, to_h, mode);
      break;
    case PixelFormat::rgba:
    case PixelFormat::bgrx:
      libyuv::ARGBScale(data(from, 0), stride(from, 0), w, h, data(to, 0), stride(to, 0), to_w, to_h, mode);
      break;
    case PixelFormat::rgb:
    case PixelFormat::bgr:
      libyuv::RGBScale(data(from, 0), stride(from, 0), w, h, data(to, 0), stride(to, 0), to_w, to_h, mode);
      break;
  }
}

libyuv::RotationMode rotation_of(Flip flip) {
  switch (flip) {
    case Flip::counter_clockwise:
      return libyuv::kRotate270;
    case Flip::clockwise:
      return libyuv::kRotate90;
    case Flip::rotate_180:
      return libyuv::kRotate180;
    // A mirrored quarter turn: rows are read from the last to the first (negative height), then turned.
    case Flip::upper_left_diagonal:
      return libyuv::kRotate90;
    case Flip::upper_right_diagonal:
      return libyuv::kRotate270;
    default:
      return libyuv::kRotate0;
  }
}

// I420 and B G R x alone; a negative height makes libyuv read the picture upside down.
void turn(const ImageView& from, const MutableImage& to, Flip how) {
  const int h = how == Flip::vertical || how == Flip::upper_left_diagonal || how == Flip::upper_right_diagonal
                    ? -from.height
                    : from.height;
  const auto rotation = rotation_of(how);
  if (from.format == PixelFormat::i420) {
    libyuv::I420Rotate(data(from, 0), stride(from, 0), data(from, 1), stride(from, 1), data(from, 2), stride(from, 2),
                       data(to, 0), stride(to, 0), data(to, 1), stride(to, 1), data(to, 2), stride(to, 2), from.width,
                       h, rotation);
  } else {
    libyuv::ARGBRotate(data(from, 0), stride(from, 0), data(to, 0), stride(to, 0), from.width, h, rotation);
  }
}

void mirror(const ImageView& from, const MutableImage& to) {
  if (from.format == PixelFormat::i420) {
    libyuv::I420Mirror(data(from, 0), stride(from, 0), data(from, 1), stride(from, 1), data(from, 2), stride(from, 2),
                       data(to, 0), stride(to, 0), data(to, 1), stride(to, 1), data(to, 2), stride(to, 2), from.width,
                       from.height);
  } else {
    libyuv::ARGBMirror(data(from, 0), stride(from, 0), data(to, 0), stride(to, 0), from.width, from.height);
  }
}

template <typename Byte>
BasicImage<Byte> part_of(BasicImage<Byte> image, PixelRect rect) {
  rect.left = std::clamp(rect.left, 0, image.width) & ~1;
  rect.top = std::clamp(rect.top, 0, image.height) & ~1;
  rect.width = std::clamp(rect.width, 0, image.width - rect.left);
  rect.height = std::clamp(rect.height, 0, image.height - rect.top);
  for (int p = 0; p < plane_count(image.format); ++p) {
    auto& plane = image.planes[static_cast<size_t>(p)];
    plane.data += static_cast<ptrdiff_t>(plane.stride) * plane_rows(image.format, p, rect.top) +
                  static_cast<ptrdiff_t>(plane_row_bytes(image.format, p, rect.left));
  }
  image.width = rect.width;
  image.height = rect.height;
  return image;
}

}  // namespace

Filter filter_of(int interpolation_method) {
  switch (interpolation_method) {
    case 1:
      return Filter::bilinear;
    case 2:
    case 3:
    case 4:
    case 5:
      return Filter::box;
    default:
      return Filter::nearest;
  }
}

bool swaps_axes(Flip flip) {
  return flip == Flip::counter_clockwise || flip == Flip::clockwise || flip == Flip::upper_left_diagonal ||
         flip == Flip::upper_right_diagonal;
}

void convert(const ImageView& from, const MutableImage& to, Filter filter) {
  if (from.width == to.width && from.height == to.height) return change_format(from, to);
  if (from.format == to.format) return change_size(from, to, filter);
  const bool shrinks = int64_t{from.width} * from.height > int64_t{to.width} * to.height;
  if (shrinks) {
    const MutableImage small = scratch(1, from.format, to.width, to.height, from);
    change_size(from, small, filter);
    change_format(small, to);
  } else {
    const MutableImage small = scratch(1, to.format, from.width, from.height, from);
    change_format(from, small);
    change_size(small, to, filter);
  }
}

void flip(const ImageView& from, const MutableImage& to, Flip how) {
  // libyuv turns pixels of four bytes only where rows start at multiples of four.
  const bool whole_pixels = stride(from, 0) % 4 == 0 && stride(to, 0) % 4 == 0;
  const bool four_bytes = from.format == PixelFormat::bgrx || from.format == PixelFormat::rgba;
  if (from.format == PixelFormat::i420 || (four_bytes && whole_pixels))
    return how == Flip::horizontal ? mirror(from, to) : turn(from, to, how);
  const auto middle = yuv(from.format) ? PixelFormat::i420 : PixelFormat::bgrx;
  const MutableImage before = scratch(1, middle, from.width, from.height, from);
  const MutableImage after = scratch(2, middle, to.width, to.height, from);
  change_format(from, before);
  flip(before, after, how);
  change_format(after, to);
}

void copy(const ImageView& from, const MutableImage& to) {
  for (int p = 0; p < plane_count(from.format); ++p) copy_plane(from, to, p);
}

void fill_black(const MutableImage& image) {
  const bool limited = yuv(image.format) && image.format != PixelFormat::gray8 && image.range == ColorRange::limited;
  libyuv::SetPlane(data(image, 0), stride(image, 0), static_cast<int>(plane_row_bytes(image.format, 0, image.width)),
                   image.height, limited ? 16 : 0);
  set_chroma_gray(image);
  if (image.format == PixelFormat::rgba || image.format == PixelFormat::bgrx) {
    libyuv::ARGBRect(data(image, 0), stride(image, 0), 0, 0, image.width, image.height, 0xFF000000u);
  }
}

ImageView crop(const ImageView& image, PixelRect rect) { return part_of(image, rect); }
MutableImage crop(const MutableImage& image, PixelRect rect) { return part_of(image, rect); }

int plane_rows(PixelFormat format, int plane, int height) {
  const bool halved = plane > 0 && (format == PixelFormat::i420 || format == PixelFormat::nv12);
  return halved ? (height + 1) / 2 : height;
}

size_t plane_row_bytes(PixelFormat format, int plane, int width) {
  const auto w = static_cast<size_t>(width);
  switch (format) {
    case PixelFormat::i420:
      return plane > 0 ? (w + 1) / 2 : w;
    case PixelFormat::nv12:
      return plane > 0 ? (w + 1) / 2 * 2 : w;
    case PixelFormat::rgba:
    case PixelFormat::bgrx:
      return w * 4;
    case PixelFormat::rgb:
    case PixelFormat::bgr:
      return w * 3;
    case PixelFormat::gray8:
      return w;
  }
  return 0;
}

}  // namespace es::gst
