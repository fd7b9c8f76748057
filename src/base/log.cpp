// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <cstdio>
#include <memory>
#include <mutex>

namespace es {
namespace {

void print_warnings(LogLevel level, const std::string& message) {
  if (level < LogLevel::warning) return;
  std::fprintf(stderr, "%s: %s\n", level == LogLevel::error ? "error" : "warning", message.c_str());
}

// The sink is shared so that a call in flight keeps it alive while another thread replaces it.
struct Hook {
  std::mutex mutex;
  std::shared_ptr<const LogSink> sink = std::make_shared<const LogSink>(print_warnings);
};

Hook& hook() {
  static Hook instance;
  return instance;
}

}  // namespace

void set_log_sink(LogSink sink) {
  auto shared = std::make_shared<const LogSink>(sink ? std::move(sink) : LogSink(print_warnings));
  const std::lock_guard lock(hook().mutex);
  hook().sink = std::move(shared);
}

void log_message(LogLevel level, const std::string& message) {
  std::shared_ptr<const LogSink> sink;
  {
    const std::lock_guard lock(hook().mutex);
    sink = hook().sink;
  }
  (*sink)(level, message);
}

}  // namespace es
