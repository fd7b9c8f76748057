// SPDX-License-Identifier: Apache-2.0
//
// deepstream-app's INI files. One row a key: its name and what it sets; a row without a setter is accepted and has no
// meaning on a CPU. Unknown groups are ignored without a word and unknown keys with one, as deepstream-app does.
#include "app/app_config.h"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <span>

#include "base/error.h"
#include "base/file.h"
#include "base/key_file.h"
#include "base/text.h"

namespace es::app {
namespace {

// The value of one key, read as what the row asks for.
struct Entry {
  const KeyFile& file;
  const std::string& group;
  const std::string& key;
  const std::filesystem::path& folder;

  int integer() const { return file.integer(group, key); }
  bool boolean() const { return file.boolean(group, key); }
  std::string string() const { return file.string(group, key); }
  std::filesystem::path path() const {
    const std::filesystem::path value(string());
    return value.is_absolute() ? value : folder / value;
  }
  int at_least(int least) const {
    const int value = integer();
    if (value < least) file.refuse(group, key, key, " is ", value, ", at least ", least, " is needed");
    return value;
  }
  Color color() const {
    const auto parts = file.reals(group, key);
    if (parts.size() != 4) file.refuse(group, key, key, " has ", parts.size(), " numbers, r;g;b;a are four");
    return {parts[0], parts[1], parts[2], parts[3]};
  }
};

template <typename Target>
struct Row {
  const char* key;
  void (*set)(Target& target, const Entry& entry);  // nullptr: accepted, without meaning here
};

constexpr auto ignored = nullptr;

constexpr Row<AppConfig> application_rows[] = {
    {"enable-perf-measurement", [](AppConfig& c, const Entry& e) { c.enable_perf_measurement = e.integer() != 0; }},
    {"perf-measurement-interval-sec",
     [](AppConfig& c, const Entry& e) { c.perf_measurement_interval_sec = e.at_least(0); }},
    {"gie-kitti-output-dir", ignored},
    {"kitti-track-output-dir", ignored},
    {"global-gpu-id", ignored},
};

constexpr Row<AppConfig> tests_rows[] = {
    {"file-loop", [](AppConfig& c, const Entry& e) { c.file_loop = e.integer() != 0; }},
    {"pipeline-recreate-sec", ignored},
};

constexpr Row<Tiler> tiler_rows[] = {
    {"enable",
     [](Tiler& t, const Entry& e) {
       const int mode = e.integer();
       if (mode < 0 || mode > 3) e.file.refuse(e.group, e.key, "enable is ", mode, ", 0 to 3 are known");
       t.mode = static_cast<TilerMode>(mode);
     }},
    {"rows", [](Tiler& t, const Entry& e) { t.rows = e.at_least(0); }},
    {"columns", [](Tiler& t, const Entry& e) { t.columns = e.at_least(0); }},
    {"width", [](Tiler& t, const Entry& e) { t.width = e.at_least(0); }},
    {"height", [](Tiler& t, const Entry& e) { t.height = e.at_least(0); }},
    {"gpu-id", ignored},
    {"nvbuf-memory-type", ignored},
    {"compute-hw", ignored},
    {"buffer-pool-size", ignored},
    {"square-seq-grid", ignored},
};

constexpr Row<Source> source_rows[] = {
    {"enable", ignored},
    {"type",
     [](Source& s, const Entry& e) {
       const int type = e.integer();
       if (type < 1 || type > 4) {
         e.file.refuse(e.group, e.key, "type is ", type,
                       "; EdgeStream reads 1 (V4L2 camera), 2 (URI), 3 (several URIs) and 4 (RTSP)");
       }
       s.type = static_cast<SourceType>(type);
     }},
    {"uri", [](Source& s, const Entry& e) { s.uri = e.string(); }},
    {"num-sources", [](Source& s, const Entry& e) { s.num_sources = std::max(1, e.integer()); }},
    {"camera-width", [](Source& s, const Entry& e) { s.camera_width = e.at_least(0); }},
    {"camera-height", [](Source& s, const Entry& e) { s.camera_height = e.at_least(0); }},
    {"camera-fps-n", [](Source& s, const Entry& e) { s.camera_fps_n = e.at_least(0); }},
    {"camera-fps-d", [](Source& s, const Entry& e) { s.camera_fps_d = e.at_least(0); }},
    {"camera-v4l2-dev-node", [](Source& s, const Entry& e) { s.camera_v4l2_dev_node = e.at_least(0); }},
    {"video-format", [](Source& s, const Entry& e) { s.video_format = e.string(); }},
    {"drop-frame-interval", [](Source& s, const Entry& e) { s.drop_frame_interval = e.at_least(0); }},
    {"latency", [](Source& s, const Entry& e) { s.latency = e.at_least(0); }},
    {"select-rtp-protocol", [](Source& s, const Entry& e) { s.select_rtp_protocol = e.integer(); }},
    {"set-rtp-protocol", [](Source& s, const Entry& e) { s.select_rtp_protocol = e.integer(); }},
    {"camera-id", ignored},
    {"source-id", ignored},
    {"gpu-id", ignored},
    {"num-decode-surfaces", ignored},
    {"num-extra-surfaces", ignored},
    {"intra-decode-enable", ignored},
    {"low-latency-decode", ignored},
    {"cudadec-memtype", ignored},
    {"nvbuf-memory-type", ignored},
    {"drop-on-latency", ignored},
    {"udp-buffer-size", ignored},
    {"rtsp-reconnect-interval-sec", ignored},
    {"rtsp-reconnect-attempts", ignored},
    {"init-rtsp-reconnect-interval-sec", ignored},
    {"leaky", ignored},
    {"max-size-buffers", ignored},
    {"buffer-mode", ignored},
    {"simulate-fps-interval-ms", ignored},
    {"smart-record", ignored},
    {"smart-rec-dir-path", ignored},
    {"smart-rec-file-prefix", ignored},
    {"smart-rec-cache", ignored},
    {"copy-hw", ignored},
};

constexpr Row<Streammux> streammux_rows[] = {
    {"batch-size", [](Streammux& m, const Entry& e) { m.batch_size = e.at_least(0); }},
    {"batched-push-timeout", [](Streammux& m, const Entry& e) { m.batched_push_timeout = e.at_least(-1); }},
    {"width", [](Streammux& m, const Entry& e) { m.width = e.at_least(0); }},
    {"height", [](Streammux& m, const Entry& e) { m.height = e.at_least(0); }},
    {"enable-padding", [](Streammux& m, const Entry& e) { m.enable_padding = e.integer() != 0; }},
    {"live-source", [](Streammux& m, const Entry& e) { m.live_source = e.integer() != 0; }},
    {"sync-inputs", [](Streammux& m, const Entry& e) { m.sync_inputs = e.integer() != 0; }},
    {"drop-pipeline-eos", [](Streammux& m, const Entry& e) { m.drop_pipeline_eos = e.boolean(); }},
    {"buffer-pool-size", ignored},
    {"gpu-id", ignored},
    {"nvbuf-memory-type", ignored},
    {"compute-hw", ignored},
    {"num-surfaces-per-frame", ignored},
    {"attach-sys-ts-as-ntp", ignored},
    {"config-file-path", ignored},
    {"frame-num-reset-on-stream-reset", ignored},
    {"frame-num-reset-on-eos", ignored},
    {"frame-duration", ignored},
    {"max-latency", ignored},
    {"async-process", ignored},
    {"sort-batch", ignored},
    {"cache-buffer", ignored},
    {"cache-buffer-timeout", ignored},
    {"sync-inputs-ntp", ignored},
};

constexpr Row<Osd> osd_rows[] = {
    {"enable", [](Osd& o, const Entry& e) { o.enabled = e.integer() != 0; }},
    {"border-width", [](Osd& o, const Entry& e) { o.border_width = e.at_least(0); }},
    {"text-size", [](Osd& o, const Entry& e) { o.text_size = e.at_least(0); }},
    {"text-color", [](Osd& o, const Entry& e) { o.text_color = e.color(); }},
    {"text-bg-color", [](Osd& o, const Entry& e) { o.text_bg_color = e.color(); }},
    {"font", [](Osd& o, const Entry& e) { o.font = e.string(); }},
    {"show-clock", [](Osd& o, const Entry& e) { o.show_clock = e.integer() != 0; }},
    {"clock-x-offset", [](Osd& o, const Entry& e) { o.clock_x_offset = e.at_least(0); }},
    {"clock-y-offset", [](Osd& o, const Entry& e) { o.clock_y_offset = e.at_least(0); }},
    {"clock-text-size", [](Osd& o, const Entry& e) { o.clock_text_size = e.at_least(0); }},
    {"clock-color", [](Osd& o, const Entry& e) { o.clock_color = e.color(); }},
    {"display-text", [](Osd& o, const Entry& e) { o.display_text = e.boolean(); }},
    {"display-bbox", [](Osd& o, const Entry& e) { o.display_bbox = e.boolean(); }},
    {"display-mask", [](Osd& o, const Entry& e) { o.display_mask = e.boolean(); }},
    {"gpu-id", ignored},
    {"process-mode", ignored},
    {"nvbuf-memory-type", ignored},
    {"hw-blend-color-attr", ignored},
};

constexpr Row<Gie> gie_rows[] = {
    {"enable", ignored},
    {"config-file", [](Gie& g, const Entry& e) { g.config_file = e.path(); }},
    {"plugin-type",
     [](Gie&, const Entry& e) {
       if (const int type = e.integer(); type != 0) {
         fail(ErrorKind::unsupported, e.file.where(e.group, e.key), "plugin-type is ", type,
              "; EdgeStream has nvinfer (0) only");
       }
     }},
    {"gie-unique-id", [](Gie& g, const Entry& e) { g.gie_unique_id = e.at_least(0); }},
    {"operate-on-gie-id", [](Gie& g, const Entry& e) { g.operate_on_gie_id = e.integer(); }},
    {"operate-on-class-ids", [](Gie& g, const Entry& e) { g.operate_on_class_ids = e.file.integers(e.group, e.key); }},
    {"batch-size", [](Gie& g, const Entry& e) { g.batch_size = e.at_least(1); }},
    {"interval", [](Gie& g, const Entry& e) { g.interval = e.at_least(0); }},
    {"gpu-id", [](Gie& g, const Entry& e) { g.gpu_id = e.at_least(0); }},
    {"model-engine-file", [](Gie& g, const Entry& e) { g.model_engine_file = e.path(); }},
    {"input-tensor-meta", [](Gie& g, const Entry& e) { g.input_tensor_meta = e.boolean(); }},
    {"bbox-border-color", [](Gie& g, const Entry& e) { g.border_colors.emplace_back(-1, e.color()); }},
    {"bbox-bg-color", [](Gie&, const Entry& e) { e.color(); }},  // read, and without effect, as in deepstream-app
    {"labelfile-path", ignored},
    {"nvbuf-memory-type", ignored},
    {"infer-raw-output-dir", ignored},
};

constexpr Row<Sink> sink_rows[] = {
    {"enable", ignored},
    {"type",
     [](Sink& s, const Entry& e) {
       const int type = e.integer();
       if (type < 1 || type > 6) e.file.refuse(e.group, e.key, "type is ", type, ", 1 to 6 are known");
       if (type > 3) {
         fail(ErrorKind::unsupported, e.file.where(e.group, e.key), "type is ", type,
              "; EdgeStream has 1 (fake), 2 (window) and 3 (file) so far");
       }
       s.type = static_cast<SinkType>(type);
     }},
    {"source-id", [](Sink& s, const Entry& e) { s.source_id = e.at_least(0); }},
    {"sync", [](Sink& s, const Entry& e) { s.sync = e.integer() != 0; }},
    {"qos", [](Sink& s, const Entry& e) { s.qos = e.boolean(); }},
    {"container", [](Sink& s, const Entry& e) { s.container = e.integer(); }},
    {"codec", [](Sink& s, const Entry& e) { s.codec = e.integer(); }},
    {"bitrate", [](Sink& s, const Entry& e) { s.bitrate = e.at_least(0); }},
    {"iframeinterval", [](Sink& s, const Entry& e) { s.iframeinterval = e.at_least(0); }},
    {"sw-preset", [](Sink& s, const Entry& e) { s.sw_preset = e.at_least(0); }},
    {"width", [](Sink& s, const Entry& e) { s.width = e.at_least(0); }},
    {"height", [](Sink& s, const Entry& e) { s.height = e.at_least(0); }},
    {"output-file", [](Sink& s, const Entry& e) { s.output_file = e.string(); }},
    {"enc-type", ignored},
    {"gpu-id", ignored},
    {"nvbuf-memory-type", ignored},
    {"link-to-demux", ignored},
    {"profile", ignored},
    {"output-io-mode", ignored},
    {"copy-meta", ignored},
    {"compute-hw", ignored},
    {"color-range", ignored},
    {"conn-id", ignored},
    {"plane-id", ignored},
    {"set-mode", ignored},
    {"nvdslogger", ignored},
    {"show-fps", ignored},
    {"show-latency", ignored},
    {"rtsp-port", ignored},
    {"udp-port", ignored},
    {"udp-buffer-size", ignored},
};

// Groups that make deepstream-app do something that EdgeStream cannot do yet.
constexpr const char* unsupported_groups[] = {"tracker",           "pre-process", "nvds-analytics", "ds-example",
                                              "segvisual",         "replay",      "visionencoder",  "text-embedder",
                                              "message-converter", "source-list", "img-save"};

class Reader {
 public:
  Reader(const KeyFile& file, const std::filesystem::path& path) : file_(file), folder_(folder_of(path)) {
    config_.file = path;
  }

  AppConfig read() {
    for (const auto& group : file_.groups()) read_group(group);
    if (config_.file_loop) {
      config_.warnings.push_back(
          text(file_.name(), ": [tests] file-loop=1 does nothing in this release; each file is played once"));
    }
    expand_multi_uri_sources();
    require_unique_ids();
    sort_secondaries();
    return std::move(config_);
  }

 private:
  static std::filesystem::path folder_of(const std::filesystem::path& path) {
    return std::filesystem::weakly_canonical(std::filesystem::absolute(path)).parent_path();
  }

  void read_group(const std::string& group) {
    if (group == "application") return apply<AppConfig>(group, application_rows, config_);
    if (group == "tests") return apply<AppConfig>(group, tests_rows, config_);
    if (group == "tiled-display") return apply<Tiler>(group, tiler_rows, config_.tiler);
    if (group == "streammux") return apply<Streammux>(group, streammux_rows, config_.streammux);
    if (group == "osd") return apply<Osd>(group, osd_rows, config_.osd);
    if (group == "primary-gie" && enabled(group)) config_.primary = read_gie(group);
    if (group.starts_with("secondary-gie") && enabled(group)) config_.secondaries.push_back(read_gie(group));
    if (group.starts_with("sink") && enabled(group)) read_sink(group);
    if (group.starts_with("source") && group != "source-list" && group != "source-attr-all") read_source(group);
    refuse_unsupported(group);
  }

  void refuse_unsupported(const std::string& group) {
    const bool known = std::ranges::find(unsupported_groups, group) != std::end(unsupported_groups) ||
                       group.starts_with("dewarper") || group.starts_with("secondary-pre-process") ||
                       group.starts_with("message-consumer");
    if (!known || !(group == "source-list" || enabled(group))) return;
    fail(ErrorKind::unsupported, file_.where(group),
         "EdgeStream does not have this yet; set enable=0 to run without it");
  }

  // As deepstream-app decides for sources, sinks and engines: no `enable`, or one that is no integer, means no.
  bool enabled(const std::string& group) const {
    if (!file_.has(group, "enable")) return false;
    try {
      return file_.integer(group, "enable") != 0;
    } catch (const Error&) {
      return false;
    }
  }

  template <typename Target>
  void apply(const std::string& group, std::span<const Row<Target>> rows, Target& target) {
    for (const auto& key : file_.keys(group)) {
      const auto row = std::ranges::find_if(rows, [&](const Row<Target>& r) { return key == r.key; });
      if (row == rows.end()) {
        warn_unknown(group, key, rows);
      } else if (row->set != nullptr) {
        row->set(target, {file_, group, key, folder_});
      }
    }
  }

  template <typename Target>
  void warn_unknown(const std::string& group, const std::string& key, std::span<const Row<Target>> rows) {
    std::vector<std::string_view> names;
    for (const auto& row : rows) names.emplace_back(row.key);
    std::string message = text(file_.where(group, key), "Unknown key '", printable(key), "' for group [", group, "]");
    if (const auto near = did_you_mean(key, names)) message += "; did you mean '" + *near + "'?";
    config_.warnings.push_back(message);
  }

  void read_source(const std::string& group) {
    const auto number = to_integer(std::string_view(group).substr(6));
    if (!number || *number < 0 || *number > 1023) {
      fail(ErrorKind::malformed, file_.where(group), "a source group is [source0] to [source1023]");
    }
    if (!enabled(group)) return;
    Source source;
    source.number = static_cast<int>(*number);
    apply<Source>(group, source_rows, source);
    const bool needs_uri = source.type != SourceType::camera_v4l2;
    if (needs_uri && source.uri.empty())
      fail(ErrorKind::malformed, file_.where(group), "has no uri; add uri=file://...");
    source.uri = resolved_uri(source.uri);
    config_.sources.push_back(std::move(source));
  }

  // Shipped configurations name files below the SDK's own folder. Where that is not there, EDGESTREAM_DEEPSTREAM_ROOT
  // names the folder that stands in for it.
  std::string with_sdk_root(const std::string& path) {
    constexpr std::string_view sdk = "/opt/nvidia/deepstream/deepstream/";
    const char* root = std::getenv("EDGESTREAM_DEEPSTREAM_ROOT");
    if (!path.starts_with(sdk) || root == nullptr || std::filesystem::exists(path)) return path;
    const std::string there = (std::filesystem::path(root) / path.substr(sdk.size())).string();
    config_.warnings.push_back(text(path, ": is not there; EDGESTREAM_DEEPSTREAM_ROOT gives ", there));
    return there;
  }

  // file://relative is relative to this file; file:///absolute stays.
  std::string resolved_uri(const std::string& uri) {
    constexpr std::string_view scheme = "file://";
    if (!uri.starts_with(scheme) || uri.size() == scheme.size()) return uri;
    if (uri[scheme.size()] == '/') return std::string(scheme) + with_sdk_root(uri.substr(scheme.size()));
    return std::string(scheme) + (folder_ / uri.substr(scheme.size())).string();
  }

  // type=3: the URI is a pattern whose lone %d is the copy's number; copies after the first come behind all others.
  void expand_multi_uri_sources() {
    std::vector<Source> copies;
    for (auto& source : config_.sources) {
      if (source.type != SourceType::multi_uri) continue;
      const std::string pattern = source.uri;
      source.type = SourceType::uri;
      source.uri = numbered(pattern, 0);
      for (int i = 1; i < source.num_sources; ++i) {
        copies.push_back(source);
        copies.back().uri = numbered(pattern, i);
      }
    }
    config_.sources.insert(config_.sources.end(), copies.begin(), copies.end());
    if (config_.sources.size() > 1024) fail(ErrorKind::malformed, file_.name(), ": more than 1024 sources");
  }

  static std::string numbered(std::string pattern, int number) {
    const size_t at = pattern.find("%d");
    if (at != std::string::npos && pattern.find("%d", at + 2) == std::string::npos) {
      pattern.replace(at, 2, std::to_string(number));
    }
    return pattern;
  }

  Gie read_gie(const std::string& group) {
    Gie gie;
    std::vector<Row<Gie>> rows(std::begin(gie_rows), std::end(gie_rows));
    const auto keys = file_.keys(group);  // the rows below point into it
    for (const auto& key : keys) {
      if (read_class_color(group, key, gie)) rows.push_back({key.c_str(), ignored});
    }
    apply<Gie>(group, rows, gie);
    if (gie.config_file.empty()) {
      fail(ErrorKind::malformed, file_.where(group), "Config file not provided for group; add config-file=...");
    }
    return gie;
  }

  // bbox-border-color3 and bbox-bg-color3: the class is part of the key.
  bool read_class_color(const std::string& group, const std::string& key, Gie& gie) {
    for (const bool border : {true, false}) {
      const std::string_view prefix = border ? "bbox-border-color" : "bbox-bg-color";
      if (!key.starts_with(prefix)) continue;
      const auto number = to_integer(std::string_view(key).substr(prefix.size()));
      if (!number || *number < 0) continue;
      const Entry entry{file_, group, key, folder_};
      (border ? gie.border_colors : gie.fill_colors).emplace_back(static_cast<int>(*number), entry.color());
      return true;
    }
    return false;
  }

  void read_sink(const std::string& group) {
    Sink sink;
    apply<Sink>(group, sink_rows, sink);
    if (sink.type == SinkType::file && sink.output_file.empty()) {
      fail(ErrorKind::malformed, file_.where(group), "type=3 writes a file and none is named; add output-file=...");
    }
    config_.sinks.push_back(std::move(sink));
  }

  void require_unique_ids() {
    std::vector<int> ids;
    if (config_.primary) ids.push_back(config_.primary->gie_unique_id);
    for (const auto& gie : config_.secondaries) ids.push_back(gie.gie_unique_id);
    std::ranges::sort(ids);
    if (const auto twin = std::ranges::adjacent_find(ids); twin != ids.end()) {
      fail(ErrorKind::malformed, file_.name(), ": Non unique gie ids found: two engines have gie-unique-id ", *twin,
           " (0 where the key is absent); give each its own");
    }
  }

  // deepstream-app silently leaves out a secondary whose chain of operate-on-gie-id does not reach the primary; here it
  // is named.
  void sort_secondaries() {
    std::vector<Gie> waiting = std::move(config_.secondaries), placed;
    std::vector<int> reached;
    if (config_.primary) reached.push_back(config_.primary->gie_unique_id);
    for (bool progress = true; progress;) {
      progress = false;
      for (size_t i = 0; i < waiting.size();) {
        const int on = waiting[i].operate_on_gie_id.value_or(0);
        if (std::ranges::find(reached, on) == reached.end()) {
          ++i;
          continue;
        }
        reached.push_back(waiting[i].gie_unique_id);
        placed.push_back(std::move(waiting[i]));
        waiting.erase(waiting.begin() + static_cast<ptrdiff_t>(i));
        progress = true;
      }
    }
    for (const auto& gie : waiting) warn_unreachable(gie);
    config_.secondaries = std::move(placed);
  }

  void warn_unreachable(const Gie& gie) {
    config_.warnings.push_back(text(file_.name(), ": the secondary engine with gie-unique-id ", gie.gie_unique_id,
                                    " is left out: operate-on-gie-id ", gie.operate_on_gie_id.value_or(0),
                                    config_.primary ? text(" names no engine before it; the primary has gie-unique-id ",
                                                           config_.primary->gie_unique_id)
                                                    : std::string(" names nothing, for there is no primary engine")));
  }

  const KeyFile& file_;
  std::filesystem::path folder_;
  AppConfig config_;
};

}  // namespace

AppConfig parse_app_config(const std::string& content, const std::filesystem::path& file) {
  const auto keys = KeyFile::parse(content, file.string());
  return Reader(keys, file).read();
}

AppConfig read_app_config(const std::filesystem::path& file) {
  const auto keys = KeyFile::read(file);
  return Reader(keys, file).read();
}

}  // namespace es::app
