// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "backend/session.h"

namespace es::backend {
namespace {

constexpr std::array<std::string_view, 3> names{"cpu", "cuda", "tensorrt"};

}  // namespace

std::string_view name_of(Provider provider) { return names[static_cast<size_t>(provider)]; }

std::optional<Provider> provider_of(std::string_view name) {
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<Provider>(i);
  }
  return std::nullopt;
}

}  // namespace es::backend
