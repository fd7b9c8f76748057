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

SampledFrame copied(GstSample* sample, int width, int height) {
  SampledFrame frame{width, height, {}};
  GstMapInfo map;
  GstBuffer* buffer = gst_sample_get_buffer(sample);
  if (!gst_buffer_map(buffer, &map, GST_MAP_READ)) return frame;
  const auto row = static_cast<size_t>(width) * 3, stride = (row + 3) / 4 * 4;  // GStreamer pads rows to 4 bytes
  if (map.size >= stride * static_cast<size_t>(height)) {
    for (size_t y = 0; y < static_cast<size_t>(height); ++y) {
      frame.rgb.insert(frame.rgb.end(), map.data + y * stride, map.data + y * stride + row);
    }
  }
  gst_buffer_unmap(buffer, &map);
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

std::vector<SampledFrame> sample_frames(const std::string& uri, int count, int width, int height) {
  const std::string line = text("uridecodebin uri=", launch_quoted(uri),
                                " caps=\"video/x-raw(ANY)\" expose-all-streams=false ! videoconvert ! videoscale ! "
                                "video/x-raw,format=RGB,pixel-aspect-ratio=1/1,width=",
                                width, ",height=", height, " ! appsink name=frames sync=false max-buffers=4");
  const std::unique_ptr<GstElement, StopAndUnref> pipeline(gst_parse_launch(line.c_str(), nullptr));
  require(pipeline != nullptr, ErrorKind::environment, uri, ": GStreamer's decoders or scalers are missing");
  GstElement* sink = gst_bin_get_by_name(GST_BIN(pipeline.get()), "frames");
  gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  // Every `step`-th frame is kept; when there are too many, every other one goes and the step doubles.
  std::vector<SampledFrame> frames;
  constexpr size_t most_kept = 256;
  for (size_t index = 0, step = 1; GstSample *sample = next_sample(pipeline.get(), sink); ++index) {
    if (index % step == 0) frames.push_back(copied(sample, width, height));
    gst_sample_unref(sample);
    if (frames.size() <= most_kept) continue;
    for (size_t i = 0; 2 * i < frames.size(); ++i) frames[i] = std::move(frames[2 * i]);
    frames.resize((frames.size() + 1) / 2);
    step *= 2;
  }
  gst_object_unref(sink);
  std::erase_if(frames, [](const SampledFrame& frame) { return frame.rgb.empty(); });
  require(!frames.empty(), ErrorKind::malformed, uri, ": nothing in it can be decoded");
  std::vector<SampledFrame> chosen;
  const size_t wanted = std::min<size_t>(static_cast<size_t>(std::max(count, 1)), frames.size());
  for (size_t i = 0; i < wanted; ++i) chosen.push_back(std::move(frames[(2 * i + 1) * frames.size() / (2 * wanted)]));
  return chosen;
}

}  // namespace es::app
