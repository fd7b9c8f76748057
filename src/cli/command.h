// SPDX-License-Identifier: Apache-2.0
//
// A command of the command line: a row of the table in commands.cpp.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <span>
#include <string_view>

namespace es::cli {

// What runs once the options are read; its value is the exit code. es::Error may leave it.
using Action = std::function<int()>;

struct Command {
  std::string_view name;
  std::string_view summary;
  // Declares the options on `app` and returns the action. Called once; what the options are written to lives in the
  // action.
  Action (*declare)(CLI::App& app);
};

// Every command, in the order of the help page.
std::span<const Command> commands();

Action declare_convert(CLI::App& app);
Action declare_extract(CLI::App& app);
Action declare_tf2onnx(CLI::App& app);
Action declare_run(CLI::App& app);
Action declare_build_engine(CLI::App& app);
Action declare_trtexec(CLI::App& app);
Action declare_deepstream_app(CLI::App& app);
Action declare_env(CLI::App& app);
Action declare_demo(CLI::App& app);
Action declare_inspect(CLI::App& app);
Action declare_man(CLI::App& app);
Action declare_completion(CLI::App& app);
Action declare_verify(CLI::App& app);

}  // namespace es::cli
