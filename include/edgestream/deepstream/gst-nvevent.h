// SPDX-License-Identifier: Apache-2.0
//
// Events about one source of a batch, sent downstream by nvstreammux. All carry the source id. Numbers and flags of
// DeepStream 9.1: serialized, sticky, and sticky once per source.
#ifndef __GST_NVEVENT_H__
#define __GST_NVEVENT_H__

#include <gst/gst.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NVEVENT_FLAGS_ \
  (GST_EVENT_TYPE_DOWNSTREAM | GST_EVENT_TYPE_SERIALIZED | GST_EVENT_TYPE_STICKY | GST_EVENT_TYPE_STICKY_MULTI)

typedef enum {
  GST_NVEVENT_PAD_ADDED = GST_EVENT_MAKE_TYPE(400, NVEVENT_FLAGS_),
  GST_NVEVENT_PAD_DELETED = GST_EVENT_MAKE_TYPE(401, NVEVENT_FLAGS_),
  GST_NVEVENT_STREAM_EOS = GST_EVENT_MAKE_TYPE(402, NVEVENT_FLAGS_),
  GST_NVEVENT_STREAM_SEGMENT = GST_EVENT_MAKE_TYPE(403, NVEVENT_FLAGS_),
  GST_NVEVENT_STREAM_RESET = GST_EVENT_MAKE_TYPE(404, NVEVENT_FLAGS_),
  GST_NVEVENT_STREAM_START = GST_EVENT_MAKE_TYPE(405, NVEVENT_FLAGS_),
  GST_NVEVENT_UPDATE_CAPS = GST_EVENT_MAKE_TYPE(406, NVEVENT_FLAGS_)
} GstNvEventType;

GstEvent* gst_nvevent_new_pad_added(guint source_id);
GstEvent* gst_nvevent_new_pad_deleted(guint source_id);
GstEvent* gst_nvevent_new_stream_eos(guint source_id);
// The segment is copied.
GstEvent* gst_nvevent_new_stream_segment(guint source_id, GstSegment* segment);
GstEvent* gst_nvevent_new_stream_reset(guint source_id);
GstEvent* gst_nvevent_new_stream_start(guint source_id, gchar* stream_id);

void gst_nvevent_parse_pad_added(GstEvent* event, guint* source_id);
void gst_nvevent_parse_pad_deleted(GstEvent* event, guint* source_id);
void gst_nvevent_parse_stream_eos(GstEvent* event, guint* source_id);
// The segment and the text belong to the caller: gst_segment_free(), g_free().
void gst_nvevent_parse_stream_segment(GstEvent* event, guint* source_id, GstSegment** segment);
void gst_nvevent_parse_stream_reset(GstEvent* event, guint* source_id);
void gst_nvevent_parse_stream_start(GstEvent* event, guint* source_id, gchar** stream_id);

#ifdef __cplusplus
}
#endif

#endif  // __GST_NVEVENT_H__
