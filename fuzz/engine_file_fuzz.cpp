// SPDX-License-Identifier: Apache-2.0
//
// An engine file of unknown origin is refused with an Error or read, and what was read is written back as the same
// bytes. The hash of the container would stop nearly every input at the door, so the fuzzer's bytes are also tried as
// the body of a container whose hash is right.
#include <algorithm>
#include <cstdlib>
#include <string>

#include "backend/engine_file.h"
#include "base/error.h"
#include "base/hash.h"

namespace {

void read(es::BytesView file) {
  es::backend::engine_kind(file);
  try {
    const auto engine = es::backend::read_engine(file, "engine");
    const es::Bytes again = es::backend::write_engine(engine);
    if (again.size() != file.size() || !std::equal(again.begin(), again.end(), file.begin())) std::abort();
  } catch (const es::Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const es::BytesView input(data, size);
  read(input);
  const std::string front =
      "\x93"
      "ESENG\r\n" +
      es::sha256(input);
  es::Bytes sealed(front.begin(), front.end());
  sealed.insert(sealed.end(), input.begin(), input.end());
  read(sealed);
  return 0;
}
