// SPDX-License-Identifier: Apache-2.0
#include "edge_impulse/refusals.h"

#include <algorithm>
#include <vector>

namespace es::edge_impulse {
namespace {

// A sentence is "<where>: <found>, <needed>; <to do>". "%" stands for the detail.
struct Sentence {
  Refusal refusal;
  ErrorKind kind;
  std::string_view words;
};

#define ES_DASHBOARD "download 'TensorFlow Lite (float32)' from the project's Dashboard in Studio"

constexpr Sentence sentences[] = {
    {Refusal::eon, ErrorKind::unsupported,
     "the network was compiled to C++ by the EON Compiler (%), a TFLite or ONNX model is needed; in Studio open "
     "Deployment, switch the EON Compiler off (inference engine: TensorFlow Lite), choose float32 and build again, "
     "or " ES_DASHBOARD},
    {Refusal::vela, ErrorKind::unsupported,
     "the network was compiled for Arm Ethos-U by Vela and is one opaque operator, an uncompiled TFLite model is "
     "needed; " ES_DASHBOARD},
    {Refusal::akida, ErrorKind::unsupported,
     "the network was built for BrainChip Akida (%), a TFLite or ONNX model is needed; in Studio choose a target that "
     "is not Akida and build the C++ library, or " ES_DASHBOARD},
    {Refusal::drpai, ErrorKind::unsupported,
     "this export was built for Renesas DRP-AI (%) and holds no TFLite or ONNX model; in Studio choose a target that "
     "is not DRP-AI and build the C++ library, or " ES_DASHBOARD},
    {Refusal::accelerator, ErrorKind::unsupported,
     "this export was built for % and holds no TFLite or ONNX model; build the C++ library with the inference engine "
     "TensorFlow Lite, or " ES_DASHBOARD},
    {Refusal::git_lfs_pointer, ErrorKind::unsupported,
     "is a Git LFS pointer that was saved in place of the file, the file itself is needed; run 'git lfs pull' in the "
     "repository it comes from"},
    {Refusal::empty_array, ErrorKind::unsupported,
     "the array '%' is empty: this export was built for an accelerator and holds no network, a TFLite or ONNX model is "
     "needed; build the C++ library with the inference engine TensorFlow Lite, or " ES_DASHBOARD},
    {Refusal::eim, ErrorKind::unsupported,
     "is an .eim, a native program with the network compiled in, a TFLite or ONNX model is needed; in Studio build the "
     "C++ library with the EON Compiler off, or " ES_DASHBOARD},
    {Refusal::native_code, ErrorKind::unsupported,
     "is native code, a TFLite or ONNX model is needed; in Studio build the C++ library with the EON Compiler off, "
     "or " ES_DASHBOARD},
    {Refusal::saved_model, ErrorKind::unsupported,
     "is a TensorFlow SavedModel, a TFLite or ONNX model is needed; " ES_DASHBOARD},
    {Refusal::keras, ErrorKind::unsupported, "is a Keras model, a TFLite or ONNX model is needed; " ES_DASHBOARD},
    {Refusal::tensorrt_plan, ErrorKind::unsupported,
     "is a TensorRT plan, built for one GPU and unreadable elsewhere, a TFLite or ONNX model is needed; give the model "
     "it was built from"},
    {Refusal::pytorch, ErrorKind::unsupported,
     "is a PyTorch checkpoint, a TFLite or ONNX model is needed; export it to ONNX, or download the block's ONNX from "
     "the project's Dashboard in Studio"},
    {Refusal::kmeans_only, ErrorKind::unsupported,
     "this impulse is K-means anomaly detection alone, there is no neural network in it to convert; add a neural "
     "learning block in Studio"},
    {Refusal::no_network, ErrorKind::unsupported,
     "there is no neural network in this impulse (%), one is needed; add a neural learning block in Studio and build "
     "again"},
    {Refusal::hand_merged, ErrorKind::unsupported,
     "this is not an unmodified export (%), model-parameters/model_metadata.h is needed; give the zip as Studio built "
     "it"},
    {Refusal::other_archive, ErrorKind::unsupported,
     "is an archive of another kind, a zip or a folder is needed; unpack it and give the folder"},
    {Refusal::empty_file, ErrorKind::malformed, "is empty, an export or a model is needed; download it again"},
    {Refusal::no_model_in_text, ErrorKind::malformed,
     "holds no byte array that is a TFLite or ONNX model (%); give the header from the export's tflite-model folder, "
     "or the export itself"},
    {Refusal::not_a_model, ErrorKind::malformed,
     "is neither an Edge Impulse export nor a TFLite or ONNX model (%); give the zip, the folder or the model that "
     "Studio built"},
};

#undef ES_DASHBOARD

struct EntryRow {
  std::string_view suffix;
  Refusal refusal;
};

constexpr EntryRow entry_rows[] = {
    {"saved_model.pb", Refusal::saved_model},
    {".h5", Refusal::keras},
    {".keras", Refusal::keras},
    {".fbz", Refusal::akida},
    {".eim", Refusal::eim},
    {"drpai_model.h", Refusal::drpai},
    {".engine", Refusal::tensorrt_plan},
    {".plan", Refusal::tensorrt_plan},
    {"/data.pkl", Refusal::pytorch},
};

}  // namespace

Error refusal_error(Refusal refusal, std::string_view where, std::string_view detail) {
  for (const auto& row : sentences) {
    if (row.refusal != refusal) continue;
    std::string words(row.words);
    if (const size_t place = words.find('%'); place != std::string::npos) words.replace(place, 1, detail);
    return Error(row.kind, std::string(where) + ": " + words);
  }
  return Error(ErrorKind::internal, text(where, ": refusal ", static_cast<int>(refusal), " has no sentence"));
}

void refuse(Refusal refusal, std::string_view where, std::string_view detail) {
  throw refusal_error(refusal, where, detail);
}

Refusal refusal_for(FileKind kind, std::string_view name) {
  switch (kind) {
    case FileKind::empty:
      return Refusal::empty_file;
    case FileKind::git_lfs_pointer:
      return Refusal::git_lfs_pointer;
    case FileKind::elf:
    case FileKind::mach_o:
      return name.ends_with(".eim") ? Refusal::eim : Refusal::native_code;
    case FileKind::hdf5:
      return Refusal::keras;
    case FileKind::tensorrt_plan:
      return Refusal::tensorrt_plan;
    case FileKind::other_archive:
      return Refusal::other_archive;
    default:
      return refusal_for_entry(name).value_or(Refusal::not_a_model);
  }
}

std::optional<Refusal> refusal_for_entry(std::string_view name) {
  for (const auto& row : entry_rows) {
    if (name.ends_with(row.suffix)) return row.refusal;
  }
  return std::nullopt;
}

std::optional<std::string> eon_signs(std::string_view text) {
  constexpr std::string_view words[] = {"used_operators_e", "TfLiteAffineQuantization", "kTensorArenaSize",
                                        "tensor_data0"};
  std::vector<std::string_view> seen;
  for (const auto word : words) {
    if (text.find(word) != std::string_view::npos) seen.push_back(word);
  }
  if (seen.size() < 2) return std::nullopt;
  return "it declares " + join(seen, ", ");
}

}  // namespace es::edge_impulse
