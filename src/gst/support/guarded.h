// SPDX-License-Identifier: Apache-2.0
//
// The door between C++ and GStreamer: no exception crosses a virtual function. An error becomes a message on the bus.
#pragma once

#include <gst/gst.h>

#include <exception>
#include <string>

#include "base/error.h"

namespace es::gst {

// Posts an error whose domain and code fit its kind; `text` is what the user reads, `debug` what stands beside it.
void post_error(GstElement* element, ErrorKind kind, const std::string& text, const std::string& debug = "");
// Posts an error of a given domain and code. `kind` goes with it, as the field "kind" (int) of the details
// "edgestream", so that a program can end with the exit code that fits.
void post_error(GstElement* element, GQuark domain, int code, const std::string& text, const std::string& debug = "",
                ErrorKind kind = ErrorKind::environment);
void post_warning(GstElement* element, GQuark domain, int code, const std::string& text);

// body(), or `otherwise` after posting what it threw.
template <typename Result, typename Body>
Result guarded(gpointer element, Result otherwise, Body&& body) {
  try {
    return body();
  } catch (const Error& error) {
    post_error(GST_ELEMENT(element), error.kind(), error.what());
  } catch (const std::exception& error) {
    post_error(GST_ELEMENT(element), ErrorKind::internal, error.what());
  }
  return otherwise;
}

}  // namespace es::gst
