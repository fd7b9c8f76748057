// SPDX-License-Identifier: Apache-2.0
//
// What the proof needs to know of a deployment, put together for convert and verify.
#pragma once

#include <string>

#include "base/bytes.h"
#include "convert/convert.h"
#include "edge_impulse/import.h"
#include "verify/verify.h"

namespace es::cli {

// The proof as convert makes it before anything is written: a few inputs, a few batches.
verify::Options short_proof();

// Holds `onnx` against the import's network. `scaling`: what stands between pixels and the source's numbers.
// `integers`: against the export's own integers, as a network of Q/DQ pairs computes.
verify::Report prove(const edge_impulse::Import& import, edge_impulse::ImageScaling scaling, BytesView onnx,
                     const std::string& name, verify::Options options, bool integers);

}  // namespace es::cli
