// SPDX-License-Identifier: Apache-2.0
//
// For the tests of this folder: the elements registered in the test's own process, launch lines run to their end, and
// what passes a pad.
#pragma once

#include <gst/gst.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gst/elements.h"
#include "nvds/gst_testing.h"

namespace es::gst {

class GstEnvironment : public ::testing::Environment {
 public:
  void SetUp() override {
    // The system's plugins and the elements linked into this program, whatever the caller's environment names.
    ::unsetenv("GST_PLUGIN_PATH");
    ::setenv("GST_REGISTRY", ES_BINARY_DIR "/gst-test-registry.bin", 1);
    gst_init(nullptr, nullptr);
    gst_plugin_register_static(GST_VERSION_MAJOR, GST_VERSION_MINOR, "edgestream-test", "Elements under test",
                               register_elements, "0", "Proprietary", "edgestream", "edgestream", "local");
    gst_debug_set_threshold_for_name("edgestream", GST_LEVEL_NONE);
  }
};
inline const auto* const gst_environment = ::testing::AddGlobalTestEnvironment(new GstEnvironment);

struct UnrefObject {
  void operator()(gpointer object) const { gst_object_unref(object); }
};

// A launch line that runs until its end or its first error.
class TestPipeline {
 public:
  explicit TestPipeline(const std::string& line) {
    GError* error = nullptr;
    pipeline_.reset(gst_parse_launch(line.c_str(), &error));
    EXPECT_EQ(error, nullptr) << line << ": " << (error != nullptr ? error->message : "");
    g_clear_error(&error);
  }
  ~TestPipeline() {
    if (pipeline_) gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
  }

  GstElement* get() const { return pipeline_.get(); }
  std::unique_ptr<GstElement, UnrefObject> element(const char* name) const {
    return std::unique_ptr<GstElement, UnrefObject>(gst_bin_get_by_name(GST_BIN(pipeline_.get()), name));
  }

  // Calls look(buffer) for each buffer that leaves `element` at its pad "src".
  void watch(const char* name, std::function<void(GstBuffer*)> look, const char* pad_name = "src") {
    looks_.push_back(std::make_unique<std::function<void(GstBuffer*)>>(std::move(look)));
    GstPad* pad = gst_element_get_static_pad(element(name).get(), pad_name);
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, on_buffer, looks_.back().get(), nullptr);
    gst_object_unref(pad);
  }
  void watch_events(const char* name, std::function<void(GstEvent*)> look) {
    event_looks_.push_back(std::make_unique<std::function<void(GstEvent*)>>(std::move(look)));
    GstPad* pad = gst_element_get_static_pad(element(name).get(), "src");
    gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_event, event_looks_.back().get(), nullptr);
    gst_object_unref(pad);
  }

  // "" at the end of the stream, the text of the first error otherwise.
  std::string run() {
    gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
    GstBus* bus = gst_element_get_bus(pipeline_.get());
    std::string outcome = "nothing happened for 30 seconds";
    bool ended = false;
    while (!ended) {
      GstMessage* message = gst_bus_timed_pop(bus, 30 * GST_SECOND);
      if (message == nullptr) break;
      ended = heed(message, outcome);
      gst_message_unref(message);
    }
    gst_object_unref(bus);
    gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
    return outcome;
  }

  // Texts of warnings, and what is beside the text of the error.
  const std::vector<std::string>& warnings() const { return warnings_; }
  const std::string& debug() const { return debug_; }
  const std::vector<std::string>& element_messages() const { return element_messages_; }

 private:
  bool heed(GstMessage* message, std::string& outcome) {
    GError* error = nullptr;
    g_autofree gchar* debug = nullptr;
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS) outcome.clear();
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
      gst_message_parse_error(message, &error, &debug);
      outcome = error->message;
      debug_ = debug != nullptr ? debug : "";
    }
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_WARNING) {
      gst_message_parse_warning(message, &error, nullptr);
      warnings_.emplace_back(error->message);
    }
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ELEMENT) {
      element_messages_.emplace_back(gst_structure_get_name(gst_message_get_structure(message)));
    }
    g_clear_error(&error);
    return GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS || GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR;
  }

  static GstPadProbeReturn on_buffer(GstPad*, GstPadProbeInfo* info, gpointer look) {
    (*static_cast<std::function<void(GstBuffer*)>*>(look))(GST_PAD_PROBE_INFO_BUFFER(info));
    return GST_PAD_PROBE_OK;
  }
  static GstPadProbeReturn on_event(GstPad*, GstPadProbeInfo* info, gpointer look) {
    (*static_cast<std::function<void(GstEvent*)>*>(look))(GST_PAD_PROBE_INFO_EVENT(info));
    return GST_PAD_PROBE_OK;
  }

  std::vector<std::unique_ptr<std::function<void(GstBuffer*)>>> looks_;
  std::vector<std::unique_ptr<std::function<void(GstEvent*)>>> event_looks_;
  std::vector<std::string> warnings_;
  std::vector<std::string> element_messages_;
  std::string debug_;
  std::unique_ptr<GstElement, UnrefObject> pipeline_;
};

}  // namespace es::gst
