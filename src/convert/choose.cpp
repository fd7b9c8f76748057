// SPDX-License-Identifier: Apache-2.0
#include "convert/choose.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

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

Known<Head> choose_head(const Project& project, const Options& options, const std::string& file) {
  Known<Head> head{Head::unknown, ""};
  if (options.head) {
    head = {*options.head, "--head"};
  } else if (project.head) {
    head = {*project.head, project.head.source};
  }
  require(head.value != Head::unknown, ErrorKind::unsupported, file,
          ": neither the export nor the outputs' shapes say what the network answers; name it with --head "
          "classification, fomo or yolov5");
  require(facts_of(head.value) != nullptr, ErrorKind::unsupported, file, ": the head is ", word_for(head.value), " (",
          head.source, "); classification, fomo and yolov5 can be deployed so far");
  return head;
}

// YOLOv5 writes boxes of 0..1 into TFLite files (channels last) and of pixels into ONNX files.
std::string parser_name_of(Head head, const ModelFacts& model) {
  const HeadFacts& facts = *facts_of(head);
  return !model.channels_first && *facts.normalized_parser ? facts.normalized_parser : facts.parser_name;
}

// Channels, height and width of a picture input, or unsupported.
void choose_size(const Project& project, const ModelFacts& model, const std::string& file, Recipe& recipe) {
  const auto& shape = model.input.shape;
  std::string what;
  if (project.dsp_functions && !project.is_about_images()) what = " (" + join(*project.dsp_functions, ", ") + ")";
  require(shape.size() == 4 && what.empty(), ErrorKind::unsupported, file, ": input '", model.input.name, "' is [",
          join(shape, ", "), "]", what,
          "; nvinfer feeds pictures only, so a picture input [1, height, width, channels] "
          "is needed; edgestream tf2onnx converts the network alone");
  const size_t channel_axis = model.channels_first ? 1 : 3, row_axis = model.channels_first ? 2 : 1;
  recipe.channels = static_cast<int>(shape[channel_axis]);
  recipe.height = static_cast<int>(shape[row_axis]);
  recipe.width = static_cast<int>(shape[row_axis + 1]);
  require(recipe.channels == 1 || recipe.channels == 3, ErrorKind::unsupported, file, ": input '", model.input.name,
          "' has ", recipe.channels, " channels; pictures have 3, or 1 for grayscale");
  require(recipe.width > 0 && recipe.height > 0, ErrorKind::unsupported, file, ": input '", model.input.name,
          "' has no fixed size; width and height must be fixed");
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
    default:
      return 0;
  }
}

Known<std::vector<std::string>> choose_labels(const Project& project, const ModelFacts& model, const Options& options,
                                              Head head, const std::string& file, Report& report) {
  const int64_t classes = classes_of(head, model);
  require(classes > 0, ErrorKind::mismatch, file, ": the output is [",
          join(model.outputs.empty() ? std::vector<int64_t>{} : model.outputs.front().shape, ", "),
          "], which is not a ", facts_of(head)->word, " head; name the head with --head");
  std::vector<std::string> numbered;
  for (int64_t i = 0; i < std::min<int64_t>(classes, 100000); ++i) numbered.push_back(text("class_", i));
  auto labels = pick(
      options.labels, "--labels", project.labels, numbered,
      text("labels ", numbered.front(), classes > 1 ? text(" to ", numbered.back()) : std::string(), " are a guess"),
      report);
  require(static_cast<int64_t>(labels.value.size()) == classes, ErrorKind::mismatch, file, ": ", labels.value.size(),
          " labels (", labels.source, ") and the model scores ", classes, " classes; name them with --labels");
  for (auto& label : labels.value) {
    const std::string before = label;
    std::replace_if(
        label.begin(), label.end(), [](char c) { return c == ';' || c == '\n' || c == '\r'; }, ',');
    if (label.empty()) label = "_";
    if (label != before) {
      report.warnings.push_back(text("label '", printable(before), "' is written '", label,
                                     "': nvinfer's labels file separates with ';' and skips empty lines"));
    }
  }
  return labels;
}

Known<ResizeMode> choose_resize(const Project& project, const Options& options, Report& report) {
  auto resize = pick(options.resize, "--resize", project.resize_mode, ResizeMode::fit_shortest,
                     "resize mode fit-shortest (Studio's default) is a guess", report);
  if (resize.value == ResizeMode::none) resize.value = ResizeMode::squash;
  if (resize.value == ResizeMode::fit_shortest) {
    report.warnings.push_back(text("fit-shortest (", resize.source,
                                   ") has no nvinfer key: the whole picture is "
                                   "stretched instead of its centre being cropped. Objects look distorted to the "
                                   "network where the picture is not of its aspect ratio; train with squash or "
                                   "fit-longest, or crop before nvinfer"));
  }
  return resize;
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

Recipe choose(const Project& project, const ModelFacts& model, const Options& options, const std::string& file_name,
              Report& report) {
  Recipe recipe;
  recipe.display_name = project.name.value_or(file_name);
  recipe.name = file_stem(options.name.empty() ? recipe.display_name : options.name);
  recipe.head = choose_head(project, options, file_name);
  recipe.parser_name = parser_name_of(recipe.head.value, model);
  choose_size(project, model, file_name, recipe);
  recipe.color = choose_color(project, options, recipe.channels, file_name);
  recipe.scaling = pick(options.scaling, "--scaling", project.image_scaling, ImageScaling::zero_to_one,
                        "scaling 0..1 is a guess", report);
  recipe.resize = choose_resize(project, options, report);
  recipe.gray_input = options.gray_input;
  recipe.interpolation = options.interpolation;
  recipe.labels = choose_labels(project, model, options, recipe.head.value, file_name, report);
  Fact<float> threshold;
  if (project.threshold) threshold = {static_cast<float>(*project.threshold), project.threshold.source};
  recipe.threshold = pick(options.threshold, "--threshold", threshold, 0.5f, "threshold 0.5 is a guess", report);
  require(recipe.threshold.value >= 0 && recipe.threshold.value <= 1, ErrorKind::mismatch, file_name, ": threshold ",
          recipe.threshold.value, " (", recipe.threshold.source, ") is not between 0 and 1; --threshold overrides it");
  warn_about_color(recipe, report);
  return recipe;
}

}  // namespace es::convert
