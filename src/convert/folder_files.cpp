// SPDX-License-Identifier: Apache-2.0
#include "convert/folder_files.h"

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "convert/app_file.h"
#include "convert/embedded_heads.h"
#include "convert/nvinfer_file.h"

namespace es::convert {
namespace {

File text_file(std::string name, const std::string& content) {
  const auto bytes = as_bytes_view(content);
  return {std::move(name), Bytes(bytes.begin(), bytes.end())};
}

std::string parser_makefile(const Recipe& recipe) {
  const std::string library = parser_library(recipe);
  const std::string stem = facts_of(recipe.head.value)->parser_stem;
  return text(
      "# SPDX-License-Identifier: Apache-2.0\n"
      "# Builds the output parser for DeepStream; needs a C++14 compiler, neither CUDA nor TensorRT.\n"
      "#   make                                                      on the machine with DeepStream\n"
      "#   make CXX=aarch64-linux-gnu-g++ DEEPSTREAM_MAJOR=7         for a Jetson, from elsewhere\n"
      "DEEPSTREAM ?= /opt/nvidia/deepstream/deepstream\n"
      "CXXFLAGS ?= -O2\n"
      "LIBRARY := ",
      library.substr(library.rfind('/') + 1),
      "\n"
      "ifdef DEEPSTREAM_MAJOR\n"
      "HEADERS := -DES_DEEPSTREAM_MAJOR=$(DEEPSTREAM_MAJOR)\n"
      "else\n"
      "HEADERS := -I$(DEEPSTREAM)/sources/includes\n"
      "endif\n"
      "\n"
      "$(LIBRARY): ",
      stem,
      "_parser.cpp $(wildcard *.h)\n"
      "\t$(CXX) -std=c++14 -Wall -Wextra -fPIC $(CXXFLAGS) $(HEADERS) -shared -o $@ $< $(LDFLAGS)\n"
      "\n"
      "clean:\n"
      "\t$(RM) $(LIBRARY)\n"
      "\n"
      ".PHONY: clean\n");
}

// Where the export lay is no fact about the model: the same export gives the same report from any folder.
std::string without_folder(const std::string& found_in) {
  const size_t inner = found_in.find(": ");
  const size_t slash = found_in.rfind('/', inner);
  return slash == std::string::npos ? found_in : found_in.substr(slash + 1);
}

std::string bullet_list(const std::vector<std::string>& items) {
  std::string list;
  for (const auto& item : items) list += "- " + item + "\n";
  return list;
}

}  // namespace

std::string labels_file(const Recipe& recipe) {
  const bool detector = facts_of(recipe.head.value)->is_detector;
  return join(recipe.labels.value, detector ? "\n" : ";") + "\n";
}

std::vector<File> parser_files(const Recipe& recipe) {
  const HeadFacts& facts = *facts_of(recipe.head.value);
  std::vector<File> files;
  if (!facts.is_detector) return files;
  const std::string stem = facts.parser_stem;
  files.push_back(text_file("parser/Makefile", parser_makefile(recipe)));
  for (const auto& head : embedded_heads()) {
    const bool own = head.name == stem + ".h" || head.name == stem + "_parser.cpp";
    const bool shared = head.name == "head.h" || head.name == "parser_entry.h";
    if (own || shared) files.push_back(text_file(text("parser/", head.name), std::string(head.text)));
  }
  return files;
}

std::string readme_file(const Recipe& recipe, const Report& report) {
  const HeadFacts& facts = *facts_of(recipe.head.value);
  const std::string primary = nvinfer_file_name(recipe, Stage::primary);
  std::string words =
      text("# ", recipe.display_name, "\n\nA ", facts.word,
           " from Edge Impulse as a DeepStream deployment, made by EdgeStream. ",
           "Labels: ", join(recipe.labels.value, ", "), ".\n\n",
           "## Here, on any machine\n\n```sh\nedgestream run . video.mp4 --output out.mp4 --json out.jsonl\n```\n\n",
           "The first run builds an engine, `", engine_file_name(recipe, Stage::primary), "`; later runs load it.\n\n",
           "## In DeepStream, on a Jetson or a server with an NVIDIA GPU\n\n");
  if (facts.is_detector) words += "```sh\nmake -C parser          # once, on that machine\n```\n\n";
  words += text(
      "Set `uri` in `", app_file_name(recipe), "`, then:\n\n```sh\ndeepstream-app -c ", app_file_name(recipe),
      "\n```\n\nRemove engine files that EdgeStream wrote before the first run there: TensorRT builds its own "
      "under the same name.\n\n## Files\n\n"
      "- `",
      recipe.name, ".onnx`: the network; input `", recipe.input_name, "` [", recipe.dynamic_batch ? "batch" : "1", ", ",
      recipe.channels, ", ", recipe.height, ", ", recipe.width, "]\n- `", primary, "`: Gst-nvinfer, on whole frames\n");
  if (!facts.is_detector) {
    words +=
        text("- `", nvinfer_file_name(recipe, Stage::secondary), "`: Gst-nvinfer, on the objects of another engine\n");
  } else {
    words += "- `parser/`: the output parser for DeepStream, C++14 and a Makefile\n";
  }
  words += text("- `", app_file_name(recipe),
                "`: deepstream-app\n- `labels.txt`\n- `report.json`: every decision and where it came from\n");
  if (!report.warnings.empty()) words += "\n## Not exactly as Edge Impulse does it\n\n" + bullet_list(report.warnings);
  if (!report.guesses.empty()) words += "\n## Guessed, since the export does not say\n\n" + bullet_list(report.guesses);
  return words;
}

std::string report_json(const edge_impulse::Import& import, const Recipe& recipe, const Report& report) {
  using Json = nlohmann::ordered_json;
  const auto known = [](const auto& value, const std::string& source) {
    return Json{{"value", value}, {"source", source}};
  };
  Json facts = Json::array();
  for (const auto& line : edge_impulse::fact_lines(import.project)) {
    facts.push_back({{"name", line.name}, {"value", line.value}, {"source", line.source}});
  }
  const Json json{
      {"made_by", text("edgestream ", ES_VERSION)},
      {"source",
       {{"container", import.container},
        {"model", without_folder(import.model.found_in)},
        {"format", report.source_format},
        {"sha256", report.source_sha256}}},
      {"model",
       {{"file", recipe.name + ".onnx"},
        {"sha256", report.onnx_sha256},
        {"input",
         {{"name", recipe.input_name},
          {"layout", "NCHW"},
          {"channels", recipe.channels},
          {"height", recipe.height},
          {"width", recipe.width}}},
        {"outputs", recipe.output_names},
        {"nodes", report.nodes},
        {"transposes", report.transposes},
        {"dynamic_batch", report.dynamic_batch},
        {"batch_blocker", report.batch_blocker}}},
      {"recipe",
       {{"head", known(word_for(recipe.head.value), recipe.head.source)},
        {"color", known(word_for(recipe.color.value), recipe.color.source)},
        {"scaling", known(word_for(recipe.scaling.value), recipe.scaling.source)},
        {"resize", known(word_for(recipe.resize.value), recipe.resize.source)},
        {"labels", known(recipe.labels.value, recipe.labels.source)},
        {"threshold", known(*to_double(number_text(recipe.threshold.value)), recipe.threshold.source)}}},
      {"verification",
       {{"made", report.proof.made},
        {"max_error", report.proof.max_error},
        {"statement", report.proof.statement},
        {"agreement_with_integers", report.proof.agreement}}},
      {"decisions", report.decisions},
      {"guesses", report.guesses},
      {"warnings", report.warnings},
      {"facts", facts},
  };
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace es::convert
