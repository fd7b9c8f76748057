// SPDX-License-Identifier: Apache-2.0
//
// The fields are those of nvinfer.md 8.1 to 8.7.
#include "gst/meta.h"

#include <gst/video/gstvideometa.h>

#include <algorithm>
#include <cstring>
#include <numbers>
#include <vector>

namespace es::gst {
namespace {

// font_name is never freed: it must outlive every metadata.
char font_name[] = "Serif";

constexpr NvOSD_ColorParams white{1, 1, 1, 1};
constexpr NvOSD_ColorParams black{0, 0, 0, 1};
constexpr NvOSD_ColorParams red{1, 0, 0, 1};

NvOSD_ColorParams color_of(const Color& color) { return {color.red, color.green, color.blue, color.alpha}; }

template <size_t size>
void copy_label(gchar (&target)[size], const std::string& label) {
  const size_t length = std::min(label.size(), size - 1);
  std::memcpy(target, label.data(), length);
  target[length] = '\0';
}

// What would be left of or above the picture is at its edge: the offsets are unsigned.
unsigned offset_of(float position) { return position > 0 ? static_cast<unsigned>(position) : 0; }

void set_text_style(NvOSD_TextParams& text, float left, float top) {
  text.x_offset = offset_of(left);
  text.y_offset = offset_of(top - 10);
  text.font_params = {font_name, 11, white};
  text.set_bg_clr = 1;
  text.text_bg_clr = black;
}

NvDsObjectMeta* add_object(NvDsFrameMeta& frame, NvDsObjectMeta* parent, int unique_id, int class_id) {
  NvDsObjectMeta* object = nvds_acquire_obj_meta_from_pool(frame.base_meta.batch_meta);
  object->unique_component_id = unique_id;
  object->class_id = class_id;
  nvds_add_obj_meta_to_frame(&frame, object, parent);
  return object;
}

void set_rectangle(NvOSD_RectParams& rectangle, const Detection& detection, const ClassAttributes& attributes) {
  rectangle.left = detection.box.left;
  rectangle.top = detection.box.top;
  rectangle.width = detection.box.width;
  rectangle.height = detection.box.height;
  rectangle.rotation_angle = detection.rotation * static_cast<float>(180 / std::numbers::pi);
  rectangle.border_width = 3;
  rectangle.border_color = color_of(attributes.border_color);
  rectangle.has_bg_color = attributes.has_bg_color;
  rectangle.bg_color = color_of(attributes.bg_color);
}

// What a primary classifier's labels hang on: an object of no class over the whole frame.
NvDsObjectMeta* add_frame_object(NvDsFrameMeta& frame, int unique_id) {
  NvDsObjectMeta* object = add_object(frame, nullptr, unique_id, -1);
  auto& rectangle = object->rect_params;
  rectangle.width = static_cast<float>(frame.pipeline_width);
  rectangle.height = static_cast<float>(frame.pipeline_height);
  rectangle.border_width = 6;
  rectangle.border_color = red;
  rectangle.bg_color = {1, 1, 0, 0.4};
  return object;
}

void append_display_text(NvDsObjectMeta& object, const std::string& label) {
  auto& text = object.text_params;
  if (text.display_text == nullptr) {
    text.display_text = g_strdup("");
    set_text_style(text, object.rect_params.left, object.rect_params.top);
  }
  gchar* longer = g_strconcat(text.display_text, " ", label.c_str(), nullptr);
  g_free(text.display_text);
  text.display_text = longer;
}

// user_meta_data of raw tensors: the public structure, and what it points to.
struct Tensors {
  NvDsInferTensorMeta meta{};
  std::vector<NvDsInferLayerInfo> layers;
  std::vector<std::string> names;
  std::vector<void*> host;
  std::shared_ptr<const void> owner;

  // Points meta and layers at what this object holds.
  void connect() {
    for (size_t i = 0; i < layers.size(); ++i) layers[i].layerName = names[i].c_str();
    meta.num_output_layers = static_cast<guint>(layers.size());
    meta.output_layers_info = layers.data();
    meta.out_buf_ptrs_host = host.data();
    meta.out_buf_ptrs_dev = nullptr;
    meta.priv_data = this;
  }
};

Tensors* tensors_of(gpointer user_meta) {
  return static_cast<Tensors*>(
      static_cast<NvDsInferTensorMeta*>(static_cast<NvDsUserMeta*>(user_meta)->user_meta_data)->priv_data);
}

gpointer copy_tensors(gpointer data, gpointer) {
  auto* copy = new Tensors(*tensors_of(data));
  copy->connect();
  return &copy->meta;
}

void release_tensors(gpointer data, gpointer) { delete tensors_of(data); }

constexpr const char* detection_name = "detection";
constexpr const char* component_field = "component-id";

// ---- regions of interest --------------------------------------------------------------------------------------------

gboolean remove_if_ours(GstBuffer*, GstMeta** meta, gpointer) {
  if ((*meta)->info->api != GST_VIDEO_REGION_OF_INTEREST_META_API_TYPE) return TRUE;
  auto* region = reinterpret_cast<GstVideoRegionOfInterestMeta*>(*meta);
  const GstStructure* params = gst_video_region_of_interest_meta_get_param(region, detection_name);
  if (params != nullptr && gst_structure_has_field(params, component_field)) *meta = nullptr;
  return TRUE;
}

void add_labels(GstVideoRegionOfInterestMeta* region, const NvDsObjectMeta& object) {
  for (GList* c = object.classifier_meta_list; c != nullptr; c = c->next) {
    const auto* classifier = static_cast<NvDsClassifierMeta*>(c->data);
    for (GList* l = classifier->label_info_list; l != nullptr; l = l->next) {
      const auto* label = static_cast<NvDsLabelInfo*>(l->data);
      gst_video_region_of_interest_meta_add_param(
          region, gst_structure_new("classification", "label", G_TYPE_STRING, label->result_label, "class-id",
                                    G_TYPE_UINT, label->result_class_id, "confidence", G_TYPE_DOUBLE,
                                    static_cast<double>(label->result_prob), component_field, G_TYPE_INT,
                                    classifier->unique_component_id, nullptr));
    }
  }
}

void add_region(GstBuffer* buffer, const NvDsFrameMeta& frame, const NvDsObjectMeta& object) {
  const auto& box = object.rect_params;
  auto* region = gst_buffer_add_video_region_of_interest_meta(
      buffer, object.obj_label[0] != '\0' ? object.obj_label : "object", offset_of(box.left), offset_of(box.top),
      offset_of(box.width), offset_of(box.height));
  gst_video_region_of_interest_meta_add_param(
      region, gst_structure_new(detection_name, "confidence", G_TYPE_DOUBLE, static_cast<double>(object.confidence),
                                "class-id", G_TYPE_INT, object.class_id, "object-id", G_TYPE_UINT64, object.object_id,
                                "source-id", G_TYPE_UINT, frame.source_id, "batch-id", G_TYPE_UINT, frame.batch_id,
                                component_field, G_TYPE_INT, object.unique_component_id, nullptr));
  add_labels(region, object);
}

}  // namespace

void attach_batch_meta(GstBuffer* buffer, NvDsBatchMeta* batch) {
  NvDsMeta* meta =
      gst_buffer_add_nvds_meta(buffer, batch, nullptr, nvds_batch_meta_copy_func, nvds_batch_meta_release_func);
  meta->meta_type = NVDS_BATCH_GST_META;
}

void attach_detections(NvDsFrameMeta& frame, NvDsObjectMeta* parent, std::span<const Detection> detections,
                       const AttachSpec& spec) {
  static const ClassAttributes defaults;
  for (const auto& detection : detections) {
    const auto class_id = static_cast<size_t>(detection.class_id);
    NvDsObjectMeta* object = add_object(frame, parent, spec.unique_id, detection.class_id);
    object->confidence = detection.score;
    set_rectangle(object->rect_params, detection,
                  class_id < spec.class_attributes.size() ? spec.class_attributes[class_id] : defaults);
    object->detector_bbox_info.org_bbox_coords = {detection.box.left, detection.box.top, detection.box.width,
                                                  detection.box.height};
    set_text_style(object->text_params, detection.box.left, detection.box.top);
    if (detection.label.empty()) continue;
    copy_label(object->obj_label, detection.label);
    object->text_params.display_text = g_strdup(detection.label.c_str());
  }
}

void attach_classification(NvDsFrameMeta& frame, NvDsObjectMeta* object, std::span<const Attribute> attributes,
                           const std::string& label, const AttachSpec& spec) {
  if (attributes.empty() || label.empty()) return;
  if (object == nullptr) object = add_frame_object(frame, spec.unique_id);
  NvDsBatchMeta* batch = frame.base_meta.batch_meta;
  NvDsClassifierMeta* classifier = nvds_acquire_classifier_meta_from_pool(batch);
  classifier->unique_component_id = spec.unique_id;
  classifier->classifier_type = spec.classifier_type;
  for (const auto& attribute : attributes) {
    NvDsLabelInfo* info = nvds_acquire_label_info_meta_from_pool(batch);
    info->label_id = attribute.label_id;
    info->result_class_id = attribute.class_id;
    info->result_prob = attribute.probability;
    copy_label(info->result_label, attribute.label);
    nvds_add_label_info_meta_to_classifier(classifier, info);
  }
  append_display_text(*object, label);
  nvds_add_classifier_meta_to_object(object, classifier);
}

void attach_tensors(NvDsFrameMeta& frame, NvDsObjectMeta* object, std::span<const NvDsInferLayerInfo> layers,
                    std::shared_ptr<const void> owner, const NvDsInferTensorMeta& description) {
  auto* tensors = new Tensors;
  tensors->meta = description;
  tensors->owner = std::move(owner);
  for (const auto& layer : layers) {
    tensors->layers.push_back(layer);
    tensors->names.emplace_back(layer.layerName);
    tensors->host.push_back(layer.buffer);
  }
  tensors->connect();
  NvDsUserMeta* user = nvds_acquire_user_meta_from_pool(frame.base_meta.batch_meta);
  user->base_meta.meta_type = NVDSINFER_TENSOR_OUTPUT_META;
  user->base_meta.copy_func = copy_tensors;
  user->base_meta.release_func = release_tensors;
  user->user_meta_data = &tensors->meta;
  object != nullptr ? nvds_add_user_meta_to_obj(object, user) : nvds_add_user_meta_to_frame(&frame, user);
}

void mirror_as_regions(GstBuffer* buffer, const NvDsBatchMeta* batch) {
  if (!gst_buffer_is_writable(buffer)) return;
  gst_buffer_foreach_meta(buffer, remove_if_ours, nullptr);
  for_each_frame(batch, [buffer](const NvDsFrameMeta& frame) {
    for_each_object(frame, [&](const NvDsObjectMeta& object) { add_region(buffer, frame, object); });
  });
}

}  // namespace es::gst
