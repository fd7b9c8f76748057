// SPDX-License-Identifier: Apache-2.0
#include "cli/installation.h"

#include <cstdlib>

#include "base/error.h"

namespace es::cli {
namespace {

namespace fs = std::filesystem;
constexpr const char* plugin_file = "libgstedgestream.so";

}  // namespace

Installation find_installation() {
  const fs::path bin = fs::read_symlink("/proc/self/exe").parent_path();
  // Installed: PREFIX/bin beside PREFIX/lib/edgestream, or PREFIX/libexec/edgestream/bin. The build tree
  // is laid out like an installed one.
  const Installation candidates[] = {
      {bin / "../lib/edgestream/gstreamer-1.0", bin / "../lib/edgestream", bin / "../lib/pkgconfig",
       bin / "../libexec/edgestream/bin"},
      {bin / "../../../lib/edgestream/gstreamer-1.0", bin / "../../../lib/edgestream", bin / "../../../lib/pkgconfig",
       bin},
  };
  for (const auto& candidate : candidates) {
    if (fs::exists(candidate.plugin_folder / plugin_file)) {
      return {candidate.plugin_folder.lexically_normal(), candidate.library_folder.lexically_normal(),
              candidate.pkgconfig_folder.lexically_normal(), candidate.program_folder.lexically_normal()};
    }
  }
  fail(ErrorKind::environment, bin.string(), ": ", plugin_file,
       " is not beside this program; build the project with scripts/build, or install it whole");
}

void use_own_plugin(const Installation& installation) {
  std::string folders = installation.plugin_folder.string();
  if (const char* others = std::getenv("GST_PLUGIN_PATH"); others && *others) folders += std::string(":") + others;
  ::setenv("GST_PLUGIN_PATH", folders.c_str(), 1);
}

}  // namespace es::cli
