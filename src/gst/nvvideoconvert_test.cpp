// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gst/batch_memory.h"
#include "gst/format.h"
#include "gst/gst_testing.h"
#include "gst/meta.h"

namespace es::gst {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string caps_after(TestPipeline& pipeline, const char* name) {
  std::string found;
  pipeline.watch_events(name, [&](GstEvent* event) {
    if (GST_EVENT_TYPE(event) != GST_EVENT_CAPS) return;
    GstCaps* caps = nullptr;
    gst_event_parse_caps(event, &caps);
    g_autofree gchar* written = gst_caps_to_string(caps);
    found = written;
  });
  EXPECT_EQ(pipeline.run(), "");
  return found;
}

// Every format to every other is pixels_test's; here that caps agree.
TEST(VideoConvert, EveryFormatInBothMemoriesInAllFourDirections) {
  for (const char* from : {"I420", "NV12", "RGBA", "BGRx", "RGB", "BGR", "GRAY8"}) {
    for (const char* to : {"NV12", "RGB"}) {
      for (const char* middle : {"video/x-raw", "video/x-raw(memory:NVMM)"}) {
        TestPipeline pipeline(std::string("videotestsrc num-buffers=1 ! video/x-raw,width=62,height=46,format=") +
                              from + " ! nvvideoconvert ! " + middle + ",format=" + to +
                              " ! nvvideoconvert ! video/x-raw(memory:NVMM) ! nvvideoconvert ! video/x-raw ! fakesink");
        EXPECT_EQ(pipeline.run(), "") << from << " to " << middle << ' ' << to;
      }
    }
  }
}

TEST(VideoConvert, FormatsOfDecodersThatWeDoNotHaveBecomeThoseWeHave) {
  const std::pair<const char*, const char*> expected[] = {{"Y42B", "I420"},      {"Y444", "I420"},
                                                          {"I420_10LE", "I420"}, {"GRAY16_LE", "GRAY8"},
                                                          {"ARGB", "RGBA"},      {"YUY2", "I420"}};
  for (const auto& [from, to] : expected) {
    TestPipeline pipeline(std::string("videotestsrc num-buffers=1 ! video/x-raw,format=") + from +
                          " ! nvvideoconvert name=c ! video/x-raw(memory:NVMM) ! fakesink");
    EXPECT_THAT(caps_after(pipeline, "c"), HasSubstr(std::string("format=(string)") + to)) << from;
  }
}

TEST(VideoConvert, InterlacedPicturesOfSuchFormatsToo) {
  TestPipeline pipeline(
      "videotestsrc num-buffers=1 ! video/x-raw,format=Y42B,width=64,height=48,interlace-mode=interleaved ! "
      "nvvideoconvert ! video/x-raw(memory:NVMM) ! fakesink");
  EXPECT_EQ(pipeline.run(), "");
}

TEST(VideoConvert, I420StaysI420WhereNobodyAsksForMore) {
  TestPipeline pipeline(
      "videotestsrc num-buffers=4 ! video/x-raw,format=I420 ! nvvideoconvert name=c ! "
      "video/x-raw(memory:NVMM) ! nvvideoconvert ! video/x-raw ! fakesink");
  const uint64_t before = pictures_written();
  EXPECT_THAT(caps_after(pipeline, "c"), HasSubstr("format=(string)I420"));
  EXPECT_EQ(pictures_written(), before);
}

TEST(VideoConvert, RgbThatBecomesYuvSaysItsMatrixAndYuvKeepsItsOwn) {
  TestPipeline rgb(
      "videotestsrc num-buffers=1 ! video/x-raw,format=RGB,width=1280,height=720 ! nvvideoconvert name=c ! "
      "video/x-raw,format=I420 ! fakesink");
  EXPECT_THAT(caps_after(rgb, "c"), HasSubstr("colorimetry=(string)bt601"));
  TestPipeline yuv(
      "videotestsrc num-buffers=1 ! video/x-raw,format=NV12,width=64,height=48,colorimetry=bt709 ! "
      "nvvideoconvert name=c ! video/x-raw(memory:NVMM),format=I420,width=32,height=24 ! fakesink");
  EXPECT_THAT(caps_after(yuv, "c"), HasSubstr("colorimetry=(string)bt709"));
}

// A picture whose left half is dark and whose right half is light, upper half darker than lower: its four corners.
TEST(VideoConvert, TurnsCropsAndScales) {
  TestPipeline turned(
      "videotestsrc num-buffers=1 ! video/x-raw,format=GRAY8,width=64,height=48 ! nvvideoconvert name=c "
      "flip-method=clockwise ! video/x-raw(memory:NVMM) ! fakesink");
  EXPECT_THAT(caps_after(turned, "c"), HasSubstr("width=(int)48, height=(int)64"));

  TestPipeline cropped(
      "videotestsrc num-buffers=1 pattern=white ! video/x-raw,format=GRAY8,width=64,height=48 ! "
      "nvvideoconvert name=c dest-crop=16:8:32:24 ! video/x-raw(memory:NVMM) ! fakesink");
  std::vector<int> values;
  cropped.watch("c", [&](GstBuffer* buffer) {
    const auto image = frames_of(buffer)[0].view();
    for (const auto& [x, y] : {std::pair{0, 0}, {15, 20}, {16, 8}, {47, 31}, {48, 31}, {47, 32}}) {
      values.push_back(image.planes[0].data[y * image.planes[0].stride + x]);
    }
  });
  EXPECT_EQ(cropped.run(), "");
  EXPECT_THAT(values, ElementsAre(0, 0, 235, 235, 0, 0));
}

TEST(VideoConvert, SourceCropIsWhatFillsThePicture) {
  // 64 columns of a horizontal ramp; the crop's first column is source column 32.
  TestPipeline pipeline(
      "videotestsrc num-buffers=1 pattern=gradient ! video/x-raw,format=GRAY8,width=8,height=64 ! "
      "nvvideoconvert name=c src-crop=0:32:8:16 ! video/x-raw(memory:NVMM),width=8,height=16 ! fakesink");
  std::vector<uint8_t> whole, part;
  pipeline.watch("c", [&](GstBuffer* buffer) {
    const auto image = frames_of(buffer)[0].view();
    for (int y = 0; y < 16; ++y) part.push_back(image.planes[0].data[y * image.planes[0].stride]);
  });
  pipeline.watch(
      "c",
      [&](GstBuffer* buffer) {
        GstMapInfo map;
        ASSERT_TRUE(gst_buffer_map(buffer, &map, GST_MAP_READ));
        for (int y = 32; y < 48; ++y) whole.push_back(map.data[y * 8]);
        gst_buffer_unmap(buffer, &map);
      },
      "sink");
  EXPECT_EQ(pipeline.run(), "");
  EXPECT_EQ(part, whole);
}

TEST(VideoConvert, AWrongCropIsSaidWhenItStarts) {
  TestPipeline pipeline("videotestsrc num-buffers=1 ! nvvideoconvert name=c src-crop=1:2:3 ! fakesink");
  EXPECT_EQ(
      pipeline.run(),
      "c: src-crop=1:2:3: four numbers left:top:width:height from 0 to 32767 are needed, width and height above 0");
}

TEST(VideoConvert, KeepsTheBatchAndItsMetadata) {
  TestPipeline pipeline(
      "nvstreammux name=mux batch-size=2 width=64 height=48 ! nvvideoconvert name=c ! "
      "video/x-raw(memory:NVMM),format=RGBA,width=32,height=24 ! fakesink "
      "videotestsrc num-buffers=2 ! video/x-raw,width=64,height=48 ! mux.sink_0 "
      "videotestsrc num-buffers=2 ! video/x-raw,width=64,height=48 ! mux.sink_1");
  std::vector<unsigned> frames, metas;
  pipeline.watch("c", [&](GstBuffer* buffer) {
    frames.push_back(static_cast<unsigned>(frames_of(buffer).size()));
    metas.push_back(gst_buffer_get_nvds_batch_meta(buffer)->num_frames_in_batch);
    EXPECT_EQ(frames_of(buffer)[1].view().format, PixelFormat::rgba);
    EXPECT_EQ(frames_of(buffer)[1].width(), 32);
  });
  EXPECT_EQ(pipeline.run(), "");
  EXPECT_THAT(frames, ElementsAre(2, 2));
  EXPECT_THAT(metas, ElementsAre(2, 2));
}

TEST(VideoConvert, ABatchThatLeavesAsAPlainPictureIsItsFirstFrameAndSaysSo) {
  TestPipeline pipeline(
      "nvstreammux name=mux batch-size=2 width=64 height=48 ! nvvideoconvert name=c ! video/x-raw ! "
      "fakesink videotestsrc num-buffers=2 ! video/x-raw,width=64,height=48 ! mux.sink_0 "
      "videotestsrc num-buffers=2 ! video/x-raw,width=64,height=48 ! mux.sink_1");
  EXPECT_EQ(pipeline.run(), "");
  EXPECT_THAT(pipeline.warnings(), ElementsAre("c: a batch of 2 frames leaves as its first frame alone; put a "
                                               "nvmultistreamtiler in front"));
}

}  // namespace
}  // namespace es::gst
