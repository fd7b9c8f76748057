// SPDX-License-Identifier: Apache-2.0
//
// ONNX files to graphs and back (onnx.ai, docs/IR.md and docs/Operators.md).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "ir/graph.h"

namespace es::onnx {

constexpr int64_t oldest_opset = 7;
constexpr int64_t newest_opset = 21;

// Whether the bytes look like an ONNX file: its first fields are a version and texts, as every exporter writes them.
bool looks_like_onnx(BytesView bytes);

// Reads a model of opset 7 to 21. Nodes come out in topological order and in the forms of opset 13 (lift.h); Constant
// nodes and initializers are constants; axis 0 of an input that states no number is the batch, other such dimensions
// are unknown. graph.opset is 13, or what the newest operator of the graph needs. Shapes are inferred.
//
// Throws malformed for files that are damaged or contradict themselves, unsupported for what is recognised and not
// taken: external data, functions, subgraphs, other domains, sparse or text tensors. Messages start with the file's
// name.
ir::Graph read(BytesView bytes, std::string_view file_name);

// The same model with these values as outputs behind its own, in this order; nothing else of the file changes. Whether
// it has values of these names is the runtime's to say.
Bytes with_more_outputs(BytesView model, std::span<const std::string> names);

// The graph as it stands, in the forms it has: graph.opset must fit them. Equal graphs give equal bytes. Throws
// unsupported above 2 GB, protobuf's limit.
Bytes write(const ir::Graph& graph);

}  // namespace es::onnx
