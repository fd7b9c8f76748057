// SPDX-License-Identifier: Apache-2.0
//
// Every element and property is there, described, and on docs/elements.md; and the plugin that is installed is found by
// GStreamer's own tools.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "base/file.h"
#include "base/text.h"
#include "gst/gst_testing.h"
#include "testing/scratch_folder.h"

namespace es::gst {
namespace {

using ::testing::HasSubstr;

constexpr const char* names[] = {"nvstreammux",        "nvinfer", "nvvideoconvert", "nvv4l2decoder",
                                 "nvmultistreamtiler", "nvdsosd", "esjson"};

// Own properties, not those of GStreamer's base classes.
std::vector<GParamSpec*> properties_of(GObjectClass* object_class) {
  guint count = 0;
  g_autofree GParamSpec** all = g_object_class_list_properties(object_class, &count);
  std::vector<GParamSpec*> own;
  for (guint i = 0; i < count; ++i) {
    if (all[i]->owner_type == G_OBJECT_CLASS_TYPE(object_class)) own.push_back(all[i]);
  }
  return own;
}

std::string range_of(GParamSpec* spec) {
  if (G_IS_PARAM_SPEC_INT(spec)) return text(G_PARAM_SPEC_INT(spec)->minimum, " to ", G_PARAM_SPEC_INT(spec)->maximum);
  if (G_IS_PARAM_SPEC_UINT(spec)) {
    return text(G_PARAM_SPEC_UINT(spec)->minimum, " to ", G_PARAM_SPEC_UINT(spec)->maximum);
  }
  if (G_IS_PARAM_SPEC_DOUBLE(spec)) {
    return text(G_PARAM_SPEC_DOUBLE(spec)->minimum, " to ", G_PARAM_SPEC_DOUBLE(spec)->maximum);
  }
  if (G_IS_PARAM_SPEC_BOOLEAN(spec)) return "boolean";
  if (G_IS_PARAM_SPEC_STRING(spec)) return "text";
  if (G_IS_PARAM_SPEC_POINTER(spec)) return "pointer";
  std::string values;
  const auto* enumeration = G_ENUM_CLASS(g_type_class_peek(spec->value_type));
  for (guint i = 0; i < enumeration->n_values; ++i) {
    values += text(i == 0 ? "" : ", ", enumeration->values[i].value, " ", enumeration->values[i].value_nick);
  }
  return values;
}

std::string default_of(GParamSpec* spec) {
  const GValue* value = g_param_spec_get_default_value(spec);
  if (G_IS_PARAM_SPEC_ENUM(spec)) return text(g_value_get_enum(value));
  if (G_IS_PARAM_SPEC_POINTER(spec)) return "";
  if (G_IS_PARAM_SPEC_STRING(spec)) return g_value_get_string(value);
  GValue as_text = G_VALUE_INIT;
  g_value_init(&as_text, G_TYPE_STRING);
  g_value_transform(value, &as_text);
  const std::string words = to_lower(g_value_get_string(&as_text));
  g_value_unset(&as_text);
  return words;
}

std::string section_of(const char* name) {
  GstElement* element = gst_element_factory_make(name, nullptr);
  auto* factory = gst_element_get_factory(element);
  std::string page =
      text("## ", name, "\n\n", gst_element_factory_get_metadata(factory, GST_ELEMENT_METADATA_DESCRIPTION),
           ".\n\n| property | values | default | meaning |\n|---|---|---|---|\n");
  for (auto* spec : properties_of(G_OBJECT_GET_CLASS(element))) {
    page +=
        text("| `", spec->name, "` | ", range_of(spec), " | ", default_of(spec), " | ", g_param_spec_get_blurb(spec),
             (spec->flags & GST_PARAM_MUTABLE_PLAYING) != 0 ? " May change while playing." : "", " |\n");
  }
  gst_object_unref(element);
  return page;
}

std::string reference_page() {
  std::string page =
      "# Elements\n\n"
      "The plugin's elements with their properties, as `gst-inspect-1.0` shows them too. Names and meanings are those "
      "of\n"
      "DeepStream where it has them. This page is made from the program (`ES_UPDATE_DOCS=1`, test `elements_test`).\n\n"
      "Batches carry caps `video/x-raw(memory:NVMM)` in the formats I420, NV12, RGBA, BGRx, RGB, BGR and GRAY8. A "
      "queue\n"
      "between these elements needs `max-size-buffers`: to it a batch is 72 bytes.\n";
  for (const char* name : names) page += "\n" + section_of(name);
  return page;
}

TEST(Elements, AreDescribedOnTheReferencePage) {
  const std::filesystem::path page = std::string(ES_SOURCE_DIR) + "/docs/elements.md";
  if (std::getenv("ES_UPDATE_DOCS") != nullptr) std::ofstream(page) << reference_page();
  EXPECT_EQ(read_text_file(page), reference_page()) << "run this test with ES_UPDATE_DOCS=1 to rewrite it";
}

TEST(Elements, EveryPropertySaysWhatItIsAndReadsBackItsDefault) {
  for (const char* name : names) {
    GstElement* element = gst_element_factory_make(name, nullptr);
    ASSERT_NE(element, nullptr) << name;
    for (auto* spec : properties_of(G_OBJECT_GET_CLASS(element))) {
      EXPECT_GT(std::string(g_param_spec_get_blurb(spec)).size(), 15u) << name << ' ' << spec->name;
      GValue value = G_VALUE_INIT;
      g_value_init(&value, spec->value_type);
      g_object_get_property(G_OBJECT(element), spec->name, &value);
      EXPECT_EQ(g_param_values_cmp(spec, &value, g_param_spec_get_default_value(spec)), 0) << name << ' ' << spec->name;
      if (!G_IS_PARAM_SPEC_POINTER(spec)) g_object_set_property(G_OBJECT(element), spec->name, &value);
      g_value_unset(&value);
    }
    gst_object_unref(element);
  }
}

// What a shell command prints.
std::string output_of(const std::string& command) {
  std::FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  std::string out;
  std::array<char, 4096> block;
  while (const size_t count = std::fread(block.data(), 1, block.size(), pipe)) out.append(block.data(), count);
  pclose(pipe);
  return out;
}

// The plugin of this build and a registry of its own. A tool that is not built with a sanitizer needs its library
// first.
std::string environment_in(const std::filesystem::path& scratch) {
  return text("GST_PLUGIN_PATH=", ES_PLUGIN_FOLDER, " GST_REGISTRY=", (scratch / "registry.bin").string(), " ",
              ES_TOOL_ENVIRONMENT, " ");
}

TEST(Plugin, IsFoundByGstInspect) {
  const testing::ScratchFolder scratch;
  const std::string environment = environment_in(scratch.path());
  EXPECT_THAT(output_of(environment + "gst-inspect-1.0 edgestream"), HasSubstr("7 elements"));
  for (const char* name : names) {
    EXPECT_THAT(output_of(environment + "gst-inspect-1.0 " + name), HasSubstr("Element Properties")) << name;
  }
}

TEST(Plugin, RunsFromGstLaunchAndWritesJsonLines) {
  const testing::ScratchFolder scratch;
  const std::string environment = environment_in(scratch.path());
  const std::string file = (scratch.path() / "out.jsonl").string();
  const std::string said = output_of(
      environment +
      "gst-launch-1.0 -q videotestsrc num-buffers=3 ! video/x-raw,width=64,height=48,framerate=10/1 ! "
      "nvvideoconvert ! 'video/x-raw(memory:NVMM)' ! m.sink_0 nvstreammux name=m batch-size=1 width=64 height=48 ! "
      "esjson location=" +
      file + " ! nvdsosd ! nvvideoconvert ! fakesink");
  EXPECT_EQ(
      read_text_file(file),
      R"({"source":0,"frame":0,"pts":0,"width":64,"height":48,"source_width":64,"source_height":48,"inferred":false,"objects":[]})"
      "\n"
      R"({"source":0,"frame":1,"pts":100000000,"width":64,"height":48,"source_width":64,"source_height":48,"inferred":false,"objects":[]})"
      "\n"
      R"({"source":0,"frame":2,"pts":200000000,"width":64,"height":48,"source_width":64,"source_height":48,"inferred":false,"objects":[]})"
      "\n")
      << said;
}

TEST(Json, AFileThatCannotBeWrittenIsSaid) {
  TestPipeline pipeline("videotestsrc num-buffers=1 ! esjson name=json location=/nowhere/out.jsonl ! fakesink");
  EXPECT_EQ(pipeline.run(), "json: /nowhere/out.jsonl: cannot be written: No such file or directory");
}

TEST(Json, WithoutALocation) {
  TestPipeline pipeline("videotestsrc num-buffers=1 ! esjson name=json ! fakesink");
  EXPECT_EQ(pipeline.run(), "json: location is not set; name the file to write");
}

}  // namespace
}  // namespace es::gst
