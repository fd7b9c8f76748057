// SPDX-License-Identifier: Apache-2.0
//
// edgestream verify: is the converted network the source's equal?
#include "verify/verify.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "base/error.h"
#include "base/file.h"
#include "cli/command.h"
#include "cli/terminal.h"
#include "cli/verification.h"
#include "onnx/onnx.h"

namespace es::cli {
namespace {

namespace fs = std::filesystem;

struct VerifyOptions {
  std::string source, target, impulse, html, json;
  size_t inputs = 8;
  bool layers = false;
};

struct Target {
  std::string name;
  Bytes onnx;
  Placement placement;
};

// The one network of a deployment folder.
fs::path network_in(const fs::path& folder) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".onnx") found.push_back(entry.path());
  }
  require(found.size() == 1, ErrorKind::usage, folder.string(), ": holds ", found.size(),
          " .onnx files, a deployment folder has one; name the file itself");
  return found.front();
}

Target open_target(const VerifyOptions& given, const edge_impulse::Import& import) {
  if (given.target.empty()) {
    auto converted = convert::convert(import, {});
    const auto file = std::ranges::find_if(converted.files, [](const auto& f) { return f.name.ends_with(".onnx"); });
    return {file->name, std::move(file->content), placement_of(converted.recipe)};
  }
  const fs::path path = fs::is_directory(given.target) ? network_in(given.target) : fs::path(given.target);
  return {path.string(), read_file(path), placement_beside(path)};
}

// Whether a network computes with integers, as --quant qdq writes it.
bool is_quantized(BytesView onnx, const std::string& name) {
  const auto graph = onnx::read(onnx, name);
  return std::ranges::any_of(graph.nodes(), [&](auto id) { return graph.node(id).op_type == "QuantizeLinear"; });
}

std::string digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2g", value);
  return text;
}

void print_report(const verify::Report& report) {
  for (const auto& output : report.outputs) {
    std::string line =
        text("  ", output.passed ? "equal    " : "differs  ", output.name, " [", join(output.shape, ", "),
             "]: largest error ", digits(output.max_error), ", mean ", digits(output.mean_error), " of its range");
    if (output.top1_total > 0) line += text(", best class equal in ", output.top1_equal, " of ", output.top1_total);
    print_line(line);
  }
  for (const auto& batch : report.batches) {
    print_line(text("  ", batch.passed ? "equal    " : "differs  ", "rows at batch ", batch.batch, ": ",
                    batch.problem.empty() ? "largest error " + digits(batch.max_error) : batch.problem));
  }
  for (const auto& agreement : report.agreements) {
    print_line("  beside the export's integers: " + verify::agreement_text(agreement));
  }
  if (report.first_parted) {
    print_line(text("  first operator that differs: ", report.first_parted->name, ", by ",
                    digits(report.first_parted->max_error), " of its range"));
  }
}

int run_verify(const VerifyOptions& given) {
  const auto import = edge_impulse::open(given.source, {.impulse = given.impulse});
  const auto target = open_target(given, import);
  verify::Options options;
  options.inputs = given.inputs;
  options.layers = given.layers;
  const auto report =
      prove(import, target.placement, target.onnx, target.name, options, is_quantized(target.onnx, target.name));
  if (!given.html.empty()) write_file_atomically(given.html, verify::html_page(report));
  if (!given.json.empty()) write_file_atomically(given.json, verify::json_text(report));
  print_line(text(target.name, report.passed ? " equals " : " differs from ", report.source, " (", report.inputs.size(),
                  " inputs, ", report.source_arithmetic, ")"));
  print_report(report);
  if (!report.passed) fail(ErrorKind::mismatch, target.name, ": ", report.verdict);
  return 0;
}

}  // namespace

Action declare_verify(CLI::App& app) {
  const auto given = std::make_shared<VerifyOptions>();
  app.add_option("EXPORT", given->source, "What was converted: zip, folder, C array, .tflite, .lite or .onnx")
      ->required();
  app.add_option("TARGET", given->target, "Deployment folder or .onnx file (default: what convert would write)");
  app.add_option("--impulse", given->impulse, "Which impulse of an export that holds several");
  app.add_option("--inputs", given->inputs, "How many structured inputs")->check(CLI::Range(1, 1000));
  app.add_flag("--layers", given->layers, "Compare every operator, and name the first that differs");
  app.add_option("--html", given->html, "Write a page with a picture for each output");
  app.add_option("--json", given->json, "Write the figures as JSON");
  return [given] { return run_verify(*given); };
}

}  // namespace es::cli
