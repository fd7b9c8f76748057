// SPDX-License-Identifier: Apache-2.0
#include "translate/recorded_cases.h"

namespace es::translate {
namespace {

ES_RECORDED_CASES(normalize);

}  // namespace
}  // namespace es::translate
