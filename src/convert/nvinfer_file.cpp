// SPDX-License-Identifier: Apache-2.0
//
// Edge Impulse's constants as Gst-nvinfer keys. nvinfer computes y = net-scale-factor * (byte - offset), one factor for
// all channels; what does not fit that form (per-channel divisors, exact gray) stands in the graph instead.
#include "convert/nvinfer_file.h"

#include <vector>

#include "base/text.h"

namespace es::convert {
namespace {

struct ScalingKeys {
  const char* net_scale_factor;
  std::vector<const char*> offsets;  // in the network's channel order
  const char* formula;
};

const ScalingKeys& keys_of(ImageScaling scaling) {
  static const ScalingKeys table[] = {
      {"0.00392156862745098", {}, "0..1"},
      {"1", {}, "0..255"},
      {"0.00392156862745098", {}, "0..1, then (u - mean) / std per channel, which stands in the graph"},
      {"0.00784313725490196", {"127.5", "127.5", "127.5"}, "-1..1"},
      {"1", {"128", "128", "128"}, "-128..127"},
      {"1", {"103.939", "116.779", "123.68"}, "BGR minus the ImageNet mean"},
  };
  return table[static_cast<size_t>(scaling)];
}

// A configuration file as it grows: keys with, where the value was derived, the comment above them.
class Text {
 public:
  void comment(const std::string& words) { text_ += "# " + words + "\n"; }
  void group(const std::string& name) { text_ += (text_.empty() ? "[" : "\n[") + name + "]\n"; }
  template <typename Value>
  void key(const std::string& name, const Value& value) {
    text_ += name + "=" + text(value) + "\n";
  }
  template <typename Value>
  void key(const std::string& name, const Value& value, const std::string& source) {
    comment(source);
    key(name, value);
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

// Objects come several to a frame; frames come one by one from a single camera.
constexpr int primary_batch = 1, secondary_batch = 8;

bool has_boxes(const Recipe& recipe) { return facts_of(recipe.head.value).answers == Answers::boxes; }

// Whether the parser suppresses; else nvinfer does.
bool is_joined(const Recipe& recipe) {
  return facts_of(recipe.head.value).is_joined && recipe.score_rule == ScoreRule::sdk;
}

int batch_of(const Recipe& recipe, Stage stage) {
  if (!recipe.dynamic_batch) return 1;
  return stage == Stage::primary ? primary_batch : secondary_batch;
}

int color_format_of(const Recipe& recipe) {
  if (recipe.channels == 1) return 2;
  return recipe.scaling.value == ImageScaling::bgr_minus_mean ? 1 : 0;
}

std::string color_source_of(const Recipe& recipe) {
  if (recipe.color.value != ColorMode::grayscale) return text("colour: ", recipe.color.source);
  return recipe.gray_input == GrayInput::exact
             ? text("grayscale: ", recipe.color.source, "; the graph begins with 0.299 R + 0.587 G + 0.114 B")
             : text("grayscale: ", recipe.color.source, "; the luma of the decoded video stands in for it");
}

void write_model(Text& out, const Recipe& recipe, Stage stage) {
  out.key("onnx-file", recipe.name + ".onnx");
  out.key("model-engine-file", engine_file_name(recipe, stage),
          "written by the first run from onnx-file, loaded by every later one");
  out.key("batch-size", batch_of(recipe, stage),
          recipe.dynamic_batch ? "any batch works: the model's batch dimension is dynamic"
                               : "the model's batch is fixed at 1, see report.json");
  out.key("network-mode", 0, "0 FP32, 2 FP16 (the usual choice on a Jetson)");
  if (!recipe.is_picture) return;
  out.key("infer-dims", text(recipe.channels, ";", recipe.height, ";", recipe.width),
          text("channels;height;width of '", recipe.input_name, "' in ", recipe.name, ".onnx"));
}

void write_features(Text& out, const Recipe& recipe) {
  out.key("input-tensor-from-meta", 1,
          text("'", recipe.input_name, "' [", join(recipe.input_dims, ", "),
               "] takes features, not pixels: the caller computes them and attaches them as tensor metadata"));
}

void write_pixels(Text& out, const Recipe& recipe) {
  out.key("model-color-format", color_format_of(recipe), color_source_of(recipe));
  const auto& scaling = keys_of(recipe.scaling.value);
  out.key("net-scale-factor", scaling.net_scale_factor, text("pixels ", scaling.formula, ": ", recipe.scaling.source));
  if (!scaling.offsets.empty()) {
    auto offsets = scaling.offsets;
    offsets.resize(static_cast<size_t>(recipe.channels));
    out.key("offsets", join(offsets, ";"));
  }
  const bool letterbox = recipe.resize.value == ResizeMode::fit_longest || recipe.crop;
  if (recipe.crop) {
    out.comment(text("fit-shortest: ", recipe.resize.source, ". The whole picture of ", recipe.crop->aspect.width, ":",
                     recipe.crop->aspect.height, " is fitted into the widened input, and"));
    out.comment(text("the graph takes the centre ", recipe.crop->width, "x", recipe.crop->height,
                     "; pictures of another shape are cropped less or get black bars"));
    out.key("maintain-aspect-ratio", 1);
  } else if (recipe.resize.value == ResizeMode::fit_shortest) {
    out.comment(
        text("fit-shortest: ", recipe.resize.source, ". nvinfer has no key for a centre crop: the whole picture"));
    out.comment("is stretched instead, so shapes are distorted where the picture is not of the network's aspect ratio");
    out.key("maintain-aspect-ratio", 0);
  } else {
    out.key("maintain-aspect-ratio", letterbox ? 1 : 0,
            text(letterbox ? "fit-longest: " : "squash: ", recipe.resize.source));
  }
  if (letterbox) out.key("symmetric-padding", 1);
  if (recipe.interpolation == Interpolation::area) {
    out.key("scaling-filter", 3, "area averaging, which training reduces pictures with");
  } else {
    out.key("scaling-filter", 1, "bilinear, as --interpolation asks");
  }
}

int network_type(Answers answers) { return answers == Answers::boxes ? 0 : answers == Answers::classes ? 1 : 100; }

void write_tensors(Text& out, const Recipe& recipe) {
  out.key("output-tensor-meta", 1, "nothing is decoded; each buffer carries the tensors as metadata:");
  for (const auto& output : recipe.outputs) {
    out.comment(text("  '", output.name, "' [", join(output.dims, ", "), "]",
                     output.meaning.empty() ? "" : ": " + output.meaning));
  }
  if (!recipe.is_picture) return;
  out.comment(text("To make boxes of them, fill in parser/", recipe.name, "_parser.cpp, run make in parser/, and set"));
  out.comment(text("  network-type=0, num-detected-classes=<classes>, cluster-mode=4, custom-lib-path=",
                   parser_library(recipe), ","));
  out.comment(text("  parse-bbox-func-name=", skeleton_function(recipe)));
}

void write_head(Text& out, const Recipe& recipe) {
  const auto& facts = facts_of(recipe.head.value);
  out.key("network-type", network_type(facts.answers), text(facts.word, ": ", recipe.head.source));
  if (facts.answers == Answers::tensors) return write_tensors(out, recipe);
  out.key("labelfile-path", "labels.txt", text("labels: ", recipe.labels.source));
  if (!has_boxes(recipe)) {
    out.key("classifier-threshold", number_text(recipe.threshold.value), text("threshold: ", recipe.threshold.source));
    return;
  }
  out.key("num-detected-classes", recipe.labels.value.size(), "as many as there are labels");
  out.key("parse-bbox-func-name", recipe.parser_name,
          "EdgeStream has this function built in; for DeepStream run make in parser/ once");
  out.key("custom-lib-path", parser_library(recipe));
  if (is_joined(recipe)) {
    out.key("cluster-mode", 4, "the parser has joined what belongs together, as Edge Impulse does");
  } else {
    out.key("cluster-mode", 2, "boxes that overlap are suppressed class by class");
  }
}

void write_class_attributes(Text& out, const Recipe& recipe) {
  out.group("class-attrs-all");
  out.key("pre-cluster-threshold", number_text(recipe.threshold.value), text("threshold: ", recipe.threshold.source));
  if (is_joined(recipe)) return;
  out.key("nms-iou-threshold", number_text(recipe.nms_iou.value), text("overlap: ", recipe.nms_iou.source));
  out.key("topk", 200, "the best of each class");
}

}  // namespace

std::string nvinfer_file_name(const Recipe& recipe, Stage stage) {
  return text("config_infer_", stage == Stage::primary ? "primary" : "secondary", "_", recipe.name, ".txt");
}

std::string engine_file_name(const Recipe& recipe, Stage stage) {
  return text(recipe.name, ".onnx_b", batch_of(recipe, stage), "_gpu0_fp32.engine");
}

std::string parser_library(const Recipe& recipe) { return text("parser/libnvds_infer_", recipe.name, ".so"); }

std::string skeleton_function(const Recipe& recipe) {
  std::string name = "NvDsInferParseCustom_";
  for (const char c : recipe.name) name += c == '-' ? '_' : c;
  return name;
}

std::string nvinfer_file(const Recipe& recipe, Stage stage) {
  Text out;
  out.comment(text("Gst-nvinfer, ", recipe.display_name, ": ", facts_of(recipe.head.value).word, " as ",
                   stage == Stage::primary ? "primary (whole frames)" : "secondary (objects of another engine)"));
  out.group("property");
  out.key("gie-unique-id", stage == Stage::primary ? 1 : 2);
  out.key("process-mode", stage == Stage::primary ? 1 : 2);
  if (stage == Stage::secondary) out.key("operate-on-gie-id", 1);
  write_model(out, recipe, stage);
  recipe.is_picture ? write_pixels(out, recipe) : write_features(out, recipe);
  write_head(out, recipe);
  if (has_boxes(recipe)) write_class_attributes(out, recipe);
  return out.take();
}

}  // namespace es::convert
