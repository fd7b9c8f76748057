// SPDX-License-Identifier: Apache-2.0
//
// libnvdsgst_helper: the events, messages and queries by which elements speak about the sources of a batch.
#include "nvds/gst_exported.h"

namespace {

constexpr const char* source_field = "source-id";
constexpr const char* segment_field = "segment";
constexpr const char* stream_field = "stream-id";
constexpr const char* interval_field = "interval";
constexpr const char* stream_eos_name = "nvds-stream-eos";
constexpr const char* batch_size_name = "nvds-batch-size";
constexpr const char* stream_count_name = "nvds-number-of-streams";
constexpr const char* count_field = "count";

// Sticky events of one type are told apart by the name of their structure: one name per source, or the second source
// would replace the first.
GstEvent* source_event(GstNvEventType type, const char* what, guint source_id) {
  g_autofree gchar* name = g_strdup_printf("nvds-%s-%u", what, source_id);
  return gst_event_new_custom(static_cast<GstEventType>(type),
                              gst_structure_new(name, source_field, G_TYPE_UINT, source_id, nullptr));
}

void add_field(GstEvent* event, const char* field, GType type, gpointer value) {
  gst_structure_set(gst_event_writable_structure(event), field, type, value, nullptr);
}

// Leaves `source_id` alone where the event has none, or is another one.
void parse_source(GstEvent* event, GstNvEventType type, guint* source_id) {
  if (static_cast<guint>(GST_EVENT_TYPE(event)) != static_cast<guint>(type) || source_id == nullptr) return;
  gst_structure_get_uint(gst_event_get_structure(event), source_field, source_id);
}

GstQuery* count_query(const char* name) {
  return gst_query_new_custom(GST_QUERY_CUSTOM, gst_structure_new_empty(name));
}

gboolean is_count_query(GstQuery* query, const char* name) {
  return GST_QUERY_TYPE(query) == GST_QUERY_CUSTOM && gst_structure_has_name(gst_query_get_structure(query), name);
}

void answer_count(GstQuery* query, const char* name, guint count) {
  if (!is_count_query(query, name)) return;
  gst_structure_set(gst_query_writable_structure(query), count_field, G_TYPE_UINT, count, nullptr);
}

gboolean parse_count(GstQuery* query, const char* name, guint* count) {
  return is_count_query(query, name) && gst_structure_get_uint(gst_query_get_structure(query), count_field, count);
}

}  // namespace

extern "C" {

GstEvent* gst_nvevent_new_pad_added(guint source_id) {
  return source_event(GST_NVEVENT_PAD_ADDED, "pad-added", source_id);
}
GstEvent* gst_nvevent_new_pad_deleted(guint source_id) {
  return source_event(GST_NVEVENT_PAD_DELETED, "pad-deleted", source_id);
}
GstEvent* gst_nvevent_new_stream_eos(guint source_id) {
  return source_event(GST_NVEVENT_STREAM_EOS, "stream-eos", source_id);
}
GstEvent* gst_nvevent_new_stream_reset(guint source_id) {
  return source_event(GST_NVEVENT_STREAM_RESET, "stream-reset", source_id);
}
GstEvent* gst_nvevent_new_stream_segment(guint source_id, GstSegment* segment) {
  GstEvent* event = source_event(GST_NVEVENT_STREAM_SEGMENT, "stream-segment", source_id);
  add_field(event, segment_field, GST_TYPE_SEGMENT, segment);
  return event;
}
GstEvent* gst_nvevent_new_stream_start(guint source_id, gchar* stream_id) {
  GstEvent* event = source_event(GST_NVEVENT_STREAM_START, "stream-start", source_id);
  add_field(event, stream_field, G_TYPE_STRING, stream_id);
  return event;
}

void gst_nvevent_parse_pad_added(GstEvent* event, guint* source_id) {
  parse_source(event, GST_NVEVENT_PAD_ADDED, source_id);
}
void gst_nvevent_parse_pad_deleted(GstEvent* event, guint* source_id) {
  parse_source(event, GST_NVEVENT_PAD_DELETED, source_id);
}
void gst_nvevent_parse_stream_eos(GstEvent* event, guint* source_id) {
  parse_source(event, GST_NVEVENT_STREAM_EOS, source_id);
}
void gst_nvevent_parse_stream_reset(GstEvent* event, guint* source_id) {
  parse_source(event, GST_NVEVENT_STREAM_RESET, source_id);
}
void gst_nvevent_parse_stream_segment(GstEvent* event, guint* source_id, GstSegment** segment) {
  parse_source(event, GST_NVEVENT_STREAM_SEGMENT, source_id);
  if (segment != nullptr) {
    gst_structure_get(gst_event_get_structure(event), segment_field, GST_TYPE_SEGMENT, segment, nullptr);
  }
}
void gst_nvevent_parse_stream_start(GstEvent* event, guint* source_id, gchar** stream_id) {
  parse_source(event, GST_NVEVENT_STREAM_START, source_id);
  if (stream_id != nullptr)
    *stream_id = g_strdup(gst_structure_get_string(gst_event_get_structure(event), stream_field));
}

GstEvent* gst_nvevent_infer_interval_update(gchar* stream_id, guint interval) {
  return gst_event_new_custom(static_cast<GstEventType>(GST_NVEVENT_INFER_INTERVAL_UPDATE),
                              gst_structure_new("nvds-infer-interval-update", stream_field, G_TYPE_STRING, stream_id,
                                                interval_field, G_TYPE_UINT, interval, nullptr));
}
void gst_nvevent_parse_infer_interval_update(GstEvent* event, gchar** stream_id, guint* interval) {
  const GstStructure* fields = gst_event_get_structure(event);
  if (stream_id != nullptr) *stream_id = g_strdup(gst_structure_get_string(fields, stream_field));
  if (interval != nullptr) gst_structure_get_uint(fields, interval_field, interval);
}

GstMessage* gst_nvmessage_new_stream_eos(GstObject* obj, guint eos_stream_id) {
  return gst_message_new_element(obj,
                                 gst_structure_new(stream_eos_name, source_field, G_TYPE_UINT, eos_stream_id, nullptr));
}
gboolean gst_nvmessage_is_stream_eos(GstMessage* message) {
  return GST_MESSAGE_TYPE(message) == GST_MESSAGE_ELEMENT &&
         gst_structure_has_name(gst_message_get_structure(message), stream_eos_name);
}
gboolean gst_nvmessage_parse_stream_eos(GstMessage* message, guint* eos_stream_id) {
  return gst_nvmessage_is_stream_eos(message) &&
         gst_structure_get_uint(gst_message_get_structure(message), source_field, eos_stream_id);
}

GstQuery* gst_nvquery_batch_size_new() { return count_query(batch_size_name); }
gboolean gst_nvquery_is_batch_size(GstQuery* query) { return is_count_query(query, batch_size_name); }
void gst_nvquery_batch_size_set(GstQuery* query, guint batch_size) { answer_count(query, batch_size_name, batch_size); }
gboolean gst_nvquery_batch_size_parse(GstQuery* query, guint* batch_size) {
  return parse_count(query, batch_size_name, batch_size);
}

GstQuery* gst_nvquery_numStreams_size_new() { return count_query(stream_count_name); }
gboolean gst_nvquery_is_numStreams_size(GstQuery* query) { return is_count_query(query, stream_count_name); }
void gst_nvquery_numStreams_size_set(GstQuery* query, guint numStreams_size) {
  answer_count(query, stream_count_name, numStreams_size);
}
gboolean gst_nvquery_numStreams_size_parse(GstQuery* query, guint* numStreams_size) {
  return parse_count(query, stream_count_name, numStreams_size);
}

}  // extern "C"
