// SPDX-License-Identifier: Apache-2.0
//
// Any bytes are an ONNX file or an Error with a sentence; whatever reads can be written and read again.
#include <cstdint>
#include <cstdlib>

#include "onnx/onnx.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const auto graph = es::onnx::read({data, size}, "fuzz.onnx");
    static_cast<void>(es::onnx::read(es::onnx::write(graph), "again.onnx"));
  } catch (const es::Error& error) {
    if (error.kind() == es::ErrorKind::internal) std::abort();
  }
  return 0;
}
