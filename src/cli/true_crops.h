// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/score.h"

namespace es::cli {

// How often a classifier is right about objects that somebody else found: the secondary network of a deployment folder
// on the true boxes of every third frame of a clip, against their states. 0..1. app::initialise() must have been
// called.
double accuracy_on_true_crops(const std::filesystem::path& folder, const std::string& clip,
                              const std::vector<std::vector<TrueObject>>& truth, int width, int height);

}  // namespace es::cli
