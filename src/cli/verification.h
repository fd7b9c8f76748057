// SPDX-License-Identifier: Apache-2.0
//
// What the proof needs to know of a deployment, put together for convert and verify.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "convert/convert.h"
#include "edge_impulse/import.h"
#include "verify/verify.h"

namespace es::cli {

// The proof as convert makes it before anything is written: a few inputs, a few batches.
verify::Options short_proof();

// How a deployment's network differs from its source: what stands between pixels and the source's numbers, and where in
// a widened input the source's lies.
struct Placement {
  edge_impulse::ImageScaling scaling = edge_impulse::ImageScaling::zero_to_one;
  edge_impulse::Head head = edge_impulse::Head::unknown;
  std::string parser;
  int width = 0, height = 0;  // of the network's input
  std::optional<convert::Crop> crop;
};
Placement placement_of(const convert::Recipe& recipe);
// From report.json beside a network; as if nothing differed where there is none.
Placement placement_beside(const std::filesystem::path& network);

// Holds `onnx` against the import's network. `integers`: against the export's own integers, as a network of Q/DQ pairs
// computes.
verify::Report prove(const edge_impulse::Import& import, const Placement& placement, BytesView onnx,
                     const std::string& name, verify::Options options, bool integers);

}  // namespace es::cli
