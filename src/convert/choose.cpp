// SPDX-License-Identifier: Apache-2.0
#include "convert/choose.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/text.h"
#include "convert/crop.h"

namespace es::convert {
namespace {

using edge_impulse::Fact;
using edge_impulse::ModelFacts;
using edge_impulse::Project;

constexpr size_t longest_name = 60;

// File and library names: what every tool and shell takes unquoted.
std::string file_stem(const std::string& words) {
  std::string stem;
  for (const char c : to_lower(words)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    if (plain) {
      stem += c;
    } else if (!stem.empty() && stem.back() != '_') {
      stem += '_';
    }
  }
  while (!stem.empty() && (stem.back() == '_' || stem.back() == '-')) stem.pop_back();
  while (!stem.empty() && stem.front() == '-') stem.erase(stem.begin());
  return stem.empty() ? "model" : stem.substr(0, longest_name);
}

// The option, else the export's fact, else the guess, which is reported with the option that overrides it.
template <typename T>
Known<T> pick(const std::optional<T>& option, const char* option_name, const Fact<T>& fact, const T& guess,
              const std::string& guess_words, Report& report) {
  if (option) return {*option, option_name};
  if (fact) return {*fact, fact.source};
  report.guesses.push_back(text(guess_words, "; ", option_name, " overrides it"));
  return {guess, text("a guess; ", option_name, " overrides it")};
}

Known<Head> choose_head(const Project& project, const Options& options, Report& report) {
  Known<Head> head{Head::unknown, "nothing says what the outputs mean"};
  if (options.head) {
    head = {*options.head, "--head"};
  } else if (project.head) {
    head = {*project.head, project.head.source};
  }
  if (head.value == Head::unknown) {
    report.guesses.push_back(
        "neither the export nor the outputs' shapes say what the network answers, so its tensors are handed on "
        "(network-type=100); --head overrides it");
  } else if (facts_of(head.value).answers == Answers::tensors && head.value != Head::regression) {
    report.warnings.push_back(text("the head is ", word_for(head.value), " (", head.source,
                                   "), which has no parser here: its tensors are handed on (network-type=100), and "
                                   "decoding them is left to the application"));
  }
  return head;
}

// YOLOv5 writes boxes of 0..1 into TFLite files (channels last) and of pixels into ONNX files.
std::string parser_name_of(Head head, ScoreRule rule, const ModelFacts& model) {
  const HeadFacts& facts = facts_of(head);
  const bool is_normalized = !model.channels_first && *facts.normalized_parser;
  const bool is_yolov5 = head == Head::yolov5 || head == Head::yolov5_drpai;
  if (is_yolov5 && rule == ScoreRule::ultralytics) {
    return is_normalized ? "NvDsInferParseYoloNormalized" : "NvDsInferParseYolo";
  }
  return is_normalized ? facts.normalized_parser : facts.parser_name;
}

// A picture is [N, H, W, C] or [N, C, H, W] of 1 or 3 channels, unless the export says that it is something else.
bool is_picture(const Project& project, const ModelFacts& model) {
  const auto& shape = model.input.shape;
  if (shape.size() != 4 || (project.dsp_functions && !project.is_about_images())) return false;
  const int64_t channels = shape[model.channels_first ? 1 : 3];
  return channels == 1 || channels == 3;
}

// Channels, height and width of a picture input, or unsupported.
void choose_size(const ModelFacts& model, const std::string& file, Recipe& recipe) {
  const auto& shape = model.input.shape;
  const size_t channel_axis = model.channels_first ? 1 : 3, row_axis = model.channels_first ? 2 : 1;
  recipe.channels = static_cast<int>(shape[channel_axis]);
  recipe.height = static_cast<int>(shape[row_axis]);
  recipe.width = static_cast<int>(shape[row_axis + 1]);
  require(recipe.width > 0 && recipe.height > 0, ErrorKind::unsupported, file, ": input '", model.input.name,
          "' has no fixed size; width and height must be fixed");
}

// A network that is fed with numbers of another kind is converted, and whoever computes them hands them over.
void warn_about_features(const Project& project, const ModelFacts& model, Report& report) {
  // The import has said which blocks compute them where the export says so.
  if (!project.dsp_functions) {
    report.warnings.push_back(text("input '", model.input.name, "' [", join(model.input.shape, ", "),
                                   "] is no picture: computing these features is the caller's part"));
  }
  report.decisions.push_back(text("nvinfer takes the features as tensor metadata (input-tensor-from-meta=1)",
                                  project.dsp_parameters.empty() ? "" : "; dsp.json holds the blocks' parameters"));
}

// Channels of the network decide the colour; the export and the option can only agree.
Known<ColorMode> choose_color(const Project& project, const Options& options, int channels, const std::string& file) {
  const ColorMode by_channels = channels == 1 ? ColorMode::grayscale : ColorMode::rgb;
  if (options.color) {
    require(*options.color == by_channels, ErrorKind::mismatch, file, ": --color ", word_for(*options.color),
            " does not fit a network of ", channels, " channel", channels == 1 ? "" : "s");
    return {*options.color, "--color"};
  }
  if (project.color && *project.color == by_channels) return {by_channels, project.color.source};
  return {by_channels, text("the network has ", channels, " channel", channels == 1 ? "" : "s")};
}

// How many classes the outputs score, by the head's layout; 0 where the shape does not fit the head.
int64_t classes_of(Head head, const ModelFacts& model) {
  if (model.outputs.empty()) return 0;
  const auto& shape = model.outputs.front().shape;
  if (shape.empty()) return 0;
  switch (head) {
    case Head::classification:
      return shape.size() == 2 ? shape.back() : 0;
    case Head::fomo:
      return shape.size() == 4 ? shape[model.channels_first ? 1 : 3] - 1 : 0;
    case Head::yolov5:
    case Head::yolov5_drpai:
      return shape.size() == 3 ? shape.back() - 5 : 0;
    case Head::yolo_pro:
      return shape.size() == 3 ? shape.back() - 4 : 0;
    case Head::yolov11:
    case Head::yolov11_absolute:
      return shape.size() == 3 ? shape[1] - 4 : 0;
    case Head::ssd:
      return model.classes;
    default:
      return 0;
  }
}

// What a labels file can hold: lines without ';'.
void make_writable(std::vector<std::string>& labels, Report& report) {
  for (auto& label : labels) {
    const std::string before = label;
    std::replace_if(
        label.begin(), label.end(), [](char c) { return c == ';' || c == '\n' || c == '\r'; }, ',');
    if (label.empty()) label = "_";
    if (label != before) {
      report.warnings.push_back(text("label '", printable(before), "' is written '", label,
                                     "': nvinfer's labels file separates with ';' and skips empty lines"));
    }
  }
}

Known<std::vector<std::string>> choose_labels(const Project& project, const ModelFacts& model, const Options& options,
                                              Head head, const std::string& file, Report& report) {
  Known<std::vector<std::string>> labels;
  if (facts_of(head).answers == Answers::tensors) {
    if (project.labels) labels = {*project.labels, project.labels.source};
    if (options.labels) labels = {*options.labels, "--labels"};
    make_writable(labels.value, report);
    return labels;
  }
  int64_t classes = classes_of(head, model);
  // An SSD of an ONNX file does not say how many classes it has.
  if (head == Head::ssd && classes == 0) {
    classes = static_cast<int64_t>(options.labels ? options.labels->size() : project.labels.value_or({}).size());
    require(classes > 0, ErrorKind::mismatch, file,
            ": an SSD's outputs do not say how many classes it knows; name them with --labels");
  }
  require(classes > 0, ErrorKind::mismatch, file, ": the output is [",
          join(model.outputs.empty() ? std::vector<int64_t>{} : model.outputs.front().shape, ", "),
          "], which is not a ", facts_of(head).word, " head; name the head with --head");
  std::vector<std::string> numbered;
  for (int64_t i = 0; i < std::min<int64_t>(classes, 100000); ++i) numbered.push_back(text("class_", i));
  labels = pick(
      options.labels, "--labels", project.labels, numbered,
      text("labels ", numbered.front(), classes > 1 ? text(" to ", numbered.back()) : std::string(), " are a guess"),
      report);
  require(static_cast<int64_t>(labels.value.size()) == classes, ErrorKind::mismatch, file, ": ", labels.value.size(),
          " labels (", labels.source, ") and the model scores ", classes, " classes; name them with --labels");
  make_writable(labels.value, report);
  return labels;
}

// Cells of a heat map must stay whole where the input is widened.
int crop_unit(Head head, const ModelFacts& model, int width) {
  if (head != Head::fomo || model.outputs.empty() || model.outputs.front().shape.size() != 4) return 1;
  const int64_t cells = model.outputs.front().shape[model.channels_first ? 3 : 2];
  return cells > 0 && width % cells == 0 ? static_cast<int>(width / cells) : 1;
}

void choose_resize(const Project& project, const ModelFacts& model, const Options& options, Recipe& recipe,
                   Report& report) {
  recipe.resize = pick(options.resize, "--resize", project.resize_mode, ResizeMode::fit_shortest,
                       "resize mode fit-shortest (Studio's default) is a guess", report);
  if (recipe.resize.value == ResizeMode::none) recipe.resize.value = ResizeMode::squash;
  const bool crops = recipe.resize.value == ResizeMode::fit_shortest;
  if (crops && options.source_aspect) {
    recipe.crop = crop_for(recipe.width, recipe.height, *options.source_aspect,
                           crop_unit(recipe.head.value, model, recipe.width));
    report.decisions.push_back(text(
        "fit-shortest (", recipe.resize.source, ") for pictures of ", options.source_aspect->width, ":",
        options.source_aspect->height, ": the input is widened to ", recipe.width + 2 * recipe.crop->left, "x",
        recipe.height + 2 * recipe.crop->top, " and the graph takes the centre ", recipe.width, "x", recipe.height,
        "; nvinfer scales by whole pixels, so the crop's edges are up to half a pixel off. Pictures of another aspect "
        "ratio, objects in a secondary engine among them, are cropped less or get black bars"));
  } else if (crops) {
    report.warnings.push_back(text("fit-shortest (", recipe.resize.source,
                                   ") has no nvinfer key: the whole picture is "
                                   "stretched instead of its centre being cropped. Objects look distorted to the "
                                   "network where the picture is not of its aspect ratio; --source-aspect 16:9 crops "
                                   "exactly for pictures of that shape"));
  } else if (options.source_aspect) {
    report.warnings.push_back(text("--source-aspect is for fit-shortest; the resize mode is ",
                                   word_for(recipe.resize.value), " (", recipe.resize.source,
                                   "), which needs no crop"));
  }
}

void warn_about_color(const Recipe& recipe, Report& report) {
  const bool three_channel_scaling =
      recipe.scaling.value == ImageScaling::torch || recipe.scaling.value == ImageScaling::bgr_minus_mean;
  if (recipe.color.value != ColorMode::grayscale) return;
  require(!three_channel_scaling, ErrorKind::unsupported, "scaling ", word_for(recipe.scaling.value), " (",
          recipe.scaling.source, ") is defined for three channels and the network takes one; --scaling overrides it");
  if (recipe.gray_input == GrayInput::luma) {
    report.warnings.push_back(
        "grayscale pixels are the luma of the decoded video (--gray luma), which is near but not "
        "equal to 0.299 R + 0.587 G + 0.114 B");
  }
}

}  // namespace

namespace {

// An input of integers says which numbers its bytes stand for.
Fact<ImageScaling> scaling_of_range(const ModelFacts& model) {
  if (!model.input_range && model.input.dtype == "uint8") {
    return {ImageScaling::zero_to_255, text("input '", model.input.name, "' takes bytes")};
  }
  if (!model.input_range) return {};
  const auto [least, most] = *model.input_range;
  struct Known {
    double least, most;
    ImageScaling scaling;
  };
  constexpr Known known[] = {{0, 1, ImageScaling::zero_to_one},
                             {0, 255, ImageScaling::zero_to_255},
                             {-1, 1, ImageScaling::minus1_to_1},
                             {-128, 127, ImageScaling::minus128_to_127}};
  for (const auto& row : known) {
    const double step = (row.most - row.least) / 255;
    if (std::abs(least - row.least) > step || std::abs(most - row.most) > step) continue;
    return {row.scaling, text("the ", model.input.dtype, " input '", model.input.name, "' stands for ", row.least,
                              " to ", row.most)};
  }
  return {};
}

void choose_pixels(const Project& project, const ModelFacts& model, const Options& options, const std::string& file,
                   Recipe& recipe, Report& report) {
  choose_size(model, file, recipe);
  recipe.color = choose_color(project, options, recipe.channels, file);
  const auto stated = project.image_scaling ? project.image_scaling : scaling_of_range(model);
  recipe.scaling =
      pick(options.scaling, "--scaling", stated, ImageScaling::zero_to_one, "scaling 0..1 is a guess", report);
  choose_resize(project, model, options, recipe, report);
  recipe.gray_input = options.gray_input;
  recipe.interpolation = options.interpolation;
  warn_about_color(recipe, report);
}

// The SDK's own suppression drops from this overlap on.
constexpr float sdk_iou = 0.2f, ultralytics_iou = 0.45f;

void choose_scores(const Project& project, const ModelFacts& model, const Options& options, const std::string& file,
                   Recipe& recipe, Report& report) {
  Fact<float> threshold;
  if (project.threshold) threshold = {static_cast<float>(*project.threshold), project.threshold.source};
  recipe.threshold = pick(options.threshold, "--threshold", threshold, 0.5f, "threshold 0.5 is a guess", report);
  require(recipe.threshold.value >= 0 && recipe.threshold.value <= 1, ErrorKind::mismatch, file, ": threshold ",
          recipe.threshold.value, " (", recipe.threshold.source, ") is not between 0 and 1; --threshold overrides it");
  recipe.score_rule = options.score_rule;
  recipe.parser_name = parser_name_of(recipe.head.value, recipe.score_rule, model);
  if (recipe.score_rule == ScoreRule::ultralytics) {
    recipe.nms_iou = {ultralytics_iou, "Ultralytics' own, --score-rule ultralytics"};
  } else if (project.nms_iou_threshold) {
    recipe.nms_iou = {static_cast<float>(*project.nms_iou_threshold), project.nms_iou_threshold.source};
  } else {
    recipe.nms_iou = {sdk_iou, "the SDK's own"};
  }
}

}  // namespace

Recipe choose(const Project& project, const ModelFacts& model, const Options& options, const std::string& file_name,
              Report& report) {
  Recipe recipe;
  recipe.display_name = project.name.value_or(file_name);
  recipe.name = file_stem(options.name.empty() ? recipe.display_name : options.name);
  recipe.head = choose_head(project, options, report);
  recipe.is_picture = is_picture(project, model);
  if (recipe.is_picture) {
    choose_pixels(project, model, options, file_name, recipe, report);
  } else {
    warn_about_features(project, model, report);
  }
  recipe.labels = choose_labels(project, model, options, recipe.head.value, file_name, report);
  if (facts_of(recipe.head.value).answers != Answers::tensors) {
    choose_scores(project, model, options, file_name, recipe, report);
  }
  return recipe;
}

}  // namespace es::convert
