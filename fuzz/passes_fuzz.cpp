// SPDX-License-Identifier: Apache-2.0
//
// Whatever reads as an ONNX file goes through every pass, which keep a sound graph sound, or ends in a sentence.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "base/error.h"
#include "onnx/onnx.h"
#include "passes/passes.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    auto graph = es::onnx::read({data, size}, "fuzz.onnx");
    es::passes::Options options;
    options.opset = size % 2 == 0 ? 13 : 11;
    options.verify = true;
    es::passes::run(graph, options);
    static_cast<void>(es::onnx::write(graph));
  } catch (const es::Error& error) {
    if (error.kind() != es::ErrorKind::internal) return 0;
    std::fprintf(stderr, "%s\n", error.what());
    std::abort();
  }
  return 0;
}
