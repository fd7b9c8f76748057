// SPDX-License-Identifier: Apache-2.0
//
// nvvideoconvert: pictures between plain memory and memory:NVMM, and between formats and sizes, cropped and turned.
//
// From one kind of memory to the other no pixel moves: a plain buffer is wrapped, a surface unwrapped. What is done to
// pixels is convert_frame's business; this file negotiates caps. Object coordinates are not scaled, as in DeepStream.
#include <gst/base/gstbasetransform.h>

#include <optional>
#include <utility>

#include "base/log.h"
#include "edgestream/deepstream/gstnvdsmeta.h"
#include "gst/batch_memory.h"
#include "gst/convert_frame.h"
#include "gst/elements.h"
#include "gst/format.h"
#include "gst/meta.h"
#include "gst/support/element.h"
#include "gst/support/enums.h"
#include "gst/support/guarded.h"

namespace es::gst {
namespace {

struct ConvertOptions {
  std::string src_crop;
  std::string dest_crop;
  int interpolation_method = 6;
  int flip_method = 0;
  bool disable_passthrough = false;
  unsigned output_buffers = 4;
  int compute_hw = 0;
  int copy_hw = 0;
  unsigned gpu_id = 0;
  int nvbuf_memory_type = 0;
  bool allow_odd_crop = false;
};

GType flip_enum() {
  static const GEnumValue values[] = {{0, "Identity", "none"},
                                      {1, "Rotate counter-clockwise by 90 degrees", "counterclockwise"},
                                      {2, "Rotate by 180 degrees", "rotate-180"},
                                      {3, "Rotate clockwise by 90 degrees", "clockwise"},
                                      {4, "Flip horizontally", "horizontal-flip"},
                                      {5, "Flip across the upper right to lower left diagonal", "upper-right-diagonal"},
                                      {6, "Flip vertically", "vertical-flip"},
                                      {7, "Flip across the upper left to lower right diagonal", "upper-left-diagonal"},
                                      {0, nullptr, nullptr}};
  static const GType type = register_enum("EsFlipMethod", values);
  return type;
}

constexpr Property<ConvertOptions> convert_properties[] = {
    {"src-crop", "Part of each picture to use, left:top:width:height in pixels, on even numbers.",
     &ConvertOptions::src_crop},
    {"dest-crop", "Where in the output it is put, left:top:width:height; the rest is black.",
     &ConvertOptions::dest_crop},
    {"interpolation-method", "How pictures are scaled.", &ConvertOptions::interpolation_method, 0, 0,
     interpolation_enum},
    {"flip-method", "How pictures are turned.", &ConvertOptions::flip_method, 0, 0, flip_enum},
    {"disable-passthrough", "Make a new buffer even where nothing is to be done.",
     &ConvertOptions::disable_passthrough},
    {"output-buffers", no_effect, &ConvertOptions::output_buffers, 1, G_MAXUINT},
    {"compute-hw", no_effect, &ConvertOptions::compute_hw, 0, 0, compute_enum},
    {"copy-hw", no_effect, &ConvertOptions::copy_hw, 0, 0, compute_enum},
    {"gpu-id", no_effect, &ConvertOptions::gpu_id},
    {"nvbuf-memory-type", no_effect, &ConvertOptions::nvbuf_memory_type, 0, 0, memory_type_enum},
    {"allow-odd-crop", "Accepted; crops are moved to even numbers.", &ConvertOptions::allow_odd_crop},
};

struct Convert {
  using Parent = GstBaseTransform;
  using ParentClass = GstBaseTransformClass;
  using Options = ConvertOptions;
  struct State {
    GstVideoInfo input;
    bool input_is_surface = false;
    bool output_is_surface = false;
    bool strides_are_free = false;  // downstream reads GstVideoMeta
    bool warned = false;
    Conversion conversion;
    AnyFormat any_format;
    FramePool pool;
  };

  static constexpr const char* type_name = "GstNvVideoConvert";
  static GType parent_type() { return GST_TYPE_BASE_TRANSFORM; }
  static std::span<const Property<Options>> properties() { return convert_properties; }
  static void init_class(GstBaseTransformClass* klass);
  static void init_instance(GstBaseTransform*) {}
};

using Self = Element<Convert>;
using State = Convert::State;

// ---- caps -----------------------------------------------------------------------------------------------------------

GstCaps* any_plain_caps() {
  return gst_caps_from_string(
      "video/x-raw, format=(string)" GST_VIDEO_FORMATS_ALL
      ", width=(int)[1, 32767], height=(int)[1, 32767], framerate=(fraction)[0/1, 2147483647/1]");
}

// What the other pad may have for one structure of this pad: any of our formats and sizes, in either memory. Whatever
// else stands there (framerate, batch-size) goes through.
GstStructure* opened(const GstStructure* structure) {
  GstStructure* open = gst_structure_copy(structure);
  gst_structure_remove_fields(open, "format", "colorimetry", "chroma-site", "width", "height", "pixel-aspect-ratio",
                              nullptr);
  gst_structure_set(open, "width", GST_TYPE_INT_RANGE, 1, 32767, "height", GST_TYPE_INT_RANGE, 1, 32767, nullptr);
  return open;
}

// The same structure first: who can keep things as they are does.
GstCaps* transform_caps(GstBaseTransform*, GstPadDirection direction, GstCaps* caps, GstCaps* filter) {
  GstCaps* result = gst_caps_new_empty();
  for (guint i = 0; i < gst_caps_get_size(caps); ++i) {
    gst_caps_append_structure_full(result, gst_structure_copy(gst_caps_get_structure(caps, i)),
                                   gst_caps_features_copy(gst_caps_get_features(caps, i)));
  }
  for (guint i = 0; i < gst_caps_get_size(caps); ++i) {
    const GstStructure* structure = gst_caps_get_structure(caps, i);
    result = gst_caps_merge_structure_full(result, opened(structure), gst_caps_features_new(nvmm_feature, nullptr));
    result = gst_caps_merge_structure(result, opened(structure));
  }
  GstCaps* possible = surface_caps();
  gst_caps_append(possible, direction == GST_PAD_SRC ? any_plain_caps() : plain_caps());
  GstCaps* narrowed = gst_caps_intersect_full(result, possible, GST_CAPS_INTERSECT_FIRST);
  gst_caps_unref(result);
  gst_caps_unref(possible);
  if (filter == nullptr) return narrowed;
  GstCaps* filtered = gst_caps_intersect_full(filter, narrowed, GST_CAPS_INTERSECT_FIRST);
  gst_caps_unref(narrowed);
  return filtered;
}

bool may_have_format(const GstStructure* structure, GstVideoFormat format) {
  GValue wanted = G_VALUE_INIT;
  g_value_init(&wanted, G_TYPE_STRING);
  g_value_set_static_string(&wanted, gst_video_format_to_string(format));
  const GValue* formats = gst_structure_get_value(structure, "format");
  const bool may = formats == nullptr || gst_value_intersect(nullptr, formats, &wanted);
  g_value_unset(&wanted);
  return may;
}

// The first structure that can keep the format, else the first of all.
guint best_structure(const GstCaps* caps, GstVideoFormat format) {
  for (guint i = 0; i < gst_caps_get_size(caps); ++i) {
    if (may_have_format(gst_caps_get_structure(caps, i), format)) return i;
  }
  return 0;
}

void fixate_format(GstStructure* structure, GstVideoFormat format) {
  const bool rgb = !is_yuv(format);
  for (const auto candidate :
       {format, rgb ? GST_VIDEO_FORMAT_RGBA : GST_VIDEO_FORMAT_I420,
        rgb ? GST_VIDEO_FORMAT_BGRx : GST_VIDEO_FORMAT_NV12, rgb ? GST_VIDEO_FORMAT_RGB : GST_VIDEO_FORMAT_RGBA}) {
    if (!may_have_format(structure, candidate)) continue;
    gst_structure_set(structure, "format", G_TYPE_STRING, gst_video_format_to_string(candidate), nullptr);
    return;
  }
  gst_structure_fixate_field(structure, "format");
}

// YUV keeps its colours; made from RGB it is BT.601, which the size of the picture alone would not tell.
void fixate_colorimetry(GstStructure* structure, const GstVideoInfo& input) {
  const char* format = gst_structure_get_string(structure, "format");
  if (gst_structure_has_field(structure, "colorimetry") || !is_yuv(gst_video_format_from_string(format))) return;
  g_autofree gchar* colors = is_yuv(GST_VIDEO_INFO_FORMAT(&input)) ? gst_video_colorimetry_to_string(&input.colorimetry)
                                                                   : g_strdup(GST_VIDEO_COLORIMETRY_BT601);
  if (colors != nullptr) gst_structure_set(structure, "colorimetry", G_TYPE_STRING, colors, nullptr);
}

GstCaps* fixate_caps(GstBaseTransform* base, GstPadDirection, GstCaps* caps, GstCaps* others) {
  GstVideoInfo input;
  if (!gst_video_info_from_caps(&input, caps)) return gst_caps_fixate(others);
  const auto format = stand_in(GST_VIDEO_INFO_FORMAT(&input));
  GstCaps* fixed = gst_caps_copy_nth(others, best_structure(others, format));
  gst_caps_unref(others);
  GstStructure* structure = gst_caps_get_structure(fixed, 0);
  fixate_format(structure, format);
  const bool swap = swaps_axes(static_cast<Flip>(Self::options(base).flip_method));
  const int width = GST_VIDEO_INFO_WIDTH(&input), height = GST_VIDEO_INFO_HEIGHT(&input);
  gst_structure_fixate_field_nearest_int(structure, "width", swap ? height : width);
  gst_structure_fixate_field_nearest_int(structure, "height", swap ? width : height);
  fixate_colorimetry(structure, input);
  return gst_caps_fixate(fixed);
}

gboolean set_caps(GstBaseTransform* base, GstCaps* in, GstCaps* out) {
  return guarded(base, FALSE, [&] {
    auto& state = Self::state(base);
    const auto options = Self::options(base);
    require(gst_video_info_from_caps(&state.input, in) != FALSE, ErrorKind::unsupported,
            "the caps of the sink pad describe no picture");
    state.input_is_surface = has_nvmm(in);
    state.output_is_surface = has_nvmm(out);
    state.conversion = {video_info(out), parse_crop(options.src_crop, "src-crop"),
                        parse_crop(options.dest_crop, "dest-crop"), static_cast<Flip>(options.flip_method),
                        filter_of(options.interpolation_method)};
    const bool untouched = !state.conversion.source_crop && !state.conversion.destination_crop &&
                           state.conversion.flip == Flip::none && gst_caps_is_equal(in, out);
    gst_base_transform_set_passthrough(base, untouched && !options.disable_passthrough);
    return TRUE;
  });
}

// ---- buffers --------------------------------------------------------------------------------------------------------

std::vector<Frame> pictures_in(State& state, GstBuffer* buffer) {
  if (state.input_is_surface) return take_frames(buffer);
  std::vector<Frame> one;
  one.push_back(state.any_format.read(buffer, state.input));
  return one;
}

bool has_default_layout(const Frame& frame) {
  const GstVideoInfo plain =
      make_info(GST_VIDEO_INFO_FORMAT(&frame.info()), frame.width(), frame.height(), frame.info());
  const ImageView image = frame.view();
  for (guint p = 0; p < GST_VIDEO_INFO_N_PLANES(&plain); ++p) {
    if (image.planes[p].stride != GST_VIDEO_INFO_PLANE_STRIDE(&plain, p)) return false;
    const auto offset = static_cast<size_t>(image.planes[p].data - image.planes[0].data);
    if (offset != GST_VIDEO_INFO_PLANE_OFFSET(&plain, p)) return false;
  }
  return gst_buffer_get_size(frame.buffer()) == GST_VIDEO_INFO_SIZE(&plain);
}

// Plain memory for an element that knows default strides alone.
Frame with_default_layout(Frame frame, State& state) {
  if (state.strides_are_free || has_default_layout(frame)) return frame;
  Frame plain = Frame::make(
      state.pool, make_info(GST_VIDEO_INFO_FORMAT(&frame.info()), frame.width(), frame.height(), frame.info()));
  copy(frame.view(), plain.writable());
  count_picture();
  return plain;
}

GstBuffer* plain_output(GstBaseTransform* base, State& state, std::vector<Frame> frames) {
  require(!frames.empty(), ErrorKind::unsupported, "a batch without a frame cannot become a plain picture");
  if (frames.size() > 1 && !state.warned) {
    state.warned = true;
    post_warning(GST_ELEMENT(base), GST_STREAM_ERROR, GST_STREAM_ERROR_FORMAT,
                 text("a batch of ", frames.size(),
                      " frames leaves as its first frame alone; put a "
                      "nvmultistreamtiler in front"));
  }
  Frame first = with_default_layout(std::move(frames.front()), state);
  frames.clear();
  return Frame::into_buffer(std::move(first));
}

GstBuffer* convert_buffer(GstBaseTransform* base, GstBuffer* input) {
  auto& state = Self::state(base);
  std::vector<Frame> frames = pictures_in(state, input);
  const auto count = static_cast<unsigned>(frames.size());
  for (auto& frame : frames) frame = convert_frame(frame, state.conversion, state.pool);
  return state.output_is_surface ? make_batch_buffer(std::move(frames), count)
                                 : plain_output(base, state, std::move(frames));
}

// Times, flags and metadata of the batch; regions of interest for those who read them from plain pictures.
void copy_metadata(GstBaseTransform* base, GstBuffer* input, GstBuffer* output) {
  Self::parent_class()->copy_metadata(base, input, output);
  const auto* batch = gst_buffer_get_nvds_batch_meta(output);
  if (batch != nullptr && !Self::state(base).output_is_surface) mirror_as_regions(output, batch);
}

GstFlowReturn prepare_output_buffer(GstBaseTransform* base, GstBuffer* input, GstBuffer** output) {
  if (gst_base_transform_is_passthrough(base)) {
    *output = input;
    return GST_FLOW_OK;
  }
  return guarded(base, GST_FLOW_ERROR, [&] {
    *output = convert_buffer(base, input);
    copy_metadata(base, input, *output);
    return GST_FLOW_OK;
  });
}

// All is done when the output is prepared.
GstFlowReturn transform(GstBaseTransform*, GstBuffer*, GstBuffer*) { return GST_FLOW_OK; }

// Pictures come from our own pool; only how free their strides are is asked.
gboolean decide_allocation(GstBaseTransform* base, GstQuery* query) {
  Self::state(base).strides_are_free = gst_query_find_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr);
  while (gst_query_get_n_allocation_pools(query) > 0) gst_query_remove_nth_allocation_pool(query, 0);
  return TRUE;
}

gboolean propose_allocation(GstBaseTransform* base, GstQuery* decide_query, GstQuery* query) {
  if (decide_query == nullptr) return Self::parent_class()->propose_allocation(base, decide_query, query);
  gst_query_add_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr);
  return TRUE;
}

void Convert::init_class(GstBaseTransformClass* klass) {
  auto* element_class = GST_ELEMENT_CLASS(klass);
  gst_element_class_set_static_metadata(element_class, "Video converter", "Filter/Converter/Video/Scaler",
                                        "Converts pictures between plain memory and memory:NVMM, formats and sizes",
                                        "EdgeStream");
  GstCaps* sink_caps = surface_caps();
  gst_caps_append(sink_caps, any_plain_caps());
  GstCaps* src_caps = surface_caps();
  gst_caps_append(src_caps, plain_caps());
  gst_element_class_add_pad_template(element_class, pad_template("sink", GST_PAD_SINK, GST_PAD_ALWAYS, sink_caps));
  gst_element_class_add_pad_template(element_class, pad_template("src", GST_PAD_SRC, GST_PAD_ALWAYS, src_caps));
  klass->transform_caps = transform_caps;
  klass->fixate_caps = fixate_caps;
  klass->set_caps = set_caps;
  klass->prepare_output_buffer = prepare_output_buffer;
  klass->transform = transform;
  klass->decide_allocation = decide_allocation;
  klass->propose_allocation = propose_allocation;
  klass->passthrough_on_same_caps = FALSE;
}

}  // namespace

GType nvvideoconvert_type() { return Self::type(); }

}  // namespace es::gst
