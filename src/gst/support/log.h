// SPDX-License-Identifier: Apache-2.0
//
// What the library logs goes to GST_DEBUG, category "edgestream".
#pragma once

namespace es::gst {

// Once, when the plugin is loaded. The category lets INFO through without GST_DEBUG, as DeepStream's nvinfer does: that
// an engine is built or loaded is said on any terminal.
void bridge_log();

}  // namespace es::gst
