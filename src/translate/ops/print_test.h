// SPDX-License-Identifier: Apache-2.0
//
// For the tests of this folder: what a small model becomes, as text.
#pragma once

#include <gmock/gmock.h>

#include <string>

#include "ir/text.h"
#include "testing/matchers.h"
#include "tflite/model_builder.h"
#include "translate/translate.h"

namespace es::translate {

using tflite::testing::ModelBuilder;
namespace schema = tflite::schema;

inline ir::Graph translated(const ModelBuilder& m, Notes& notes) {
  const auto bytes = m.build();
  const auto model = tflite::Model::parse(bytes, "m.tflite");
  return to_graph(model, {}, notes);
}

inline ir::Graph translated(const ModelBuilder& m) {
  Notes notes;
  return translated(m, notes);
}

// The lines of ir/text.h.
inline std::string printed(const ModelBuilder& m) { return ir::print(translated(m)); }

// The operators of the nodes, in order: "Transpose Conv Transpose".
inline std::string node_names(const ModelBuilder& m) {
  const auto graph = translated(m);
  std::vector<std::string> names;
  for (const auto id : graph.nodes()) names.push_back(graph.node(id).op_type);
  return join(names, " ");
}

// The first node of that operator.
inline const ir::Node& node_of(const ir::Graph& graph, std::string_view op_type) {
  for (const auto id : graph.nodes()) {
    if (graph.node(id).op_type == op_type) return graph.node(id);
  }
  fail(ErrorKind::internal, "no node is a ", op_type);
}

inline void expect_refused(const ModelBuilder& m, ErrorKind kind, const std::string& message) {
  EXPECT_ERROR(translated(m), kind, "m.tflite: " + message);
}

inline std::vector<float> zeros(size_t count) { return std::vector<float>(count, 0.0f); }

}  // namespace es::translate
