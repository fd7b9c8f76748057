// SPDX-License-Identifier: Apache-2.0
//
// edgestream inspect: what a file is, what is known about it, and whether and how it will run in DeepStream.
#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/command.h"
#include "cli/terminal.h"
#include "convert/convert.h"
#include "edge_impulse/import.h"
#include "onnx/onnx.h"
#include "tflite/model.h"

namespace es::cli {
namespace {

using edge_impulse::FactLine;
using edge_impulse::ModelFormat;
using Json = nlohmann::ordered_json;

struct InspectOptions {
  std::string input, impulse;
  bool json = false;
};

struct TensorLine {
  std::string role, name, dtype, shape, range;
};

struct Network {
  std::string format;
  size_t bytes = 0;
  std::vector<TensorLine> tensors;
  std::map<std::string, int> operators;
  std::string note;  // what its arithmetic is
};

// Whether it will run, and as what; or the sentence that says why not.
struct Outlook {
  bool runs = false;
  std::string sentence;
  std::optional<convert::Result> result;
};

std::string dims_text(const std::vector<std::string>& dims) { return "[" + join(dims, ", ") + "]"; }

TensorLine line_of(const tflite::Model& model, int index, const std::string& role) {
  const auto& tensor = model.tensors()[static_cast<size_t>(index)];
  std::vector<std::string> dims;
  for (const auto dim : tensor.shape) dims.push_back(text(dim));
  TensorLine line{role, printable(tensor.name), to_lower(text(tensor.type)), dims_text(dims), ""};
  if (const auto range = tensor.real_range()) {
    line.range =
        text(number_text(static_cast<float>(range->first)), " to ", number_text(static_cast<float>(range->second)),
             " (scale ", number_text(tensor.quantization.scale[0]), ", zero point ",
             tensor.quantization.zero_point_at(0), ")");
  }
  return line;
}

Network tflite_network(const edge_impulse::ModelFile& file) {
  const auto model = tflite::Model::parse(file.bytes, file.found_in);
  Network network{.format = "TFLite", .bytes = file.bytes.size()};
  for (const auto index : model.inputs()) network.tensors.push_back(line_of(model, index, "input"));
  for (const auto index : model.outputs()) network.tensors.push_back(line_of(model, index, "output"));
  for (const auto& op : model.operators()) {
    ++network.operators[op.custom_code.empty() ? std::string(op.name) : "CUSTOM " + printable(op.custom_code, 60)];
  }
  if (model.has_integer_arithmetic()) {
    network.note = "computes with integers";
  } else if (model.has_float16_weights()) {
    network.note = "float32, its weights stored as float16";
  } else {
    network.note = "float32";
  }
  return network;
}

TensorLine line_of(const ir::Value& value, const std::string& role) {
  std::vector<std::string> dims;
  if (value.shape) {
    for (const auto& dim : *value.shape) dims.push_back(text(dim));
  }
  return {role, printable(value.name), text(value.dtype), value.shape ? dims_text(dims) : "of any rank", ""};
}

Network onnx_network(const edge_impulse::ModelFile& file) {
  const auto graph = onnx::read(file.bytes, file.found_in);
  Network network{.format = "ONNX", .bytes = file.bytes.size()};
  for (const auto id : graph.inputs()) network.tensors.push_back(line_of(graph.value(id), "input"));
  for (const auto id : graph.outputs()) network.tensors.push_back(line_of(graph.value(id), "output"));
  for (const auto id : graph.nodes()) ++network.operators[graph.node(id).op_type];
  return network;
}

const char* answers_words(convert::Answers answers) {
  switch (answers) {
    case convert::Answers::boxes:
      return "a detector (network-type=0)";
    case convert::Answers::classes:
      return "a classifier (network-type=1)";
    default:
      return "tensors handed on (network-type=100)";
  }
}

Outlook outlook_of(const edge_impulse::Import& import) {
  Outlook outlook;
  try {
    outlook.result = convert::convert(import, {});
    const auto& recipe = outlook.result->recipe;
    const auto& report = outlook.result->report;
    outlook.runs = true;
    outlook.sentence =
        text("yes, as ", answers_words(convert::facts_of(recipe.head.value).answers), ", ",
             report.dynamic_batch ? "any batch" : "batch 1 only",
             recipe.is_picture ? "" : "; its features are the caller's to compute (input-tensor-from-meta=1)");
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::internal) throw;
    outlook.sentence = text("no: ", error.what());
  }
  return outlook;
}

std::string operators_text(const Network& network) {
  std::vector<std::pair<int, std::string>> counted;
  for (const auto& [name, count] : network.operators) counted.emplace_back(-count, name);
  std::ranges::sort(counted);
  std::vector<std::string> words;
  for (const auto& [count, name] : counted) words.push_back(text(-count, " ", name));
  return join(words, ", ");
}

// Lines of two columns; the first as wide as its widest.
void print_pairs(const std::vector<std::pair<std::string, std::string>>& pairs) {
  size_t width = 0;
  for (const auto& [name, value] : pairs) width = std::max(width, name.size());
  for (const auto& [name, value] : pairs) print_line("  " + name + std::string(width + 2 - name.size(), ' ') + value);
}

void print_network(const Network& network) {
  std::vector<std::pair<std::string, std::string>> pairs{
      {"format", text(network.format, ", ", network.bytes, " bytes", network.note.empty() ? "" : ", " + network.note)}};
  for (const auto& tensor : network.tensors) {
    pairs.emplace_back(tensor.role, text("'", tensor.name, "' ", tensor.dtype, " ", tensor.shape,
                                         tensor.range.empty() ? "" : ", " + tensor.range));
  }
  pairs.emplace_back("operators", operators_text(network));
  print_pairs(pairs);
}

void print_facts(const std::vector<FactLine>& facts) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& fact : facts) {
    pairs.emplace_back(fact.name, fact.value + (fact.source.empty() ? "" : "   <- " + fact.source));
  }
  print_pairs(pairs);
}

void print_outlook(const Outlook& outlook) {
  print_line("In DeepStream");
  std::vector<std::pair<std::string, std::string>> pairs{{"runs", outlook.sentence}};
  if (outlook.result) {
    const auto& recipe = outlook.result->recipe;
    const auto& report = outlook.result->report;
    pairs.emplace_back("network", text(recipe.name, ".onnx ", dims_text(recipe.input_dims), ", ", report.nodes,
                                       " nodes, ", report.transposes, " Transposes"));
    if (!report.batch_blocker.empty()) pairs.emplace_back("fixed batch", report.batch_blocker);
    if (!recipe.parser_name.empty()) pairs.emplace_back("parser", recipe.parser_name);
    for (const auto& guess : report.guesses) pairs.emplace_back("guess", guess);
    for (const auto& warning : report.warnings) pairs.emplace_back("warning", warning);
  }
  print_pairs(pairs);
}

Json json_of(const edge_impulse::Import& import, const Network& network, const Outlook& outlook) {
  Json tensors = Json::array(), facts = Json::array();
  for (const auto& tensor : network.tensors) {
    tensors.push_back({{"role", tensor.role},
                       {"name", tensor.name},
                       {"dtype", tensor.dtype},
                       {"shape", tensor.shape},
                       {"range", tensor.range}});
  }
  for (const auto& fact : edge_impulse::export_summary(import)) {
    facts.push_back({{"name", fact.name}, {"value", fact.value}, {"source", fact.source}});
  }
  Json deepstream{{"runs", outlook.runs}, {"sentence", outlook.sentence}};
  if (outlook.result) {
    const auto& recipe = outlook.result->recipe;
    const auto& report = outlook.result->report;
    deepstream["head"] = edge_impulse::word_for(recipe.head.value);
    deepstream["input"] = recipe.input_dims;
    deepstream["parser"] = recipe.parser_name;
    deepstream["nodes"] = report.nodes;
    deepstream["transposes"] = report.transposes;
    deepstream["dynamic_batch"] = report.dynamic_batch;
    deepstream["batch_blocker"] = report.batch_blocker;
    deepstream["guesses"] = report.guesses;
    deepstream["warnings"] = report.warnings;
  }
  return {{"container", import.container},
          {"model",
           {{"format", network.format},
            {"bytes", network.bytes},
            {"found_in", import.model.found_in},
            {"arithmetic", network.note},
            {"tensors", tensors},
            {"operators", network.operators}}},
          {"facts", facts},
          {"deepstream", deepstream}};
}

int run_inspect(const InspectOptions& given) {
  const auto import = edge_impulse::open(given.input, {.impulse = given.impulse});
  const auto network =
      import.model.format == ModelFormat::onnx ? onnx_network(import.model) : tflite_network(import.model);
  const auto outlook = outlook_of(import);
  if (given.json) {
    print_line(json_of(import, network, outlook).dump(2, ' ', false, Json::error_handler_t::replace));
    return 0;
  }
  print_line("Export");
  print_facts(edge_impulse::export_summary(import));
  print_line("Network");
  print_network(network);
  print_outlook(outlook);
  return 0;
}

}  // namespace

Action declare_inspect(CLI::App& app) {
  const auto given = std::make_shared<InspectOptions>();
  app.add_option("FILE", given->input, "Zip, folder, C array, .tflite, .lite or .onnx")->required();
  app.add_option("--impulse", given->impulse, "Which impulse of an export that holds several");
  app.add_flag("--json", given->json, "Print it as JSON");
  return [given] { return run_inspect(*given); };
}

}  // namespace es::cli
