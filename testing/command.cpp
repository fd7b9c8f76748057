// SPDX-License-Identifier: Apache-2.0
#include "testing/command.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace es::testing {
namespace {

std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// In the child: never returns.
[[noreturn]] void become(const std::vector<std::string>& words, const CommandOptions& options,
                         const std::filesystem::path& output) {
  const int nothing = ::open("/dev/null", O_RDONLY);
  const int out = ::open((output / "out").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const int err = ::open((output / "err").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::dup2(nothing, STDIN_FILENO), ::dup2(out, STDOUT_FILENO), ::dup2(err, STDERR_FILENO);
  if (!options.folder.empty() && ::chdir(options.folder.c_str()) != 0) ::_exit(126);
#if defined(__SANITIZE_ADDRESS__)
  // GStreamer looks at plugins in a helper program, which knows nothing of the sanitizer that ours need.
  ::setenv("GST_REGISTRY_FORK", "no", 1);
  // Whole stacks, or suppressions find no frame of the library that a block belongs to.
  const char* options_before = std::getenv("ASAN_OPTIONS");
  ::setenv("ASAN_OPTIONS",
           (std::string(options_before != nullptr ? options_before : "") + ":fast_unwind_on_malloc=0").c_str(), 1);
#endif
  for (const auto& [name, value] : options.environment) ::setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> arguments;
  for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  ::execvp(arguments[0], arguments.data());
  ::_exit(127);
}

}  // namespace

RunningCommand::RunningCommand(const std::vector<std::string>& words, const CommandOptions& options) {
  std::string pattern = (std::filesystem::temp_directory_path() / "edgestream-command.XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no scratch folder can be made");
  output_ = pattern;
  process_ = ::fork();
  if (process_ < 0) throw std::runtime_error("no process can be started");
  if (process_ == 0) become(words, options, output_);
}

RunningCommand::~RunningCommand() {
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  std::error_code ignored;
  std::filesystem::remove_all(output_, ignored);
}

void RunningCommand::send(int signal) { ::kill(process_, signal); }

CommandResult RunningCommand::wait() {
  int status = 0;
  ::waitpid(process_, &status, 0);
  process_ = -1;
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return {code, content_of(output_ / "out"), content_of(output_ / "err")};
}

CommandResult run_command(const std::vector<std::string>& words, const CommandOptions& options) {
  return RunningCommand(words, options).wait();
}

}  // namespace es::testing
