// SPDX-License-Identifier: Apache-2.0
//
// One picture on its way through the pipeline, and what keeps its pixels alive.
//
// The pixels are those of a GstBuffer: a decoder's, or one of ours. Frames are values that share pixels; who wants to
// write asks for it, and gets pixels of its own if anybody else could still see them: another batch, or the decoder
// that predicts the next picture from this one. So a frame is copied at most once between decoder and sink, and not at
// all where nobody draws.
#pragma once

#include <gst/gst.h>
#include <gst/video/video.h>

#include <cstdint>
#include <memory>

#include "vision/image.h"

namespace es::gst {

// Makes buffers for pictures of one kind; their memory is reused.
class FramePool {
 public:
  FramePool() = default;
  ~FramePool();
  FramePool(const FramePool&) = delete;
  FramePool& operator=(const FramePool&) = delete;

  // A buffer with the layout of `info`, contents undefined. Throws environment where there is no memory.
  GstBuffer* acquire(const GstVideoInfo& info);

 private:
  GstBufferPool* pool_ = nullptr;
  GstVideoInfo info_{};
};

class Frame {
 public:
  Frame() = default;

  // The picture in `buffer`, whose reference is taken over. Its planes are mapped as they are; where they lie so that
  // NvBufSurface cannot describe them (in several memories), they are copied into one. Throws unsupported where the
  // buffer cannot be mapped or is too small.
  static Frame of(GstBuffer* buffer, const GstVideoInfo& info);
  // A new picture, contents undefined.
  static Frame make(FramePool& pool, const GstVideoInfo& info);

  explicit operator bool() const { return pixels_ != nullptr; }
  const GstVideoInfo& info() const;
  int width() const { return GST_VIDEO_INFO_WIDTH(&info()); }
  int height() const { return GST_VIDEO_INFO_HEIGHT(&info()); }
  ImageView view() const;
  // The buffer that holds the pixels; it stays this frame's.
  GstBuffer* buffer() const;
  // The pixels for writing, this frame's alone; copied first where they are shared.
  MutableImage writable();
  // A writable buffer with these pixels, for the caller, who gives up the frame: the very buffer where nobody else sees
  // the pixels, else one that shares its memory. Never a copy of pixels.
  static GstBuffer* into_buffer(Frame frame);

 private:
  class Pixels;
  std::shared_ptr<Pixels> pixels_;
};

// How many pictures this process has copied, scaled or converted in our elements since it began: what tests of "nothing
// is copied" ask.
uint64_t pictures_written();
// Said by whoever fills a picture's pixels from another one's.
void count_picture();

// A GstBuffer's planes as an image, mapped while this lives. Throws unsupported where they cannot be mapped.
class MappedPicture {
 public:
  MappedPicture(GstBuffer* buffer, const GstVideoInfo& info, GstMapFlags flags);
  ~MappedPicture();
  MappedPicture(const MappedPicture&) = delete;
  MappedPicture& operator=(const MappedPicture&) = delete;

  const MutableImage& image() const { return image_; }
  const GstVideoFrame& frame() const { return frame_; }

 private:
  GstVideoFrame frame_;
  MutableImage image_;
};

}  // namespace es::gst
