// SPDX-License-Identifier: Apache-2.0
#include <gst/base/gstbasetransform.h>

#include <array>

#include "edgestream/deepstream/gst-nvevent.h"
#include "edgestream/deepstream/gstnvdsmeta.h"
#include "gst/batch_memory.h"
#include "gst/format.h"
#include "gst/stream_mux.h"
#include "gst/support/guarded.h"

namespace es::gst {
namespace {

using Self = MuxElement;
using State = Mux::State;

// ---- what the batch looks like --------------------------------------------------------------------------------------

// The source's own format where downstream takes it, else the first of ours that it takes. Gray pictures become RGBA:
// one batch has one format, and a later frame in colour must not lose it.
GstVideoFormat choose_format(GstPad* src, GstVideoFormat first) {
  const auto wanted = first == GST_VIDEO_FORMAT_GRAY8 ? GST_VIDEO_FORMAT_RGBA : first;
  GstCaps* allowed = gst_pad_peer_query_caps(src, nullptr);
  const auto takes = [&](GstVideoFormat format) {
    const std::string one = text("video/x-raw(", nvmm_feature, "), format=", gst_video_format_to_string(format));
    GstCaps* caps = gst_caps_from_string(one.c_str());
    const bool possible = gst_caps_can_intersect(caps, allowed) != FALSE;
    gst_caps_unref(caps);
    return possible;
  };
  GstVideoFormat chosen = GST_VIDEO_FORMAT_UNKNOWN;
  for (const auto format :
       {wanted, GST_VIDEO_FORMAT_I420, GST_VIDEO_FORMAT_NV12, GST_VIDEO_FORMAT_RGBA, GST_VIDEO_FORMAT_BGRx,
        GST_VIDEO_FORMAT_RGB, GST_VIDEO_FORMAT_BGR, GST_VIDEO_FORMAT_GRAY8}) {
    if (chosen == GST_VIDEO_FORMAT_UNKNOWN && takes(format)) chosen = format;
  }
  g_autofree gchar* written = gst_caps_to_string(allowed);
  gst_caps_unref(allowed);
  require(chosen != GST_VIDEO_FORMAT_UNKNOWN, ErrorKind::unsupported, "the next element takes ",
          printable(written, 300), ", which is no batch; nvinfer, nvvideoconvert or a queue must follow");
  return chosen;
}

// Decided by the first frame of any source and kept.
Fit decide_fit(GstElement* element, State& state, const GstVideoInfo& first) {
  const auto& options = state.options;
  const int width = options.width != 0 ? static_cast<int>(options.width) : GST_VIDEO_INFO_WIDTH(&first);
  const int height = options.height != 0 ? static_cast<int>(options.height) : GST_VIDEO_INFO_HEIGHT(&first);
  if (options.width == 0 || options.height == 0) {
    post_warning(element, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS,
                 text("width and height are not set, which DeepStream demands; ", width, "x", height,
                      " of the first frame is used"));
  }
  const auto format = choose_format(state.src, GST_VIDEO_INFO_FORMAT(&first));
  return {make_info(format, width, height, first), filter_of(options.interpolation_method), options.enable_padding};
}

Fit fit_for(GstElement* element, State& state, const GstVideoInfo& info) {
  const std::lock_guard negotiation(state.negotiation);
  {
    const std::lock_guard lock(state.mutex);
    if (state.fit) return *state.fit;
  }
  const Fit fit = decide_fit(element, state, info);
  const std::lock_guard lock(state.mutex);
  state.fit = fit;
  return fit;
}

// ---- a frame arrives ------------------------------------------------------------------------------------------------

// Its pictures: the frames of a batch of surfaces, or the picture in plain memory.
std::vector<Frame> pictures_in(GstBuffer* buffer, const GstVideoInfo& info) {
  if (is_batch(buffer)) {
    const auto frames = frames_of(buffer);
    return {frames.begin(), frames.end()};
  }
  return {Frame::of(gst_buffer_ref(buffer), info)};
}

// The NvDsMeta that came with a buffer, without its memory: holding the buffer would make its pixels look shared.
GstBuffer* metas_of(GstBuffer* buffer) {
  if (gst_buffer_get_nvds_meta(buffer) == nullptr) return nullptr;
  GstBuffer* metas = gst_buffer_new();
  gst_buffer_copy_into(metas, buffer, GST_BUFFER_COPY_META, 0, -1);
  return metas;
}

SourceFrame describe(const Source& source, GstBuffer* buffer, const State& state) {
  SourceFrame described;
  described.pad_index = source.index;
  described.pts = GST_BUFFER_PTS(buffer);
  described.duration = GST_BUFFER_DURATION(buffer);
  described.running_time = gst_segment_to_running_time(&source.segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
  described.ntp = state.options.attach_sys_ts ? static_cast<guint64>(g_get_real_time()) * 1000 : 0;
  described.metas = metas_of(buffer);
  return described;
}

bool may_go_on(const State& state, const Source& source) {
  return state.running && !source.flushing && state.flow == GST_FLOW_OK;
}

// Waits for room; false where the pad must not go on.
bool wait_for_room(State& state, Source& source, std::unique_lock<std::mutex>& lock) {
  state.changed.wait(lock, [&] { return !may_go_on(state, source) || state.batcher->has_room(source.index); });
  return may_go_on(state, source);
}

GstFlowReturn flow_of(const State& state, const Source& source) {
  return !state.running || source.flushing ? GST_FLOW_FLUSHING : state.flow;
}

void announce(Source& source) {
  source.announced = true;
  g_autofree gchar* stream_id = gst_pad_get_stream_id(source.pad);
  source.events.push_back(gst_nvevent_new_stream_start(source.index, stream_id));
  source.events.push_back(gst_nvevent_new_pad_added(source.index));
  source.events.push_back(gst_nvevent_new_stream_segment(source.index, &source.segment));
}

GstFlowReturn receive(GstElement* element, Source& source, GstBuffer* buffer) {
  auto& state = Self::state(element);
  require(source.info.has_value(), ErrorKind::unsupported, "sink_", source.index, " got a buffer before its caps");
  std::unique_lock lock(state.mutex);
  if (!wait_for_room(state, source, lock)) return flow_of(state, source);
  lock.unlock();  // fitting a frame takes long, and each source has its own pool

  const Fit fit = fit_for(element, state, *source.info);
  for (const auto& picture : pictures_in(buffer, *source.info)) {
    SourceFrame arrived = describe(source, buffer, state);
    arrived.source_width = picture.width();
    arrived.source_height = picture.height();
    arrived.frame = fit_frame(picture, fit, source.pool);
    lock.lock();
    // A flush or a stop may have come meanwhile, and this frame is of before it.
    if (!may_go_on(state, source)) return flow_of(state, source);
    if (!source.announced) announce(source);
    source.ended = source.end_announced = false;
    arrived.frame_num = source.next_frame_num++;
    source.frames.push_back(std::move(arrived));
    state.batcher->frame_arrived(source.index, mux_clock());
    state.changed.notify_all();
    lock.unlock();
  }
  return GST_FLOW_OK;
}

// ---- events and queries ---------------------------------------------------------------------------------------------

bool take_caps(GstElement* element, Source& source, GstEvent* event) {
  GstCaps* caps = nullptr;
  gst_event_parse_caps(event, &caps);
  return guarded(element, false, [&] {
    source.info = video_info(caps);
    return true;
  });
}

void end_source(State& state, Source& source) {
  const std::lock_guard lock(state.mutex);
  source.ended = true;
  if (!source.announced) announce(source);
  if (state.batcher) state.batcher->ended(source.index);
  state.changed.notify_all();
}

void start_flush(State& state, Source& source, GstEvent* event) {
  std::unique_lock lock(state.mutex);
  source.flushing = true;
  release_frames(source.frames);
  if (state.batcher) state.batcher->restart(source.index);
  const bool alone = state.sources.size() == 1;
  if (alone) state.running = false;
  state.changed.notify_all();
  lock.unlock();
  if (!alone) return;
  gst_pad_push_event(state.src, gst_event_ref(event));
  gst_pad_pause_task(state.src);
}

void stop_flush(State& state, Source& source, GstEvent* event) {
  std::unique_lock lock(state.mutex);
  source.flushing = false;
  source.ended = source.end_announced = false;
  gst_segment_init(&source.segment, GST_FORMAT_TIME);
  const bool alone = state.sources.size() == 1;
  if (alone) {
    state.running = true;
    state.flow = GST_FLOW_OK;
    state.segment_wanted = true;
    state.last_pts = 0;
  }
  lock.unlock();
  if (!alone) return;
  gst_pad_push_event(state.src, gst_event_ref(event));
  gst_pad_start_task(state.src, mux_loop, state.src, nullptr);
}

}  // namespace

GstFlowReturn mux_chain(GstPad* pad, GstObject* parent, GstBuffer* buffer) {
  const auto flow =
      guarded(parent, GST_FLOW_ERROR, [&] { return receive(GST_ELEMENT(parent), *source_of(pad), buffer); });
  gst_buffer_unref(buffer);
  return flow;
}

// Of what comes from a source, the batch has its own: stream-start, caps, segment, end. The rest is not for the batch.
gboolean mux_sink_event(GstPad* pad, GstObject* parent, GstEvent* event) {
  auto& state = Self::state(parent);
  auto& source = *source_of(pad);
  bool taken = true;
  switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_CAPS:
      taken = take_caps(GST_ELEMENT(parent), source, event);
      break;
    case GST_EVENT_SEGMENT:
      gst_event_copy_segment(event, &source.segment);
      break;
    case GST_EVENT_EOS:
      end_source(state, source);
      break;
    case GST_EVENT_FLUSH_START:
      start_flush(state, source, event);
      break;
    case GST_EVENT_FLUSH_STOP:
      stop_flush(state, source, event);
      break;
    case GST_EVENT_CUSTOM_DOWNSTREAM:
      return gst_pad_push_event(state.src, event);
    default:
      break;
  }
  gst_event_unref(event);
  return taken;
}

gboolean mux_sink_query(GstPad* pad, GstObject* parent, GstQuery* query) {
  if (GST_QUERY_TYPE(query) == GST_QUERY_CAPS) {
    GstCaps *filter = nullptr, *caps = gst_pad_get_pad_template_caps(pad);
    gst_query_parse_caps(query, &filter);
    if (filter != nullptr) {
      GstCaps* narrowed = gst_caps_intersect_full(filter, caps, GST_CAPS_INTERSECT_FIRST);
      gst_caps_unref(caps);
      caps = narrowed;
    }
    gst_query_set_caps_result(query, caps);
    gst_caps_unref(caps);
    return TRUE;
  }
  if (GST_QUERY_TYPE(query) == GST_QUERY_ALLOCATION) {
    // Decoders may write with any stride: nothing here needs another copy for it.
    gst_query_add_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr);
    return TRUE;
  }
  return gst_pad_query_default(pad, parent, query);
}

}  // namespace es::gst
