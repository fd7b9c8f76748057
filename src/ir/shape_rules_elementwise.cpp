// SPDX-License-Identifier: Apache-2.0
//
// Shape rules of operators that work element by element: the output is the input's shape, or what the inputs broadcast
// to. Normalisations and softmaxes stand here as well: they change values, not shapes.
#include <array>

#include "ir/shape_context.h"

namespace es::ir {
namespace {

std::optional<Shape> copy_of(const Shape* shape) { return shape ? std::optional<Shape>(*shape) : std::nullopt; }

void same_as_first(ShapeContext& context) { context.output(0, context.dtype(0), copy_of(context.shape(0))); }

void same_as_first_boolean(ShapeContext& context) { context.output(0, DType::boolean, copy_of(context.shape(0))); }

// Softmax and its like: the axis must exist.
void same_along_axis(ShapeContext& context) {
  if (const Shape* shape = context.shape(0); shape && shape->rank() > 0) {
    if (!context.axis(context.node().get_int("axis", -1), shape->rank())) return;
  }
  same_as_first(context);
}

void identity(ShapeContext& context) {
  same_as_first(context);
  if (auto content = context.content(0)) context.output_content(0, std::move(*content));
}

void dropout(ShapeContext& context) {
  identity(context);
  context.output(1, DType::boolean, copy_of(context.shape(0)));
}

// Scale, bias, mean and variance have one element per channel.
void batch_normalization(ShapeContext& context) {
  same_as_first(context);
  const Shape* shape = context.shape(0);
  if (!shape || shape->rank() < 2) return;
  for (size_t i = 1; i < 5; ++i) {
    const Shape* per_channel = context.shape(i);
    if (!per_channel) continue;
    if (per_channel->rank() != 1 || !broadcast((*shape)[1], (*per_channel)[0]) ||
        (per_channel->is_static() && (*shape)[1].is_static() && (*per_channel)[0] != (*shape)[1])) {
      return context.contradiction("input ", i, " is ", *per_channel, ", the ", (*shape)[1],
                                   " channels of the data need one element each");
    }
  }
}

std::optional<Shape> broadcast_all(ShapeContext& context, size_t first) {
  std::optional<Shape> result;
  for (size_t i = first; i < context.inputs(); ++i) {
    const Shape* shape = context.shape(i);
    if (!shape) return std::nullopt;
    auto wider = result ? broadcast(*result, *shape) : *shape;
    if (!wider) {
      context.contradiction(*result, " and ", *shape, " do not broadcast");
      return std::nullopt;
    }
    result = std::move(wider);
  }
  return result;
}

// Shapes are computed with Add, Sub, Mul and Div of integers.
using Arithmetic = std::optional<Dim> (*)(const Dim&, const Dim&);

std::optional<Dim> sum(const Dim& a, const Dim& b) { return add(a, b); }
std::optional<Dim> product(const Dim& a, const Dim& b) { return multiply(a, b); }
std::optional<Dim> difference(const Dim& a, const Dim& b) {
  if (b.is(0)) return a;
  Dim result;
  if (a.times_batch != b.times_batch || __builtin_sub_overflow(a.size, b.size, &result.size)) return std::nullopt;
  return result.size == Dim::unknown ? std::nullopt : std::optional(result);
}
std::optional<Dim> quotient(const Dim& a, const Dim& b) {
  if (a.is_static() && b.is_static() && b.size > 0 && a.size >= 0) return Dim(a.size / b.size);
  return divide_exactly(a, b);
}

void follow_content(ShapeContext& context, Arithmetic arithmetic) {
  const auto a = context.content(0);
  const auto b = context.content(1);
  if (!a || !b || a->empty() || b->empty() || (a->size() != b->size() && a->size() != 1 && b->size() != 1)) return;
  std::vector<Dim> result;
  for (size_t i = 0; i < std::max(a->size(), b->size()); ++i) {
    const auto dim = arithmetic((*a)[a->size() == 1 ? 0 : i], (*b)[b->size() == 1 ? 0 : i]);
    if (!dim || !dim->is_known()) return;
    result.push_back(*dim);
  }
  context.output_content(0, std::move(result));
}

void broadcast_operands(ShapeContext& context) { context.output(0, context.dtype(0), broadcast_all(context, 0)); }
void broadcast_to_boolean(ShapeContext& context) { context.output(0, DType::boolean, broadcast_all(context, 0)); }

template <Arithmetic arithmetic>
void arithmetic_operands(ShapeContext& context) {
  broadcast_operands(context);
  if (is_integer(context.dtype(0))) follow_content(context, arithmetic);
}

void where(ShapeContext& context) { context.output(0, context.dtype(1), broadcast_all(context, 0)); }

void cast(ShapeContext& context) {
  const auto to = static_cast<DType>(context.node().get_int("to", 0));
  context.output(0, to, copy_of(context.shape(0)));
  auto content = context.content(0);
  if (content && is_integer(to)) context.output_content(0, std::move(*content));
}

void cast_like(ShapeContext& context) { context.output(0, context.dtype(1), copy_of(context.shape(0))); }

void quantize_linear(ShapeContext& context) {
  const auto stated = static_cast<DType>(context.node().get_int("output_dtype", 0));
  const DType otherwise = stated != DType::undefined ? stated : DType::u8;
  context.output(0, context.has(2) ? context.dtype(2) : otherwise, copy_of(context.shape(0)));
}

void dequantize_linear(ShapeContext& context) { context.output(0, context.dtype(1), copy_of(context.shape(0))); }

constexpr auto same = same_as_first;
constexpr std::array rows{
    ShapeRuleRow{"Abs", same},
    ShapeRuleRow{"Acos", same},
    ShapeRuleRow{"Add", arithmetic_operands<sum>},
    ShapeRuleRow{"And", broadcast_to_boolean},
    ShapeRuleRow{"Asin", same},
    ShapeRuleRow{"Atan", same},
    ShapeRuleRow{"BatchNormalization", batch_normalization},
    ShapeRuleRow{"Cast", cast},
    ShapeRuleRow{"CastLike", cast_like},
    ShapeRuleRow{"Ceil", same},
    ShapeRuleRow{"Celu", same},
    ShapeRuleRow{"Clip", same},
    ShapeRuleRow{"Cos", same},
    ShapeRuleRow{"CumSum", same},
    ShapeRuleRow{"DequantizeLinear", dequantize_linear},
    ShapeRuleRow{"Div", arithmetic_operands<quotient>},
    ShapeRuleRow{"Dropout", dropout},
    ShapeRuleRow{"Elu", same},
    ShapeRuleRow{"Equal", broadcast_to_boolean},
    ShapeRuleRow{"Erf", same},
    ShapeRuleRow{"Exp", same},
    ShapeRuleRow{"Floor", same},
    ShapeRuleRow{"Gelu", same},
    ShapeRuleRow{"Greater", broadcast_to_boolean},
    ShapeRuleRow{"GreaterOrEqual", broadcast_to_boolean},
    ShapeRuleRow{"GroupNormalization", same},
    ShapeRuleRow{"HardSigmoid", same},
    ShapeRuleRow{"HardSwish", same},
    ShapeRuleRow{"Hardmax", same_along_axis},
    ShapeRuleRow{"Identity", identity},
    ShapeRuleRow{"InstanceNormalization", same},
    ShapeRuleRow{"IsInf", same_as_first_boolean},
    ShapeRuleRow{"IsNaN", same_as_first_boolean},
    ShapeRuleRow{"LRN", same},
    ShapeRuleRow{"LayerNormalization", same_along_axis},
    ShapeRuleRow{"LeakyRelu", same},
    ShapeRuleRow{"Less", broadcast_to_boolean},
    ShapeRuleRow{"LessOrEqual", broadcast_to_boolean},
    ShapeRuleRow{"Log", same},
    ShapeRuleRow{"LogSoftmax", same_along_axis},
    ShapeRuleRow{"LpNormalization", same_along_axis},
    ShapeRuleRow{"Max", broadcast_operands},
    ShapeRuleRow{"Mean", broadcast_operands},
    ShapeRuleRow{"Min", broadcast_operands},
    ShapeRuleRow{"Mish", same},
    ShapeRuleRow{"Mod", broadcast_operands},
    ShapeRuleRow{"Mul", arithmetic_operands<product>},
    ShapeRuleRow{"Neg", same},
    ShapeRuleRow{"Not", same_as_first_boolean},
    ShapeRuleRow{"Or", broadcast_to_boolean},
    ShapeRuleRow{"PRelu", same},
    ShapeRuleRow{"Pow", broadcast_operands},
    ShapeRuleRow{"QuantizeLinear", quantize_linear},
    ShapeRuleRow{"Reciprocal", same},
    ShapeRuleRow{"Relu", same},
    ShapeRuleRow{"ReverseSequence", same},
    ShapeRuleRow{"Round", same},
    ShapeRuleRow{"Selu", same},
    ShapeRuleRow{"Shrink", same},
    ShapeRuleRow{"Sigmoid", same},
    ShapeRuleRow{"Sign", same},
    ShapeRuleRow{"Sin", same},
    ShapeRuleRow{"Softmax", same_along_axis},
    ShapeRuleRow{"Softplus", same},
    ShapeRuleRow{"Softsign", same},
    ShapeRuleRow{"Sqrt", same},
    ShapeRuleRow{"Sub", arithmetic_operands<difference>},
    ShapeRuleRow{"Sum", broadcast_operands},
    ShapeRuleRow{"Tan", same},
    ShapeRuleRow{"Tanh", same},
    ShapeRuleRow{"ThresholdedRelu", same},
    ShapeRuleRow{"Trilu", same},
    ShapeRuleRow{"Where", where},
    ShapeRuleRow{"Xor", broadcast_to_boolean},
};

}  // namespace

std::span<const ShapeRuleRow> elementwise_shape_rules() { return rows; }

}  // namespace es::ir
