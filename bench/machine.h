// SPDX-License-Identifier: Apache-2.0
//
// What a figure needs beside it, and the clocks figures are taken from.
#pragma once

#include <string>
#include <vector>

namespace es::bench {

// One line each: CPU and cores, system, compiler and build, and the libraries named by the caller.
std::string machine();

// Seconds that all threads of this process have computed, and seconds on the wall.
double cpu_seconds();
double wall_seconds();

double median(std::vector<double> values);

}  // namespace es::bench
