// SPDX-License-Identifier: Apache-2.0
#include "draw/png.h"

#include <cairo.h>

#include <memory>

#include "base/error.h"

namespace es::draw {

void write_png(const std::filesystem::path& path, const ImageView& rgb) {
  require(rgb.format == PixelFormat::rgb, ErrorKind::internal, path.string(), ": is written from RGB, not ",
          rgb.format);
  const std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)> surface(
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, rgb.width, rgb.height), cairo_surface_destroy);
  uint8_t* bytes = cairo_image_surface_get_data(surface.get());
  require(bytes != nullptr, ErrorKind::environment, path.string(), ": memory is exhausted");
  for (int y = 0; y < rgb.height; ++y) {
    const uint8_t* from = rgb.planes[0].data + static_cast<ptrdiff_t>(y) * rgb.planes[0].stride;
    auto* to =
        reinterpret_cast<uint32_t*>(bytes + static_cast<ptrdiff_t>(y) * cairo_image_surface_get_stride(surface.get()));
    for (int x = 0; x < rgb.width; ++x, from += 3) to[x] = uint32_t(from[0]) << 16 | uint32_t(from[1]) << 8 | from[2];
  }
  cairo_surface_mark_dirty(surface.get());
  const cairo_status_t status = cairo_surface_write_to_png(surface.get(), path.c_str());
  require(status == CAIRO_STATUS_SUCCESS, ErrorKind::environment, path.string(),
          ": cannot be written: ", cairo_status_to_string(status));
}

}  // namespace es::draw
