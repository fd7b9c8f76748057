// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

namespace es::cli {
namespace {

constexpr Command table[] = {
    {"convert", "Make a deployment folder of an Edge Impulse export", declare_convert},
    {"run", "Run a deepstream-app file, or a deployment folder on a video, an image or a camera", declare_run},
    {"inspect", "Say what an export is, and whether and how it runs in DeepStream", declare_inspect},
    {"verify", "Prove that a converted network answers as its source", declare_verify},
    {"build-engine", "Build, load or time an engine (the options of trtexec)", declare_build_engine},
    {"extract", "Take the model file out of an export", declare_extract},
    {"tf2onnx", "Convert a .tflite file with the options of tf2onnx.convert", declare_tf2onnx},
    {"env", "Print the environment in which GStreamer and applications find EdgeStream", declare_env},
    {"man", "Print the manual page", declare_man},
    {"completion", "Print the completion of a shell", declare_completion},
    {"demo", "Convert the bundled exports and run them on the bundled clip", declare_demo},
};

}  // namespace

std::span<const Command> commands() { return table; }

}  // namespace es::cli
