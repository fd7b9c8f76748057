// SPDX-License-Identifier: Apache-2.0
//
// For tests alone: small .tflite files written in the words of the schema. `model` stays open, so that a test can break
// one thing in an otherwise sound file.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "tflite/schema_generated.h"

namespace es::tflite::testing {

class ModelBuilder {
 public:
  ModelBuilder() {
    model.version = 3;
    model.subgraphs.push_back(std::make_unique<schema::SubGraphT>());
    model.buffers.push_back(std::make_unique<schema::BufferT>());
  }

  schema::SubGraphT& graph() { return *model.subgraphs[0]; }
  schema::TensorT& tensor_at(int index) { return *graph().tensors[static_cast<size_t>(index)]; }
  schema::OperatorT& op_at(int index) { return *graph().operators[static_cast<size_t>(index)]; }

  int tensor(std::string name, std::vector<int32_t> shape, schema::TensorType type = schema::TensorType_FLOAT32) {
    auto made = std::make_unique<schema::TensorT>();
    made->name = std::move(name);
    made->shape = std::move(shape);
    made->type = type;
    graph().tensors.push_back(std::move(made));
    return static_cast<int>(graph().tensors.size()) - 1;
  }

  int input(std::string name, std::vector<int32_t> shape, schema::TensorType type = schema::TensorType_FLOAT32) {
    const int index = tensor(std::move(name), std::move(shape), type);
    graph().inputs.push_back(index);
    return index;
  }

  template <typename T>
  int constant(std::string name, std::vector<int32_t> shape, const std::vector<T>& values, schema::TensorType type) {
    auto buffer = std::make_unique<schema::BufferT>();
    buffer->data.resize(values.size() * sizeof(T));
    if (!values.empty()) std::memcpy(buffer->data.data(), values.data(), buffer->data.size());
    model.buffers.push_back(std::move(buffer));
    const int index = tensor(std::move(name), std::move(shape), type);
    tensor_at(index).buffer = static_cast<uint32_t>(model.buffers.size() - 1);
    return index;
  }
  int floats(std::string name, std::vector<int32_t> shape, const std::vector<float>& values) {
    return constant(std::move(name), std::move(shape), values, schema::TensorType_FLOAT32);
  }
  int ints(std::string name, const std::vector<int32_t>& values) {
    return constant(std::move(name), {static_cast<int32_t>(values.size())}, values, schema::TensorType_INT32);
  }

  // An operator with the fields of `options`, any of the schema's option tables (with a T at the end of its name).
  template <typename Table>
  int op(schema::BuiltinOperator code, std::vector<int32_t> inputs, std::vector<int32_t> outputs, Table options) {
    const int index = op(code, std::move(inputs), std::move(outputs));
    op_at(index).builtin_options.Set(std::move(options));
    return index;
  }
  int op(schema::BuiltinOperator code, std::vector<int32_t> inputs, std::vector<int32_t> outputs) {
    auto operator_code = std::make_unique<schema::OperatorCodeT>();
    operator_code->builtin_code = code;
    operator_code->deprecated_builtin_code = static_cast<int8_t>(std::min<int>(code, 127));
    model.operator_codes.push_back(std::move(operator_code));
    auto made = std::make_unique<schema::OperatorT>();
    made->opcode_index = static_cast<uint32_t>(model.operator_codes.size() - 1);
    made->inputs = std::move(inputs);
    made->outputs = std::move(outputs);
    graph().operators.push_back(std::move(made));
    return static_cast<int>(graph().operators.size()) - 1;
  }
  int custom_op(std::string custom_code, std::vector<int32_t> inputs, std::vector<int32_t> outputs) {
    const int index = op(schema::BuiltinOperator_CUSTOM, std::move(inputs), std::move(outputs));
    model.operator_codes.back()->custom_code = std::move(custom_code);
    return index;
  }

  void output(int tensor) { graph().outputs.push_back(tensor); }

  Bytes build() const {
    flatbuffers::FlatBufferBuilder builder;
    schema::FinishModelBuffer(builder, schema::Model::Pack(builder, &model));
    return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
  }

  schema::ModelT model;
};

}  // namespace es::tflite::testing
