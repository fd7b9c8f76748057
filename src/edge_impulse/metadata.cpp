// SPDX-License-Identifier: Apache-2.0
//
// One impulse after the other, each fact in the order of Project's fields.
#include "edge_impulse/metadata.h"

#include <algorithm>

#include "base/text.h"
#include "edge_impulse/blocks.h"
#include "edge_impulse/constants.h"
#include "edge_impulse/fact_finder.h"
#include "edge_impulse/head_facts.h"

namespace es::edge_impulse {
namespace {

constexpr size_t most_impulses = 64;

std::string_view dtype_of(double number) {
  return number == 1 ? "float32" : number == 3 ? "uint8" : number == 9 ? "int8" : "";
}

std::vector<std::string> strings_of(const Initialiser& list) {
  std::vector<std::string> strings;
  for (const auto& element : list.elements) {
    if (auto literal = string_of(&element.value)) strings.push_back(std::move(*literal));
  }
  return strings;
}

class ImpulseReader {
 public:
  ImpulseReader(const Headers& headers, Place impulse, bool with_macros)
      : headers_(headers),
        impulse_(impulse),
        blocks_(find_blocks(headers, impulse)),
        find_(headers, impulse_, with_macros, out_.warnings) {}

  Impulse run() {
    read_identity();
    read_input();
    read_processing();
    read_labels();
    read_build();
    read_network();
    read_head_facts(headers_, impulse_, blocks_, find_, project_);
    check();
    return std::move(out_);
  }

 private:
  void read_identity() {
    project_.name = find_.words({"project_name", "EI_CLASSIFIER_PROJECT_NAME"});
    project_.owner = find_.words({"project_owner", "EI_CLASSIFIER_PROJECT_OWNER"});
    project_.id = find_.integer({"project_id", "EI_CLASSIFIER_PROJECT_ID"});
    project_.deploy_version = find_.integer({"deploy_version", "EI_CLASSIFIER_PROJECT_DEPLOY_VERSION"});
    project_.impulse_id = find_.integer({"impulse_id", {}});
    project_.impulse_name = find_.words({"impulse_name", {}});
    project_.studio_version = studio_version();
    if (!impulse_) return;
    constexpr std::string_view prefix = "impulse_";
    const auto name = impulse_.variable->name;
    out_.key = name.starts_with(prefix) ? name.substr(prefix.size()) : name;
    for (const auto include : impulse_.header->source.includes) out_.includes.emplace_back(include);
  }

  // Studio's version is the same for every impulse of an export.
  Fact<std::string> studio_version() const {
    std::vector<std::string> parts;
    for (const auto name : {"EI_STUDIO_VERSION_MAJOR", "EI_STUDIO_VERSION_MINOR", "EI_STUDIO_VERSION_PATCH"}) {
      const auto macro = headers_.macro(name);
      const auto value = macro ? headers_.number(macro->value) : std::nullopt;
      if (!value) return {};
      parts.push_back(text(*value));
    }
    return {join(parts, "."), "EI_STUDIO_VERSION_MAJOR and its siblings (model_metadata.h)"};
  }

  void read_input() {
    if (const auto sensor = find_.integer({"sensor", "EI_CLASSIFIER_SENSOR"})) {
      const bool known = *sensor >= 1 && *sensor <= 6;
      project_.sensor = {known ? static_cast<Sensor>(*sensor) : Sensor::unknown, sensor.source};
    }
    project_.fusion_axes = find_.words({"fusion_string", "EI_CLASSIFIER_FUSION_AXES_STRING"});
    project_.input_width = find_.integer({"input_width", "EI_CLASSIFIER_INPUT_WIDTH"});
    project_.input_height = find_.integer({"input_height", "EI_CLASSIFIER_INPUT_HEIGHT"});
    project_.input_frames = find_.integer({"input_frames", "EI_CLASSIFIER_INPUT_FRAMES"});
    project_.input_features = find_.integer({"nn_input_frame_size", "EI_CLASSIFIER_NN_INPUT_FRAME_SIZE"});
    const auto mode = find_.integer({"resize_mode", "EI_CLASSIFIER_RESIZE_MODE"});
    if (mode && *mode >= 0 && *mode <= 3) project_.resize_mode = {static_cast<ResizeMode>(*mode), mode.source};
  }

  // Numbers, texts and words; pointers and lists say nothing to whoever computes features.
  BlockParameters parameters_of(const DspBlock& block) const {
    BlockParameters result{std::string(block.function), source_of(block.config), {}};
    for (const auto& [name, value] : headers_.fields(block.config)) {
      if (const auto number = headers_.number(value)) {
        result.parameters.emplace_back(name, number_text(*number));
      } else if (const auto words = string_of(value)) {
        result.parameters.emplace_back(name, *words);
      } else if (!value->is_list && value->tokens.size() == 1 && value->tokens[0].kind == TokenKind::identifier) {
        result.parameters.emplace_back(name, std::string(value->tokens[0].text));
      }
    }
    return result;
  }

  void read_processing() {
    std::vector<std::string> functions;
    Place image_config;
    for (const auto& block : blocks_.dsp) {
      if (block.config) project_.dsp_parameters.push_back(parameters_of(block));
      functions.emplace_back(block.function);
      if (block.config && block.config.variable->type == "ei_dsp_config_image_t") image_config = block.config;
    }
    if (!functions.empty()) project_.dsp_functions = {std::move(functions), source_of(blocks_.dsp_table)};
    if (!project_.is_about_images()) return;
    read_color(image_config ? image_config : lone_image_config());
    read_scaling();
  }

  // Copies that lost the table of blocks still have the configuration.
  Place lone_image_config() const {
    const auto configs = blocks_.dsp_table ? std::vector<Place>() : headers_.variables_of("ei_dsp_config_image_t");
    return configs.empty() ? Place() : configs.front();
  }

  // The only field of an image block that can hold these words, wherever a generation puts it.
  void read_color(const Place& config) {
    for (const auto& channels : config ? strings_of(config.variable->value) : std::vector<std::string>()) {
      if (channels != "RGB" && channels != "Grayscale") continue;
      project_.color = {channels == "RGB" ? ColorMode::rgb : ColorMode::grayscale, source_of(config, "channels")};
      return;
    }
    const int64_t pixels = pixels_per_window();
    if (pixels == 0 || !project_.input_features) return;
    const std::string source = project_.input_features.source + " divided by the number of pixels";
    if (*project_.input_features == 3 * pixels) project_.color = {ColorMode::rgb, source};
    if (*project_.input_features == pixels) project_.color = {ColorMode::grayscale, source};
  }

  // width * height * frames; 0 where a part is not known or no picture's.
  int64_t pixels_per_window() const {
    const int64_t width = project_.input_width.value_or(0), height = project_.input_height.value_or(0);
    const int64_t frames = std::max<int64_t>(project_.input_frames.value_or(1), 1);
    constexpr int64_t most = 1 << 16;
    if (width <= 0 || height <= 0 || width > most || height > most || frames > most) return 0;
    return width * height * frames;
  }

  void read_scaling() {
    // Learning blocks, the stages after them and Studio's version in the headers all came with or after the choice.
    const bool had_choice = blocks_.learning_table || blocks_.postprocessing_table || project_.studio_version;
    if (!had_choice) project_.image_scaling = {ImageScaling::zero_to_one, "the only scaling before June 2023"};
    if (!blocks_.network || blocks_.network->scaling.empty()) return;
    const auto name = blocks_.network->scaling;
    const auto where = source_of(blocks_.learning_table);
    if (const auto scaling = scaling_of_name(name)) {
      project_.image_scaling = {*scaling, text(name, " in ", where)};
    } else {
      out_.warnings.push_back(text(where, ": the image scaling ", printable(name),
                                   " is not known to this importer; say "
                                   "which one it is with --scaling"));
    }
  }

  void read_labels() {
    const auto* named = headers_.field(impulse_, "categories");
    if (named != nullptr && named->is_list) {
      project_.labels = {strings_of(*named), source_of(impulse_, "categories")};
    } else {
      const Place found = named ? headers_.referred(*named, impulse_)
                                : headers_.with_prefix("ei_classifier_inferencing_categories", impulse_);
      if (found && found.variable->value.is_list)
        project_.labels = {strings_of(found.variable->value), source_of(found)};
    }
    project_.label_count = find_.integer({"label_count", "EI_CLASSIFIER_LABEL_COUNT"});
    project_.output_count = find_.integer({"tflite_output_features_count", "EI_CLASSIFIER_NN_OUTPUT_COUNT"});
  }

  void read_build() {
    const auto engine = find_.integer({"inferencing_engine", "EI_CLASSIFIER_INFERENCING_ENGINE"});
    if (engine && *engine >= 0 && *engine <= 0xffff) project_.engine = {static_cast<Engine>(*engine), engine.source};
    project_.compiled = find_.flag({"compiled", "EI_CLASSIFIER_COMPILED"});
    project_.quantized = find_.flag({{}, "EI_CLASSIFIER_QUANTIZATION_ENABLED"});
    if (blocks_.network) {
      take_flag(project_.compiled, "compiled");
      take_flag(project_.quantized, "quantized");
    }
    project_.calibration = find_.flag({{}, "EI_CLASSIFIER_CALIBRATION_ENABLED"});
    project_.object_tracking = find_.flag({{}, "EI_CLASSIFIER_OBJECT_TRACKING_ENABLED"});
    if (!blocks_.tracking.empty()) {
      project_.object_tracking = {true, text(blocks_.tracking, " in ", source_of(blocks_.postprocessing_table))};
    }
    project_.input_dtype = dtype({"tflite_input_datatype", "EI_CLASSIFIER_TFLITE_INPUT_DATATYPE"});
    project_.output_dtype = dtype({"tflite_output_datatype", "EI_CLASSIFIER_TFLITE_OUTPUT_DATATYPE"});
    std::vector<std::string> functions;
    for (const auto& block : blocks_.learning) functions.emplace_back(block.function);
    if (!functions.empty()) project_.learning_functions = {std::move(functions), source_of(blocks_.learning_table)};
  }

  // What a block says of itself is nearer than what the macros say of all blocks together.
  void take_flag(Fact<bool>& fact, std::string_view field) const {
    const auto own = find_.field_number(blocks_.network->config, field);
    if (own) fact = {own->value != 0, own->source};
  }

  Fact<std::string> dtype(const FactNames& names) const {
    const auto found = find_.number(names);
    const auto word = found ? dtype_of(found->value) : "";
    return word.empty() ? Fact<std::string>() : Fact<std::string>(std::string(word), found->source);
  }

  // Which array the network is, or why it is none. A graph of the learning block holds it since June 2023, the impulse
  // itself before.
  void read_network() {
    Place graph = impulse_;
    std::string_view array_field = "model_arr";
    if (blocks_.network) {
      const auto* named = headers_.field(blocks_.network->config, "graph_config");
      graph = named ? headers_.referred(*named, blocks_.network->config) : Place();
      array_field = "model";
    }
    if (const auto* array = headers_.field(graph, array_field)) out_.model_symbol = last_word(*array);
    for (const auto& block : blocks_.learning) {
      const bool has_network = block.function == "run_nn_inference" || block.function == "run_gmm_anomaly";
      const bool is_other = !blocks_.network || block.config.variable != blocks_.network->config.variable;
      if (has_network && is_other && block.config) out_.other_networks.emplace_back(block.config.variable->name);
    }
    if (out_.model_symbol.empty()) read_eon(graph);
  }

  void read_eon(const Place& graph) {
    const auto* start = headers_.field(graph, "model_init");
    out_.eon_is_bound = start != nullptr && !last_word(*start).empty();
    if (out_.eon_is_bound) {
      out_.eon_sign = text(source_of(graph, "model_init"), " is ", printable(last_word(*start)));
    } else if (project_.compiled && *project_.compiled) {
      out_.eon_sign = project_.compiled.source + " is 1";
    }
  }

  void check() {
    if (project_.labels && project_.label_count &&
        static_cast<int64_t>(project_.labels->size()) != *project_.label_count) {
      out_.warnings.push_back(text(project_.labels.source, " lists ", project_.labels->size(), " labels, ",
                                   project_.label_count.source, " is ", *project_.label_count, "; the list is taken"));
    }
    const int64_t pixels = project_.is_about_images() ? pixels_per_window() : 0;
    const int64_t needed = project_.color ? pixels * channels_of(*project_.color) : 0;
    if (needed != 0 && project_.input_features && *project_.input_features != needed) {
      out_.warnings.push_back(text(project_.input_features.source, " is ", *project_.input_features, ", but ",
                                   *project_.input_width, "x", *project_.input_height, " ", word_for(*project_.color),
                                   " pictures hold ", needed, " numbers"));
    }
    if (impulse_ && headers_.field(impulse_, "project_id") == nullptr) {
      out_.warnings.push_back(source_of(impulse_) + ": its fields have no names and are not read; the macros are");
    }
  }

  const Headers& headers_;
  Place impulse_;
  Impulse out_;
  Project& project_ = out_.project;
  Blocks blocks_;
  FactFinder find_;
};

// The impulse that ei_default_impulse comes down to through handles and references.
Place default_impulse(const Headers& headers) {
  for (const auto type : {"ei_impulse_handle_t", "ei_impulse_t"}) {
    for (Place place : headers.variables_of(type)) {
      if (place.variable->name != "ei_default_impulse") continue;
      for (int hops = 0; hops < 8 && place && !place.variable->value.is_list; ++hops) {
        place = headers.referred(place.variable->value, place);
      }
      return place;
    }
  }
  return {};
}

}  // namespace

std::vector<Impulse> read_impulses(std::vector<HeaderText> texts) {
  const Headers headers(std::move(texts));
  std::vector<Place> places;
  for (const Place place : headers.variables_of("ei_impulse_t")) {
    if (place.variable->value.is_list && places.size() < most_impulses) places.push_back(place);
  }
  std::vector<Impulse> impulses;
  if (places.empty()) impulses.push_back(ImpulseReader(headers, {}, true).run());
  const Place preferred = default_impulse(headers);
  for (const Place place : places) {
    const bool is_default = place.variable == preferred.variable;
    impulses.push_back(ImpulseReader(headers, place, places.size() == 1 || is_default).run());
    impulses.back().is_default = is_default;
  }
  return impulses;
}

}  // namespace es::edge_impulse
