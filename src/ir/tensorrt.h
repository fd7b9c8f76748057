// SPDX-License-Identifier: Apache-2.0
//
// Which release of TensorRT parses a graph. From the importer registries of onnx-tensorrt's release branches; parsing
// is not building: types, memory and the processor are TensorRT's own matter, and nothing of it was run.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "ir/graph.h"

namespace es::ir {

struct Release {
  int major = 0, minor = 0;
  auto operator<=>(const Release&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Release& release);

// The oldest release known here: what JetPack 4.5 has.
inline constexpr Release oldest_release{7, 1};

// The oldest release that parses an operator in the form written by default; nothing where none does, or it is not
// known.
std::optional<Release> oldest_tensorrt(std::string_view op_type);

struct TensorRtFit {
  Release oldest = oldest_release;
  std::string node;   // that sets it; empty where every release parses everything
  std::string never;  // a node that no release parses; empty where there is none
};
TensorRtFit fit_tensorrt(const Graph& graph);

// "8.5", "trt8.5", "ds7.0", "jetpack5.1" as the TensorRT release in it; nothing for other words.
std::optional<Release> release_of_target(std::string_view target);
// The words there are.
std::string target_words();

}  // namespace es::ir
