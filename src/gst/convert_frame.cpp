// SPDX-License-Identifier: Apache-2.0
#include "gst/convert_frame.h"

#include <array>

#include "base/error.h"
#include "base/text.h"
#include "gst/format.h"

namespace es::gst {
namespace {

bool changes_nothing(const Frame& frame, const Conversion& conversion) {
  return !conversion.source_crop && !conversion.destination_crop && conversion.flip == Flip::none &&
         frame.width() == GST_VIDEO_INFO_WIDTH(&conversion.output) &&
         frame.height() == GST_VIDEO_INFO_HEIGHT(&conversion.output) &&
         GST_VIDEO_INFO_FORMAT(&frame.info()) == GST_VIDEO_INFO_FORMAT(&conversion.output);
}

// Fills `target` from `source`, turned.
void turn_and_convert(const ImageView& source, const MutableImage& target, const Conversion& conversion,
                      const GstVideoInfo& like, FramePool& pool) {
  if (conversion.flip == Flip::none) return convert(source, target, conversion.filter);
  const bool swap = swaps_axes(conversion.flip);
  const GstVideoInfo info = make_info(video_format(source.format), swap ? source.height : source.width,
                                      swap ? source.width : source.height, like);
  if (source.format == target.format && target.width == GST_VIDEO_INFO_WIDTH(&info) &&
      target.height == GST_VIDEO_INFO_HEIGHT(&info)) {
    return flip(source, target, conversion.flip);
  }
  Frame turned = Frame::make(pool, info);
  flip(source, turned.writable(), conversion.flip);
  convert(turned.view(), target, conversion.filter);
}

}  // namespace

Frame convert_frame(const Frame& frame, const Conversion& conversion, FramePool& pool) {
  if (changes_nothing(frame, conversion)) return frame;
  const auto& output = conversion.output;
  const GstVideoInfo info = make_info(GST_VIDEO_INFO_FORMAT(&output), GST_VIDEO_INFO_WIDTH(&output),
                                      GST_VIDEO_INFO_HEIGHT(&output), frame.info());
  Frame converted = Frame::make(pool, info);
  MutableImage target = converted.writable();
  if (conversion.destination_crop) {
    fill_black(target);
    target = crop(target, *conversion.destination_crop);
  }
  const ImageView source = conversion.source_crop ? crop(frame.view(), *conversion.source_crop) : frame.view();
  if (source.width > 0 && source.height > 0 && target.width > 0 && target.height > 0) {
    FramePool turned;
    turn_and_convert(source, target, conversion, frame.info(), turned);
  }
  count_picture();
  return converted;
}

std::optional<PixelRect> parse_crop(std::string_view words, std::string_view property) {
  if (words.empty()) return std::nullopt;
  const auto parts = split(words, ':');
  std::array<int, 4> numbers{};
  bool valid = parts.size() == numbers.size();
  for (size_t i = 0; valid && i < numbers.size(); ++i) {
    const auto value = to_integer(trim(parts[i]));
    valid = value && *value >= 0 && *value <= 32767;
    if (valid) numbers[i] = static_cast<int>(*value);
  }
  require(valid && numbers[2] > 0 && numbers[3] > 0, ErrorKind::usage, property, "=", printable(words),
          ": four numbers left:top:width:height from 0 to 32767 are needed, width and height above 0");
  return PixelRect{numbers[0], numbers[1], numbers[2], numbers[3]};
}

GstVideoFormat stand_in(GstVideoFormat format) {
  if (pixel_format(format)) return format;
  const auto* details = gst_video_format_get_info(format);
  if (GST_VIDEO_FORMAT_INFO_IS_GRAY(details)) return GST_VIDEO_FORMAT_GRAY8;
  return GST_VIDEO_FORMAT_INFO_IS_RGB(details) ? GST_VIDEO_FORMAT_RGBA : GST_VIDEO_FORMAT_I420;
}

AnyFormat::~AnyFormat() {
  if (converter_ != nullptr) gst_video_converter_free(converter_);
}

Frame AnyFormat::read(GstBuffer* buffer, const GstVideoInfo& info) {
  const auto format = GST_VIDEO_INFO_FORMAT(&info);
  if (pixel_format(format)) return Frame::of(gst_buffer_ref(buffer), info);
  if (converter_ == nullptr || !gst_video_info_is_equal(&from_, &info)) {
    if (converter_ != nullptr) gst_video_converter_free(converter_);
    from_ = info;
    to_ = make_info(stand_in(format), GST_VIDEO_INFO_WIDTH(&info), GST_VIDEO_INFO_HEIGHT(&info), info);
    to_.interlace_mode = from_.interlace_mode;  // a converter changes formats, not how lines are sent
    converter_ = gst_video_converter_new(&from_, &to_, nullptr);
    require(converter_ != nullptr, ErrorKind::unsupported, "pictures of format ", gst_video_format_to_string(format),
            ": GStreamer has no conversion to ", gst_video_format_to_string(stand_in(format)));
  }
  GstVideoFrame source;
  require(gst_video_frame_map(&source, &from_, buffer, GST_MAP_READ) != FALSE, ErrorKind::unsupported, "a buffer of ",
          gst_buffer_get_size(buffer), " bytes: it cannot be mapped as a picture of format ",
          gst_video_format_to_string(format));
  GstBuffer* made = pool_.acquire(to_);
  {
    GstVideoFrame target;
    gst_video_frame_map(&target, &to_, made, GST_MAP_WRITE);
    gst_video_converter_frame(converter_, &source, &target);
    gst_video_frame_unmap(&target);
  }
  gst_video_frame_unmap(&source);
  count_picture();
  return Frame::of(made, to_);
}

}  // namespace es::gst
