// SPDX-License-Identifier: Apache-2.0
//
// Programs run as a user runs them, for tests that cross the command line.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace es::testing {

struct CommandResult {
  int code = 0;  // exit code; 128 + the signal where one ended it
  std::string out, err;
};

struct CommandOptions {
  std::filesystem::path folder;                                  // to run in; empty: this process's
  std::vector<std::pair<std::string, std::string>> environment;  // on top of this process's
};

// A program that runs while the test goes on. Killed when destroyed.
class RunningCommand {
 public:
  explicit RunningCommand(const std::vector<std::string>& words, const CommandOptions& options = {});
  ~RunningCommand();
  RunningCommand(const RunningCommand&) = delete;
  RunningCommand& operator=(const RunningCommand&) = delete;

  void send(int signal);
  CommandResult wait();

 private:
  std::filesystem::path output_;  // a folder with what it prints
  pid_t process_ = -1;
};

// Runs to the end.
CommandResult run_command(const std::vector<std::string>& words, const CommandOptions& options = {});

}  // namespace es::testing
