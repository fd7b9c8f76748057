// SPDX-License-Identifier: Apache-2.0
//
// Pictures in host memory, as decoders and files deliver them. 8 bits a sample.
#pragma once

#include <array>
#include <cstdint>
#include <ostream>
#include <string_view>
#include <type_traits>

namespace es {

enum class PixelFormat {
  i420,   // planes Y, U, V; chroma halved both ways, rounded up
  nv12,   // planes Y, UV interleaved
  rgba,   // 4 bytes R G B A
  bgrx,   // 4 bytes B G R x
  rgb,    // 3 bytes
  bgr,    // 3 bytes
  gray8,  // 1 byte
};

std::string_view name_of(PixelFormat format);
std::ostream& operator<<(std::ostream& out, PixelFormat format);
int plane_count(PixelFormat format);

// How Y, U, V become R, G, B. Irrelevant for RGB formats.
enum class ColorMatrix { bt601, bt709 };
enum class ColorRange { limited, full };

template <typename Byte>
struct BasicPlane {
  Byte* data = nullptr;
  int stride = 0;  // bytes from one row to the next
};

// Somebody else's pixels.
template <typename Byte>
struct BasicImage {
  PixelFormat format = PixelFormat::rgb;
  int width = 0;   // pixels
  int height = 0;  // pixels
  ColorMatrix matrix = ColorMatrix::bt601;
  ColorRange range = ColorRange::limited;
  std::array<BasicPlane<Byte>, 3> planes{};

  // A writable picture can be read.
  operator BasicImage<const Byte>() const requires(!std::is_const_v<Byte>) {
    return {
        format,
        width,
        height,
        matrix,
        range,
        {{{planes[0].data, planes[0].stride}, {planes[1].data, planes[1].stride}, {planes[2].data, planes[2].stride}}}};
  }
};

using ImageView = BasicImage<const uint8_t>;
using MutableImage = BasicImage<uint8_t>;

}  // namespace es
