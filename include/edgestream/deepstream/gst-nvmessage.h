// SPDX-License-Identifier: Apache-2.0
//
// The bus message by which nvstreammux says that one of its sources has ended. The pipeline goes on.
#ifndef __GST_NVMESSAGE_H__
#define __GST_NVMESSAGE_H__

#include <gst/gst.h>

G_BEGIN_DECLS

GstMessage* gst_nvmessage_new_stream_eos(GstObject* obj, guint eos_stream_id);
gboolean gst_nvmessage_is_stream_eos(GstMessage* message);
// FALSE, and the id untouched, for any other message.
gboolean gst_nvmessage_parse_stream_eos(GstMessage* message, guint* eos_stream_id);

G_END_DECLS

#endif  // __GST_NVMESSAGE_H__
