// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal.h"

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <set>

#include "base/log.h"

namespace es::cli {
namespace {

std::atomic<bool> verbose_log{false};
std::mutex terminal_mutex;
bool line_is_open = false;  // a progress line stands on the terminal; guarded by terminal_mutex

bool stderr_is_terminal() { return ::isatty(STDERR_FILENO) == 1; }
bool wants_colour() { return stderr_is_terminal() && std::getenv("NO_COLOR") == nullptr; }

void close_line() {
  if (line_is_open) std::fputs("\r\x1b[K", stderr);
  line_is_open = false;
}

void print_marked(const char* mark, const char* colour, const std::string& message) {
  const std::lock_guard lock(terminal_mutex);
  close_line();
  const bool coloured = wants_colour() && *mark != '\0';
  std::fprintf(stderr, "%s%s%s%s%s\n", coloured ? colour : "", mark, coloured ? "\x1b[0m" : "", *mark ? ": " : "",
               message.c_str());
}

struct {
  std::mutex mutex;
  int runs = 0;  // 0: nobody counts
  std::set<std::string> warnings;
} repeats;

bool is_news(LogLevel level, const std::string& message) {
  const std::lock_guard lock(repeats.mutex);
  if (repeats.runs == 0 || level == LogLevel::error) return true;
  if (level == LogLevel::warning) return repeats.warnings.insert(message).second;
  return repeats.runs == 1;
}

}  // namespace

Repeats::Repeats() {
  const std::lock_guard lock(repeats.mutex);
  repeats.runs = 1;
}

Repeats::~Repeats() {
  const std::lock_guard lock(repeats.mutex);
  repeats.runs = 0;
  repeats.warnings.clear();
}

void Repeats::next_run() {
  const std::lock_guard lock(repeats.mutex);
  ++repeats.runs;
}

void set_verbose(bool verbose) { verbose_log = verbose; }

void install_log_sink() {
  set_log_sink([](LogLevel level, const std::string& message) {
    if (!verbose_log && !is_news(level, message)) return;
    switch (level) {
      case LogLevel::error:
        return print_marked("error", "\x1b[1;31m", message);
      case LogLevel::warning:
        return print_marked("warning", "\x1b[1;33m", message);
      case LogLevel::info:
        return print_marked("", "", message);
      case LogLevel::debug:
        if (verbose_log) print_marked("debug", "\x1b[2m", message);
    }
  });
}

void print_error(const std::string& message) { print_marked("error", "\x1b[1;31m", message); }

void print_line(const std::string& line) {
  const std::lock_guard lock(terminal_mutex);
  close_line();
  std::fprintf(stdout, "%s\n", line.c_str());
  std::fflush(stdout);
}

ProgressLine::ProgressLine() : terminal_(stderr_is_terminal()) {}

ProgressLine::~ProgressLine() {
  const std::lock_guard lock(terminal_mutex);
  if (shown_) close_line();
}

void ProgressLine::show(const std::string& text) {
  const auto now = std::chrono::steady_clock::now();
  if (!terminal_ || now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  const std::lock_guard lock(terminal_mutex);
  std::fprintf(stderr, "\r\x1b[K%s", text.c_str());
  std::fflush(stderr);
  line_is_open = shown_ = true;
}

}  // namespace es::cli
