// SPDX-License-Identifier: Apache-2.0
//
// nvstreammux from the inside: what its three files share.
//
//   stream_mux_sink.cpp   a frame arrives: fitted, queued; events of a source
//   stream_mux_src.cpp    a batch leaves: the thread of the source pad
//   nvstreammux.cpp       the element: properties, pads, states
#pragma once

#include <gst/gst.h>

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "gst/batch_builder.h"
#include "gst/support/element.h"
#include "mux/mux.h"

namespace es::gst {

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
    std::mutex negotiation;   // held while fit is decided, never together with a wait
    bool started = false;     // stream-start is out
    bool negotiated = false;  // caps are out
    bool segment_wanted = true;
    GstClockTime last_pts = 0;
  };

  static constexpr const char* type_name = "GstNvStreamMux";
  static GType parent_type() { return GST_TYPE_ELEMENT; }
  static std::span<const Property<Options>> properties();
  static void init_class(GstElementClass* klass);
  static void init_instance(GstElement* element);
};

using MuxElement = Element<Mux>;

// Microseconds of the clock that the batcher is told.
inline int64_t mux_clock() { return g_get_monotonic_time(); }
inline Source* source_of(GstPad* pad) { return static_cast<Source*>(gst_pad_get_element_private(pad)); }
// Frames a batch may have: the property, or one for each source.
unsigned batch_size_of(const Mux::State& state);
void release_frames(std::deque<SourceFrame>& frames);

// ---- stream_mux_sink.cpp: functions of sink pads
GstFlowReturn mux_chain(GstPad* pad, GstObject* parent, GstBuffer* buffer);
gboolean mux_sink_event(GstPad* pad, GstObject* parent, GstEvent* event);
gboolean mux_sink_query(GstPad* pad, GstObject* parent, GstQuery* query);

// ---- stream_mux_src.cpp: functions of the source pad; the task's data is the pad
void mux_loop(gpointer pad);
gboolean mux_src_event(GstPad* pad, GstObject* parent, GstEvent* event);
gboolean mux_src_query(GstPad* pad, GstObject* parent, GstQuery* query);

}  // namespace es::gst
