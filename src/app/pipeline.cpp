// SPDX-License-Identifier: Apache-2.0
#include "app/pipeline.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/text.h"

namespace es::app {
namespace {

// Batches are zero bytes to a queue, so only the number of buffers limits it.
constexpr const char* batch_queue = "queue max-size-buffers=4 max-size-bytes=0 max-size-time=0";
constexpr const char* surface_caps = "video/x-raw(memory:NVMM)";

// "element a=1 b=2": properties are added only where they say something.
class Element {
 public:
  explicit Element(std::string name) : text_(std::move(name)) {}
  template <typename Value>
  Element& set(const char* property, const Value& value) {
    text_ += es::text(' ', property, '=', value);
    return *this;
  }
  template <typename Value>
  Element& set_unless(const Value& silent, const char* property, const Value& value) {
    return value == silent ? *this : set(property, value);
  }
  operator std::string() const { return text_; }

 private:
  std::string text_;
};

std::string chain(const std::vector<std::string>& elements) { return join(elements, " ! "); }

std::string camera(const Source& source) {
  std::string caps = "video/x-raw";
  if (!source.video_format.empty()) caps += ",format=" + source.video_format;
  if (source.camera_width) caps += text(",width=", source.camera_width, ",height=", source.camera_height);
  if (source.camera_fps_n) caps += text(",framerate=", source.camera_fps_n, "/", std::max(1, source.camera_fps_d));
  const Element device = Element("v4l2src").set("device", text("/dev/video", source.camera_v4l2_dev_node));
  return chain({device, caps});
}

std::string rtsp(const Source& source) {
  Element element("rtspsrc");
  element.set("location", launch_quoted(source.uri)).set("latency", source.latency).set("drop-on-latency", "true");
  if (source.select_rtp_protocol == 4) element.set("protocols", "tcp");
  return chain({element, "decodebin"});
}

// async-handling keeps the pipeline's own change to PAUSED out of the decoder's thread. Without it, gst-launch under
// load can be set to PLAYING before that thread has told the pipeline of PAUSED; the pipeline then takes itself for
// paused and never hands on the end of the stream (GStreamer 1.22).
std::string uri(const Source& source) {
  return Element("uridecodebin")
      .set("uri", launch_quoted(source.uri))
      .set("caps", launch_quoted("video/x-raw(ANY)"))
      .set("expose-all-streams", "false")
      .set("async-handling", "true");
}

std::string source_text(const Source& source, size_t pad) {
  const std::string origin = source.type == SourceType::camera_v4l2 ? camera(source)
                             : source.type == SourceType::rtsp      ? rtsp(source)
                                                                    : uri(source);
  std::vector<std::string> elements{origin, batch_queue, "nvvideoconvert", surface_caps};
  if (source.drop_frame_interval > 1) elements.insert(elements.begin() + 1, text("videorate drop-only=true"));
  return chain(elements) + text(" ! mux.sink_", pad);
}

std::string streammux(const AppConfig& config) {
  const auto& mux = config.streammux;
  require(mux.width > 0 && mux.height > 0, ErrorKind::malformed, config.file.string(),
          ": [streammux] has no width and height; every frame is scaled to them, so both are needed");
  const int batch_size = mux.batch_size > 0 ? mux.batch_size : static_cast<int>(config.sources.size());
  return Element("nvstreammux name=mux")
      .set("batch-size", batch_size)
      .set("width", mux.width)
      .set("height", mux.height)
      .set_unless(-1, "batched-push-timeout", mux.batched_push_timeout)
      .set_unless(false, "enable-padding", mux.enable_padding)
      .set_unless(false, "live-source", mux.live_source)
      .set_unless(false, "sync-inputs", mux.sync_inputs)
      .set_unless(false, "drop-pipeline-eos", mux.drop_pipeline_eos);
}

// config-file-path first: what follows overrides what the file says (deepstream-app sets them in this order).
std::string nvinfer(const Gie& gie, const std::string& name, int process_mode, const PipelineOptions& options) {
  Element element("nvinfer name=" + name);
  element.set("config-file-path", launch_quoted(gie.config_file.string())).set("process-mode", process_mode);
  if (gie.gie_unique_id) element.set("unique-id", gie.gie_unique_id);
  if (gie.batch_size) element.set("batch-size", *gie.batch_size);
  if (gie.interval) element.set("interval", *gie.interval);
  if (gie.gpu_id) element.set("gpu-id", *gie.gpu_id);
  if (gie.input_tensor_meta) element.set("input-tensor-meta", "true");
  if (!gie.model_engine_file.empty()) element.set("model-engine-file", launch_quoted(gie.model_engine_file.string()));
  if (process_mode == 2 && gie.operate_on_gie_id) element.set("infer-on-gie-id", *gie.operate_on_gie_id);
  if (process_mode == 2 && !gie.operate_on_class_ids.empty()) {
    element.set("infer-on-class-ids", launch_quoted(join(gie.operate_on_class_ids, ":") + ":"));
  }
  if (options.threshold >= 0) element.set("threshold", number_text(options.threshold));
  return element;
}

// As deepstream-app corrects a grid that is too small: columns first, then as many rows as are needed.
std::string tiler(const AppConfig& config, std::vector<std::string>& warnings) {
  int rows = std::max(config.tiler.rows, 0), columns = std::max(config.tiler.columns, 0);
  const int sources = static_cast<int>(config.sources.size());
  if (rows * columns < sources) {
    if (columns == 0) columns = std::max(1, static_cast<int>(std::lround(std::sqrt(double(sources)))));
    rows = (sources + columns - 1) / columns;
    warnings.push_back(text(config.file.string(), ": [tiled-display] has too few tiles for ", sources, " sources; ",
                            rows, " rows and ", columns, " columns are used"));
  }
  return Element("nvmultistreamtiler name=tiler")
      .set("rows", rows)
      .set("columns", columns)
      .set_unless(0, "width", config.tiler.width)
      .set_unless(0, "height", config.tiler.height);
}

unsigned rgba(const Color& color) {
  const auto byte = [](double value) { return static_cast<unsigned>(std::lround(std::clamp(value, 0.0, 1.0) * 255)); };
  return byte(color.red) << 24 | byte(color.green) << 16 | byte(color.blue) << 8 | byte(color.alpha);
}

std::string osd(const Osd& osd) {
  Element element("nvdsosd name=nvosd0");
  element.set_unless(true, "display-text", osd.display_text)
      .set_unless(true, "display-bbox", osd.display_bbox)
      .set_unless(false, "display-mask", osd.display_mask);
  if (osd.show_clock) {
    element.set("display-clock", "true")
        .set("x-clock-offset", osd.clock_x_offset)
        .set("y-clock-offset", osd.clock_y_offset)
        .set_unless(0, "clock-font-size", osd.clock_text_size)
        .set("clock-color", rgba(osd.clock_color));
  }
  return element;
}

std::vector<std::string> video_encoder(const Sink& sink) {
  const int kilobits = sink.bitrate > 0 ? sink.bitrate / 1000 : 4000;
  Element encoder(sink.codec == 1 ? "x264enc" : sink.codec == 2 ? "x265enc" : "avenc_mpeg4");
  encoder.set("bitrate", sink.codec == 3 ? kilobits * 1000 : kilobits);
  if (sink.codec != 3) {
    encoder.set("speed-preset", sink.sw_preset > 0 ? text(sink.sw_preset) : std::string("superfast"));
    encoder.set_unless(0, "key-int-max", sink.iframeinterval);
  }
  const char* parser = sink.codec == 1 ? "h264parse" : sink.codec == 2 ? "h265parse" : "mpeg4videoparse";
  return {encoder, parser, sink.container == 2 ? "matroskamux" : "qtmux"};
}

std::string file_sink(const Sink& sink, const PipelineOptions& options) {
  if (options.images) {
    return chain({"nvvideoconvert", "video/x-raw,format=RGB", "pngenc",
                  Element("multifilesink").set("location", launch_quoted(sink.output_file)).set("async", "false")});
  }
  // Encoders take even sizes only; a picture of an odd one is scaled to the next below.
  std::vector<std::string> elements{"nvvideoconvert",
                                    "video/x-raw,format=I420,width=(int)[2,16384,2],height=(int)[2,16384,2]"};
  std::ranges::copy(video_encoder(sink), std::back_inserter(elements));
  elements.push_back(Element("filesink").set("location", launch_quoted(sink.output_file)).set("async", "false"));
  return chain(elements);
}

std::string window_sink(const Sink& sink, const PipelineOptions& options, std::vector<std::string>& warnings) {
  if (!options.has_display) {
    warnings.push_back(
        "a sink of type 2 wants a window and there is no display; the pictures are shown nowhere "
        "(type=3 with output-file=... writes a video)");
    return text("fakesink async=false sync=", sink.sync);
  }
  return chain({"nvvideoconvert", "video/x-raw", "videoconvert",
                Element("autovideosink").set("sync", sink.sync ? "true" : "false")});
}

std::string sink_text(const Sink& sink, const PipelineOptions& options, std::vector<std::string>& warnings) {
  switch (sink.type) {
    case SinkType::file:
      return file_sink(sink, options);
    case SinkType::window:
      return window_sink(sink, options, warnings);
    default:
      return text("fakesink async=false sync=", sink.sync ? "true" : "false");
  }
}

// One sink stands in line; several hang on a tee.
std::string sinks_text(const AppConfig& config, const PipelineOptions& options, std::vector<std::string>& warnings) {
  std::vector<Sink> sinks = config.sinks;
  if (config.tiler.mode != TilerMode::off) std::erase_if(sinks, [](const Sink& sink) { return sink.source_id != 0; });
  if (sinks.empty()) sinks.push_back({});
  if (sinks.size() == 1) return chain({batch_queue, sink_text(sinks.front(), options, warnings)});
  std::string line = "tee name=sinks";
  for (const auto& sink : sinks) line += " sinks. ! " + chain({batch_queue, sink_text(sink, options, warnings)});
  return line;
}

bool shows_pictures(const AppConfig& config) {
  return std::ranges::any_of(config.sinks, [](const Sink& sink) { return sink.type != SinkType::fake; });
}

}  // namespace

std::string launch_quoted(const std::string& value) {
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string shell_text(const std::string& pipeline) {
  std::vector<std::string> words = split(pipeline, ' ');
  for (auto& word : words) {
    if (word.find('(') != std::string::npos && word.find('"') == std::string::npos) word = "'" + word + "'";
  }
  return join(words, " ");
}

std::string pipeline_text(const AppConfig& config, const PipelineOptions& options, std::vector<std::string>& warnings) {
  require(!config.sources.empty(), ErrorKind::malformed, config.file.string(),
          ": no source is enabled; a [source0] group with enable=1 is needed");
  const bool tiled = config.tiler.mode == TilerMode::tiled || config.tiler.mode == TilerMode::tiled_and_demuxed;
  require(tiled || config.sources.size() == 1 || !shows_pictures(config), ErrorKind::unsupported, config.file.string(),
          ": ", config.sources.size(), " sources are shown without a tiler; set [tiled-display] enable=1");
  std::vector<std::string> elements{streammux(config)};
  const auto add = [&](const std::string& element) {
    elements.emplace_back(batch_queue);
    elements.push_back(element);
  };
  if (config.primary) {
    add(nvinfer(*config.primary, "primary_gie", 1, options));
    for (size_t i = 0; i < config.secondaries.size(); ++i) {
      add(nvinfer(config.secondaries[i], text("secondary_gie_", i), 2, options));
    }
  }
  if (!options.json.empty()) elements.push_back(Element("esjson").set("location", launch_quoted(options.json)));
  if (tiled) add(tiler(config, warnings));
  if (config.osd.enabled) add(osd(config.osd));
  std::string line = chain(elements) + " ! " + sinks_text(config, options, warnings);
  for (size_t pad = 0; pad < config.sources.size(); ++pad) line += "  " + source_text(config.sources[pad], pad);
  return line;
}

}  // namespace es::app
