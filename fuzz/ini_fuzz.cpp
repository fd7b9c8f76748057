// SPDX-License-Identifier: Apache-2.0
//
// A configuration file of unknown origin is refused with an Error or read. The first byte chooses: INI or YAML of
// nvinfer, or the key file alone, where every key that GLib lists must have a line of ours, and every value of each
// type is asked for.
#include <cstdlib>
#include <string>

#include "base/error.h"
#include "base/key_file.h"
#include "config/labels.h"
#include "config/lint.h"
#include "config/read.h"

namespace {

template <typename Read>
void ask(Read read) {
  try {
    read();
  } catch (const es::Error&) {
  }
}

void read_key_file(std::string content) {
  const auto file = es::KeyFile::parse(std::move(content), "x");
  for (const auto& group : file.groups()) {
    if (file.line(group) == 0) std::abort();
    for (const auto& key : file.keys(group)) {
      // Translations ("name[de]") are dropped by GLib and keep their line here, so only this way round holds.
      if (file.line(group, key) == 0) std::abort();
      ask([&] { file.integer(group, key); });
      ask([&] { file.real(group, key); });
      ask([&] { file.boolean(group, key); });
      ask([&] { file.string(group, key); });
      ask([&] { file.strings(group, key); });
      ask([&] { file.integers(group, key); });
      ask([&] { file.reals(group, key); });
    }
  }
}

void read_config(std::string content, const char* name) {
  es::config::Warnings warnings;
  const auto labels = es::config::parse_labels(content);
  const auto config = es::config::parse_infer_config(std::move(content), name, &warnings);
  if (config.class_attributes.size() > 65536 || config.batch_size < 1 || config.batch_size > 1024) std::abort();
  es::config::lint(config, labels);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  std::string content(reinterpret_cast<const char*>(data) + 1, size - 1);
  ask([&] {
    switch (data[0] % 3) {
      case 0:
        return read_config(std::move(content), "infer.txt");
      case 1:
        return read_config(std::move(content), "infer.yml");
      default:
        return read_key_file(std::move(content));
    }
  });
  return 0;
}
