// SPDX-License-Identifier: Apache-2.0
#include "backend/engine_file.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/hash.h"

namespace es::backend {
namespace {

// The first byte is no text, the line ends show a transfer that rewrote them.
constexpr std::string_view magic{
    "\x93"
    "ESENG\r\n",
    8};
constexpr uint32_t format_version = 1;
constexpr size_t hash_size = 64;
constexpr size_t hashed_from = magic.size() + hash_size;

// No engine of ours comes near these; a damaged or hostile one does not get to make us allocate.
constexpr size_t longest_text = 64 * 1024;
constexpr uint32_t most_profiles = 256;
constexpr uint32_t highest_rank = 16;

void append_text(Bytes& out, std::string_view value) {
  require(value.size() <= longest_text, ErrorKind::unsupported, "engine: a name of ", value.size(), " bytes, at most ",
          longest_text, " can be written");
  append_little_endian(out, static_cast<uint32_t>(value.size()));
  out.insert(out.end(), value.begin(), value.end());
}

void append_shape(Bytes& out, const Shape& shape) {
  append_little_endian(out, static_cast<uint32_t>(shape.rank()));
  for (const int64_t dim : shape.dims()) append_little_endian(out, dim);
}

void append_header(Bytes& out, const EngineHeader& header) {
  for (const auto* value : {&header.model_name, &header.model_sha256, &header.requested_precision, &header.precision,
                            &header.provider, &header.runtime, &header.cpu}) {
    append_text(out, *value);
  }
  append_little_endian(out, header.built_at);
  append_little_endian(out, static_cast<uint32_t>(header.profiles.size()));
  for (const Profile& profile : header.profiles) {
    append_text(out, profile.input);
    for (const auto* shape : {&profile.min, &profile.opt, &profile.max}) append_shape(out, *shape);
  }
}

uint32_t read_count(ByteReader& reader, uint32_t limit, const std::string& name, std::string_view what) {
  const auto count = reader.read<uint32_t>();
  require(count <= limit, ErrorKind::malformed, name, ": is damaged: ", what, " is ", count, ", at most ", limit,
          " is possible");
  return count;
}

std::string read_text(ByteReader& reader, const std::string& name) {
  return std::string(as_text(reader.take(read_count(reader, longest_text, name, "the length of a text"))));
}

Shape read_shape(ByteReader& reader, const std::string& name) {
  std::vector<int64_t> dims(read_count(reader, highest_rank, name, "a rank"));
  for (int64_t& dim : dims) dim = reader.read<int64_t>();
  return Shape(std::move(dims));
}

EngineHeader read_header(ByteReader& reader, const std::string& name) {
  EngineHeader header;
  for (auto* value : {&header.model_name, &header.model_sha256, &header.requested_precision, &header.precision,
                      &header.provider, &header.runtime, &header.cpu}) {
    *value = read_text(reader, name);
  }
  header.built_at = reader.read<int64_t>();
  const uint32_t profiles = read_count(reader, most_profiles, name, "the number of profiles");
  for (uint32_t i = 0; i < profiles; ++i) {
    Profile profile{.input = read_text(reader, name)};
    for (auto* shape : {&profile.min, &profile.opt, &profile.max}) *shape = read_shape(reader, name);
    header.profiles.push_back(std::move(profile));
  }
  return header;
}

bool starts_with(BytesView file, std::string_view text) {
  return file.size() >= text.size() && std::equal(text.begin(), text.end(), as_text(file).begin());
}

// TensorRT's archives begin with a tag of four letters: "ptrt" until release 8.4, "ftrt" since.
bool has_plan_tag(BytesView file) { return starts_with(file, "ftrt") || starts_with(file, "ptrt"); }

// Ultralytics' exporter puts a length of four bytes and a JSON object in front.
bool has_plan_behind_json(BytesView file) {
  if (file.size() < 5 || file[4] != '{') return false;
  ByteReader reader(file, "engine");
  const auto length = reader.read<uint32_t>();
  return length <= reader.remaining() && has_plan_tag(file.subspan(sizeof length + length));
}

// An ONNX file is a protobuf message whose first field is ir_version (tag 8, one small number), followed by a string
// field or the graph.
bool looks_like_onnx(BytesView file) {
  return file.size() > 3 && file[0] == 0x08 && file[1] < 0x20 && (file[2] & 7) <= 2;
}

}  // namespace

Bytes write_engine(const EngineView& engine) {
  EngineHeader header = engine.header;
  header.model_sha256 = sha256(engine.model);
  Bytes body;
  body.reserve(engine.model.size() + engine.optimised.size() + 4096);
  append_little_endian(body, format_version);
  append_little_endian(body, static_cast<uint64_t>(engine.model.size()));
  append_little_endian(body, static_cast<uint64_t>(engine.optimised.size()));
  append_header(body, header);
  body.insert(body.end(), engine.model.begin(), engine.model.end());
  body.insert(body.end(), engine.optimised.begin(), engine.optimised.end());

  Bytes file(magic.begin(), magic.end());
  const std::string hash = sha256(body);
  file.reserve(hashed_from + body.size());
  file.insert(file.end(), hash.begin(), hash.end());
  file.insert(file.end(), body.begin(), body.end());
  return file;
}

EngineView read_engine(BytesView file, const std::string& name) {
  require(starts_with(file, magic), ErrorKind::malformed, name, ": does not begin as an engine of EdgeStream does");
  require(file.size() > hashed_from, ErrorKind::malformed, name, ": is torn: ", file.size(),
          " bytes, its header alone has more");
  const BytesView body = file.subspan(hashed_from);
  ByteReader reader(body, name);
  const auto version = reader.read<uint32_t>();
  require(version == format_version, ErrorKind::unsupported, name, ": has format version ", version,
          ", this program reads version ", format_version, "; delete the file and it will be built anew");
  const std::string_view stored = as_text(file.subspan(magic.size(), hash_size));
  require(stored == sha256(body), ErrorKind::malformed, name,
          ": is torn or was changed: its content does not have the SHA-256 that it states");
  const auto model_size = reader.read<uint64_t>();
  const auto optimised_size = reader.read<uint64_t>();
  EngineView engine{.header = read_header(reader, name)};
  require(model_size <= reader.remaining() && optimised_size == reader.remaining() - model_size, ErrorKind::malformed,
          name, ": is damaged: states ", model_size, " and ", optimised_size, " bytes of models, ", reader.remaining(),
          " follow");
  engine.model = reader.take(model_size);
  engine.optimised = reader.take(optimised_size);
  require(engine.header.model_sha256 == sha256(engine.model), ErrorKind::malformed, name,
          ": is damaged: the model inside does not have the SHA-256 that its header states");
  return engine;
}

EngineKind engine_kind(BytesView file) {
  if (file.empty()) return EngineKind::empty;
  if (starts_with(file, magic.substr(0, std::min(magic.size(), file.size())))) return EngineKind::ours;
  if (has_plan_tag(file) || has_plan_behind_json(file)) return EngineKind::tensorrt_plan;
  if (looks_like_onnx(file)) return EngineKind::onnx;
  return EngineKind::foreign;
}

}  // namespace es::backend
