// SPDX-License-Identifier: Apache-2.0
//
// A video through detector and OSD: what each stage costs alone, what the machine could do at best, what the pipeline
// does.
//
//   pipeline_bench [VIDEO]     any video that qtdemux opens, H.264; default: the bundled clip made 1080p
//
// CPU time per frame of each stage, one after the other on one thread, nothing else running; their sum; the floor,
// which is cores / sum; frames per second of the very pipeline that `edgestream run` starts; their ratio. Every round
// measures all of it, medians are printed. The naive loop, the baseline, does the same stages in turn on one thread.
#include <gst/app/gstappsink.h>
#include <gst/gst.h>

#include <cstdio>
#include <filesystem>
#include <functional>
#include <thread>

#include "app/pipeline.h"
#include "app/run.h"
#include "backend/session.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "config/read.h"
#include "convert/convert.h"
#include "draw/draw.h"
#include "gst/elements.h"
#include "gst/frame.h"
#include "infer/engine_build.h"
#include "infer/interpreter.h"
#include "infer/network.h"
#include "machine.h"
#include "onnx/onnx.h"
#include "pipeline/yolov5n.h"
#include "preprocess/preprocess.h"
#include "testing/scratch_folder.h"

namespace es::bench {
namespace {

namespace fs = std::filesystem;

constexpr int rounds = 5, kept_frames = 24;

// ---- GStreamer in a few words ---------------------------------------------------------------------------------------

struct Unref {
  void operator()(gpointer object) const { gst_object_unref(object); }
};
using Pipeline = std::unique_ptr<GstElement, Unref>;

Pipeline launch(const std::string& line) {
  GError* error = nullptr;
  Pipeline pipeline(gst_parse_launch(line.c_str(), &error));
  const std::string words = error != nullptr ? error->message : "";
  g_clear_error(&error);
  require(pipeline != nullptr && words.empty(), ErrorKind::environment, line, ": ", words);
  return pipeline;
}

void play(const std::string& line) {
  const Pipeline pipeline = launch(line);
  gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  GstBus* bus = gst_element_get_bus(pipeline.get());
  GstMessage* message = gst_bus_timed_pop_filtered(bus, GST_CLOCK_TIME_NONE,
                                                   static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR));
  const bool ended = GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS;
  gst_message_unref(message);
  gst_object_unref(bus);
  gst_element_set_state(pipeline.get(), GST_STATE_NULL);
  require(ended, ErrorKind::environment, line, ": stopped with an error");
}

double cpu_of(const std::function<void()>& work) {
  const double before = cpu_seconds();
  work();
  return cpu_seconds() - before;
}

// ---- the video ------------------------------------------------------------------------------------------------------

std::string source(const fs::path& video) {
  return text("filesrc location=", video.string(), " ! qtdemux ! h264parse");
}
std::string decoded(const fs::path& video) { return source(video) + " ! avdec_h264 max-threads=1"; }

// The bundled clip as a camera of 1080p would send it: High profile, 4 Mbit/s, a key frame each second.
void make_clip(const fs::path& to) {
  play(text(decoded(fs::path(ES_SOURCE_DIR) / "examples/candy/clip.mp4"),
            " ! videoconvertscale ! video/x-raw,width=1920,height=1080 ! x264enc bitrate=4000 key-int-max=30 "
            "speed-preset=faster ! video/x-h264,profile=high ! h264parse ! mp4mux ! filesink location=",
            to.string()));
}

struct Video {
  fs::path file;
  int frames = 0;
  GstVideoInfo info{};
  std::vector<gst::Frame> some;  // spread over the video, as the decoder made them
};

Video open_video(const fs::path& file) {
  Video video{.file = file};
  const Pipeline pipeline = launch(decoded(file) + " ! appsink name=sink sync=false max-buffers=2");
  const std::unique_ptr<GstElement, Unref> sink(gst_bin_get_by_name(GST_BIN(pipeline.get()), "sink"));
  gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  while (GstSample* sample = gst_app_sink_pull_sample(GST_APP_SINK(sink.get()))) {
    if (video.frames == 0) gst_video_info_from_caps(&video.info, gst_sample_get_caps(sample));
    if (video.frames % 10 == 0 && video.some.size() < kept_frames) {
      video.some.push_back(gst::Frame::of(gst_buffer_copy_deep(gst_sample_get_buffer(sample)), video.info));
    }
    ++video.frames;
    gst_sample_unref(sample);
  }
  gst_element_set_state(pipeline.get(), GST_STATE_NULL);
  require(video.frames > 0, ErrorKind::malformed, file.string(), ": no frame of H.264 in an MP4 was found in it");
  return video;
}

// ---- the network ----------------------------------------------------------------------------------------------------

// The deployment folder that `edgestream convert` writes for it.
fs::path deploy(const fs::path& folder) {
  edge_impulse::Import import;
  import.container = "ONNX file";
  import.model = {.name = "yolov5n",
                  .format = edge_impulse::ModelFormat::onnx,
                  .bytes = onnx::write(yolov5n({})),
                  .found_in = "yolov5n.onnx"};
  convert::Options options;
  options.name = "yolov5n";
  options.labels.emplace();
  for (int i = 0; i < YoloShape{}.classes; ++i) options.labels->push_back(text("class", i));
  options.head = edge_impulse::head_from("yolov5");
  options.resize = edge_impulse::resize_mode_from("squash");
  options.scaling = edge_impulse::image_scaling_from("0..1");
  options.threshold = 0.5f;
  for (const auto& file : convert::convert(import, options).files) {
    fs::create_directories((folder / file.name).parent_path());
    write_file_atomically(folder / file.name, file.content);
  }
  return folder / "config_infer_primary_yolov5n.txt";
}

// Everything nvinfer does to a frame, a stage at a time.
class Stages {
 public:
  explicit Stages(const fs::path& config_file) : config_(config::read_infer_config(config_file, nullptr)) {
    engine_ = infer::build_engine({.onnx = config_.onnx_file}).engine;
    const auto layers = infer::layers_of(*engine_.session, engine_.header.profiles);
    size_ = infer::network_size(layers, config_, "yolov5n.onnx");
    spec_ = infer::preprocess_spec(config_, size_, "yolov5n.onnx");
    input_ = Tensor(Shape{1, size_.channels, size_.height, size_.width}, DType::f32);
    run();
    std::vector<TensorSpec> outputs(engine_.session->outputs().begin(), engine_.session->outputs().end());
    interpreter_ = std::make_unique<infer::Interpreter>(config_, size_, outputs, "yolov5n.onnx");
  }

  void preprocess(const ImageView& image) {
    const FrameBox whole{0, 0, static_cast<float>(image.width), static_cast<float>(image.height)};
    result_.placement = *preprocess::place(whole, image.width, image.height, spec_);
    preprocess::preprocess(image, result_.placement, spec_, input_.floats());
  }
  void run() {
    const TensorView view = input_.view();
    engine_.session->run(std::span(&view, 1), outputs_);
  }
  const std::vector<Detection>& read(const ImageView& image) {
    std::vector<TensorView> layers;
    for (const auto& output : outputs_) {
      layers.push_back(output.view());
      layers.back().shape = infer::layer_shape(output.shape());
    }
    interpreter_->read(layers, image, result_);
    return result_.detections;
  }
  void draw(gst::Frame& frame) {
    draw::Scene scene;
    for (const auto& detection : result_.detections) {
      const auto& box = detection.box;
      scene.rectangles.push_back({box.left, box.top, box.width, box.height, 3, {1, 0, 0, 1}, false, {}, 0});
      scene.texts.push_back({detection.label,
                             static_cast<int>(box.left),
                             static_cast<int>(box.top) - 30,
                             "Serif",
                             15,
                             {1, 1, 1, 1},
                             true,
                             {0.3, 0.3, 0.3, 1}});
    }
    painter_.paint(frame.writable(), scene);
  }

 private:
  config::InferConfig config_;
  infer::Engine engine_;
  infer::NetworkSize size_;
  preprocess::Spec spec_;
  Tensor input_;
  std::vector<Tensor> outputs_;
  std::unique_ptr<infer::Interpreter> interpreter_;
  infer::RegionResult result_;
  draw::Painter painter_;
};

// ---- rounds ---------------------------------------------------------------------------------------------------------

// Milliseconds of CPU a frame.
struct Round {
  double demux = 0, decode = 0, preprocess = 0, inference = 0, read = 0, draw = 0;
  double parallel_decode = 0, parallel_inference = 0, copy = 0;  // what working side by side makes of them, and adds
  double pipeline_cpu = 0, pipeline_fps = 0, naive_fps = 0;
  uint64_t objects = 0;
  double sum() const { return demux + decode + preprocess + inference + read + draw; }
};

double each(std::vector<gst::Frame>& frames, const std::function<void(gst::Frame&)>& work) {
  const double cpu = cpu_of([&] {
    for (auto& frame : frames) work(frame);
  });
  return cpu * 1000 / static_cast<double>(frames.size());
}

// One network on each core, for as many frames as each() has.
double on_all_cores(const std::vector<std::unique_ptr<Stages>>& networks, size_t frames) {
  const double cpu = cpu_of([&] {
    std::vector<std::thread> threads;
    for (const auto& stages : networks) {
      threads.emplace_back([&] {
        for (size_t i = 0; i < frames; ++i) stages->run();
      });
    }
    for (auto& thread : threads) thread.join();
  });
  return cpu * 1000 / static_cast<double>(frames * networks.size());
}

app::AppConfig app_config(const Video& video, const fs::path& infer_file) {
  app::AppConfig config;
  config.file = "bench";
  app::Source from;
  from.uri = "file://" + fs::absolute(video.file).string();
  config.sources.push_back(from);
  config.streammux.width = GST_VIDEO_INFO_WIDTH(&video.info);
  config.streammux.height = GST_VIDEO_INFO_HEIGHT(&video.info);
  config.osd.enabled = true;
  config.osd.border_width = 3;
  config.osd.text_size = 15;
  config.osd.text_bg_color = {0.3, 0.3, 0.3, 1};
  config.primary.emplace();
  config.primary->config_file = infer_file;
  config.primary->gie_unique_id = 1;
  return config;
}

// What a first program would do: a frame, its result, the next frame. The decoder has its threads.
double naive_fps(const Video& video, Stages& stages) {
  const Pipeline pipeline = launch(source(video.file) + " ! avdec_h264 ! appsink name=sink sync=false max-buffers=2");
  const std::unique_ptr<GstElement, Unref> sink(gst_bin_get_by_name(GST_BIN(pipeline.get()), "sink"));
  gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  const double start = wall_seconds();
  while (GstSample* sample = gst_app_sink_pull_sample(GST_APP_SINK(sink.get()))) {
    auto frame = gst::Frame::of(gst_buffer_ref(gst_sample_get_buffer(sample)), video.info);
    gst_sample_unref(sample);
    stages.preprocess(frame.view());
    stages.run();
    stages.read(frame.view());
    stages.draw(frame);
  }
  const double seconds = wall_seconds() - start;
  gst_element_set_state(pipeline.get(), GST_STATE_NULL);
  return video.frames / seconds;
}

Round measure(Video& video, const std::vector<std::unique_ptr<Stages>>& networks, const app::AppConfig& config,
              const std::string& line) {
  Stages& stages = *networks.front();
  Round round;
  const double per_frame = 1000.0 / video.frames;
  round.demux = cpu_of([&] { play(source(video.file) + " ! fakesink sync=false"); }) * per_frame;
  round.decode = cpu_of([&] { play(decoded(video.file) + " ! fakesink sync=false"); }) * per_frame - round.demux;
  round.parallel_decode =
      cpu_of([&] { play(source(video.file) + " ! avdec_h264 ! fakesink sync=false"); }) * per_frame - round.demux;
  round.parallel_inference = on_all_cores(networks, video.some.size());
  round.copy = each(video.some, [](auto& frame) { gst_buffer_unref(gst_buffer_copy_deep(frame.buffer())); });
  round.preprocess = each(video.some, [&](auto& frame) { stages.preprocess(frame.view()); });
  round.inference = each(video.some, [&](auto&) { stages.run(); });
  round.read = each(video.some, [&](auto& frame) { stages.read(frame.view()); });
  round.draw = each(video.some, [&](auto& frame) { stages.draw(frame); });
  round.naive_fps = naive_fps(video, stages);
  app::Summary summary;
  round.pipeline_cpu = cpu_of([&] { summary = app::run(config, line, {}); }) * per_frame;
  round.pipeline_fps = summary.frames_per_second();
  round.objects = summary.objects;
  return round;
}

void print(const Video& video, const std::vector<Round>& all) {
  const auto middle = [&](auto value) {
    std::vector<double> values;
    for (const auto& round : all) values.push_back(value(round));
    return median(values);
  };
  const auto row = [&](const char* stage, double Round::*value) {
    std::printf("%-28s %8.3f\n", stage, middle([&](const Round& round) { return round.*value; }));
  };
  const double cores = std::thread::hardware_concurrency();
  const double sum = middle([](const Round& round) { return round.sum(); });
  const double fps = middle([](const Round& round) { return round.pipeline_fps; });
  std::printf("%s\n%s, %s\n%s\n\n", machine().c_str(), backend::runtime_version().c_str(), gst_version_string(),
              backend::cpu_features().c_str());
  std::printf("%d frames of %dx%d, %s, %.1f objects a frame, %d rounds, medians\n\n", video.frames,
              GST_VIDEO_INFO_WIDTH(&video.info), GST_VIDEO_INFO_HEIGHT(&video.info), GST_VIDEO_INFO_NAME(&video.info),
              static_cast<double>(all.back().objects) / video.frames, rounds);
  std::printf("%-28s %8s\n", "stage, alone", "CPU ms");
  row("demux and parse", &Round::demux);
  row("decode", &Round::decode);
  row("preprocess", &Round::preprocess);
  row("inference", &Round::inference);
  row("decode boxes, NMS", &Round::read);
  row("OSD", &Round::draw);
  std::printf("%-28s %8.3f\n\n", "sum", sum);
  std::printf("%-28s %8s\n", "side by side", "CPU ms");
  row("decode, a thread each core", &Round::parallel_decode);
  row("inference, one on each core", &Round::parallel_inference);
  row("copy of a frame before OSD", &Round::copy);
  std::printf("\n");
  std::printf("%-28s %8.1f fps\n", "floor = cores / sum", cores * 1000 / sum);
  std::printf("%-28s %8.1f fps   %.3f CPU ms a frame\n", "pipeline", fps,
              middle([](const Round& round) { return round.pipeline_cpu; }));
  std::printf("%-28s %8.3f\n", "ratio to the floor",
              middle([&](const Round& round) { return round.pipeline_fps / (cores * 1000 / round.sum()); }));
  std::printf("%-28s %8.1f fps\n", "baseline: one loop", middle([](const Round& round) { return round.naive_fps; }));
}

int run(int argc, char** argv) {
  app::initialise();
  gst_plugin_register_static(GST_VERSION_MAJOR, GST_VERSION_MINOR, "edgestream", "the elements of this build",
                             gst::register_elements, "bench", "Apache 2.0", "EdgeStream", "EdgeStream", "EdgeStream");
  set_log_sink([](LogLevel level, const std::string& words) {
    if (level == LogLevel::error) std::fprintf(stderr, "%s\n", words.c_str());
  });
  const testing::ScratchFolder scratch;
  fs::path file = argc > 1 ? argv[1] : scratch.path() / "clip.mp4";
  if (argc <= 1) make_clip(file);
  Video video = open_video(file);
  const fs::path infer_file = deploy(scratch.path() / "yolov5n");
  std::vector<std::unique_ptr<Stages>> networks(std::thread::hardware_concurrency());
  for (auto& network : networks) network = std::make_unique<Stages>(infer_file);
  std::vector<std::string> warnings;
  const auto config = app_config(video, infer_file);
  const std::string line = app::pipeline_text(config, {}, warnings);
  app::run(config, line, {});  // builds the engine
  std::vector<Round> all;
  for (int i = 0; i < rounds; ++i) {
    all.push_back(measure(video, networks, config, line));
    std::fprintf(stderr, "round %d: %.1f fps\n", i + 1, all.back().pipeline_fps);
  }
  print(video, all);
  return 0;
}

}  // namespace
}  // namespace es::bench

int main(int argc, char** argv) {
  try {
    return es::bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "pipeline_bench: %s\n", error.what());
    return 1;
  }
}
