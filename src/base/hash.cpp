// SPDX-License-Identifier: Apache-2.0
#include "base/hash.h"

#include <glib.h>

#include <memory>

namespace es {

std::string sha256(BytesView content) {
  const std::unique_ptr<char, decltype(&g_free)> digits(
      g_compute_checksum_for_data(G_CHECKSUM_SHA256, content.data(), content.size()), g_free);
  return digits.get();
}

}  // namespace es
