// SPDX-License-Identifier: Apache-2.0
#include "convert/convert.h"

#include <algorithm>
#include <memory>

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "convert/app_file.h"
#include "convert/choose.h"
#include "convert/crop.h"
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

// A network, and what only its file says of it.
struct Read {
  ir::Graph graph;
  int64_t classes = 0;
  std::vector<std::string> integer_inputs, integer_outputs;  // "int8"; empty for floats. [] where all are floats
  std::optional<std::pair<double, double>> input_range;
  std::shared_ptr<const tflite::Model> integers;  // the file, where its integers are to be given back
};

std::vector<std::string> integers_of(const tflite::Model& model, std::span<const int32_t> edges) {
  std::vector<std::string> words;
  for (const auto index : edges) {
    const auto& tensor = model.tensors()[static_cast<size_t>(index)];
    words.push_back(tensor.is_quantized() ? to_lower(text(tensor.type)) : "");
  }
  return words;
}

int64_t classes_of_post_processing(const tflite::Model& model) {
  for (const auto& op : model.operators()) {
    const auto* options = std::get_if<tflite::DetectionPostProcessOptions>(&op.options);
    if (options != nullptr) return options->num_classes;
  }
  return 0;
}

Read read_tflite(BytesView bytes, const std::string& name, const Options& options, Report& report) {
  const auto model = std::make_shared<tflite::Model>(tflite::Model::parse(bytes, name));
  append(report.warnings, model->warnings());
  const bool is_quantized = model->has_integer_arithmetic();
  translate::Notes notes;
  translate::Options how;
  if (options.free_anchor_order) how.anchor_order = translate::AnchorOrder::free;
  if (options.qdq && is_quantized) {
    require(options.opset >= 13, ErrorKind::usage, name,
            ": --quant qdq needs scales by channel, which ONNX has since opset "
            "13; --opset is ",
            options.opset);
    how.quantization = translate::Quantization::qdq;
  }
  Read read;
  read.graph = translate::to_graph(*model, how, notes);
  read.classes = classes_of_post_processing(*model);
  read.integer_inputs = integers_of(*model, model->inputs());
  read.integer_outputs = integers_of(*model, model->outputs());
  if (!model->inputs().empty()) {
    read.input_range = model->tensors()[static_cast<size_t>(model->inputs()[0])].real_range();
  }
  append(report.warnings, notes.warnings);
  if (is_quantized && options.qdq) {
    read.integers = model;
  } else if (is_quantized) {
    report.decisions.push_back(
        "the export computes with integers; the network computes with the float32 numbers that its weights stand for "
        "(--quant float)");
  } else if (options.qdq) {
    report.warnings.push_back("the export computes with floats: there are no integers to keep (--quant qdq)");
  }
  return read;
}

// After the passes, which see floats alone.
void give_integers_back(const Read& read, ir::Graph& graph, Report& report) {
  if (read.integers == nullptr) return;
  const auto quantized = translate::quantize(graph, *read.integers);
  report.decisions.push_back(text("the network computes with the export's integers (--quant qdq): ", quantized.weights,
                                  " weights and ", quantized.activations,
                                  " results in 8 bits. TensorRT takes signed integers with zero points of 0 only and "
                                  "refuses this file; --quant float is for TensorRT"));
  for (const auto& sentence : quantized.floats) report.warnings.push_back(sentence + "; they stay floats");
}

Read read_model(const edge_impulse::ModelFile& model, const Options& options, Report& report) {
  if (model.format == ModelFormat::onnx) {
    report.source_format = "ONNX";
    Read read;
    read.graph = onnx::read(model.bytes, model.found_in);
    return read;
  }
  report.source_format = "TFLite";
  return read_tflite(model.bytes, model.found_in, options, report);
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

// What the source says of its tensors; the network's own are always float32.
ModelFacts source_facts(const Read& read, const std::string& name, const std::string& format) {
  ModelFacts facts = facts_of_graph(read.graph, name, format);
  facts.classes = read.classes;
  facts.input_range = read.input_range;
  if (!read.integer_inputs.empty() && !read.integer_inputs[0].empty()) facts.input.dtype = read.integer_inputs[0];
  for (size_t i = 0; i < facts.outputs.size() && i < read.integer_outputs.size(); ++i) {
    if (!read.integer_outputs[i].empty()) facts.outputs[i].dtype = read.integer_outputs[i];
  }
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

std::vector<std::string> dims_of(const ir::Value& value) {
  std::vector<std::string> dims;
  if (!value.shape) return dims;
  for (const auto& dim : *value.shape) {
    dims.push_back(dim.is_static() ? text(dim.size) : dim.times_batch && dim.size == 1 ? "batch" : text(dim));
  }
  return dims;
}

// What an output is for, as far as its head or its maker says.
std::string meaning_of(const ir::Graph& graph, ir::ValueId output, const Recipe& recipe) {
  if (recipe.head.value == Head::regression) {
    return recipe.labels.value.size() == 1 ? "the predicted " + recipe.labels.value[0] : "the predicted number";
  }
  const auto* maker = graph.producer_node(output);
  if (maker == nullptr) return "";
  if (maker->op_type == "Softmax") return "probabilities, their sum is 1";
  if (maker->op_type == "Sigmoid") return "numbers from 0 to 1";
  if (maker->op_type == "ArgMax") return "places of the largest";
  return "";
}

void describe_tensors(const ir::Graph& graph, Recipe& recipe) {
  recipe.input_dims = dims_of(graph.value(graph.inputs().front()));
  for (const auto output : graph.outputs()) {
    const auto& value = graph.value(output);
    recipe.output_names.push_back(value.name);
    recipe.outputs.push_back({value.name, dims_of(value), meaning_of(graph, output, recipe)});
  }
}

// The oldest TensorRT that parses what is written, for the report, and whether that is old enough.
void check_target(const ir::Graph& graph, const Options& options, const std::string& file, Report& report) {
  report.tensorrt = ir::fit_tensorrt(graph);
  const auto& fit = report.tensorrt;
  if (!fit.never.empty()) {
    report.decisions.push_back(text("no TensorRT release parses ", fit.never, "; ONNX Runtime runs it"));
  } else {
    report.decisions.push_back(
        text("parsed by TensorRT ", fit.oldest, " and later", fit.node.empty() ? "" : ", because of " + fit.node));
  }
  if (!options.target) return;
  require(fit.never.empty(), ErrorKind::unsupported, file, ": no TensorRT release parses ", fit.never,
          ", and --target asks for ", *options.target);
  require(fit.oldest <= *options.target, ErrorKind::unsupported, file, ": ", fit.node, " needs TensorRT ", fit.oldest,
          ", --target is TensorRT ", *options.target, options.opset > 17 ? "; a lower --opset may need less" : "");
}

// nvinfer feeds floats and most parsers read floats: an input or output of plain integers gets a Cast.
void make_edges_float(ir::Graph& graph, Report& report) {
  for (const auto input : graph.inputs()) {
    const auto dtype = graph.value(input).dtype;
    if (dtype == ir::DType::f32) continue;
    graph.set_type(input, ir::DType::f32, graph.value(input).shape);
    const auto cast = graph.emit("Cast", {input}, {{"to", static_cast<int64_t>(dtype)}}, "", graph.first_node());
    graph.set_type(cast, dtype, graph.value(input).shape);
    graph.redirect_inputs(input, cast, graph.producer(cast));
    report.decisions.push_back(text("input '", graph.value(input).name, "' of ", dtype, " is fed as float32"));
  }
  for (size_t i = 0; i < graph.outputs().size(); ++i) {
    const auto output = graph.outputs()[i];
    const auto dtype = graph.value(output).dtype;
    if (dtype == ir::DType::f32 || graph.is_input(output)) continue;
    const auto cast = graph.emit("Cast", {output}, {{"to", static_cast<int64_t>(ir::DType::f32)}});
    graph.set_type(cast, ir::DType::f32, graph.value(output).shape);
    graph.take_over_output(i, cast, "_as_computed");
    report.decisions.push_back(text("output '", graph.value(cast).name, "' of ", dtype, " is answered as float32"));
  }
}

// Whose file it is and of what it was made, for whoever finds it alone.
void name_maker(ir::Graph& graph, const Report& report) {
  graph.producer_name = "EdgeStream";
  graph.producer_version = ES_VERSION;
  graph.metadata["source_sha256"] = report.source_sha256;
  graph.metadata["source_format"] = report.source_format;
}

std::vector<File> folder_of(const edge_impulse::Import& import, const Recipe& recipe, const Report& report,
                            Bytes onnx) {
  std::vector<File> files = parser_files(recipe);
  files.push_back({recipe.name + ".onnx", std::move(onnx)});
  if (!recipe.labels.value.empty()) files.push_back(text_file("labels.txt", labels_file(recipe)));
  files.push_back(text_file(nvinfer_file_name(recipe, Stage::primary), nvinfer_file(recipe, Stage::primary)));
  if (recipe.is_picture && facts_of(recipe.head.value).answers == Answers::classes) {
    files.push_back(text_file(nvinfer_file_name(recipe, Stage::secondary), nvinfer_file(recipe, Stage::secondary)));
  }
  if (recipe.is_picture) {
    files.push_back(text_file(app_file_name(recipe), app_file(recipe)));
  } else if (!import.project.dsp_parameters.empty()) {
    files.push_back(text_file("dsp.json", dsp_json(import.project, recipe)));
  }
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
  auto read = read_model(import.model, options, report);
  auto& graph = read.graph;
  const ModelFacts facts = source_facts(read, name, report.source_format);
  edge_impulse::Import checked = import;
  append(report.warnings, edge_impulse::check_against(checked.project, facts));
  result.recipe = choose(checked.project, facts, options, name, report);
  passes::Options rewrites{.opset = options.opset};
  // A factor that goes into weights is none of their scale's multiples.
  if (read.integers != nullptr) rewrites.skip = {"fold_affine"};
  note_result(with_context(name, [&] { return passes::run(graph, rewrites); }), report);
  with_context(name, [&] { give_integers_back(read, graph, report); });
  make_edges_float(graph, report);
  if (result.recipe.is_picture) prepend_pixels(graph, result.recipe);
  if (result.recipe.crop) widen_for_crop(graph, result.recipe);
  report.nodes = graph.node_count();
  result.recipe.dynamic_batch = report.dynamic_batch;
  result.recipe.input_name = graph.value(graph.inputs().front()).name;
  check_target(graph, options, name, report);
  describe_tensors(graph, result.recipe);
  name_maker(graph, report);
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
  report.source_sha256 = sha256(tflite);
  report.source_format = "TFLite";
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
  name_maker(graph, report);
  return onnx::write(graph);
}

}  // namespace es::convert
