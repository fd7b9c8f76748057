// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.h"

namespace es::verify {

// Milliseconds of one run at batch 1 on one thread: the median of rounds that alternate between the two.
struct Timing {
  double first = 0, second = 0;
};
Timing time_beside(BytesView first, BytesView second, int rounds = 15);

}  // namespace es::verify
