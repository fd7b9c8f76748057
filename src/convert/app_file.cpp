// SPDX-License-Identifier: Apache-2.0
#include "convert/app_file.h"

#include "base/text.h"
#include "convert/nvinfer_file.h"

namespace es::convert {

std::string app_file_name(const Recipe& recipe) { return text("deepstream_app_", recipe.name, ".txt"); }

std::string app_file(const Recipe& recipe) {
  return text("# deepstream-app, ", recipe.display_name,
              ": one video, the network, boxes drawn, an MP4 written.\n"
              "# Run it with: edgestream run ",
              app_file_name(recipe), "   or: deepstream-app -c ", app_file_name(recipe),
              "\n"
              "[application]\n"
              "enable-perf-measurement=1\n"
              "perf-measurement-interval-sec=5\n"
              "\n"
              "[source0]\n"
              "enable=1\n"
              "# 2: a URI. A relative path after file:// is resolved against this file.\n"
              "type=2\n"
              "uri=file://video.mp4\n"
              "\n"
              "[streammux]\n"
              "batch-size=1\n"
              "batched-push-timeout=40000\n"
              "# every frame is scaled to this size; the video's own size costs nothing\n"
              "width=1280\n"
              "height=720\n"
              "live-source=0\n"
              "\n"
              "[primary-gie]\n"
              "enable=1\n"
              "gie-unique-id=1\n"
              "config-file=",
              nvinfer_file_name(recipe, Stage::primary),
              "\n"
              "\n"
              "[tiled-display]\n"
              "enable=1\n"
              "rows=1\n"
              "columns=1\n"
              "width=1280\n"
              "height=720\n"
              "\n"
              "[osd]\n"
              "enable=1\n"
              "border-width=3\n"
              "text-size=14\n"
              "text-color=1;1;1;1\n"
              "text-bg-color=0.3;0.3;0.3;1\n"
              "font=Serif\n"
              "\n"
              "[sink0]\n"
              "# 3: encode to a file. 1: nothing is shown. 2: a window.\n"
              "enable=1\n"
              "type=3\n"
              "container=1\n"
              "codec=1\n"
              "enc-type=1\n"
              "bitrate=4000000\n"
              "sync=0\n"
              "output-file=",
              recipe.name, "_out.mp4\n");
}

}  // namespace es::convert
