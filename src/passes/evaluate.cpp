// SPDX-License-Identifier: Apache-2.0
//
// Two families: operators that compute, element by element over broadcast operands, and operators that only move
// elements, which are bytes here, whatever their type.
#include "passes/evaluate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "ir/shapes.h"
#include "passes/index.h"

namespace es::passes {
namespace {

using ir::DType;
using ir::Ints;
using ir::Node;
using ir::TensorData;

using Inputs = std::vector<const TensorData*>;
using Result = std::optional<TensorData>;

// --- making tensors

template <typename T, typename Value>
TensorData cast_to(DType dtype, Ints dims, const std::vector<Value>& values) {
  std::vector<T> result(values.size());
  std::transform(values.begin(), values.end(), result.begin(), [](Value value) { return static_cast<T>(value); });
  return TensorData::of(dtype, std::move(dims), result);
}

Result from_doubles(DType dtype, Ints dims, const std::vector<double>& values) {
  if (dtype == DType::f32) return cast_to<float>(dtype, std::move(dims), values);
  if (dtype == DType::f64) return cast_to<double>(dtype, std::move(dims), values);
  if (dtype != DType::f16) return std::nullopt;
  std::vector<uint16_t> halves(values.size());
  std::transform(values.begin(), values.end(), halves.begin(),
                 [](double value) { return ir::float_to_half(static_cast<float>(value)); });
  return TensorData::of(dtype, std::move(dims), halves);
}

// Wraps around where the type is too narrow, as a cast does.
Result from_ints(DType dtype, Ints dims, const std::vector<int64_t>& values) {
  switch (dtype) {
    case DType::i64:
      return TensorData::ints(std::move(dims), values);
    case DType::u64:
      return cast_to<uint64_t>(dtype, std::move(dims), values);
    case DType::i32:
      return cast_to<int32_t>(dtype, std::move(dims), values);
    case DType::u32:
      return cast_to<uint32_t>(dtype, std::move(dims), values);
    case DType::i16:
      return cast_to<int16_t>(dtype, std::move(dims), values);
    case DType::u16:
      return cast_to<uint16_t>(dtype, std::move(dims), values);
    case DType::i8:
      return cast_to<int8_t>(dtype, std::move(dims), values);
    case DType::u8:
      return cast_to<uint8_t>(dtype, std::move(dims), values);
    case DType::boolean: {
      std::vector<uint8_t> bits(values.size());
      std::transform(values.begin(), values.end(), bits.begin(), [](int64_t value) { return value != 0 ? 1 : 0; });
      return TensorData::of(dtype, std::move(dims), bits);
    }
    default:
      return std::nullopt;
  }
}

// --- computing

std::optional<Ints> broadcast_dims(const Inputs& inputs) {
  ir::Shape shape;
  for (const TensorData* input : inputs) {
    const auto wider = ir::broadcast(shape, ir::Shape(input->dims));
    if (!wider) return std::nullopt;
    shape = *wider;
  }
  return shape.at_batch(1);
}

// The elements of `values` (of `from` dims) as they repeat under `to` dims.
template <typename T>
std::vector<T> spread(const std::vector<T>& values, const Ints& from, const Ints& to) {
  Ints strides(to.size(), 0);
  const Ints own = strides_of(from);
  for (size_t i = 0; i < from.size(); ++i) strides[to.size() - from.size() + i] = from[i] == 1 ? 0 : own[i];
  std::vector<T> result;
  walk(to, strides, 0, [&](int64_t offset) { result.push_back(values[static_cast<size_t>(offset)]); });
  return result;
}

using FloatOperator = double (*)(double, double);
using IntOperator = std::optional<int64_t> (*)(int64_t, int64_t);

template <FloatOperator floats, IntOperator ints>
Result binary(const Node&, const Inputs& in) {
  if (in.size() != 2 || !in[0] || !in[1] || in[0]->dtype != in[1]->dtype) return std::nullopt;
  const auto dims = broadcast_dims(in);
  if (!dims) return std::nullopt;
  if (ir::is_float(in[0]->dtype)) {
    auto a = spread(in[0]->as_doubles(), in[0]->dims, *dims);
    const auto b = spread(in[1]->as_doubles(), in[1]->dims, *dims);
    for (size_t i = 0; i < a.size(); ++i) a[i] = floats(a[i], b[i]);
    return from_doubles(in[0]->dtype, *dims, a);
  }
  if (!ir::is_integer(in[0]->dtype)) return std::nullopt;
  auto a = spread(in[0]->as_ints(), in[0]->dims, *dims);
  const auto b = spread(in[1]->as_ints(), in[1]->dims, *dims);
  for (size_t i = 0; i < a.size(); ++i) {
    const auto value = ints(a[i], b[i]);
    if (!value) return std::nullopt;
    a[i] = *value;
  }
  return from_ints(in[0]->dtype, *dims, a);
}

double add(double a, double b) { return a + b; }
double subtract(double a, double b) { return a - b; }
double multiply(double a, double b) { return a * b; }
double divide(double a, double b) { return a / b; }
double larger(double a, double b) { return std::isnan(a) || a > b ? a : b; }
double smaller(double a, double b) { return std::isnan(a) || a < b ? a : b; }
double power(double a, double b) { return std::pow(a, b); }

std::optional<int64_t> checked(bool overflow, int64_t value) { return overflow ? std::nullopt : std::optional(value); }
std::optional<int64_t> add_ints(int64_t a, int64_t b) {
  int64_t result = 0;
  const bool overflow = __builtin_add_overflow(a, b, &result);
  return checked(overflow, result);
}
std::optional<int64_t> subtract_ints(int64_t a, int64_t b) {
  int64_t result = 0;
  const bool overflow = __builtin_sub_overflow(a, b, &result);
  return checked(overflow, result);
}
std::optional<int64_t> multiply_ints(int64_t a, int64_t b) {
  int64_t result = 0;
  const bool overflow = __builtin_mul_overflow(a, b, &result);
  return checked(overflow, result);
}
std::optional<int64_t> divide_ints(int64_t a, int64_t b) {
  return b == 0 || (b == -1 && a == INT64_MIN) ? std::nullopt : std::optional(a / b);
}
std::optional<int64_t> larger_int(int64_t a, int64_t b) { return std::max(a, b); }
std::optional<int64_t> smaller_int(int64_t a, int64_t b) { return std::min(a, b); }
std::optional<int64_t> no_ints(int64_t, int64_t) { return std::nullopt; }

template <bool (*test)(double, double)>
Result compare(const Node&, const Inputs& in) {
  if (in.size() != 2 || !in[0] || !in[1]) return std::nullopt;
  const auto dims = broadcast_dims(in);
  if (!dims) return std::nullopt;
  const auto a = spread(in[0]->as_doubles(), in[0]->dims, *dims), b = spread(in[1]->as_doubles(), in[1]->dims, *dims);
  std::vector<int64_t> result(a.size());
  for (size_t i = 0; i < a.size(); ++i) result[i] = test(a[i], b[i]);
  return from_ints(DType::boolean, *dims, result);
}

bool equal(double a, double b) { return a == b; }
bool less(double a, double b) { return a < b; }
bool greater(double a, double b) { return a > b; }
bool less_or_equal(double a, double b) { return a <= b; }
bool greater_or_equal(double a, double b) { return a >= b; }

template <double (*function)(double)>
Result unary(const Node&, const Inputs& in) {
  if (!in[0] || !ir::is_float(in[0]->dtype)) return std::nullopt;
  auto values = in[0]->as_doubles();
  for (double& value : values) value = function(value);
  return from_doubles(in[0]->dtype, in[0]->dims, values);
}

double negative(double x) { return -x; }
double reciprocal(double x) { return 1.0 / x; }
double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }
double rectify(double x) { return x > 0 ? x : 0; }

Result negate(const Node& node, const Inputs& in) {
  if (in[0] && ir::is_integer(in[0]->dtype)) {
    const TensorData zero = *from_ints(in[0]->dtype, {}, {0});
    return binary<subtract, subtract_ints>(node, {&zero, in[0]});
  }
  return unary<negative>(node, in);
}

Result cast(const Node& node, const Inputs& in) {
  const auto to = static_cast<DType>(node.get_int("to", 0));
  if (ir::is_float(in[0]->dtype) && ir::is_float(to)) return from_doubles(to, in[0]->dims, in[0]->as_doubles());
  if (!ir::is_float(in[0]->dtype) && ir::is_float(to)) {
    const auto ints = in[0]->as_ints();
    return from_doubles(to, in[0]->dims, std::vector<double>(ints.begin(), ints.end()));
  }
  if (!ir::is_float(in[0]->dtype)) return from_ints(to, in[0]->dims, in[0]->as_ints());
  std::vector<int64_t> ints;
  for (const double value : in[0]->as_doubles()) {
    if (!(std::abs(value) < 0x1p62)) return std::nullopt;
    ints.push_back(to == DType::boolean ? value != 0 : static_cast<int64_t>(value));
  }
  return from_ints(to, in[0]->dims, ints);
}

Result where(const Node&, const Inputs& in) {
  if (in.size() != 3 || !in[0] || !in[1] || !in[2] || in[1]->dtype != in[2]->dtype) return std::nullopt;
  const auto dims = broadcast_dims(in);
  if (!dims) return std::nullopt;
  const auto choice = spread(in[0]->as_ints(), in[0]->dims, *dims);
  if (ir::is_float(in[1]->dtype)) {
    auto a = spread(in[1]->as_doubles(), in[1]->dims, *dims);
    const auto b = spread(in[2]->as_doubles(), in[2]->dims, *dims);
    for (size_t i = 0; i < a.size(); ++i) a[i] = choice[i] ? a[i] : b[i];
    return from_doubles(in[1]->dtype, *dims, a);
  }
  auto a = spread(in[1]->as_ints(), in[1]->dims, *dims);
  const auto b = spread(in[2]->as_ints(), in[2]->dims, *dims);
  for (size_t i = 0; i < a.size(); ++i) a[i] = choice[i] ? a[i] : b[i];
  return from_ints(in[1]->dtype, *dims, a);
}

// (x - zero_point) * scale, per tensor or along one axis.
Result dequantize(const Node& node, const Inputs& in) {
  if (in.size() < 2 || !in[0] || !in[1] || node.find("block_size")) return std::nullopt;
  const auto rank = static_cast<int64_t>(in[0]->dims.size());
  const int64_t stated = node.get_int("axis", 1);
  const size_t axis = static_cast<size_t>(stated < 0 ? stated + rank : stated);
  const auto scales = in[1]->as_doubles();
  const bool per_axis =
      in[1]->dims.size() == 1 && (scales.size() > 1 || (axis < in[0]->dims.size() && in[0]->dims[axis] == 1));
  if (per_axis && (axis >= in[0]->dims.size() || in[0]->dims[axis] != static_cast<int64_t>(scales.size())))
    return std::nullopt;
  if (!per_axis && scales.size() != 1) return std::nullopt;
  std::vector<int64_t> zeros(scales.size(), 0);
  if (in.size() > 2 && in[2]) zeros = in[2]->as_ints();
  if (zeros.size() != scales.size()) return std::nullopt;
  Ints strides(in[0]->dims.size(), 0);
  if (per_axis) strides[axis] = 1;
  const auto quantized = in[0]->as_ints();
  std::vector<double> values;
  walk(in[0]->dims, strides, 0, [&](int64_t channel) {
    const auto c = static_cast<size_t>(channel);
    values.push_back(static_cast<double>(quantized[values.size()] - zeros[c]) * scales[c]);
  });
  return from_doubles(DType::f32, in[0]->dims, values);
}

Result range(const Node&, const Inputs& in) {
  if (in.size() != 3 || !in[0] || !in[1] || !in[2]) return std::nullopt;
  const double start = in[0]->as_doubles().at(0), limit = in[1]->as_doubles().at(0), delta = in[2]->as_doubles().at(0);
  const double count = std::ceil((limit - start) / delta);
  if (!(count <= static_cast<double>(largest_result))) return std::nullopt;
  std::vector<double> values;
  for (double i = 0; i < count; ++i) values.push_back(start + i * delta);
  const Ints dims{static_cast<int64_t>(values.size())};
  if (ir::is_float(in[0]->dtype)) return from_doubles(in[0]->dtype, dims, values);
  return from_ints(in[0]->dtype, dims, std::vector<int64_t>(values.begin(), values.end()));
}

// --- moving

// A tensor of `dims` whose element at each place is read from `data` at the offset that walk() gives.
TensorData gathered(const TensorData& data, const Ints& dims, const Ints& strides, int64_t offset) {
  const size_t size = ir::size_of(data.dtype);
  Bytes bytes(static_cast<size_t>(*ir::element_count(dims)) * size);
  uint8_t* to = bytes.data();
  walk(dims, strides, offset, [&](int64_t from) {
    std::memcpy(to, data.bytes.data() + static_cast<size_t>(from) * size, size);
    to += size;
  });
  return TensorData(data.dtype, dims, std::move(bytes));
}

std::optional<size_t> axis_of(const Node& node, size_t rank, int64_t otherwise) {
  const int64_t axis = node.get_int("axis", otherwise);
  const auto bound = static_cast<int64_t>(rank);
  if (axis < -bound || axis >= bound) return std::nullopt;
  return static_cast<size_t>(axis < 0 ? axis + bound : axis);
}

Result transpose(const Node& node, const Inputs& in) {
  Ints reversed(in[0]->dims.size());
  for (size_t i = 0; i < reversed.size(); ++i) reversed[i] = static_cast<int64_t>(reversed.size() - 1 - i);
  return permuted(*in[0], node.get_ints("perm", reversed));
}

// Joined along an axis: for every step outside of it, one run of bytes from each part.
Result concat(const Node& node, const Inputs& in) {
  const auto axis = axis_of(node, in[0]->dims.size(), 0);
  if (!axis || std::find(in.begin(), in.end(), nullptr) != in.end()) return std::nullopt;
  Ints dims = in[0]->dims;
  for (size_t i = 1; i < in.size(); ++i) dims[*axis] += in[i]->dims[*axis];
  int64_t outer = 1;
  for (size_t i = 0; i < *axis; ++i) outer *= dims[i];
  Bytes bytes;
  for (int64_t step = 0; step < outer; ++step) {
    for (const TensorData* part : in) {
      const auto run = static_cast<std::ptrdiff_t>(part->bytes.size()) / outer;
      bytes.insert(bytes.end(), part->bytes.begin() + step * run, part->bytes.begin() + (step + 1) * run);
    }
  }
  return TensorData(in[0]->dtype, dims, std::move(bytes));
}

// Along one axis, at any indices.
Result gather(const Node& node, const Inputs& in) {
  const auto axis = axis_of(node, in[0]->dims.size(), 0);
  if (!axis || !in[1]) return std::nullopt;
  const int64_t size = in[0]->dims[*axis];
  int64_t outer = 1, inner = 1;
  for (size_t i = 0; i < *axis; ++i) outer *= in[0]->dims[i];
  for (size_t i = *axis + 1; i < in[0]->dims.size(); ++i) inner *= in[0]->dims[i];
  const auto run = static_cast<std::ptrdiff_t>(inner) * static_cast<std::ptrdiff_t>(ir::size_of(in[0]->dtype));
  Bytes bytes;
  for (int64_t step = 0; step < outer; ++step) {
    for (int64_t index : in[1]->as_ints()) {
      if (index < 0) index += size;
      if (index < 0 || index >= size) return std::nullopt;
      const auto from = in[0]->bytes.begin() + (step * size + index) * run;
      bytes.insert(bytes.end(), from, from + run);
    }
  }
  Ints dims(in[0]->dims.begin(), in[0]->dims.begin() + static_cast<std::ptrdiff_t>(*axis));
  dims.insert(dims.end(), in[1]->dims.begin(), in[1]->dims.end());
  dims.insert(dims.end(), in[0]->dims.begin() + static_cast<std::ptrdiff_t>(*axis) + 1, in[0]->dims.end());
  return TensorData(in[0]->dtype, dims, std::move(bytes));
}

Ints list_or(const Inputs& in, size_t index, Ints otherwise) {
  return index < in.size() && in[index] ? in[index]->as_ints() : std::move(otherwise);
}

Result slice(const Node&, const Inputs& in, const Ints& dims) {
  if (in.size() < 3 || !in[1] || !in[2]) return std::nullopt;
  const Ints starts = in[1]->as_ints();
  Ints all(starts.size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int64_t>(i);
  const Ints axes = list_or(in, 3, all), steps = list_or(in, 4, Ints(starts.size(), 1));
  Ints strides = strides_of(in[0]->dims);
  int64_t offset = 0;
  for (size_t i = 0; i < axes.size(); ++i) {
    const auto axis = static_cast<size_t>(axes[i] < 0 ? axes[i] + static_cast<int64_t>(dims.size()) : axes[i]);
    const int64_t size = in[0]->dims[axis];
    const int64_t start =
        std::clamp<int64_t>(starts[i] < 0 ? starts[i] + size : starts[i], 0, steps[i] < 0 ? size - 1 : size);
    offset += start * strides[axis];
    if (dims[axis] > 1) strides[axis] *= steps[i];
  }
  return gathered(*in[0], dims, strides, offset);
}

// Rank and sizes are the shape rule's; here every axis of size 1 is walked on the spot.
Result expand(const Node&, const Inputs& in, const Ints& dims) {
  Ints strides(dims.size(), 0);
  const Ints own = strides_of(in[0]->dims);
  for (size_t i = 0; i < own.size(); ++i) {
    strides[dims.size() - own.size() + i] = in[0]->dims[i] == 1 ? 0 : own[i];
  }
  return gathered(*in[0], dims, strides, 0);
}

Result tile(const Node& node, const Inputs& in, const Ints& dims) {
  // [a, b] tiled by [r, s] is [1, a, 1, b] expanded to [r, a, s, b].
  Ints interleaved, expanded;
  for (size_t i = 0; i < dims.size(); ++i) {
    if (in[0]->dims[i] == 0) return std::nullopt;
    interleaved.insert(interleaved.end(), {1, in[0]->dims[i]});
    expanded.insert(expanded.end(), {dims[i] / in[0]->dims[i], in[0]->dims[i]});
  }
  const TensorData view = reshaped(*in[0], interleaved);
  return reshaped(*expand(node, {&view}, expanded), dims);
}

Result constant_of_shape(const Node& node, const Inputs&, const Ints& dims) {
  const ir::Attribute* value = node.find("value");
  const auto* tensor = value ? std::get_if<TensorData>(value) : nullptr;
  if (tensor && tensor->elements() != 1) return std::nullopt;
  const TensorData element = tensor ? reshaped(*tensor, {}) : TensorData::scalar(0.0f);
  return gathered(element, dims, Ints(dims.size(), 0), 0);
}

Result with_dims(const Node&, const Inputs& in, const Ints& dims) { return reshaped(*in[0], dims); }

// --- the tables

struct ComputeRow {
  std::string_view op_type;
  Result (*compute)(const Node&, const Inputs&);
};

constexpr std::array compute_rows{
    ComputeRow{"Abs", unary<std::fabs>},
    ComputeRow{"Add", binary<add, add_ints>},
    ComputeRow{"Cast", cast},
    ComputeRow{"Ceil", unary<std::ceil>},
    ComputeRow{"Concat", concat},
    ComputeRow{"Cos", unary<std::cos>},
    ComputeRow{"DequantizeLinear", dequantize},
    ComputeRow{"Div", binary<divide, divide_ints>},
    ComputeRow{"Equal", compare<equal>},
    ComputeRow{"Erf", unary<std::erf>},
    ComputeRow{"Exp", unary<std::exp>},
    ComputeRow{"Floor", unary<std::floor>},
    ComputeRow{"Gather", gather},
    ComputeRow{"Greater", compare<greater>},
    ComputeRow{"GreaterOrEqual", compare<greater_or_equal>},
    ComputeRow{"Less", compare<less>},
    ComputeRow{"LessOrEqual", compare<less_or_equal>},
    ComputeRow{"Log", unary<std::log>},
    ComputeRow{"Max", binary<larger, larger_int>},
    ComputeRow{"Min", binary<smaller, smaller_int>},
    ComputeRow{"Mul", binary<multiply, multiply_ints>},
    ComputeRow{"Neg", negate},
    ComputeRow{"Pow", binary<power, no_ints>},
    ComputeRow{"Range", range},
    ComputeRow{"Reciprocal", unary<reciprocal>},
    ComputeRow{"Relu", unary<rectify>},
    ComputeRow{"Round", unary<std::nearbyint>},
    ComputeRow{"Sigmoid", unary<sigmoid>},
    ComputeRow{"Sin", unary<std::sin>},
    ComputeRow{"Sqrt", unary<std::sqrt>},
    ComputeRow{"Sub", binary<subtract, subtract_ints>},
    ComputeRow{"Tanh", unary<std::tanh>},
    ComputeRow{"Transpose", transpose},
    ComputeRow{"Where", where},
};

// These need the dimensions of their result, which the shape rule knows.
struct MoveRow {
  std::string_view op_type;
  Result (*move)(const Node&, const Inputs&, const Ints& dims);
};

constexpr std::array move_rows{
    MoveRow{"ConstantOfShape", constant_of_shape},
    MoveRow{"Expand", expand},
    MoveRow{"Flatten", with_dims},
    MoveRow{"Identity", with_dims},
    MoveRow{"Reshape", with_dims},
    MoveRow{"Slice", slice},
    MoveRow{"Squeeze", with_dims},
    MoveRow{"Tile", tile},
    MoveRow{"Unsqueeze", with_dims},
};

// The dimensions of every output by the operator's shape rule, in a graph of this node alone. Nothing where the rule
// knows them not, or finds a contradiction.
std::optional<std::vector<Ints>> result_dims(const Node& node, const Inputs& inputs) {
  ir::Graph graph;
  Node alone = node;
  alone.inputs.clear();
  alone.outputs.clear();
  for (const TensorData* input : inputs) {
    // Aliased, not copied: the graph does not outlive the call.
    const std::shared_ptr<const TensorData> borrowed(std::shared_ptr<void>(), input);
    alone.inputs.push_back(input ? graph.add_constant(borrowed) : ir::no_value);
  }
  for (size_t i = 0; i < node.outputs.size(); ++i) alone.outputs.push_back(graph.add_value());
  const ir::NodeId id = graph.append(alone);
  if (ir::ShapeInference(graph).run(id)) return std::nullopt;
  std::vector<Ints> result;
  for (const ir::ValueId output : graph.node(id).outputs) {
    const auto& shape = graph.value(output).shape;
    if (!shape || !shape->is_static()) return std::nullopt;
    result.push_back(*shape->at_batch(1));
  }
  return result;
}

bool is_affordable(const std::vector<Ints>& dims, const Inputs& inputs) {
  int64_t from = 0;
  for (const TensorData* input : inputs) from += input ? static_cast<int64_t>(input->bytes.size()) : 0;
  for (const Ints& one : dims) {
    const auto count = ir::element_count(one);
    // 8: the widest element. Division, because the product may not fit.
    if (!count || *count > std::max(largest_result, 8 * from) / 8) return false;
  }
  return true;
}

Result evaluate_one(const Node& node, const Inputs& inputs, const Ints& dims) {
  for (const auto& row : compute_rows) {
    if (row.op_type == node.op_type) return row.compute(node, inputs);
  }
  for (const auto& row : move_rows) {
    if (row.op_type == node.op_type) return row.move(node, inputs, dims);
  }
  return std::nullopt;
}

bool has_row(std::string_view op_type) {
  const auto is_it = [&](const auto& row) { return row.op_type == op_type; };
  return std::any_of(compute_rows.begin(), compute_rows.end(), is_it) ||
         std::any_of(move_rows.begin(), move_rows.end(), is_it) || op_type == "Split";
}

// A Split is one Slice per output.
std::optional<std::vector<TensorData>> evaluate_split(const Node& node, const Inputs& inputs,
                                                      const std::vector<Ints>& dims) {
  const auto axis = axis_of(node, inputs[0]->dims.size(), 0);
  if (!axis) return std::nullopt;
  std::vector<TensorData> parts;
  const Ints strides = strides_of(inputs[0]->dims);
  int64_t start = 0;
  for (const Ints& part : dims) {
    parts.push_back(gathered(*inputs[0], part, strides, start * strides[*axis]));
    start += part[*axis];
  }
  return parts;
}

}  // namespace

std::optional<std::vector<TensorData>> evaluate(const Node& node, const Inputs& inputs) {
  if (!node.domain.empty() || inputs.empty() || !inputs[0] || !has_row(node.op_type)) return std::nullopt;
  const auto dims = result_dims(node, inputs);
  if (!dims || dims->empty() || !is_affordable(*dims, inputs)) return std::nullopt;
  if (node.op_type == "Split") return evaluate_split(node, inputs, *dims);
  auto result = evaluate_one(node, inputs, dims->front());
  if (!result || result->dims != dims->front()) return std::nullopt;
  return std::vector<TensorData>{std::move(*result)};
}

TensorData permuted(const TensorData& data, const Ints& perm) {
  const Ints own = strides_of(data.dims);
  Ints dims(perm.size()), strides(perm.size());
  for (size_t i = 0; i < perm.size(); ++i) {
    dims[i] = data.dims[static_cast<size_t>(perm[i])];
    strides[i] = own[static_cast<size_t>(perm[i])];
  }
  return gathered(data, dims, strides, 0);
}

TensorData reshaped(const TensorData& data, Ints dims) { return TensorData(data.dtype, std::move(dims), data.bytes); }

}  // namespace es::passes
