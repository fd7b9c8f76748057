// SPDX-License-Identifier: Apache-2.0
//
// Statements of deepstream-app.md 7, by their numbers, and the lines that documentation writes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>

#include "edgestream/deepstream/gst-nvevent.h"
#include "edgestream/deepstream/gst-nvmessage.h"
#include "edgestream/deepstream/gst-nvquery.h"
#include "gst/batch_memory.h"
#include "gst/gst_testing.h"
#include "gst/meta.h"

namespace es::gst {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string source(int frames, const std::string& caps, int pad) {
  return "videotestsrc num-buffers=" + std::to_string(frames) + " ! video/x-raw," + caps + " ! mux.sink_" +
         std::to_string(pad) + " ";
}

const std::string i420 = "format=I420,width=64,height=48,framerate=25/1";

TEST(StreamMux, LinesAsDocumentationWritesThemNegotiate) {
  const std::string start = "videotestsrc num-buffers=2 ! video/x-raw,width=64,height=48 ! ";
  for (
      const std::string line : {
          "nvvideoconvert ! video/x-raw(memory:NVMM),format=NV12 ! mux.sink_0 nvstreammux name=mux batch-size=1 "
          "width=64 "
          "height=48 batched-push-timeout=40000 ! nvvideoconvert ! video/x-raw(memory:NVMM),format=RGBA ! nvdsosd ! "
          "nvvideoconvert ! fakesink",
          "nvvideoconvert ! video/x-raw(memory:NVMM) ! mux.sink_0 nvstreammux name=mux batch-size=1 width=64 height=48 "
          "live-source=1 ! nvmultistreamtiler rows=1 columns=1 width=128 height=96 ! nvvideoconvert ! nvdsosd ! "
          "nvvideoconvert ! video/x-raw(memory:NVMM),format=I420 ! nvvideoconvert ! video/x-raw,format=I420 ! fakesink",
          "nvvideoconvert ! video/x-raw(memory:NVMM),format=(string)NV12,width=32,height=24 ! mux.sink_0 nvstreammux "
          "name=mux width=64 height=48 batch-size=1 ! nvdsosd process-mode=0 display-text=1 ! fakesink",
          "queue ! mux.sink_0 nvstreammux name=mux gpu-id=0 batch-size=1 width=64 height=48 nvbuf-memory-type=0 ! "
          "queue max-size-buffers=2 ! nvvideoconvert ! video/x-raw,format=BGRx ! videoconvert ! jpegenc ! fakesink",
      }) {
    TestPipeline pipeline(start + line);
    EXPECT_EQ(pipeline.run(), "") << line;
  }
}

struct FrameFacts {
  unsigned pad_index, batch_id, source_id, source_width, source_height, width, height;
  int frame_num;
  guint64 pts;
};

struct BatchFacts {
  unsigned most = 0, filled = 0;
  std::vector<FrameFacts> frames;
};

BatchFacts facts_of(GstBuffer* buffer) {
  BatchFacts facts;
  GstMapInfo map;
  EXPECT_TRUE(gst_buffer_map(buffer, &map, GST_MAP_READ));
  const auto* surface = reinterpret_cast<const NvBufSurface*>(map.data);
  facts.filled = surface->numFilled;
  const auto* batch = gst_buffer_get_nvds_batch_meta(buffer);
  facts.most = batch->max_frames_in_batch;
  EXPECT_EQ(batch->num_frames_in_batch, surface->numFilled);
  for_each_frame(batch, [&](const NvDsFrameMeta& frame) {
    const auto& picture = surface->surfaceList[frame.batch_id];
    facts.frames.push_back({frame.pad_index, frame.batch_id, frame.source_id, frame.source_frame_width,
                            frame.source_frame_height, picture.width, picture.height, frame.frame_num, frame.buf_pts});
  });
  gst_buffer_unmap(buffer, &map);
  return facts;
}

TEST(StreamMux, Statements37To41And43FramesOfTwoSourcesInFullBatches) {
  TestPipeline pipeline("nvstreammux name=mux batch-size=2 width=64 height=48 ! fakesink " + source(5, i420, 0) +
                        source(5, "format=I420,width=32,height=32,framerate=25/1", 1));
  std::vector<BatchFacts> batches;
  pipeline.watch("mux", [&](GstBuffer* buffer) { batches.push_back(facts_of(buffer)); });
  EXPECT_EQ(pipeline.run(), "");
  ASSERT_EQ(batches.size(), 5u);
  for (int i = 0; i < 5; ++i) {
    const auto& batch = batches[static_cast<size_t>(i)];
    EXPECT_EQ(batch.most, 2u);
    ASSERT_EQ(batch.frames.size(), 2u);
    for (unsigned position = 0; position < 2; ++position) {
      const auto& frame = batch.frames[position];
      EXPECT_EQ(frame.batch_id, position);
      EXPECT_EQ(frame.source_id, frame.pad_index);
      EXPECT_EQ(frame.frame_num, i);
      EXPECT_EQ(frame.pts, static_cast<guint64>(i) * 40 * GST_MSECOND);
      EXPECT_EQ(frame.width, 64u);
      EXPECT_EQ(frame.height, 48u);
      EXPECT_EQ(frame.source_width, frame.pad_index == 0 ? 64u : 32u);
      EXPECT_EQ(frame.source_height, frame.pad_index == 0 ? 48u : 32u);
    }
    EXPECT_NE(batch.frames[0].pad_index, batch.frames[1].pad_index);
  }
}

TEST(StreamMux, PixelsAreNotCopiedWhereSizesAreEqual) {
  for (const char* between : {"", "nvvideoconvert ! video/x-raw(memory:NVMM) ! "}) {
    TestPipeline pipeline(
        "nvstreammux name=mux batch-size=2 width=64 height=48 ! queue max-size-buffers=4 ! "
        "nvvideoconvert ! nvdsosd ! nvmultistreamtiler rows=1 columns=1 width=64 height=48 ! "
        "nvvideoconvert ! video/x-raw ! fakesink videotestsrc num-buffers=8 ! video/x-raw," +
        i420 + " ! " + between + "mux.sink_0 " + source(8, i420, 1));
    const uint64_t before = pictures_written();
    EXPECT_EQ(pipeline.run(), "");
    EXPECT_EQ(pictures_written(), before) << between;
  }
}

TEST(StreamMux, APictureOfAnotherSizeIsWrittenOnce) {
  TestPipeline pipeline("nvstreammux name=mux batch-size=1 width=32 height=24 ! fakesink " + source(3, i420, 0));
  const uint64_t before = pictures_written();
  EXPECT_EQ(pipeline.run(), "");
  EXPECT_EQ(pictures_written(), before + 3);
}

// The luma of a row, as (value, how many times) runs.
std::vector<std::pair<int, int>> runs(const uint8_t* row, int width) {
  std::vector<std::pair<int, int>> found;
  for (int x = 0; x < width; ++x) {
    if (found.empty() || std::abs(found.back().first - row[x]) > 2) found.emplace_back(row[x], 0);
    ++found.back().second;
  }
  return found;
}

TEST(StreamMux, Statement46PaddingKeepsProportionsOnBlack) {
  TestPipeline pipeline(
      "nvstreammux name=mux batch-size=1 width=128 height=72 enable-padding=1 ! fakesink "
      "videotestsrc num-buffers=1 pattern=white ! video/x-raw,format=I420,width=64,height=48 ! mux.sink_0");
  std::vector<std::pair<int, int>> row;
  pipeline.watch("mux", [&](GstBuffer* buffer) {
    const auto image = frames_of(buffer)[0].view();
    row = runs(image.planes[0].data + 36 * image.planes[0].stride, 128);
  });
  EXPECT_EQ(pipeline.run(), "");
  EXPECT_THAT(row, ElementsAre(std::pair(16, 16), std::pair(235, 96), std::pair(16, 16)));
}

TEST(StreamMux, Statement44EachEndIsSaidAndTheLastEndsThePipeline) {
  TestPipeline pipeline("nvstreammux name=mux batch-size=2 batched-push-timeout=20000 width=64 height=48 ! fakesink " +
                        source(2, i420, 0) + source(9, i420, 1));
  std::vector<std::string> order;
  pipeline.watch("mux", [&](GstBuffer* buffer) {
    for (const auto& frame : facts_of(buffer).frames) order.push_back("frame of " + std::to_string(frame.pad_index));
  });
  pipeline.watch_events("mux", [&](GstEvent* event) {
    guint id = 0;
    if (static_cast<guint>(GST_EVENT_TYPE(event)) == GST_NVEVENT_STREAM_EOS) {
      gst_nvevent_parse_stream_eos(event, &id);
      order.push_back("end of " + std::to_string(id));
    }
    if (GST_EVENT_TYPE(event) == GST_EVENT_EOS) order.push_back("end");
  });
  EXPECT_EQ(pipeline.run(), "");
  EXPECT_EQ(std::ranges::count(order, "frame of 0"), 2);
  EXPECT_EQ(std::ranges::count(order, "frame of 1"), 9);
  const auto at = [&](const std::string& what) { return std::ranges::find(order, what) - order.begin(); };
  EXPECT_EQ(std::ranges::count(order, "end of 0"), 1);
  EXPECT_EQ(std::ranges::count(order, "end of 1"), 1);
  EXPECT_LT(at("end of 0"), at("end of 1"));
  EXPECT_EQ(order.back(), "end");
  EXPECT_THAT(pipeline.element_messages(), ElementsAre("nvds-stream-eos", "nvds-stream-eos"));
}

TEST(StreamMux, SourcesAreAnnouncedBeforeTheirFirstFrame) {
  TestPipeline pipeline("nvstreammux name=mux batch-size=2 width=64 height=48 ! fakesink " + source(1, i420, 0) +
                        source(1, i420, 3));
  std::vector<std::string> order;
  pipeline.watch("mux", [&](GstBuffer*) { order.emplace_back("batch"); });
  pipeline.watch_events("mux", [&](GstEvent* event) {
    guint id = 0;
    switch (static_cast<guint>(GST_EVENT_TYPE(event))) {
      case GST_NVEVENT_PAD_ADDED:
        gst_nvevent_parse_pad_added(event, &id);
        order.push_back("pad " + std::to_string(id));
        break;
      case GST_NVEVENT_STREAM_START:
        order.emplace_back("stream");
        break;
      case GST_NVEVENT_STREAM_SEGMENT:
        order.emplace_back("stream segment");
        break;
      case GST_EVENT_STREAM_START:
        order.emplace_back("start");
        break;
      case GST_EVENT_CAPS:
        order.emplace_back("caps");
        break;
      case GST_EVENT_SEGMENT:
        order.emplace_back("segment");
        break;
      default:
        break;
    }
  });
  EXPECT_EQ(pipeline.run(), "");
  EXPECT_THAT(order, ElementsAre("start", "caps", "segment", "stream", "pad 0", "stream segment", "stream", "pad 3",
                                 "stream segment", "batch"));
}

TEST(StreamMux, CapsSayTheBatchSizeAndQueriesAreAnswered) {
  TestPipeline pipeline("nvstreammux name=mux batch-size=3 width=64 height=48 ! fakesink " + source(1, i420, 0));
  std::string caps;
  guint batch_size = 0, streams = 0;
  pipeline.watch("mux", [&](GstBuffer*) {
    GstPad* pad = gst_element_get_static_pad(pipeline.element("mux").get(), "src");
    GstCaps* current = gst_pad_get_current_caps(pad);
    g_autofree gchar* written = gst_caps_to_string(current);
    caps = written;
    GstQuery* query = gst_nvquery_batch_size_new();
    if (gst_pad_query(pad, query)) gst_nvquery_batch_size_parse(query, &batch_size);
    gst_query_unref(query);
    query = gst_nvquery_numStreams_size_new();
    if (gst_pad_query(pad, query)) gst_nvquery_numStreams_size_parse(query, &streams);
    gst_query_unref(query);
    gst_caps_unref(current);
    gst_object_unref(pad);
  });
  EXPECT_EQ(pipeline.run(), "");
  EXPECT_THAT(caps, HasSubstr("video/x-raw(memory:NVMM)"));
  EXPECT_THAT(caps, HasSubstr("format=(string)I420"));
  EXPECT_THAT(caps, HasSubstr("batch-size=(int)3, num-surfaces-per-frame=(int)1"));
  EXPECT_EQ(batch_size, 3u);
  EXPECT_EQ(streams, 1u);
}

TEST(StreamMux, WithoutASizeItTakesTheFirstFramesAndSaysSo) {
  TestPipeline pipeline("nvstreammux name=mux ! fakesink " + source(1, i420, 0));
  unsigned width = 0;
  pipeline.watch("mux", [&](GstBuffer* buffer) { width = facts_of(buffer).frames.at(0).width; });
  EXPECT_EQ(pipeline.run(), "");
  EXPECT_EQ(width, 64u);
  EXPECT_THAT(
      pipeline.warnings(),
      ElementsAre("mux: width and height are not set, which DeepStream demands; 64x48 of the first frame is used"));
}

TEST(StreamMux, FormatsAreBroughtToTheFirstSources) {
  TestPipeline pipeline(
      "nvstreammux name=mux batch-size=2 width=64 height=48 ! "
      "video/x-raw(memory:NVMM),format=NV12 ! fakesink " +
      source(2, i420, 0) + source(2, "format=RGB,width=64,height=48,framerate=25/1", 1));
  std::vector<PixelFormat> formats;
  pipeline.watch("mux", [&](GstBuffer* buffer) {
    for (const auto& frame : frames_of(buffer)) formats.push_back(frame.view().format);
  });
  EXPECT_EQ(pipeline.run(), "");
  EXPECT_EQ(formats.size(), 4u);
  EXPECT_THAT(formats, Each(PixelFormat::nv12));
}

TEST(StreamMux, AGrayFirstFrameDoesNotTakeTheColourFromLaterOnes) {
  TestPipeline pipeline(
      "nvstreammux name=mux batch-size=1 width=64 height=48 ! fakesink "
      "videotestsrc num-buffers=1 pattern=solid-color foreground-color=0xff777777 ! "
      "video/x-raw,format=GRAY8,width=64,height=48 ! mux.sink_0");
  std::vector<int> pixel;
  pipeline.watch("mux", [&](GstBuffer* buffer) {
    const auto image = frames_of(buffer)[0].view();
    EXPECT_EQ(image.format, PixelFormat::rgba);
    pixel.assign(image.planes[0].data, image.planes[0].data + 4);
  });
  EXPECT_EQ(pipeline.run(), "");
  EXPECT_EQ(pixel.at(0), pixel.at(1));
  EXPECT_EQ(pixel.at(1), pixel.at(2));
  EXPECT_EQ(pixel.at(3), 255);
}

TEST(StreamMux, AnElementThatTakesNoBatchIsRefused) {
  TestPipeline pipeline("nvstreammux name=mux batch-size=1 width=64 height=48 ! capsfilter name=filter ! fakesink " +
                        source(1, i420, 0));
  GstCaps* plain = gst_caps_from_string("video/x-raw,format=I420");
  g_object_set(pipeline.element("filter").get(), "caps", plain, nullptr);
  gst_caps_unref(plain);
  EXPECT_THAT(pipeline.run(), HasSubstr("which is no batch; nvinfer, nvvideoconvert or a queue must follow"));
}

TEST(StreamMux, Statement45DropPipelineEosKeepsTheEndToItself) {
  TestPipeline pipeline("nvstreammux name=mux batch-size=1 width=64 height=48 drop-pipeline-eos=1 ! fakesink " +
                        source(2, i420, 0));
  bool ended = false;
  pipeline.watch_events("mux", [&](GstEvent* event) { ended = ended || GST_EVENT_TYPE(event) == GST_EVENT_EOS; });
  gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  GstBus* bus = gst_element_get_bus(pipeline.get());
  GstMessage* message = gst_bus_timed_pop_filtered(bus, 5 * GST_SECOND, GST_MESSAGE_ELEMENT);
  ASSERT_NE(message, nullptr);
  EXPECT_TRUE(gst_nvmessage_is_stream_eos(message));
  gst_message_unref(message);
  EXPECT_EQ(gst_bus_timed_pop_filtered(bus, 200 * GST_MSECOND, GST_MESSAGE_EOS), nullptr);
  gst_object_unref(bus);
  EXPECT_FALSE(ended);
}

TEST(StreamMux, Statement42LiveSourcesLeaveWithinTheTimeout) {
  TestPipeline pipeline(
      "nvstreammux name=mux batch-size=4 batched-push-timeout=40000 live-source=1 width=64 height=48 ! fakesink "
      "sync=false "
      "videotestsrc is-live=1 num-buffers=12 ! video/x-raw," +
      i420 +
      " ! mux.sink_0 "
      "videotestsrc is-live=1 num-buffers=12 ! video/x-raw," +
      i420 + " ! mux.sink_1");
  std::vector<gint64> times;
  size_t frames = 0;
  pipeline.watch("mux", [&](GstBuffer* buffer) {
    times.push_back(g_get_monotonic_time());
    frames += facts_of(buffer).frames.size();
  });
  EXPECT_EQ(pipeline.run(), "");
  EXPECT_EQ(frames, 24u);
  EXPECT_GE(times.size(), 6u) << "24 frames in batches of at most 4";
  // 12 frames at 25 a second take 440 ms; batches that waited to be full would still be no more than 6.
  EXPECT_LE(times.back() - times.front(), 900000);
}

TEST(StreamMux, LiveSourcesAreDelayedByTheTimeoutAndItSaysSo) {
  TestPipeline pipeline(
      "nvstreammux name=mux batch-size=2 batched-push-timeout=40000 width=64 height=48 ! fakesink "
      "sync=false videotestsrc is-live=1 num-buffers=3 ! video/x-raw," +
      i420 + " ! mux.sink_0");
  GstClockTime least = 0;
  pipeline.watch("mux", [&](GstBuffer*) {
    GstPad* pad = gst_element_get_static_pad(pipeline.element("mux").get(), "src");
    GstQuery* query = gst_query_new_latency();
    gboolean live = FALSE;
    if (gst_pad_query(pad, query)) gst_query_parse_latency(query, &live, &least, nullptr);
    EXPECT_TRUE(live);
    gst_query_unref(query);
    gst_object_unref(pad);
  });
  EXPECT_EQ(pipeline.run(), "");
  EXPECT_GE(least, 40 * GST_MSECOND);
}

TEST(StreamMux, SeeksBackToTheStart) {
  TestPipeline pipeline("nvstreammux name=mux batch-size=1 width=64 height=48 ! fakesink name=sink sync=false " +
                        source(1000000, i420, 0));
  std::mutex mutex;
  std::vector<guint64> times;
  pipeline.watch("mux", [&](GstBuffer* buffer) {
    const std::lock_guard lock(mutex);
    times.push_back(GST_BUFFER_PTS(buffer));
  });
  gst_element_set_state(pipeline.get(), GST_STATE_PAUSED);
  ASSERT_EQ(gst_element_get_state(pipeline.get(), nullptr, nullptr, 5 * GST_SECOND), GST_STATE_CHANGE_SUCCESS);
  ASSERT_TRUE(gst_element_seek_simple(pipeline.get(), GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH, 2 * GST_SECOND));
  ASSERT_EQ(gst_element_get_state(pipeline.get(), nullptr, nullptr, 5 * GST_SECOND), GST_STATE_CHANGE_SUCCESS);
  {
    const std::lock_guard lock(mutex);
    EXPECT_EQ(times.front(), 0u);
    EXPECT_EQ(times.back(), 0u) << "running time begins again after a flush";
  }
  gst_element_set_state(pipeline.get(), GST_STATE_NULL);
}

}  // namespace
}  // namespace es::gst
