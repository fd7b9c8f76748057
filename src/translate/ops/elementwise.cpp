// SPDX-License-Identifier: Apache-2.0
//
// What is computed for each element by itself: arithmetic of two tensors, comparisons, unary functions, activations,
// CAST.
//
// Both formats broadcast from the right. Integers divide towards zero in both. Where ONNX has no such operator, it is
// put together; each such function says how.
#include <cmath>
#include <numbers>

#include "translate/constants.h"
#include "translate/op.h"
#include "translate/ops/families.h"

namespace es::translate {
namespace {

// --- one ONNX node

template <const char* onnx_name>
void unary(Op& op) {
  op.output(0, op.emit(onnx_name, {op.input(0)}));
}

template <const char* onnx_name>
void binary(Op& op) {
  op.output(0, op.emit(onnx_name, {op.input(0), op.input(1)}));
}

template <const char* onnx_name>
void arithmetic(Op& op) {
  const auto y = op.emit(onnx_name, {op.input(0), op.input(1)});
  op.output(0, op.activate(y, op.options<tflite::ArithmeticOptions>().fused_activation_function));
}

// ONNX's own spelling, once.
constexpr char add[] = "Add", sub[] = "Sub", mul[] = "Mul", div[] = "Div";
constexpr char max[] = "Max", min[] = "Min", pow[] = "Pow";
constexpr char logical_and[] = "And", logical_or[] = "Or", logical_not[] = "Not";
constexpr char equal[] = "Equal", less[] = "Less", less_or_equal[] = "LessOrEqual", greater[] = "Greater",
               greater_or_equal[] = "GreaterOrEqual";
constexpr char abs[] = "Abs", ceil[] = "Ceil", cos[] = "Cos", exp[] = "Exp", floor[] = "Floor", log[] = "Log",
               neg[] = "Neg", round[] = "Round", sign[] = "Sign", sin[] = "Sin", sqrt[] = "Sqrt";
constexpr char relu[] = "Relu", sigmoid[] = "Sigmoid", tanh[] = "Tanh";

// --- several nodes

void add_n(Op& op) { op.output(0, op.emit("Sum", op.all_inputs())); }

void square(Op& op) { op.output(0, op.emit("Mul", {op.input(0), op.input(0)})); }

void squared_difference(Op& op) {
  const auto difference = op.emit("Sub", {op.input(0), op.input(1)});
  op.output(0, op.emit("Mul", {difference, difference}));
}

void rsqrt(Op& op) { op.output(0, op.emit("Reciprocal", {op.emit("Sqrt", {op.input(0)})})); }

ValueId falsehood(Op& op, ValueId statement) { return op.emit("Not", {statement}); }

void not_equal(Op& op) { op.output(0, falsehood(op, op.emit("Equal", {op.input(0), op.input(1)}))); }

// Of floats: rounded down. Of integers: ONNX's quotient is cut off, so it is one too large where a remainder is left
// and the signs differ.
void floor_div(Op& op) {
  const auto x = op.input(0), y = op.input(1);
  const auto quotient = op.emit("Div", {x, y});
  if (ir::is_float(op.dtype(x))) return op.output(0, op.emit("Floor", {quotient}));
  const auto dtype = op.dtype(x);
  const auto zero = op.scalar(0, dtype);
  const auto remainder = op.emit("Sub", {x, op.emit("Mul", {quotient, y})});
  const auto is_inexact = falsehood(op, op.emit("Equal", {remainder, zero}));
  const auto signs_differ = op.emit("Xor", {op.emit("Less", {remainder, zero}), op.emit("Less", {y, zero})});
  const auto excess = op.cast(op.emit("And", {is_inexact, signs_differ}), dtype);
  op.output(0, op.emit("Sub", {quotient, excess}));
}

// Has the divisor's sign. Of floats: the exact remainder of C's fmod, moved by the divisor where the signs differ.
void floor_mod(Op& op) {
  const auto x = op.input(0), y = op.input(1);
  if (!ir::is_float(op.dtype(x))) return op.output(0, op.emit("Mod", {x, y}));
  const auto remainder = op.emit("Mod", {x, y}, {{"fmod", int64_t{1}}});
  const auto signs_differ = op.emit("Less", {op.emit("Mul", {remainder, y}), op.scalar(0)});
  op.output(0, op.emit("Where", {signs_differ, op.emit("Add", {remainder, y}), remainder}));
}

// Of y over x, in all four quadrants.
void atan2(Op& op) {
  constexpr double pi = 3.14159265358979323846;
  const auto y = op.input(0), x = op.input(1);
  const auto zero = op.scalar(0);
  // Over 0 the quotient is infinite, and its arc a quarter turn.
  const auto arc = op.emit("Atan", {op.emit("Div", {y, x})});
  const auto half_turn = op.emit("Where", {op.emit("Less", {y, zero}), op.scalar(-pi), op.scalar(pi)});
  const auto behind = op.emit("Where", {op.emit("Less", {x, zero}), op.emit("Add", {arc, half_turn}), arc});
  const auto is_nothing = op.emit("And", {op.emit("Equal", {x, zero}), op.emit("Equal", {y, zero})});
  op.output(0, op.emit("Where", {is_nothing, zero, behind}));
}

// How many boundaries a number is not below.
void bucketize(Op& op) {
  const auto x = op.input(0);
  const auto boundaries = op.options<tflite::BucketizeOptions>().boundaries;
  if (boundaries.empty()) op.refuse("it has no boundaries");
  const auto list = op.add_constant(ir::TensorData::floats(std::vector<float>(boundaries.begin(), boundaries.end())));
  const auto values = op.unsqueeze(op.cast(x, ir::DType::f32), {op.rank(x)});
  const auto passed = op.cast(op.emit("GreaterOrEqual", {values, list}), ir::DType::f32);
  op.output(0, op.cast(op.reduce("ReduceSum", passed, {op.rank(x)}, false), ir::DType::i32));
}

void select(Op& op) {
  auto condition = op.input(0);
  const int rank = op.rank(op.input(1));
  // The older operator takes a list as one decision for each row.
  if (op.source().name == "SELECT" && op.rank(condition) == 1 && rank > 1) {
    Ints inner;
    for (int64_t axis = 1; axis < rank; ++axis) inner.push_back(axis);
    condition = op.unsqueeze(condition, inner);
  }
  op.output(0, op.emit("Where", {condition, op.input(1), op.input(2)}));
}

void cast(Op& op) {
  const auto x = op.input(0);
  const auto to = dtype_of(op.output_tensor(0).type);
  op.output(0, op.emit("Cast", {x}, {{"to", static_cast<int64_t>(to)}}));
}

// --- activations

void relu6(Op& op) { op.output(0, op.activate(op.input(0), tflite::ActivationFunctionType::relu6)); }

void relu_n1_to_1(Op& op) { op.output(0, op.activate(op.input(0), tflite::ActivationFunctionType::relu_n1_to_1)); }

void relu_0_to_1(Op& op) { op.output(0, op.emit("Clip", {op.input(0), op.scalar(0), op.scalar(1)})); }

void elu(Op& op) { op.output(0, op.emit("Elu", {op.input(0)}, {{"alpha", 1.0f}})); }

void leaky_relu(Op& op) {
  op.output(0, op.emit("LeakyRelu", {op.input(0)}, {{"alpha", op.options<tflite::LeakyReluOptions>().alpha}}));
}

void prelu(Op& op) { op.output(0, op.emit("PRelu", {op.input(0), op.input(1)})); }

// x * clamp(x / 6 + 1/2, 0, 1)
void hard_swish(Op& op) {
  const auto x = op.input(0);
  if (op.may_use_opset(14)) return op.output(0, op.emit("HardSwish", {x}));
  const auto gate = op.emit("HardSigmoid", {x}, {{"alpha", 1.0f / 6.0f}, {"beta", 0.5f}});
  op.output(0, op.emit("Mul", {x, gate}));
}

// x/2 * (1 + erf(x / sqrt 2))
ValueId exact_gelu(Op& op, ValueId x) {
  const auto scaled = op.emit("Mul", {x, op.scalar(static_cast<float>(1 / std::numbers::sqrt2))});
  const auto gate = op.emit("Add", {op.emit("Erf", {scaled}), op.scalar(1)});
  return op.emit("Mul", {op.emit("Mul", {x, op.scalar(0.5)}), gate});
}

// x/2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3)))
ValueId approximate_gelu(Op& op, ValueId x) {
  const auto cube = op.emit("Mul", {op.emit("Mul", {x, x}), x});
  const auto inner = op.emit("Add", {x, op.emit("Mul", {cube, op.scalar(0.044715f)})});
  const auto scaled = op.emit("Mul", {inner, op.scalar(static_cast<float>(std::sqrt(2 / std::numbers::pi)))});
  const auto gate = op.emit("Add", {op.emit("Tanh", {scaled}), op.scalar(1)});
  return op.emit("Mul", {op.emit("Mul", {x, op.scalar(0.5)}), gate});
}

void gelu(Op& op) {
  const auto x = op.input(0);
  const bool approximate = op.options<tflite::GeluOptions>().approximate;
  if (op.may_use_opset(20)) {
    return op.output(0, op.emit("Gelu", {x}, {{"approximate", std::string(approximate ? "tanh" : "none")}}));
  }
  op.output(0, approximate ? approximate_gelu(op, x) : exact_gelu(op, x));
}

void register_binary(OpTable& table) {
  table.add("ADD", {1, 5}, arithmetic<add>, "Add, Relu, Clip");
  table.add("SUB", {1, 5}, arithmetic<sub>, "Sub, Relu, Clip");
  table.add("MUL", {1, 7}, arithmetic<mul>, "Mul, Relu, Clip");
  table.add("DIV", {1, 2}, arithmetic<div>, "Div, Relu, Clip");
  table.add("ADD_N", {1, 1}, add_n, "Sum");
  table.add("MAXIMUM", {1, 4}, binary<max>, "Max");
  table.add("MINIMUM", {1, 4}, binary<min>, "Min");
  table.add("POW", {1, 1}, binary<pow>, "Pow");
  table.add("SQUARED_DIFFERENCE", {1, 2}, squared_difference, "Sub, Mul");
  table.add("FLOOR_DIV", {1, 3}, floor_div, "Div, Floor, Mul, Sub, Equal, Not, Less, Xor, And, Cast");
  table.add("FLOOR_MOD", {1, 2}, floor_mod, "Mod, Mul, Less, Add, Where");
}

void register_comparisons(OpTable& table) {
  table.add("EQUAL", {1, 5}, binary<equal>, "Equal");
  table.add("NOT_EQUAL", {1, 4}, not_equal, "Equal, Not");
  table.add("LESS", {1, 3}, binary<less>, "Less");
  table.add("LESS_EQUAL", {1, 2}, binary<less_or_equal>, "LessOrEqual");
  table.add("GREATER", {1, 2}, binary<greater>, "Greater");
  table.add("GREATER_EQUAL", {1, 3}, binary<greater_or_equal>, "GreaterOrEqual");
  table.add("LOGICAL_AND", {1, 1}, binary<logical_and>, "And");
  table.add("LOGICAL_OR", {1, 1}, binary<logical_or>, "Or");
  table.add("LOGICAL_NOT", {1, 1}, unary<logical_not>, "Not");
  table.add("SELECT", {1, 4}, select, "Unsqueeze, Where");
  table.add("SELECT_V2", {1, 2}, select, "Where");
}

void register_unary(OpTable& table) {
  table.add("ABS", {1, 5}, unary<abs>, "Abs");
  table.add("CEIL", {1, 1}, unary<ceil>, "Ceil");
  table.add("COS", {1, 1}, unary<cos>, "Cos");
  table.add("EXP", {1, 2}, unary<exp>, "Exp");
  table.add("FLOOR", {1, 1}, unary<floor>, "Floor");
  table.add("LOG", {1, 2}, unary<log>, "Log");
  table.add("NEG", {1, 1}, unary<neg>, "Neg");
  table.add("ROUND", {1, 1}, unary<round>, "Round");
  table.add("RSQRT", {1, 3}, rsqrt, "Sqrt, Reciprocal");
  table.add("SIGN", {1, 2}, unary<sign>, "Sign");
  table.add("SIN", {1, 1}, unary<sin>, "Sin");
  table.add("SQRT", {1, 2}, unary<sqrt>, "Sqrt");
  table.add("SQUARE", {1, 1}, square, "Mul");
  table.add("CAST", {1, 8}, cast, "Cast");
}

void register_activations(OpTable& table) {
  table.add("RELU", {1, 3}, unary<relu>, "Relu");
  table.add("RELU6", {1, 3}, relu6, "Clip");
  table.add("RELU_N1_TO_1", {1, 1}, relu_n1_to_1, "Clip");
  table.add("RELU_0_TO_1", {1, 1}, relu_0_to_1, "Clip");
  table.add("LOGISTIC", {1, 3}, unary<sigmoid>, "Sigmoid");
  table.add("TANH", {1, 3}, unary<tanh>, "Tanh");
  table.add("ELU", {1, 1}, elu, "Elu");
  table.add("LEAKY_RELU", {1, 2}, leaky_relu, "LeakyRelu");
  table.add("PRELU", {1, 1}, prelu, "PRelu");
  table.add("HARD_SWISH", {1, 1}, hard_swish, "HardSwish, HardSigmoid, Mul");
  table.add("GELU", {1, 2}, gelu, "Gelu, Mul, Erf, Tanh, Add");
}

}  // namespace

void register_elementwise(OpTable& table) {
  register_binary(table);
  register_comparisons(table);
  register_unary(table);
  register_activations(table);
  table.add("ATAN2", {1, 1}, atan2, "Div, Atan, Less, Where, Add, And, Equal");
  table.add("BUCKETIZE", {1, 1}, bucketize, "Unsqueeze, Cast, GreaterOrEqual, ReduceSum");
}

}  // namespace es::translate
