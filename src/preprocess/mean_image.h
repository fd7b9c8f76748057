// SPDX-License-Identifier: Apache-2.0
//
// The key mean-file: a PPM picture of the network's size (nvinfer.md 1.9).
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"

namespace es::preprocess {

// The picture's bytes as means: channels * height * width floats, planar. Byte k of a pixel belongs to channel k of the
// network, whatever the network's colour order; a gray network reads one byte per pixel. `name` is for messages.
// Throws malformed where it is no binary PPM or is cut short, mismatch where its size is not the network's.
std::vector<float> read_mean_image(BytesView file, const std::string& name, int width, int height, int channels);

}  // namespace es::preprocess
