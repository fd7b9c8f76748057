// SPDX-License-Identifier: Apache-2.0
#include "cli/run_folder.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/run.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/terminal.h"

namespace es::cli {
namespace {

namespace fs = std::filesystem;

constexpr int border_width = 3, text_size = 14;

app::Source source_of(const std::string& input) {
  constexpr std::string_view camera = "/dev/video";
  app::Source source;
  if (input.starts_with(camera)) {
    const auto number = to_integer(std::string_view(input).substr(camera.size()));
    require(number && *number >= 0 && *number < 256, ErrorKind::usage, input,
            ": cameras are /dev/video0 to /dev/video255");
    source.type = app::SourceType::camera_v4l2;
    source.camera_v4l2_dev_node = static_cast<int>(*number);
  } else {
    source.uri = uri_of(input);
    if (source.uri.starts_with("rtsp://")) source.type = app::SourceType::rtsp;
  }
  return source;
}

app::Sink sink_of(const FolderRun& run, bool is_image) {
  app::Sink sink;
  if (run.show) sink.type = app::SinkType::window;
  if (run.output.empty()) return sink;
  const std::string ending = to_lower(fs::path(run.output).extension().string());
  const bool fits = is_image ? ending == ".png" : ending == ".mp4" || ending == ".mkv";
  require(fits, ErrorKind::usage, "--output ", run.output,
          is_image ? ": a picture is written as .png" : ": a video is written as .mp4 or .mkv");
  sink.type = app::SinkType::file;
  sink.container = ending == ".mkv" ? 2 : 1;
  sink.output_file = run.output;
  return sink;
}

bool needs_drawing(const FolderRun& run) { return run.show || !run.output.empty(); }

// Size of live sources, which cannot be looked into beforehand; frames are scaled to it.
constexpr app::MediaInfo live_size{.is_image = false, .width = 1280, .height = 720, .seconds = 0};

}  // namespace

std::string uri_of(const std::string& input) {
  if (input.find("://") != std::string::npos) return input;
  require(fs::exists(input), ErrorKind::unreadable, input, ": No such file or directory");
  std::string uri = "file://";
  for (const char c : fs::absolute(input).lexically_normal().string()) {
    constexpr std::string_view plain = "/-_.~";
    const bool keep = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      plain.find(c) != std::string_view::npos;
    char escaped[4];
    std::snprintf(escaped, sizeof escaped, "%%%02X", static_cast<unsigned char>(c));
    uri += keep ? std::string(1, c) : std::string(escaped);
  }
  return uri;
}

fs::path nvinfer_file_of(const fs::path& folder, const std::string& stage) {
  const std::string prefix = "config_infer_" + stage;
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(prefix) && entry.path().extension() == ".txt") names.push_back(name);
  }
  require(!error, ErrorKind::unreadable, folder.string(), ": ", error.message());
  std::ranges::sort(names);
  require(!names.empty(), ErrorKind::unreadable, folder.string(), ": holds no ", prefix,
          "_*.txt; a deployment folder is made by edgestream convert");
  require(names.size() == 1, ErrorKind::usage, folder.string(), ": holds ", join(names, " and "),
          "; write a deepstream-app file that names one");
  return folder / names.front();
}

app::AppConfig config_for(const FolderRun& run, const std::string& input, app::PipelineOptions& options) {
  app::AppConfig config;
  config.file = run.folder;
  config.sources.push_back(source_of(input));
  const auto& source = config.sources.front();
  const bool live = source.type != app::SourceType::uri;
  const auto media = live ? live_size : app::probe_media(source.uri);
  config.streammux = {.batch_size = 1,
                      .batched_push_timeout = 40000,
                      .width = media.width,
                      .height = media.height,
                      .live_source = live};
  config.primary = app::Gie{.config_file = fs::absolute(nvinfer_file_of(run.folder, "primary")), .gie_unique_id = 1};
  if (!run.secondary.empty()) {
    config.secondaries.push_back({.config_file = fs::absolute(nvinfer_file_of(run.secondary, "secondary")),
                                  .gie_unique_id = 2,
                                  .operate_on_gie_id = 1});
  }
  config.osd = {.enabled = needs_drawing(run),
                .border_width = border_width,
                .text_size = text_size,
                .text_bg_color = {0.15, 0.15, 0.15, 0.8}};
  config.sinks.push_back(sink_of(run, media.is_image));
  options.images = media.is_image;
  return config;
}

namespace {

// "a.jpg" becomes "a.png", or "a.jpg.png" where the folder has another "a".
fs::path annotated_name(const fs::path& file, const std::vector<fs::path>& files) {
  const auto same_stem = [&](const fs::path& other) { return other.stem() == file.stem(); };
  return std::ranges::count_if(files, same_stem) == 1 ? file.stem().string() + ".png"
                                                      : file.filename().string() + ".png";
}

// Each line of what esjson wrote, with the picture's name in front.
std::string with_file_name(const std::string& lines, const fs::path& file) {
  const std::string name =
      nlohmann::json(file.filename().string()).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  std::string result;
  for (const auto& line : split(lines, '\n')) {
    if (line.starts_with('{')) result += "{\"file\":" + name + "," + line.substr(1) + "\n";
  }
  return result;
}

}  // namespace

int run_on_pictures(const FolderRun& run, const fs::path& pictures, app::PipelineOptions options) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(pictures)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  require(!files.empty(), ErrorKind::unreadable, pictures.string(), ": holds no file");
  if (!run.output.empty()) fs::create_directories(run.output);
  const std::string json = options.json;
  std::string lines;
  app::Summary total;
  size_t done = 0;
  ProgressLine progress;
  Repeats repeats;
  for (const auto& file : files) {
    progress.show(text(++done, " of ", files.size(), "  ", file.filename().string()));
    FolderRun one = run;
    if (!run.output.empty()) one.output = (fs::path(run.output) / annotated_name(file, files)).string();
    if (!json.empty()) options.json = json + ".part";
    try {
      const auto media = app::probe_media(uri_of(file.string()));
      require(media.is_image, ErrorKind::malformed, file.string(), ": is a video, only pictures of a folder are used");
      const auto config = config_for(one, file.string(), options);
      std::vector<std::string> warnings;
      const auto summary = app::run(config, app::pipeline_text(config, options, warnings), {});
      total.frames += summary.frames;
      total.objects += summary.objects;
      repeats.next_run();
      if (!json.empty()) lines += with_file_name(read_text_file(options.json), file);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::malformed) throw;
      log(LogLevel::warning, error.what());
    }
  }
  if (!json.empty()) {
    write_file_atomically(json, lines);
    fs::remove(options.json);
  }
  require(total.frames > 0, ErrorKind::malformed, pictures.string(), ": holds no picture that can be decoded");
  print_line(text(total.frames, " pictures, ", total.objects, " objects"));
  return 0;
}

}  // namespace es::cli
