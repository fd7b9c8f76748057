// SPDX-License-Identifier: Apache-2.0
#include "app/sample_frames.h"

#include <gst/app/gstappsink.h>
#include <gst/gst.h>

#include <algorithm>
#include <memory>

#include "app/pipeline.h"
#include "base/error.h"

namespace es::app {
namespace {

struct StopAndUnref {
  void operator()(GstElement* pipeline) const {
    gst_element_set_state(pipeline, GST_STATE_NULL);
    gst_object_unref(pipeline);
  }
};

struct UnrefSample {
  void operator()(GstSample* sample) const { gst_sample_unref(sample); }
};

SampledFrame copied(const ImageView& rgb) {
  SampledFrame frame{rgb.width, rgb.height, {}};
  const auto row = static_cast<size_t>(rgb.width) * 3;
  for (int y = 0; y < rgb.height; ++y) {
    const uint8_t* from = rgb.planes[0].data + static_cast<ptrdiff_t>(y) * rgb.planes[0].stride;
    frame.rgb.insert(frame.rgb.end(), from, from + row);
  }
  return frame;
}

// The next frame; nullptr at the end, and after an error, for which a sink alone would wait for ever.
GstSample* next_sample(GstElement* pipeline, GstElement* sink) {
  constexpr GstClockTime patience = 100 * GST_MSECOND;
  for (;;) {
    if (GstSample* sample = gst_app_sink_try_pull_sample(GST_APP_SINK(sink), patience)) return sample;
    if (gst_app_sink_is_eos(GST_APP_SINK(sink))) return nullptr;
    GstBus* bus = gst_element_get_bus(pipeline);
    GstMessage* error = gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR);
    gst_object_unref(bus);
    if (error == nullptr) continue;
    gst_message_unref(error);
    return nullptr;
  }
}

}  // namespace

void for_each_frame(const std::string& uri, int width, int height,
                    const std::function<void(size_t index, const ImageView& rgb)>& body) {
  const std::string line = text("uridecodebin uri=", launch_quoted(uri),
                                " caps=\"video/x-raw(ANY)\" expose-all-streams=false ! videoconvert ! videoscale ! "
                                "video/x-raw,format=RGB,pixel-aspect-ratio=1/1,width=",
                                width, ",height=", height, " ! appsink name=frames sync=false max-buffers=4");
  const std::unique_ptr<GstElement, StopAndUnref> pipeline(gst_parse_launch(line.c_str(), nullptr));
  require(pipeline != nullptr, ErrorKind::environment, uri, ": GStreamer's decoders or scalers are missing");
  const std::unique_ptr<GstElement, StopAndUnref> sink(gst_bin_get_by_name(GST_BIN(pipeline.get()), "frames"));
  gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  const int stride = (width * 3 + 3) / 4 * 4;  // GStreamer pads rows to 4 bytes
  size_t index = 0;
  while (const std::unique_ptr<GstSample, UnrefSample> sample{next_sample(pipeline.get(), sink.get())}) {
    GstBuffer* buffer = gst_sample_get_buffer(sample.get());
    GstMapInfo map;
    if (!gst_buffer_map(buffer, &map, GST_MAP_READ)) continue;
    ImageView view{.format = PixelFormat::rgb, .width = width, .height = height};
    view.planes[0] = {map.data, stride};
    const bool whole = map.size >= static_cast<size_t>(stride) * static_cast<size_t>(height);
    try {
      if (whole) body(index++, view);
    } catch (...) {
      gst_buffer_unmap(buffer, &map);
      throw;
    }
    gst_buffer_unmap(buffer, &map);
  }
  require(index > 0, ErrorKind::malformed, uri, ": nothing in it can be decoded");
}

std::vector<SampledFrame> sample_frames(const std::string& uri, int count, int width, int height) {
  // Every `step`-th frame is kept; when there are too many, every other one goes and the step doubles.
  std::vector<SampledFrame> frames;
  constexpr size_t most_kept = 256;
  size_t step = 1;
  for_each_frame(uri, width, height, [&](size_t index, const ImageView& rgb) {
    if (index % step == 0) frames.push_back(copied(rgb));
    if (frames.size() <= most_kept) return;
    for (size_t i = 0; 2 * i < frames.size(); ++i) frames[i] = std::move(frames[2 * i]);
    frames.resize((frames.size() + 1) / 2);
    step *= 2;
  });
  std::vector<SampledFrame> chosen;
  const size_t wanted = std::min<size_t>(static_cast<size_t>(std::max(count, 1)), frames.size());
  for (size_t i = 0; i < wanted; ++i) chosen.push_back(std::move(frames[(2 * i + 1) * frames.size() / (2 * wanted)]));
  return chosen;
}

}  // namespace es::app
