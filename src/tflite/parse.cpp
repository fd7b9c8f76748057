// SPDX-License-Identifier: Apache-2.0
//
// Bytes to Model. The FlatBuffers verifier vouches for offsets and lengths; everything that has a meaning (indices,
// shapes, sizes, order) is checked here, before anybody computes with it.
#include <bit>
#include <set>

#include "tflite/model.h"
#include "tflite/read_options.h"
#include "tflite/schema_generated.h"

namespace es::tflite {

static_assert(std::endian::native == std::endian::little, "views into a file need the file's byte order");

namespace {

constexpr size_t alignment = 16;
constexpr size_t flatbuffer_limit = 0x7fffffff;  // FlatBuffers' offsets are signed 32-bit
constexpr uint32_t depth_limit = 64;
constexpr uint32_t table_limit = 1'000'000;    // large models have tens of thousands
constexpr size_t rank_limit = 8;               // of the runtime's kernels
constexpr int64_t element_limit = 0x7fffffff;  // likewise
constexpr size_t warning_limit = 50;
constexpr size_t reference_limit = 4'000'000;  // of tensors by operators, all together

std::string_view view(const flatbuffers::String* string) {
  return string == nullptr ? std::string_view() : std::string_view(string->c_str(), string->size());
}

template <typename T>
std::span<const T> view(const flatbuffers::Vector<T>* vector) {
  return vector == nullptr ? std::span<const T>() : std::span<const T>(vector->data(), vector->size());
}

template <typename Table>
size_t size_of(const flatbuffers::Vector<flatbuffers::Offset<Table>>* tables) {
  return tables == nullptr ? 0 : tables->size();
}

std::string shape_text(std::span<const int32_t> shape) { return "[" + join(shape, ", ") + "]"; }

}  // namespace

// One parse() in progress. Each step relies on the ones before.
class ModelReader {
 public:
  ModelReader(BytesView bytes, std::string name) : bytes_(bytes) { model_.name_ = std::move(name); }

  Model read() {
    check_container();
    align();
    check_flatbuffer();
    with_context(model_.name_, [&] {
      read_subgraphs();
      read_tensors();
      read_operators();
      read_graph_edges();
      find_producers();
      check_order();
      read_signatures();
      read_metadata();
    });
    return std::move(model_);
  }

 private:
  void check_container() const {
    const auto& name = model_.name_;
    require(!bytes_.empty(), ErrorKind::malformed, name, ": the file is empty, a TFLite model is needed");
    require(bytes_.size() >= 8, ErrorKind::malformed, name, ": ", bytes_.size(),
            " bytes, the head of a TFLite model alone has 8; the file is truncated");
    const auto identifier = as_text(bytes_.subspan(4, 4));
    require(identifier == "TFL3", ErrorKind::malformed, name, ": bytes 4 to 7 are '", printable(identifier),
            "', a TFLite model has 'TFL3' there; this is another kind of file");
  }

  void align() {
    if (reinterpret_cast<uintptr_t>(bytes_.data()) % alignment == 0) return;
    model_.aligned_.assign(bytes_.begin(), bytes_.end());
    bytes_ = model_.aligned_;
  }

  void check_flatbuffer() {
    flatbuffers::Verifier verifier(bytes_.data(), std::min(bytes_.size(), flatbuffer_limit - 1), depth_limit,
                                   table_limit);
    require(schema::VerifyModelBuffer(verifier), ErrorKind::malformed, model_.name_, ": its ", bytes_.size(),
            " bytes are no sound FlatBuffer, an offset or a length in it leads astray; the file is truncated or "
            "damaged, take a fresh copy");
    root_ = schema::GetModel(bytes_.data());
  }

  void read_subgraphs() {
    require(root_->version() == 3, ErrorKind::unsupported, "file format version ", root_->version(),
            ", version 3 is needed");
    model_.description_ = view(root_->description());
    model_.subgraphs_ = size_of(root_->subgraphs());
    require(model_.subgraphs_ > 0, ErrorKind::malformed, "it has no graph");
    graph_ = root_->subgraphs()->Get(0);
  }

  // --- tensors

  void read_tensors() {
    const auto count = size_of(graph_->tensors());
    model_.tensors_.reserve(count);
    for (size_t i = 0; i < count; ++i) {
      const auto& source = *graph_->tensors()->Get(static_cast<uint32_t>(i));
      model_.tensors_.push_back({.name = view(source.name())});
      with_context(model_.describe_tensor(static_cast<int>(i)), [&] { read_tensor(source, model_.tensors_.back()); });
    }
  }

  void read_tensor(const schema::Tensor& source, Tensor& tensor) {
    require(source.type() >= 0 && source.type() <= schema::TensorType_MAX, ErrorKind::unsupported, "its type is ",
            static_cast<int>(source.type()), ", the highest that is known is ",
            static_cast<int>(schema::TensorType_MAX));
    tensor.type = static_cast<TensorType>(source.type());
    tensor.shape = view(source.shape());
    check_shape(tensor.shape);
    tensor.shape_signature = view(source.shape_signature());
    tensor.is_variable = source.is_variable();
    tensor.is_sparse = source.sparsity() != nullptr;
    if (source.quantization() != nullptr) read_quantization(*source.quantization(), tensor);
    read_data(source, tensor);
  }

  static void check_shape(std::span<const int32_t> shape) {
    require(shape.size() <= rank_limit, ErrorKind::malformed, "it has ", shape.size(), " dimensions, ", rank_limit,
            " is the most");
    int64_t elements = 1;
    for (const auto dim : shape) {
      require(dim >= 0, ErrorKind::malformed, "its shape ", shape_text(shape), " has a negative dimension");
      elements *= std::max(dim, 1);  // none along one axis does not excuse the others
      require(elements <= element_limit, ErrorKind::malformed, "its shape ", shape_text(shape), " has more than ",
              element_limit, " elements");
    }
  }

  void read_quantization(const schema::QuantizationParameters& source, Tensor& tensor) {
    auto& quantization = tensor.quantization;
    if (source.details_type() != schema::QuantizationDetails_NONE) {
      quantization.details = schema::EnumNameQuantizationDetails(source.details_type());
      if (quantization.details.empty()) quantization.details = "a scheme of a newer release";
      return;
    }
    quantization.scale = view(source.scale());
    if (quantization.scale.empty()) return;
    quantization.zero_point = view(source.zero_point());
    quantization.dimension = source.quantized_dimension();
    check_quantization(tensor);
  }

  void check_quantization(const Tensor& tensor) {
    const auto& [scale, zero_point, dimension, details] = tensor.quantization;
    for (const auto factor : scale) {
      require(factor >= 0 && factor <= std::numeric_limits<float>::max(), ErrorKind::malformed,
              "its quantisation scale is ", number_text(factor), ", a positive number is needed");
    }
    require(zero_point.size() <= 1 || zero_point.size() == scale.size(), ErrorKind::malformed, "it has ", scale.size(),
            " quantisation scales and ", zero_point.size(), " zero points");
    if (scale.size() == 1) return;
    require(dimension >= 0 && static_cast<size_t>(dimension) < tensor.shape.size() &&
                static_cast<size_t>(tensor.shape[static_cast<size_t>(dimension)]) == scale.size(),
            ErrorKind::malformed, "it has ", scale.size(), " quantisation scales for axis ", dimension,
            " of its shape ", shape_text(tensor.shape));
    if (zero_point.size() != scale.size()) {
      warn(tensor, "has a scale for each index of an axis and ", zero_point.size(), " zero point(s)");
    }
  }

  void read_data(const schema::Tensor& source, Tensor& tensor) {
    require(source.external_buffer() == 0, ErrorKind::unsupported,
            "its data lie in another file, which is not read; export the model as one file");
    const auto buffer = source.buffer();
    require(buffer < std::max<size_t>(size_of(root_->buffers()), 1), ErrorKind::malformed, "its buffer is ", buffer,
            ", the file has ", size_of(root_->buffers()));
    if (buffer != 0) tensor.data = buffer_bytes(*root_->buffers()->Get(buffer));
    tensor.is_constant = !tensor.data.empty() || (tensor.elements() == 0 && !tensor.is_variable);
    if (!tensor.data.empty()) check_data_size(tensor);
  }

  // A buffer's bytes stand in the FlatBuffer, or behind it in the same file.
  BytesView buffer_bytes(const schema::Buffer& buffer) const {
    if (buffer.offset() <= 1 || buffer.size() == 0) return view(buffer.data());
    return file_range(buffer.offset(), buffer.size());
  }

  BytesView file_range(uint64_t offset, uint64_t size) const {
    require(offset <= bytes_.size() && size <= bytes_.size() - offset, ErrorKind::malformed, "its data are ", size,
            " bytes at offset ", offset, ", the file has ", bytes_.size(), "; it is truncated");
    return bytes_.subspan(offset, size);
  }

  static void check_data_size(const Tensor& tensor) {
    const auto bits = bits_of(tensor.type);
    if (!bits || tensor.is_sparse) return;  // whoever decodes these checks them
    const auto needed = (tensor.elements() * *bits + 7) / 8;
    require(static_cast<int64_t>(tensor.data.size()) == needed, ErrorKind::malformed, "it has ", tensor.data.size(),
            " bytes of data, ", tensor.type, " ", shape_text(tensor.shape), " needs ", needed);
  }

  // --- operators

  void read_operators() {
    const auto count = size_of(graph_->operators());
    model_.operators_.reserve(count);
    for (size_t i = 0; i < count; ++i) {
      const auto& source = *graph_->operators()->Get(static_cast<uint32_t>(i));
      model_.operators_.push_back({.index = static_cast<int>(i)});
      auto& op = model_.operators_.back();
      with_context(text("op ", i), [&] { read_code(source, op); });
      with_context(text("op ", i, " ", op.name), [&] { read_tensor_lists(source, op); });
      with_context(model_.describe(op), [&] { read_parameters(source, op); });
    }
  }

  void read_code(const schema::Operator& source, Operator& op) const {
    require(source.opcode_index() < size_of(root_->operator_codes()), ErrorKind::malformed,
            "its operator code is entry ", source.opcode_index(), " of a list of ", size_of(root_->operator_codes()));
    const auto& code = *root_->operator_codes()->Get(source.opcode_index());
    op.code = std::max<int>(code.builtin_code(), code.deprecated_builtin_code());
    const auto known = builtin_operators();
    require(op.code >= 0 && static_cast<size_t>(op.code) < known.size(), ErrorKind::unsupported,
            "its operator code is ", op.code, ", the highest that is known is ", known.size() - 1, " (",
            known.back().name, "); export the model with an older converter");
    op.name = known[static_cast<size_t>(op.code)].name;
    op.version = code.version();
    if (op.code == schema::BuiltinOperator_CUSTOM) op.custom_code = view(code.custom_code());
  }

  void read_tensor_lists(const schema::Operator& source, Operator& op) {
    op.inputs = view(source.inputs());
    op.outputs = view(source.outputs());
    references_ += op.inputs.size() + op.outputs.size();
    require(references_ <= reference_limit, ErrorKind::malformed, "up to here operators name more than ",
            reference_limit, " tensors");
    for (const auto index : op.inputs) check_index(index, "input", -1);
    for (const auto index : op.outputs) check_index(index, "output", -1);
  }

  void read_parameters(const schema::Operator& source, Operator& op) {
    op.options = read_options(source);
    op.custom_options = view(source.custom_options());
    if (source.large_custom_options_offset() > 1) {
      op.custom_options = file_range(source.large_custom_options_offset(), source.large_custom_options_size());
    }
    if (!op.custom_code.empty()) op.options = read_custom_options(op.custom_code, op.custom_options);
  }

  void check_index(int64_t index, std::string_view role, int lowest) const {
    require(index >= lowest && index < static_cast<int64_t>(model_.tensors_.size()), ErrorKind::malformed, "its ", role,
            " is tensor ", index, ", the graph has ", model_.tensors_.size());
  }

  // --- the graph

  void read_graph_edges() {
    model_.inputs_ = view(graph_->inputs());
    model_.outputs_ = view(graph_->outputs());
    require(!model_.outputs_.empty(), ErrorKind::malformed, "its graph has no output");
    check_edges(model_.inputs_, "graph input");
    check_edges(model_.outputs_, "graph output");
    for (const auto index : model_.inputs_) tensor(index).is_constant = false;
  }

  void check_edges(std::span<const int32_t> edges, std::string_view role) const {
    std::vector<bool> seen(model_.tensors_.size(), false);
    for (const auto index : edges) {
      check_index(index, role, 0);
      require(!seen[static_cast<size_t>(index)], ErrorKind::malformed, "its ", role, " ", model_.describe_tensor(index),
              " stands twice in the list");
      seen[static_cast<size_t>(index)] = true;
    }
  }

  // A tensor that an operator writes is that operator's result, also where the file has data for it.
  void find_producers() {
    for (const auto& op : model_.operators_) {
      for (const auto index : op.outputs) {
        if (index < 0) continue;
        require(tensor(index).producer < 0, ErrorKind::malformed, model_.describe(op), ": it makes ",
                model_.describe_tensor(index), ", which op ", tensor(index).producer, " has made");
        tensor(index).producer = op.index;
        if (!tensor(index).data.empty()) warn(tensor(index), "has data and is written by an operator; the data go");
        tensor(index).is_constant = false;
      }
    }
  }

  void check_order() {
    std::vector<bool> made(model_.tensors_.size(), false);
    for (size_t i = 0; i < made.size(); ++i) made[i] = model_.tensors_[i].is_constant || model_.tensors_[i].is_variable;
    for (const auto index : model_.inputs_) {
      require(tensor(index).producer < 0, ErrorKind::malformed, "its graph input ", model_.describe_tensor(index),
              " is made by op ", tensor(index).producer);
      made[static_cast<size_t>(index)] = true;
    }
    for (const auto& op : model_.operators_) {
      // A custom operator may read what nothing makes: compiled models have their scratch memory there.
      const bool is_custom = op.code == schema::BuiltinOperator_CUSTOM;
      for (const auto index : op.inputs) {
        require(index < 0 || is_custom || made[static_cast<size_t>(index)], ErrorKind::malformed, model_.describe(op),
                ": it reads ", describe_or_absent(index), ", which nothing before it makes");
      }
      for (const auto index : op.outputs) {
        if (index >= 0) made[static_cast<size_t>(index)] = true;
      }
    }
    for (const auto index : model_.outputs_) {
      require(made[static_cast<size_t>(index)], ErrorKind::malformed, "its graph output ",
              model_.describe_tensor(index), " is made by nothing");
    }
  }

  std::string describe_or_absent(int index) const { return index < 0 ? "" : model_.describe_tensor(index); }

  Tensor& tensor(int index) { return model_.tensors_[static_cast<size_t>(index)]; }

  // --- what surrounds the graph

  void read_signatures() {
    for (uint32_t i = 0; i < size_of(root_->signature_defs()); ++i) {
      const auto& source = *root_->signature_defs()->Get(i);
      if (source.subgraph_index() != 0) continue;
      Signature signature{.key = view(source.signature_key())};
      with_context(text("signature '", printable(signature.key), "'"), [&] {
        signature.inputs = read_tensor_map(source.inputs());
        signature.outputs = read_tensor_map(source.outputs());
      });
      model_.signatures_.push_back(std::move(signature));
    }
  }

  std::vector<std::pair<std::string_view, int>> read_tensor_map(
      const flatbuffers::Vector<flatbuffers::Offset<schema::TensorMap>>* source) const {
    std::vector<std::pair<std::string_view, int>> map;
    for (uint32_t i = 0; i < size_of(source); ++i) {
      const auto& entry = *source->Get(i);
      check_index(entry.tensor_index(), text("name '", printable(view(entry.name())), "'"), 0);
      map.emplace_back(view(entry.name()), static_cast<int>(entry.tensor_index()));
    }
    return map;
  }

  void read_metadata() {
    for (uint32_t i = 0; i < size_of(root_->metadata()); ++i) {
      const auto& source = *root_->metadata()->Get(i);
      const auto name = view(source.name());
      if (source.buffer() >= size_of(root_->buffers())) {
        add_warning([&] {
          return text("metadata '", printable(name), "' names buffer ", source.buffer(), ", the file has ",
                      size_of(root_->buffers()), "; it is ignored");
        });
        continue;
      }
      model_.metadata_.push_back({name, view(root_->buffers()->Get(source.buffer())->data())});
    }
  }

  template <typename... Parts>
  void warn(const Tensor& about, const Parts&... parts) {
    const auto index = static_cast<int>(&about - model_.tensors_.data());
    add_warning([&] { return text(model_.describe_tensor(index), " ", parts...); });
  }

  // A hostile file has a reason to be warned of in each of its million tables.
  template <typename Sentence>
  void add_warning(Sentence&& sentence) {
    if (model_.warnings_.size() < warning_limit) model_.warnings_.push_back(sentence());
  }

  BytesView bytes_;
  Model model_;
  const schema::Model* root_ = nullptr;
  const schema::SubGraph* graph_ = nullptr;
  size_t references_ = 0;
};

Model Model::parse(BytesView bytes, std::string name) { return ModelReader(bytes, std::move(name)).read(); }

}  // namespace es::tflite
