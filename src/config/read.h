// SPDX-License-Identifier: Apache-2.0
//
// An nvinfer configuration file becomes an InferConfig, as Gst-nvinfer reads it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "config/infer_config.h"

namespace es::config {

// A sentence for the user about something that is allowed and probably not meant.
using Warning = std::string;
using Warnings = std::vector<Warning>;

// A property of the nvinfer element and the value somebody gave it.
struct Override {
  std::string property;  // "batch-size", as gst-inspect shows it
  std::string value;     // "4", "true", "secondary", "0:2:3", a path
};

struct ReadOptions {
  // The element properties that were set before the file was named, in that order. Some of them protect their keys from
  // the file (unique-id, batch-size, process-mode, interval, gpu-id, model-engine-file, infer-on-*, input-tensor-meta);
  // the file wins over the others.
  std::vector<Override> set_before;
};

// Reads `path`: YAML where the name ends in .yml or .yaml, else INI. Relative paths in it are resolved against its
// folder. Adds to `warnings` (which may be null): unknown keys, all of them in one warning, and deprecated ones.
// Throws unreadable (no such file), malformed (syntax, a value of the wrong type or outside its range); the message
// names the line and ends with nvinfer's own sentence in brackets.
InferConfig read_infer_config(const std::filesystem::path& path, Warnings* warnings, const ReadOptions& options = {});

// The same for a text in memory; `path` gives the name for messages, the folder for relative paths and the format.
InferConfig parse_infer_config(std::string content, const std::filesystem::path& path, Warnings* warnings,
                               const ReadOptions& options = {});

// An element property that was set after the file was read: it replaces that one value. Throws usage for an unknown
// property or an unfit value.
void apply_override(InferConfig& config, const Override& override);

// How nvinfer resolves a path written in the file `config_file`: absolute ones as they are, relative ones against the
// folder of the file (with its links resolved). What exists is made canonical; what does not is no error. Throws
// unreadable where the path cannot be looked up (a part that is no folder, no permission).
std::filesystem::path resolve_path(const std::filesystem::path& config_file, const std::string& value);

}  // namespace es::config
