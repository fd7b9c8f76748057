// SPDX-License-Identifier: Apache-2.0
#include "machine.h"

#include <sys/utsname.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <thread>

#include "base/text.h"

namespace es::bench {
namespace {

std::string field_of(const char* file, std::string_view key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with(key)) continue;
    const size_t at = line.find_first_of(":=");
    if (at == std::string::npos) continue;
    std::string value(trim(line.substr(at + 1)));
    std::erase(value, '"');
    return value;
  }
  return "unknown";
}

double seconds_of(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace

std::string machine() {
  utsname system{};
  uname(&system);
  return text(field_of("/proc/cpuinfo", "model name"), ", ", std::thread::hardware_concurrency(), " cores\n",
              field_of("/etc/os-release", "PRETTY_NAME"), ", Linux ", system.release, "\nGCC ", __VERSION__);
}

double cpu_seconds() { return seconds_of(CLOCK_PROCESS_CPUTIME_ID); }
double wall_seconds() { return seconds_of(CLOCK_MONOTONIC); }

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

}  // namespace es::bench
