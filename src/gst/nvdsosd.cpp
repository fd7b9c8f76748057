// SPDX-License-Identifier: Apache-2.0
//
// nvdsosd: draws the objects attached to a frame onto it.
//
// How it looks is draw/'s business. This file turns metadata into a scene, and gives draw/ pixels that nobody else
// sees. DeepStream draws every object in use in the batch onto surface 0; so does this where there is one surface
// (after the tiler, or with one source), and otherwise each frame's objects onto that frame.
#include <gst/base/gstbasetransform.h>

#include <ctime>
#include <vector>

#include "draw/draw.h"
#include "edgestream/deepstream/gstnvdsmeta.h"
#include "gst/batch_memory.h"
#include "gst/elements.h"
#include "gst/format.h"
#include "gst/meta.h"
#include "gst/support/element.h"
#include "gst/support/enums.h"
#include "gst/support/guarded.h"

namespace es::gst {
namespace {

struct OsdOptions {
  bool display_clock = false;
  bool display_text = true;
  bool display_bbox = true;
  bool display_mask = false;
  std::string clock_font = "Serif";
  unsigned clock_font_size = 12;
  unsigned x_clock_offset = 0;
  unsigned y_clock_offset = 0;
  unsigned clock_color = 0xFF0000FF;
  int process_mode = 1;
  unsigned gpu_id = 0;
  unsigned blur_bbox = 0;
  std::string blur_on_gie_class_ids;
};

GType process_mode_enum() {
  static const GEnumValue values[] = {
      {0, "Draws on the CPU", "CPU_MODE"}, {1, "Draws on the CPU all the same", "GPU_MODE"}, {0, nullptr, nullptr}};
  static const GType type = register_enum("EsOsdProcessMode", values);
  return type;
}

constexpr Property<OsdOptions> osd_properties[] = {
    {"display-clock", "Write the time of day.", &OsdOptions::display_clock, 0, 0, nullptr, true},
    {"display-text", "Write the text of each object.", &OsdOptions::display_text, 0, 0, nullptr, true},
    {"display-bbox", "Draw the box of each object.", &OsdOptions::display_bbox, 0, 0, nullptr, true},
    {"display-mask", "Paint the mask of each object that has one.", &OsdOptions::display_mask, 0, 0, nullptr, true},
    {"clock-font", "Font of the clock.", &OsdOptions::clock_font, 0, 0, nullptr, true},
    {"clock-font-size", "Size of the clock, points.", &OsdOptions::clock_font_size, 0, 60, nullptr, true},
    {"x-clock-offset", "Left edge of the clock, pixels.", &OsdOptions::x_clock_offset, 0, 0, nullptr, true},
    {"y-clock-offset", "Top edge of the clock, pixels.", &OsdOptions::y_clock_offset, 0, 0, nullptr, true},
    {"clock-color", "Colour of the clock, 0xRRGGBBAA.", &OsdOptions::clock_color, 0, 0, nullptr, true},
    {"process-mode", "Accepted; everything is drawn on the CPU.", &OsdOptions::process_mode, 0, 0, process_mode_enum},
    {"gpu-id", no_effect, &OsdOptions::gpu_id},
    {"blur-bbox", "Accepted; nothing is blurred.", &OsdOptions::blur_bbox, 0, 2},
    {"blur-on-gie-class-ids", "Accepted; nothing is blurred.", &OsdOptions::blur_on_gie_class_ids},
};

struct Osd {
  using Parent = GstBaseTransform;
  using ParentClass = GstBaseTransformClass;
  using Options = OsdOptions;
  struct State {
    draw::Painter painter;
  };

  static constexpr const char* type_name = "GstNvDsOsd";
  static GType parent_type() { return GST_TYPE_BASE_TRANSFORM; }
  static std::span<const Property<Options>> properties() { return osd_properties; }
  static void init_class(GstBaseTransformClass* klass);
  static void init_instance(GstBaseTransform* base);
};

using Self = Element<Osd>;

draw::Color color_of(const NvOSD_ColorParams& color) { return {color.red, color.green, color.blue, color.alpha}; }

void add(draw::Scene& scene, const NvOSD_RectParams& rectangle) {
  const bool filled = rectangle.has_bg_color != 0;
  if (rectangle.border_width == 0 && !filled) return;
  scene.rectangles.push_back({rectangle.left, rectangle.top, rectangle.width, rectangle.height,
                              static_cast<int>(std::min(rectangle.border_width, 32u)), color_of(rectangle.border_color),
                              filled, color_of(rectangle.bg_color), rectangle.rotation_angle});
}

void add(draw::Scene& scene, const NvOSD_TextParams& text) {
  if (text.display_text == nullptr || text.display_text[0] == '\0') return;
  scene.texts.push_back({text.display_text, static_cast<int>(text.x_offset), static_cast<int>(text.y_offset),
                         text.font_params.font_name != nullptr ? text.font_params.font_name : "Serif",
                         static_cast<int>(text.font_params.font_size), color_of(text.font_params.font_color),
                         text.set_bg_clr != 0, color_of(text.text_bg_clr)});
}

void add(draw::Scene& scene, const NvOSD_LineParams& line) {
  scene.lines.push_back({static_cast<int>(line.x1), static_cast<int>(line.y1), static_cast<int>(line.x2),
                         static_cast<int>(line.y2), static_cast<int>(line.line_width), color_of(line.line_color)});
}

void add(draw::Scene& scene, const NvOSD_ArrowParams& arrow) {
  const auto head = arrow.arrow_head == START_HEAD ? draw::ArrowHead::start
                    : arrow.arrow_head == END_HEAD ? draw::ArrowHead::end
                                                   : draw::ArrowHead::both;
  scene.lines.push_back({static_cast<int>(arrow.x1), static_cast<int>(arrow.y1), static_cast<int>(arrow.x2),
                         static_cast<int>(arrow.y2), static_cast<int>(arrow.arrow_width), color_of(arrow.arrow_color),
                         head});
}

void add(draw::Scene& scene, const NvOSD_CircleParams& circle) {
  scene.circles.push_back({static_cast<int>(circle.xc), static_cast<int>(circle.yc), static_cast<int>(circle.radius),
                           circle.circle_width != 0 ? static_cast<int>(circle.circle_width) : 2,
                           color_of(circle.circle_color), circle.has_bg_color != 0, color_of(circle.bg_color)});
}

void add_mask(draw::Scene& scene, const NvDsObjectMeta& object) {
  const auto& mask = object.mask_params;
  const size_t count = size_t{mask.width} * mask.height;
  if (mask.data == nullptr || count == 0 || mask.size < count * sizeof(float)) return;
  draw::Color color = color_of(object.rect_params.border_color);
  color.alpha = 127.0 / 255;
  const auto& box = object.rect_params;
  scene.masks.push_back({box.left,
                         box.top,
                         box.width,
                         box.height,
                         {mask.data, count},
                         static_cast<int>(mask.width),
                         static_cast<int>(mask.height),
                         mask.threshold,
                         color});
}

void add_object(draw::Scene& scene, const NvDsObjectMeta& object, const OsdOptions& options) {
  if (options.display_bbox) add(scene, object.rect_params);
  if (options.display_mask) add_mask(scene, object);
  if (options.display_text) add(scene, object.text_params);
}

template <typename Params>
void add_first(draw::Scene& scene, const Params (&params)[MAX_ELEMENTS_IN_DISPLAY_META], unsigned count) {
  for (unsigned i = 0; i < std::min<unsigned>(count, MAX_ELEMENTS_IN_DISPLAY_META); ++i) add(scene, params[i]);
}

void add_display(draw::Scene& scene, const NvDsDisplayMeta& display, const OsdOptions& options) {
  if (options.display_bbox) add_first(scene, display.rect_params, display.num_rects);
  if (options.display_text) add_first(scene, display.text_params, display.num_labels);
  add_first(scene, display.line_params, display.num_lines);
  add_first(scene, display.arrow_params, display.num_arrows);
  add_first(scene, display.circle_params, display.num_circles);
}

void add_frame(draw::Scene& scene, const NvDsFrameMeta& frame, const OsdOptions& options) {
  for_each_object(frame, [&](const NvDsObjectMeta& object) { add_object(scene, object, options); });
  for (GList* at = frame.display_meta_list; at != nullptr; at = at->next) {
    add_display(scene, *static_cast<NvDsDisplayMeta*>(at->data), options);
  }
}

void add_clock(draw::Scene& scene, const OsdOptions& options) {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char words[64];
  std::strftime(words, sizeof words, "%a %b %e %H:%M:%S %Y", &local);
  const auto component = [&](int shift) { return ((options.clock_color >> shift) & 0xFF) / 255.0; };
  scene.texts.push_back({words,
                         static_cast<int>(options.x_clock_offset),
                         static_cast<int>(options.y_clock_offset),
                         options.clock_font,
                         static_cast<int>(options.clock_font_size),
                         {component(24), component(16), component(8), component(0)}});
}

bool is_empty(const draw::Scene& scene) {
  return scene.rectangles.empty() && scene.masks.empty() && scene.texts.empty() && scene.lines.empty() &&
         scene.circles.empty();
}

// One scene a surface.
std::vector<draw::Scene> scenes_of(const NvDsBatchMeta* batch, size_t surfaces, const OsdOptions& options) {
  std::vector<draw::Scene> scenes(surfaces);
  if (batch != nullptr) {
    for_each_frame(batch, [&](const NvDsFrameMeta& frame) {
      const size_t surface = surfaces == 1 ? 0 : frame.batch_id;
      if (surface < surfaces) add_frame(scenes[surface], frame, options);
    });
  }
  if (options.display_clock) {
    for (auto& scene : scenes) add_clock(scene, options);
  }
  return scenes;
}

void draw_objects(GstBaseTransform* base, GstBuffer* buffer) {
  WritableBatch batch(buffer);
  const auto scenes = scenes_of(gst_buffer_get_nvds_batch_meta(buffer), batch.size(), Self::options(base));
  for (size_t i = 0; i < scenes.size(); ++i) {
    if (!is_empty(scenes[i])) Self::state(base).painter.paint(batch.image(i), scenes[i]);
  }
}

GstFlowReturn transform(GstBaseTransform* base, GstBuffer* buffer) {
  return guarded(base, GST_FLOW_ERROR, [&] {
    draw_objects(base, buffer);
    return GST_FLOW_OK;
  });
}

void Osd::init_class(GstBaseTransformClass* klass) {
  auto* element_class = GST_ELEMENT_CLASS(klass);
  gst_element_class_set_static_metadata(element_class, "On-screen display", "Filter/Video",
                                        "Draws boxes, labels and display metadata onto frames", "EdgeStream");
  gst_element_class_add_pad_template(element_class, pad_template("sink", GST_PAD_SINK, GST_PAD_ALWAYS, surface_caps()));
  gst_element_class_add_pad_template(element_class, pad_template("src", GST_PAD_SRC, GST_PAD_ALWAYS, surface_caps()));
  klass->transform_ip = transform;
}

void Osd::init_instance(GstBaseTransform* base) { gst_base_transform_set_in_place(base, TRUE); }

}  // namespace

GType nvdsosd_type() { return Self::type(); }

}  // namespace es::gst
