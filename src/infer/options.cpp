// SPDX-License-Identifier: Apache-2.0
#include "infer/options.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <thread>

#include "base/error.h"
#include "base/text.h"

namespace es::infer {
namespace {

constexpr std::string_view our_prefix = "edgestream-";
constexpr int most_threads = 1024;

using Apply = void (*)(const std::string& name, std::string_view value, Options& options);

int thread_count(const std::string& name, std::string_view value) {
  const auto number = to_integer(value);
  require(number && *number >= 1 && *number <= most_threads, ErrorKind::usage, "dynamic-properties: ", name, " is '",
          printable(value, 40), "', a number from 1 to ", most_threads, " is needed");
  return static_cast<int>(*number);
}

void set_provider(const std::string& name, std::string_view value, Options& options) {
  options.provider = backend::provider_of(value);
  require(options.provider.has_value(), ErrorKind::usage, "dynamic-properties: ", name, " is '", printable(value, 40),
          "', cpu, cuda or tensorrt is needed");
}

void set_batch(const std::string& name, std::string_view value, Options& options) {
  require(value == "items" || value == "whole", ErrorKind::usage, "dynamic-properties: ", name, " is '",
          printable(value, 40), "', items or whole is needed");
  options.real_batches = value == "whole";
}

void set_workers(const std::string& name, std::string_view value, Options& options) {
  options.workers = thread_count(name, value);
}

void set_intra_op_threads(const std::string& name, std::string_view value, Options& options) {
  options.intra_op_threads = thread_count(name, value);
}

struct Row {
  std::string_view name;
  Apply apply;
};

constexpr std::array<Row, 4> rows{{{"edgestream-provider", set_provider},
                                   {"edgestream-batch", set_batch},
                                   {"edgestream-workers", set_workers},
                                   {"edgestream-intra-op-threads", set_intra_op_threads}}};

void apply(std::string_view name, std::string_view value, Options& options) {
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const Row& r) { return r.name == name; });
  if (row != rows.end()) return row->apply(std::string(name), value, options);
  std::array<std::string_view, rows.size()> names;
  std::transform(rows.begin(), rows.end(), names.begin(), [](const Row& r) { return r.name; });
  const auto guess = did_you_mean(name, names);
  fail(ErrorKind::usage, "dynamic-properties: there is no '", printable(name, 60), "'",
       guess ? "; did you mean '" + *guess + "'?" : text("; there are ", join(names, ", ")));
}

// nvinfer's rules: pieces at ';', each split at its first '=', blanks trimmed, incomplete pairs dropped.
Options parse(const std::string& properties) {
  Options options;
  for (const std::string& piece : split(properties, ';')) {
    const size_t equals = piece.find('=');
    if (equals == std::string::npos) continue;
    const auto name = trim(std::string_view(piece).substr(0, equals));
    const auto value = trim(std::string_view(piece).substr(equals + 1));
    if (name.starts_with(our_prefix) && !value.empty()) apply(name, value, options);
  }
  return options;
}

}  // namespace

Choices choose(const std::string& dynamic_properties, const Options& options) {
  const Options file = parse(dynamic_properties);
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  Choices choices;
  choices.provider = options.provider.value_or(file.provider.value_or(backend::Provider::cpu));
  const bool gpu = choices.provider != backend::Provider::cpu;
  choices.real_batches = options.real_batches.value_or(file.real_batches.value_or(gpu));
  choices.intra_op_threads = options.intra_op_threads.value_or(file.intra_op_threads.value_or(1));
  choices.workers = options.workers.value_or(file.workers.value_or(cores));
  return choices;
}

}  // namespace es::infer
