// SPDX-License-Identifier: Apache-2.0
//
// nvinfer: inference on frames, or on the objects that were found in them.
//
//   streaming thread   a buffer comes ─► its regions are submitted ─► queued                      (never waits for a
//   run) workers            preprocess, run, decode: as many regions at once as there are cores output thread first
//   buffer of the queue: wait, attach metadata, push                      (buffers keep order)
//
// What is submitted and attached is batch_inference's business, the rest of the work infer/'s. This file is the
// GStreamer side: properties against the configuration file, states, events, order.
#include <gst/base/gstbasetransform.h>

#include <atomic>
#include <ctime>
#include <memory>
#include <utility>

#include "base/log.h"
#include "edgestream/deepstream/gst-nvdscustomevent.h"
#include "edgestream/deepstream/gst-nvevent.h"
#include "edgestream/deepstream/gstnvdsmeta.h"
#include "gst/batch_inference.h"
#include "gst/batch_memory.h"
#include "gst/elements.h"
#include "gst/format.h"
#include "gst/in_order.h"
#include "gst/infer_settings.h"
#include "gst/meta.h"
#include "gst/support/element.h"
#include "gst/support/guarded.h"

namespace es::gst {
namespace {

using config::InferConfig;

struct Infer {
  using Parent = GstBaseTransform;
  using ParentClass = GstBaseTransformClass;
  using Options = InferOptions;
  struct State {
    InferSettings settings;
    // Running
    std::unique_ptr<Network> network;
    std::unique_ptr<InOrder> output;
    std::atomic<unsigned> interval{0};
    std::atomic<int> flow{GST_FLOW_OK};
    uint64_t buffers = 0;  // since start
    uint64_t primary_buffers = 0;
  };

  static constexpr const char* type_name = "GstNvInfer";
  static GType parent_type() { return GST_TYPE_BASE_TRANSFORM; }
  static std::span<const Property<Options>> properties() { return infer_properties(); }
  static void init_class(GstBaseTransformClass* klass);
  static void init_instance(GstBaseTransform* base);
  static void option_changed(GstBaseTransform* base, const char* name);
};

using Self = Element<Infer>;
using State = Infer::State;

// ---- properties -----------------------------------------------------------------------------------------------------

// The value as the key's text.
std::string value_text(GstBaseTransform* base, const char* name) {
  GValue value = G_VALUE_INIT;
  g_object_get_property(G_OBJECT(base), name, &value);
  std::string words;
  if (G_VALUE_HOLDS_BOOLEAN(&value)) {
    words = g_value_get_boolean(&value) ? "true" : "false";
  } else if (G_VALUE_HOLDS_ENUM(&value)) {
    words = text(g_value_get_enum(&value));
  } else {
    GValue converted = G_VALUE_INIT;
    g_value_init(&converted, G_TYPE_STRING);
    g_value_transform(&value, &converted);
    const char* converted_text = g_value_get_string(&converted);
    words = converted_text != nullptr ? converted_text : "";
    g_value_unset(&converted);
  }
  g_value_unset(&value);
  return words;
}

void Infer::option_changed(GstBaseTransform* base, const char* name) {
  auto& state = Self::state(base);
  if (is_elements_own(name)) return;
  if (state.network != nullptr) {
    post_warning(GST_ELEMENT(base), GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS,
                 text(name, " was set while the element runs; the model it was started with stays. Stop it first"));
    return;
  }
  try {
    state.settings.set(name, value_text(base, name));
  } catch (const std::exception& error) {
    log(LogLevel::warning, GST_OBJECT_NAME(base), ": ", error.what());
  }
  Self::update_options(base, [&state](InferOptions& options) { state.settings.show(options); });
}

// ---- start and stop -------------------------------------------------------------------------------------------------

NvDsInferStatus status_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::internal:
      return NVDSINFER_UNKNOWN_ERROR;
    case ErrorKind::environment:
      return NVDSINFER_RESOURCE_ERROR;
    default:
      return NVDSINFER_CONFIG_FAILED;
  }
}

// False, with DeepStream's message, where the settings alone forbid to start.
bool settings_allow_start(GstBaseTransform* base, const State& state, const InferOptions& options) {
  auto* element = GST_ELEMENT(base);
  const auto refuse = [&](const std::string& words, const std::string& debug = "", ErrorKind kind = ErrorKind::usage) {
    post_error(element, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS, words, debug, kind);
    return false;
  };
  if (options.config_file_path.empty()) {
    return refuse("config-file-path is not set; name an nvinfer file [Configuration file not provided]");
  }
  if (state.settings.error()) {
    return refuse(text(state.settings.error()->what(), " [Configuration file parsing failed]"),
                  "Config file path: " + options.config_file_path, state.settings.error()->kind());
  }
  if (state.settings.config().gie_unique_id == 0) {
    return refuse(options.config_file_path +
                  ": gie-unique-id is not given; a number from 1 on is needed [Unique ID not "
                  "set]");
  }
  if (state.settings.config().output_instance_mask && state.settings.config().cluster_mode != ClusterMode::none) {
    return refuse(text("Instance mask output not supported with cluster mode ",
                       static_cast<int>(state.settings.config().cluster_mode)));
  }
  return true;
}

bool open(GstBaseTransform* base, State& state, const InferOptions& options) {
  InferConfig config = state.settings.config();
  apply_threshold(config, options.threshold);
  try {
    state.network = open_network(config);
    return true;
  } catch (const Error& error) {
    post_error(GST_ELEMENT(base), GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_FAILED,
               text(error.what(), " [Failed to create NvDsInferContext instance]"),
               text("Config file path: ", options.config_file_path,
                    ", NvDsInfer Error: ", NvDsInferStatus2Str(status_of(error.kind()))),
               error.kind());
    return false;
  }
}

void report_start(GstBaseTransform* base, const State& state, const InferOptions& options) {
  const auto& config = state.network->config();
  if (config.classifier_async_mode && !state.network->asynchronous) {
    post_warning(
        GST_ELEMENT(base), GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS,
        "NvInfer asynchronous mode is applicable for secondaryclassifiers only. Turning off asynchronous mode");
  }
  log(LogLevel::info, GST_OBJECT_NAME(base), ": ",
      infer::describe(state.network->inferencer->info(), std::time(nullptr)));
  log(LogLevel::info, "[UID ", config.gie_unique_id, "]: Load new model:", options.config_file_path, " sucessfully");
  g_signal_emit_by_name(base, "model-updated", 0, options.config_file_path.c_str());
}

gboolean start(GstBaseTransform* base) {
  return guarded(base, false, [&] {
    auto& state = Self::state(base);
    const auto options = Self::options(base);
    if (!settings_allow_start(base, state, options) || !open(base, state, options)) return false;
    // Workers have enough to do when one buffer more than there are of them is under way, and one waits to be pushed.
    const auto in_flight = static_cast<size_t>(state.network->inferencer->info().workers) + 2;
    state.output = std::make_unique<InOrder>(in_flight, "nvinfer-output");
    state.interval = state.settings.config().interval;
    state.flow = GST_FLOW_OK;
    state.buffers = state.primary_buffers = 0;
    report_start(base, state, options);
    return true;
  });
}

gboolean stop(GstBaseTransform* base) {
  auto& state = Self::state(base);
  state.output.reset();
  state.network.reset();
  return TRUE;
}

// ---- buffers --------------------------------------------------------------------------------------------------------

// On the output thread. A flow error is told upstream with the next buffer.
void push(GstBaseTransform* base, State& state, GstBuffer* buffer) {
  const auto flow = gst_pad_push(GST_BASE_TRANSFORM_SRC_PAD(base), buffer);
  const auto before = state.flow.exchange(flow);
  if (flow == before) return;
  if (flow == GST_FLOW_ERROR || flow == GST_FLOW_NOT_LINKED || flow == GST_FLOW_NOT_NEGOTIATED) {
    GST_ELEMENT_FLOW_ERROR(base, flow);
  }
}

struct Unref {
  void operator()(GstBuffer* buffer) const { gst_buffer_unref(buffer); }
};
using BufferPointer = std::unique_ptr<GstBuffer, Unref>;

void finish(GstBaseTransform* base, State& state, GstBuffer* buffer, BatchInference& inference) {
  NvDsBatchMeta* batch = gst_buffer_get_nvds_batch_meta(buffer);
  guarded(base, false, [&] {
    inference.attach(*state.network, batch);
    return true;
  });
  mirror_as_regions(buffer, batch);
}

// The queue becomes the owner of the buffer: a second reference would make it, and its pixels, look shared downstream.
void queue(GstBaseTransform* base, State& state, BufferPointer buffer, BatchInference inference) {
  auto shared = std::make_shared<BatchInference>(std::move(inference));
  state.output->add([base, &state, queued = buffer.release(), shared] {
    finish(base, state, queued, *shared);
    push(base, state, queued);
  });
}

NvDsBatchMeta* batch_of(GstBaseTransform* base, GstBuffer* buffer) {
  NvDsBatchMeta* batch = gst_buffer_get_nvds_batch_meta(buffer);
  if (batch == nullptr) {
    post_error(GST_ELEMENT(base), GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED,
               "NvDsBatchMeta not found for input buffer.", "nvstreammux must stand in front of nvinfer");
  }
  return batch;
}

// Whether this buffer is one of those that interval and stabilize-buffer-count let pass as they are.
bool is_left_out(State& state) {
  const auto& config = state.network->config();
  if (++state.buffers <= config.stabilize_buffer_count) return true;
  if (config.process_mode == config::ProcessMode::secondary) return false;
  return state.primary_buffers++ % (uint64_t{state.interval} + 1) != 0;
}

BatchInference select(GstBaseTransform* base, State& state, GstBuffer* buffer, NvDsBatchMeta* batch) {
  auto& network = *state.network;
  const auto frames = frames_of(buffer);
  if (network.config().process_mode == config::ProcessMode::primary) {
    return BatchInference::of_frames(network, batch, frames);
  }
  return BatchInference::of_objects(network, batch, frames, [base](unsigned source) {
    GST_WARNING_OBJECT(base,
                       "Source info not found for source %u. Maybe the GST_NVEVENT_PAD_ADDED event was never generated "
                       "for the source.",
                       source);
  });
}

// The buffer goes on at once; what is found is remembered for later buffers.
GstFlowReturn pass_and_remember(GstBaseTransform* base, State& state, BufferPointer buffer, BatchInference inference,
                                GstBuffer** output) {
  auto shared = std::make_shared<BatchInference>(std::move(inference));
  state.output->add([base, &state, shared] {
    guarded(base, false, [&] {
      shared->remember(*state.network);
      return true;
    });
  });
  mirror_as_regions(buffer.get(), gst_buffer_get_nvds_batch_meta(buffer.get()));
  *output = buffer.release();
  return GST_FLOW_OK;
}

GstFlowReturn infer_buffer(GstBaseTransform* base, BufferPointer buffer, GstBuffer** output) {
  auto& state = Self::state(base);
  if (is_left_out(state)) {
    state.output->add([base, &state, queued = buffer.release()] { push(base, state, queued); });
    return GST_FLOW_OK;
  }
  NvDsBatchMeta* batch = batch_of(base, buffer.get());
  if (batch == nullptr) return GST_FLOW_ERROR;
  auto inference = select(base, state, buffer.get(), batch);
  if (state.network->asynchronous)
    return pass_and_remember(base, state, std::move(buffer), std::move(inference), output);
  queue(base, state, std::move(buffer), std::move(inference));
  return GST_FLOW_OK;
}

// The base class has negotiated and put the buffer aside; it goes downstream from the output thread.
GstFlowReturn generate_output(GstBaseTransform* base, GstBuffer** output) {
  *output = nullptr;
  BufferPointer buffer(std::exchange(base->queued_buf, nullptr));
  const auto flow = static_cast<GstFlowReturn>(Self::state(base).flow.load());
  if (buffer == nullptr || flow != GST_FLOW_OK) return flow;
  return guarded(base, GST_FLOW_ERROR, [&] { return infer_buffer(base, std::move(buffer), output); });
}

// ---- events ---------------------------------------------------------------------------------------------------------

// What events about sources change here, when it is their turn.
void heed(State& state, GstEvent* event) {
  guint source = 0;
  auto& selector = *state.network->selector;
  switch (static_cast<guint>(GST_EVENT_TYPE(event))) {
    case GST_NVEVENT_PAD_ADDED:
      gst_nvevent_parse_pad_added(event, &source);
      selector.add_source(source);
      break;
    case GST_NVEVENT_PAD_DELETED:
      gst_nvevent_parse_pad_deleted(event, &source);
      selector.remove_source(source);
      break;
    case GST_NVEVENT_STREAM_EOS:
      gst_nvevent_parse_stream_eos(event, &source);
      selector.forget_objects(source);
      break;
    case GST_NVEVENT_INFER_INTERVAL_UPDATE: {
      guint interval = state.interval;
      gst_nvevent_parse_infer_interval_update(event, nullptr, &interval);
      state.interval = interval;
      break;
    }
    case GST_EVENT_EOS:
      state.primary_buffers = 0;
      break;
    case GST_EVENT_FLUSH_STOP:
      state.flow = GST_FLOW_OK;
      break;
    default:
      break;
  }
}

bool is_serialized(GstEvent* event) {
  return (gst_event_type_get_flags(GST_EVENT_TYPE(event)) & GST_EVENT_TYPE_SERIALIZED) != 0;
}

// Serialized events wait until the buffers before them are out.
gboolean sink_event(GstBaseTransform* base, GstEvent* event) {
  auto& state = Self::state(base);
  if (state.network != nullptr) {
    const bool waits = is_serialized(event) && GST_EVENT_TYPE(event) != GST_EVENT_TAG &&
                       (!state.network->asynchronous || GST_EVENT_TYPE(event) == GST_EVENT_EOS);
    if (waits) state.output->drain();
    heed(state, event);
  }
  return Self::parent_class()->sink_event(base, event);
}

gboolean query(GstBaseTransform* base, GstPadDirection direction, GstQuery* asked) {
  if (GST_QUERY_TYPE(asked) == GST_QUERY_DRAIN && Self::state(base).output) Self::state(base).output->drain();
  return Self::parent_class()->query(base, direction, asked);
}

void Infer::init_class(GstBaseTransformClass* klass) {
  auto* element_class = GST_ELEMENT_CLASS(klass);
  gst_element_class_set_static_metadata(element_class, "Inference", "Filter/Analyzer/Video",
                                        "Detects or classifies by an nvinfer configuration, on ONNX Runtime",
                                        "EdgeStream");
  gst_element_class_add_pad_template(element_class, pad_template("sink", GST_PAD_SINK, GST_PAD_ALWAYS, surface_caps()));
  gst_element_class_add_pad_template(element_class, pad_template("src", GST_PAD_SRC, GST_PAD_ALWAYS, surface_caps()));
  g_signal_new("model-updated", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, nullptr, nullptr, nullptr, G_TYPE_NONE,
               2, G_TYPE_INT, G_TYPE_STRING);
  klass->start = start;
  klass->stop = stop;
  klass->generate_output = generate_output;
  klass->sink_event = sink_event;
  klass->query = query;
}

void Infer::init_instance(GstBaseTransform* base) {
  gst_base_transform_set_in_place(base, TRUE);
  gst_base_transform_set_passthrough(base, TRUE);
}

}  // namespace

GType nvinfer_type() { return Self::type(); }

}  // namespace es::gst
