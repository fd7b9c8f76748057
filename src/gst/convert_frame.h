// SPDX-License-Identifier: Apache-2.0
//
// A frame cropped, turned, scaled and converted: what nvvideoconvert does to each picture of a batch.
#pragma once

#include <optional>
#include <string_view>

#include "gst/frame.h"
#include "gst/pixels.h"

namespace es::gst {

struct Conversion {
  GstVideoInfo output;
  std::optional<PixelRect> source_crop;       // of the input, before turning
  std::optional<PixelRect> destination_crop;  // where in the output; the rest is black
  Flip flip = Flip::none;
  Filter filter = Filter::nearest;
};

// The frame itself where nothing is to be done to it.
Frame convert_frame(const Frame& frame, const Conversion& conversion, FramePool& pool);

// "left:top:width:height" of src-crop and dest-crop; nothing for an empty text. Throws usage for any other.
std::optional<PixelRect> parse_crop(std::string_view text, std::string_view property);

// Pictures of formats that vision/image.h does not have, by GStreamer's converter: any YUV becomes I420, any RGB RGBA,
// any gray GRAY8. Kept from frame to frame, as making a converter is slow.
class AnyFormat {
 public:
  AnyFormat() = default;
  ~AnyFormat();
  AnyFormat(const AnyFormat&) = delete;
  AnyFormat& operator=(const AnyFormat&) = delete;

  // The picture in `buffer` as a frame of one of our formats; the very pixels where it has one already.
  Frame read(GstBuffer* buffer, const GstVideoInfo& info);

 private:
  GstVideoConverter* converter_ = nullptr;
  GstVideoInfo from_{};
  GstVideoInfo to_{};
  FramePool pool_;
};

// The format of ours that stands in for another.
GstVideoFormat stand_in(GstVideoFormat format);

}  // namespace es::gst
