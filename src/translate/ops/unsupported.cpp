// SPDX-License-Identifier: Apache-2.0
//
// Operators that are refused, and why; each reason reads on after the operator's name.
#include "translate/ops/families.h"

namespace es::translate {
namespace {

struct Refusal {
  std::string_view reason;
  std::vector<std::string_view> names;
};

const std::vector<Refusal>& refusals() {
  static const std::vector<Refusal> list{
      {"keeps a state between runs or steps through a sequence, which is not converted",
       {"RNN", "LSTM", "SVDF", "UNIDIRECTIONAL_SEQUENCE_RNN", "BIDIRECTIONAL_SEQUENCE_RNN",
        "UNIDIRECTIONAL_SEQUENCE_LSTM", "BIDIRECTIONAL_SEQUENCE_LSTM", "VAR_HANDLE", "READ_VARIABLE", "ASSIGN_VARIABLE",
        "CALL_ONCE"}},
      {"runs another graph of the file, which is not converted",
       {"CALL", "IF", "WHILE", "STABLEHLO_WHILE", "STABLEHLO_CASE", "STABLEHLO_COMPOSITE"}},
      {"works on strings, look-up tables or words, which ONNX runtimes for images do not",
       {"HASHTABLE_LOOKUP", "LSH_PROJECTION", "CONCAT_EMBEDDINGS", "SKIP_GRAM", "EMBEDDING_LOOKUP_SPARSE", "HASHTABLE",
        "HASHTABLE_FIND", "HASHTABLE_IMPORT", "HASHTABLE_SIZE"}},
      {"draws random numbers, so that two runs could not be compared",
       {"RANDOM_STANDARD_NORMAL", "RANDOM_UNIFORM", "MULTINOMIAL", "STABLEHLO_RNG_BIT_GENERATOR"}},
      {"computes with complex numbers, which ONNX here does not", {"RFFT2D", "IMAG", "REAL", "COMPLEX_ABS"}},
      {"reads or makes sparse tensors, which are not converted", {"SPARSE_TO_DENSE", "DENSIFY"}},
      {"is a marker of the runtime and belongs in no file", {"DELEGATE", "PLACEHOLDER_FOR_GREATER_OP_CODES"}},
      {"has a meaning of its own in each file, by a name that the message gives", {"CUSTOM"}},
      {"is retired from the file format", {"REDUCE_WINDOW"}},
      {"makes as many elements as there are different values, which no shape can say beforehand", {"UNIQUE"}},
      {"works on the bits of integers, for which ONNX has operators since opset 18 only and TensorRT none",
       {"BITCAST", "BITWISE_XOR", "RIGHT_SHIFT"}},
      {"is written by no exporter of networks; convert the model with TFLite's default converter",
       {"DILATE", "BROADCAST_ARGS"}},
      {"comes from StableHLO, which exporters lower to other operators; export the model with the default converter",
       {"STABLEHLO_LOGISTIC",
        "STABLEHLO_ADD",
        "STABLEHLO_DIVIDE",
        "STABLEHLO_MULTIPLY",
        "STABLEHLO_MAXIMUM",
        "STABLEHLO_RESHAPE",
        "STABLEHLO_CLAMP",
        "STABLEHLO_CONCATENATE",
        "STABLEHLO_BROADCAST_IN_DIM",
        "STABLEHLO_CONVOLUTION",
        "STABLEHLO_SLICE",
        "STABLEHLO_CUSTOM_CALL",
        "STABLEHLO_REDUCE",
        "STABLEHLO_ABS",
        "STABLEHLO_AND",
        "STABLEHLO_COSINE",
        "STABLEHLO_EXPONENTIAL",
        "STABLEHLO_FLOOR",
        "STABLEHLO_LOG",
        "STABLEHLO_MINIMUM",
        "STABLEHLO_NEGATE",
        "STABLEHLO_OR",
        "STABLEHLO_POWER",
        "STABLEHLO_REMAINDER",
        "STABLEHLO_RSQRT",
        "STABLEHLO_SELECT",
        "STABLEHLO_SUBTRACT",
        "STABLEHLO_TANH",
        "STABLEHLO_SCATTER",
        "STABLEHLO_COMPARE",
        "STABLEHLO_CONVERT",
        "STABLEHLO_DYNAMIC_SLICE",
        "STABLEHLO_DYNAMIC_UPDATE_SLICE",
        "STABLEHLO_PAD",
        "STABLEHLO_IOTA",
        "STABLEHLO_DOT_GENERAL",
        "STABLEHLO_REDUCE_WINDOW",
        "STABLEHLO_SORT",
        "STABLEHLO_GATHER",
        "STABLEHLO_TRANSPOSE",
        "STABLEHLO_SHIFT_LEFT",
        "STABLEHLO_CBRT"}},
  };
  return list;
}

}  // namespace

void register_unsupported(OpTable& table) {
  for (const auto& refusal : refusals()) {
    for (const auto name : refusal.names) table.refuse(name, refusal.reason);
  }
}

}  // namespace es::translate
