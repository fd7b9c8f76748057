// SPDX-License-Identifier: Apache-2.0
#include "edge_impulse/sniff.h"

#include <algorithm>
#include <optional>

namespace es::edge_impulse {
namespace {

using namespace std::string_view_literals;

struct Magic {
  size_t offset;
  std::string_view bytes;
  FileKind kind;
};

constexpr Magic magics[] = {
    {4, "TFL3"sv, FileKind::tflite},
    {0, "PK\x03\x04"sv, FileKind::zip},
    {0, "PK\x05\x06"sv, FileKind::zip},  // a zip without entries
    {0, "version https://git-lfs.github.com/spec/"sv, FileKind::git_lfs_pointer},
    {0,
     "\x7f"
     "ELF"sv,
     FileKind::elf},
    {0, "\xfe\xed\xfa\xce"sv, FileKind::mach_o},
    {0, "\xfe\xed\xfa\xcf"sv, FileKind::mach_o},
    {0, "\xce\xfa\xed\xfe"sv, FileKind::mach_o},
    {0, "\xcf\xfa\xed\xfe"sv, FileKind::mach_o},
    {0, "\xca\xfe\xba\xbe"sv, FileKind::mach_o},
    {0, "\x89HDF\r\n\x1a\n"sv, FileKind::hdf5},
    {0, "ftrt"sv, FileKind::tensorrt_plan},
    {0, "ptrt"sv, FileKind::tensorrt_plan},
    {0, "\x1f\x8b"sv, FileKind::other_archive},
    {0, "BZh"sv, FileKind::other_archive},
    {0,
     "\xfd"
     "7zXZ\x00"sv,
     FileKind::other_archive},
    {0, "7z\xbc\xaf\x27\x1c"sv, FileKind::other_archive},
    {0, "Rar!\x1a\x07"sv, FileKind::other_archive},
    {257, "ustar"sv, FileKind::other_archive},
};

bool has_at(BytesView content, size_t offset, std::string_view bytes) {
  return content.size() >= offset + bytes.size() && as_text(content).substr(offset, bytes.size()) == bytes;
}

// A base-128 number of protobuf; nothing where it does not end within ten bytes.
std::optional<uint64_t> take_varint(BytesView content, size_t& at) {
  uint64_t value = 0;
  for (int shift = 0; shift < 70 && at < content.size(); shift += 7) {
    const uint8_t byte = content[at++];
    if (shift < 64) value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

// The fields of ModelProto as onnx.proto numbers them, and their wire types (0 varint, 2 length-delimited).
struct ModelField {
  uint64_t number;
  uint64_t wire_type;
};
constexpr ModelField model_fields[] = {{1, 0}, {2, 2}, {3, 2},  {4, 2},  {5, 0},  {6, 2},
                                       {7, 2}, {8, 2}, {14, 2}, {20, 2}, {25, 2}, {26, 2}};

bool is_model_field(uint64_t number, uint64_t wire_type) {
  return std::ranges::any_of(
      model_fields, [&](const ModelField& field) { return field.number == number && field.wire_type == wire_type; });
}

// A graph that reaches beyond the end still counts: the reader then says that the file is truncated.
bool is_onnx(BytesView content) {
  constexpr uint64_t graph_field = 7;
  bool has_graph = false, has_version = false;
  for (size_t at = 0; at < content.size();) {
    const auto tag = take_varint(content, at);
    if (!tag || !is_model_field(*tag >> 3, *tag & 7)) return false;
    const auto value = take_varint(content, at);
    if (!value) return has_graph && has_version;
    has_graph |= *tag >> 3 == graph_field;
    has_version |= *tag >> 3 == 1 || *tag >> 3 == 8;
    if ((*tag & 7) != 2) continue;
    if (*value > content.size() - at) break;
    at += *value;
  }
  return has_graph && has_version;
}

bool holds(BytesView content, std::string_view word) { return as_text(content).find(word) != std::string_view::npos; }

}  // namespace

FileKind sniff(BytesView content) {
  if (content.empty()) return FileKind::empty;
  for (const auto& magic : magics) {
    if (has_at(content, magic.offset, magic.bytes)) return magic.kind;
  }
  if (is_onnx(content)) return FileKind::onnx;
  const auto start = content.first(std::min(content.size(), sniff_length));
  return std::ranges::find(start, uint8_t{0}) == start.end() ? FileKind::text : FileKind::unknown;
}

bool is_vela_compiled(BytesView tflite) { return holds(tflite, "Vela Optimised") || holds(tflite, "ethos-u"); }

}  // namespace es::edge_impulse
