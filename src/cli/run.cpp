// SPDX-License-Identifier: Apache-2.0
//
// edgestream run: a deepstream-app file as it stands, or a deployment folder on a video, a picture, a folder of
// pictures, a camera or any URI.
#include "app/run.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "app/app_config.h"
#include "app/pipeline.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/installation.h"
#include "cli/run_folder.h"
#include "cli/terminal.h"

namespace es::cli {
namespace {

namespace fs = std::filesystem;

struct Given {
  std::string target, input, output, json;
  std::string secondary;
  double threshold = -1;
  bool print_pipeline = false;
  bool show = false;
};

bool has_display() {
  const auto names_one = [](const char* variable) {
    const char* value = std::getenv(variable);
    return value != nullptr && *value != '\0';
  };
  return names_one("DISPLAY") || names_one("WAYLAND_DISPLAY");
}

std::string progress_text(const app::Progress& progress) {
  char words[160];
  const int percent = progress.duration > 0 ? static_cast<int>(100 * progress.position / progress.duration) : -1;
  if (percent >= 0) {
    std::snprintf(words, sizeof words, "%3d %%  %llu frames  %.1f fps", std::min(percent, 100),
                  static_cast<unsigned long long>(progress.frames), progress.frames_per_second);
  } else {
    std::snprintf(words, sizeof words, "%llu frames  %.1f fps", static_cast<unsigned long long>(progress.frames),
                  progress.frames_per_second);
  }
  return words;
}

std::string summary_text(const app::Summary& summary) {
  char words[160];
  std::snprintf(words, sizeof words, "%llu frames, %llu objects, %.2f s, %.1f fps%s",
                static_cast<unsigned long long>(summary.frames), static_cast<unsigned long long>(summary.objects),
                summary.seconds, summary.frames_per_second(), summary.interrupted ? ", interrupted" : "");
  return words;
}

int run_config(const app::AppConfig& config, const app::PipelineOptions& options, bool print_pipeline) {
  std::vector<std::string> warnings = config.warnings;
  const std::string line = app::pipeline_text(config, options, warnings);
  if (print_pipeline) {
    print_line(app::shell_text(line));
    return 0;
  }
  for (const auto& warning : warnings) log(LogLevel::warning, warning);
  app::RunOptions run_options;
  app::Summary summary;
  {
    ProgressLine progress;
    run_options.progress = [&](const app::Progress& now) { progress.show(progress_text(now)); };
    run_options.print = print_line;
    summary = app::run(config, line, run_options);
  }
  print_line(summary_text(summary));
  return 0;
}

int run_command(const Given& given) {
  use_own_plugin(find_installation());
  app::initialise();
  app::PipelineOptions options{.json = given.json, .threshold = given.threshold, .has_display = has_display()};
  if (!fs::is_directory(given.target)) {
    require(given.input.empty() && given.output.empty() && given.secondary.empty(), ErrorKind::usage, given.target,
            ": a deepstream-app file names its own sources, engines and sinks; an input, --output and --secondary go "
            "with a deployment folder");
    return run_config(app::read_app_config(given.target), options, given.print_pipeline);
  }
  require(!given.input.empty(), ErrorKind::usage, given.target,
          ": is a deployment folder; name what to run it on: edgestream run ", given.target, " VIDEO");
  const FolderRun folder{
      .folder = given.target, .secondary = given.secondary, .output = given.output, .show = given.show};
  if (fs::is_directory(given.input)) return run_on_pictures(folder, given.input, options);
  return run_config(config_for(folder, given.input, options), options, given.print_pipeline);
}

// deepstream-app's own command line, as far as it makes sense here.
struct AppGiven {
  std::vector<std::string> files, uris;
  bool tiled_text = false, version = false;
};

int run_deepstream_app(const AppGiven& given) {
  if (given.version) {
    print_line(std::string("deepstream-app version 9.1.0 (EdgeStream ") + ES_VERSION + ")");
    return 0;
  }
  require(!given.files.empty(), ErrorKind::usage, "Specify config file with -c option");
  use_own_plugin(find_installation());
  app::initialise();
  for (const auto& file : given.files) {
    run_config(app::read_app_config(file), {.has_display = has_display()}, false);
  }
  print_line("App run successful");
  return 0;
}

}  // namespace

Action declare_run(CLI::App& app) {
  const auto given = std::make_shared<Given>();
  app.add_option("TARGET", given->target, "A deepstream-app file, or a deployment folder")->required();
  app.add_option("INPUT", given->input, "Video, picture, folder of pictures, /dev/videoN or URI (with a folder)");
  app.add_option("-o,--output", given->output, "Annotated result: .mp4 or .mkv, .png, or a folder for pictures");
  app.add_option("--json", given->json, "Detections as JSON Lines");
  app.add_option("--secondary", given->secondary, "Deployment folder of a classifier for the objects found");
  app.add_option("--threshold", given->threshold, "Score below which nothing is reported")->check(CLI::Range(0.0, 1.0));
  app.add_flag("--show", given->show, "Show the result in a window");
  app.add_flag("--print-pipeline", given->print_pipeline, "Print the gst-launch-1.0 line instead of running it");
  app.add_flag_function(
      "-v,--verbose", [](int64_t) { set_verbose(true); }, "Say more");
  return [given] { return run_command(*given); };
}

Action declare_deepstream_app(CLI::App& app) {
  const auto given = std::make_shared<AppGiven>();
  app.add_option("-c,--cfg-file", given->files, "Configuration file");
  app.add_option("-i,--input-uri", given->uris, "Accepted: a uri in the configuration wins, as in deepstream-app");
  app.add_flag("-t,--tiledtext", given->tiled_text, "Accepted: text is always drawn");
  app.add_flag("-v,--version", given->version, "Print the version");
  return [given] { return run_deepstream_app(*given); };
}

}  // namespace es::cli
