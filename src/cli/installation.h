// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace es::cli {

// Where the parts of EdgeStream lie, found from the running program: an installed tree or the build tree.
struct Installation {
  std::filesystem::path plugin_folder;     // holds libgstedgestream.so
  std::filesystem::path library_folder;    // holds libnvds_*.so
  std::filesystem::path pkgconfig_folder;  // holds edgestream.pc; an installed tree only
  std::filesystem::path program_folder;    // holds the names trtexec and deepstream-app; not on any default PATH
};

// Throws environment where the plugin is in neither place.
Installation find_installation();

// Makes the plugin visible to GStreamer in this process (GST_PLUGIN_PATH), in front of any other. Before gst_init.
void use_own_plugin(const Installation& installation);

}  // namespace es::cli
