// SPDX-License-Identifier: Apache-2.0
#include "app/decorate.h"

#include <algorithm>
#include <string>

#include "edgestream/deepstream/gstnvdsmeta.h"

namespace es::app {
namespace {

constexpr int text_above_box = 30;  // pixels from the top of the box to the top of its text

NvOSD_ColorParams as_params(const Color& color) { return {color.red, color.green, color.blue, color.alpha}; }

const Gie* engine_of(const AppConfig& config, int unique_component_id) {
  if (config.primary && config.primary->gie_unique_id == unique_component_id) return &*config.primary;
  for (const auto& gie : config.secondaries) {
    if (gie.gie_unique_id == unique_component_id) return &gie;
  }
  return nullptr;
}

const Color* color_of(const std::vector<std::pair<int, Color>>& colors, int class_id) {
  const Color* found = nullptr;
  for (const auto& [id, color] : colors) {
    if (id == class_id) return &color;
    if (id == -1) found = &color;
  }
  return found;
}

// "label", then the low 32 bits of the tracking id, then what secondary classifiers said, in the order of their ids.
std::string text_of(const NvDsObjectMeta& object) {
  std::string words = object.obj_label;
  if (object.object_id != UNTRACKED_OBJECT_ID) words += " " + std::to_string(static_cast<uint32_t>(object.object_id));
  std::vector<const NvDsClassifierMeta*> classifiers;
  for (GList* link = object.classifier_meta_list; link; link = link->next) {
    classifiers.push_back(static_cast<const NvDsClassifierMeta*>(link->data));
  }
  std::ranges::stable_sort(classifiers, {}, &NvDsClassifierMeta::unique_component_id);
  for (const auto* classifier : classifiers) {
    for (GList* link = classifier->label_info_list; link; link = link->next) {
      const auto* label = static_cast<const NvDsLabelInfo*>(link->data);
      words += std::string(" ") + (label->pResult_label ? label->pResult_label : label->result_label);
    }
  }
  return words;
}

void decorate_box(NvDsObjectMeta& object, const Gie& engine, const Osd& osd) {
  auto& box = object.rect_params;
  const Color* border = color_of(engine.border_colors, object.class_id);
  box.border_color = border ? as_params(*border) : NvOSD_ColorParams{1, 0, 0, 1};
  box.border_width = static_cast<unsigned>(osd.border_width);
  const Color* fill = color_of(engine.fill_colors, object.class_id);
  box.has_bg_color = fill ? 1 : 0;
  if (fill) box.bg_color = as_params(*fill);
}

void decorate_text(NvDsObjectMeta& object, const Osd& osd) {
  auto& label = object.text_params;
  g_free(label.display_text);
  label.display_text = g_strdup(text_of(object).c_str());
  label.x_offset = static_cast<unsigned>(std::max(0.0f, object.rect_params.left));
  label.y_offset = static_cast<unsigned>(std::max(0.0f, object.rect_params.top - text_above_box));
  label.font_params.font_name = const_cast<char*>(g_intern_string(osd.font.c_str()));  // the meta never frees it
  label.font_params.font_size = static_cast<unsigned>(osd.text_size);
  label.font_params.font_color = as_params(osd.text_color);
  const auto& background = osd.text_bg_color;
  label.set_bg_clr = background.red > 0 || background.green > 0 || background.blue > 0 || background.alpha > 0;
  label.text_bg_clr = as_params(background);
}

}  // namespace

void decorate_objects(GstBuffer* buffer, const AppConfig& config) {
  NvDsBatchMeta* batch = gst_buffer_get_nvds_batch_meta(buffer);
  if (batch == nullptr) return;
  nvds_acquire_meta_lock(batch);
  for (GList* f = batch->frame_meta_list; f; f = f->next) {
    for (GList* o = static_cast<NvDsFrameMeta*>(f->data)->obj_meta_list; o; o = o->next) {
      auto& object = *static_cast<NvDsObjectMeta*>(o->data);
      const Gie* engine = engine_of(config, object.unique_component_id);
      if (engine == nullptr) continue;
      decorate_box(object, *engine, config.osd);
      decorate_text(object, config.osd);
    }
  }
  nvds_release_meta_lock(batch);
}

}  // namespace es::app
