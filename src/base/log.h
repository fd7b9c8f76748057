// SPDX-License-Identifier: Apache-2.0
//
// The library never prints: it reports through one hook, which the command line sends to the terminal and the
// GStreamer plugin to GST_DEBUG. Without a hook, warnings and errors go to stderr.
#pragma once

#include <functional>
#include <string>

#include "base/text.h"

namespace es {

enum class LogLevel { debug, info, warning, error };

using LogSink = std::function<void(LogLevel, const std::string&)>;

// Replaces the hook of the process; an empty one restores the default. Safe from any thread; the sink may be called
// from many threads at once.
void set_log_sink(LogSink sink);

void log_message(LogLevel level, const std::string& message);

template <typename... Parts>
void log(LogLevel level, const Parts&... parts) {
  log_message(level, text(parts...));
}

}  // namespace es
