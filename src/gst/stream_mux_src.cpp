// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <utility>

#include "base/log.h"
#include "edgestream/deepstream/gst-nvevent.h"
#include "edgestream/deepstream/gst-nvmessage.h"
#include "edgestream/deepstream/gst-nvquery.h"
#include "gst/format.h"
#include "gst/stream_mux.h"
#include "gst/support/guarded.h"

namespace es::gst {
namespace {

using Self = MuxElement;
using State = Mux::State;

GstCaps* output_caps(const State& state) {
  GstCaps* caps = gst_video_info_to_caps(&state.fit->output);
  gst_caps_set_features_simple(caps, gst_caps_features_new(nvmm_feature, nullptr));
  gst_caps_set_simple(caps, "batch-size", G_TYPE_INT, static_cast<int>(batch_size_of(state)), "num-surfaces-per-frame",
                      G_TYPE_INT, static_cast<int>(state.options.num_surfaces_per_frame), nullptr);
  return caps;
}

void push_events(GstPad* src, std::vector<GstEvent*>& events) {
  for (GstEvent* event : events) gst_pad_push_event(src, event);
  events.clear();
}

void push_segment(State& state) {
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_pad_push_event(state.src, gst_event_new_segment(&segment));
}

struct Departure {
  std::vector<SourceFrame> frames;
  std::vector<GstEvent*> events;  // before the batch
  std::vector<unsigned> ended;    // sources whose last frame has left
  GstCaps* caps = nullptr;        // set where they must be sent first
  bool stream_start = false;
  bool segment = false;
  bool finished = false;
};

std::vector<unsigned> newly_ended(State& state, std::vector<GstEvent*>& events) {
  std::vector<unsigned> ended;
  for (auto& [index, source] : state.sources) {
    if (!source->ended || source->end_announced || !source->frames.empty()) continue;
    source->end_announced = true;
    if (state.options.frame_num_reset_on_eos) source->next_frame_num = 0;
    std::ranges::move(source->events, std::back_inserter(events));
    source->events.clear();
    ended.push_back(index);
  }
  return ended;
}

bool is_empty(const Departure& departure) {
  return departure.frames.empty() && departure.events.empty() && departure.ended.empty() && !departure.finished;
}

void take_frames(State& state, Departure& departure) {
  for (const unsigned index : state.batcher->take(mux_clock())) {
    auto& source = *state.sources.at(index);
    std::ranges::move(source.events, std::back_inserter(departure.events));
    source.events.clear();
    departure.frames.push_back(std::move(source.frames.front()));
    source.frames.pop_front();
  }
}

// What the stream still lacks in front of this.
void prepare_stream(State& state, Departure& departure) {
  departure.stream_start = !state.started;
  state.started = true;
  if (state.fit && !state.negotiated) {
    departure.caps = output_caps(state);
    state.negotiated = true;
  }
  departure.segment = state.segment_wanted;
  state.segment_wanted = false;
}

// What is to be sent now; nothing in it where it is too early. Called with the lock held.
Departure next_departure(State& state) {
  Departure departure;
  std::swap(departure.events, state.events);
  departure.ended = newly_ended(state, departure.events);
  if (departure.ended.empty() && departure.events.empty()) take_frames(state, departure);
  departure.finished = is_empty(departure) && state.batcher->finished();
  if (!is_empty(departure)) prepare_stream(state, departure);
  return departure;
}

void wait_for_change(State& state, std::unique_lock<std::mutex>& lock) {
  const auto due = state.batcher->deadline();
  if (!due) {
    state.changed.wait(lock);
  } else {
    state.changed.wait_for(lock, std::chrono::microseconds(std::max<int64_t>(0, *due - mux_clock())));
  }
}

// The times of the batch: those of its first frame, never running backwards.
void stamp(State& state, GstBuffer* buffer, const SourceFrame& first) {
  GstClockTime pts = GST_CLOCK_TIME_IS_VALID(first.running_time) ? first.running_time : first.pts;
  if (GST_CLOCK_TIME_IS_VALID(pts)) {
    pts = std::max(pts, state.last_pts);
    state.last_pts = pts;
  }
  GST_BUFFER_PTS(buffer) = pts;
  GST_BUFFER_DURATION(buffer) = first.duration;
}

void send_end_of_source(GstElement* element, State& state, unsigned index) {
  gst_pad_push_event(state.src, gst_nvevent_new_stream_eos(index));
  gst_element_post_message(element, gst_nvmessage_new_stream_eos(GST_OBJECT(element), index));
  log(LogLevel::info, "nvstreammux: Successfully handled EOS for source_id=", index);
}

GstFlowReturn send(GstElement* element, State& state, Departure& departure) {
  if (departure.stream_start) {
    gst_pad_push_event(state.src, gst_event_new_stream_start("edgestream/nvstreammux"));
  }
  if (departure.caps != nullptr) {
    gst_pad_push_event(state.src, gst_event_new_caps(departure.caps));
    gst_caps_unref(departure.caps);
  }
  if (departure.segment) push_segment(state);
  push_events(state.src, departure.events);
  for (const unsigned index : departure.ended) send_end_of_source(element, state, index);
  if (departure.frames.empty()) return GST_FLOW_OK;
  const SourceFrame first{.pts = departure.frames.front().pts,
                          .running_time = departure.frames.front().running_time,
                          .duration = departure.frames.front().duration};
  GstBuffer* buffer =
      build_batch(std::move(departure.frames), batch_size_of(state), state.options.num_surfaces_per_frame);
  stamp(state, buffer, first);
  return gst_pad_push(state.src, buffer);
}

void stop_flow(State& state, GstFlowReturn flow) {
  const std::lock_guard lock(state.mutex);
  state.flow = flow;
  state.changed.notify_all();
  gst_pad_pause_task(state.src);
}

// One departure, on the thread of the source pad.
void step(GstElement* element) {
  auto& state = Self::state(element);
  std::unique_lock lock(state.mutex);
  Departure departure;
  while (state.running && is_empty(departure = next_departure(state))) wait_for_change(state, lock);
  if (!state.running) {
    gst_pad_pause_task(state.src);
    return;
  }
  state.changed.notify_all();  // there is room again
  lock.unlock();

  const auto flow = send(element, state, departure);
  if (departure.finished) {
    if (!state.options.drop_pipeline_eos) gst_pad_push_event(state.src, gst_event_new_eos());
    return stop_flow(state, GST_FLOW_EOS);
  }
  if (flow == GST_FLOW_OK) return;
  stop_flow(state, flow);
  // This thread drives what follows: that somebody there has had enough, or cannot go on, ends the stream for the rest.
  if (flow == GST_FLOW_NOT_LINKED || flow < GST_FLOW_EOS) GST_ELEMENT_FLOW_ERROR(element, flow);
  if (flow != GST_FLOW_FLUSHING) gst_pad_push_event(state.src, gst_event_new_eos());
}

// Live frames wait for others at most until the timeout.
gboolean add_latency(const State& state, GstPad* pad, GstObject* parent, GstQuery* query) {
  if (!gst_pad_query_default(pad, parent, query)) return FALSE;
  gboolean live = FALSE;
  GstClockTime least = 0, most = GST_CLOCK_TIME_NONE;
  gst_query_parse_latency(query, &live, &least, &most);
  const auto wait = static_cast<GstClockTime>(std::max(0, state.options.batched_push_timeout)) * GST_USECOND;
  if (live) gst_query_set_latency(query, live, least + wait, GST_CLOCK_TIME_IS_VALID(most) ? most + wait : most);
  return TRUE;
}

}  // namespace

void mux_loop(gpointer pad) {
  auto* element = GST_ELEMENT(GST_PAD_PARENT(GST_PAD(pad)));
  const bool ok = guarded(element, false, [&] {
    step(element);
    return true;
  });
  if (!ok) stop_flow(Self::state(element), GST_FLOW_ERROR);
}

// A batch is late as a whole; telling one source to drop frames for it would starve the others.
gboolean mux_src_event(GstPad* pad, GstObject* parent, GstEvent* event) {
  if (GST_EVENT_TYPE(event) != GST_EVENT_QOS) return gst_pad_event_default(pad, parent, event);
  gst_event_unref(event);
  return TRUE;
}

gboolean mux_src_query(GstPad* pad, GstObject* parent, GstQuery* query) {
  auto& state = Self::state(parent);
  if (GST_QUERY_TYPE(query) == GST_QUERY_LATENCY) return add_latency(state, pad, parent, query);
  if (gst_nvquery_is_batch_size(query) || gst_nvquery_is_numStreams_size(query)) {
    const std::lock_guard lock(state.mutex);
    gst_nvquery_batch_size_set(query, Self::options(parent).batch_size);
    gst_nvquery_numStreams_size_set(query, static_cast<guint>(state.sources.size()));
    return TRUE;
  }
  return gst_pad_query_default(pad, parent, query);
}

}  // namespace es::gst
