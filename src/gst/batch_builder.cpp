// SPDX-License-Identifier: Apache-2.0
//
// The fields are those of deepstream-app.md 2.5.
#include "gst/batch_builder.h"

#include <algorithm>

#include "gst/batch_memory.h"
#include "gst/format.h"
#include "gst/meta.h"

namespace es::gst {

PixelRect padded_rect(int width, int height, int output_width, int output_height) {
  const double scale = std::min(double(output_width) / width, double(output_height) / height);
  const int w = std::clamp(static_cast<int>(width * scale + 0.5) & ~1, 2, output_width);
  const int h = std::clamp(static_cast<int>(height * scale + 0.5) & ~1, 2, output_height);
  return {((output_width - w) / 2) & ~1, ((output_height - h) / 2) & ~1, w, h};
}

Frame fit_frame(const Frame& frame, const Fit& fit, FramePool& pool) {
  const auto format = GST_VIDEO_INFO_FORMAT(&fit.output);
  const int width = GST_VIDEO_INFO_WIDTH(&fit.output), height = GST_VIDEO_INFO_HEIGHT(&fit.output);
  if (frame.width() == width && frame.height() == height && GST_VIDEO_INFO_FORMAT(&frame.info()) == format) {
    return frame;
  }
  Frame fitted = Frame::make(pool, make_info(format, width, height, frame.info()));
  MutableImage target = fitted.writable();
  if (fit.padding) {
    fill_black(target);
    target = crop(target, padded_rect(frame.width(), frame.height(), width, height));
  }
  convert(frame.view(), target, fit.filter);
  count_picture();
  return fitted;
}

namespace {

void describe(NvDsFrameMeta* meta, const SourceFrame& source, unsigned batch_id, unsigned surfaces_per_frame) {
  meta->pad_index = source.pad_index;
  meta->source_id = source.pad_index;
  meta->batch_id = batch_id;
  meta->frame_num = source.frame_num;
  meta->buf_pts = source.pts;
  meta->ntp_timestamp = source.ntp;
  meta->source_frame_width = static_cast<guint>(source.source_width);
  meta->source_frame_height = static_cast<guint>(source.source_height);
  meta->pipeline_width = static_cast<guint>(source.frame.width());
  meta->pipeline_height = static_cast<guint>(source.frame.height());
  meta->num_surfaces_per_frame = static_cast<gint>(surfaces_per_frame);
}

}  // namespace

GstBuffer* build_batch(std::vector<SourceFrame> sources, unsigned batch_size, unsigned surfaces_per_frame) {
  NvDsBatchMeta* batch = nvds_create_batch_meta(batch_size);
  std::vector<Frame> frames;
  for (auto& source : sources) {
    NvDsFrameMeta* meta = nvds_acquire_frame_meta_from_pool(batch);
    describe(meta, source, static_cast<unsigned>(frames.size()), surfaces_per_frame);
    nvds_add_frame_meta_to_batch(batch, meta);
    if (source.metas != nullptr) {
      nvds_copy_gst_meta_to_frame_meta(source.metas, batch, meta);
      gst_buffer_unref(source.metas);
    }
    frames.push_back(std::move(source.frame));
  }
  GstBuffer* buffer = make_batch_buffer(std::move(frames), batch_size);
  attach_batch_meta(buffer, batch);
  return buffer;
}

}  // namespace es::gst
