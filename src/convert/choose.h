// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "convert/convert.h"
#include "edge_impulse/import.h"

namespace es::convert {

// Decides the recipe: an option before the export, the export before a guess. Guesses and what cannot be exact go to
// the report. `project` has been held against the model. Throws unsupported for a head or an input that nvinfer cannot
// serve, mismatch where labels and model disagree.
Recipe choose(const edge_impulse::Project& project, const edge_impulse::ModelFacts& model, const Options& options,
              const std::string& file_name, Report& report);

}  // namespace es::convert
