// SPDX-License-Identifier: Apache-2.0
//
// The files of heads/ as text, put into the program when it is built: what a deployment folder carries is the very
// source that was compiled.
#pragma once

#include <span>
#include <string_view>

namespace es::convert {

struct EmbeddedHead {
  std::string_view name;  // "fomo.h"
  std::string_view text;
};
std::span<const EmbeddedHead> embedded_heads();

}  // namespace es::convert
