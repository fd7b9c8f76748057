// SPDX-License-Identifier: Apache-2.0
#include "vision/image.h"

namespace es {
namespace {

struct FormatFacts {
  std::string_view name;
  int planes;
};

constexpr FormatFacts facts[] = {{"I420", 3}, {"NV12", 2}, {"RGBA", 1}, {"BGRx", 1},
                                 {"RGB", 1},  {"BGR", 1},  {"GRAY8", 1}};

}  // namespace

std::string_view name_of(PixelFormat format) { return facts[static_cast<size_t>(format)].name; }
std::ostream& operator<<(std::ostream& out, PixelFormat format) { return out << name_of(format); }
int plane_count(PixelFormat format) { return facts[static_cast<size_t>(format)].planes; }

}  // namespace es
