// SPDX-License-Identifier: Apache-2.0
//
// The door of this folder: anything that Edge Impulse hands out goes in, the network's bytes and what is known about it
// come out. Content decides what a file is, never its name; nothing is written to disk and nothing is run.
//
// All functions throw es::Error: unreadable where a file is not there, malformed where it is damaged or hostile,
// unsupported with a sentence of its own for every recognised thing that holds no network we can read (refusals.h),
// usage where a choice is the caller's. They keep no state and may be called from many threads.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "edge_impulse/project.h"

namespace es::edge_impulse {

enum class ModelFormat { tflite, onnx };

// The network as it was shipped. Recognised by its first bytes only; whether it is sound is its reader's to say.
struct ModelFile {
  std::string name;  // without an ending: the array's or the INCBIN's symbol, else the file's name
  ModelFormat format = ModelFormat::tflite;
  Bytes bytes;
  std::string found_in;  // "export.zip: tflite-model/tflite_learn_3.h"
};

// "tflite_learn_3.tflite": names for writing them side by side, all different, free of anything that could lead out of
// a folder.
std::vector<std::string> file_names_for(std::span<const ModelFile> models);

struct Import {
  Project project;
  ModelFile model;
  std::vector<std::string> warnings;
  std::string container;  // "C++ library (zip)", "Arduino library (folder)", "C array", "TFLite file", ...
};

struct OpenOptions {
  // Which impulse of an export that holds several: its key ("534837_1"), its impulse id ("1"), its impulse name or its
  // project name. Empty: the only one.
  std::string impulse;
};

// `path`: a zip, a folder, a C header or source with the model as an array or an INCBIN, a TFLite file, an ONNX file.
// A model file or header that lies in the tflite-model folder of an unpacked export gets that export's facts.
Import open(const std::filesystem::path& path, const OpenOptions& options = {});

// Every model in an export, in the order of the files, equal bytes once. Vela's are among them: they are TFLite.
std::vector<ModelFile> extract(const std::filesystem::path& path);

// What the importer needs to know about the network's tensors, told by whoever parsed it. A dimension that is not fixed
// is -1.
struct TensorFacts {
  std::string name;
  std::string dtype;  // "float32", "int8", "uint8"
  std::vector<int64_t> shape;
};
struct ModelFacts {
  TensorFacts input;
  std::vector<TensorFacts> outputs;
  bool channels_first = false;  // a rank-4 input is [N, C, H, W]
  int64_t classes = 0;          // that an SSD's post-processing knows; 0: nothing says
  // What an input of integers can stand for.
  std::optional<std::pair<double, double>> input_range;
};

// Holds the export's facts against the network. The tensor wins for sizes, channels and data types: `project` is
// corrected and completed (a head that the export does not state is told from the outputs where they are clear), and
// every contradiction comes back as a sentence.
std::vector<std::string> check_against(Project& project, const ModelFacts& model);

// The container, the model and the known facts, for `inspect` and reports.
std::vector<FactLine> export_summary(const Import& import);

}  // namespace es::edge_impulse
