// SPDX-License-Identifier: Apache-2.0
//
// Everything the command line says to a person: results on stdout, the rest on stderr. Colours only on a terminal that
// wants them (NO_COLOR is honoured).
#pragma once

#include <chrono>
#include <string>

namespace es::cli {

// Sends the library's log to stderr, warnings and errors marked. --verbose also shows the rest.
void install_log_sink();
void set_verbose(bool verbose);

// For many runs of one kind in a row: while it lives, what is not news stays unsaid. Each warning comes once, and of
// the runs after the first nothing but warnings and errors.
class Repeats {
 public:
  Repeats();
  ~Repeats();
  Repeats(const Repeats&) = delete;
  Repeats& operator=(const Repeats&) = delete;
  void next_run();
};

void print_error(const std::string& message);
void print_line(const std::string& line);  // stdout

// One line on stderr that is rewritten while work goes on; nothing where stderr is no terminal. Gone when destroyed.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  // At most ten times a second reach the terminal.
  void show(const std::string& text);

 private:
  bool terminal_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace es::cli
