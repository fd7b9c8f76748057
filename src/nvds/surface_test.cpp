// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "edgestream/deepstream/nvbufsurface.h"

namespace {

using ::testing::Each;
using ::testing::ElementsAre;

struct EndSurface {
  void operator()(NvBufSurface* surface) const { EXPECT_EQ(NvBufSurfaceDestroy(surface), 0); }
};
using SurfacePointer = std::unique_ptr<NvBufSurface, EndSurface>;

SurfacePointer make_surface(NvBufSurfaceColorFormat format, unsigned width, unsigned height, unsigned batch = 1) {
  NvBufSurfaceCreateParams params{};
  params.width = width;
  params.height = height;
  params.colorFormat = format;
  NvBufSurface* surface = nullptr;
  EXPECT_EQ(NvBufSurfaceCreate(&surface, batch, &params), 0);
  return SurfacePointer(surface);
}

TEST(Create, Nv12HasAHalfSizePlaneOfPairs) {
  const auto surface = make_surface(NVBUF_COLOR_FORMAT_NV12, 100, 50, 2);
  EXPECT_EQ(surface->batchSize, 2u);
  EXPECT_EQ(surface->numFilled, 0u);
  EXPECT_EQ(surface->memType, NVBUF_MEM_SYSTEM);
  const auto& picture = surface->surfaceList[1];
  const auto& planes = picture.planeParams;
  EXPECT_EQ(picture.width, 100u);
  EXPECT_EQ(picture.height, 50u);
  EXPECT_EQ(picture.pitch, 128u);
  EXPECT_EQ(planes.num_planes, 2u);
  EXPECT_EQ(planes.width[1], 50u);
  EXPECT_EQ(planes.height[1], 25u);
  EXPECT_EQ(planes.bytesPerPix[1], 2u);
  EXPECT_EQ(planes.pitch[1], 128u);
  EXPECT_EQ(planes.offset[1], 128u * 50);
  EXPECT_EQ(picture.dataSize, 128u * 75);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(picture.dataPtr) % 64, 0u);
  EXPECT_NE(surface->surfaceList[0].dataPtr, picture.dataPtr);
}

TEST(Create, OddSizesRoundChromaUp) {
  const auto surface = make_surface(NVBUF_COLOR_FORMAT_YUV420, 5, 3);
  const auto& planes = surface->surfaceList[0].planeParams;
  EXPECT_EQ(planes.num_planes, 3u);
  EXPECT_EQ(planes.width[2], 3u);
  EXPECT_EQ(planes.height[2], 2u);
}

TEST(Create, WithoutPitchPaddingRowsAreTight) {
  NvBufSurfaceAllocateParams params{};
  params.params.width = 5;
  params.params.height = 2;
  params.params.colorFormat = NVBUF_COLOR_FORMAT_RGB;
  params.disablePitchPadding = true;
  NvBufSurface* surface = nullptr;
  ASSERT_EQ(NvBufSurfaceAllocate(&surface, 1, &params), 0);
  EXPECT_EQ(surface->surfaceList[0].pitch, 15u);
  EXPECT_EQ(surface->surfaceList[0].dataSize, 30u);
  EXPECT_EQ(NvBufSurfaceDestroy(surface), 0);
}

TEST(Create, RefusesWhatCannotBe) {
  NvBufSurface* surface = nullptr;
  NvBufSurfaceCreateParams params{};
  params.colorFormat = NVBUF_COLOR_FORMAT_RGBA;
  EXPECT_EQ(NvBufSurfaceCreate(&surface, 1, &params), -1) << "no size";
  params.width = params.height = 4;
  EXPECT_EQ(NvBufSurfaceCreate(&surface, 0, &params), -1) << "no picture";
  EXPECT_EQ(NvBufSurfaceCreate(&surface, 1u << 31, &params), -1) << "two billion pictures";
  EXPECT_EQ(NvBufSurfaceCreate(nullptr, 1, &params), -1);
  EXPECT_EQ(NvBufSurfaceCreate(&surface, 1, nullptr), -1);
  params.width = params.height = 1u << 20;
  EXPECT_EQ(NvBufSurfaceCreate(&surface, 1, &params), -1) << "a picture beyond 32 bits";
  params.width = params.height = 4;
  params.colorFormat = NVBUF_COLOR_FORMAT_NV12_10LE;
  EXPECT_EQ(NvBufSurfaceCreate(&surface, 1, &params), -1) << "ten bits";
  EXPECT_EQ(surface, nullptr);
}

TEST(Destroy, RefusesASurfaceOfSomebodyElse) {
  NvBufSurface foreign{};
  EXPECT_EQ(NvBufSurfaceDestroy(&foreign), -1);
  EXPECT_EQ(NvBufSurfaceDestroy(nullptr), -1);
}

TEST(Map, PointsAtThePlanesAndUnMapTakesThemBack) {
  const auto surface = make_surface(NVBUF_COLOR_FORMAT_NV12, 16, 4, 2);
  auto& first = surface->surfaceList[0];
  auto& second = surface->surfaceList[1];
  EXPECT_EQ(NvBufSurfaceMap(surface.get(), 1, -1, NVBUF_MAP_READ_WRITE), 0);
  EXPECT_EQ(first.mappedAddr.addr[0], nullptr);
  EXPECT_EQ(second.mappedAddr.addr[0], second.dataPtr);
  EXPECT_EQ(second.mappedAddr.addr[1], static_cast<char*>(second.dataPtr) + 64 * 4);
  EXPECT_EQ(NvBufSurfaceUnMap(surface.get(), -1, 0), 0);
  EXPECT_EQ(second.mappedAddr.addr[0], nullptr);
  EXPECT_NE(second.mappedAddr.addr[1], nullptr);
}

TEST(Map, RefusesIndicesThatDoNotExist) {
  const auto surface = make_surface(NVBUF_COLOR_FORMAT_NV12, 16, 4, 2);
  EXPECT_EQ(NvBufSurfaceMap(surface.get(), 2, -1, NVBUF_MAP_READ), -1);
  EXPECT_EQ(NvBufSurfaceMap(surface.get(), 0, 2, NVBUF_MAP_READ), -1);
  EXPECT_EQ(NvBufSurfaceMap(surface.get(), -2, 0, NVBUF_MAP_READ), -1);
  EXPECT_EQ(NvBufSurfaceMap(nullptr, 0, 0, NVBUF_MAP_READ), -1);
  EXPECT_EQ(NvBufSurfaceSyncForCpu(surface.get(), -1, -1), 0);
  EXPECT_EQ(NvBufSurfaceSyncForDevice(surface.get(), 5, -1), -1);
}

TEST(MemSet, FillsOnePlaneOfOnePicture) {
  const auto surface = make_surface(NVBUF_COLOR_FORMAT_NV12, 4, 2, 2);
  ASSERT_EQ(NvBufSurfaceMemSet(surface.get(), 1, 1, 128), 0);
  std::vector<uint8_t> luma(8, 1), chroma(4, 1);
  ASSERT_EQ(NvBufSurface2Raw(surface.get(), 1, 0, 4, 2, luma.data()), 0);
  ASSERT_EQ(NvBufSurface2Raw(surface.get(), 1, 1, 2, 1, chroma.data()), 0);
  EXPECT_THAT(luma, Each(0));
  EXPECT_THAT(chroma, Each(128));
}

TEST(Raw, GoesInAndComesOutWithoutPadding) {
  const auto surface = make_surface(NVBUF_COLOR_FORMAT_RGB, 2, 2);
  std::vector<uint8_t> in = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, out(12);
  ASSERT_EQ(Raw2NvBufSurface(in.data(), 0, 0, 2, 2, surface.get()), 0);
  ASSERT_EQ(NvBufSurface2Raw(surface.get(), 0, 0, 2, 2, out.data()), 0);
  EXPECT_EQ(out, in);
  EXPECT_EQ(static_cast<uint8_t*>(surface->surfaceList[0].dataPtr)[64], 7) << "the second row starts at the pitch";
  EXPECT_EQ(NvBufSurface2Raw(surface.get(), 0, 0, 3, 2, out.data()), -1) << "another width";
  EXPECT_EQ(NvBufSurface2Raw(surface.get(), 1, 0, 2, 2, out.data()), -1) << "another picture";
  EXPECT_EQ(Raw2NvBufSurface(nullptr, 0, 0, 2, 2, surface.get()), -1);
}

TEST(Copy, BridgesDifferentPitchesAndRefusesDifferentShapes) {
  NvBufSurfaceAllocateParams tight{};
  tight.params.width = 3;
  tight.params.height = 2;
  tight.params.colorFormat = NVBUF_COLOR_FORMAT_GRAY8;
  tight.disablePitchPadding = true;
  NvBufSurface* made = nullptr;
  ASSERT_EQ(NvBufSurfaceAllocate(&made, 1, &tight), 0);
  const SurfacePointer from(made);
  from->numFilled = 1;
  auto* bytes = static_cast<uint8_t*>(from->surfaceList[0].dataPtr);
  for (uint8_t i = 0; i < 6; ++i) bytes[i] = i;

  const auto to = make_surface(NVBUF_COLOR_FORMAT_GRAY8, 3, 2);
  ASSERT_EQ(NvBufSurfaceCopy(from.get(), to.get()), 0);
  std::vector<uint8_t> out(6);
  ASSERT_EQ(NvBufSurface2Raw(to.get(), 0, 0, 3, 2, out.data()), 0);
  EXPECT_THAT(out, ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_EQ(to->numFilled, 1u);

  EXPECT_EQ(NvBufSurfaceCopy(from.get(), make_surface(NVBUF_COLOR_FORMAT_GRAY8, 3, 3).get()), -1);
  EXPECT_EQ(NvBufSurfaceCopy(from.get(), make_surface(NVBUF_COLOR_FORMAT_RGB, 3, 2).get()), -1);
  EXPECT_EQ(NvBufSurfaceCopy(from.get(), make_surface(NVBUF_COLOR_FORMAT_GRAY8, 3, 2, 2).get()), -1);
  EXPECT_EQ(NvBufSurfaceCopy(from.get(), nullptr), -1);
}

TEST(Device, IsNoneSoThatDesktopPathsAreTaken) {
  NvBufSurfaceDeviceInfo info;
  ASSERT_EQ(NvBufSurfaceGetDeviceInfo(&info), 0);
  EXPECT_EQ(info.driverType, NVBUF_DRIVER_TYPE_UNKNOWN);
  EXPECT_FALSE(info.isIntegratedGpu);
  EXPECT_FALSE(info.isVicPresent);
  EXPECT_EQ(NvBufSurfaceMapEglImage(nullptr, 0), -1);
}

}  // namespace
