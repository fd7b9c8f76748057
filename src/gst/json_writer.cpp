// SPDX-License-Identifier: Apache-2.0
#include "gst/json_writer.h"

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "gst/meta.h"

namespace es::gst {
namespace {

using Json = nlohmann::ordered_json;

// The double that is nearest to the float's shortest text, so that 0.1f is written 0.1 and not 0.10000000149011612.
Json number(float value) {
  if (!std::isfinite(value)) return nullptr;
  return to_double(number_text(value)).value_or(value);
}

Json label_json(const NvDsLabelInfo& label) {
  return {{"label", label.pResult_label != nullptr ? label.pResult_label : label.result_label},
          {"class_id", label.result_class_id},
          {"label_id", label.label_id},
          {"probability", number(label.result_prob)}};
}

Json classifier_json(const NvDsClassifierMeta& classifier) {
  Json json{{"component_id", classifier.unique_component_id}};
  if (classifier.classifier_type != nullptr) json["type"] = classifier.classifier_type;
  json["labels"] = Json::array();
  for (GList* at = classifier.label_info_list; at != nullptr; at = at->next) {
    json["labels"].push_back(label_json(*static_cast<NvDsLabelInfo*>(at->data)));
  }
  return json;
}

Json box_json(const NvOSD_RectParams& box) {
  Json json{{"left", number(box.left)},
            {"top", number(box.top)},
            {"width", number(box.width)},
            {"height", number(box.height)}};
  if (box.rotation_angle != 0) json["rotation"] = number(box.rotation_angle);
  return json;
}

Json object_json(const NvDsObjectMeta& object, const std::map<const NvDsObjectMeta*, size_t>& positions) {
  Json json{{"component_id", object.unique_component_id},
            {"class_id", object.class_id},
            {"label", object.obj_label},
            {"confidence", number(object.confidence)},
            {"box", box_json(object.rect_params)}};
  json["object_id"] = object.object_id == UNTRACKED_OBJECT_ID ? Json(nullptr) : Json(object.object_id);
  const auto parent = positions.find(object.parent);
  json["parent"] = parent == positions.end() ? Json(nullptr) : Json(parent->second);
  json["classifiers"] = Json::array();
  for (GList* at = object.classifier_meta_list; at != nullptr; at = at->next) {
    json["classifiers"].push_back(classifier_json(*static_cast<NvDsClassifierMeta*>(at->data)));
  }
  return json;
}

Json frame_json(const NvDsFrameMeta& frame) {
  const bool has_time = frame.buf_pts != G_MAXUINT64;
  Json json{{"source", frame.source_id},
            {"frame", frame.frame_num},
            {"pts", has_time ? Json(frame.buf_pts) : Json(nullptr)},
            {"width", frame.pipeline_width},
            {"height", frame.pipeline_height},
            {"source_width", frame.source_frame_width},
            {"source_height", frame.source_frame_height},
            {"inferred", frame.bInferDone != FALSE}};
  std::map<const NvDsObjectMeta*, size_t> positions;
  for_each_object(frame, [&](const NvDsObjectMeta& object) { positions.emplace(&object, positions.size()); });
  json["objects"] = Json::array();
  for_each_object(frame,
                  [&](const NvDsObjectMeta& object) { json["objects"].push_back(object_json(object, positions)); });
  return json;
}

}  // namespace

std::string json_lines(const NvDsBatchMeta& batch) {
  std::string lines;
  for_each_frame(&batch, [&lines](const NvDsFrameMeta& frame) {
    lines += frame_json(frame).dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
  });
  return lines;
}

}  // namespace es::gst
