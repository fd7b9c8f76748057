// SPDX-License-Identifier: Apache-2.0
//
// Shapes as trtexec's options write them, and the profiles that an engine is built for.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "backend/engine_file.h"
#include "config/infer_config.h"
#include "vision/tensor.h"

namespace es::infer {

struct NamedShape {
  std::string input;
  Shape shape;
  bool operator==(const NamedShape&) const = default;
};

// "x:1x3x224x224,mask:1x1" (names may hold ':' and be quoted with '). Dimensions are 1 and more. Throws usage, with
// `option` in front: "--minShapes: ...".
std::vector<NamedShape> parse_shapes(std::string_view text, std::string_view option);

// "1x3x224x224"
std::string shape_text(const Shape& shape);

// nvinfer.md 5.5: batches 1 to batch_size of the dimensions that the configuration or the model gives. `name` is the
// model's, for messages. Throws mismatch where infer-dims do not fit the model or a dimension stays open.
std::vector<backend::Profile> profiles_of_config(std::span<const TensorSpec> inputs, const config::InferConfig& config,
                                                 const std::string& name);

// What trtexec's --minShapes, --optShapes and --maxShapes ask for; an input that one list lacks takes the shape of
// another. Inputs in none have the model's shape, batches 1 to 1024: nothing on a CPU depends on the largest batch.
struct ShapeLists {
  std::vector<NamedShape> min, opt, max;
};
// What --shapes asks for when an engine is built: these shapes, and every smaller batch.
ShapeLists lists_of_shapes(std::vector<NamedShape> shapes);
std::vector<backend::Profile> profiles_of_shapes(std::span<const TensorSpec> inputs, const ShapeLists& lists,
                                                 const std::string& name);

// The largest batch of the first input.
int64_t max_batch(std::span<const backend::Profile> profiles);

inline constexpr int64_t most_batch = 1024;  // nvinfer's limit

}  // namespace es::infer
