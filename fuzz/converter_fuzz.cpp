// SPDX-License-Identifier: Apache-2.0
//
// A model goes the whole way from bytes to a deployment folder, as floats and in its own integers, or ends in a
// sentence.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "base/error.h"
#include "convert/convert.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using es::edge_impulse::ModelFormat;
  es::edge_impulse::Import import;
  import.container = "file";
  import.model.name = "fuzz";
  import.model.found_in = "fuzz";
  import.model.bytes = {data, data + size};
  const bool is_tflite = size > 8 && data[4] == 'T' && data[5] == 'F' && data[6] == 'L';
  import.model.format = is_tflite ? ModelFormat::tflite : ModelFormat::onnx;
  for (const bool qdq : {false, true}) {
    try {
      es::convert::Options options;
      options.qdq = qdq;
      options.free_anchor_order = qdq;
      static_cast<void>(es::convert::convert(import, options));
    } catch (const es::Error& error) {
      if (error.kind() != es::ErrorKind::internal) continue;
      std::fprintf(stderr, "%s\n", error.what());
      std::abort();
    }
  }
  return 0;
}
