// SPDX-License-Identifier: Apache-2.0
//
// Events by which an application changes an element while it runs. Only the one that an element here listens to.
#ifndef __GST_NVDSCUSTOMEVENT_H__
#define __GST_NVDSCUSTOMEVENT_H__

#include <gst/gst.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  GST_NVEVENT_INFER_INTERVAL_UPDATE = GST_EVENT_MAKE_TYPE(407, GST_EVENT_TYPE_DOWNSTREAM | GST_EVENT_TYPE_SERIALIZED)
} GstNvDsCustomEventType;

// nvinfer infers on every (interval + 1)th batch from here on. stream_id is carried, and not looked at.
GstEvent* gst_nvevent_infer_interval_update(gchar* stream_id, guint interval);
// The text belongs to the caller.
void gst_nvevent_parse_infer_interval_update(GstEvent* event, gchar** stream_id, guint* interval);

#ifdef __cplusplus
}
#endif

#endif  // __GST_NVDSCUSTOMEVENT_H__
