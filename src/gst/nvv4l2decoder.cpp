// SPDX-License-Identifier: Apache-2.0
//
// nvv4l2decoder: the best software decoder for the stream at hand, with memory:NVMM behind it.
//
//   sink ──► avdec_h264 or the like, chosen when the caps are known ──► nvvideoconvert ──► memory:NVMM ──► src
//
// The pads exist from the start, as programs link them before data flows. Pictures leave as the decoder wrote them.
#include <algorithm>
#include <array>
#include <atomic>

#include "base/log.h"
#include "gst/elements.h"
#include "gst/format.h"
#include "gst/support/element.h"
#include "gst/support/enums.h"
#include "gst/support/guarded.h"

namespace es::gst {
namespace {

struct DecoderOptions {
  unsigned drop_frame_interval = 0;
  int skip_frames = 0;
  unsigned num_extra_surfaces = 1;
  int cudadec_memtype = 0;
  unsigned gpu_id = 0;
  bool low_latency_mode = false;
  int capture_io_mode = 0;
  int output_io_mode = 0;
  bool disable_dpb = false;
  bool enable_max_performance = false;
  unsigned decoder_threads = 1;
};

GType skip_frames_enum() {
  static const GEnumValue values[] = {{0, "Decode all frames", "decode_all"},
                                      {1, "Skip frames that no other needs", "decode_non_ref"},
                                      {2, "Decode key frames alone", "decode_key"},
                                      {0, nullptr, nullptr}};
  static const GType type = register_enum("EsSkipFrames", values);
  return type;
}

constexpr Property<DecoderOptions> decoder_properties[] = {
    {"drop-frame-interval", "Of each that many decoded frames one goes on; 0: all.",
     &DecoderOptions::drop_frame_interval, 0, 30},
    {"skip-frames", "Frames to leave out when decoding.", &DecoderOptions::skip_frames, 0, 0, skip_frames_enum},
    {"num-extra-surfaces", no_effect, &DecoderOptions::num_extra_surfaces, 0, 55},
    {"cudadec-memtype", no_effect, &DecoderOptions::cudadec_memtype, 0, 2},
    {"gpu-id", no_effect, &DecoderOptions::gpu_id},
    {"low-latency-mode", "Accepted; without effect.", &DecoderOptions::low_latency_mode},
    {"capture-io-mode", no_effect, &DecoderOptions::capture_io_mode, 0, 5},
    {"output-io-mode", no_effect, &DecoderOptions::output_io_mode, 0, 5},
    {"disable-dpb", "Accepted; without effect.", &DecoderOptions::disable_dpb},
    {"enable-max-performance", no_effect, &DecoderOptions::enable_max_performance},
    {"decoder-threads",
     "Threads of the decoder, where it can have several; 0: as it thinks. One costs least where other work goes on.",
     &DecoderOptions::decoder_threads, 0, 64},
};

struct Decoder {
  using Parent = GstBin;
  using ParentClass = GstBinClass;
  using Options = DecoderOptions;
  struct State {
    GstPad* sink = nullptr;
    GstElement* decoder = nullptr;  // NULL until the caps are known
    GstElement* converter = nullptr;
    std::string factory;
    std::atomic<uint64_t> decoded{0};
  };

  static constexpr const char* type_name = "GstNvV4l2Decoder";
  static GType parent_type() { return GST_TYPE_BIN; }
  static std::span<const Property<Options>> properties() { return decoder_properties; }
  static void init_class(GstBinClass* klass);
  static void init_instance(GstBin* bin);
};

using Self = Element<Decoder>;
using State = Decoder::State;

// Who decodes what, best first.
struct Row {
  const char* caps;
  std::array<const char*, 3> factories;
};

constexpr Row rows[] = {
    {"video/x-h264, parsed=(boolean)true", {"avdec_h264", "openh264dec"}},
    {"video/x-h265, parsed=(boolean)true", {"avdec_h265", "libde265dec"}},
    {"image/jpeg", {"jpegdec", "avdec_mjpeg"}},
    {"video/mpeg, mpegversion=(int)4, systemstream=(boolean)false", {"avdec_mpeg4"}},
    {"video/mpeg, mpegversion=(int)[1, 2], systemstream=(boolean)false", {"avdec_mpeg2video", "mpeg2dec"}},
    {"video/x-vp8", {"vp8dec", "avdec_vp8"}},
    {"video/x-vp9", {"vp9dec", "avdec_vp9"}},
    {"video/x-av1", {"dav1ddec", "av1dec"}},
};

GstCaps* decodable_caps() {
  GstCaps* caps = gst_caps_new_empty();
  for (const auto& row : rows) gst_caps_append(caps, gst_caps_from_string(row.caps));
  return caps;
}

const Row* row_of(const GstCaps* caps) {
  for (const auto& row : rows) {
    GstCaps* these = gst_caps_from_string(row.caps);
    const bool fits = gst_caps_can_intersect(these, caps) != FALSE;
    gst_caps_unref(these);
    if (fits) return &row;
  }
  return nullptr;
}

// The first decoder of a row that is installed; NULL where none is. The caller unrefs it.
GstElementFactory* factory_of(const Row& row) {
  for (const char* name : row.factories) {
    GstElementFactory* factory = name != nullptr ? gst_element_factory_find(name) : nullptr;
    if (factory != nullptr) return factory;
  }
  return nullptr;
}

// What the installed decoders take: a parser in front then gives the stream in the form that the one will want.
GstCaps* takeable_caps() {
  GstCaps* caps = gst_caps_new_empty();
  for (const auto& row : rows) {
    GstElementFactory* factory = factory_of(row);
    if (factory == nullptr) continue;
    GstCaps* these = gst_caps_from_string(row.caps);
    for (const GList* at = gst_element_factory_get_static_pad_templates(factory); at != nullptr; at = at->next) {
      auto* pad = static_cast<GstStaticPadTemplate*>(at->data);
      if (pad->direction != GST_PAD_SINK) continue;
      GstCaps* taken = gst_static_pad_template_get_caps(pad);
      gst_caps_append(caps, gst_caps_intersect(these, taken));
      gst_caps_unref(taken);
    }
    gst_caps_unref(these);
    gst_object_unref(factory);
  }
  return caps;
}

GstElement* make_decoder(const GstCaps* caps, std::string& name) {
  const Row* row = row_of(caps);
  g_autofree gchar* written = gst_caps_to_string(caps);
  require(row != nullptr, ErrorKind::unsupported, "a stream of ", printable(written, 200),
          " has no decoder here; docs/elements.md lists what has");
  GstElementFactory* factory = factory_of(*row);
  require(factory != nullptr, ErrorKind::environment, "no decoder of ", printable(written, 200), " is installed; ",
          row->factories[0], " is the best, and Debian's package gstreamer1.0-libav has most decoders");
  name = GST_OBJECT_NAME(factory);
  GstElement* element = gst_element_factory_create(factory, nullptr);
  gst_object_unref(factory);
  require(element != nullptr, ErrorKind::environment, name, " is installed and cannot be loaded");
  return element;
}

bool has_property(GstElement* element, const char* name) {
  return g_object_class_find_property(G_OBJECT_GET_CLASS(element), name) != nullptr;
}

void configure(GstElement* decoder, const DecoderOptions& options) {
  if (has_property(decoder, "max-threads")) {
    g_object_set(decoder, "max-threads", static_cast<int>(options.decoder_threads), nullptr);
  }
  if (options.skip_frames == 1 && has_property(decoder, "skip-frame")) {
    gst_util_set_object_arg(G_OBJECT(decoder), "skip-frame", "1");
  }
}

// Between sink and converter, where it replaces one for other caps.
void install(GstBin* bin, const GstCaps* caps) {
  auto& state = Self::state(bin);
  std::string factory;
  GstElement* decoder = make_decoder(caps, factory);
  if (state.decoder != nullptr && factory == state.factory) {
    gst_object_unref(decoder);
    return;
  }
  if (state.decoder != nullptr) {
    gst_element_set_state(state.decoder, GST_STATE_NULL);
    gst_bin_remove(bin, state.decoder);
  }
  configure(decoder, Self::options(bin));
  gst_bin_add(bin, decoder);
  gst_element_link(decoder, state.converter);
  GstPad* target = gst_element_get_static_pad(decoder, "sink");
  gst_ghost_pad_set_target(GST_GHOST_PAD(state.sink), target);
  gst_object_unref(target);
  gst_element_sync_state_with_parent(decoder);
  state.decoder = decoder;
  state.factory = factory;
  log(LogLevel::debug, GST_OBJECT_NAME(bin), ": decodes with ", factory);
}

// Caps decide on the decoder before they reach it.
GstPadProbeReturn on_event(GstPad*, GstPadProbeInfo* info, gpointer bin) {
  GstEvent* event = GST_PAD_PROBE_INFO_EVENT(info);
  if (GST_EVENT_TYPE(event) != GST_EVENT_CAPS) return GST_PAD_PROBE_OK;
  GstCaps* caps = nullptr;
  gst_event_parse_caps(event, &caps);
  return guarded(bin, GST_PAD_PROBE_DROP, [&] {
    install(GST_BIN(bin), caps);
    return GST_PAD_PROBE_OK;
  });
}

// Until there is a decoder to ask, the installed ones are asked.
gboolean sink_query(GstPad* pad, GstObject* parent, GstQuery* query) {
  if (GST_QUERY_TYPE(query) != GST_QUERY_CAPS || Self::state(parent).decoder != nullptr) {
    return gst_pad_query_default(pad, parent, query);
  }
  GstCaps *filter = nullptr, *caps = takeable_caps();
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

GstPadProbeReturn on_encoded(GstPad*, GstPadProbeInfo* info, gpointer bin) {
  const bool delta = GST_BUFFER_FLAG_IS_SET(GST_PAD_PROBE_INFO_BUFFER(info), GST_BUFFER_FLAG_DELTA_UNIT);
  return delta && Self::options(bin).skip_frames == 2 ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

GstPadProbeReturn on_decoded(GstPad*, GstPadProbeInfo*, gpointer bin) {
  const uint64_t interval = Self::options(bin).drop_frame_interval;
  const uint64_t number = Self::state(bin).decoded++;
  return interval > 1 && number % interval != 0 ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

GstElement* make_surface_filter() {
  GstElement* filter = gst_element_factory_make("capsfilter", nullptr);
  GstCaps* caps = surface_caps();
  g_object_set(filter, "caps", caps, nullptr);
  gst_caps_unref(caps);
  return filter;
}

GstStateChangeReturn change_state(GstElement* element, GstStateChange transition) {
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) Self::state(element).decoded = 0;
  return GST_ELEMENT_CLASS(Self::parent_class())->change_state(element, transition);
}

void Decoder::init_class(GstBinClass* klass) {
  auto* element_class = GST_ELEMENT_CLASS(klass);
  gst_element_class_set_static_metadata(element_class, "Video decoder", "Codec/Decoder/Video",
                                        "Decodes to memory:NVMM by the best software decoder installed", "EdgeStream");
  gst_element_class_add_pad_template(element_class,
                                     pad_template("sink", GST_PAD_SINK, GST_PAD_ALWAYS, decodable_caps()));
  gst_element_class_add_pad_template(element_class, pad_template("src", GST_PAD_SRC, GST_PAD_ALWAYS, surface_caps()));
  element_class->change_state = change_state;
}

void Decoder::init_instance(GstBin* bin) {
  auto& state = Self::state(bin);
  auto* element_class = GST_ELEMENT_GET_CLASS(bin);
  state.converter = GST_ELEMENT(g_object_new(nvvideoconvert_type(), nullptr));
  GstElement* filter = make_surface_filter();
  gst_bin_add_many(bin, state.converter, filter, nullptr);
  gst_element_link(state.converter, filter);

  GstPad* last = gst_element_get_static_pad(filter, "src");
  GstPad* src = gst_ghost_pad_new_from_template("src", last, gst_element_class_get_pad_template(element_class, "src"));
  gst_object_unref(last);
  gst_element_add_pad(GST_ELEMENT(bin), src);

  state.sink =
      gst_ghost_pad_new_no_target_from_template("sink", gst_element_class_get_pad_template(element_class, "sink"));
  gst_pad_set_query_function(state.sink, sink_query);
  gst_pad_add_probe(state.sink, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_event, bin, nullptr);
  gst_pad_add_probe(state.sink, GST_PAD_PROBE_TYPE_BUFFER, on_encoded, bin, nullptr);
  gst_element_add_pad(GST_ELEMENT(bin), state.sink);

  GstPad* decoded = gst_element_get_static_pad(state.converter, "sink");
  gst_pad_add_probe(decoded, GST_PAD_PROBE_TYPE_BUFFER, on_decoded, bin, nullptr);
  gst_object_unref(decoded);
}

}  // namespace

GType nvv4l2decoder_type() { return Self::type(); }

}  // namespace es::gst
