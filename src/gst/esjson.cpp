// SPDX-License-Identifier: Apache-2.0
//
// esjson: writes the metadata that passes as JSON Lines, one line a frame. The buffers go on unchanged.
//
// What a line looks like is json_writer's business and docs/detections.schema.json's. This file is the GStreamer side.
#include <gst/base/gstbasetransform.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "edgestream/deepstream/gstnvdsmeta.h"
#include "gst/elements.h"
#include "gst/json_writer.h"
#include "gst/support/element.h"
#include "gst/support/guarded.h"

namespace es::gst {
namespace {

struct JsonOptions {
  std::string location;
};

constexpr Property<JsonOptions> json_properties[] = {
    {"location", "The file to write, replaced if it exists; \"-\": standard output.", &JsonOptions::location},
};

struct CloseFile {
  void operator()(std::FILE* file) const {
    if (file != stdout) std::fclose(file);
  }
};

struct Json {
  using Parent = GstBaseTransform;
  using ParentClass = GstBaseTransformClass;
  using Options = JsonOptions;
  struct State {
    std::unique_ptr<std::FILE, CloseFile> file;
    std::string name;
  };

  static constexpr const char* type_name = "GstEsJson";
  static GType parent_type() { return GST_TYPE_BASE_TRANSFORM; }
  static std::span<const Property<Options>> properties() { return json_properties; }
  static void init_class(GstBaseTransformClass* klass);
  static void init_instance(GstBaseTransform* base);
};

using Self = Element<Json>;

void open(Json::State& state, const std::string& location) {
  require(!location.empty(), ErrorKind::usage, "location is not set; name the file to write");
  state.name = location;
  state.file.reset(location == "-" ? stdout : std::fopen(location.c_str(), "w"));
  require(state.file != nullptr, ErrorKind::environment, location, ": cannot be written: ", std::strerror(errno));
}

void write(Json::State& state, const std::string& lines) {
  const bool ok = std::fwrite(lines.data(), 1, lines.size(), state.file.get()) == lines.size();
  require(ok, ErrorKind::environment, state.name, ": cannot be written: ", std::strerror(errno));
}

gboolean start(GstBaseTransform* base) {
  return guarded(base, FALSE, [&] {
    open(Self::state(base), Self::options(base).location);
    return TRUE;
  });
}

// Closing flushes; a disk that is full by then is still worth an error.
gboolean stop(GstBaseTransform* base) {
  return guarded(base, FALSE, [&] {
    auto& state = Self::state(base);
    const bool flushed = state.file == nullptr || std::fflush(state.file.get()) == 0;
    const int reason = errno;
    state.file.reset();
    require(flushed, ErrorKind::environment, state.name, ": cannot be written: ", std::strerror(reason));
    return TRUE;
  });
}

GstFlowReturn transform(GstBaseTransform* base, GstBuffer* buffer) {
  return guarded(base, GST_FLOW_ERROR, [&] {
    if (auto* batch = gst_buffer_get_nvds_batch_meta(buffer)) write(Self::state(base), json_lines(*batch));
    return GST_FLOW_OK;
  });
}

// Whoever reads the file when the pipeline says that it has ended finds all of it.
gboolean sink_event(GstBaseTransform* base, GstEvent* event) {
  if (GST_EVENT_TYPE(event) == GST_EVENT_EOS && Self::state(base).file) std::fflush(Self::state(base).file.get());
  return Self::parent_class()->sink_event(base, event);
}

void Json::init_class(GstBaseTransformClass* klass) {
  auto* element_class = GST_ELEMENT_CLASS(klass);
  gst_element_class_set_static_metadata(element_class, "JSON Lines writer", "Filter/Metadata",
                                        "Writes objects and labels of each frame as one line of JSON", "EdgeStream");
  gst_element_class_add_pad_template(element_class,
                                     pad_template("sink", GST_PAD_SINK, GST_PAD_ALWAYS, gst_caps_new_any()));
  gst_element_class_add_pad_template(element_class,
                                     pad_template("src", GST_PAD_SRC, GST_PAD_ALWAYS, gst_caps_new_any()));
  klass->start = start;
  klass->stop = stop;
  klass->transform_ip = transform;
  klass->sink_event = sink_event;
  klass->passthrough_on_same_caps = TRUE;
  klass->transform_ip_on_passthrough = TRUE;
}

void Json::init_instance(GstBaseTransform* base) { gst_base_transform_set_passthrough(base, TRUE); }

}  // namespace

GType esjson_type() { return Self::type(); }

}  // namespace es::gst
