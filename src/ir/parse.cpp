// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <unordered_map>

#include "ir/text.h"

namespace es::ir {
namespace {

// splitmix64 (Steele, Lea, Flood 2014): one multiply chain, the same on every machine.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  // [-1, 1) in steps a float holds exactly.
  float unit() { return static_cast<float>(next() >> 40) * 0x1p-23f - 1.0f; }

 private:
  uint64_t state_;
};

template <typename T, typename Value>
TensorData narrowed(DType dtype, std::vector<int64_t> dims, const std::vector<Value>& values) {
  std::vector<T> result;
  for (const Value value : values) result.push_back(static_cast<T>(value));
  return TensorData::of(dtype, std::move(dims), result);
}

TensorData from_doubles(DType dtype, std::vector<int64_t> dims, const std::vector<double>& values) {
  switch (dtype) {
    case DType::f32:
      return narrowed<float>(dtype, std::move(dims), values);
    case DType::f64:
      return narrowed<double>(dtype, std::move(dims), values);
    case DType::f16: {
      std::vector<uint16_t> bits;
      for (const double value : values) bits.push_back(float_to_half(static_cast<float>(value)));
      return TensorData::of(dtype, std::move(dims), bits);
    }
    default:
      fail(ErrorKind::malformed, dtype, " constants cannot be written as text");
  }
}

TensorData from_ints(DType dtype, std::vector<int64_t> dims, const std::vector<int64_t>& values) {
  switch (dtype) {
    case DType::u8:
    case DType::boolean:
      return narrowed<uint8_t>(dtype, std::move(dims), values);
    case DType::i8:
      return narrowed<int8_t>(dtype, std::move(dims), values);
    case DType::u16:
      return narrowed<uint16_t>(dtype, std::move(dims), values);
    case DType::i16:
      return narrowed<int16_t>(dtype, std::move(dims), values);
    case DType::i32:
      return narrowed<int32_t>(dtype, std::move(dims), values);
    case DType::u32:
      return narrowed<uint32_t>(dtype, std::move(dims), values);
    case DType::i64:
      return TensorData::ints(std::move(dims), values);
    case DType::u64:
      return narrowed<uint64_t>(dtype, std::move(dims), values);
    default:
      fail(ErrorKind::malformed, dtype, " constants cannot be written as text");
  }
}

class Parser {
 public:
  explicit Parser(std::string_view input) : input_(input) {}

  Graph run() {
    header();
    for (skip_lines(); !at_end(); skip_lines()) statement();
    for (const auto& name : output_names_) graph_.add_output(value_named(name));
    return std::move(graph_);
  }

 private:
  [[noreturn]] void refuse(std::string_view wanted) const {
    const size_t end = std::min(input_.find('\n', position_), input_.size());
    fail(ErrorKind::malformed, "graph text line ", line_, ": found '",
         printable(input_.substr(position_, end - position_), 40), "', needed ", wanted);
  }

  // --- characters
  bool at_end() const { return position_ >= input_.size(); }
  char peek() const { return at_end() ? '\0' : input_[position_]; }
  void skip_blanks() {
    while (peek() == ' ' || peek() == '\t') ++position_;
  }
  void skip_lines() {
    while (true) {
      skip_blanks();
      if (peek() == '#') position_ = std::min(input_.find('\n', position_), input_.size());
      if (peek() != '\n') return;
      ++line_;
      ++position_;
    }
  }
  bool accept(std::string_view token) {
    skip_blanks();
    if (input_.substr(position_, token.size()) != token) return false;
    position_ += token.size();
    return true;
  }
  void expect(std::string_view token) {
    if (!accept(token)) refuse("'" + std::string(token) + "'");
  }

  // --- words
  static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '/';
  }
  std::string quoted() {
    expect("\"");
    std::string result;
    while (peek() != '"') {
      if (at_end() || peek() == '\n') refuse("a closing quote");
      if (peek() == '\\') ++position_;
      if (at_end()) refuse("a closing quote");
      result += input_[position_++];
    }
    ++position_;
    return result;
  }
  std::string word(std::string_view wanted) {
    skip_blanks();
    if (peek() == '"') return quoted();
    const size_t begin = position_;
    while (is_word(peek())) ++position_;
    if (position_ == begin) refuse(wanted);
    return std::string(input_.substr(begin, position_ - begin));
  }
  // The characters of a number; as text, so that the caller knows a float by its point.
  std::string number() {
    skip_blanks();
    const size_t begin = position_;
    while (is_word(peek()) || peek() == '-' || peek() == '+') ++position_;
    if (position_ == begin) refuse("a number");
    return std::string(input_.substr(begin, position_ - begin));
  }
  int64_t integer() {
    const auto value = to_integer(number());
    if (!value) refuse("an integer");
    return *value;
  }
  double real(const std::string& digits) {
    const auto value = to_double(digits);
    if (!value) refuse("a number");
    return *value;
  }
  static bool is_float_text(const std::string& digits) { return digits.find_first_of(".en") != std::string::npos; }

  // --- types
  DType dtype() {
    const auto found = dtype_named(word("a data type such as f32"));
    if (!found) refuse("a data type such as f32");
    return *found;
  }
  Dim dim() {
    skip_blanks();
    if (accept("?")) return {};
    if (accept("N")) return Dim::batch();
    const int64_t number_read = dim_number();
    return accept("N") ? Dim::batch(number_read) : Dim(number_read);
  }
  int64_t dim_number() {
    const size_t begin = position_;
    while (peek() >= '0' && peek() <= '9') ++position_;
    const auto value = to_integer(input_.substr(begin, position_ - begin));
    if (!value) refuse("a dimension");
    return *value;
  }
  std::optional<Shape> shape() {
    if (!accept("[")) return std::nullopt;
    std::vector<Dim> dims;
    while (!accept("]")) {
      if (!dims.empty()) expect(",");
      dims.push_back(dim());
    }
    return Shape(std::move(dims));
  }
  std::vector<int64_t> static_dims() {
    const auto parsed = shape();
    if (!parsed || !parsed->is_static()) refuse("dimensions");
    return *parsed->at_batch(1);
  }

  // --- constants
  TensorData constant_body() {
    const DType type = dtype();
    auto dims = static_dims();
    expect("{");
    std::vector<double> reals;
    std::vector<int64_t> ints;
    while (!accept("}")) {
      if (!reals.empty() || !ints.empty()) expect(",");
      if (is_float(type)) {
        reals.push_back(real(number()));
      } else {
        ints.push_back(integer());
      }
    }
    const size_t count = reals.size() + ints.size();
    if (element_count(dims) != static_cast<int64_t>(count)) refuse("as many elements as the dimensions say");
    return is_float(type) ? from_doubles(type, std::move(dims), reals) : from_ints(type, std::move(dims), ints);
  }
  TensorData random_body() {
    const DType type = dtype();
    const auto dims = static_dims();
    expect("seed=");
    return random_tensor(type, dims, static_cast<uint64_t>(integer()));
  }
  TensorData literal() {
    if (accept("[")) return TensorData::ints(int_list());
    if (accept("{")) return TensorData::floats(float_list());
    const std::string digits = number();
    if (is_float_text(digits)) return TensorData::scalar(static_cast<float>(real(digits)));
    const auto value = to_integer(digits);
    if (!value) refuse("a number");
    return TensorData::scalar(static_cast<int64_t>(*value));
  }
  Ints int_list() {
    Ints values;
    while (!accept("]")) {
      if (!values.empty()) expect(",");
      values.push_back(integer());
    }
    return values;
  }
  Floats float_list() {
    Floats values;
    while (!accept("}")) {
      if (!values.empty()) expect(",");
      values.push_back(static_cast<float>(real(number())));
    }
    return values;
  }

  // --- the graph
  void header() {
    skip_lines();
    expect("graph");
    if (accept("opset=")) graph_.opset = integer();
    expect("(");
    bool first = true;
    while (!accept(")")) {
      if (!first) expect(",");
      first = false;
      input();
    }
    expect("->");
    do output_names_.push_back(word("the name of an output"));
    while (accept(","));
  }
  void input() {
    const std::string name = word("the name of an input");
    expect(":");
    const DType type = dtype();
    const auto dims = shape();
    if (!dims) refuse("the input's shape");
    define(name, graph_.add_input(name, type, *dims));
  }
  void define(const std::string& name, ValueId id) {
    if (!values_.emplace(name, id).second) refuse("a name that is not taken, unlike '" + name + "'");
  }
  ValueId value_named(const std::string& name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) refuse("the name of a value made above, unlike '" + name + "'");
    return found->second;
  }
  ValueId argument() {
    skip_blanks();
    const char c = peek();
    if (c == '[' || c == '{' || c == '-' || (c >= '0' && c <= '9')) return graph_.add_constant(literal(), "literal");
    const bool in_quotes = c == '"';
    const std::string name = word("a value");
    return name == "_" && !in_quotes ? no_value : value_named(name);
  }
  Attribute attribute_value() {
    skip_blanks();
    if (peek() == '"') return quoted();
    if (accept("const")) return constant_body();
    if (accept("{")) return float_list();
    if (accept("[")) {
      skip_blanks();
      return peek() == '"' ? Attribute(string_list()) : Attribute(int_list());
    }
    const std::string digits = number();
    if (is_float_text(digits)) return static_cast<float>(real(digits));
    const auto value = to_integer(digits);
    if (!value) refuse("an attribute's value");
    return static_cast<int64_t>(*value);
  }
  Strings string_list() {
    Strings values;
    while (!accept("]")) {
      if (!values.empty()) expect(",");
      values.push_back(quoted());
    }
    return values;
  }

  void statement() {
    std::vector<std::string> names;
    do {
      names.push_back(word("the name of a value"));
      if (accept(":")) {  // types are inferred, those written are for people
        dtype();
        shape();
      }
    } while (accept(","));
    expect("=");
    if (accept("const ")) return define(names[0], graph_.add_constant(constant_body(), names[0]));
    if (accept("random ")) return define(names[0], graph_.add_constant(random_body(), names[0]));
    operation(names);
    skip_blanks();
    if (!at_end() && peek() != '\n' && peek() != '#') refuse("the end of the line");
  }
  void operation(const std::vector<std::string>& names) {
    Node node;
    skip_blanks();
    if (peek() == '"') {
      node.domain = quoted();
      expect(".");
    }
    node.op_type = word("an operator");
    expect("(");
    while (!accept(")")) {
      if (!node.inputs.empty()) expect(",");
      node.inputs.push_back(argument());
    }
    skip_blanks();
    while (is_word(peek())) {
      const std::string attribute = word("an attribute");
      expect("=");
      node.attributes.insert_or_assign(attribute, attribute_value());
      skip_blanks();
    }
    for (const auto& name : names) {
      node.outputs.push_back(name == "_" ? no_value : graph_.add_value(name));
      if (name != "_") define(name, node.outputs.back());
    }
    graph_.append(std::move(node));
  }

  std::string_view input_;
  size_t position_ = 0;
  int line_ = 1;
  Graph graph_;
  std::unordered_map<std::string, ValueId> values_;
  std::vector<std::string> output_names_;
};

}  // namespace

Graph parse(std::string_view text) { return Parser(text).run(); }

TensorData random_tensor(DType dtype, const std::vector<int64_t>& dims, uint64_t seed) {
  const auto count = element_count(dims);
  require(count && *count < (int64_t{1} << 28), ErrorKind::malformed, "random tensor [", join(dims, ","),
          "]: too many elements");
  Random random(seed);
  std::vector<double> reals;
  std::vector<int64_t> ints;
  for (int64_t i = 0; i < *count; ++i) {
    if (is_float(dtype)) {
      reals.push_back(random.unit());
    } else {
      ints.push_back(dtype == DType::boolean ? static_cast<int64_t>(random.next() >> 63)
                                             : static_cast<int64_t>(random.next() >> 56));
    }
  }
  return is_float(dtype) ? from_doubles(dtype, dims, reals) : from_ints(dtype, dims, ints);
}

}  // namespace es::ir
