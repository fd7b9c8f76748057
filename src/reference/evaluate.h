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

// How quantised tensors are computed.
enum class Arithmetic {
  real,  // as the numbers they stand for, in floats: weights dequantised, results neither rounded nor cut off except
         // where a range that begins at zero stands for an activation
  integers,  // as the file says: exact sums, fixed-point factors, rounded and saturated results. Tensors are integers.
};

// What is kept of a run: everything, or what is needed until it has been used, and the outputs.
enum class Keep { all, outputs };

// `inputs` in the order of model.inputs(), of their shapes; quantised ones as the numbers that they stand for. Throws
// unsupported for an operator that is not evaluated, and malformed for one that contradicts its tensors; messages begin
// with Model::where().
Trace evaluate(const tflite::Model& model, const std::vector<Array>& inputs, Keep keep = Keep::all,
               Arithmetic arithmetic = Arithmetic::real);

// The numbers that an array of a quantised tensor's integers stands for; any other array as it is.
Array as_numbers(const Array& array, const tflite::Tensor& tensor);

// Whether evaluate() knows the operator.
bool is_evaluated(std::string_view operator_name);

}  // namespace es::reference
