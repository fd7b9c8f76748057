// SPDX-License-Identifier: Apache-2.0
#include "app/run.h"

#include <glib-unix.h>
#include <gst/gst.h>
#include <gst/pbutils/pbutils.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>

#include "app/decorate.h"
#include "app/perf.h"
#include "base/error.h"
#include "base/log.h"
#include "edgestream/deepstream/gstnvdsmeta.h"

namespace es::app {
namespace {

struct Unref {
  template <typename Object>
  void operator()(Object* object) const {
    gst_object_unref(object);
  }
};
template <typename Object>
using Ref = std::unique_ptr<Object, Unref>;

struct FreeError {
  void operator()(GError* error) const { g_error_free(error); }
};
using GErrorPtr = std::unique_ptr<GError, FreeError>;

double now_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double seconds_of(GstClockTime time) { return static_cast<double>(time) / GST_SECOND; }

// One pipeline while it runs. Callbacks of the main loop and one pad probe write here.
class Runner {
 public:
  Runner(const AppConfig& config, const RunOptions& options)
      : config_(config), options_(options), perf_(config.sources.size()), loop_(g_main_loop_new(nullptr, FALSE)) {}
  ~Runner() {
    if (pipeline_) gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
    for (const guint source : sources_) g_source_remove(source);
    g_main_loop_unref(loop_);
  }

  Summary run(const std::string& text) {
    build(text);
    watch();
    if (gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE || !take_error()) {
      g_main_loop_run(loop_);
    }
    gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
    if (!error_.empty()) fail(error_kind_, error_);
    const std::lock_guard lock(mutex_);
    summary_.seconds = last_frame_ - first_frame_;
    return summary_;
  }

 private:
  void build(const std::string& text) {
    GError* raw = nullptr;
    pipeline_.reset(gst_parse_launch(text.c_str(), &raw));
    const GErrorPtr error(raw);
    if (!pipeline_ || error) {
      fail(ErrorKind::environment, "the pipeline cannot be made: ", error ? error->message : "no reason is given",
           "; gst-inspect-1.0 shows which elements are installed");
    }
    count_frames_at("mux", "src");
    if (options_.decorate) decorate_at("nvosd0", "sink");
  }

  void watch() {
    const Ref<GstBus> bus(gst_element_get_bus(pipeline_.get()));
    sources_.push_back(gst_bus_add_watch(
        bus.get(), [](GstBus*, GstMessage* message, gpointer self) { return static_cast<Runner*>(self)->on(message); },
        this));
    sources_.push_back(g_unix_signal_add(
        SIGINT, [](gpointer self) { return static_cast<Runner*>(self)->on_interrupt(); }, this));
    interrupt_source_ = sources_.back();
    if (options_.progress) add_timer(100, [](gpointer self) { return static_cast<Runner*>(self)->on_progress(); });
    if (options_.print && config_.enable_perf_measurement) {
      const int seconds = config_.perf_measurement_interval_sec > 0 ? config_.perf_measurement_interval_sec : 5;
      add_timer(static_cast<guint>(seconds) * 1000,
                [](gpointer self) { return static_cast<Runner*>(self)->on_perf(); });
    }
  }

  void add_timer(guint milliseconds, GSourceFunc call) { sources_.push_back(g_timeout_add(milliseconds, call, this)); }

  // Frames are counted where they leave the last element that adds objects, so that objects are counted with them.
  void count_frames_at(const char* fallback, const char* pad_name) {
    Ref<GstElement> element;
    const size_t secondaries = config_.secondaries.size();
    const std::string last = !config_.primary   ? std::string(fallback)
                             : secondaries == 0 ? std::string("primary_gie")
                                                : "secondary_gie_" + std::to_string(secondaries - 1);
    element.reset(gst_bin_get_by_name(GST_BIN(pipeline_.get()), last.c_str()));
    if (!element) return;
    const Ref<GstPad> pad(gst_element_get_static_pad(element.get(), pad_name));
    gst_pad_add_probe(
        pad.get(), GST_PAD_PROBE_TYPE_BUFFER,
        [](GstPad*, GstPadProbeInfo* info, gpointer self) {
          static_cast<Runner*>(self)->count(GST_PAD_PROBE_INFO_BUFFER(info));
          return GST_PAD_PROBE_OK;
        },
        this, nullptr);
  }

  void decorate_at(const char* name, const char* pad_name) {
    const Ref<GstElement> element(gst_bin_get_by_name(GST_BIN(pipeline_.get()), name));
    if (!element) return;
    const Ref<GstPad> pad(gst_element_get_static_pad(element.get(), pad_name));
    gst_pad_add_probe(
        pad.get(), GST_PAD_PROBE_TYPE_BUFFER,
        [](GstPad*, GstPadProbeInfo* info, gpointer self) {
          decorate_objects(GST_PAD_PROBE_INFO_BUFFER(info), static_cast<Runner*>(self)->config_);
          return GST_PAD_PROBE_OK;
        },
        this, nullptr);
  }

  void count(GstBuffer* buffer) {
    const NvDsBatchMeta* batch = gst_buffer_get_nvds_batch_meta(buffer);
    if (batch == nullptr) return;
    const double now = now_seconds();
    const std::lock_guard lock(mutex_);
    for (GList* link = batch->frame_meta_list; link; link = link->next) {
      const auto* frame = static_cast<const NvDsFrameMeta*>(link->data);
      perf_.count_frame(frame->pad_index, now);
      summary_.objects += frame->num_obj_meta;
      if (summary_.frames++ == 0) first_frame_ = now;
      last_frame_ = now;
      if (frame->pad_index == 0) position_ = seconds_of(frame->buf_pts);
    }
  }

  gboolean on(GstMessage* message) {
    switch (GST_MESSAGE_TYPE(message)) {
      case GST_MESSAGE_ERROR:
        keep_error(message), g_main_loop_quit(loop_);
        break;
      case GST_MESSAGE_WARNING:
        report_warning(message);
        break;
      case GST_MESSAGE_EOS:
        g_main_loop_quit(loop_);
        break;
      default:
        break;
    }
    return G_SOURCE_CONTINUE;
  }

  // What an element of ours says about the kind (gst/support/guarded.h); others know no kinds.
  static ErrorKind kind_of(GstMessage* message) {
    const GstStructure* details = nullptr;
    gst_message_parse_error_details(message, &details);
    int kind = 0;
    const bool ours = details != nullptr && gst_structure_has_name(details, "edgestream") &&
                      gst_structure_get_int(details, "kind", &kind);
    const bool known =
        kind >= static_cast<int>(ErrorKind::internal) && kind <= static_cast<int>(ErrorKind::environment);
    return ours && known ? static_cast<ErrorKind>(kind) : ErrorKind::environment;
  }

  void keep_error(GstMessage* message) {
    GError* raw = nullptr;
    char* debug = nullptr;
    gst_message_parse_error(message, &raw, &debug);
    const GErrorPtr error(raw);
    if (error_.empty()) {
      const std::string source = text(GST_MESSAGE_SRC_NAME(message), ": "), words = error->message;
      error_ = text("ERROR from ", words.starts_with(source) ? "" : source, words);  // our elements name themselves
      error_kind_ = kind_of(message);
    }
    if (debug) log(LogLevel::debug, "Debug info: ", debug);
    g_free(debug);
  }

  // An element that cannot start has said why on the bus; without a main loop nobody has read it yet.
  bool take_error() {
    const Ref<GstBus> bus(gst_element_get_bus(pipeline_.get()));
    GstMessage* message = gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ERROR);
    if (message == nullptr) error_ = "can't set pipeline to playing state.";
    for (; message != nullptr; message = gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ERROR)) {
      keep_error(message);
      gst_message_unref(message);
    }
    return true;
  }

  void report_warning(GstMessage* message) {
    GError* raw = nullptr;
    gst_message_parse_warning(message, &raw, nullptr);
    const GErrorPtr error(raw);
    log(LogLevel::warning, GST_MESSAGE_SRC_NAME(message), ": ", error->message);
  }

  // The first Ctrl-C ends the streams so that files are finished; the handler goes, so that the second one kills.
  gboolean on_interrupt() {
    log(LogLevel::info, "User Interrupted.. finishing the files; press Ctrl-C again to stop at once");
    summary_.interrupted = true;
    std::erase(sources_, interrupt_source_);
    gst_element_send_event(pipeline_.get(), gst_event_new_eos());
    return G_SOURCE_REMOVE;
  }

  gboolean on_progress() {
    Progress progress;
    {
      const std::lock_guard lock(mutex_);
      progress.frames = summary_.frames;
      progress.seconds = summary_.frames ? now_seconds() - first_frame_ : 0;
      progress.position = position_;
    }
    gint64 duration = 0;
    if (gst_element_query_duration(pipeline_.get(), GST_FORMAT_TIME, &duration) && duration > 0) {
      progress.duration = seconds_of(static_cast<GstClockTime>(duration));
    }
    constexpr size_t window = 10;  // calls a second
    recent_.push_back(progress.frames);
    if (recent_.size() > window + 1) recent_.erase(recent_.begin());
    progress.frames_per_second = static_cast<double>(recent_.back() - recent_.front()) * 10 /
                                 static_cast<double>(std::max<size_t>(1, recent_.size() - 1));
    options_.progress(progress);
    return G_SOURCE_CONTINUE;
  }

  gboolean on_perf() {
    std::vector<std::string> lines;
    {
      const std::lock_guard lock(mutex_);
      lines = perf_.lines(now_seconds(), std::max(1, config_.perf_measurement_interval_sec));
    }
    for (const auto& line : lines) options_.print(line);
    return G_SOURCE_CONTINUE;
  }

  const AppConfig& config_;
  const RunOptions& options_;
  Ref<GstElement> pipeline_;
  std::mutex mutex_;  // guards what count() writes on a streaming thread
  PerfCounter perf_;
  Summary summary_;
  double first_frame_ = 0, last_frame_ = 0, position_ = 0;
  std::vector<uint64_t> recent_;
  std::string error_;
  ErrorKind error_kind_ = ErrorKind::environment;
  GMainLoop* loop_;
  std::vector<guint> sources_;
  guint interrupt_source_ = 0;
};

const GstDiscovererVideoInfo* first_video(GstDiscovererInfo* info, GList*& streams) {
  streams = gst_discoverer_info_get_video_streams(info);
  return streams ? static_cast<const GstDiscovererVideoInfo*>(streams->data) : nullptr;
}

// What the plugin has to say goes where this program's own messages go; GST_DEBUG in the environment keeps GStreamer's
// own form.
void report_plugin_log(GstDebugCategory* category, GstDebugLevel level, const gchar* file, const gchar* function,
                       gint line, GObject* object, GstDebugMessage* message, gpointer) {
  const bool ours = g_str_equal(gst_debug_category_get_name(category), "edgestream");
  if (!ours || g_getenv("GST_DEBUG") != nullptr) {
    gst_debug_log_default(category, level, file, function, line, object, message, nullptr);
    return;
  }
  const LogLevel known = level <= GST_LEVEL_ERROR     ? LogLevel::error
                         : level <= GST_LEVEL_WARNING ? LogLevel::warning
                         : level <= GST_LEVEL_INFO    ? LogLevel::info
                                                      : LogLevel::debug;
  log(known, gst_debug_message_get(message));
}

}  // namespace

void initialise() {
  GError* raw = nullptr;
  const bool started = gst_init_check(nullptr, nullptr, &raw);
  const GErrorPtr error(raw);
  require(started, ErrorKind::environment, "GStreamer cannot start: ", error ? error->message : "no reason is given");
  gst_debug_remove_log_function(gst_debug_log_default);
  gst_debug_add_log_function(report_plugin_log, nullptr, nullptr);
}

Summary run(const AppConfig& config, const std::string& pipeline, const RunOptions& options) {
  return Runner(config, options).run(pipeline);
}

MediaInfo probe_media(const std::string& uri) {
  GError* raw = nullptr;
  constexpr GstClockTime patience = 10 * GST_SECOND;
  const std::unique_ptr<GstDiscoverer, decltype(&g_object_unref)> discoverer(gst_discoverer_new(patience, &raw),
                                                                             g_object_unref);
  const GErrorPtr no_discoverer(raw);
  require(discoverer != nullptr, ErrorKind::environment, uri,
          ": cannot be looked into: ", no_discoverer ? no_discoverer->message : "GStreamer's discoverer is missing");
  raw = nullptr;
  const std::unique_ptr<GstDiscovererInfo, decltype(&g_object_unref)> info(
      gst_discoverer_discover_uri(discoverer.get(), uri.c_str(), &raw), g_object_unref);
  const GErrorPtr error(raw);
  require(info && !error, ErrorKind::malformed, uri,
          ": nothing in it can be decoded: ", error ? error->message : "no reason is given");
  GList* streams = nullptr;
  const auto* video = first_video(info.get(), streams);
  MediaInfo media;
  if (video) {
    media.is_image = gst_discoverer_video_info_is_image(video);
    media.width = static_cast<int>(gst_discoverer_video_info_get_width(video));
    media.height = static_cast<int>(gst_discoverer_video_info_get_height(video));
    media.seconds = seconds_of(gst_discoverer_info_get_duration(info.get()));
  }
  gst_discoverer_stream_info_list_free(streams);
  require(media.width > 0 && media.height > 0, ErrorKind::malformed, uri,
          ": holds no picture; a video or an image is needed");
  return media;
}

}  // namespace es::app
