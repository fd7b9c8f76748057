// SPDX-License-Identifier: Apache-2.0
#include "convert/folder_files.h"

#include <cmath>
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

// heads/<stem>_parser.cpp, or the skeleton's own name.
std::string parser_stem(const Recipe& recipe) {
  const std::string stem = facts_of(recipe.head.value).parser_stem;
  return stem.empty() ? recipe.name : stem;
}

std::string parser_makefile(const Recipe& recipe) {
  const std::string library = parser_library(recipe);
  const std::string stem = parser_stem(recipe);
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
  const bool on_one_line = facts_of(recipe.head.value).answers == Answers::classes;
  return join(recipe.labels.value, on_one_line ? ";" : "\n") + "\n";
}

namespace {

// A parser that compiles, finds every tensor and finds nothing in them: the part that only the user can write.
std::string parser_skeleton(const Recipe& recipe) {
  std::string tensors;
  for (size_t i = 0; i < recipe.outputs.size(); ++i) {
    const auto& output = recipe.outputs[i];
    const std::vector<std::string> dims(output.dims.begin() + (output.dims.empty() ? 0 : 1), output.dims.end());
    tensors += text("  //   outputs[", i, "]  '", output.name, "' [", join(dims, ", "), "]",
                    output.meaning.empty() ? "" : ": " + output.meaning, "\n");
  }
  return text(
      "// SPDX-License-Identifier: Apache-2.0\n"
      "//\n"
      "// DeepStream's output parser for ",
      recipe.name,
      ", to be filled in: decode() must say what the tensors mean.\n"
      "#include <vector>\n\n#include \"head.h\"\n#include \"parser_entry.h\"\n\n"
      "namespace {\n\n"
      "struct Head {\n"
      "  // Empty if the shapes are as expected, else one sentence that is printed.\n"
      "  static std::string problem(const std::vector<es_heads::Tensor>& outputs, const es_heads::Network&) {\n"
      "    return outputs.size() == ",
      recipe.outputs.size(), " ? \"\" : \"the network has ", recipe.outputs.size(),
      " outputs\";\n"
      "  }\n\n"
      "  // Each tensor is one picture's, row-major, without the batch:\n",
      tensors,
      "  static void decode(const std::vector<es_heads::Tensor>& outputs, const es_heads::Network& network,\n"
      "                     std::vector<es_heads::Detection>& found) {\n"
      "    // For each object: its class, its box in pixels of the network's input, its score, for example\n"
      "    //   if (score >= network.thresholds[class_id])\n"
      "    //     found.push_back({class_id, left, top, width, height, score});\n"
      "    (void)outputs;\n"
      "    (void)network;\n"
      "    (void)found;\n"
      "  }\n"
      "};\n\n"
      "}  // namespace\n\n"
      "extern \"C\" bool ",
      skeleton_function(recipe),
      "(const std::vector<NvDsInferLayerInfo>& layers,\n"
      "    const NvDsInferNetworkInfo& network, const NvDsInferParseDetectionParams& params,\n"
      "    std::vector<NvDsInferObjectDetectionInfo>& objects) {\n"
      "  return es_heads::parse<Head>(\"",
      skeleton_function(recipe), "\", layers, network, params, objects);\n}\n");
}

}  // namespace

std::vector<File> parser_files(const Recipe& recipe) {
  const HeadFacts& facts = facts_of(recipe.head.value);
  std::vector<File> files;
  if (facts.answers == Answers::classes || !recipe.is_picture) return files;
  const std::string stem = facts.parser_stem;
  files.push_back(text_file("parser/Makefile", parser_makefile(recipe)));
  if (stem.empty()) {
    files.push_back(text_file(text("parser/", recipe.name, "_parser.cpp"), parser_skeleton(recipe)));
  }
  for (const auto& head : embedded_heads()) {
    const bool own = !stem.empty() && (head.name == stem + ".h" || head.name == stem + "_parser.cpp");
    const bool shared = head.name == "head.h" || head.name == "parser_entry.h";
    if (own || shared) files.push_back(text_file(text("parser/", head.name), std::string(head.text)));
  }
  return files;
}

namespace {

// "50" is a whole number, "0.02" a number, "MFCC" a word.
nlohmann::ordered_json json_of(const std::string& word) {
  const auto number = to_double(word);
  if (!number) return word;
  const bool is_whole = std::abs(*number) < 1e15 && std::trunc(*number) == *number;
  return is_whole ? nlohmann::ordered_json(static_cast<int64_t>(*number)) : nlohmann::ordered_json(*number);
}

nlohmann::ordered_json json_of(const std::vector<std::string>& words) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& word : words) list.push_back(json_of(word));
  return list;
}

}  // namespace

std::string dsp_json(const edge_impulse::Project& project, const Recipe& recipe) {
  using Json = nlohmann::ordered_json;
  Json blocks = Json::array();
  for (const auto& block : project.dsp_parameters) {
    Json parameters = Json::object();
    for (const auto& [name, value] : block.parameters) {
      parameters[name] = json_of(value);
    }
    blocks.push_back({{"function", block.function}, {"source", block.source}, {"parameters", parameters}});
  }
  const Json json{
      {"note", "the network takes features: compute them with these blocks, in this order, and hand them over"},
      {"input", {{"name", recipe.input_name}, {"shape", json_of(recipe.input_dims)}}},
      {"blocks", blocks}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

namespace {

std::string running_here(const Recipe& recipe) {
  if (!recipe.is_picture) {
    return text("## Feeding it\n\nThe network takes features, `", recipe.input_name, "` [",
                join(recipe.input_dims, ", "),
                "]. Compute them as Edge Impulse does (`dsp.json` holds the blocks' parameters where the export states "
                "them) and attach them as tensor metadata in front of nvinfer (`input-tensor-from-meta=1`), or run the "
                "ONNX file yourself.\n\n");
  }
  return text("## Here, on any machine\n\n```sh\nedgestream run . video.mp4 --output out.mp4 --json out.jsonl\n```\n\n",
              "The first run builds an engine, `", engine_file_name(recipe, Stage::primary),
              "`; later runs load it.\n\n");
}

std::string running_there(const Recipe& recipe) {
  if (!recipe.is_picture) return "";
  std::string words = "## In DeepStream, on a Jetson or a server with an NVIDIA GPU\n\n";
  if (facts_of(recipe.head.value).answers == Answers::boxes) {
    words += "```sh\nmake -C parser          # once, on that machine\n```\n\n";
  }
  return words + text("Set `uri` in `", app_file_name(recipe), "`, then:\n\n```sh\ndeepstream-app -c ",
                      app_file_name(recipe),
                      "\n```\n\nRemove engine files that EdgeStream wrote before the first run there: TensorRT builds "
                      "its own under the same name.\n\n");
}

std::string files_list(const Recipe& recipe, const Report& report) {
  const auto answers = facts_of(recipe.head.value).answers;
  std::string words = text(
      "## Files\n\n- `", recipe.name, ".onnx`: the network; input `", recipe.input_name, "` [",
      join(recipe.input_dims, ", "), "]", report.proof.made ? ", " + report.proof.statement : std::string(), "\n- `",
      nvinfer_file_name(recipe, Stage::primary), "`: Gst-nvinfer", recipe.is_picture ? ", on whole frames\n" : "\n");
  if (recipe.is_picture && answers == Answers::classes) {
    words +=
        text("- `", nvinfer_file_name(recipe, Stage::secondary), "`: Gst-nvinfer, on the objects of another engine\n");
  }
  if (recipe.is_picture && answers == Answers::boxes) {
    words += "- `parser/`: the output parser for DeepStream, C++14 and a Makefile\n";
  }
  if (recipe.is_picture && answers == Answers::tensors) {
    words += "- `parser/`: the skeleton of an output parser, to be filled in\n";
  }
  if (recipe.is_picture) words += text("- `", app_file_name(recipe), "`: deepstream-app\n");
  if (!recipe.labels.value.empty()) words += "- `labels.txt`\n";
  return words + "- `report.json`: every decision and where it came from\n";
}

std::string tensor_list(const Recipe& recipe) {
  if (facts_of(recipe.head.value).answers != Answers::tensors) return "";
  std::string words = "\n## Its answers\n\n| tensor | shape | meaning |\n| --- | --- | --- |\n";
  for (const auto& output : recipe.outputs) {
    words += text("| `", output.name, "` | [", join(output.dims, ", "), "] | ",
                  output.meaning.empty() ? "not known" : output.meaning, " |\n");
  }
  return words;
}

}  // namespace

std::string readme_file(const Recipe& recipe, const Report& report) {
  const std::string labels = recipe.labels.value.empty() ? "" : text("Labels: ", join(recipe.labels.value, ", "), ".");
  std::string words =
      text("# ", recipe.display_name, "\n\nA ", facts_of(recipe.head.value).word,
           " from Edge Impulse as a DeepStream deployment, made by EdgeStream. ", labels, "\n\n", running_here(recipe),
           running_there(recipe), files_list(recipe, report), tensor_list(recipe));
  if (!report.warnings.empty()) words += "\n## Not exactly as Edge Impulse does it\n\n" + bullet_list(report.warnings);
  if (!report.guesses.empty()) words += "\n## Guessed, since the export does not say\n\n" + bullet_list(report.guesses);
  return words;
}

namespace {

using Json = nlohmann::ordered_json;

template <typename Value>
Json known(const Value& value, const std::string& source) {
  return Json{{"value", value}, {"source", source}};
}

Json input_json(const Recipe& recipe) {
  if (!recipe.is_picture) return {{"name", recipe.input_name}, {"shape", json_of(recipe.input_dims)}};
  return {{"name", recipe.input_name},
          {"layout", "NCHW"},
          {"channels", recipe.channels},
          {"height", recipe.height},
          {"width", recipe.width}};
}

Json recipe_json(const Recipe& recipe) {
  Json json{{"head", known(word_for(recipe.head.value), recipe.head.source)}};
  if (recipe.is_picture) {
    json["color"] = known(word_for(recipe.color.value), recipe.color.source);
    json["scaling"] = known(word_for(recipe.scaling.value), recipe.scaling.source);
    json["resize"] = known(word_for(recipe.resize.value), recipe.resize.source);
  }
  if (recipe.crop) {
    json["crop"] = Json{{"left", recipe.crop->left},
                        {"top", recipe.crop->top},
                        {"width", recipe.crop->width},
                        {"height", recipe.crop->height}};
  }
  if (!recipe.parser_name.empty()) json["parser"] = recipe.parser_name;
  if (!recipe.labels.value.empty()) json["labels"] = known(recipe.labels.value, recipe.labels.source);
  if (facts_of(recipe.head.value).answers != Answers::tensors) {
    json["threshold"] = known(*to_double(number_text(recipe.threshold.value)), recipe.threshold.source);
  }
  return json;
}

}  // namespace

std::string report_json(const edge_impulse::Import& import, const Recipe& recipe, const Report& report) {
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
        {"input", input_json(recipe)},
        {"outputs", recipe.output_names},
        {"nodes", report.nodes},
        {"transposes", report.transposes},
        {"dynamic_batch", report.dynamic_batch},
        {"batch_blocker", report.batch_blocker},
        {"tensorrt",
         {{"oldest", report.tensorrt.never.empty() ? text(report.tensorrt.oldest) : ""},
          {"because_of", report.tensorrt.node},
          {"never_parsed", report.tensorrt.never}}}}},
      {"recipe", recipe_json(recipe)},
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
