// SPDX-License-Identifier: Apache-2.0
#include "gst/frame.h"

#include <atomic>
#include <optional>
#include <utility>

#include "base/error.h"
#include "gst/format.h"
#include "gst/pixels.h"

namespace es::gst {
namespace {

std::atomic<uint64_t> written{0};

MutableImage image_of(const GstVideoFrame& frame) {
  const auto format = pixel_format(GST_VIDEO_FRAME_FORMAT(&frame));
  MutableImage image{*format,
                     GST_VIDEO_FRAME_WIDTH(&frame),
                     GST_VIDEO_FRAME_HEIGHT(&frame),
                     matrix_of(frame.info),
                     range_of(frame.info),
                     {}};
  for (guint p = 0; p < GST_VIDEO_FRAME_N_PLANES(&frame); ++p) {
    image.planes[p] = {static_cast<uint8_t*>(GST_VIDEO_FRAME_PLANE_DATA(&frame, p)),
                       GST_VIDEO_FRAME_PLANE_STRIDE(&frame, p)};
  }
  return image;
}

// NvBufSurface has one pointer and 32-bit offsets from it.
bool is_one_block(const MutableImage& image) {
  for (const auto& plane : image.planes) {
    const auto distance = plane.data - image.planes[0].data;
    if (plane.data != nullptr && (distance < 0 || distance > int64_t{UINT32_MAX})) return false;
  }
  return true;
}

GstBuffer* make_buffer(const GstVideoInfo& info) {
  GstBuffer* buffer = gst_buffer_new_allocate(nullptr, GST_VIDEO_INFO_SIZE(&info), nullptr);
  require(buffer != nullptr, ErrorKind::environment, "a picture of ", GST_VIDEO_INFO_SIZE(&info),
          " bytes: there is no memory for it");
  return buffer;
}

GstBuffer* copy_of(const ImageView& image, const GstVideoInfo& like) {
  const GstVideoInfo info = make_info(GST_VIDEO_INFO_FORMAT(&like), image.width, image.height, like);
  GstBuffer* buffer = make_buffer(info);
  try {
    copy(image, MappedPicture(buffer, info, GST_MAP_WRITE).image());
  } catch (...) {
    gst_buffer_unref(buffer);
    throw;
  }
  count_picture();
  return buffer;
}

}  // namespace

uint64_t pictures_written() { return written; }
void count_picture() { ++written; }

MappedPicture::MappedPicture(GstBuffer* buffer, const GstVideoInfo& info, GstMapFlags flags) {
  const auto no_reference = static_cast<GstMapFlags>(int{flags} | int{GST_VIDEO_FRAME_MAP_FLAG_NO_REF});
  require(gst_video_frame_map(&frame_, &info, buffer, no_reference) != FALSE, ErrorKind::unsupported, "a buffer of ",
          gst_buffer_get_size(buffer), " bytes: it cannot be mapped as a picture of ", GST_VIDEO_INFO_WIDTH(&info), "x",
          GST_VIDEO_INFO_HEIGHT(&info), " ", gst_video_format_to_string(GST_VIDEO_INFO_FORMAT(&info)), ", which needs ",
          GST_VIDEO_INFO_SIZE(&info), " bytes of CPU memory");
  image_ = image_of(frame_);
}

MappedPicture::~MappedPicture() { gst_video_frame_unmap(&frame_); }

// A buffer and its mapping. The mapping is for reading until somebody asks to write.
class Frame::Pixels {
 public:
  Pixels(GstBuffer* buffer, const GstVideoInfo& info) : buffer_(buffer), info_(info) {
    try {
      picture_.emplace(buffer_, info_, GST_MAP_READ);
    } catch (...) {
      gst_buffer_unref(buffer_);
      throw;
    }
  }
  ~Pixels() {
    picture_.reset();
    gst_buffer_unref(buffer_);
  }
  Pixels(const Pixels&) = delete;
  Pixels& operator=(const Pixels&) = delete;

  GstBuffer* buffer() const { return buffer_; }
  const GstVideoInfo& info() const { return info_; }
  const MutableImage& image() const { return picture_->image(); }

  // Whether nobody but the owner of this object can see the pixels.
  bool is_private() const { return gst_buffer_is_writable(buffer_) && gst_buffer_is_all_memory_writable(buffer_); }

  const MutableImage& map_writable() {
    if (!writable_) {
      picture_.reset();
      picture_.emplace(buffer_, info_, GST_MAP_READWRITE);
      writable_ = true;
    }
    return picture_->image();
  }

 private:
  GstBuffer* buffer_;
  GstVideoInfo info_;
  std::optional<MappedPicture> picture_;
  bool writable_ = false;
};

Frame Frame::of(GstBuffer* buffer, const GstVideoInfo& info) {
  Frame frame;
  frame.pixels_ = std::make_shared<Pixels>(buffer, info);
  if (!is_one_block(frame.pixels_->image())) {
    GstBuffer* block = copy_of(frame.pixels_->image(), info);
    frame.pixels_ = std::make_shared<Pixels>(block, make_info(GST_VIDEO_INFO_FORMAT(&info), GST_VIDEO_INFO_WIDTH(&info),
                                                              GST_VIDEO_INFO_HEIGHT(&info), info));
  }
  return frame;
}

Frame Frame::make(FramePool& pool, const GstVideoInfo& info) {
  Frame frame;
  frame.pixels_ = std::make_shared<Pixels>(pool.acquire(info), info);
  return frame;
}

const GstVideoInfo& Frame::info() const { return pixels_->info(); }
ImageView Frame::view() const { return pixels_->image(); }
GstBuffer* Frame::buffer() const { return pixels_->buffer(); }

MutableImage Frame::writable() {
  if (pixels_.use_count() > 1 || !pixels_->is_private()) {
    const GstVideoInfo info = make_info(GST_VIDEO_INFO_FORMAT(&pixels_->info()), width(), height(), pixels_->info());
    pixels_ = std::make_shared<Pixels>(copy_of(pixels_->image(), pixels_->info()), info);
  }
  return pixels_->map_writable();
}

GstBuffer* Frame::into_buffer(Frame frame) {
  GstBuffer* buffer = gst_buffer_ref(frame.buffer());
  frame.pixels_.reset();
  if (gst_buffer_is_writable(buffer)) return buffer;
  GstBuffer* sharing = gst_buffer_new();
  gst_buffer_copy_into(sharing, buffer, GST_BUFFER_COPY_MEMORY, 0, -1);
  if (GstVideoMeta* meta = gst_buffer_get_video_meta(buffer)) {
    gst_buffer_add_video_meta_full(sharing, meta->flags, meta->format, meta->width, meta->height, meta->n_planes,
                                   meta->offset, meta->stride);
  }
  gst_buffer_unref(buffer);
  return sharing;
}

FramePool::~FramePool() {
  if (pool_ == nullptr) return;
  gst_buffer_pool_set_active(pool_, FALSE);
  gst_object_unref(pool_);
}

GstBuffer* FramePool::acquire(const GstVideoInfo& info) {
  if (pool_ == nullptr || !gst_video_info_is_equal(&info, &info_)) {
    if (pool_ != nullptr) {
      gst_buffer_pool_set_active(pool_, FALSE);
      gst_object_unref(pool_);
    }
    pool_ = gst_buffer_pool_new();
    info_ = info;
    GstStructure* config = gst_buffer_pool_get_config(pool_);
    gst_buffer_pool_config_set_params(config, nullptr, static_cast<guint>(GST_VIDEO_INFO_SIZE(&info)), 0, 0);
    gst_buffer_pool_set_config(pool_, config);
    gst_buffer_pool_set_active(pool_, TRUE);
  }
  GstBuffer* buffer = nullptr;
  require(gst_buffer_pool_acquire_buffer(pool_, &buffer, nullptr) == GST_FLOW_OK, ErrorKind::environment,
          "a picture of ", GST_VIDEO_INFO_SIZE(&info), " bytes: there is no memory for it");
  return buffer;
}

}  // namespace es::gst
