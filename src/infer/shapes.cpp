// SPDX-License-Identifier: Apache-2.0
#include "infer/shapes.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace es::infer {
namespace {

using backend::Profile;

// The text up to the next `separator` outside of single quotes, which are taken off.
std::vector<std::string> split_quoted(std::string_view text, char separator) {
  std::vector<std::string> pieces(1);
  bool quoted = false;
  for (const char c : text) {
    if (c == '\'') {
      quoted = !quoted;
    } else if (c == separator && !quoted) {
      pieces.emplace_back();
    } else {
      pieces.back() += c;
    }
  }
  return pieces;
}

Shape parse_dimensions(std::string_view text, std::string_view option, std::string_view whole) {
  std::vector<int64_t> dims;
  for (const std::string& piece : split(text, 'x')) {
    const auto dim = to_integer(piece);
    require(dim && *dim >= 1 && *dim <= (int64_t{1} << 31), ErrorKind::usage, option, ": '", printable(whole),
            "' has the dimension '", printable(piece, 40), "', a number above 0 is needed as in x:1x3x224x224");
    dims.push_back(*dim);
  }
  return Shape(std::move(dims));
}

void set_batch(Shape& shape, int64_t batch) {
  if (shape.rank() > 0) shape[0] = batch;
}

// channels, height, width of the configuration in the model's order, behind a batch dimension.
Shape shape_of_infer_dims(const config::InferConfig& config) {
  const auto& d = config.infer_dims;
  if (config.network_input_order == config::TensorOrder::nhwc) return {1, d.height, d.width, d.channels};
  return {1, d.channels, d.height, d.width};
}

void require_fit(const TensorSpec& input, const Shape& shape, const std::string& name, std::string_view source) {
  bool fits = shape.rank() == input.shape.rank();
  for (size_t axis = 1; fits && axis < shape.rank(); ++axis) {
    fits = input.shape[axis] < 0 || input.shape[axis] == shape[axis];
  }
  require(fits, ErrorKind::mismatch, name, ": input '", printable(input.name), "' is ", input.shape, ", ", source,
          " asks for ", shape_text(shape), " (explict dims.nbDims in config does not match model dims.)");
}

void require_closed(const TensorSpec& input, const Shape& shape, const std::string& name, std::string_view advice) {
  const auto dims = shape.dims();
  const bool open = std::any_of(dims.begin() + (dims.empty() ? 0 : 1), dims.end(), [](int64_t dim) { return dim < 0; });
  require(!open, ErrorKind::mismatch, name, ": input '", printable(input.name), "' is ", input.shape,
          ", a dimension besides the batch is open; ", advice);
}

const Shape* find(const std::vector<NamedShape>& list, const std::string& input) {
  const auto row =
      std::find_if(list.begin(), list.end(), [&](const NamedShape& named) { return named.input == input; });
  return row == list.end() ? nullptr : &row->shape;
}

void require_known_names(std::span<const TensorSpec> inputs, const std::vector<NamedShape>& list,
                         const std::string& name, std::string_view option) {
  for (const NamedShape& named : list) {
    const bool known =
        std::any_of(inputs.begin(), inputs.end(), [&](const TensorSpec& spec) { return spec.name == named.input; });
    std::vector<std::string> names;
    for (const auto& spec : inputs) names.push_back(printable(spec.name));
    require(known, ErrorKind::mismatch, option, ": names the input '", printable(named.input), "', ", name, " has ",
            join(names, ", "));
  }
}

bool ascending(const Shape& low, const Shape& high) {
  if (low.rank() != high.rank()) return false;
  for (size_t axis = 0; axis < low.rank(); ++axis) {
    if (low[axis] > high[axis]) return false;
  }
  return true;
}

Profile profile_of_shapes(const TensorSpec& input, const ShapeLists& lists, const std::string& name) {
  const Shape *min = find(lists.min, input.name), *opt = find(lists.opt, input.name),
              *max = find(lists.max, input.name);
  if (!min && !opt && !max) {
    require_closed(input, input.shape, name, "say which with --shapes=" + input.name + ":1x3x224x224");
    Profile profile{input.name, input.shape, input.shape, input.shape};
    set_batch(profile.min, 1);
    set_batch(profile.opt, 1);
    set_batch(profile.max, most_batch);
    return profile;
  }
  const Shape& middle = opt ? *opt : max ? *max : *min;
  const Profile profile{input.name, min ? *min : middle, middle, max ? *max : middle};
  for (const Shape* shape : {&profile.min, &profile.opt, &profile.max}) require_fit(input, *shape, name, "an option");
  require(ascending(profile.min, profile.opt) && ascending(profile.opt, profile.max), ErrorKind::usage,
          "--minShapes, --optShapes, --maxShapes: input '", printable(input.name), "' has ", shape_text(profile.min),
          ", ", shape_text(profile.opt), ", ", shape_text(profile.max), "; each must not be above the next");
  return profile;
}

}  // namespace

std::vector<NamedShape> parse_shapes(std::string_view text, std::string_view option) {
  std::vector<NamedShape> shapes;
  for (const std::string& piece : split_quoted(text, ',')) {
    const size_t colon = piece.rfind(':');
    require(colon != std::string::npos && colon > 0, ErrorKind::usage, option, ": '", printable(piece),
            "' is no name and shape as in x:1x3x224x224");
    shapes.push_back(
        {piece.substr(0, colon), parse_dimensions(std::string_view(piece).substr(colon + 1), option, piece)});
  }
  return shapes;
}

std::string shape_text(const Shape& shape) { return join(shape.dims(), "x"); }

std::vector<Profile> profiles_of_config(std::span<const TensorSpec> inputs, const config::InferConfig& config,
                                        const std::string& name) {
  std::vector<Profile> profiles;
  for (const TensorSpec& input : inputs) {
    Shape shape = input.shape;
    if (profiles.empty() && config.infer_dims.given()) {
      shape = shape_of_infer_dims(config);
      require_fit(input, shape, name, "infer-dims");
    }
    require_closed(input, shape, name, "give infer-dims=channels;height;width (Explicit config dims is invalid)");
    Profile profile{input.name, shape, shape, shape};
    set_batch(profile.min, 1);
    set_batch(profile.opt, config.batch_size);
    set_batch(profile.max, config.batch_size);
    profiles.push_back(std::move(profile));
  }
  return profiles;
}

ShapeLists lists_of_shapes(std::vector<NamedShape> shapes) {
  ShapeLists lists{shapes, shapes, shapes};
  for (NamedShape& named : lists.min) set_batch(named.shape, 1);
  return lists;
}

std::vector<Profile> profiles_of_shapes(std::span<const TensorSpec> inputs, const ShapeLists& lists,
                                        const std::string& name) {
  require_known_names(inputs, lists.min, name, "--minShapes");
  require_known_names(inputs, lists.opt, name, "--optShapes");
  require_known_names(inputs, lists.max, name, "--maxShapes");
  std::vector<Profile> profiles;
  for (const TensorSpec& input : inputs) profiles.push_back(profile_of_shapes(input, lists, name));
  return profiles;
}

int64_t max_batch(std::span<const Profile> profiles) {
  return profiles.empty() || profiles[0].max.rank() == 0 ? 1 : profiles[0].max[0];
}

}  // namespace es::infer
