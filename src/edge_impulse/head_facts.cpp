// SPDX-License-Identifier: Apache-2.0
//
// Which head an impulse has. The decoder's name says it best (June 2025 on), then the number of the last layer
// (November 2022 on), then the macros before that, then what the impulse is for.
#include "edge_impulse/head_facts.h"

#include "base/text.h"
#include "edge_impulse/constants.h"

namespace es::edge_impulse {
namespace {

bool is_detector(Head head) {
  switch (head) {
    case Head::unknown:
    case Head::classification:
    case Head::regression:
    case Head::freeform:
    case Head::anomaly_gmm:
    case Head::anomaly_kmeans:
    case Head::anomaly_custom:
      return false;
    default:
      return true;
  }
}

// Heads that share a decoder and differ in what its numbers mean.
bool is_variant_of(Head variant, Head decoder) {
  return (decoder == Head::yolov5 && variant == Head::yolov5_drpai) ||
         (decoder == Head::yolov11 && variant == Head::yolov11_absolute) ||
         (decoder == Head::tao_ssd && variant == Head::tao_retinanet);
}

class HeadReader {
 public:
  HeadReader(const Headers& headers, const Place& impulse, const Blocks& blocks, const FactFinder& find,
             Project& project)
      : headers_(headers), impulse_(impulse), blocks_(blocks), find_(find), project_(project) {
    if (blocks_.decoder) decoder_config_ = blocks_.decoder->config;
    if (blocks_.network) network_config_ = blocks_.network->config;
  }

  void run() {
    project_.head = by_decoder();
    if (!project_.head) project_.head = by_last_layer();
    if (!project_.head) project_.head = by_detection_macros();
    if (!project_.head) project_.head = by_purpose();
    read_threshold();
    if (!detects()) return;
    read_nms();
    read_slots();
    read_heat_map();
    if (*project_.head == Head::ssd) read_outputs();
  }

 private:
  bool detects() const { return project_.head && is_detector(*project_.head); }

  Fact<Head> by_decoder() const {
    if (!blocks_.decoder) return {};
    Head head = *head_of_decoder(blocks_.decoder->function);
    const auto layer = by_last_layer();
    if (layer && is_variant_of(*layer, head)) head = *layer;
    if (head == Head::yolov5 && headers_.number(headers_.field(decoder_config_, "version")) == 5.0)
      head = Head::yolov5_drpai;
    if (head == Head::classification) head = head_of_mode(blocks_.decoder->mode).value_or(head);
    return {head, text(printable(blocks_.decoder->function), " in ", source_of(blocks_.postprocessing_table))};
  }

  Fact<Head> by_last_layer() const {
    constexpr std::string_view field = "object_detection_last_layer";
    auto layer = find_.field_number(network_config_, field);
    if (!layer) layer = find_.number({field, "EI_CLASSIFIER_OBJECT_DETECTION_LAST_LAYER"});
    const auto number = FactFinder::whole(layer);
    const Head head =
        number && *number < 1000 && *number > -1000 ? head_of_last_layer(static_cast<int>(*number)) : Head::unknown;
    return head == Head::unknown ? Fact<Head>() : Fact<Head>(head, number.source);
  }

  std::optional<Sourced<double>> detection() const {
    return find_.number({"object_detection", "EI_CLASSIFIER_OBJECT_DETECTION"});
  }

  // FOMO had a macro of its own before there was one for the last layer; a detector without either was SSD.
  Fact<Head> by_detection_macros() const {
    const auto constrained = find_.macro_number("EI_CLASSIFIER_OBJECT_DETECTION_CONSTRAINED");
    if (constrained && constrained->value == 1) return {Head::fomo, constrained->source};
    const auto found = detection();
    if (!found || found->value != 1 || find_.has_macro("EI_CLASSIFIER_OBJECT_DETECTION_LAST_LAYER")) return {};
    return {Head::ssd, found->source};
  }

  Fact<Head> by_purpose() const {
    const auto found = detection();
    if (found && found->value == 1) return {};
    constexpr std::string_view field = "classification_mode";
    const auto* mode = headers_.field(network_config_, field);
    const auto head = mode ? head_of_mode(last_word(*mode)) : std::nullopt;
    if (head) return {*head, source_of(network_config_, field)};
    if (!project_.label_count) return {};
    if (*project_.label_count == 0) return by_anomaly();
    return {*project_.label_count == 1 ? Head::regression : Head::classification, project_.label_count.source};
  }

  Fact<Head> by_anomaly() const {
    const auto kind = find_.integer({"has_anomaly", "EI_CLASSIFIER_HAS_ANOMALY"});
    const auto head = kind && *kind >= 0 && *kind < 1000 ? head_of_anomaly(static_cast<int>(*kind)) : std::nullopt;
    return head ? Fact<Head>(*head, kind.source) : Fact<Head>();
  }

  // At run time: the post-processing block from June 2025, the learning block from March 2024, before that the impulse.
  // A classifier's learning block holds 0; its threshold is the macro that the examples print with.
  void read_threshold() {
    auto found = find_.field_number(decoder_config_, "threshold");
    if (!found && detects()) found = find_.field_number(network_config_, "threshold");
    if (!found && detects()) {
      found = find_.number({"object_detection_threshold", "EI_CLASSIFIER_OBJECT_DETECTION_THRESHOLD"});
    }
    if (!found) found = find_.macro_number("EI_CLASSIFIER_THRESHOLD");
    if (found) project_.threshold = {found->value, found->source};
  }

  // Two numbers, a score and an IoU: within the decoder's configuration, or a variable that the impulse names.
  void read_nms() {
    if (const auto* own = headers_.field(decoder_config_, "nms_config")) {
      return take_nms(*own, source_of(decoder_config_, "nms_config"));
    }
    const auto* named = headers_.field(impulse_, "object_detection_nms");
    const Place variable = named ? headers_.referred(*named, impulse_) : Place();
    if (variable) take_nms(variable.variable->value, source_of(variable));
  }

  void take_nms(const Initialiser& list, const std::string& source) {
    const auto part = [&](std::string_view name, size_t position) {
      const auto* value = headers_.field(list, name);
      const bool positional = value == nullptr && position < list.elements.size();
      const auto number = headers_.number(positional ? &list.elements[position].value : value);
      return number ? Fact<double>(*number, source) : Fact<double>();
    };
    project_.nms_score_threshold = part("confidence_threshold", 0);
    project_.nms_iou_threshold = part("iou_threshold", 1);
  }

  void read_slots() {
    constexpr std::string_view field = "object_detection_count";
    project_.object_detection_count = FactFinder::whole(find_.field_number(decoder_config_, field));
    if (!project_.object_detection_count) {
      project_.object_detection_count = find_.integer({field, "EI_CLASSIFIER_OBJECT_DETECTION_COUNT"});
    }
  }

  void read_heat_map() {
    const bool visual = *project_.head == Head::visual_anomaly;
    if (!visual && *project_.head != Head::fomo) return;
    auto& width = project_.heat_map_width;
    auto& height = project_.heat_map_height;
    width = FactFinder::whole(find_.field_number(decoder_config_, visual ? "grid_size_x" : "out_width"));
    height = FactFinder::whole(find_.field_number(decoder_config_, visual ? "grid_size_y" : "out_height"));
    if (width) return;
    width = find_.integer({visual ? "visual_ad_grid_size_x" : "fomo_output_size", {}});
    height = find_.integer({visual ? "visual_ad_grid_size_y" : "fomo_output_size", {}});
  }

  // SSD answers with several tensors; the other heads' numbers here mean nothing.
  void read_outputs() {
    const auto output = [&](std::string_view field, const FactNames& names) {
      const auto found = FactFinder::whole(find_.field_number(network_config_, field));
      return found ? found : find_.integer(names);
    };
    project_.boxes_output =
        output("output_data_tensor", {"tflite_output_data_tensor", "EI_CLASSIFIER_TFLITE_OUTPUT_DATA_TENSOR"});
    project_.labels_output =
        output("output_labels_tensor", {"tflite_output_labels_tensor", "EI_CLASSIFIER_TFLITE_OUTPUT_LABELS_TENSOR"});
    project_.scores_output =
        output("output_score_tensor", {"tflite_output_score_tensor", "EI_CLASSIFIER_TFLITE_OUTPUT_SCORE_TENSOR"});
  }

  const Headers& headers_;
  const Place& impulse_;
  const Blocks& blocks_;
  const FactFinder& find_;
  Project& project_;
  Place decoder_config_, network_config_;
};

}  // namespace

void read_head_facts(const Headers& headers, const Place& impulse, const Blocks& blocks, const FactFinder& find,
                     Project& project) {
  HeadReader(headers, impulse, blocks, find, project).run();
}

}  // namespace es::edge_impulse
