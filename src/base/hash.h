// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/bytes.h"

namespace es {

// SHA-256 as 64 lower-case hexadecimal digits.
std::string sha256(BytesView content);

}  // namespace es
