// SPDX-License-Identifier: Apache-2.0
//
// nvmultistreamtiler: the frames of a batch side by side on one picture.
//
//   source i ──► row i / columns, column i % columns, stretched to width / columns x height / rows
//
// A source that is not in the batch keeps its last picture. Boxes, texts and the like of every frame are scaled and
// moved with its tile. One tile of the frame's own size is no work: the frame goes on as it is.
#include <gst/base/gstbasetransform.h>

#include <algorithm>
#include <map>
#include <optional>

#include "edgestream/deepstream/gstnvdsmeta.h"
#include "gst/batch_memory.h"
#include "gst/elements.h"
#include "gst/format.h"
#include "gst/meta.h"
#include "gst/pixels.h"
#include "gst/support/element.h"
#include "gst/support/enums.h"
#include "gst/support/guarded.h"
#include "gst/tile.h"

namespace es::gst {
namespace {

struct TilerOptions {
  unsigned rows = 1;
  unsigned columns = 1;
  unsigned width = 1920;
  unsigned height = 1080;
  int show_source = -1;
  bool square_seq_grid = false;
  void* custom_tile_config = nullptr;
  unsigned buffer_pool_size = 4;
  unsigned gpu_id = 0;
  int nvbuf_memory_type = 0;
  int compute_hw = 0;
  int interpolation_method = 1;
};

constexpr Property<TilerOptions> tiler_properties[] = {
    {"rows", "Number of rows of tiles.", &TilerOptions::rows, 1, 1024},
    {"columns", "Number of columns of tiles.", &TilerOptions::columns, 1, 1024},
    {"width", "Width of the picture, pixels.", &TilerOptions::width, 16, 32767},
    {"height", "Height of the picture, pixels.", &TilerOptions::height, 16, 32767},
    {"show-source", "The one source to show over the whole picture; -1: all, in tiles.", &TilerOptions::show_source, -1,
     G_MAXINT, nullptr, true},
    {"square-seq-grid", "Choose rows and columns by the number of sources.", &TilerOptions::square_seq_grid},
    {"custom-tile-config", "Accepted; tiles are always a grid.", &TilerOptions::custom_tile_config},
    {"buffer-pool-size", no_effect, &TilerOptions::buffer_pool_size, 1, G_MAXUINT},
    {"gpu-id", no_effect, &TilerOptions::gpu_id},
    {"nvbuf-memory-type", no_effect, &TilerOptions::nvbuf_memory_type, 0, 0, memory_type_enum},
    {"compute-hw", no_effect, &TilerOptions::compute_hw, 0, 0, compute_enum},
    {"interpolation-method", "How frames are scaled.", &TilerOptions::interpolation_method, 0, 0, interpolation_enum},
};

struct Tiler {
  using Parent = GstBaseTransform;
  using ParentClass = GstBaseTransformClass;
  using Options = TilerOptions;
  struct State {
    GstVideoInfo output;
    std::map<unsigned, Frame> last;  // by source; empty where one source is all there is
    FramePool pool;
  };

  static constexpr const char* type_name = "GstNvMultiStreamTiler";
  static GType parent_type() { return GST_TYPE_BASE_TRANSFORM; }
  static std::span<const Property<Options>> properties() { return tiler_properties; }
  static void init_class(GstBaseTransformClass* klass);
  static void init_instance(GstBaseTransform*) {}
};

using Self = Element<Tiler>;
using State = Tiler::State;

// ---- caps: the format stays, the size is ours, a batch of any size becomes one picture
// -------------------------------

GstCaps* transform_caps(GstBaseTransform* base, GstPadDirection direction, GstCaps* caps, GstCaps* filter) {
  const auto options = Self::options(base);
  GstCaps* result = gst_caps_copy(caps);
  for (guint i = 0; i < gst_caps_get_size(result); ++i) {
    GstStructure* structure = gst_caps_get_structure(result, i);
    gst_structure_remove_fields(structure, "batch-size", "num-surfaces-per-frame", "pixel-aspect-ratio", nullptr);
    if (direction == GST_PAD_SINK) {
      gst_structure_set(structure, "width", G_TYPE_INT, static_cast<int>(options.width), "height", G_TYPE_INT,
                        static_cast<int>(options.height), nullptr);
    } else {
      gst_structure_set(structure, "width", GST_TYPE_INT_RANGE, 1, 32767, "height", GST_TYPE_INT_RANGE, 1, 32767,
                        nullptr);
    }
  }
  if (filter == nullptr) return result;
  GstCaps* filtered = gst_caps_intersect_full(filter, result, GST_CAPS_INTERSECT_FIRST);
  gst_caps_unref(result);
  return filtered;
}

gboolean set_caps(GstBaseTransform* base, GstCaps*, GstCaps* out) {
  return guarded(base, FALSE, [&] {
    Self::state(base).output = video_info(out);
    return TRUE;
  });
}

// ---- buffers --------------------------------------------------------------------------------------------------------

TileGrid grid_of(const TilerOptions& options, const NvDsBatchMeta* batch) {
  TileGrid grid{static_cast<int>(options.rows), static_cast<int>(options.columns), static_cast<int>(options.width),
                static_cast<int>(options.height), options.show_source};
  unsigned sources = 1;
  for_each_frame(batch, [&](const NvDsFrameMeta& frame) { sources = std::max(sources, frame.source_id + 1); });
  if (options.square_seq_grid) make_square(grid, static_cast<int>(sources));
  return grid;
}

// The metadata follows the pictures: scaled by tile over frame, moved by the tile's corner. Objects of sources that are
// not shown would otherwise lie on the wrong picture, so they go.
void move_metadata(NvDsBatchMeta* batch, const TileGrid& grid, std::span<const Frame> frames) {
  const MetaHold hold(batch);
  for_each_frame(batch, [&](NvDsFrameMeta& frame) {
    const auto tile = tile_of(grid, static_cast<int>(frame.source_id));
    if (!tile) {
      nvds_clear_obj_meta_list(&frame, frame.obj_meta_list);
      nvds_clear_display_meta_list(&frame, frame.display_meta_list);
    } else if (frame.batch_id < frames.size()) {
      const Frame& picture = frames[frame.batch_id];
      move_frame(frame, *tile, picture.width(), picture.height());
    }
  });
}

void paint(const Frame& frame, const MutableImage& canvas, const PixelRect& tile, Filter filter) {
  const MutableImage target = crop(canvas, tile);
  if (target.width > 0 && target.height > 0) convert(frame.view(), target, filter);
}

Frame tiled(State& state, const TileGrid& grid, Filter filter) {
  Frame canvas = Frame::make(state.pool, state.output);
  const MutableImage image = canvas.writable();
  fill_black(image);
  for (const auto& [source, frame] : state.last) {  // those of this batch among them
    if (const auto tile = tile_of(grid, static_cast<int>(source))) paint(frame, image, *tile, filter);
  }
  count_picture();
  return canvas;
}

// The frame that is shown alone, where one is; the last of its source in the batch.
const Frame* only_frame(const NvDsBatchMeta* batch, const TileGrid& grid, std::span<const Frame> frames) {
  const Frame* found = nullptr;
  for_each_frame(batch, [&](const NvDsFrameMeta& frame) {
    if (tile_of(grid, static_cast<int>(frame.source_id)) && frame.batch_id < frames.size()) {
      found = &frames[frame.batch_id];
    }
  });
  return found;
}

bool fits(const Frame& frame, const State& state) {
  return frame.width() == GST_VIDEO_INFO_WIDTH(&state.output) &&
         frame.height() == GST_VIDEO_INFO_HEIGHT(&state.output) &&
         GST_VIDEO_INFO_FORMAT(&frame.info()) == GST_VIDEO_INFO_FORMAT(&state.output);
}

// The frame to show alone, from this batch or, where that lacks it, an earlier one. Keeping frames makes them look
// shared to who draws on them next, so it is only done where a batch can lack one.
std::optional<Frame> shown_alone(State& state, const NvDsBatchMeta* batch, const TileGrid& grid,
                                 std::span<const Frame> frames) {
  const bool alone = grid.show_source >= 0 || grid.rows * grid.columns == 1;
  if (!alone) return std::nullopt;
  if (const Frame* found = only_frame(batch, grid, frames)) return *found;
  const auto kept = state.last.find(static_cast<unsigned>(std::max(grid.show_source, 0)));
  return kept != state.last.end() ? std::optional(kept->second) : std::nullopt;
}

Frame compose(GstBaseTransform* base, const NvDsBatchMeta* batch, const TileGrid& grid, std::vector<Frame> frames) {
  auto& state = Self::state(base);
  const auto alone = shown_alone(state, batch, grid, frames);
  const bool is_done = alone && fits(*alone, state);
  if (!is_done || batch->max_frames_in_batch > 1) {
    for_each_frame(batch, [&](const NvDsFrameMeta& frame) {
      if (frame.batch_id < frames.size()) state.last[frame.source_id] = frames[frame.batch_id];
    });
  }
  return is_done ? *alone : tiled(state, grid, filter_of(Self::options(base).interpolation_method));
}

GstBuffer* tile_buffer(GstBaseTransform* base, GstBuffer* input) {
  NvDsBatchMeta* batch = gst_buffer_get_nvds_batch_meta(input);
  require(batch != nullptr, ErrorKind::unsupported, "NvDsBatchMeta not found for input buffer; nvstreammux must stand ",
          "in front");
  const TileGrid grid = grid_of(Self::options(base), batch);
  auto* copied = static_cast<NvDsBatchMeta*>(nvds_batch_meta_copy_func(batch, nullptr));
  move_metadata(copied, grid, frames_of(input));
  std::vector<Frame> shown;
  shown.push_back(compose(base, batch, grid, take_frames(input)));
  GstBuffer* output = make_batch_buffer(std::move(shown), 1);
  attach_batch_meta(output, copied);
  gst_buffer_copy_into(output, input,
                       static_cast<GstBufferCopyFlags>(GST_BUFFER_COPY_FLAGS | GST_BUFFER_COPY_TIMESTAMPS), 0, -1);
  mirror_as_regions(output, copied);
  return output;
}

GstFlowReturn prepare_output_buffer(GstBaseTransform* base, GstBuffer* input, GstBuffer** output) {
  return guarded(base, GST_FLOW_ERROR, [&] {
    *output = tile_buffer(base, input);
    return GST_FLOW_OK;
  });
}

GstFlowReturn transform(GstBaseTransform*, GstBuffer*, GstBuffer*) { return GST_FLOW_OK; }

gboolean stop(GstBaseTransform* base) {
  Self::state(base).last.clear();
  return TRUE;
}

void Tiler::init_class(GstBaseTransformClass* klass) {
  auto* element_class = GST_ELEMENT_CLASS(klass);
  gst_element_class_set_static_metadata(element_class, "Multi-stream tiler", "Filter/Converter/Video",
                                        "Shows the frames of a batch side by side on one picture", "EdgeStream");
  gst_element_class_add_pad_template(element_class, pad_template("sink", GST_PAD_SINK, GST_PAD_ALWAYS, surface_caps()));
  gst_element_class_add_pad_template(element_class, pad_template("src", GST_PAD_SRC, GST_PAD_ALWAYS, surface_caps()));
  klass->transform_caps = transform_caps;
  klass->set_caps = set_caps;
  klass->prepare_output_buffer = prepare_output_buffer;
  klass->transform = transform;
  klass->stop = stop;
  klass->passthrough_on_same_caps = FALSE;
}

}  // namespace

GType nvmultistreamtiler_type() { return Self::type(); }

}  // namespace es::gst
