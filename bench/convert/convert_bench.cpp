// SPDX-License-Identifier: Apache-2.0
//
// `edgestream convert` as a user starts it: seconds on the wall and peak memory of the process for each export.
//
//   convert_bench [EXPORT...]     default: the bundled exports, and what lies in EDGESTREAM_EXPORTS
//
// Five runs each, the median second and the largest memory. The baseline is the program that starts and prints its
// version: what loading its libraries costs.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/text.h"
#include "machine.h"
#include "testing/scratch_folder.h"

namespace es::bench {
namespace {

namespace fs = std::filesystem;

constexpr int runs = 5;

struct Cost {
  double seconds = 0;
  double mebibytes = 0;
  int code = 0;
};

// One child process, silent.
Cost run(const std::vector<std::string>& words) {
  std::vector<char*> arguments;
  for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const double start = wall_seconds();
  const pid_t child = fork();
  if (child == 0) {
    const int nothing = open("/dev/null", O_WRONLY);
    if (dup2(nothing, STDOUT_FILENO) < 0 || dup2(nothing, STDERR_FILENO) < 0) _exit(126);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  int status = 0;
  rusage usage{};
  wait4(child, &status, 0, &usage);
  return {wall_seconds() - start, static_cast<double>(usage.ru_maxrss) / 1024,
          WIFEXITED(status) ? WEXITSTATUS(status) : -1};
}

Cost several(const std::vector<std::string>& words) {
  std::vector<double> seconds;
  Cost cost;
  for (int i = 0; i < runs; ++i) {
    const Cost once = run(words);
    seconds.push_back(once.seconds);
    cost.mebibytes = std::max(cost.mebibytes, once.mebibytes);
    cost.code = once.code;
  }
  cost.seconds = median(seconds);
  return cost;
}

std::vector<fs::path> exports() {
  std::vector<fs::path> found;
  const auto collect = [&](const fs::path& folder) {
    for (const auto& entry : fs::directory_iterator(folder)) {
      const auto ending = entry.path().extension();
      if (entry.is_directory() || ending == ".zip" || ending == ".onnx" || ending == ".lite" || ending == ".tflite") {
        found.push_back(entry.path());
      }
    }
  };
  collect(fs::path(ES_SOURCE_DIR) / "examples/candy");
  if (const char* more = std::getenv("EDGESTREAM_EXPORTS")) collect(more);
  std::ranges::sort(found);
  return found;
}

uintmax_t bytes_of(const fs::path& path) {
  if (!fs::is_directory(path)) return fs::file_size(path);
  uintmax_t sum = 0;
  for (const auto& entry : fs::recursive_directory_iterator(path)) {
    if (entry.is_regular_file()) sum += entry.file_size();
  }
  return sum;
}

void print(const char* name, uintmax_t bytes, const Cost& cost) {
  std::printf("%-44s %10.2f %10.1f %10.1f   %s\n", name, static_cast<double>(bytes) / 1e6, cost.seconds * 1000,
              cost.mebibytes, cost.code == 0 ? "" : text("exit code ", cost.code).c_str());
}

int main(std::vector<fs::path> files) {
  if (files.empty()) files = exports();
  const testing::ScratchFolder scratch;
  std::printf("%s\n\n%-44s %10s %10s %10s\n", machine().c_str(), "export", "MB", "ms", "peak MiB");
  print("baseline: --version", 0, several({ES_EDGESTREAM, "--version"}));
  for (const auto& file : files) {
    const auto folder = scratch.path() / "out";
    std::vector<std::string> command{ES_EDGESTREAM, "convert", file.string(), "-o", folder.string(), "--force"};
    print((file.filename().string() + ", proven").c_str(), bytes_of(file), several(command));
    command.emplace_back("--no-verify");
    print(file.filename().c_str(), bytes_of(file), several(command));
    fs::remove_all(folder);
  }
  return 0;
}

}  // namespace
}  // namespace es::bench

int main(int argc, char** argv) { return es::bench::main({argv + 1, argv + argc}); }
