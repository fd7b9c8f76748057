// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "edge_impulse/blocks.h"
#include "edge_impulse/fact_finder.h"
#include "edge_impulse/project.h"

namespace es::edge_impulse {

// Fills what a project answers with: its head, its thresholds, and the numbers that belong to that head alone. Needs
// the label count.
void read_head_facts(const Headers& headers, const Place& impulse, const Blocks& blocks, const FactFinder& find,
                     Project& project);

}  // namespace es::edge_impulse
