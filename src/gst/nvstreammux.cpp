// SPDX-License-Identifier: Apache-2.0
//
// nvstreammux: frames of many sources become batches, after the rules of DeepStream's legacy muxer.
//
//   sink_0 ──► fit ──► queue 0 ─┐
//   sink_1 ──► fit ──► queue 1 ─┴─► mux::Batcher says which and when ──► batch ──► src (a thread of its own)
//
// Which frames leave when is mux/'s business, what a batch looks like batch_builder's. This file is the GStreamer side:
// pads, events, the clock, waiting.
#include <gst/base/gstbasetransform.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>

#include "base/log.h"
#include "edgestream/deepstream/gst-nvevent.h"
#include "edgestream/deepstream/gst-nvmessage.h"
#include "edgestream/deepstream/gst-nvquery.h"
#include "edgestream/deepstream/gstnvdsmeta.h"
#include "gst/batch_builder.h"
#include "gst/batch_memory.h"
#include "gst/elements.h"
#include "gst/format.h"
#include "gst/support/element.h"
#include "gst/support/enums.h"
#include "gst/support/guarded.h"
#include "mux/mux.h"

namespace es::gst {
namespace {

struct MuxOptions {
  unsigned batch_size = 0;
  int batched_push_timeout = -1;
  unsigned width = 0;
  unsigned height = 0;
  bool enable_padding = false;
  bool live_source = false;
  unsigned num_surfaces_per_frame = 1;
  unsigned buffer_pool_size = 4;
  unsigned gpu_id = 0;
  int nvbuf_memory_type = 0;
  int compute_hw = 0;
  int interpolation_method = 1;
  bool attach_sys_ts = true;
  bool sync_inputs = false;
  unsigned max_latency = 0;
  bool frame_num_reset_on_eos = false;
  bool frame_num_reset_on_stream_reset = false;
  int frame_duration = 0;
  bool async_process = true;
  bool drop_pipeline_eos = false;
  bool sort_batch = false;
  std::string config_file_path;
};

constexpr Property<MuxOptions> mux_properties[] = {
    {"batch-size", "The most frames in a batch; 0: one for each sink pad.", &MuxOptions::batch_size, 0, 1024},
    {"batched-push-timeout", "Microseconds from a batch's first frame until it leaves incomplete; -1: never.",
     &MuxOptions::batched_push_timeout, -1, G_MAXINT},
    {"width", "Width of every frame in the batch, pixels; 0: of the first frame (DeepStream demands a value).",
     &MuxOptions::width, 0, 32767},
    {"height", "Height of every frame in the batch, pixels; 0: of the first frame (DeepStream demands a value).",
     &MuxOptions::height, 0, 32767},
    {"enable-padding", "Keep the proportions of each frame, with black bands on both sides.",
     &MuxOptions::enable_padding},
    {"live-source", "Sources are live: a batch leaves when it is full, whichever source filled it.",
     &MuxOptions::live_source},
    {"num-surfaces-per-frame", "Written to the metadata of each frame.", &MuxOptions::num_surfaces_per_frame, 1, 4},
    {"buffer-pool-size", no_effect, &MuxOptions::buffer_pool_size, 4, G_MAXUINT},
    {"gpu-id", no_effect, &MuxOptions::gpu_id},
    {"nvbuf-memory-type", no_effect, &MuxOptions::nvbuf_memory_type, 0, 0, memory_type_enum},
    {"compute-hw", no_effect, &MuxOptions::compute_hw, 0, 0, compute_enum},
    {"interpolation-method", "How frames of another size are scaled.", &MuxOptions::interpolation_method, 0, 0,
     interpolation_enum},
    {"attach-sys-ts", "Write the wall clock at arrival into ntp_timestamp.", &MuxOptions::attach_sys_ts},
    {"sync-inputs", "Accepted; frames are never dropped to synchronise sources.", &MuxOptions::sync_inputs},
    {"max-latency", "Accepted; without effect.", &MuxOptions::max_latency},
    {"frame-num-reset-on-eos", "Count frames from 0 again after the end of a source.",
     &MuxOptions::frame_num_reset_on_eos},
    {"frame-num-reset-on-stream-reset", "Accepted; without effect.", &MuxOptions::frame_num_reset_on_stream_reset},
    {"frame-duration", "Accepted; without effect.", &MuxOptions::frame_duration, -1, G_MAXINT},
    {"async-process", "Accepted; frames are always prepared on the threads of their sources.",
     &MuxOptions::async_process},
    {"drop-pipeline-eos", "Do not send the end of stream after the last source has ended.",
     &MuxOptions::drop_pipeline_eos},
    {"sort-batch", "Order the frames of a batch by pad number.", &MuxOptions::sort_batch},
    {"config-file-path", "Accepted; a file of the new nvstreammux has no effect.", &MuxOptions::config_file_path},
};

// A source. Guarded by State::mutex, except info and segment, which belong to the pad's streaming thread.
struct Source {
  unsigned index = 0;
  GstPad* pad = nullptr;
  std::optional<GstVideoInfo> info;
  GstSegment segment{};
  std::deque<SourceFrame> frames;
  std::vector<GstEvent*> events;  // to be sent before the next frame
  FramePool pool;
  int next_frame_num = 0;
  bool announced = false;
  bool ended = false;
  bool end_announced = false;
  bool flushing = false;
};

struct Mux {
  using Parent = GstElement;
  using ParentClass = GstElementClass;
  using Options = MuxOptions;

  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    std::map<unsigned, std::unique_ptr<Source>> sources;
    std::vector<GstEvent*> events;  // of pads that are gone
    std::optional<mux::Batcher> batcher;
    std::optional<Fit> fit;
    GstPad* src = nullptr;
    MuxOptions options;  // as they were at start
    GstFlowReturn flow = GST_FLOW_OK;
    bool running = false;
    std::mutex negotiation;         // held while fit is decided, never together with a wait
    bool started = false;           // stream-start is out
    bool negotiated = false;        // caps are out
    bool segment_wanted = true;
    GstClockTime last_pts = 0;
  };

  static constexpr const char* type_name = "GstNvStreamMux";
  static GType parent_type() { return GST_TYPE_ELEMENT; }
  static std::span<const Property<Options>> properties() { return mux_properties; }
  static void init_class(GstElementClass* klass);
  static void init_instance(GstElement* element);
};

using Self = Element<Mux>;
using State = Mux::State;

int64_t now() { return g_get_monotonic_time(); }

Source* source_of(GstPad* pad) { return static_cast<Source*>(gst_pad_get_element_private(pad)); }

unsigned batch_size_of(const State& state) {
  return state.options.batch_size != 0 ? state.options.batch_size
                                       : std::max(1u, static_cast<unsigned>(state.sources.size()));
}

// ---- what the batch looks like --------------------------------------------------------------------------------------

// The source's own format where downstream takes it, else the first of ours that it takes.
GstVideoFormat choose_format(GstPad* src, GstVideoFormat wanted) {
  GstCaps* allowed = gst_pad_peer_query_caps(src, nullptr);
  const auto takes = [&](GstVideoFormat format) {
    const std::string one = text("video/x-raw(", nvmm_feature, "), format=", gst_video_format_to_string(format));
    GstCaps* caps = gst_caps_from_string(one.c_str());
    const bool possible = gst_caps_can_intersect(caps, allowed) != FALSE;
    gst_caps_unref(caps);
    return possible;
  };
  GstVideoFormat chosen = GST_VIDEO_FORMAT_UNKNOWN;
  for (const auto format : {wanted, GST_VIDEO_FORMAT_I420, GST_VIDEO_FORMAT_NV12, GST_VIDEO_FORMAT_RGBA,
                            GST_VIDEO_FORMAT_BGRx, GST_VIDEO_FORMAT_RGB, GST_VIDEO_FORMAT_BGR, GST_VIDEO_FORMAT_GRAY8}) {
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

GstCaps* output_caps(const State& state) {
  GstCaps* caps = gst_video_info_to_caps(&state.fit->output);
  gst_caps_set_features_simple(caps, gst_caps_features_new(nvmm_feature, nullptr));
  gst_caps_set_simple(caps, "batch-size", G_TYPE_INT, static_cast<int>(batch_size_of(state)), "num-surfaces-per-frame",
                      G_TYPE_INT, static_cast<int>(state.options.num_surfaces_per_frame), nullptr);
  return caps;
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

// Waits for room; false where the pad must not go on.
bool wait_for_room(State& state, Source& source, std::unique_lock<std::mutex>& lock) {
  state.changed.wait(lock, [&] {
    return !state.running || source.flushing || state.flow != GST_FLOW_OK || state.batcher->has_room(source.index);
  });
  return state.running && !source.flushing && state.flow == GST_FLOW_OK;
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
    if (!source.announced) announce(source);
    source.ended = source.end_announced = false;
    arrived.frame_num = source.next_frame_num++;
    source.frames.push_back(std::move(arrived));
    state.batcher->frame_arrived(source.index, now());
    state.changed.notify_all();
    lock.unlock();
  }
  return GST_FLOW_OK;
}

GstFlowReturn chain(GstPad* pad, GstObject* parent, GstBuffer* buffer) {
  const auto flow = guarded(parent, GST_FLOW_ERROR, [&] { return receive(GST_ELEMENT(parent), *source_of(pad), buffer); });
  gst_buffer_unref(buffer);
  return flow;
}

// ---- the batch leaves -----------------------------------------------------------------------------------------------

void push_events(GstPad* src, std::vector<GstEvent*>& events) {
  for (GstEvent* event : events) gst_pad_push_event(src, event);
  events.clear();
}

void push_segment(State& state) {
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_pad_push_event(state.src, gst_event_new_segment(&segment));
}

void release_frames(std::deque<SourceFrame>& frames) {
  for (auto& frame : frames) gst_clear_buffer(&frame.metas);
  frames.clear();
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
  for (const unsigned index : state.batcher->take(now())) {
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
    state.changed.wait_for(lock, std::chrono::microseconds(std::max<int64_t>(0, *due - now())));
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

void loop(gpointer pad) {
  auto* element = GST_ELEMENT(GST_PAD_PARENT(GST_PAD(pad)));
  const bool ok = guarded(element, false, [&] { step(element); return true; });
  if (!ok) stop_flow(Self::state(element), GST_FLOW_ERROR);
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
  if (state.batcher) state.batcher->forget_frames(source.index);
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
  gst_pad_start_task(state.src, loop, state.src, nullptr);
}

// Of what comes from a source, the batch has its own: stream-start, caps, segment, end. The rest is not for the batch.
gboolean sink_event(GstPad* pad, GstObject* parent, GstEvent* event) {
  auto& state = Self::state(parent);
  auto& source = *source_of(pad);
  bool taken = true;
  switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_CAPS: taken = take_caps(GST_ELEMENT(parent), source, event); break;
    case GST_EVENT_SEGMENT: gst_event_copy_segment(event, &source.segment); break;
    case GST_EVENT_EOS: end_source(state, source); break;
    case GST_EVENT_FLUSH_START: start_flush(state, source, event); break;
    case GST_EVENT_FLUSH_STOP: stop_flush(state, source, event); break;
    case GST_EVENT_CUSTOM_DOWNSTREAM: return gst_pad_push_event(state.src, event);
    default: break;
  }
  gst_event_unref(event);
  return taken;
}

gboolean sink_query(GstPad* pad, GstObject* parent, GstQuery* query) {
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

// A batch is late as a whole; telling one source to drop frames for it would starve the others.
gboolean src_event(GstPad* pad, GstObject* parent, GstEvent* event) {
  if (GST_EVENT_TYPE(event) != GST_EVENT_QOS) return gst_pad_event_default(pad, parent, event);
  gst_event_unref(event);
  return TRUE;
}

gboolean src_query(GstPad* pad, GstObject* parent, GstQuery* query) {
  auto& state = Self::state(parent);
  if (gst_nvquery_is_batch_size(query) || gst_nvquery_is_numStreams_size(query)) {
    const std::lock_guard lock(state.mutex);
    gst_nvquery_batch_size_set(query, Self::options(parent).batch_size);
    gst_nvquery_numStreams_size_set(query, static_cast<guint>(state.sources.size()));
    return TRUE;
  }
  return gst_pad_query_default(pad, parent, query);
}

// ---- pads and states ------------------------------------------------------------------------------------------------

std::optional<unsigned> index_of(const gchar* name) {
  if (name == nullptr || !g_str_has_prefix(name, "sink_")) return std::nullopt;
  guint64 index = 0;
  if (!g_ascii_string_to_unsigned(name + 5, 10, 0, G_MAXUINT, &index, nullptr)) return std::nullopt;
  return static_cast<unsigned>(index);
}

unsigned first_free(const State& state) {
  unsigned index = 0;
  while (state.sources.contains(index)) ++index;
  return index;
}

GstPad* request_pad(GstElement* element, GstPadTemplate* pad_template, const gchar* name, const GstCaps*) {
  auto& state = Self::state(element);
  std::unique_lock lock(state.mutex);
  const unsigned index = index_of(name).value_or(first_free(state));
  if (state.sources.contains(index)) return nullptr;
  auto source = std::make_unique<Source>();
  source->index = index;
  gst_segment_init(&source->segment, GST_FORMAT_TIME);
  GstPad* pad = gst_pad_new_from_template(pad_template, text("sink_", index).c_str());
  source->pad = pad;
  gst_pad_set_element_private(pad, source.get());
  gst_pad_set_chain_function(pad, chain);
  gst_pad_set_event_function(pad, sink_event);
  gst_pad_set_query_function(pad, sink_query);
  if (state.batcher) state.batcher->add_pad(index);
  state.sources.emplace(index, std::move(source));
  lock.unlock();
  gst_element_add_pad(element, pad);
  return pad;
}

void release_pad(GstElement* element, GstPad* pad) {
  auto& state = Self::state(element);
  auto* source = source_of(pad);
  {
    const std::lock_guard lock(state.mutex);
    source->flushing = true;
    state.changed.notify_all();
  }
  gst_pad_set_active(pad, FALSE);  // its streaming thread is out of here afterwards
  {
    const std::lock_guard lock(state.mutex);
    release_frames(source->frames);
    for (GstEvent* event : source->events) gst_event_unref(event);
    if (state.batcher) state.batcher->remove_pad(source->index);
    if (source->announced) state.events.push_back(gst_nvevent_new_pad_deleted(source->index));
    state.sources.erase(source->index);
    state.changed.notify_all();
  }
  gst_element_remove_pad(element, pad);
}

void open(GstElement* element, State& state) {
  const std::lock_guard lock(state.mutex);
  state.options = Self::options(element);
  mux::Options rules;
  rules.batch_size = static_cast<int>(batch_size_of(state));
  if (state.options.batched_push_timeout >= 0) rules.timeout = state.options.batched_push_timeout;
  rules.live = state.options.live_source;
  rules.sorted = state.options.sort_batch;
  state.batcher.emplace(rules);
  for (const auto& [index, source] : state.sources) state.batcher->add_pad(index);
  state.flow = GST_FLOW_OK;
  state.running = true;
}

// Everybody who waits goes home.
void interrupt(State& state) {
  const std::lock_guard lock(state.mutex);
  state.running = false;
  state.changed.notify_all();
}

void reset(State& state) {
  const std::lock_guard lock(state.mutex);
  for (auto& [index, source] : state.sources) {
    release_frames(source->frames);
    for (GstEvent* event : source->events) gst_event_unref(event);
    source->events.clear();
    source->next_frame_num = 0;
    source->announced = source->ended = source->end_announced = source->flushing = false;
    source->info.reset();
  }
  for (GstEvent* event : state.events) gst_event_unref(event);
  state.events.clear();
  state.fit.reset();
  state.started = state.negotiated = false;
  state.segment_wanted = true;
  state.last_pts = 0;
}

gboolean activate_src(GstPad* pad, GstObject* parent, GstPadMode mode, gboolean active) {
  if (mode != GST_PAD_MODE_PUSH) return FALSE;
  if (active) return gst_pad_start_task(pad, loop, pad, nullptr);
  interrupt(Self::state(parent));
  return gst_pad_stop_task(pad);
}

GstStateChangeReturn change_state(GstElement* element, GstStateChange transition) {
  auto& state = Self::state(element);
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) open(element, state);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) interrupt(state);
  const auto changed = Self::parent_class()->change_state(element, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) reset(state);
  return changed;
}

void Mux::init_class(GstElementClass* klass) {
  gst_element_class_set_static_metadata(klass, "Stream muxer", "Generic/Video",
                                        "Makes batches of the frames of several sources, for nvinfer", "EdgeStream");
  GstCaps* sink_caps = surface_caps();
  gst_caps_append(sink_caps, plain_caps());
  gst_element_class_add_pad_template(klass, pad_template("sink_%u", GST_PAD_SINK, GST_PAD_REQUEST, sink_caps));
  gst_element_class_add_pad_template(klass, pad_template("src", GST_PAD_SRC, GST_PAD_ALWAYS, surface_caps()));
  klass->request_new_pad = request_pad;
  klass->release_pad = release_pad;
  klass->change_state = change_state;
}

void Mux::init_instance(GstElement* element) {
  auto& state = Self::state(element);
  GstPadTemplate* src = gst_element_class_get_pad_template(GST_ELEMENT_GET_CLASS(element), "src");
  state.src = gst_pad_new_from_template(src, "src");
  gst_pad_set_activatemode_function(state.src, activate_src);
  gst_pad_set_event_function(state.src, src_event);
  gst_pad_set_query_function(state.src, src_query);
  gst_pad_use_fixed_caps(state.src);
  gst_element_add_pad(element, state.src);
}

}  // namespace

GType nvstreammux_type() { return Self::type(); }

}  // namespace es::gst
