// SPDX-License-Identifier: Apache-2.0
//
// Facts of one impulse, gathered in the order of Project's fields.
#include "edge_impulse/metadata.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace es::edge_impulse {
namespace {

// Names for a number that may stand as a field of the impulse's struct, as a macro, or as both.
struct Names {
  std::string_view field;  // empty: no struct ever held it
  std::string_view macro;
};

template <typename T>
struct Sourced {
  T value;
  std::string source;
};

std::string source_of(const Place& place, std::string_view field = {}) {
  return text(place.variable->name, field.empty() ? "" : ".", field, " (", place.header->name, ")");
}
std::string source_of(std::string_view macro, const LocatedMacro& located) {
  return text(macro, " (", located.header->name, ")");
}

bool is_whole(double number) { return std::abs(number) < 1e15 && number == std::floor(number); }

// Tables of blocks are read to this length; an impulse has one to five blocks.
constexpr size_t most_rows = 64;
constexpr size_t most_impulses = 64;

std::span<const Element> rows_of(const Place& table) {
  if (!table) return {};
  const std::span<const Element> all(table.variable->value.elements);
  return all.first(std::min(all.size(), most_rows));
}

std::string_view dtype_of(double number) {
  return number == 1 ? "float32" : number == 3 ? "uint8" : number == 9 ? "int8" : "";
}

class ImpulseReader {
 public:
  // `with_macros`: the macros describe this impulse, not another one of the same folder.
  ImpulseReader(const Headers& headers, Place impulse, bool with_macros)
      : headers_(headers), impulse_(impulse), with_macros_(with_macros) {}

  Impulse run() {
    out_.key = key();
    find_blocks();
    read_identity();
    read_input();
    read_image();
    read_labels();
    read_build();
    read_network();
    read_head();
    read_thresholds();
    read_head_details();
    check();
    return std::move(out_);
  }

 private:
  // A row of ei_learning_blocks[], whatever columns its generation has.
  struct LearningBlock {
    std::string_view function;  // "run_nn_inference"
    Place config;
    const Token* scaling = nullptr;
    Place table;
  };

  // --- Where facts stand -----------------------------------------------------------------------------------------

  std::optional<Sourced<double>> macro_number(std::string_view name) const {
    if (!with_macros_ || name.empty()) return std::nullopt;
    const auto macro = headers_.macro(name);
    const auto value = macro ? headers_.number(macro->value) : std::nullopt;
    if (!value) return std::nullopt;
    return Sourced<double>{*value, source_of(name, *macro)};
  }

  std::optional<Sourced<double>> field_number(const Place& place, std::string_view name) const {
    const auto value = name.empty() ? std::nullopt : headers_.number(headers_.field(place, name));
    if (!value) return std::nullopt;
    return Sourced<double>{*value, source_of(place, name)};
  }

  // The struct decides at run time; the macro is what people know, and is named where both agree.
  std::optional<Sourced<double>> number(const Names& names) {
    auto in_struct = field_number(impulse_, names.field);
    auto in_macro = macro_number(names.macro);
    if (!in_struct || !in_macro) return in_struct ? in_struct : in_macro;
    if (in_struct->value == in_macro->value) return in_macro;
    out_.warnings.push_back(text(in_struct->source, " is ", in_struct->value, ", ", in_macro->source, " is ",
                                 in_macro->value, "; the first is taken, since it decides at run time"));
    return in_struct;
  }

  Fact<int64_t> integer(const Names& names) {
    const auto found = number(names);
    if (!found || !is_whole(found->value)) return {};
    return {static_cast<int64_t>(found->value), found->source};
  }

  Fact<bool> flag(const Names& names) {
    const auto found = number(names);
    return found ? Fact<bool>(found->value != 0, found->source) : Fact<bool>();
  }

  Fact<std::string> words(const Names& names) const {
    if (const auto value = string_of(headers_.field(impulse_, names.field))) {
      return {*value, source_of(impulse_, names.field)};
    }
    const auto macro = with_macros_ && !names.macro.empty() ? headers_.macro(names.macro) : std::nullopt;
    if (!macro) return {};
    const auto source = tokenize(macro->value);
    Initialiser value;
    value.tokens = source.tokens;
    const auto literal = string_of(&value);
    return literal ? Fact<std::string>(*literal, source_of(names.macro, *macro)) : Fact<std::string>();
  }

  std::string key() const {
    if (!impulse_) return {};
    constexpr std::string_view prefix = "impulse_";
    const auto name = impulse_.variable->name;
    return std::string(name.starts_with(prefix) ? name.substr(prefix.size()) : name);
  }

  // --- Blocks -----------------------------------------------------------------------------------------------------

  // The table a field of the impulse points to; before there was such a field, the one with the well-known name.
  Place table(std::string_view field, std::string_view prefix) const {
    if (const auto* value = headers_.field(impulse_, field)) return headers_.referred(*value, impulse_);
    return headers_.with_prefix(prefix, impulse_);
  }

  void find_blocks() {
    const Place learning = table("learning_blocks", "ei_learning_blocks");
    for (const auto& row : rows_of(learning)) learning_.push_back(learning_block(row.value, learning));
    const auto is_neural = [](const LearningBlock& block) { return block.function == "run_nn_inference"; };
    const auto network = std::ranges::find_if(learning_, is_neural);
    if (network != learning_.end()) network_ = &*network;
    dsp_ = table("dsp_blocks", "ei_dsp_blocks");
    find_postprocessing();
  }

  LearningBlock learning_block(const Initialiser& row, Place table) const {
    LearningBlock block;
    block.table = table;
    block.config = config_of_row(row, table);
    for (const auto& cell : row.elements) {
      if (is_function(cell.value)) {
        block.function = last_word(cell.value);
      } else if (last_word(cell.value).starts_with("EI_CLASSIFIER_IMAGE_SCALING_")) {
        block.scaling = &cell.value.tokens.back();
      }
    }
    return block;
  }

  // The first row whose function reads a network's output. Tracking, counting and calibration work on its results.
  void find_postprocessing() {
    const Place rows = table("postprocessing_blocks", "ei_postprocessing_blocks");
    for (const auto& row : rows_of(rows)) {
      const auto* function = headers_.field(row.value, "postprocess_fn");
      if (function == nullptr) continue;
      if (last_word(*function).starts_with("process_object_")) {
        out_.project.object_tracking = {true, text(last_word(*function), " in ", source_of(rows))};
      }
      if (decoder_ == nullptr && head_of_decoder(last_word(*function)) && !decodes_other_block(row.value)) {
        decoder_ = &row.value;
        decoder_table_ = rows;
        if (const auto* config = headers_.field(row.value, "config")) decoder_config_ = headers_.referred(*config, rows);
      }
    }
  }

  // True for the row of a block that is not the network's: K-means beside a classifier.
  bool decodes_other_block(const Initialiser& row) const {
    if (network_ == nullptr) return false;
    const auto input = headers_.number(headers_.field(row, "input_block_id"));
    const auto own = headers_.number(headers_.field(network_->config, "block_id"));
    return input && own && *input != *own;
  }

  // --- Facts ------------------------------------------------------------------------------------------------------

  void read_identity() {
    auto& p = out_.project;
    p.name = words({"project_name", "EI_CLASSIFIER_PROJECT_NAME"});
    p.owner = words({"project_owner", "EI_CLASSIFIER_PROJECT_OWNER"});
    p.id = integer({"project_id", "EI_CLASSIFIER_PROJECT_ID"});
    p.deploy_version = integer({"deploy_version", "EI_CLASSIFIER_PROJECT_DEPLOY_VERSION"});
    p.impulse_id = integer({"impulse_id", {}});
    p.impulse_name = words({"impulse_name", {}});
    p.studio_version = studio_version();
    if (impulse_) {
      for (const auto include : impulse_.header->source.includes) out_.includes.emplace_back(include);
    }
  }

  Fact<std::string> studio_version() const {
    std::vector<std::string> parts;
    LocatedMacro last;
    for (const auto name : {"EI_STUDIO_VERSION_MAJOR", "EI_STUDIO_VERSION_MINOR", "EI_STUDIO_VERSION_PATCH"}) {
      const auto part = headers_.macro(name);
      const auto value = part ? headers_.number(part->value) : std::nullopt;
      if (!value) break;
      parts.push_back(text(*value));
      last = *part;
    }
    if (parts.size() != 3) return {};
    return {join(parts, "."), source_of("EI_STUDIO_VERSION_MAJOR", last)};
  }

  void read_input() {
    auto& p = out_.project;
    if (const auto sensor = number({"sensor", "EI_CLASSIFIER_SENSOR"})) {
      const bool known = sensor->value >= 1 && sensor->value <= 6 && is_whole(sensor->value);
      p.sensor = {known ? static_cast<Sensor>(sensor->value) : Sensor::unknown, sensor->source};
    }
    p.fusion_axes = words({"fusion_string", "EI_CLASSIFIER_FUSION_AXES_STRING"});
    p.input_width = integer({"input_width", "EI_CLASSIFIER_INPUT_WIDTH"});
    p.input_height = integer({"input_height", "EI_CLASSIFIER_INPUT_HEIGHT"});
    p.input_frames = integer({"input_frames", "EI_CLASSIFIER_INPUT_FRAMES"});
    p.input_features = integer({"nn_input_frame_size", "EI_CLASSIFIER_NN_INPUT_FRAME_SIZE"});
    if (const auto mode = integer({"resize_mode", "EI_CLASSIFIER_RESIZE_MODE"}); mode && *mode >= 0 && *mode <= 3) {
      p.resize_mode = {static_cast<ResizeMode>(*mode), mode.source};
    }
  }

  void read_image() {
    auto& p = out_.project;
    Place image_config;
    std::vector<std::string> functions;
    for (const auto& row : rows_of(dsp_)) {
      const auto& cells = row.value.elements;
      const auto function = std::ranges::find_if(cells, [](const Element& cell) { return is_function(cell.value); });
      if (function != cells.end()) functions.emplace_back(last_word(function->value));
      const auto config = config_of_row(row.value, dsp_);
      if (config && config.variable->type == "ei_dsp_config_image_t") image_config = config;
    }
    if (!functions.empty()) p.dsp_functions = {std::move(functions), source_of(dsp_)};
    read_color(image_config ? image_config : first_image_config());
    read_scaling();
  }

  Place config_of_row(const Initialiser& row, Place table) const {
    const auto cell = std::ranges::find_if(row.elements, [](const Element& e) { return is_pointer_cast(e.value); });
    return cell == row.elements.end() ? Place() : headers_.referred(cell->value, table);
  }

  // Exports whose table of blocks is missing (moved, or left out of a hand-made copy) still have the configuration.
  Place first_image_config() const {
    const auto configs = dsp_ ? std::vector<Place>() : headers_.variables_of("ei_dsp_config_image_t");
    return configs.empty() ? Place() : configs.front();
  }

  void read_color(const Place& config) {
    auto& p = out_.project;
    const auto channels = string_of(headers_.field(config, "channels"));
    if (channels && (*channels == "RGB" || *channels == "Grayscale")) {
      p.color = {*channels == "RGB" ? ColorMode::rgb : ColorMode::grayscale, source_of(config, "channels")};
      return;
    }
    const int64_t pixels = pixels_per_window();
    if (!p.is_about_images() || pixels == 0 || !p.input_features) return;
    const std::string source = p.input_features.source + " divided by the number of pixels";
    if (*p.input_features == 3 * pixels) p.color = {ColorMode::rgb, source};
    if (*p.input_features == pixels) p.color = {ColorMode::grayscale, source};
  }

  // width * height * frames; 0 where a part is unknown, zero, or not a picture's.
  int64_t pixels_per_window() const {
    const auto& p = out_.project;
    const int64_t width = p.input_width.value_or(0), height = p.input_height.value_or(0);
    const int64_t frames = std::max<int64_t>(p.input_frames.value_or(1), 1);
    constexpr int64_t most = 1 << 16;
    if (width <= 0 || height <= 0 || width > most || height > most || frames > most) return 0;
    return width * height * frames;
  }

  void read_scaling() {
    auto& p = out_.project;
    if (!p.is_about_images()) return;
    if (network_ == nullptr) {
      if (learning_.empty()) p.image_scaling = {ImageScaling::zero_to_one, "the only scaling before June 2023"};
      return;
    }
    if (network_->scaling == nullptr) return;
    const auto name = network_->scaling->text;
    const auto scaling = scaling_of_name(name);
    if (scaling) {
      p.image_scaling = {*scaling, text(name, " in ", source_of(network_->table))};
    } else {
      out_.warnings.push_back(text(source_of(network_->table), ": the image scaling ", printable(name),
                                   " is newer than this importer; say which one with --scaling"));
    }
  }

  void read_labels() {
    auto& p = out_.project;
    constexpr std::string_view prefix = "ei_classifier_inferencing_categories";
    const auto* in_struct = headers_.field(impulse_, "categories");
    if (in_struct != nullptr && in_struct->is_list) {
      p.labels = {strings_of(*in_struct), source_of(impulse_, "categories")};
    } else {
      const Place found = in_struct ? headers_.referred(*in_struct, impulse_) : headers_.with_prefix(prefix, impulse_);
      if (found && found.variable->value.is_list) p.labels = {strings_of(found.variable->value), source_of(found)};
    }
    p.label_count = integer({"label_count", "EI_CLASSIFIER_LABEL_COUNT"});
    p.output_count = integer({"tflite_output_features_count", "EI_CLASSIFIER_NN_OUTPUT_COUNT"});
  }

  static std::vector<std::string> strings_of(const Initialiser& list) {
    std::vector<std::string> strings;
    for (const auto& element : list.elements) {
      if (auto literal = string_of(&element.value)) strings.push_back(std::move(*literal));
    }
    return strings;
  }

  void read_build() {
    auto& p = out_.project;
    if (const auto engine = integer({"inferencing_engine", "EI_CLASSIFIER_INFERENCING_ENGINE"})) {
      p.engine = {static_cast<Engine>(*engine), engine.source};
    }
    p.compiled = flag({"compiled", "EI_CLASSIFIER_COMPILED"});
    p.quantized = flag({{}, "EI_CLASSIFIER_QUANTIZATION_ENABLED"});
    p.calibration = flag({{}, "EI_CLASSIFIER_CALIBRATION_ENABLED"});
    if (!p.object_tracking) p.object_tracking = flag({{}, "EI_CLASSIFIER_OBJECT_TRACKING_ENABLED"});
    p.input_dtype = dtype({"tflite_input_datatype", "EI_CLASSIFIER_TFLITE_INPUT_DATATYPE"});
    p.output_dtype = dtype({"tflite_output_datatype", "EI_CLASSIFIER_TFLITE_OUTPUT_DATATYPE"});
    std::vector<std::string> functions;
    for (const auto& block : learning_) functions.emplace_back(block.function);
    if (!functions.empty()) p.learning_functions = {std::move(functions), source_of(learning_.front().table)};
  }

  Fact<std::string> dtype(const Names& names) {
    const auto found = number(names);
    const auto word = found ? dtype_of(found->value) : "";
    return word.empty() ? Fact<std::string>() : Fact<std::string>(std::string(word), found->source);
  }

  // Which array the network is, or why it is none.
  void read_network() {
    const auto* array = headers_.field(impulse_, "model_arr");
    const auto* start = headers_.field(impulse_, "model_init");
    Place holder = impulse_;
    if (network_ != nullptr) {
      const auto* graph = headers_.field(network_->config, "graph_config");
      holder = graph ? headers_.referred(*graph, network_->config) : Place();
      array = headers_.field(holder, "model");
      start = headers_.field(holder, "model_init");
      read_block_build();
    }
    if (array != nullptr) out_.model_symbol = last_word(*array);
    if (!out_.model_symbol.empty()) return;
    out_.eon_is_bound = start != nullptr && !last_word(*start).empty();
    if (out_.eon_is_bound) {
      out_.eon_sign = text(source_of(holder, "model_init"), " is ", last_word(*start));
    } else if (out_.project.compiled && *out_.project.compiled) {
      out_.eon_sign = out_.project.compiled.source + " is 1";
    }
    name_other_networks();
  }

  void read_block_build() {
    auto& p = out_.project;
    if (const auto compiled = field_number(network_->config, "compiled")) {
      p.compiled = {compiled->value != 0, compiled->source};
    }
    if (const auto quantized = field_number(network_->config, "quantized")) {
      p.quantized = {quantized->value != 0, quantized->source};
    }
    name_other_networks();
  }

  void name_other_networks() {
    if (!out_.other_networks.empty()) return;
    for (const auto& block : learning_) {
      const bool has_network = block.function == "run_nn_inference" || block.function == "run_gmm_anomaly";
      if (has_network && &block != network_ && block.config) out_.other_networks.emplace_back(block.config.variable->name);
    }
  }

  // The decoder's name says it best; then the last layer's number; then what the impulse is for.
  void read_head() {
    auto& head = out_.project.head;
    head = head_by_decoder();
    if (!head) head = head_by_last_layer();
    if (!head) head = head_by_detection_macros();
    if (!head) head = head_by_purpose();
  }

  Fact<Head> head_by_decoder() {
    if (decoder_ == nullptr) return {};
    const auto name = last_word(*headers_.field(*decoder_, "postprocess_fn"));
    Head head = *head_of_decoder(name);
    const auto layer = head_by_last_layer();
    if (layer && is_variant_of(*layer, head)) head = *layer;
    if (head == Head::yolov5 && headers_.number(headers_.field(decoder_config_, "version")) == 5.0) {
      head = Head::yolov5_drpai;
    }
    const auto* type = headers_.field(*decoder_, "type");
    if (type != nullptr && head == Head::classification) head = head_of_mode(last_word(*type)).value_or(head);
    return {head, text(name, " in ", source_of(decoder_table_))};
  }

  // Heads that share a decoder and differ in the numbers they hold.
  static bool is_variant_of(Head variant, Head decoder) {
    return (decoder == Head::yolov5 && variant == Head::yolov5_drpai) ||
           (decoder == Head::yolov11 && variant == Head::yolov11_absolute) ||
           (decoder == Head::tao_ssd && variant == Head::tao_retinanet);
  }

  Fact<Head> head_by_last_layer() {
    constexpr std::string_view field = "object_detection_last_layer";
    auto layer = network_ ? field_number(network_->config, field) : std::nullopt;
    if (!layer) layer = number({field, "EI_CLASSIFIER_OBJECT_DETECTION_LAST_LAYER"});
    if (!layer) return {};
    const Head head = head_of_last_layer(static_cast<int>(layer->value));
    return head == Head::unknown ? Fact<Head>() : Fact<Head>(head, layer->source);
  }

  // FOMO had a macro of its own before there was one for the last layer; a detector without either was SSD.
  Fact<Head> head_by_detection_macros() {
    const auto constrained = macro_number("EI_CLASSIFIER_OBJECT_DETECTION_CONSTRAINED");
    if (constrained && constrained->value == 1) return {Head::fomo, constrained->source};
    const auto detection = number({"object_detection", "EI_CLASSIFIER_OBJECT_DETECTION"});
    if (!detection || detection->value != 1) return {};
    const bool has_last_layer = with_macros_ && headers_.macro("EI_CLASSIFIER_OBJECT_DETECTION_LAST_LAYER");
    return has_last_layer ? Fact<Head>() : Fact<Head>(Head::ssd, detection->source);
  }

  Fact<Head> head_by_purpose() {
    const auto detection = number({"object_detection", "EI_CLASSIFIER_OBJECT_DETECTION"});
    if (detection && detection->value == 1) return {};
    const auto* mode = network_ ? headers_.field(network_->config, "classification_mode") : nullptr;
    if (mode != nullptr) {
      if (const auto head = head_of_mode(last_word(*mode))) return {*head, source_of(network_->config, "classification_mode")};
    }
    const auto& count = out_.project.label_count;
    if (!count) return {};
    if (*count == 0) return head_by_anomaly();
    return {*count == 1 ? Head::regression : Head::classification, count.source};
  }

  Fact<Head> head_by_anomaly() {
    const auto anomaly = number({"has_anomaly", "EI_CLASSIFIER_HAS_ANOMALY"});
    const auto head = anomaly ? head_of_anomaly(static_cast<int>(anomaly->value)) : std::nullopt;
    return head ? Fact<Head>(*head, anomaly->source) : Fact<Head>();
  }

  // Run time: the post-processing block from June 2025, the learning block from March 2024, before that the impulse.
  // A classifier's learning block holds 0; its threshold is the macro that examples print with.
  void read_thresholds() {
    auto& p = out_.project;
    const bool detects = p.head && *p.head != Head::classification && *p.head != Head::regression;
    auto found = field_number(decoder_config_, "threshold");
    if (!found && detects && network_) found = field_number(network_->config, "threshold");
    if (!found && detects) found = number({"object_detection_threshold", "EI_CLASSIFIER_OBJECT_DETECTION_THRESHOLD"});
    if (!found) found = macro_number("EI_CLASSIFIER_THRESHOLD");
    if (found) p.threshold = {found->value, found->source};
    read_nms();
  }

  // Two numbers: a score and an IoU. A struct within the decoder's configuration, or a variable the impulse names.
  void read_nms() {
    auto& p = out_.project;
    const Initialiser* nms = headers_.field(decoder_config_, "nms_config");
    std::string source = decoder_config_ ? source_of(decoder_config_, "nms_config") : "";
    if (nms == nullptr) {
      const auto* named = headers_.field(impulse_, "object_detection_nms");
      const Place variable = named ? headers_.referred(*named, impulse_) : Place();
      if (!variable) return;
      nms = &variable.variable->value;
      source = source_of(variable);
    }
    const auto part = [&](std::string_view name, size_t position) {
      const auto* value = headers_.field(*nms, name);
      const bool positional = value == nullptr && position < nms->elements.size();
      const auto number = headers_.number(positional ? &nms->elements[position].value : value);
      return number ? Fact<double>(*number, source) : Fact<double>();
    };
    p.nms_score_threshold = part("confidence_threshold", 0);
    p.nms_iou_threshold = part("iou_threshold", 1);
  }

  void read_head_details() {
    auto& p = out_.project;
    const auto whole = [](const std::optional<Sourced<double>>& found) {
      const bool usable = found && is_whole(found->value);
      return usable ? Fact<int64_t>(static_cast<int64_t>(found->value), found->source) : Fact<int64_t>();
    };
    p.object_detection_count = whole(field_number(decoder_config_, "object_detection_count"));
    if (!p.object_detection_count) {
      p.object_detection_count = integer({"object_detection_count", "EI_CLASSIFIER_OBJECT_DETECTION_COUNT"});
    }
    read_heat_map(whole);
    if (!p.head || *p.head != Head::ssd) return;
    const auto output = [&](std::string_view field, const Names& names) {
      const auto found = network_ ? whole(field_number(network_->config, field)) : Fact<int64_t>();
      return found ? found : integer(names);
    };
    p.boxes_output =
        output("output_data_tensor", {"tflite_output_data_tensor", "EI_CLASSIFIER_TFLITE_OUTPUT_DATA_TENSOR"});
    p.labels_output =
        output("output_labels_tensor", {"tflite_output_labels_tensor", "EI_CLASSIFIER_TFLITE_OUTPUT_LABELS_TENSOR"});
    p.scores_output =
        output("output_score_tensor", {"tflite_output_score_tensor", "EI_CLASSIFIER_TFLITE_OUTPUT_SCORE_TENSOR"});
  }

  template <typename Whole>
  void read_heat_map(const Whole& whole) {
    auto& p = out_.project;
    const bool visual = p.head && *p.head == Head::visual_anomaly;
    if (!visual && (!p.head || *p.head != Head::fomo)) return;
    p.heat_map_width = whole(field_number(decoder_config_, visual ? "grid_size_x" : "out_width"));
    p.heat_map_height = whole(field_number(decoder_config_, visual ? "grid_size_y" : "out_height"));
    if (p.heat_map_width) return;
    p.heat_map_width = integer({visual ? "visual_ad_grid_size_x" : "fomo_output_size", {}});
    p.heat_map_height = integer({visual ? "visual_ad_grid_size_y" : "fomo_output_size", {}});
  }

  void check() {
    const auto& p = out_.project;
    if (p.labels && p.label_count && static_cast<int64_t>(p.labels->size()) != *p.label_count) {
      out_.warnings.push_back(text(p.labels.source, " lists ", p.labels->size(), " labels, ", p.label_count.source, " is ",
                                   *p.label_count, "; the list is taken"));
    }
    const int64_t pixels = pixels_per_window();
    if (p.is_about_images() && pixels != 0 && p.color && p.input_features &&
        *p.input_features != pixels * channels_of(*p.color)) {
      out_.warnings.push_back(text(p.input_features.source, " is ", *p.input_features, ", but ", *p.input_width, "x",
                                   *p.input_height, " ", word_for(*p.color), " pictures hold ",
                                   pixels * channels_of(*p.color), " numbers"));
    }
    if (impulse_ && headers_.field(impulse_, "project_id") == nullptr) {
      out_.warnings.push_back(text(source_of(impulse_), ": its fields have no names and are not read; macros are"));
    }
  }

  const Headers& headers_;
  Place impulse_;
  bool with_macros_;
  std::vector<LearningBlock> learning_;
  const LearningBlock* network_ = nullptr;  // the block that is imported
  Place dsp_;
  const Initialiser* decoder_ = nullptr;    // its post-processing row
  Place decoder_table_, decoder_config_;
  Impulse out_;
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
  if (places.empty()) return {ImpulseReader(headers, {}, true).run()};
  const Place preferred = default_impulse(headers);
  std::vector<Impulse> impulses;
  for (const Place place : places) {
    const bool is_default = place.variable == preferred.variable;
    impulses.push_back(ImpulseReader(headers, place, places.size() == 1 || is_default).run());
    impulses.back().is_default = is_default;
  }
  return impulses;
}

}  // namespace es::edge_impulse
