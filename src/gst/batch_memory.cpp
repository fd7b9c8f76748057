// SPDX-License-Identifier: Apache-2.0
#include "gst/batch_memory.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/error.h"
#include "gst/format.h"
#include "gst/pixels.h"

namespace es::gst {
namespace {

struct BatchMemory {
  GstMemory parent;
  NvBufSurface surface;
  std::vector<Frame> frames;
  std::vector<NvBufSurfaceParams> list;
};

BatchMemory* batch_of(GstMemory* memory) { return reinterpret_cast<BatchMemory*>(memory); }

void describe(NvBufSurfaceParams& picture, const Frame& frame) {
  const ImageView image = frame.view();
  picture.width = static_cast<uint32_t>(image.width);
  picture.height = static_cast<uint32_t>(image.height);
  picture.pitch = static_cast<uint32_t>(image.planes[0].stride);
  picture.colorFormat = surface_color_format(frame.info());
  picture.layout = NVBUF_LAYOUT_PITCH;
  picture.dataPtr = const_cast<uint8_t*>(image.planes[0].data);
  picture.dataSize = 0;
  auto& planes = picture.planeParams;
  planes.num_planes = static_cast<uint32_t>(plane_count(image.format));
  for (uint32_t p = 0; p < planes.num_planes; ++p) {
    const auto& plane = image.planes[p];
    planes.bytesPerPix[p] = static_cast<uint32_t>(GST_VIDEO_INFO_COMP_PSTRIDE(&frame.info(), p));
    planes.width[p] = static_cast<uint32_t>(GST_VIDEO_INFO_COMP_WIDTH(&frame.info(), p));
    planes.height[p] = static_cast<uint32_t>(GST_VIDEO_INFO_COMP_HEIGHT(&frame.info(), p));
    planes.pitch[p] = static_cast<uint32_t>(plane.stride);
    planes.offset[p] = static_cast<uint32_t>(plane.data - image.planes[0].data);
    planes.psize[p] = planes.pitch[p] * planes.height[p];
    picture.dataSize = planes.offset[p] + planes.psize[p];
    if (picture.mappedAddr.addr[p] != nullptr) picture.mappedAddr.addr[p] = const_cast<uint8_t*>(plane.data);
  }
}

// NvBufSurface has no exceptions: a mapping that fails is NULL, and GStreamer says so.
gpointer map(GstMemory* memory, gsize, GstMapFlags flags) {
  auto* batch = batch_of(memory);
  try {
    if ((flags & GST_MAP_WRITE) != 0) {
      for (size_t i = 0; i < batch->frames.size(); ++i) {
        batch->frames[i].writable();
        describe(batch->list[i], batch->frames[i]);
      }
    }
  } catch (const std::exception& error) {
    GST_ERROR("a batch cannot be mapped for writing: %s", error.what());
    return nullptr;
  }
  return &batch->surface;
}

void unmap(GstMemory*) {}

GstMemory* copy_memory(GstMemory* memory, gssize offset, gssize size);
GstMemory* share_memory(GstMemory*, gssize, gssize) { return nullptr; }
GstMemory* allocate(GstAllocator*, gsize, GstAllocationParams*) { return nullptr; }
void free_memory(GstAllocator*, GstMemory* memory) { delete batch_of(memory); }

void init_allocator_class(gpointer klass, gpointer) {
  auto* allocator_class = GST_ALLOCATOR_CLASS(klass);
  allocator_class->alloc = allocate;
  allocator_class->free = free_memory;
}

void init_allocator(GTypeInstance* instance, gpointer) {
  auto* allocator = GST_ALLOCATOR(instance);
  allocator->mem_type = "EdgeStreamBatch";
  allocator->mem_map = map;
  allocator->mem_unmap = unmap;
  allocator->mem_copy = copy_memory;
  allocator->mem_share = share_memory;
  GST_OBJECT_FLAG_SET(allocator, GST_ALLOCATOR_FLAG_CUSTOM_ALLOC);
}

// One for the process; it owns nothing but the functions above.
GstAllocator* allocator() {
  static GstAllocator* const made = [] {
    GTypeInfo info{};
    info.class_size = sizeof(GstAllocatorClass);
    info.class_init = init_allocator_class;
    info.instance_size = sizeof(GstAllocator);
    info.instance_init = init_allocator;
    const GType type = g_type_register_static(GST_TYPE_ALLOCATOR, "EsBatchAllocator", &info, GTypeFlags(0));
    auto* object = GST_ALLOCATOR(gst_object_ref_sink(g_object_new(type, nullptr)));
    GST_OBJECT_FLAG_SET(object, GST_OBJECT_FLAG_MAY_BE_LEAKED);
    return object;
  }();
  return made;
}

GstMemory* make_memory(std::vector<Frame> frames, unsigned capacity) {
  auto* batch = new BatchMemory{};
  gst_memory_init(&batch->parent, GST_MEMORY_FLAG_NO_SHARE, allocator(), nullptr, sizeof(NvBufSurface), 0, 0,
                  sizeof(NvBufSurface));
  batch->frames = std::move(frames);
  batch->list.resize(batch->frames.size());
  for (size_t i = 0; i < batch->frames.size(); ++i) describe(batch->list[i], batch->frames[i]);
  batch->surface.batchSize = std::max<uint32_t>(capacity, static_cast<uint32_t>(batch->frames.size()));
  batch->surface.numFilled = static_cast<uint32_t>(batch->frames.size());
  batch->surface.memType = NVBUF_MEM_SYSTEM;
  // surfaceList has batchSize entries, also where fewer are filled.
  batch->list.resize(batch->surface.batchSize);
  batch->surface.surfaceList = batch->list.data();
  return &batch->parent;
}

GstMemory* copy_memory(GstMemory* memory, gssize, gssize) {
  const auto* batch = batch_of(memory);
  return make_memory(batch->frames, batch->surface.batchSize);
}

GstMemory* memory_of(GstBuffer* buffer) {
  if (gst_buffer_n_memory(buffer) != 1) return nullptr;
  GstMemory* memory = gst_buffer_peek_memory(buffer, 0);
  return memory->allocator == allocator() ? memory : nullptr;
}

GstMemory* require_memory(GstBuffer* buffer) {
  GstMemory* memory = memory_of(buffer);
  require(memory != nullptr, ErrorKind::unsupported, "a buffer with caps memory:NVMM holds no batch of surfaces; ",
          "it must come from nvstreammux, nvvideoconvert or nvv4l2decoder");
  return memory;
}

}  // namespace

GstBuffer* make_batch_buffer(std::vector<Frame> frames, unsigned capacity) {
  GstBuffer* buffer = gst_buffer_new();
  gst_buffer_append_memory(buffer, make_memory(std::move(frames), capacity));
  return buffer;
}

bool is_batch(GstBuffer* buffer) { return memory_of(buffer) != nullptr; }

std::span<const Frame> frames_of(GstBuffer* buffer) { return batch_of(require_memory(buffer))->frames; }

std::vector<Frame> take_frames(GstBuffer* buffer) {
  GstMemory* memory = require_memory(buffer);
  auto* batch = batch_of(memory);
  if (!gst_buffer_is_writable(buffer) || !gst_memory_is_writable(memory)) return batch->frames;
  batch->surface.numFilled = 0;
  return std::exchange(batch->frames, {});
}

WritableBatch::WritableBatch(GstBuffer* buffer) : memory_(require_memory(buffer)) {
  if (gst_memory_is_writable(memory_)) return;
  gst_buffer_replace_memory(buffer, 0, gst_memory_copy(memory_, 0, -1));
  memory_ = gst_buffer_peek_memory(buffer, 0);
}

size_t WritableBatch::size() const { return batch_of(memory_)->frames.size(); }

MutableImage WritableBatch::image(size_t index) {
  auto* batch = batch_of(memory_);
  const MutableImage image = batch->frames[index].writable();
  describe(batch->list[index], batch->frames[index]);
  return image;
}

}  // namespace es::gst
