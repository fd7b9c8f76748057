// SPDX-License-Identifier: Apache-2.0
#include "convert/convert.h"

#include <algorithm>

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "convert/app_file.h"
#include "convert/choose.h"
#include "convert/folder_files.h"
#include "convert/nvinfer_file.h"
#include "convert/pixels.h"
#include "onnx/onnx.h"
#include "passes/passes.h"
#include "tflite/model.h"
#include "translate/translate.h"

namespace es::convert {
namespace {

using edge_impulse::ModelFacts;
using edge_impulse::ModelFormat;
using edge_impulse::TensorFacts;

void append(std::vector<std::string>& list, const std::vector<std::string>& more) {
  list.insert(list.end(), more.begin(), more.end());
}

File text_file(std::string name, const std::string& content) {
  const auto bytes = as_bytes_view(content);
  return {std::move(name), Bytes(bytes.begin(), bytes.end())};
}

ir::Graph read_tflite(BytesView bytes, const std::string& name, Report& report) {
  const auto model = tflite::Model::parse(bytes, name);
  append(report.warnings, model.warnings());
  translate::Notes notes;
  auto graph = translate::to_graph(model, {}, notes);
  append(report.warnings, notes.warnings);
  return graph;
}

ir::Graph read_model(const edge_impulse::ModelFile& model, Report& report) {
  if (model.format == ModelFormat::onnx) {
    report.source_format = "ONNX";
    return onnx::read(model.bytes, model.found_in);
  }
  report.source_format = "TFLite";
  return read_tflite(model.bytes, model.found_in, report);
}

std::string dtype_word(ir::DType dtype) {
  switch (dtype) {
    case ir::DType::f32:
      return "float32";
    case ir::DType::i8:
      return "int8";
    case ir::DType::u8:
      return "uint8";
    default:
      return std::string(ir::name_of(dtype));
  }
}

TensorFacts facts_of_value(const ir::Value& value) {
  TensorFacts facts{value.name, dtype_word(value.dtype), {}};
  if (!value.shape) return facts;
  for (const auto& dim : *value.shape) facts.shape.push_back(dim.times_batch ? 1 : dim.size);
  return facts;
}

// A picture input of an ONNX file is channels first where axis 1 counts channels and axis 3 does not.
bool is_channels_first(const TensorFacts& input) {
  const auto counts_channels = [&](size_t axis) { return input.shape[axis] == 1 || input.shape[axis] == 3; };
  return input.shape.size() == 4 && counts_channels(1) && !counts_channels(3);
}

ModelFacts facts_of_graph(const ir::Graph& graph, const std::string& name, const std::string& format) {
  require(graph.inputs().size() == 1, ErrorKind::unsupported, name, ": has ", graph.inputs().size(),
          " inputs; a deployment feeds one picture");
  ModelFacts facts;
  facts.input = facts_of_value(graph.value(graph.inputs().front()));
  for (const auto output : graph.outputs()) facts.outputs.push_back(facts_of_value(graph.value(output)));
  facts.channels_first = format == "ONNX" && is_channels_first(facts.input);
  return facts;
}

void note_result(const passes::Report& passed, Report& report) {
  report.transposes = static_cast<int>(passed.transposes.size());
  report.dynamic_batch = passed.dynamic_batch;
  for (const auto& transpose : passed.transposes) {
    report.decisions.push_back(text("a Transpose is left at ", transpose.tensor, ": ", transpose.reason));
  }
  for (const auto& output : passed.outputs) {
    if (output.changed) report.decisions.push_back(text("output '", output.name, "' is stored ", output.shape));
  }
  if (passed.dynamic_batch) return;
  report.batch_blocker =
      passed.batch_node.empty() ? passed.batch_reason : passed.batch_node + ": " + passed.batch_reason;
  report.warnings.push_back(
      text("the batch stays fixed at 1: ", report.batch_blocker, "; DeepStream must use batch-size=1"));
}

std::vector<File> folder_of(const edge_impulse::Import& import, const Recipe& recipe, const Report& report,
                            Bytes onnx) {
  std::vector<File> files = parser_files(recipe);
  files.push_back({recipe.name + ".onnx", std::move(onnx)});
  files.push_back(text_file("labels.txt", labels_file(recipe)));
  files.push_back(text_file(nvinfer_file_name(recipe, Stage::primary), nvinfer_file(recipe, Stage::primary)));
  if (!facts_of(recipe.head.value)->is_detector) {
    files.push_back(text_file(nvinfer_file_name(recipe, Stage::secondary), nvinfer_file(recipe, Stage::secondary)));
  }
  files.push_back(text_file(app_file_name(recipe), app_file(recipe)));
  files.push_back(text_file("README.md", readme_file(recipe, report)));
  files.push_back(text_file("report.json", report_json(import, recipe, report)));
  std::ranges::sort(files, {}, &File::name);
  return files;
}

}  // namespace

Result convert(const edge_impulse::Import& import, const Options& options) {
  Result result;
  Report& report = result.report;
  const std::string& name = import.model.found_in;
  report.source_sha256 = sha256(import.model.bytes);
  report.warnings = import.warnings;
  ir::Graph graph = read_model(import.model, report);
  const ModelFacts facts = facts_of_graph(graph, name, report.source_format);
  edge_impulse::Import checked = import;
  append(report.warnings, edge_impulse::check_against(checked.project, facts));
  result.recipe = choose(checked.project, facts, options, name, report);
  note_result(with_context(name, [&] { return passes::run(graph, {.opset = options.opset}); }), report);
  prepend_pixels(graph, result.recipe);
  report.nodes = graph.node_count();
  result.recipe.dynamic_batch = report.dynamic_batch;
  result.recipe.input_name = graph.value(graph.inputs().front()).name;
  for (const auto output : graph.outputs()) result.recipe.output_names.push_back(graph.value(output).name);
  Bytes onnx = onnx::write(graph);
  report.onnx_sha256 = sha256(onnx);
  if (options.prove) report.proof = options.prove(result.recipe, onnx);
  result.files = folder_of(checked, result.recipe, report, std::move(onnx));
  return result;
}

namespace {

// Whether `names` means this input: by either of its names, or, where none of them is known, because there is only one.
bool names_input(const std::vector<std::string>& names, const translate::Edge& edge) {
  return std::ranges::any_of(names, [&](const std::string& name) {
    return name == edge.tensor_name || name == edge.signature_name || name == edge.graph_name ||
           name + ":0" == edge.tensor_name;
  });
}

}  // namespace

Bytes convert_model(BytesView tflite, const ModelOptions& options, Report& report) {
  const auto model = tflite::Model::parse(tflite, options.file_name);
  translate::Notes notes;
  auto graph = translate::to_graph(model, {}, notes);
  append(report.warnings, model.warnings());
  append(report.warnings, notes.warnings);
  const bool named = std::ranges::any_of(
      notes.inputs, [&](const translate::Edge& edge) { return names_input(options.inputs_as_nchw, edge); });
  if (!options.inputs_as_nchw.empty() && !named) {
    std::vector<std::string> known;
    for (const auto& edge : notes.inputs) known.push_back(edge.tensor_name);
    require(known.size() == 1, ErrorKind::usage, options.file_name, ": --inputs-as-nchw ",
            join(options.inputs_as_nchw, ","), " names no input; the file has ", join(known, ", "));
    report.warnings.push_back(text("--inputs-as-nchw ", join(options.inputs_as_nchw, ","), " names no input of ",
                                   options.file_name, ", whose only input is '", known.front(),
                                   "'; that one is meant"));
  }
  const auto layout =
      options.inputs_as_nchw.empty() ? passes::InputLayout::as_in_file : passes::InputLayout::channels_first;
  note_result(passes::run(graph, {.input_layout = layout, .opset = options.opset}), report);
  report.nodes = graph.node_count();
  return onnx::write(graph);
}

}  // namespace es::convert
