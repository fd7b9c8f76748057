// SPDX-License-Identifier: Apache-2.0
#include "gst/support/guarded.h"

namespace es::gst {
namespace {

struct Code {
  GQuark domain;
  int code;
};

Code code_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return {GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS};
    case ErrorKind::unreadable:
      return {GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND};
    case ErrorKind::malformed:
      return {GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS};
    case ErrorKind::unsupported:
      return {GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS};
    case ErrorKind::mismatch:
      return {GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS};
    case ErrorKind::environment:
      return {GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_FAILED};
    case ErrorKind::internal:
      break;
  }
  return {GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED};
}

// A name in front says which element speaks, as the texts go to a terminal alone.
std::string named(GstElement* element, const std::string& text) {
  return std::string(GST_OBJECT_NAME(element)) + ": " + text;
}

}  // namespace

void post_error(GstElement* element, ErrorKind kind, const std::string& text, const std::string& debug) {
  const auto [domain, code] = code_of(kind);
  post_error(element, domain, code, text, debug, kind);
}

void post_error(GstElement* element, GQuark domain, int code, const std::string& text, const std::string& debug,
                ErrorKind kind) {
  // The message takes both texts and the structure.
  gst_element_message_full_with_details(
      element, GST_MESSAGE_ERROR, domain, code, g_strdup(named(element, text).c_str()),
      debug.empty() ? nullptr : g_strdup(debug.c_str()), __FILE__, "es::gst", __LINE__,
      gst_structure_new("edgestream", "kind", G_TYPE_INT, static_cast<int>(kind), nullptr));
}

void post_warning(GstElement* element, GQuark domain, int code, const std::string& text) {
  gst_element_message_full(element, GST_MESSAGE_WARNING, domain, code, g_strdup(named(element, text).c_str()), nullptr,
                           __FILE__, "es::gst", __LINE__);
}

}  // namespace es::gst
