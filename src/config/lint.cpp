// SPDX-License-Identifier: Apache-2.0
//
// Each rule is something that a published configuration got wrong and nvinfer said nothing about.
#include "config/lint.h"

#include <optional>
#include <set>

#include "base/text.h"
#include "config/key_table.h"

namespace es::config {
namespace {

struct Subject {
  const InferConfig& config;
  const Labels& labels;
  const ModelFacts& model;

  bool given(const std::string& key) const { return config.origin.has("property", key); }
  bool is(NetworkType type) const { return config.network_type == type; }

  // "infer.txt:14: [property] "
  std::string where(const std::string& key, const std::string& group = "property") const {
    const auto line = config.origin.lines.find({group, key});
    const std::string number = line == config.origin.lines.end() ? "" : text(":", line->second);
    return text(config.origin.file.string(), number, ": [", group, "] ");
  }
};

using Finding = std::optional<std::string>;

Finding scale_is_missing(const Subject& subject) {
  if (subject.given("net-scale-factor") || subject.config.input_tensor_from_meta) return {};
  return text(
      subject.where("net-scale-factor"),
      "has no net-scale-factor, so it is 1 and the network sees bytes from 0 to 255; a network trained on 0 to 1, "
      "as those of Edge Impulse are, needs net-scale-factor=0.00392156862745098");
}

Finding class_groups_are_not_read(const Subject& subject) {
  if (subject.is(NetworkType::detector) || subject.is(NetworkType::instance_segmentation)) return {};
  std::vector<std::string> keys;
  std::string first;
  bool threshold = false;
  for (const auto& [name, line] : subject.config.origin.lines) {
    if (!name.first.starts_with("class-attrs-")) continue;
    if (keys.empty()) first = subject.where(name.second, name.first);
    keys.push_back(name.second);
    threshold = threshold || name.second == "pre-cluster-threshold" || name.second == "threshold";
  }
  if (keys.empty()) return {};
  const bool classifier = subject.is(NetworkType::classifier);
  return text(first, join(keys, ", "), keys.size() == 1 ? " has" : " have",
              " no effect: class-attrs groups are read for detectors alone and network-type is ",
              static_cast<int>(subject.config.network_type),
              classifier && threshold ? "; the threshold of a classifier is classifier-threshold in [property]" : "");
}

Finding classes_do_not_fit_labels(const Subject& subject) {
  if (!subject.is(NetworkType::detector) && !subject.is(NetworkType::instance_segmentation)) return {};
  if (subject.labels.empty() || subject.labels.size() == subject.config.num_detected_classes) return {};
  return text(subject.where("num-detected-classes"), "num-detected-classes is ", subject.config.num_detected_classes,
              ", the labels file ", subject.config.labelfile_path.filename().string(), " has ", subject.labels.size(),
              subject.labels.size() == 1 ? " line" : " lines", "; one line per class is needed");
}

Finding detector_without_classes(const Subject& subject) {
  if (!subject.is(NetworkType::detector) || subject.config.num_detected_classes != 0) return {};
  return text(subject.where("num-detected-classes"),
              "num-detected-classes is 0, so no object is ever reported; the number of classes is needed");
}

Finding labels_do_not_fit_outputs(const Subject& subject) {
  if (!subject.is(NetworkType::classifier) || subject.labels.empty()) return {};
  const auto& outputs = subject.model.classes_of_outputs;
  for (size_t i = 0; i < outputs.size(); ++i) {
    const size_t found = i < subject.labels.size() ? subject.labels[i].size() : 0;
    if (static_cast<size_t>(outputs[i]) == found) continue;
    return text(subject.where("labelfile-path"), "labelfile-path: line ", i + 1, " of ",
                subject.config.labelfile_path.filename().string(), " has ", found, found == 1 ? " label" : " labels",
                ", output ", i + 1, " of the model scores ", outputs[i],
                " classes; a classifier needs one line 'a;b;c' per output");
  }
  return {};
}

Finding classifier_without_labels(const Subject& subject) {
  if (!subject.is(NetworkType::classifier) || !subject.labels.empty()) return {};
  if (!subject.config.parse_classifier_func_name.empty()) return {};
  return text(subject.where("labelfile-path"),
              "has no labels, and nvinfer attaches nothing for a class without a label; labelfile-path is needed");
}

Finding clustering_is_replaced(const Subject& subject) {
  if (!subject.is(NetworkType::detector) || subject.config.cluster_mode != ClusterMode::group_rectangles) return {};
  return text(
      subject.where("cluster-mode"), subject.given("cluster-mode") ? "cluster-mode is 0" : "has no cluster-mode",
      ": NMS with an IoU of 0.5 and the best 20 of a class take the place of group rectangles, whatever "
      "nms-iou-threshold and topk say; write cluster-mode=2 (Warning, OpenCV has been deprecated. Using NMS for "
      "clustering instead of cv::groupRectangles with topK = 20 and NMS Threshold = 0.5)");
}

Finding parser_without_library(const Subject& subject) {
  const auto& config = subject.config;
  if (!subject.is(NetworkType::detector) || config.parse_bbox_func_name.empty()) return {};
  if (!config.custom_lib_path.empty()) return {};
  return text(
      subject.where("parse-bbox-func-name"), "parse-bbox-func-name is '", config.parse_bbox_func_name,
      "' without custom-lib-path: DeepStream ignores the name then; here it is looked for among the built-in ones");
}

Finding symmetric_padding_alone(const Subject& subject) {
  if (!subject.config.symmetric_padding || subject.config.maintain_aspect_ratio) return {};
  return text(subject.where("symmetric-padding"),
              "symmetric-padding has no effect without maintain-aspect-ratio=1; the picture is stretched");
}

Finding offsets_are_ignored(const Subject& subject) {
  if (subject.config.net_scale_factor > 0 || !subject.given("net-scale-factor")) return {};
  return text(subject.where("net-scale-factor"), "net-scale-factor is ", number_text(subject.config.net_scale_factor),
              ": nvinfer takes 1 instead and ignores offsets; a number above 0 is needed");
}

Finding keys_without_effect(const Subject& subject) {
  const InferConfig defaults;
  std::vector<std::string_view> names;
  for (const auto& section : property_sections()) {
    for (const auto& row : section.rows) {
      if (!has(row.traits, Traits::no_effect) || !subject.given(std::string(row.name))) continue;
      if (value_text(row, subject.config) != value_text(row, defaults)) names.push_back(row.name);
    }
  }
  if (names.empty()) return {};
  return text(subject.where(std::string(names.front())), join(names, ", "), names.size() == 1 ? " has" : " have",
              " no effect here: they speak of a GPU, TensorRT or formats of old");
}

using Rule = Finding (*)(const Subject&);
constexpr Rule rules[] = {
    scale_is_missing,          offsets_are_ignored,       class_groups_are_not_read, detector_without_classes,
    classes_do_not_fit_labels, labels_do_not_fit_outputs, classifier_without_labels, clustering_is_replaced,
    parser_without_library,    symmetric_padding_alone,   keys_without_effect,
};

}  // namespace

Warnings lint(const InferConfig& config, const Labels& labels, const ModelFacts& model) {
  Warnings warnings;
  for (const Rule rule : rules) {
    if (auto finding = rule({config, labels, model})) warnings.push_back(std::move(*finding));
  }
  return warnings;
}

}  // namespace es::config
