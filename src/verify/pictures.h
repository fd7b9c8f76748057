// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "verify/verify.h"

namespace es::verify {

// An SVG element that shows what both networks answered to the worst input: bars for a few scores, maps for cells of
// scores, a point for each number elsewhere.
std::string picture_of(const OutputResult& output);

}  // namespace es::verify
