// SPDX-License-Identifier: Apache-2.0
//
// What Edge Impulse and its users produce that holds no network we can read: each is recognised, named, and answered
// with what to download instead. All the sentences stand here, so that they can be read and translated together.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "edge_impulse/sniff.h"

namespace es::edge_impulse {

enum class Refusal {
  eon,          // the network is C++ code
  vela,         // compiled for Arm Ethos-U
  akida,        // BrainChip
  drpai,        // Renesas
  accelerator,  // any other engine that brings its own network format
  git_lfs_pointer,
  empty_array,
  eim,
  native_code,  // ELF or Mach-O that is no .eim by name
  saved_model,
  keras,
  tensorrt_plan,
  pytorch,
  kmeans_only,
  no_network,   // engine NONE, or a model folder without a model
  hand_merged,  // folders and identifiers renamed
  other_archive,
  empty_file,
  no_model_in_text,  // C text without an array that is a model
  not_a_model,
};

// The refusal as an error. `where` is the path, with the entry behind it where there is one. `detail` fills the
// place that some sentences have for what was seen.
Error refusal_error(Refusal refusal, std::string_view where, std::string_view detail = {});
[[noreturn]] void refuse(Refusal refusal, std::string_view where, std::string_view detail = {});

// The refusal for a kind of file that is none of tflite, onnx, zip and text. The name only chooses between an .eim and
// other native code, and finds Akida's .fbz, which has no bytes of its own to be known by.
Refusal refusal_for(FileKind kind, std::string_view name);

// The refusal that a file inside an export's tree stands for by its name, where nothing better was found in the tree.
std::optional<Refusal> refusal_for_entry(std::string_view name);

// What makes C text the output of the EON Compiler, in words; nothing where fewer than two of its signs are there.
std::optional<std::string> eon_signs(std::string_view text);

}  // namespace es::edge_impulse
