// SPDX-License-Identifier: Apache-2.0
//
// The command line's door: options are read, a command runs, and whatever leaves it becomes one sentence and an exit
// code. The program also answers to the names trtexec and deepstream-app.
#include <csignal>
#include <filesystem>
#include <iostream>
#include <map>
#include <new>

#include "base/error.h"
#include "cli/command.h"
#include "cli/terminal.h"

namespace {

using es::ErrorKind;
namespace cli = es::cli;

// A name of its own under which one command is the whole program, and the exit code its users expect of an error.
struct SecondName {
  std::string_view name;
  es::cli::Action (*declare)(CLI::App& app);
  int error_code;
};

constexpr SecondName second_names[] = {
    {"trtexec", cli::declare_trtexec, 1},
    {"deepstream-app", cli::declare_deepstream_app, 255},
};

const SecondName* second_name_of(const char* argv0) {
  const std::string name = std::filesystem::path(argv0).filename().string();
  for (const auto& row : second_names) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

void add_hint(std::string& message, const std::string& word) {
  std::vector<std::string_view> names;
  for (const auto& command : cli::commands()) names.push_back(command.name);
  if (const auto near = es::did_you_mean(word, names)) message += "; did you mean '" + *near + "'?";
}

// CLI11's own errors, in our form. --help and --version arrive here as well, as success.
int usage_error(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  if (error.get_exit_code() == 0) return app.exit(error, std::cout, std::cerr);
  std::string message = error.what();
  if (argc > 1 && argv[1][0] != '-') {
    const auto known = [&](const cli::Command& command) { return command.name == argv[1]; };
    const auto table = cli::commands();
    if (std::none_of(table.begin(), table.end(), known) && !second_name_of(argv[0])) {
      message = std::string("there is no command '") + es::printable(argv[1]) + "'";
      add_hint(message, argv[1]);
    }
  }
  cli::print_error(message + "; see " + app.get_name() + " --help");
  return static_cast<int>(ErrorKind::usage);
}

int guarded(const cli::Action& action) {
  try {
    return action();
  } catch (const es::Error& error) {
    cli::print_error(error.what());
    return static_cast<int>(error.kind());
  } catch (const std::bad_alloc&) {
    cli::print_error("memory is exhausted; a smaller batch or another machine is needed");
    return static_cast<int>(ErrorKind::environment);
  } catch (const std::exception& error) {
    cli::print_error(std::string("a defect of EdgeStream: ") + error.what() + "; please report this sentence");
    return static_cast<int>(ErrorKind::internal);
  }
}

int run_second_name(const SecondName& name, int argc, char** argv) {
  CLI::App app{"", std::string(name.name)};
  const auto action = name.declare(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return usage_error(app, error, argc, argv) == 0 ? 0 : name.error_code;
  }
  return guarded(action) == 0 ? 0 : name.error_code;
}

int run_command(int argc, char** argv) {
  CLI::App app{
      "EdgeStream: Edge Impulse models as DeepStream-style video analytics, on any machine.\n"
      "Not affiliated with NVIDIA or Edge Impulse.",
      "edgestream"};
  app.set_version_flag("--version", std::string("edgestream ") + ES_VERSION);
  app.require_subcommand(1);
  app.fallthrough(false);
  std::map<const CLI::App*, cli::Action> actions;
  for (const auto& command : cli::commands()) {
    auto* subcommand = app.add_subcommand(std::string(command.name), std::string(command.summary));
    actions[subcommand] = command.declare(*subcommand);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return usage_error(app, error, argc, argv);
  }
  return guarded(actions.at(app.get_subcommands().front()));
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  cli::install_log_sink();
  const auto* name = second_name_of(argv[0]);
  return name ? run_second_name(*name, argc, argv) : run_command(argc, argv);
}
