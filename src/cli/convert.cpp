// SPDX-License-Identifier: Apache-2.0
//
// edgestream convert, tf2onnx and extract: options to the converter's facade, its files to disk.
#include "convert/convert.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/terminal.h"
#include "cli/verification.h"
#include "edge_impulse/import.h"
#include "verify/timing.h"

namespace es::cli {
namespace {

namespace fs = std::filesystem;
using edge_impulse::ModelFormat;

// A word of an option as a value, or usage with the words there are.
template <typename T>
T value_of(const char* option, const std::string& word, std::optional<T> (*from)(std::string_view), const char* words) {
  const auto value = from(word);
  require(value.has_value(), ErrorKind::usage, option, " is '", printable(word), "'; it is one of ", words);
  return *value;
}

// Labels from a file (one a line, or one line with ';') or from the option itself ("good;bad" or "good,bad").
std::vector<std::string> labels_from(const std::string& option) {
  std::string words = option;
  if (fs::is_regular_file(option)) words = read_text_file(option, 1 << 20);
  std::vector<std::string> labels;
  for (const auto& line : split(words, '\n')) {
    const char separator = line.find(';') != std::string::npos || fs::is_regular_file(option) ? ';' : ',';
    for (const auto& label : split(trim(line), separator)) {
      if (!label.empty()) labels.push_back(label);
    }
  }
  require(!labels.empty(), ErrorKind::usage, "--labels ", printable(option), ": names no label");
  return labels;
}

// "16:9", or "1920x1080".
convert::Aspect aspect_from(const std::string& option) {
  const auto separator = std::min(option.find_first_of(":x/"), option.size());
  const auto number = [](const std::string& word) { return to_integer(word).value_or(0); };
  const long long width = number(option.substr(0, separator));
  const long long height = separator < option.size() ? number(option.substr(separator + 1)) : 0;
  constexpr long long most = 65536;
  require(width > 0 && height > 0 && width <= most && height <= most, ErrorKind::usage, "--source-aspect is '",
          printable(option), "'; two numbers like 16:9 or 1920x1080 are needed");
  require(width <= 8 * height && height <= 8 * width, ErrorKind::usage, "--source-aspect ", option,
          " is narrower than 1 to 8");
  return {static_cast<int>(width), static_cast<int>(height)};
}

struct ConvertOptions {
  std::string input, output;
  std::string name, impulse, labels, head, resize, scaling, color, gray = "exact", interpolation = "area";
  std::string score_rule = "sdk", anchor_order = "keep", quant = "float", source_aspect, target;
  double threshold = -1;
  int opset = 13;
  bool force = false, no_verify = false;
};

convert::Options facade_options(const ConvertOptions& given) {
  convert::Options options;
  options.name = given.name;
  options.opset = given.opset;
  if (!given.labels.empty()) options.labels = labels_from(given.labels);
  if (!given.head.empty()) {
    options.head = value_of("--head", given.head, edge_impulse::head_from,
                            "classification, fomo, ssd, yolov5, yolov11, yolo-pro, regression, unknown");
  }
  options.score_rule = given.score_rule == "ultralytics" ? convert::ScoreRule::ultralytics : convert::ScoreRule::sdk;
  if (!given.source_aspect.empty()) options.source_aspect = aspect_from(given.source_aspect);
  if (!given.target.empty()) {
    options.target = ir::release_of_target(given.target);
    require(options.target.has_value(), ErrorKind::usage, "--target is '", printable(given.target), "'; it is ",
            ir::target_words());
  }
  options.qdq = given.quant == "qdq";
  options.free_anchor_order = given.anchor_order == "free";
  if (!given.resize.empty()) {
    options.resize =
        value_of("--resize", given.resize, edge_impulse::resize_mode_from, "squash, fit-longest, fit-shortest");
  }
  if (given.scaling.size() == 1 && given.scaling[0] >= '0' && given.scaling[0] <= '5') {
    options.scaling = static_cast<edge_impulse::ImageScaling>(given.scaling[0] - '0');
  } else if (!given.scaling.empty()) {
    options.scaling = value_of("--scaling", given.scaling, edge_impulse::image_scaling_from,
                               "0..1, 0..255, torch, -1..1, -128..127, bgr-minus-mean, or their numbers 0 to 5");
  }
  if (!given.color.empty()) {
    options.color = value_of("--color", given.color, edge_impulse::color_mode_from, "rgb, grayscale");
  }
  if (given.threshold >= 0) options.threshold = static_cast<float>(given.threshold);
  options.gray_input = given.gray == "luma" ? convert::GrayInput::luma : convert::GrayInput::exact;
  options.interpolation =
      given.interpolation == "bilinear" ? convert::Interpolation::bilinear : convert::Interpolation::area;
  return options;
}

void print_report(const convert::Result& result, const std::string& output,
                  const std::vector<std::string>& said_before) {
  const auto& report = result.report;
  for (const auto& guess : report.guesses) log(LogLevel::warning, guess);
  for (const auto& warning : report.warnings) {
    if (std::ranges::find(said_before, warning) == said_before.end()) log(LogLevel::warning, warning);
  }
  const auto& labels = result.recipe.labels.value;
  print_line(text(output, ": ", result.recipe.name, ".onnx [", join(result.recipe.input_dims, ", "), "], ",
                  report.nodes, " nodes, ", report.transposes, " Transposes",
                  labels.empty() ? "" : "; labels " + join(labels, ", ")));
  if (report.proof.made) print_line("  " + report.proof.statement);
  for (const auto& sentence : report.proof.agreement) print_line("  beside the export's integers: " + sentence);
  for (const auto& file : result.files) print_line("  " + file.name);
}

// Floats are equal within their rounding; integers are some steps apart, as two kernel sets of one runtime are.
std::string statement_of(const verify::Report& report, double max_error) {
  double steps = -1;
  for (const auto& output : report.outputs) {
    if (output.step > 0) steps = std::max(steps, output.max_error * output.range / output.step);
  }
  char words[64];
  if (steps >= 0) {
    std::snprintf(words, sizeof words, "within %.0f steps of the export's own integers", steps);
  } else {
    std::snprintf(words, sizeof words, "equal to the source within %.1g of its outputs' range", max_error);
  }
  return text(words, " (", report.inputs.size(), " inputs, ", report.source_arithmetic, ")");
}

std::function<convert::Proof(const convert::Recipe&, BytesView)> proof_for(const edge_impulse::Import& import,
                                                                           bool integers) {
  return [&import, integers](const convert::Recipe& recipe, BytesView onnx) {
    const auto report = prove(import, placement_of(recipe), onnx, recipe.name + ".onnx", short_proof(), integers);
    if (!report.passed) {
      fail(ErrorKind::mismatch, recipe.name,
           ".onnx: the converted network does not answer as its source: ", report.verdict,
           "; nothing was written. This is a defect of EdgeStream: please report it with the model. ",
           "--no-verify writes the folder all the same");
    }
    convert::Proof proof{.made = true, .max_error = 0, .statement = "", .agreement = {}};
    for (const auto& output : report.outputs) proof.max_error = std::max(proof.max_error, output.max_error);
    proof.statement = statement_of(report, proof.max_error);
    for (const auto& agreement : report.agreements) proof.agreement.push_back(verify::agreement_text(agreement));
    return proof;
  };
}

Bytes network_of(const convert::Result& result) {
  const auto file = std::ranges::find_if(result.files, [](const auto& f) { return f.name.ends_with(".onnx"); });
  return file->content;
}

// Which of the two forms this processor runs faster; nothing that is written, since it holds here alone.
void print_faster(const edge_impulse::Import& import, convert::Options options, const convert::Result& result) {
  options.qdq = false;
  options.prove = {};
  const auto timing = verify::time_beside(network_of(result), network_of(convert::convert(import, options)));
  char words[120];
  std::snprintf(words, sizeof words, "  on this CPU integers take %.2f ms and floats (--quant float) %.2f ms a picture",
                timing.first, timing.second);
  print_line(words);
}

int run_convert(const ConvertOptions& given) {
  auto options = facade_options(given);
  const auto import = edge_impulse::open(given.input, {.impulse = given.impulse});
  for (const auto& warning : import.warnings) log(LogLevel::warning, warning);
  const std::string output =
      given.output.empty() ? "edgestream-" + fs::path(given.input).stem().string() : given.output;
  StagedFolder folder(output, given.force);
  if (!given.no_verify) options.prove = proof_for(import, options.qdq);
  const auto result = convert::convert(import, options);
  for (const auto& file : result.files) folder.add(file.name, file.content);
  folder.commit();
  print_report(result, output, import.warnings);
  if (options.qdq && !given.no_verify) print_faster(import, options, result);
  return 0;
}

struct Tf2onnxOptions {
  std::string tflite, output;
  std::vector<std::string> inputs_as_nchw, outputs_as_nchw, inputs, outputs;
  int opset = 13;
};

int run_tf2onnx(const Tf2onnxOptions& given) {
  const Bytes source = read_file(given.tflite);
  convert::Report report;
  const Bytes onnx = convert::convert_model(
      source, {.opset = given.opset, .inputs_as_nchw = given.inputs_as_nchw, .file_name = given.tflite}, report);
  for (const auto& warning : report.warnings) log(LogLevel::warning, warning);
  write_file_atomically(given.output, onnx);
  print_line(text(given.output, ": ", report.nodes, " nodes, ", report.transposes, " Transposes, batch ",
                  report.dynamic_batch ? "dynamic" : "fixed"));
  return 0;
}

struct ExtractOptions {
  std::string input, output;
};

// One model goes to the named file; several, or a folder, get their own names.
int run_extract(const ExtractOptions& given) {
  const auto models = edge_impulse::extract(given.input);
  const fs::path output(given.output);
  const bool into_folder = given.output.empty() || fs::is_directory(output);
  require(into_folder || models.size() == 1, ErrorKind::usage, given.input, ": holds ", models.size(),
          " models; name a folder for them with -o");
  const auto names = edge_impulse::file_names_for(models);
  for (size_t i = 0; i < models.size(); ++i) {
    const auto& model = models[i];
    const fs::path target = into_folder ? output / names[i] : output;
    write_file_atomically(target, model.bytes);
    print_line(text(target.string(), ": ", model.bytes.size(), " bytes, ",
                    model.format == ModelFormat::onnx ? "ONNX" : "TFLite", ", from ", model.found_in));
  }
  return 0;
}

}  // namespace

Action declare_convert(CLI::App& app) {
  const auto given = std::make_shared<ConvertOptions>();
  app.add_option("EXPORT", given->input, "Zip, folder, C array, .tflite, .lite or .onnx")->required();
  app.add_option("-o,--output", given->output, "Folder to make (default: edgestream-NAME)");
  app.add_flag("--force", given->force, "Replace the folder if it is there");
  app.add_option("--name", given->name, "Name of the files (default: the project's)");
  app.add_option("--impulse", given->impulse, "Which impulse of an export that holds several");
  app.add_option("--labels", given->labels, "Label file, or the labels themselves: \"good;bad\"");
  app.add_option("--head", given->head,
                 "What the outputs mean: classification, fomo, ssd, yolov5, yolov11, yolo-pro, regression, unknown");
  app.add_option("--score-rule", given->score_rule, "YOLOv5 scores: sdk (objectness) or ultralytics (times class)")
      ->check(CLI::IsMember({"sdk", "ultralytics"}));
  app.add_option("--quant", given->quant, "Quantised exports: float (runs everywhere), or qdq (their own integers)")
      ->check(CLI::IsMember({"float", "qdq"}));
  app.add_option("--anchor-order", given->anchor_order, "SSD candidates: keep, or free (no Transpose is left)")
      ->check(CLI::IsMember({"keep", "free"}));
  app.add_option("--resize", given->resize, "How pictures are fitted: squash, fit-longest, fit-shortest");
  app.add_option("--source-aspect", given->source_aspect,
                 "Shape of the pictures, 16:9 or 1920x1080: fit-shortest is then exact");
  app.add_option("--scaling", given->scaling,
                 "What pixels become: 0..1, 0..255, torch, =-1..1, =-128..127, bgr-minus-mean (or 0 to 5)");
  app.add_option("--color", given->color, "rgb or grayscale");
  app.add_option("--threshold", given->threshold, "Score below which nothing is reported")->check(CLI::Range(0.0, 1.0));
  app.add_option("--gray", given->gray, "Gray pixels: exact (as Edge Impulse), or luma (of the video)")
      ->check(CLI::IsMember({"exact", "luma"}));
  app.add_option("--interpolation", given->interpolation, "How nvinfer scales: area or bilinear")
      ->check(CLI::IsMember({"area", "bilinear"}));
  app.add_option("--opset", given->opset, "ONNX opset")->check(CLI::Range(11, 21));
  app.add_option("--target", given->target,
                 "Refuse what this cannot parse: a TensorRT release (8.5), ds7.0, jetpack5.1, ...");
  app.add_flag("--no-verify", given->no_verify, "Write without proving that the network answers as its source");
  return [given] { return run_convert(*given); };
}

Action declare_tf2onnx(CLI::App& app) {
  const auto given = std::make_shared<Tf2onnxOptions>();
  app.add_option("--tflite", given->tflite, "The .tflite file")->required();
  app.add_option("--output", given->output, "The .onnx file")->required();
  app.add_option("--opset", given->opset, "ONNX opset")->check(CLI::Range(11, 21));
  app.add_option("--inputs-as-nchw", given->inputs_as_nchw, "Inputs to make channels first")->delimiter(',');
  app.add_option("--outputs-as-nchw", given->outputs_as_nchw, "Accepted: outputs are channels first")->delimiter(',');
  app.add_option("--inputs", given->inputs, "Accepted: the file's own inputs are used")->delimiter(',');
  app.add_option("--outputs", given->outputs, "Accepted: the file's own outputs are used")->delimiter(',');
  return [given] { return run_tf2onnx(*given); };
}

Action declare_extract(CLI::App& app) {
  const auto given = std::make_shared<ExtractOptions>();
  app.add_option("EXPORT", given->input, "Zip, folder or C array")->required();
  app.add_option("-o,--output", given->output, "File or folder to write (default: here, under the model's own name)");
  return [given] { return run_extract(*given); };
}

}  // namespace es::cli
