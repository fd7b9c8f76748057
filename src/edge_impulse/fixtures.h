// SPDX-License-Identifier: Apache-2.0
//
// For tests only: exports built in the words of the format. Nothing here is copied from a real export; the networks are
// no more than the bytes by which one is recognised.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/text.h"

namespace es::edge_impulse::fixtures {

// Recognised as TFLite; `filler` makes two of them different.
inline Bytes tflite_bytes(uint8_t filler = 0, size_t size = 64) {
  Bytes bytes(size, filler);
  std::copy_n(std::string_view("\x1c\0\0\0TFL3", 8).data(), 8, bytes.data());
  return bytes;
}

// The fields of a ModelProto: ir_version 8, producer "tf2onnx", an empty graph, opset 13.
inline Bytes onnx_bytes() {
  const std::string_view fields(
      "\x08\x08"
      "\x12\x07"
      "tf2onnx"
      "\x3a\x03\x12\x01g"
      "\x42\x02\x10\x0d",
      20);
  return Bytes(fields.begin(), fields.end());
}

// `const unsigned char NAME[] = { 0x1c, ... };` and its length, twelve to a line.
inline std::string c_array(const std::string& name, const Bytes& bytes,
                           const std::string& before = "const unsigned char ") {
  std::string out = before + name + "[] = {";
  char element[8];
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::snprintf(element, sizeof element, "0x%02x", bytes[i]);
    out += text(i == 0 ? "" : ",", i % 12 == 0 ? "\n  " : " ", element);
  }
  return out + text("\n};\nunsigned int ", name, "_len = ", bytes.size(), ";\n");
}

using Files = std::map<std::string, std::string>;

// What changes from one export to another. Generations as in metadata_test.cpp: 2022 (macros only), 2024 (learning
// blocks), 2025 (post-processing blocks, the model as a binary).
struct ExportText {
  int year = 2024;
  int width = 96, height = 96;
  std::string channels = "RGB";
  std::string labels = R"("bad", "good")";
  int label_count = 2;
  std::string last_layer = "UNKNOWN";
  std::string resize = "FIT_SHORTEST";
  std::string scaling = "NONE";
  std::string threshold = "0.5";
  std::string engine = "TFLITE";
  bool compiled = false;
  Bytes model = tflite_bytes();

  bool detects() const { return last_layer != "UNKNOWN"; }

  std::string metadata() const {
    const int features = width * height * (channels == "RGB" ? 3 : 1);
    return text("#define EI_CLASSIFIER_PROJECT_ID 42\n#define EI_CLASSIFIER_PROJECT_NAME \"Candy\"\n",
                "#define EI_CLASSIFIER_PROJECT_DEPLOY_VERSION 3\n", "#define EI_CLASSIFIER_NN_INPUT_FRAME_SIZE ",
                features, "\n#define EI_CLASSIFIER_INPUT_WIDTH ", width, "\n#define EI_CLASSIFIER_INPUT_HEIGHT ",
                height, "\n#define EI_CLASSIFIER_INPUT_FRAMES 1\n#define EI_CLASSIFIER_LABEL_COUNT ", label_count,
                year >= 2024 ? "\n#define EI_CLASSIFIER_RESIZE_MODE EI_CLASSIFIER_RESIZE_" + resize : "",
                "\n#define EI_CLASSIFIER_OBJECT_DETECTION ", detects(),
                "\n#define EI_CLASSIFIER_OBJECT_DETECTION_LAST_LAYER EI_CLASSIFIER_LAST_LAYER_", last_layer,
                "\n#define ", detects() ? "EI_CLASSIFIER_OBJECT_DETECTION_THRESHOLD " : "EI_CLASSIFIER_THRESHOLD ",
                threshold, "\n#define EI_CLASSIFIER_INFERENCING_ENGINE EI_CLASSIFIER_", engine,
                "\n#define EI_CLASSIFIER_COMPILED ", compiled,
                "\n#define EI_CLASSIFIER_SENSOR EI_CLASSIFIER_SENSOR_CAMERA\n",
                "typedef struct { uint32_t block_id; const char * channels; } ei_dsp_config_image_t;\n");
  }

  std::string variables() const {
    return text("const char* ei_classifier_inferencing_categories[] = { ", labels, " };\n",
                "ei_dsp_config_image_t ei_dsp_config_2 = { 2, \"", channels, "\" };\n",
                "ei_model_dsp_t ei_dsp_blocks[1] = { { 2, 1, &extract_image_features, (void*)&ei_dsp_config_2 } };\n",
                year >= 2024 ? learning_blocks() : "");
  }

  std::string learning_blocks() const {
    return text(
        "const ei_config_tflite_graph_t graph_3 = { .model = tflite_learn_3 };\n",
        "ei_learning_block_config_tflite_graph_t config_3 = { .block_id = 3, .compiled = ", compiled,
        ", .graph_config = (void*)&graph_3",
        detects()
            ? ", .object_detection_last_layer = EI_CLASSIFIER_LAST_LAYER_" + last_layer + ", .threshold = " + threshold
            : std::string(),
        " };\nconst ei_learning_block_t ei_learning_blocks[1] = { { 3, &run_nn_inference, (void*)&config_3, ",
        "EI_CLASSIFIER_IMAGE_SCALING_", scaling, " } };\n",
        "const ei_impulse_t impulse_42_1 = { .project_id = 42, .impulse_id = 1, .impulse_name = \"Impulse #1\", ",
        ".dsp_blocks = ei_dsp_blocks, .learning_blocks = ei_learning_blocks, ",
        ".categories = ei_classifier_inferencing_categories };\n");
  }

  static std::string incbin_header() {
    return "INCBIN(incbin_tflite_learn_3, \"tflite-model/tflite_learn_3.tflite\");\n"
           "const unsigned char *tflite_learn_3 = gincbin_tflite_learn_3_data;\n"
           "unsigned int tflite_learn_3_len = gincbin_tflite_learn_3_size;\n";
  }

  // As Studio packs it, the SDK reduced to a file that must never be read.
  Files files(const std::string& root = "") const {
    Files files = {
        {root + "model-parameters/model_metadata.h", metadata()},
        {root + "model-parameters/model_variables.h", variables()},
        {root + "tflite-model/trained_model_ops_define.h", "#define EI_CLASSIFIER_HAS_X 1\n"},
        {root + "edge-impulse-sdk/classifier/ei_run_classifier.h", "const unsigned char sdk[] = { 0x00"},
    };
    const std::string model_name = year >= 2024 ? "tflite_learn_3" : "tflite-trained";
    const std::string stem = root + "tflite-model/" + model_name;
    files[stem + ".cpp"] = "// Empty on purpose\n";
    if (year >= 2025) {
      files[stem + ".h"] = incbin_header();
      files[stem + ".tflite"] = std::string(as_text(model));
    } else {
      files[stem + ".h"] = c_array(year >= 2024 ? "tflite_learn_3" : "trained_tflite", model);
    }
    return files;
  }
};

inline void write_file(const std::filesystem::path& path, std::string_view content) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << content;
}
inline void write_file(const std::filesystem::path& path, BytesView content) { write_file(path, as_text(content)); }

inline std::filesystem::path write_files(const std::filesystem::path& folder, const Files& files) {
  for (const auto& [name, content] : files) write_file(folder / name, content);
  return folder;
}

// CRC-32 as zip wants it, by the definition.
inline uint32_t crc32_of(std::string_view content) {
  uint32_t crc = 0xffffffff;
  for (const char c : content) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (0xedb88320 & (0 - (crc & 1)));
  }
  return ~crc;
}

// A zip written by hand, entry by entry, so that a test can lie in any field. Entries are stored unless said otherwise.
struct ZipEntry {
  std::string name;
  std::string content;
  uint16_t method = 0;
  uint16_t flags = 0;
  uint32_t size_lie = 0;  // added to the sizes in the directory
  uint32_t unix_mode = 0100644;
  uint32_t claimed_size = 0;  // the unpacked size to claim; 0: the content's
};

inline std::string zip_of(const std::vector<ZipEntry>& entries) {
  Bytes out, directory;
  for (const auto& entry : entries) {
    const auto size = static_cast<uint32_t>(entry.content.size());
    const uint32_t claimed = (entry.claimed_size ? entry.claimed_size : size) + entry.size_lie;
    const auto offset = static_cast<uint32_t>(out.size());
    const auto common = [&](Bytes& to) {
      append_little_endian<uint16_t>(to, 20);
      append_little_endian<uint16_t>(to, entry.flags);
      append_little_endian<uint16_t>(to, entry.method);
      append_little_endian<uint32_t>(to, 0x58210000);  // a date
      append_little_endian<uint32_t>(to, crc32_of(entry.content));
      append_little_endian<uint32_t>(to, size);
      append_little_endian<uint32_t>(to, claimed);
      append_little_endian<uint16_t>(to, static_cast<uint16_t>(entry.name.size()));
      append_little_endian<uint16_t>(to, 0);
    };
    append_little_endian<uint32_t>(out, 0x04034b50);
    common(out);
    out.insert(out.end(), entry.name.begin(), entry.name.end());
    out.insert(out.end(), entry.content.begin(), entry.content.end());
    append_little_endian<uint32_t>(directory, 0x02014b50);
    append_little_endian<uint16_t>(directory, 0x0314);  // made on Unix
    common(directory);
    append_little_endian<uint16_t>(directory, 0);
    append_little_endian<uint16_t>(directory, 0);
    append_little_endian<uint16_t>(directory, 0);
    append_little_endian<uint32_t>(directory, entry.unix_mode << 16);
    append_little_endian<uint32_t>(directory, offset);
    directory.insert(directory.end(), entry.name.begin(), entry.name.end());
  }
  const auto directory_offset = static_cast<uint32_t>(out.size());
  const auto count = static_cast<uint16_t>(entries.size());
  out.insert(out.end(), directory.begin(), directory.end());
  append_little_endian<uint32_t>(out, 0x06054b50);
  append_little_endian<uint32_t>(out, 0);
  append_little_endian<uint16_t>(out, count);
  append_little_endian<uint16_t>(out, count);
  append_little_endian<uint32_t>(out, static_cast<uint32_t>(directory.size()));
  append_little_endian<uint32_t>(out, directory_offset);
  append_little_endian<uint16_t>(out, 0);
  return std::string(as_text(out));
}

inline std::string zip_of(const Files& files) {
  std::vector<ZipEntry> entries;
  for (const auto& [name, content] : files) entries.push_back({.name = name, .content = content});
  return zip_of(entries);
}

}  // namespace es::edge_impulse::fixtures
