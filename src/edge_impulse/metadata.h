// SPDX-License-Identifier: Apache-2.0
//
// model_metadata.h and model_variables.h of every generation since 2020, read into facts.
//
// The generations differ in where a fact stands (a macro, a struct of the impulse, a learning block, a post-processing
// block), not in what it means. Each fact is looked for in all of its places, the one that decides at run time first;
// where two places disagree, that one wins and a warning names both. Content decides, never a version number.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "edge_impulse/headers.h"
#include "edge_impulse/project.h"

namespace es::edge_impulse {

// One impulse of an export: what it is, and which network it runs.
struct Impulse {
  Project project;
  std::string key;  // "534837_1", as its variable is called; empty before November 2022
  bool is_default = false;
  std::string model_symbol;                 // the array its network is bound to; empty where the headers bind none
  std::vector<std::string> includes;        // base names of the headers that its own header includes
  std::optional<std::string> eon_sign;      // why its network is compiled code; set where it is
  bool eon_is_bound = false;                // the sign is a binding to compiled code, not only a flag
  std::vector<std::string> other_networks;  // further blocks with a network, which are not imported
  std::vector<std::string> warnings;
};

// `texts`: the headers of model-parameters, model_metadata.h first. At least one impulse comes out.
std::vector<Impulse> read_impulses(std::vector<HeaderText> texts);

}  // namespace es::edge_impulse
