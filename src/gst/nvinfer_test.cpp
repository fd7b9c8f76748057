// SPDX-License-Identifier: Apache-2.0
//
// Statements of nvinfer.md 10 that are the element's, by their numbers. The networks are backend/testdata's: "cells" is
// a detector that finds each 8x8 cell of its 32x32 input whose red or green is bright, "colors" a classifier that names
// the strongest colour.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <sstream>

#include "edgestream/deepstream/gst-nvdscustomevent.h"
#include "edgestream/deepstream/gst-nvevent.h"
#include "gst/batch_memory.h"
#include "gst/gst_testing.h"
#include "gst/meta.h"
#include "infer/infer_testing.h"

namespace es::gst {
namespace {

using infer::TestProject;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// A folder with both networks and a configuration of each.
class Project {
 public:
  Project() : project_("cells") {
    project_.write("colors.onnx", as_text(infer::test_model("colors")));
    project_.write("objects.txt", "red\ngreen\n");
    project_.write("colors.txt", "red;green;blue\n");
    detector("");
    classifier("");
  }

  void detector(const std::string& keys, const std::string& classes = "") {
    write("detector.txt",
          "gie-unique-id=1\nonnx-file=cells.onnx\nnum-detected-classes=2\nlabelfile-path=objects.txt\n"
          "cluster-mode=4\nparse-bbox-func-name=NvDsInferParseYolo\n" +
              keys,
          "[class-attrs-all]\npre-cluster-threshold=0.5\n" + classes);
  }
  void classifier(const std::string& keys) {
    write("classifier.txt",
          "gie-unique-id=2\nprocess-mode=2\nnetwork-type=1\nonnx-file=colors.onnx\n"
          "labelfile-path=colors.txt\nbatch-size=16\nclassifier-threshold=0.5\n" +
              keys);
  }
  void write(const std::string& name, const std::string& keys, const std::string& more = "") {
    std::ofstream(project_.path() / name) << "[property]\n" << keys << '\n' << more;
  }
  std::string file(const std::string& name) const { return (project_.path() / name).string(); }
  std::string primary(const std::string& properties = "") const {
    return "nvinfer name=primary config-file-path=" + file("detector.txt") + " " + properties + " ! ";
  }
  std::string secondary(const std::string& properties = "") const {
    return "nvinfer name=secondary config-file-path=" + file("classifier.txt") + " " + properties + " ! ";
  }

 private:
  TestProject project_;
};

std::string source(int frames, const char* color = "0xffff0000", int pad = 0, const char* size = "width=64,height=64") {
  return std::string(" videotestsrc num-buffers=") + std::to_string(frames) +
         " pattern=solid-color foreground-color=" + color + " ! video/x-raw,format=RGB," + size + " ! mux.sink_" +
         std::to_string(pad) + " ";
}

std::string mux(int batch_size = 1) {
  return "nvstreammux name=mux width=64 height=64 batch-size=" + std::to_string(batch_size) + " ! ";
}

struct Seen {
  unsigned objects = 0;
  bool inferred = false;
  std::vector<std::string> texts;
};

std::vector<Seen> seen_in(GstBuffer* buffer) {
  std::vector<Seen> frames;
  for_each_frame(gst_buffer_get_nvds_batch_meta(buffer), [&](const NvDsFrameMeta& frame) {
    Seen seen{.objects = frame.num_obj_meta, .inferred = frame.bInferDone != FALSE, .texts = {}};
    for_each_object(frame, [&](const NvDsObjectMeta& object) {
      seen.texts.emplace_back(object.text_params.display_text != nullptr ? object.text_params.display_text : "");
    });
    frames.push_back(seen);
  });
  return frames;
}

// Runs the line, and answers what stood on each frame when it left `element`.
std::vector<Seen> run_and_see(const std::string& line, const char* element) {
  TestPipeline pipeline(line);
  std::vector<Seen> all;
  pipeline.watch(element, [&](GstBuffer* buffer) { std::ranges::copy(seen_in(buffer), std::back_inserter(all)); });
  EXPECT_EQ(pipeline.run(), "");
  return all;
}

// ---- detection and classification -----------------------------------------------------------------------------------

TEST(Primary, FindsObjectsInFramePixels) {
  const Project project;
  TestPipeline pipeline(mux() + project.primary() + "fakesink" + source(2));
  std::vector<std::pair<float, float>> corners;
  pipeline.watch("primary", [&](GstBuffer* buffer) {
    for_each_frame(gst_buffer_get_nvds_batch_meta(buffer), [&](const NvDsFrameMeta& frame) {
      EXPECT_EQ(frame.num_obj_meta, 16u);
      for_each_object(frame, [&](const NvDsObjectMeta& object) {
        EXPECT_STREQ(object.obj_label, "red");
        EXPECT_EQ(object.unique_component_id, 1);
        EXPECT_NEAR(object.confidence, 1, 1e-6);
        // The network's 8x6 cells are twice as large in a frame of 64x64.
        EXPECT_EQ(object.rect_params.width, 16);
        EXPECT_EQ(object.rect_params.height, 12);
        corners.emplace_back(object.rect_params.left, object.rect_params.top);
      });
    });
  });
  EXPECT_EQ(pipeline.run(), "");
  ASSERT_THAT(corners, SizeIs(32));
  EXPECT_EQ(corners[0], std::pair(0.0f, 2.0f));
  EXPECT_EQ(corners[5], std::pair(16.0f, 18.0f));
}

TEST(Secondary, Statement134NamesTheColourOfEachObject) {
  const Project project;
  for (const auto& [color, text] : {std::pair{"0xffff0000", "red red "}, std::pair{"0xff00ff00", "green green "}}) {
    const auto frames =
        run_and_see(mux() + project.primary() + project.secondary() + "fakesink" + source(2, color), "secondary");
    ASSERT_THAT(frames, SizeIs(2));
    EXPECT_THAT(frames[1].texts, AllOf(SizeIs(16), Each(std::string(text))));
  }
}

TEST(Secondary, Statement73ObjectsOfAnotherEngineAreUntouched) {
  Project project;
  project.classifier("operate-on-gie-id=5\n");
  const auto frames =
      run_and_see(mux() + project.primary() + project.secondary() + "fakesink" + source(1), "secondary");
  EXPECT_THAT(frames.at(0).texts, Each(std::string("red")));
}

TEST(Primary, Statement133APrimaryClassifierNamesTheFrame) {
  const Project project;
  const auto frames =
      run_and_see(mux() + project.secondary("process-mode=1") + "fakesink" + source(1, "0xff0000ff"), "secondary");
  EXPECT_THAT(frames.at(0).texts, ElementsAre(" blue "));
}

TEST(Primary, Statements69And156EveryFrameOfABatchIsInferredAlsoWithoutObjects) {
  const Project project;
  const auto frames = run_and_see(mux(3) + project.primary("batch-size=2") + "fakesink" + source(4, "0xffff0000", 0) +
                                      source(4, "0xff0000ff", 1) + source(4, "0xff00ff00", 2),
                                  "primary");
  ASSERT_THAT(frames, SizeIs(12));
  unsigned objects = 0, empty = 0;
  for (const auto& frame : frames) {
    EXPECT_TRUE(frame.inferred);
    objects += frame.objects;
    empty += frame.objects == 0;
  }
  EXPECT_EQ(objects, 8u * 16);
  EXPECT_EQ(empty, 4u) << "the blue source has nothing red or green";
}

TEST(Primary, Statement70IntervalLeavesBatchesOut) {
  const Project project;
  const auto frames = run_and_see(mux() + project.primary("interval=2") + "fakesink" + source(8), "primary");
  std::vector<bool> inferred;
  for (const auto& frame : frames) {
    inferred.push_back(frame.inferred);
    EXPECT_EQ(frame.objects, frame.inferred ? 16u : 0u);
  }
  EXPECT_THAT(inferred, ElementsAre(true, false, false, true, false, false, true, false));
}

TEST(Primary, Statement71AnEventChangesTheInterval) {
  const Project project;
  TestPipeline pipeline(mux() + project.primary("interval=7") + "fakesink" + source(6));
  std::vector<bool> inferred;
  pipeline.watch("primary", [&](GstBuffer* buffer) { inferred.push_back(seen_in(buffer)[0].inferred); });
  int passed = 0;
  pipeline.watch("mux", [&](GstBuffer*) {
    if (++passed != 3) return;
    GstPad* pad = gst_element_get_static_pad(pipeline.element("primary").get(), "sink");
    gst_pad_send_event(pad, gst_nvevent_infer_interval_update(nullptr, 0));
    gst_object_unref(pad);
  });
  EXPECT_EQ(pipeline.run(), "");
  EXPECT_THAT(inferred, ElementsAre(true, false, true, true, true, true));
}

TEST(Secondary, Statement72IntervalDoesNotApply) {
  const Project project;
  const auto frames =
      run_and_see(mux() + project.primary() + project.secondary("interval=3") + "fakesink" + source(3), "secondary");
  for (const auto& frame : frames) EXPECT_THAT(frame.texts, Each(std::string("red red ")));
}

TEST(Secondary, Statement77TrackedObjectsKeepTheLabelOfTheirFirstFrame) {
  const Project project;
  // The picture turns from red to green after the first frame, the tracked object is classified in the first alone.
  TestPipeline pipeline(mux() + project.primary() + "identity name=tracker ! " + project.secondary() + "fakesink" +
                        source(1, "0xffff0000", 0) +
                        " videotestsrc num-buffers=2 pattern=solid-color foreground-color=0xffffff00 ! fakesink");
  std::vector<std::vector<std::string>> texts;
  pipeline.watch("tracker", [](GstBuffer* buffer) {
    for_each_frame(gst_buffer_get_nvds_batch_meta(buffer), [](NvDsFrameMeta& frame) {
      guint64 id = 0;
      for_each_object(frame, [&](NvDsObjectMeta& object) { object.object_id = id++; });
    });
  });
  pipeline.watch("secondary", [&](GstBuffer* buffer) { texts.push_back(seen_in(buffer)[0].texts); });
  EXPECT_EQ(pipeline.run(), "");
  ASSERT_THAT(texts, SizeIs(1));
  EXPECT_THAT(texts[0], AllOf(SizeIs(16), Each(std::string("red red "))));
}

// A batch of one frame whose single object, tracked as 4, covers it.
GstBuffer* tracked_frame(int number, uint8_t red, uint8_t green) {
  GstVideoInfo info;
  gst_video_info_set_format(&info, GST_VIDEO_FORMAT_RGB, 64, 64);
  GstBuffer* picture = gst_buffer_new_allocate(nullptr, GST_VIDEO_INFO_SIZE(&info), nullptr);
  GstMapInfo map;
  EXPECT_TRUE(gst_buffer_map(picture, &map, GST_MAP_WRITE));
  for (gsize i = 0; i < map.size; i += 3) {
    map.data[i] = red;
    map.data[i + 1] = green;
    map.data[i + 2] = 0;
  }
  gst_buffer_unmap(picture, &map);
  GstBuffer* buffer = make_batch_buffer({Frame::of(picture, info)}, 1);
  NvDsBatchMeta* batch = nvds_create_batch_meta(1);
  NvDsFrameMeta* frame = nvds_acquire_frame_meta_from_pool(batch);
  frame->frame_num = number;
  nvds_add_frame_meta_to_batch(batch, frame);
  attach_detections(*frame, nullptr, std::vector<Detection>{{{0, 0, 64, 64}, 0, 1, 0, "car"}}, {.unique_id = 1});
  static_cast<NvDsObjectMeta*>(frame->obj_meta_list->data)->object_id = 4;
  attach_batch_meta(buffer, batch);
  GST_BUFFER_PTS(buffer) = static_cast<GstClockTime>(number) * GST_SECOND;
  return buffer;
}

// nvinfer alone, fed by hand.
class FedElement {
 public:
  explicit FedElement(const std::string& config)
      : pipeline_("fakesrc name=unused num-buffers=0 ! fakesink nvinfer name=secondary config-file-path=" + config +
                  " ! fakesink name=sink sync=false async=false") {
    pipeline_.watch("secondary", [this](GstBuffer* buffer) { texts_.push_back(seen_in(buffer)[0].texts.at(0)); });
    gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
    gst_element_get_state(pipeline_.get(), nullptr, nullptr, 5 * GST_SECOND);
    pad_ = gst_element_get_static_pad(pipeline_.element("secondary").get(), "sink");
    gst_pad_send_event(pad_, gst_event_new_stream_start("test"));
    GstCaps* caps = gst_caps_from_string("video/x-raw(memory:NVMM),format=RGB,width=64,height=64,framerate=1/1");
    gst_pad_send_event(pad_, gst_event_new_caps(caps));
    gst_caps_unref(caps);
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_pad_send_event(pad_, gst_event_new_segment(&segment));
  }
  ~FedElement() { gst_object_unref(pad_); }

  GstFlowReturn push(GstBuffer* buffer) { return gst_pad_chain(pad_, buffer); }
  void send(GstEvent* event) { gst_pad_send_event(pad_, event); }
  // What stood on the object of each buffer that came out, once all are out.
  std::vector<std::string> texts() {
    send(gst_event_new_eos());
    return texts_;
  }

 private:
  TestPipeline pipeline_;
  GstPad* pad_ = nullptr;
  std::vector<std::string> texts_;
};

TEST(Secondary, Statements77And85TheCacheHoldsUntilTheStreamEnds) {
  const Project project;
  FedElement element(project.file("classifier.txt"));
  for (int i = 0; i < 3; ++i) element.push(tracked_frame(i, i == 0 ? 255 : 0, i == 0 ? 0 : 255));
  element.send(gst_nvevent_new_stream_eos(0));
  element.push(tracked_frame(3, 0, 255));
  EXPECT_THAT(element.texts(), ElementsAre("car red ", "car red ", "car red ", "car green "));
}

TEST(Secondary, Statement83AsynchronousLabelsComeWithALaterFrame) {
  Project project;
  project.classifier("classifier-async-mode=1\n");
  FedElement element(project.file("classifier.txt"));
  element.push(tracked_frame(0, 255, 0));
  g_usleep(300000);
  element.push(tracked_frame(1, 255, 0));
  EXPECT_THAT(element.texts(), ElementsAre("car", "car red "));
}

TEST(Secondary, Statement84AsynchronousPrimariesAreSynchronous) {
  Project project;
  project.classifier("classifier-async-mode=1\n");
  TestPipeline pipeline(mux() + project.secondary("process-mode=1") + "fakesink" + source(1));
  std::vector<std::string> texts;
  pipeline.watch("secondary", [&](GstBuffer* buffer) { texts = seen_in(buffer)[0].texts; });
  EXPECT_EQ(pipeline.run(), "");
  EXPECT_THAT(texts, ElementsAre(" red "));
  EXPECT_THAT(pipeline.warnings(), ElementsAre(HasSubstr("Turning off asynchronous mode")));
}

TEST(Tensors, Statements153To155EveryItemHasItsOwn) {
  Project project;
  project.detector("network-type=100\noutput-tensor-meta=1\n");
  TestPipeline pipeline(mux(2) + project.primary("batch-size=2") + "fakesink" + source(2, "0xffff0000", 0) +
                        source(2, "0xff000000", 1));
  int looked = 0;
  pipeline.watch("primary", [&](GstBuffer* buffer) {
    for_each_frame(gst_buffer_get_nvds_batch_meta(buffer), [&](const NvDsFrameMeta& frame) {
      ++looked;
      EXPECT_EQ(frame.num_obj_meta, 0u);
      EXPECT_FALSE(frame.bInferDone);
      ASSERT_EQ(g_list_length(frame.frame_user_meta_list), 1u);
      auto* user = static_cast<NvDsUserMeta*>(frame.frame_user_meta_list->data);
      EXPECT_EQ(user->base_meta.meta_type, NVDSINFER_TENSOR_OUTPUT_META);
      const auto* tensors = static_cast<NvDsInferTensorMeta*>(user->user_meta_data);
      ASSERT_EQ(tensors->num_output_layers, 1u);
      const auto& layer = tensors->output_layers_info[0];
      EXPECT_STREQ(layer.layerName, "output0");
      EXPECT_EQ(layer.inferDims.numDims, 2u);
      EXPECT_EQ(layer.inferDims.d[0], 16u);
      EXPECT_EQ(layer.inferDims.d[1], 7u);
      EXPECT_EQ(layer.inferDims.numElements, 112u);
      EXPECT_EQ(layer.dataType, FLOAT);
      const auto* values = static_cast<const float*>(tensors->out_buf_ptrs_host[0]);
      EXPECT_NEAR(values[4], frame.pad_index == 0 ? 1 : 0, 1e-6) << "objectness of the first cell";
      EXPECT_EQ(tensors->network_info.width, 32u);
    });
  });
  EXPECT_EQ(pipeline.run(), "");
  EXPECT_EQ(looked, 4);
}

// ---- order ----------------------------------------------------------------------------------------------------------

TEST(Order, BuffersLeaveInOrderAndEventsWaitForThem) {
  const Project project;
  TestPipeline pipeline(mux() + project.primary() + "fakesink" + source(40));
  std::vector<GstClockTime> times;
  std::string last;
  pipeline.watch("primary", [&](GstBuffer* buffer) {
    times.push_back(GST_BUFFER_PTS(buffer));
    last = "buffer";
    EXPECT_EQ(seen_in(buffer)[0].objects, 16u);
  });
  pipeline.watch_events("primary", [&](GstEvent* event) {
    if (GST_EVENT_TYPE(event) == GST_EVENT_EOS) last = "end";
    if (static_cast<guint>(GST_EVENT_TYPE(event)) == GST_NVEVENT_STREAM_EOS) {
      EXPECT_THAT(times, SizeIs(40));
    }
  });
  EXPECT_EQ(pipeline.run(), "");
  EXPECT_THAT(times, SizeIs(40));
  EXPECT_TRUE(std::ranges::is_sorted(times));
  EXPECT_EQ(last, "end");
}

// Seeks and restarts at any moment: nothing hangs, and what comes afterwards is inferred.
TEST(Order, SeeksAndRestartsWhileInferring) {
  const Project project;
  TestPipeline pipeline(mux() + project.primary() + project.secondary() + "nvdsosd ! fakesink name=sink" +
                        source(1000000));
  std::atomic<int> from_the_start{0}, wrong{0};
  pipeline.watch("secondary", [&](GstBuffer* buffer) {
    from_the_start += GST_BUFFER_PTS(buffer) == 0;
    wrong += seen_in(buffer)[0].objects != 16;
  });
  for (int turn = 0; turn < 3; ++turn) {
    gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
    ASSERT_EQ(gst_element_get_state(pipeline.get(), nullptr, nullptr, 5 * GST_SECOND), GST_STATE_CHANGE_SUCCESS);
    for (int seek = 0; seek < 5; ++seek) {
      g_usleep(5000);
      ASSERT_TRUE(gst_element_seek_simple(pipeline.get(), GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH, 0));
    }
    ASSERT_EQ(gst_element_get_state(pipeline.get(), nullptr, nullptr, 5 * GST_SECOND), GST_STATE_CHANGE_SUCCESS);
    gst_element_set_state(pipeline.get(), GST_STATE_READY);
  }
  EXPECT_GE(from_the_start, 6) << "at least the first frame of each turn and after the last seek of each";
  EXPECT_EQ(wrong, 0);
}

TEST(Order, NoPixelIsCopiedForInference) {
  const Project project;
  TestPipeline pipeline(mux() + project.primary() + project.secondary() + "nvvideoconvert ! video/x-raw ! fakesink" +
                        source(10));
  const uint64_t before = pictures_written();
  EXPECT_EQ(pipeline.run(), "");
  EXPECT_EQ(pictures_written(), before);
}

TEST(Order, TwoRunsWriteTheSameBytes) {
  const Project project;
  const auto run = [&](const std::string& name) {
    TestPipeline pipeline(mux() + project.primary() + project.secondary() + "esjson location=" + project.file(name) +
                          " ! fakesink videotestsrc num-buffers=30 pattern=ball motion=sweep ! "
                          "video/x-raw,format=I420,width=64,height=64 ! mux.sink_0");
    EXPECT_EQ(pipeline.run(), "");
    return read_text_file(project.file(name));
  };
  const std::string first = run("first.jsonl");
  EXPECT_EQ(std::ranges::count(first, '\n'), 30);
  EXPECT_EQ(run("second.jsonl"), first);
}

// ---- properties -----------------------------------------------------------------------------------------------------

template <typename Value>
Value property(GstElement* element, const char* name) {
  Value value{};
  g_object_get(element, name, &value, nullptr);
  return value;
}

std::string text_property(GstElement* element, const char* name) {
  g_autofree gchar* value = property<gchar*>(element, name);
  return value != nullptr ? value : "";
}

class Properties : public ::testing::Test {
 protected:
  Properties() : element_(GST_ELEMENT(gst_object_ref_sink(gst_element_factory_make("nvinfer", nullptr)))) {}
  ~Properties() override { gst_object_unref(element_); }
  void name_file(const std::string& keys, const std::string& file = "detector.txt") {
    project_.write(file, "onnx-file=cells.onnx\nnum-detected-classes=2\n" + keys);
    g_object_set(element_, "config-file-path", project_.file(file).c_str(), nullptr);
  }

  Project project_;
  GstElement* element_;
};

TEST_F(Properties, Statement53Defaults) {
  EXPECT_EQ(property<guint>(element_, "unique-id"), 15u);
  EXPECT_EQ(property<gint>(element_, "process-mode"), 1);
  EXPECT_EQ(property<guint>(element_, "interval"), 0u);
  EXPECT_EQ(property<gint>(element_, "infer-on-gie-id"), -1);
  EXPECT_EQ(property<gboolean>(element_, "clip-object-outside-roi"), TRUE);
  EXPECT_EQ(property<guint>(element_, "batch-size"), 1u);
}

TEST_F(Properties, Statement46BatchSizeOfTheElementWinsInEitherOrder) {
  g_object_set(element_, "batch-size", 8, nullptr);
  name_file("gie-unique-id=3\nbatch-size=4\n");
  EXPECT_EQ(property<guint>(element_, "batch-size"), 8u);
  EXPECT_EQ(property<guint>(element_, "unique-id"), 3u);
  GstElement* later = GST_ELEMENT(gst_object_ref_sink(gst_element_factory_make("nvinfer", nullptr)));
  g_object_set(later, "config-file-path", project_.file("detector.txt").c_str(), nullptr);
  EXPECT_EQ(property<guint>(later, "batch-size"), 4u) << "readable right after the file is named";
  g_object_set(later, "batch-size", 8, nullptr);
  EXPECT_EQ(property<guint>(later, "batch-size"), 8u);
  gst_object_unref(later);
}

TEST_F(Properties, Statement47IntervalSetBeforeTheFile) {
  g_object_set(element_, "interval", 2, nullptr);
  name_file("gie-unique-id=1\ninterval=5\n");
  EXPECT_EQ(property<guint>(element_, "interval"), 2u);
}

TEST_F(Properties, Statement48ObjectFilters) {
  g_object_set(element_, "infer-on-class-ids", "0", nullptr);
  name_file("gie-unique-id=1\noperate-on-gie-id=1\n");
  EXPECT_EQ(property<gint>(element_, "infer-on-gie-id"), -1);
  GstElement* later = GST_ELEMENT(gst_object_ref_sink(gst_element_factory_make("nvinfer", nullptr)));
  g_object_set(later, "config-file-path", project_.file("detector.txt").c_str(), "infer-on-class-ids", "0", nullptr);
  EXPECT_EQ(property<gint>(later, "infer-on-gie-id"), 1);
  EXPECT_EQ(text_property(later, "infer-on-class-ids"), "0:");
  gst_object_unref(later);
}

TEST_F(Properties, Statement49OutputTensorMeta) {
  g_object_set(element_, "output-tensor-meta", TRUE, nullptr);
  name_file("gie-unique-id=1\noutput-tensor-meta=0\n");
  EXPECT_TRUE(property<gboolean>(element_, "output-tensor-meta"));
}

TEST_F(Properties, Statements50To52ListsReadBack) {
  g_object_set(element_, "infer-on-class-ids", "0:2:3", "filter-out-class-ids", "3;1", nullptr);
  EXPECT_EQ(text_property(element_, "infer-on-class-ids"), "0:2:3:");
  EXPECT_EQ(text_property(element_, "filter-out-class-ids"), "1;3;");
  g_object_set(element_, "infer-on-class-ids", "-1", nullptr);
  EXPECT_EQ(text_property(element_, "infer-on-class-ids"), "");
}

TEST_F(Properties, Statement54AStartIsSignalledOnce) {
  TestPipeline pipeline(mux() + project_.primary() + "fakesink" + source(1));
  struct Signals {
    int count = 0, status = -1;
    std::string path;
  } signals;
  g_signal_connect(pipeline.element("primary").get(), "model-updated",
                   G_CALLBACK(+[](GstElement*, gint status, gchar* path, Signals* told) {
                     ++told->count;
                     told->status = status;
                     told->path = path;
                   }),
                   &signals);
  EXPECT_EQ(pipeline.run(), "");
  EXPECT_EQ(signals.count, 1);
  EXPECT_EQ(signals.status, 0);
  EXPECT_EQ(signals.path, project_.file("detector.txt"));
}

TEST_F(Properties, ThresholdReplacesThatOfEveryClass) {
  // A picture whose red is 102 of 255: objectness 0.4.
  const std::string rest = "fakesink" + source(1, "0xff660000");
  EXPECT_EQ(run_and_see(mux() + project_.primary() + rest, "primary").at(0).objects, 0u);
  EXPECT_EQ(run_and_see(mux() + project_.primary("threshold=0.35") + rest, "primary").at(0).objects, 16u);
}

// ---- errors ---------------------------------------------------------------------------------------------------------

TEST(Errors, WithoutAFile) {
  TestPipeline pipeline(mux() + "nvinfer name=primary ! fakesink" + source(1));
  EXPECT_EQ(pipeline.run(),
            "primary: config-file-path is not set; name an nvinfer file [Configuration file not provided]");
}

TEST(Errors, Statement163AFileThatIsNotThere) {
  for (const char* name : {"/nowhere/a.txt", "/nowhere/a.yml"}) {
    TestPipeline pipeline(mux() + "nvinfer name=primary config-file-path=" + name + " ! fakesink" + source(1));
    EXPECT_THAT(pipeline.run(),
                AllOf(HasSubstr(std::string("primary: ") + name), HasSubstr("[Configuration file parsing failed]")));
    EXPECT_THAT(pipeline.debug(), HasSubstr(std::string("Config file path: ") + name));
  }
}

TEST(Errors, AFileWithAMistakeNamesTheLine) {
  Project project;
  project.detector("batch-size=many\n");
  TestPipeline pipeline(mux() + project.primary() + "fakesink" + source(1));
  EXPECT_THAT(pipeline.run(), AllOf(HasSubstr("detector.txt:8: [property] "), HasSubstr("batch-size"),
                                    HasSubstr("[Configuration file parsing failed]")));
}

TEST(Errors, WithoutAnId) {
  Project project;
  project.write("detector.txt", "onnx-file=cells.onnx\n");
  TestPipeline pipeline(mux() + project.primary() + "fakesink" + source(1));
  EXPECT_THAT(pipeline.run(),
              HasSubstr("gie-unique-id is not given; a number from 1 on is needed [Unique ID not set]"));
}

TEST(Errors, WithoutAModel) {
  Project project;
  project.write("detector.txt", "gie-unique-id=1\nonnx-file=none.onnx\nnum-detected-classes=2\n");
  TestPipeline pipeline(mux() + project.primary() + "fakesink" + source(1));
  EXPECT_THAT(pipeline.run(), AllOf(HasSubstr("none.onnx"), HasSubstr("[Failed to create NvDsInferContext instance]")));
  EXPECT_THAT(pipeline.debug(), HasSubstr("NvDsInfer Error: NVDSINFER_CONFIG_FAILED"));
}

TEST(Errors, Statement157ABufferWithoutBatchMeta) {
  const Project project;
  TestPipeline pipeline("videotestsrc num-buffers=1 ! nvvideoconvert ! video/x-raw(memory:NVMM) ! " +
                        project.primary() + "fakesink");
  EXPECT_EQ(pipeline.run(), "primary: NvDsBatchMeta not found for input buffer.");
}

TEST(Errors, Statement162AnObjectOfOnePixelIsSkipped) {
  const Project project;
  TestPipeline pipeline(mux() + "identity name=hand ! " + project.secondary() + "fakesink" + source(1));
  pipeline.watch("hand", [](GstBuffer* buffer) {
    for_each_frame(gst_buffer_get_nvds_batch_meta(buffer), [](NvDsFrameMeta& frame) {
      attach_detections(frame, nullptr,
                        std::vector<Detection>{{{5, 5, 1, 20}, 0, 1, 0, "thin"},
                                               {{900, 5, 20, 20}, 0, 1, 0, "outside"},
                                               {{5, 5, 20, 20}, 0, 1, 0, "good"}},
                        {.unique_id = 1});
    });
  });
  std::vector<std::string> texts;
  pipeline.watch("secondary", [&](GstBuffer* buffer) { texts = seen_in(buffer)[0].texts; });
  EXPECT_EQ(pipeline.run(), "");
  EXPECT_THAT(texts, ElementsAre("thin", "outside", "good red "));
}

}  // namespace
}  // namespace es::gst
