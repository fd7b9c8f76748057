// SPDX-License-Identifier: Apache-2.0
//
// edgestream env: shell lines for eval. Opting in is a choice of the user: nothing of ours is on a default path, so a
// real DeepStream is never shadowed by accident.
#include <cstdlib>

#include "cli/command.h"
#include "cli/installation.h"
#include "cli/terminal.h"

namespace es::cli {
namespace {

std::string prepended(const char* variable, const std::string& folder) {
  std::string quoted = "'";
  for (const char c : folder) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  quoted += "'";
  return std::string("export ") + variable + "=" + quoted + "${" + variable + ":+:$" + variable + "}";
}

}  // namespace

Action declare_env(CLI::App& app) {
  app.footer("Use: eval \"$(edgestream env)\"");
  return [] {
    const auto installation = find_installation();
    print_line(prepended("GST_PLUGIN_PATH", installation.plugin_folder.string()));
    print_line(prepended("LD_LIBRARY_PATH", installation.library_folder.string()));
    print_line(prepended("PKG_CONFIG_PATH", installation.pkgconfig_folder.string()));
    print_line(prepended("PATH", installation.program_folder.string()));
    return 0;
  };
}

}  // namespace es::cli
