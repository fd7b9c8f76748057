// SPDX-License-Identifier: Apache-2.0
//
// The element types of the plugin; plugin.cpp lists them with their names.
#pragma once

#include <gst/gst.h>

namespace es::gst {

GType nvstreammux_type();
GType nvvideoconvert_type();
GType nvv4l2decoder_type();
GType nvinfer_type();
GType nvmultistreamtiler_type();
GType nvdsosd_type();
GType esjson_type();

// Registers every element with `plugin`. False where one could not be.
gboolean register_elements(GstPlugin* plugin);

}  // namespace es::gst
