// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a .tflite file: parsed, and translated where they are one. Only an es::Error may come out, never one of
// the kind internal: that would be a defect of ours that a file can reach.
#include <cstdint>
#include <cstdlib>

#include "base/error.h"
#include "tflite/model.h"
#include "translate/translate.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const auto model = es::tflite::Model::parse({data, size}, "fuzz.tflite");
    es::translate::Notes notes;
    static_cast<void>(es::translate::to_graph(model, {}, notes));
  } catch (const es::Error& error) {
    if (error.kind() == es::ErrorKind::internal) std::abort();
  }
  return 0;
}
