// SPDX-License-Identifier: Apache-2.0
#include "testing/recorded_cases.h"

namespace es::testing {
namespace {
ES_RECORDED_CASES(assemble);
}
}  // namespace es::testing
