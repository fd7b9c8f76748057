// SPDX-License-Identifier: Apache-2.0
//
// edgestream demo: what scripts/demo runs. The bundled exports become deployment folders, the detector and the
// classifier run on the bundled clip, and a person gets a video, a contact sheet, JSON Lines and one page of figures.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/pipeline.h"
#include "app/run.h"
#include "app/sample_frames.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/installation.h"
#include "cli/run_folder.h"
#include "cli/score.h"
#include "cli/terminal.h"
#include "cli/true_crops.h"
#include "convert/convert.h"
#include "draw/png.h"
#include "edge_impulse/import.h"

namespace es::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// The bundled exports, as Studio packs them, and what a lone ONNX or .lite file does not say.
constexpr const char* detector_export = "candy-detector.onnx";
constexpr const char* fomo_export = "ei-candy-fomo-arduino-1.0.1.zip";
constexpr const char* classifier_export = "candy-classifier-cpp-mcu-v1.zip";
constexpr const char* clip_file = "clip.mp4";
constexpr const char* truth_file = "clip_truth.json";

constexpr int clip_width = 1280, clip_height = 720;
constexpr int sheet_columns = 4, sheet_rows = 3, tile_width = 400, tile_height = 225;

struct Given {
  std::string exports, output, user_export, user_video;
};

bool engine_was_there(const fs::path& folder) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.path().extension() == ".engine") return true;
  }
  return false;
}

// Converts unless the folder already holds this export's model, so that engines of an earlier run are found again.
void deploy(const fs::path& source, const fs::path& folder, const convert::Options& options) {
  const auto import = edge_impulse::open(source);
  const auto result = convert::convert(import, options);
  for (const auto& warning : result.report.warnings) log(LogLevel::warning, source.filename().string(), ": ", warning);
  for (const auto& guess : result.report.guesses) log(LogLevel::warning, source.filename().string(), ": ", guess);
  std::error_code ignored;
  const auto report = std::ranges::find(result.files, "report.json", &convert::File::name);
  const bool unchanged =
      fs::exists(folder / "report.json", ignored) && read_file(folder / "report.json") == report->content;
  if (!unchanged) {
    StagedFolder staged(folder, true);
    for (const auto& file : result.files) staged.add(file.name, file.content);
    staged.commit();
  }
  print_line(text("converted  ", source.filename().string(), " -> ", folder.string(), ", ", result.report.nodes,
                  " nodes, batch ", result.report.dynamic_batch ? "dynamic" : "fixed"));
}

struct Ran {
  app::Summary summary;
  bool engines_reused = false;
};

Ran run_folder(const FolderRun& run, const std::string& video, const std::string& json, double threshold) {
  Ran ran;
  ran.engines_reused = engine_was_there(run.folder) && (run.secondary.empty() || engine_was_there(run.secondary));
  app::PipelineOptions options{.json = json, .threshold = threshold, .has_display = false};
  const auto config = config_for(run, video, options);
  std::vector<std::string> warnings;
  const std::string line = app::pipeline_text(config, options, warnings);
  ProgressLine progress;
  app::RunOptions run_options;
  run_options.progress = [&](const app::Progress& now) {
    progress.show(text(now.frames, " frames, ", static_cast<int>(now.frames_per_second), " fps"));
  };
  ran.summary = app::run(config, line, run_options);
  return ran;
}

void write_contact_sheet(const fs::path& video, const fs::path& png) {
  const auto frames = app::sample_frames(uri_of(video.string()), sheet_columns * sheet_rows, tile_width, tile_height);
  constexpr int width = sheet_columns * tile_width, height = sheet_rows * tile_height;
  std::vector<uint8_t> sheet(static_cast<size_t>(width) * height * 3, 0);
  for (size_t i = 0; i < frames.size(); ++i) {
    const int left = static_cast<int>(i % sheet_columns) * tile_width,
              top = static_cast<int>(i / sheet_columns) * tile_height;
    for (int y = 0; y < tile_height; ++y) {
      const auto* from = frames[i].rgb.data() + static_cast<size_t>(y) * tile_width * 3;
      std::copy_n(from, tile_width * 3,
                  sheet.data() + (static_cast<size_t>(top + y) * width + static_cast<size_t>(left)) * 3);
    }
  }
  ImageView view{.format = PixelFormat::rgb, .width = width, .height = height};
  view.planes[0] = {sheet.data(), width * 3};
  draw::write_png(png, view);
}

std::string percent(double value) {
  char words[32];
  std::snprintf(words, sizeof words, "%.3f", value);
  return words;
}

// The page for people: one "name  value" a line.
std::string page_of(const Json& summary) {
  std::string page = "EdgeStream demo\n\n";
  for (const auto& [name, value] : summary.items()) {
    if (value.is_object()) {
      page += "\n" + name + "\n";
      for (const auto& [inner, figure] : value.items()) {
        page += text("  ", inner, std::string(inner.size() < 34 ? 34 - inner.size() : 1, ' '),
                     figure.is_string() ? figure.get<std::string>() : figure.dump(), "\n");
      }
    } else {
      page += text(name, std::string(name.size() < 36 ? 36 - name.size() : 1, ' '),
                   value.is_string() ? value.get<std::string>() : value.dump(), "\n");
    }
  }
  return page;
}

double rounded(double value) { return std::stod(percent(value)); }

Json run_figures(const Ran& ran) {
  return {{"frames", ran.summary.frames},
          {"objects", ran.summary.objects},
          {"seconds", rounded(ran.summary.seconds)},
          {"frames per second", rounded(ran.summary.frames_per_second())},
          {"engines", ran.engines_reused ? "reused" : "built"}};
}

void finish(const fs::path& output, const Json& summary) {
  write_file_atomically(output / "summary.json", summary.dump(2) + "\n");
  const std::string page = page_of(summary);
  write_file_atomically(output / "summary.txt", page);
  write_contact_sheet(output / "annotated.mp4", output / "contact_sheet.png");
  print_line("");
  for (const auto& line : split(trim(page), '\n')) print_line(line);
}

int run_bundled(const Given& given, const fs::path& output) {
  const fs::path exports(given.exports);
  deploy(exports / detector_export, output / "detector",
         {.name = "candy_detector",
          .labels = {{"candy"}},
          .head = convert::Head::yolov5,
          .resize = convert::ResizeMode::squash,
          .scaling = convert::ImageScaling::zero_to_one,
          .threshold = 0.5f});
  deploy(exports / classifier_export, output / "classifier", {.name = "candy_classifier"});
  deploy(exports / fomo_export, output / "fomo", {.name = "candy_fomo"});
  const auto truth = read_truth((exports / truth_file).string());
  const std::string clip = (exports / clip_file).string();
  print_line("running    detector and classifier on " + clip);
  const auto two_stage = run_folder({.folder = output / "detector",
                                     .secondary = output / "classifier",
                                     .output = (output / "annotated.mp4").string()},
                                    clip, (output / "detections.jsonl").string(), -1);
  print_line("running    FOMO on " + clip);
  const auto fomo = run_folder({.folder = output / "fomo", .secondary = {}, .output = ""}, clip,
                               (output / "fomo.jsonl").string(), -1);
  const auto boxes = score(read_text_file(output / "detections.jsonl"), truth, Match::box);
  const auto points = score(read_text_file(output / "fomo.jsonl"), truth, Match::centroid);
  print_line("scoring    the classifier on the true boxes");
  const double crops = accuracy_on_true_crops(output / "classifier", clip, truth, clip_width, clip_height);
  finish(output, {{"clip", clip},
                  {"two stages (with drawing and encoding)", run_figures(two_stage)},
                  {"FOMO", run_figures(fomo)},
                  {"accuracy against the clip's truth",
                   {{"detector precision, IoU 0.5", rounded(boxes.precision())},
                    {"detector recall, IoU 0.5", rounded(boxes.recall())},
                    {"FOMO centroid F1", rounded(points.f1())},
                    {"classifier on true crops", rounded(crops)},
                    {"found and labelled, two stages", rounded(boxes.found_and_labelled())}}}});
  return 0;
}

int run_own(const Given& given, const fs::path& output) {
  deploy(given.user_export, output / "model", {});
  print_line("running    on " + given.user_video);
  const auto ran =
      run_folder({.folder = output / "model", .secondary = {}, .output = (output / "annotated.mp4").string()},
                 given.user_video, (output / "detections.jsonl").string(), -1);
  finish(output, {{"export", given.user_export},
                  {"video", given.user_video},
                  {"run (with drawing and encoding)", run_figures(ran)}});
  return 0;
}

int run_demo(const Given& given) {
  use_own_plugin(find_installation());
  app::initialise();
  const fs::path output(given.output);
  std::error_code error;
  fs::create_directories(output, error);
  require(!error, ErrorKind::environment, given.output, ": cannot be made: ", error.message());
  require(given.user_export.empty() == given.user_video.empty(), ErrorKind::usage,
          "an export of your own needs a video of your own as well: edgestream demo EXPORT VIDEO");
  return given.user_export.empty() ? run_bundled(given, output) : run_own(given, output);
}

}  // namespace

Action declare_demo(CLI::App& app) {
  const auto given = std::make_shared<Given>();
  app.add_option("--export-dir", given->exports, "Folder of the bundled exports")->default_val("examples/candy");
  app.add_option("-o,--output", given->output, "Folder for the results")->default_val("out/demo");
  app.add_option("EXPORT", given->user_export, "An export of your own");
  app.add_option("VIDEO", given->user_video, "A video of your own");
  return [given] { return run_demo(*given); };
}

}  // namespace es::cli
