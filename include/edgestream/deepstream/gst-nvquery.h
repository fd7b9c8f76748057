// SPDX-License-Identifier: Apache-2.0
//
// Questions that elements after nvstreammux ask it: how large a batch may be, how many sources there are.
#ifndef __GST_NVQUERY_H__
#define __GST_NVQUERY_H__

#include <gst/gst.h>

#ifdef __cplusplus
extern "C" {
#endif

GstQuery* gst_nvquery_batch_size_new(void);
gboolean gst_nvquery_is_batch_size(GstQuery* query);
void gst_nvquery_batch_size_set(GstQuery* query, guint batch_size);
// FALSE where nobody has answered, or the query is another one.
gboolean gst_nvquery_batch_size_parse(GstQuery* query, guint* batch_size);

GstQuery* gst_nvquery_numStreams_size_new(void);
gboolean gst_nvquery_is_numStreams_size(GstQuery* query);
void gst_nvquery_numStreams_size_set(GstQuery* query, guint numStreams_size);
gboolean gst_nvquery_numStreams_size_parse(GstQuery* query, guint* numStreams_size);

#ifdef __cplusplus
}
#endif

#endif  // __GST_NVQUERY_H__
