// SPDX-License-Identifier: Apache-2.0
#include "gst/batch_memory.h"

#include <gtest/gtest.h>

#include <cstring>

#include "gst/convert_frame.h"
#include "gst/format.h"
#include "gst/gst_testing.h"
#include "testing/matchers.h"

namespace es::gst {
namespace {

GstVideoInfo info_of(GstVideoFormat format, int width, int height) {
  GstVideoInfo info;
  gst_video_info_set_format(&info, format, static_cast<guint>(width), static_cast<guint>(height));
  return info;
}

GstBuffer* filled(const GstVideoInfo& info, uint8_t value) {
  GstBuffer* buffer = gst_buffer_new_allocate(nullptr, GST_VIDEO_INFO_SIZE(&info), nullptr);
  gst_buffer_memset(buffer, 0, value, GST_VIDEO_INFO_SIZE(&info));
  return buffer;
}

NvBufSurface* mapped(GstBuffer* buffer, GstMapInfo& map, GstMapFlags flags = GST_MAP_READ) {
  EXPECT_TRUE(gst_buffer_map(buffer, &map, flags));
  return reinterpret_cast<NvBufSurface*>(map.data);
}

const auto small = info_of(GST_VIDEO_FORMAT_I420, 16, 8);

TEST(BatchMemory, MapsToASurfaceOverTheFramesOwnPlanes) {
  GstBuffer* source = filled(small, 9);
  const uint64_t before = pictures_written();
  const Frame frame = Frame::of(source, small);
  GstBuffer* batch = make_batch_buffer({frame, frame}, 4);
  GstMapInfo map;
  NvBufSurface* surface = mapped(batch, map);
  EXPECT_EQ(map.size, sizeof(NvBufSurface));
  EXPECT_EQ(surface->batchSize, 4u);
  EXPECT_EQ(surface->numFilled, 2u);
  EXPECT_EQ(surface->memType, NVBUF_MEM_SYSTEM);
  const auto& picture = surface->surfaceList[1];
  EXPECT_EQ(picture.width, 16u);
  EXPECT_EQ(picture.colorFormat, NVBUF_COLOR_FORMAT_YUV420);
  EXPECT_EQ(picture.dataPtr, frame.view().planes[0].data);
  EXPECT_EQ(picture.planeParams.num_planes, 3u);
  EXPECT_EQ(picture.planeParams.width[2], 8u);
  EXPECT_EQ(picture.planeParams.height[2], 4u);
  EXPECT_EQ(static_cast<uint8_t*>(picture.dataPtr) + picture.planeParams.offset[2], frame.view().planes[2].data);
  EXPECT_EQ(NvBufSurfaceMap(surface, 1, -1, NVBUF_MAP_READ), 0);
  EXPECT_EQ(static_cast<uint8_t*>(picture.mappedAddr.addr[1])[0], 9);
  EXPECT_EQ(NvBufSurfaceDestroy(surface), -1) << "the batch is not the application's to destroy";
  gst_buffer_unmap(batch, &map);
  gst_buffer_unref(batch);
  EXPECT_EQ(pictures_written(), before);
}

TEST(BatchMemory, NamesMatrixAndRange) {
  auto info = info_of(GST_VIDEO_FORMAT_NV12, 16, 8);
  gst_video_colorimetry_from_string(&info.colorimetry, "bt709");
  EXPECT_EQ(surface_color_format(info), NVBUF_COLOR_FORMAT_NV12_709);
  info.colorimetry.range = GST_VIDEO_COLOR_RANGE_0_255;
  EXPECT_EQ(surface_color_format(info), NVBUF_COLOR_FORMAT_NV12_709_ER);
  EXPECT_EQ(surface_color_format(info_of(GST_VIDEO_FORMAT_RGBA, 4, 4)), NVBUF_COLOR_FORMAT_RGBA);
}

TEST(BatchMemory, KeepsThePixelsAliveWhateverHappensToTheBuffer) {
  GstBuffer* batch = make_batch_buffer({Frame::of(filled(small, 7), small)}, 1);
  GstMemory* memory = gst_buffer_get_memory(batch, 0);
  gst_buffer_unref(batch);
  GstMapInfo map;
  ASSERT_TRUE(gst_memory_map(memory, &map, GST_MAP_READ));
  EXPECT_EQ(static_cast<uint8_t*>(reinterpret_cast<NvBufSurface*>(map.data)->surfaceList[0].dataPtr)[0], 7);
  gst_memory_unmap(memory, &map);
  gst_memory_unref(memory);
}

TEST(Writing, TakesTheVeryPixelsWhereNobodyElseSeesThem) {
  Frame frame = Frame::of(filled(small, 3), small);
  const auto* pixels = frame.view().planes[0].data;
  const uint64_t before = pictures_written();
  EXPECT_EQ(frame.writable().planes[0].data, pixels);
  EXPECT_EQ(frame.writable().planes[0].data, pixels);
  EXPECT_EQ(pictures_written(), before);
}

TEST(Writing, CopiesOnceWhereTheDecoderStillHoldsThePicture) {
  GstBuffer* source = filled(small, 3);
  gst_buffer_ref(source);  // as a decoder does with a picture it predicts from
  Frame frame = Frame::of(source, small);
  const uint64_t before = pictures_written();
  MutableImage image = frame.writable();
  image.planes[0].data[0] = 200;
  EXPECT_EQ(frame.writable().planes[0].data[0], 200);
  EXPECT_EQ(pictures_written(), before + 1) << "at most one copy a frame";
  guint8 first = 0;
  gst_buffer_extract(source, 0, &first, 1);
  EXPECT_EQ(first, 3) << "the decoder's picture is as it was";
  gst_buffer_unref(source);
}

TEST(Writing, CopiesWhereTheMemoryIsInAnotherBuffer) {
  GstBuffer* source = filled(small, 3);
  GstBuffer* other = gst_buffer_copy(source);  // shares the memory
  Frame frame = Frame::of(source, small);
  frame.writable().planes[0].data[0] = 200;
  guint8 first = 0;
  gst_buffer_extract(other, 0, &first, 1);
  EXPECT_EQ(first, 3);
  gst_buffer_unref(other);
}

TEST(Writing, OneBranchDoesNotSeeWhatTheOtherDraws) {
  GstBuffer* batch = make_batch_buffer({Frame::of(filled(small, 3), small), Frame::of(filled(small, 4), small)}, 2);
  GstBuffer* branch = gst_buffer_copy(batch);  // what a tee and an element that writes do
  const uint64_t before = pictures_written();
  WritableBatch writable(branch);
  writable.image(1).planes[0].data[0] = 99;
  EXPECT_EQ(pictures_written(), before + 1) << "only the frame that is drawn on is copied";
  EXPECT_EQ(frames_of(batch)[1].view().planes[0].data[0], 4);
  EXPECT_EQ(frames_of(branch)[1].view().planes[0].data[0], 99);
  EXPECT_EQ(frames_of(branch)[0].view().planes[0].data, frames_of(batch)[0].view().planes[0].data);
  GstMapInfo map;
  EXPECT_EQ(mapped(branch, map)->surfaceList[1].dataPtr, frames_of(branch)[1].view().planes[0].data);
  gst_buffer_unmap(branch, &map);
  gst_buffer_unref(batch);
  gst_buffer_unref(branch);
}

TEST(Writing, MappingABatchForWritingMakesAllItsFramesItsOwn) {
  GstBuffer* batch = make_batch_buffer({Frame::of(filled(small, 3), small)}, 1);
  GstBuffer* branch = gst_buffer_copy(batch);
  GstMapInfo map;
  NvBufSurface* surface = mapped(branch, map, GST_MAP_READWRITE);
  static_cast<uint8_t*>(surface->surfaceList[0].dataPtr)[0] = 99;
  gst_buffer_unmap(branch, &map);
  EXPECT_EQ(frames_of(batch)[0].view().planes[0].data[0], 3);
  gst_buffer_unref(batch);
  gst_buffer_unref(branch);
}

TEST(TakeFrames, LeaveTheBatchOnlyWhereNobodyElseHasIt) {
  GstBuffer* batch = make_batch_buffer({Frame::of(filled(small, 3), small)}, 1);
  gst_buffer_ref(batch);
  EXPECT_EQ(take_frames(batch).size(), 1u);
  EXPECT_EQ(frames_of(batch).size(), 1u);
  gst_buffer_unref(batch);
  EXPECT_EQ(take_frames(batch).size(), 1u);
  EXPECT_EQ(frames_of(batch).size(), 0u);
  gst_buffer_unref(batch);
}

TEST(IntoBuffer, IsTheVeryBufferOrSharesItsMemory) {
  const auto* source = filled(small, 3);
  GstBuffer* same = Frame::into_buffer(Frame::of(const_cast<GstBuffer*>(source), small));
  EXPECT_EQ(same, source);
  const Frame kept = Frame::of(same, small);
  GstBuffer* sharing = Frame::into_buffer(kept);
  EXPECT_NE(sharing, same);
  EXPECT_EQ(gst_buffer_peek_memory(sharing, 0), gst_buffer_peek_memory(same, 0));
  gst_buffer_unref(sharing);
}

TEST(Frames, PlanesThatNoSurfaceCanDescribeAreCopiedIntoOneBlock) {
  const auto nv12 = info_of(GST_VIDEO_FORMAT_NV12, 16, 8);
  gsize offsets[4] = {64 + 16 * 8, 64, 0, 0};  // chroma in front of luma
  gint strides[4] = {16, 16, 0, 0};
  GstBuffer* swapped = gst_buffer_new_allocate(nullptr, 64 + 16 * 8 + 16 * 8, nullptr);
  gst_buffer_memset(swapped, 0, 5, G_MAXSSIZE);
  gst_buffer_add_video_meta_full(swapped, GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_FORMAT_NV12, 16, 8, 2, offsets, strides);
  const uint64_t before = pictures_written();
  const Frame frame = Frame::of(swapped, nv12);
  EXPECT_EQ(pictures_written(), before + 1);
  EXPECT_GT(frame.view().planes[1].data, frame.view().planes[0].data);
  EXPECT_EQ(frame.view().planes[1].data[0], 5);
}

TEST(Frames, ABufferThatIsTooSmallIsRefused) {
  GstBuffer* buffer = gst_buffer_new_allocate(nullptr, 10, nullptr);
  EXPECT_ERROR(
      Frame::of(buffer, small), ErrorKind::unsupported,
      "a buffer of 10 bytes: it cannot be mapped as a picture of 16x8 I420, which needs 192 bytes of CPU memory");
}

TEST(Frames, ABufferThatIsNoBatchIsRefused) {
  GstBuffer* buffer = filled(small, 0);
  EXPECT_FALSE(is_batch(buffer));
  EXPECT_ERROR(
      frames_of(buffer), ErrorKind::unsupported,
      "a buffer with caps memory:NVMM holds no batch of surfaces; it must come from nvstreammux, nvvideoconvert "
      "or nvv4l2decoder");
  gst_buffer_unref(buffer);
}

TEST(Crops, AreFourNumbers) {
  EXPECT_EQ(parse_crop("", "src-crop"), std::nullopt);
  EXPECT_EQ(parse_crop("20:30:400:500", "src-crop"), (PixelRect{20, 30, 400, 500}));
  for (const char* wrong : {"1:2:3", "1:2:3:4:5", "a:2:3:4", "-1:2:3:4", "1:2:0:4", "1:2:3:99999999999"}) {
    EXPECT_ERROR(parse_crop(wrong, "src-crop"), ErrorKind::usage,
                 text("src-crop=", wrong,
                      ": four numbers left:top:width:height from 0 to 32767 are needed, width and height above 0"));
  }
}

}  // namespace
}  // namespace es::gst
