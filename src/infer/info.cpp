// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <iomanip>

#include "base/text.h"
#include "infer/infer.h"

namespace es::infer {
namespace {

std::string seconds_text(double seconds) {
  std::ostringstream out;
  out.imbue(std::locale::classic());
  out << std::fixed << std::setprecision(2) << seconds << " s";
  return out.str();
}

struct Unit {
  int64_t seconds;
  const char* name;
};

// "3 days", in the largest unit that fits; a clock that was set back gives "0 seconds".
std::string age_text(int64_t seconds) {
  constexpr Unit units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
  for (const Unit& unit : units) {
    if (seconds < unit.seconds) continue;
    const int64_t count = seconds / unit.seconds;
    return text(count, ' ', unit.name, count == 1 ? "" : "s");
  }
  return "0 seconds";
}

std::string engine_text(const Info& info, int64_t now) {
  switch (info.engine) {
    case Info::Engine::loaded:
      return text("engine loaded in ", seconds_text(info.seconds), ", ", age_text(now - info.built_at), " old");
    case Info::Engine::rebuilt:
      return text("engine built anew for this machine in ", seconds_text(info.seconds));
    case Info::Engine::built:
      return text("engine built in ", seconds_text(info.seconds), info.engine_file.empty() ? ", not saved" : "");
  }
  return {};
}

}  // namespace

std::string describe(const Info& info, int64_t now) {
  return text(info.model, ": ", info.provider, ' ', info.precision, ", ", info.width, 'x', info.height, 'x',
              info.channels, ", ", engine_text(info, now), ", ", info.workers,
              info.workers == 1 ? " worker of " : " workers of ", info.intra_op_threads,
              info.intra_op_threads == 1 ? " thread" : " threads");
}

}  // namespace es::infer
