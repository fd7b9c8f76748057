// SPDX-License-Identifier: Apache-2.0
//
// nvdsosd, nvmultistreamtiler and nvv4l2decoder in short pipelines. Statements of deepstream-app.md 7 by their numbers.
#include <gtest/gtest.h>

#include <cstring>

#include "edgestream/deepstream/gstnvdsmeta.h"
#include "gst/batch_memory.h"
#include "gst/gst_testing.h"
#include "gst/meta.h"

namespace es::gst {
namespace {

const std::string gray_source =
    "videotestsrc num-buffers=3 pattern=solid-color foreground-color=0xff808080 ! "
    "video/x-raw,format=RGBA,width=64,height=48 ! mux.sink_";

void add_box(GstBuffer* buffer, unsigned frame_index, const Detection& detection) {
  auto* batch = gst_buffer_get_nvds_batch_meta(buffer);
  auto* frame = nvds_get_nth_frame_meta(batch->frame_meta_list, frame_index);
  static const std::vector<ClassAttributes> green{{.border_color = {0, 1, 0, 1}}};
  attach_detections(*frame, nullptr, std::vector<Detection>{detection}, {.unique_id = 1, .class_attributes = green});
}

std::array<int, 3> pixel(GstBuffer* buffer, size_t frame, int x, int y) {
  const auto image = frames_of(buffer)[frame].view();
  const uint8_t* at = image.planes[0].data + y * image.planes[0].stride + 4 * x;
  return {at[0], at[1], at[2]};
}

constexpr std::array<int, 3> gray{128, 128, 128};
constexpr std::array<int, 3> green{0, 255, 0};

TEST(Osd, Statement56DrawsABorderInTheClasssColourAndNothingElse) {
  TestPipeline pipeline(
      "nvstreammux name=mux batch-size=1 width=64 height=48 ! nvdsosd name=osd display-text=0 ! fakesink " +
      gray_source + "0");
  pipeline.watch("mux", [](GstBuffer* buffer) { add_box(buffer, 0, {{20, 10, 30, 20}, 0, 1, 0, "candy"}); });
  int looked = 0;
  pipeline.watch("osd", [&](GstBuffer* buffer) {
    ++looked;
    EXPECT_EQ(pixel(buffer, 0, 21, 11), green);
    EXPECT_EQ(pixel(buffer, 0, 48, 28), green);
    EXPECT_EQ(pixel(buffer, 0, 35, 20), gray) << "inside";
    EXPECT_EQ(pixel(buffer, 0, 15, 20), gray) << "outside";
  });
  EXPECT_EQ(pipeline.run(), "");
  EXPECT_EQ(looked, 3);
}

TEST(Osd, Statement55WithoutBoxesAndTextPixelsStayAndAreNotCopied) {
  TestPipeline pipeline(
      "nvstreammux name=mux batch-size=1 width=64 height=48 ! nvdsosd name=osd display-bbox=0 "
      "display-text=0 ! fakesink " +
      gray_source + "0");
  pipeline.watch("mux", [](GstBuffer* buffer) { add_box(buffer, 0, {{20, 10, 30, 20}, 0, 1, 0, "candy"}); });
  pipeline.watch("osd", [&](GstBuffer* buffer) { EXPECT_EQ(pixel(buffer, 0, 21, 11), gray); });
  const uint64_t before = pictures_written();
  EXPECT_EQ(pipeline.run(), "");
  EXPECT_EQ(pictures_written(), before);
}

TEST(Osd, EachFrameOfABatchGetsItsOwnObjects) {
  TestPipeline pipeline(
      "nvstreammux name=mux batch-size=2 width=64 height=48 ! nvdsosd name=osd display-text=0 ! fakesink " +
      gray_source + "0 " + gray_source + "1");
  pipeline.watch("mux", [](GstBuffer* buffer) { add_box(buffer, 1, {{20, 10, 30, 20}, 0, 1, 0, ""}); });
  int looked = 0;
  pipeline.watch("osd", [&](GstBuffer* buffer) {
    ++looked;
    EXPECT_EQ(pixel(buffer, 0, 21, 11), gray);
    EXPECT_EQ(pixel(buffer, 1, 21, 11), green);
  });
  EXPECT_EQ(pipeline.run(), "");
  EXPECT_EQ(looked, 3);
}

TEST(Osd, TheOtherBranchOfATeeSeesNothingOfIt) {
  TestPipeline pipeline(
      "nvstreammux name=mux batch-size=1 width=64 height=48 ! tee name=t ! queue max-size-buffers=2 ! "
      "nvdsosd name=osd display-text=0 ! fakesink async=false t. ! queue max-size-buffers=2 ! "
      "identity name=plain ! fakesink async=false " +
      gray_source + "0");
  pipeline.watch("mux", [](GstBuffer* buffer) { add_box(buffer, 0, {{20, 10, 30, 20}, 0, 1, 0, ""}); });
  pipeline.watch("osd", [&](GstBuffer* buffer) { EXPECT_EQ(pixel(buffer, 0, 21, 11), green); });
  pipeline.watch("plain", [&](GstBuffer* buffer) { EXPECT_EQ(pixel(buffer, 0, 21, 11), gray); });
  EXPECT_EQ(pipeline.run(), "");
}

TEST(Osd, DrawsDisplayMetaAndMasks) {
  TestPipeline pipeline(
      "nvstreammux name=mux batch-size=1 width=64 height=48 ! nvdsosd name=osd display-mask=1 ! fakesink " +
      gray_source + "0");
  pipeline.watch("mux", [](GstBuffer* buffer) {
    add_box(buffer, 0, {{32, 0, 32, 48}, 0, 1, 0, ""});
    auto* batch = gst_buffer_get_nvds_batch_meta(buffer);
    auto* frame = nvds_get_nth_frame_meta(batch->frame_meta_list, 0);
    auto& object = *static_cast<NvDsObjectMeta*>(frame->obj_meta_list->data);
    object.rect_params.border_width = 0;
    object.mask_params = {static_cast<float*>(g_malloc0(4 * sizeof(float))), 4 * sizeof(float), 0.5f, 2, 2};
    std::fill_n(object.mask_params.data, 4, 1.0f);
    auto* display = nvds_acquire_display_meta_from_pool(batch);
    display->num_lines = 1;
    display->line_params[0] = {0, 24, 30, 24, 4, {0, 1, 0, 1}};
    nvds_add_display_meta_to_frame(frame, display);
  });
  pipeline.watch("osd", [&](GstBuffer* buffer) {
    EXPECT_EQ(pixel(buffer, 0, 15, 24), green);
    const auto masked = pixel(buffer, 0, 48, 24);
    EXPECT_NEAR(masked[1], 128 + 127 * 127 / 255.0, 3) << "half green over gray";
    EXPECT_NEAR(masked[0], 128 - 128 * 127 / 255.0, 3);
  });
  EXPECT_EQ(pipeline.run(), "");
}

// ---- nvmultistreamtiler ---------------------------------------------------------------------------------------------

std::string solid(const char* color, int pad) {
  return std::string("videotestsrc num-buffers=3 pattern=solid-color foreground-color=") + color +
         " ! video/x-raw,format=RGBA,width=64,height=48 ! mux.sink_" + std::to_string(pad) + " ";
}

TEST(Tiler, Statement53FourSourcesAndTheirObjects) {
  TestPipeline pipeline(
      "nvstreammux name=mux batch-size=4 width=64 height=48 ! nvmultistreamtiler name=tiler rows=2 "
      "columns=2 width=64 height=48 ! fakesink " +
      solid("0xffff0000", 0) + solid("0xff00ff00", 1) + solid("0xff0000ff", 2) + solid("0xff808080", 3));
  pipeline.watch("mux", [](GstBuffer* buffer) {
    for_each_frame(gst_buffer_get_nvds_batch_meta(buffer), [&](NvDsFrameMeta& frame) {
      if (frame.pad_index == 3) {
        attach_detections(frame, nullptr, std::vector<Detection>{{{20, 10, 30, 20}, 0, 1, 0, ""}}, {});
      }
    });
  });
  int looked = 0;
  pipeline.watch("tiler", [&](GstBuffer* buffer) {
    ++looked;
    ASSERT_EQ(frames_of(buffer).size(), 1u);
    EXPECT_EQ(pixel(buffer, 0, 10, 10), (std::array<int, 3>{255, 0, 0}));
    EXPECT_EQ(pixel(buffer, 0, 40, 10), (std::array<int, 3>{0, 255, 0}));
    EXPECT_EQ(pixel(buffer, 0, 10, 40), (std::array<int, 3>{0, 0, 255}));
    EXPECT_EQ(pixel(buffer, 0, 40, 40), gray);
    const auto* batch = gst_buffer_get_nvds_batch_meta(buffer);
    ASSERT_EQ(batch->num_frames_in_batch, 4u);
    for_each_frame(batch, [](const NvDsFrameMeta& frame) {
      for_each_object(frame, [](const NvDsObjectMeta& object) {
        EXPECT_EQ(object.rect_params.left, 32 + 10);
        EXPECT_EQ(object.rect_params.top, 24 + 5);
        EXPECT_EQ(object.rect_params.width, 15);
      });
    });
  });
  EXPECT_EQ(pipeline.run(), "");
  EXPECT_EQ(looked, 3);
}

TEST(Tiler, Statement54OneSourceFillsTheCanvas) {
  TestPipeline pipeline(
      "nvstreammux name=mux batch-size=2 width=64 height=48 ! nvmultistreamtiler name=tiler rows=1 "
      "columns=2 width=128 height=96 show-source=1 ! fakesink " +
      solid("0xffff0000", 0) + solid("0xff00ff00", 1));
  pipeline.watch("mux", [](GstBuffer* buffer) { add_box(buffer, 0, {{20, 10, 30, 20}, 0, 1, 0, ""}); });
  unsigned objects = 99;
  pipeline.watch("tiler", [&](GstBuffer* buffer) {
    for (const auto& [x, y] : {std::pair{3, 3}, std::pair{120, 90}}) {
      EXPECT_NEAR(pixel(buffer, 0, x, y)[1], 255, 3);
      EXPECT_EQ(pixel(buffer, 0, x, y)[0], 0);
    }
    objects = 0;
    for_each_frame(gst_buffer_get_nvds_batch_meta(buffer), [&](const NvDsFrameMeta& frame) {
      if (frame.pad_index == 0) objects += frame.num_obj_meta;
    });
  });
  EXPECT_EQ(pipeline.run(), "");
  EXPECT_EQ(objects, 0u) << "objects of a source that is not shown would lie on the wrong picture";
}

// One source ends early: its last picture stays.
TEST(Tiler, KeepsTheLastPictureOfASourceThatIsNotInTheBatch) {
  for (const std::string grid : {"rows=1 columns=2 width=64 height=48", "rows=1 columns=1 width=64 height=48"}) {
    TestPipeline pipeline(
        "nvstreammux name=mux batch-size=2 width=64 height=48 ! nvmultistreamtiler name=tiler "
        "interpolation-method=Nearest " +
        grid +
        " ! fakesink videotestsrc num-buffers=1 pattern=solid-color foreground-color=0xffff0000 ! "
        "video/x-raw,format=RGBA,width=64,height=48 ! mux.sink_0 " +
        solid("0xff00ff00", 1));
    int looked = 0;
    pipeline.watch("tiler", [&](GstBuffer* buffer) {
      ++looked;
      EXPECT_EQ(pixel(buffer, 0, 10, 10), (std::array<int, 3>{255, 0, 0})) << grid;
    });
    EXPECT_EQ(pipeline.run(), "");
    EXPECT_EQ(looked, 2) << "one batch of both, one of two frames of the second source";
  }
}

TEST(Tiler, WithoutAMuxerInFrontSaysSo) {
  TestPipeline pipeline(
      "videotestsrc num-buffers=1 ! nvvideoconvert ! video/x-raw(memory:NVMM) ! "
      "nvmultistreamtiler name=tiler ! fakesink");
  EXPECT_EQ(pipeline.run(), "tiler: NvDsBatchMeta not found for input buffer; nvstreammux must stand in front");
}

// ---- nvv4l2decoder --------------------------------------------------------------------------------------------------

TEST(Decoder, DecodesToSurfacesWithoutCopying) {
  TestPipeline pipeline(
      "videotestsrc num-buffers=3 ! video/x-raw,format=I420,width=64,height=48 ! jpegenc ! "
      "nvv4l2decoder name=d ! mux.sink_0 nvstreammux name=mux batch-size=1 width=64 height=48 ! "
      "nvmultistreamtiler width=64 height=48 ! nvvideoconvert ! video/x-raw ! fakesink");
  int frames = 0;
  pipeline.watch("d", [&](GstBuffer* buffer) { frames += static_cast<int>(frames_of(buffer).size()); });
  const uint64_t before = pictures_written();
  EXPECT_EQ(pipeline.run(), "");
  EXPECT_EQ(frames, 3);
  EXPECT_EQ(pictures_written(), before);
}

// A H.264 decoder keeps pictures from which it predicts: drawing must not change them, and copies each at most once.
TEST(Decoder, DrawingDoesNotDisturbPrediction) {
  const std::string clip = std::string(ES_SOURCE_DIR) + "/examples/candy/clip.mp4";
  const auto checksum = [&](const std::string& draw) {
    TestPipeline pipeline("filesrc location=" + clip +
                          " ! qtdemux ! h264parse ! nvv4l2decoder name=d ! mux.sink_0 "
                          "nvstreammux name=mux batch-size=1 width=1280 height=720 ! " +
                          draw +
                          "nvvideoconvert ! video/x-raw,format=I420 ! identity name=out eos-after=40 ! fakesink");
    pipeline.watch("mux", [](GstBuffer* buffer) { add_box(buffer, 0, {{200, 100, 300, 200}, 0, 1, 0, ""}); });
    uint64_t sum = 0;
    pipeline.watch("out", [&](GstBuffer* buffer) {
      GstMapInfo map;
      ASSERT_TRUE(gst_buffer_map(buffer, &map, GST_MAP_READ));
      // A line of luma that the box does not touch, but motion crosses.
      for (int x = 0; x < 1280; ++x) sum = sum * 31 + map.data[420 * 1280 + x];
      gst_buffer_unmap(buffer, &map);
    });
    const uint64_t before = pictures_written();
    EXPECT_EQ(pipeline.run(), "");
    EXPECT_LE(pictures_written(), before + 50) << "at most one copy a frame";
    return sum;
  };
  EXPECT_EQ(checksum("nvdsosd ! "), checksum(""));
}

TEST(Decoder, DropsFramesAsAsked) {
  TestPipeline pipeline(
      "videotestsrc num-buffers=10 ! video/x-raw,width=64,height=48 ! jpegenc ! nvv4l2decoder name=d "
      "drop-frame-interval=5 ! fakesink");
  int frames = 0;
  pipeline.watch("d", [&](GstBuffer*) { ++frames; });
  EXPECT_EQ(pipeline.run(), "");
  EXPECT_EQ(frames, 2);
}

TEST(Decoder, HasItsPadsFromTheStart) {
  GstElement* decoder = gst_element_factory_make("nvv4l2decoder", nullptr);
  for (const char* name : {"sink", "src"}) {
    GstPad* pad = gst_element_get_static_pad(decoder, name);
    ASSERT_NE(pad, nullptr) << name;
    gst_object_unref(pad);
  }
  EXPECT_TRUE(g_str_has_prefix(GST_OBJECT_NAME(decoder), "nvv4l2decoder"));
  gst_object_unref(decoder);
}

}  // namespace
}  // namespace es::gst
