// SPDX-License-Identifier: Apache-2.0
//
// The plugin's entry; elements.cpp lists the elements.
#include <gst/gst.h>

#include "gst/elements.h"

// The names that GST_PLUGIN_DEFINE asks for.
#define PACKAGE "edgestream"

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, edgestream, "DeepStream's elements on a CPU, with ONNX Runtime",
                  es::gst::register_elements, ES_VERSION, "Apache 2.0", "EdgeStream", "EdgeStream")
