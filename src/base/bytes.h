// SPDX-License-Identifier: Apache-2.0
//
// Bytes from a file, read with bounds.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/error.h"

namespace es {

using Bytes = std::vector<uint8_t>;
using BytesView = std::span<const uint8_t>;

inline std::string_view as_text(BytesView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
inline BytesView as_bytes_view(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// Reads little-endian values front to back. Throws malformed, naming `what` and the offset, where bytes are missing.
class ByteReader {
 public:
  ByteReader(BytesView bytes, std::string what) : bytes_(bytes), what_(std::move(what)) {}

  size_t offset() const { return offset_; }
  size_t remaining() const { return bytes_.size() - offset_; }

  BytesView take(size_t count) {
    require(count <= remaining(), ErrorKind::malformed, what_, ": ends at byte ", bytes_.size(), ", ", count,
            " more are needed at byte ", offset_, "; the file is truncated");
    const auto taken = bytes_.subspan(offset_, count);
    offset_ += count;
    return taken;
  }

  template <typename Integer>
  Integer read() {
    static_assert(std::is_integral_v<Integer>);
    std::make_unsigned_t<Integer> value = 0;
    const auto taken = take(sizeof value);
    for (size_t i = 0; i < sizeof value; ++i) value |= static_cast<decltype(value)>(taken[i]) << (8 * i);
    return static_cast<Integer>(value);
  }

 private:
  BytesView bytes_;
  std::string what_;
  size_t offset_ = 0;
};

// Appends little-endian values.
template <typename Integer>
void append_little_endian(Bytes& out, Integer value) {
  for (size_t i = 0; i < sizeof value; ++i) {
    out.push_back(static_cast<uint8_t>(static_cast<std::make_unsigned_t<Integer>>(value) >> (8 * i)));
  }
}

}  // namespace es
