// SPDX-License-Identifier: Apache-2.0
//
// What a file is, by its bytes. Names are never asked: downloads are renamed freely.
#pragma once

#include <string_view>

#include "base/bytes.h"

namespace es::edge_impulse {

enum class FileKind {
  tflite,  // bytes 4..7 are "TFL3"
  onnx,    // protobuf fields of a ModelProto, with a graph among them
  zip,
  empty,
  git_lfs_pointer,
  elf,
  mach_o,
  hdf5,
  tensorrt_plan,
  other_archive,  // gzip, bzip2, xz, 7z, rar, tar
  text,           // no NUL among the first bytes
  unknown,
};

// Looks at the first bytes, and for ONNX steps over the message's top fields. The whole file should be given; a prefix
// is enough for every kind except ONNX, whose graph may stand far behind.
FileKind sniff(BytesView content);

// How many first bytes sniff() needs for every kind but ONNX.
inline constexpr size_t sniff_length = 4096;

// True where a TFLite file was compiled for Arm Ethos-U: its network is one custom operator of that name.
bool is_vela_compiled(BytesView tflite);

}  // namespace es::edge_impulse
