// SPDX-License-Identifier: Apache-2.0
#include "gst/support/log.h"

#include <gst/gst.h>

#include <string>

#include "base/log.h"

namespace es::gst {
namespace {

GstDebugLevel level_of(LogLevel level) {
  switch (level) {
    case LogLevel::error:
      return GST_LEVEL_ERROR;
    case LogLevel::warning:
      return GST_LEVEL_WARNING;
    case LogLevel::info:
      return GST_LEVEL_INFO;
    case LogLevel::debug:
      break;
  }
  return GST_LEVEL_DEBUG;
}

}  // namespace

void bridge_log() {
  static GstDebugCategory* category = nullptr;
  if (category != nullptr) return;
  category = _gst_debug_category_new("edgestream", 0, "EdgeStream: inference and engines");
  if (gst_debug_category_get_threshold(category) < GST_LEVEL_INFO) {
    gst_debug_category_set_threshold(category, GST_LEVEL_INFO);
  }
  set_log_sink([](LogLevel level, const std::string& message) {
    gst_debug_log(category, level_of(level), "", "", 0, nullptr, "%s", message.c_str());
  });
}

}  // namespace es::gst
