// SPDX-License-Identifier: Apache-2.0
//
// nvstreammux: frames of many sources become batches, after the rules of DeepStream's legacy muxer.
//
//   sink_0 ──► fit ──► queue 0 ─┐
//   sink_1 ──► fit ──► queue 1 ─┴─► mux::Batcher says which and when ──► batch ──► src (a thread of its own)
//
// Which frames leave when is mux/'s business, what a batch looks like batch_builder's. This file is the GStreamer side:
// pads, events, the clock, waiting.
#include <algorithm>
#include <utility>

#include "edgestream/deepstream/gst-nvevent.h"
#include "gst/elements.h"
#include "gst/format.h"
#include "gst/stream_mux.h"
#include "gst/support/enums.h"
#include "gst/support/guarded.h"

namespace es::gst {
namespace {

using Self = MuxElement;
using State = Mux::State;

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
  gst_pad_set_chain_function(pad, mux_chain);
  gst_pad_set_event_function(pad, mux_sink_event);
  gst_pad_set_query_function(pad, mux_sink_query);
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
  if (active) return gst_pad_start_task(pad, mux_loop, pad, nullptr);
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

}  // namespace

unsigned batch_size_of(const State& state) {
  return state.options.batch_size != 0 ? state.options.batch_size
                                       : std::max(1u, static_cast<unsigned>(state.sources.size()));
}

void release_frames(std::deque<SourceFrame>& frames) {
  for (auto& frame : frames) gst_clear_buffer(&frame.metas);
  frames.clear();
}

std::span<const Property<MuxOptions>> Mux::properties() { return mux_properties; }

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
  gst_pad_set_event_function(state.src, mux_src_event);
  gst_pad_set_query_function(state.src, mux_src_query);
  gst_pad_use_fixed_caps(state.src);
  gst_element_add_pad(element, state.src);
}

GType nvstreammux_type() { return Self::type(); }

}  // namespace es::gst
