// SPDX-License-Identifier: Apache-2.0
//
// What a deepstream-app configuration says, as plain structs. Field names are the keys' twins; key_table in
// app_config.cpp has a row for each.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace es::app {

enum class SourceType { camera_v4l2 = 1, uri = 2, multi_uri = 3, rtsp = 4 };

struct Source {
  SourceType type = SourceType::uri;
  int number = 0;  // N of [sourceN]; sinks name a source by its position, which is its index in AppConfig::sources
  std::string uri;
  int num_sources = 1;
  int camera_width = 0, camera_height = 0;
  int camera_fps_n = 0, camera_fps_d = 0;
  int camera_v4l2_dev_node = 0;
  std::string video_format;
  int drop_frame_interval = 0;
  int latency = 100;  // ms
  int select_rtp_protocol = 0;
};

struct Streammux {
  int batch_size = 0;             // 0: the number of sources
  int batched_push_timeout = -1;  // microseconds
  int width = 0, height = 0;
  bool enable_padding = false;
  bool live_source = false;
  bool sync_inputs = false;
  bool drop_pipeline_eos = false;
};

enum class TilerMode { off = 0, tiled = 1, tiled_and_demuxed = 2, pass_through = 3 };

struct Tiler {
  TilerMode mode = TilerMode::off;
  int rows = 0, columns = 0, width = 0, height = 0;
};

struct Color {
  double red = 0, green = 0, blue = 0, alpha = 0;
};

struct Osd {
  bool enabled = false;
  int border_width = 0;
  int text_size = 0;
  Color text_color{1, 1, 1, 1};
  Color text_bg_color{};
  std::string font = "Serif";
  bool show_clock = false;
  int clock_x_offset = 0, clock_y_offset = 0, clock_text_size = 0;
  Color clock_color{1, 0, 0, 1};
  bool display_text = true, display_bbox = true, display_mask = false;
};

struct Gie {
  std::filesystem::path config_file;
  int gie_unique_id = 0;
  std::optional<int> operate_on_gie_id;
  std::vector<int> operate_on_class_ids;
  std::optional<int> batch_size, interval, gpu_id;
  std::filesystem::path model_engine_file;
  bool input_tensor_meta = false;
  // Border and fill by class; the first entry (class -1) stands for all classes.
  std::vector<std::pair<int, Color>> border_colors, fill_colors;
};

enum class SinkType { fake = 1, window = 2, file = 3, stream = 4, overlay = 5, broker = 6 };

struct Sink {
  SinkType type = SinkType::fake;
  int source_id = 0;
  bool sync = false;
  bool qos = false;
  int container = 1;  // 1 mp4, 2 mkv
  int codec = 1;      // 1 H.264, 2 H.265, 3 MPEG-4 part 2
  int bitrate = 0;    // bits per second
  int iframeinterval = 0;
  int sw_preset = 0;
  int width = 0, height = 0;
  std::string output_file;  // relative to the working directory, as deepstream-app takes it
};

struct AppConfig {
  std::filesystem::path file;
  bool enable_perf_measurement = false;
  int perf_measurement_interval_sec = 5;
  bool file_loop = false;
  Tiler tiler;
  std::vector<Source> sources;
  Streammux streammux;
  Osd osd;
  std::optional<Gie> primary;
  std::vector<Gie> secondaries;  // in the order in which they can run: after the engine whose objects they take
  std::vector<Sink> sinks;
  std::vector<std::string> warnings;  // each names its line
};

// Reads an INI file by deepstream-app's rules. Throws unreadable, malformed (with the line), or unsupported (a group
// that is enabled and that EdgeStream does not have).
AppConfig read_app_config(const std::filesystem::path& file);
AppConfig parse_app_config(const std::string& content, const std::filesystem::path& file);

}  // namespace es::app
