// SPDX-License-Identifier: Apache-2.0
//
// A DeepStream application in one page: a probe walks batch -> frame -> object -> classifier and counts. The same
// source builds against EdgeStream's headers and against NVIDIA's.
//
//   count_objects VIDEO_URI WIDTH HEIGHT PRIMARY_CONFIG [SECONDARY_CONFIG]
#include <gst/gst.h>
#include <gstnvdsmeta.h>

#include <cstdio>
#include <map>
#include <string>

namespace {

struct Counts {
  unsigned frames = 0;
  std::map<std::string, unsigned> objects;  // by label
  std::map<std::string, unsigned> labels;   // what secondary classifiers say
};

void count_classifiers(const NvDsObjectMeta* object, Counts& counts) {
  for (GList* c = object->classifier_meta_list; c != nullptr; c = c->next) {
    const auto* classifier = static_cast<NvDsClassifierMeta*>(c->data);
    for (GList* l = classifier->label_info_list; l != nullptr; l = l->next) {
      counts.labels[static_cast<NvDsLabelInfo*>(l->data)->result_label]++;
    }
  }
}

GstPadProbeReturn count_buffer(GstPad*, GstPadProbeInfo* info, gpointer user_data) {
  auto& counts = *static_cast<Counts*>(user_data);
  NvDsBatchMeta* batch = gst_buffer_get_nvds_batch_meta(GST_PAD_PROBE_INFO_BUFFER(info));
  if (batch == nullptr) return GST_PAD_PROBE_OK;
  for (GList* f = batch->frame_meta_list; f != nullptr; f = f->next) {
    const auto* frame = static_cast<NvDsFrameMeta*>(f->data);
    counts.frames++;
    for (GList* o = frame->obj_meta_list; o != nullptr; o = o->next) {
      const auto* object = static_cast<NvDsObjectMeta*>(o->data);
      counts.objects[object->obj_label]++;
      count_classifiers(object, counts);
    }
  }
  return GST_PAD_PROBE_OK;
}

std::string pipeline_of(int argc, char** argv) {
  const std::string video = argv[1], width = argv[2], height = argv[3];
  std::string line = "nvstreammux name=mux batch-size=1 width=" + width + " height=" + height;
  for (int i = 4; i < argc; ++i) {
    line += std::string(" ! nvinfer config-file-path=\"") + argv[i] + "\"";
    line += i == 4 ? " process-mode=1" : " process-mode=2";
  }
  line += " ! fakesink name=sink sync=false  uridecodebin uri=\"";
  line += video + "\" ! queue max-size-buffers=4 ! nvvideoconvert ! video/x-raw(memory:NVMM) ! mux.sink_0";
  return line;
}

// Until the end of the stream; false after an error, which is printed.
bool run(GstElement* pipeline) {
  gst_element_set_state(pipeline, GST_STATE_PLAYING);
  GstBus* bus = gst_element_get_bus(pipeline);
  const auto wanted = static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  GstMessage* message = gst_bus_timed_pop_filtered(bus, GST_CLOCK_TIME_NONE, wanted);
  const bool ended = GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS;
  if (!ended) {
    GError* error = nullptr;
    gst_message_parse_error(message, &error, nullptr);
    std::fprintf(stderr, "%s\n", error->message);
    g_error_free(error);
  }
  gst_message_unref(message);
  gst_object_unref(bus);
  gst_element_set_state(pipeline, GST_STATE_NULL);
  return ended;
}

}  // namespace

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  if (argc < 5) {
    std::fprintf(stderr, "usage: %s VIDEO_URI WIDTH HEIGHT PRIMARY_CONFIG [SECONDARY_CONFIG]\n", argv[0]);
    return 2;
  }
  GError* error = nullptr;
  GstElement* pipeline = gst_parse_launch(pipeline_of(argc, argv).c_str(), &error);
  if (error != nullptr) {
    std::fprintf(stderr, "%s\n", error->message);
    return 1;
  }
  Counts counts;
  GstElement* sink = gst_bin_get_by_name(GST_BIN(pipeline), "sink");
  GstPad* pad = gst_element_get_static_pad(sink, "sink");
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, count_buffer, &counts, nullptr);
  const bool ended = run(pipeline);
  std::printf("frames %u\n", counts.frames);
  for (const auto& [label, number] : counts.objects) std::printf("object %s %u\n", label.c_str(), number);
  for (const auto& [label, number] : counts.labels) std::printf("label %s %u\n", label.c_str(), number);
  gst_object_unref(pad);
  gst_object_unref(sink);
  gst_object_unref(pipeline);
  return ended ? 0 : 1;
}
