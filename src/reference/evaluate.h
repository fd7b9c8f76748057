// SPDX-License-Identifier: Apache-2.0
//
// A TFLite graph evaluated by the plainest loops there are, in the file's own layout: the oracle that translation and
// passes are held against. Sums are kept in double and rounded where the file has a float tensor. Nothing here is
// shared with a translator, so that a mistake would have to be made twice.
#pragma once

#include <string_view>
#include <vector>

#include "reference/array.h"
#include "tflite/model.h"

namespace es::reference {

// What became of each tensor of the file, by its index; empty where nothing did.
using Trace = std::vector<Array>;

// What is kept of a run: everything, or what is needed until it has been used, and the outputs.
enum class Keep { all, outputs };

// `inputs` in the order of model.inputs(), of their shapes; quantised ones as the numbers that they stand for. Throws
// unsupported for an operator that is not evaluated, and malformed for one that contradicts its tensors; messages begin
// with Model::where().
Trace evaluate(const tflite::Model& model, const std::vector<Array>& inputs, Keep keep = Keep::all);

// Whether evaluate() knows the operator.
bool is_evaluated(std::string_view operator_name);

}  // namespace es::reference
