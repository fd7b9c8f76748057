// SPDX-License-Identifier: Apache-2.0
//
// NvBufSurface in system memory. A surface is made here or lies in a batch of the pipeline; both can be mapped, copied
// and filled, only the former destroyed.
//
//   picture    plane 0, plane 1, ... one after the other, each with rows of `pitch` bytes; pitch a multiple of 64
//   unless
//              pitch padding is disabled; the first byte at an address that is a multiple of 64
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <vector>

#include "nvds/surface_format.h"

namespace es::nvds {
namespace {

constexpr uint64_t alignment = 64;
// More than any batch that nvinfer accepts, and few enough that their sizes cannot overflow.
constexpr uint32_t batch_limit = 1024;

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};

// A surface that was made here carries the address of this mark.
const char mark = 0;

struct OwnedSurface : NvBufSurface {
  std::vector<NvBufSurfaceParams> list;
  std::vector<std::unique_ptr<void, Free>> memory;
};

bool is_owned(const NvBufSurface* surface) { return surface->_reserved[STRUCTURE_PADDING - 1] == &mark; }

uint64_t round_up(uint64_t value, uint64_t to) { return (value + to - 1) / to * to; }

// False where a plane would not fit into the 32 bits that the structure has for its size.
bool lay_out(NvBufSurfaceParams& picture, const SurfaceFormat& format, bool padded) {
  uint64_t end = 0;
  auto& planes = picture.planeParams;
  planes.num_planes = format.plane_count;
  for (uint32_t p = 0; p < format.plane_count; ++p) {
    const auto& plane = format.planes[p];
    const uint64_t width = (uint64_t{picture.width} + (1u << plane.shift_x) - 1) >> plane.shift_x;
    const uint64_t height = (uint64_t{picture.height} + (1u << plane.shift_y) - 1) >> plane.shift_y;
    const uint64_t pitch = round_up(width * plane.bytes_per_pixel, padded ? alignment : 1);
    if (pitch > std::numeric_limits<uint32_t>::max() / height) return false;
    planes.width[p] = static_cast<uint32_t>(width);
    planes.height[p] = static_cast<uint32_t>(height);
    planes.pitch[p] = static_cast<uint32_t>(pitch);
    planes.offset[p] = static_cast<uint32_t>(end);
    planes.psize[p] = static_cast<uint32_t>(pitch * height);
    planes.bytesPerPix[p] = plane.bytes_per_pixel;
    end += pitch * height;
    if (end > std::numeric_limits<uint32_t>::max()) return false;
  }
  picture.pitch = planes.pitch[0];
  picture.dataSize = static_cast<uint32_t>(end);
  return true;
}

// `size` plain bytes: one row.
void lay_out_bytes(NvBufSurfaceParams& picture, uint32_t size) {
  auto& planes = picture.planeParams;
  planes.num_planes = 1;
  planes.width[0] = planes.pitch[0] = planes.psize[0] = picture.width = picture.pitch = picture.dataSize = size;
  planes.height[0] = planes.bytesPerPix[0] = picture.height = 1;
}

bool describe(NvBufSurfaceParams& picture, const NvBufSurfaceCreateParams& params, bool padded) {
  picture.layout = NVBUF_LAYOUT_PITCH;
  picture.colorFormat = params.colorFormat;
  if (params.size != 0) {
    lay_out_bytes(picture, params.size);
    return true;
  }
  const auto format = surface_format(params.colorFormat);
  if (!format || params.width == 0 || params.height == 0) return false;
  picture.width = params.width;
  picture.height = params.height;
  return lay_out(picture, *format, padded);
}

int create(NvBufSurface** result, uint32_t batch_size, const NvBufSurfaceCreateParams& params, bool padded) {
  if (result == nullptr || batch_size == 0 || batch_size > batch_limit) return -1;
  NvBufSurfaceParams picture{};
  if (!describe(picture, params, padded)) return -1;
  auto surface = std::make_unique<OwnedSurface>();
  for (uint32_t i = 0; i < batch_size; ++i) {
    void* memory = std::aligned_alloc(alignment, round_up(picture.dataSize, alignment));
    if (memory == nullptr) return -1;
    std::memset(memory, 0, picture.dataSize);
    surface->memory.emplace_back(memory);
    picture.dataPtr = memory;
    surface->list.push_back(picture);
  }
  surface->gpuId = params.gpuId;
  surface->batchSize = batch_size;
  surface->memType = NVBUF_MEM_SYSTEM;
  surface->surfaceList = surface->list.data();
  surface->_reserved[STRUCTURE_PADDING - 1] = const_cast<char*>(&mark);
  *result = surface.release();
  return 0;
}

// Calls visit(picture, plane) for the chosen pictures and planes; -1 where an index does not exist.
template <typename Visit>
int for_each_plane(NvBufSurface* surface, int index, int plane, Visit visit) {
  if (surface == nullptr || surface->surfaceList == nullptr || index < -1 || plane < -1) return -1;
  if (index >= static_cast<int>(surface->batchSize)) return -1;
  const uint32_t first = index < 0 ? 0 : static_cast<uint32_t>(index);
  const uint32_t last = index < 0 ? surface->batchSize : first + 1;
  for (uint32_t i = first; i < last; ++i) {
    auto& picture = surface->surfaceList[i];
    const uint32_t count = std::min<uint32_t>(picture.planeParams.num_planes, NVBUF_MAX_PLANES);
    if (plane >= static_cast<int>(count)) return -1;
    const uint32_t first_plane = plane < 0 ? 0 : static_cast<uint32_t>(plane);
    const uint32_t last_plane = plane < 0 ? count : first_plane + 1;
    for (uint32_t p = first_plane; p < last_plane; ++p) visit(picture, p);
  }
  return 0;
}

int check(NvBufSurface* surface, int index, int plane) {
  return for_each_plane(surface, index, plane, [](NvBufSurfaceParams&, uint32_t) {});
}

uint8_t* plane_data(const NvBufSurfaceParams& picture, uint32_t plane) {
  return static_cast<uint8_t*>(picture.dataPtr) + picture.planeParams.offset[plane];
}

size_t row_bytes(const NvBufSurfaceParams& picture, uint32_t plane) {
  return size_t{picture.planeParams.width[plane]} * picture.planeParams.bytesPerPix[plane];
}

bool same_shape(const NvBufSurfaceParams& a, const NvBufSurfaceParams& b) {
  if (a.colorFormat != b.colorFormat || a.planeParams.num_planes != b.planeParams.num_planes) return false;
  for (uint32_t p = 0; p < a.planeParams.num_planes; ++p) {
    if (row_bytes(a, p) != row_bytes(b, p) || a.planeParams.height[p] != b.planeParams.height[p]) return false;
  }
  return true;
}

void copy_rows(uint8_t* to, size_t to_pitch, const uint8_t* from, size_t from_pitch, size_t bytes, size_t rows) {
  for (size_t y = 0; y < rows; ++y) std::memcpy(to + y * to_pitch, from + y * from_pitch, bytes);
}

// The plane, where picture and plane exist and have exactly this size.
const NvBufSurfaceParams* picture_of_size(const NvBufSurface* surface, unsigned index, unsigned plane, unsigned width,
                                          unsigned height) {
  if (surface == nullptr || surface->surfaceList == nullptr || index >= surface->batchSize) return nullptr;
  const auto& picture = surface->surfaceList[index];
  const auto& planes = picture.planeParams;
  if (plane >= planes.num_planes || planes.width[plane] != width || planes.height[plane] != height) return nullptr;
  return &picture;
}

}  // namespace
}  // namespace es::nvds

using namespace es::nvds;

extern "C" {

int NvBufSurfaceCreate(NvBufSurface** surf, uint32_t batchSize, NvBufSurfaceCreateParams* params) {
  return params != nullptr ? create(surf, batchSize, *params, true) : -1;
}

int NvBufSurfaceAllocate(NvBufSurface** surf, uint32_t batchSize, NvBufSurfaceAllocateParams* paramsext) {
  return paramsext != nullptr ? create(surf, batchSize, paramsext->params, !paramsext->disablePitchPadding) : -1;
}

int NvBufSurfaceDestroy(NvBufSurface* surf) {
  if (surf == nullptr || !is_owned(surf)) return -1;
  delete static_cast<OwnedSurface*>(surf);
  return 0;
}

int NvBufSurfaceMap(NvBufSurface* surf, int index, int plane, NvBufSurfaceMemMapFlags) {
  return for_each_plane(surf, index, plane, [](NvBufSurfaceParams& picture, uint32_t p) {
    picture.mappedAddr.addr[p] = plane_data(picture, p);
  });
}

int NvBufSurfaceUnMap(NvBufSurface* surf, int index, int plane) {
  return for_each_plane(surf, index, plane,
                        [](NvBufSurfaceParams& picture, uint32_t p) { picture.mappedAddr.addr[p] = nullptr; });
}

int NvBufSurfaceSyncForCpu(NvBufSurface* surf, int index, int plane) { return check(surf, index, plane); }
int NvBufSurfaceSyncForDevice(NvBufSurface* surf, int index, int plane) { return check(surf, index, plane); }
int NvBufSurfaceSyncGpuL2CacheForDevice(NvBufSurface* surf, int index, NvBufSurfaceGPUL2SyncParams*) {
  return check(surf, index, -1);
}

int NvBufSurfaceCopy(NvBufSurface* srcSurf, NvBufSurface* dstSurf) {
  if (check(srcSurf, -1, -1) != 0 || check(dstSurf, -1, -1) != 0 || srcSurf->batchSize != dstSurf->batchSize) return -1;
  for (uint32_t i = 0; i < srcSurf->batchSize; ++i) {
    if (!same_shape(srcSurf->surfaceList[i], dstSurf->surfaceList[i])) return -1;
  }
  for (uint32_t i = 0; i < srcSurf->batchSize; ++i) {
    const auto& from = srcSurf->surfaceList[i];
    const auto& to = dstSurf->surfaceList[i];
    for (uint32_t p = 0; p < from.planeParams.num_planes; ++p) {
      copy_rows(plane_data(to, p), to.planeParams.pitch[p], plane_data(from, p), from.planeParams.pitch[p],
                row_bytes(from, p), from.planeParams.height[p]);
    }
  }
  dstSurf->numFilled = srcSurf->numFilled;
  return 0;
}

int NvBufSurfaceMemSet(NvBufSurface* surf, int index, int plane, uint8_t value) {
  return for_each_plane(surf, index, plane, [value](NvBufSurfaceParams& picture, uint32_t p) {
    for (uint32_t y = 0; y < picture.planeParams.height[p]; ++y) {
      std::memset(plane_data(picture, p) + size_t{y} * picture.planeParams.pitch[p], value, row_bytes(picture, p));
    }
  });
}

int NvBufSurface2Raw(NvBufSurface* Surf, unsigned int index, unsigned int plane, unsigned int out_width,
                     unsigned int out_height, unsigned char* ptr) {
  const auto* picture = picture_of_size(Surf, index, plane, out_width, out_height);
  if (picture == nullptr || ptr == nullptr) return -1;
  const size_t bytes = row_bytes(*picture, plane);
  copy_rows(ptr, bytes, plane_data(*picture, plane), picture->planeParams.pitch[plane], bytes, out_height);
  return 0;
}

int Raw2NvBufSurface(unsigned char* ptr, unsigned int index, unsigned int plane, unsigned int in_width,
                     unsigned int in_height, NvBufSurface* Surf) {
  const auto* picture = picture_of_size(Surf, index, plane, in_width, in_height);
  if (picture == nullptr || ptr == nullptr) return -1;
  const size_t bytes = row_bytes(*picture, plane);
  copy_rows(plane_data(*picture, plane), picture->planeParams.pitch[plane], ptr, bytes, bytes, in_height);
  return 0;
}

int NvBufSurfaceGetDeviceInfo(NvBufSurfaceDeviceInfo* info) {
  if (info == nullptr) return -1;
  *info = {};
  return 0;
}

int NvBufSurfaceFromFd(int, void**) { return -1; }
int NvBufSurfaceMapEglImage(NvBufSurface*, int) { return -1; }
int NvBufSurfaceUnMapEglImage(NvBufSurface*, int) { return -1; }
int NvBufSurfaceImport(NvBufSurface**, const NvBufSurfaceMapParams*) { return -1; }
int NvBufSurfaceGetMapParams(const NvBufSurface*, int, NvBufSurfaceMapParams*) { return -1; }
int NvBufSurfaceMapCudaBuffer(NvBufSurface*, int) { return -1; }
int NvBufSurfaceUnMapCudaBuffer(NvBufSurface*, int) { return -1; }
int NvBufSurfaceMapNvmmBuffer(NvBufSurface*, int) { return -1; }
int NvBufSurfaceUnMapNvmmBuffer(NvBufSurface*, int) { return -1; }

}  // extern "C"
