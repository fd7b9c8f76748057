// SPDX-License-Identifier: Apache-2.0
#include "verify/inputs.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/text.h"

namespace es::verify {
namespace {

// A place in a picture, 0..1 in both directions, or in a list (y is 0 then).
struct Place {
  double x, y;
  int64_t channel;
  int64_t seed;  // of this input
};

// A number of 0..1 that looks like chance and is none.
double hash(int64_t a, int64_t b, int64_t c) {
  auto h = static_cast<uint64_t>(a) * 0x9e3779b97f4a7c15u ^ static_cast<uint64_t>(b) * 0xc2b2ae3d27d4eb4fu ^
           static_cast<uint64_t>(c) * 0x165667b19e3779f9u;
  h = (h ^ h >> 29) * 0xbf58476d1ce4e5b9u;
  return static_cast<double>((h ^ h >> 32) & 4095) / 4095;
}

double gradient(const Place& p) {
  const double along = (p.seed + p.channel) % 3 == 0 ? p.x : (p.seed + p.channel) % 3 == 1 ? p.y : (p.x + p.y) / 2;
  return p.seed % 2 == 0 ? along : 1 - along;
}

double patches(const Place& p) {
  const double side = static_cast<double>(4 + p.seed % 5);
  const auto column = static_cast<int64_t>(p.x * side), row = static_cast<int64_t>(p.y * side);
  return hash(row * 64 + column, p.channel, p.seed);
}

double waves(const Place& p) {
  const double cycles = static_cast<double>(1 + p.seed % 7 + 2 * p.channel);
  const double phase = 2 * std::numbers::pi * cycles * (p.x + 0.5 * p.y);
  return 0.5 + 0.5 * std::sin(phase) * std::cos(std::numbers::pi * cycles * p.y);
}

// A bright disc before a dim gradient, as an object before a wall.
double disc(const Place& p) {
  const double dx = p.x - 0.3 - 0.4 * hash(p.seed, 1, 0), dy = p.y - 0.3 - 0.4 * hash(p.seed, 2, 0);
  const double radius = 0.1 + 0.2 * hash(p.seed, 3, 0);
  return dx * dx + dy * dy < radius * radius ? hash(p.seed, 4, p.channel) : 0.2 + 0.3 * p.x;
}

// Waves with a grain, at a quarter of the brightness.
double dim_texture(const Place& p) {
  const auto grain = hash(static_cast<int64_t>(p.x * 4096), static_cast<int64_t>(p.y * 4096), p.channel + p.seed);
  return 0.25 * (0.7 * waves(p) + 0.3 * grain);
}

struct Kind {
  const char* name;
  double (*value)(const Place&);
};

constexpr Kind kinds[] = {
    {"waves", waves}, {"patches", patches}, {"disc", disc}, {"gradient", gradient}, {"dim texture", dim_texture},
};

double in_steps(double share, Range range) {
  const double step = std::round(std::clamp(share, 0.0, 1.0) * 4096) / 4096;
  return static_cast<double>(static_cast<float>(range.least + step * (range.most - range.least)));
}

reference::Array fill(const reference::Dims& shape, Range range, const Kind& kind, int64_t seed) {
  auto array = reference::make_array(tflite::TensorType::float32, shape);
  const bool is_picture = shape.size() == 4;
  const int64_t width = is_picture ? shape[2] : static_cast<int64_t>(array.values.size());
  const int64_t height = is_picture ? shape[1] : 1, channels = is_picture ? shape[3] : 1;
  size_t i = 0;
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      for (int64_t c = 0; c < channels && i < array.values.size(); ++c, ++i) {
        const Place place{static_cast<double>(x) / static_cast<double>(width),
                          is_picture ? static_cast<double>(y) / static_cast<double>(height) : 0, c, seed};
        array.values[i] = in_steps(kind.value(place), range);
      }
    }
  }
  return array;
}

}  // namespace

std::vector<Input> structured_inputs(const reference::Dims& shape, Range range, size_t count) {
  std::vector<Input> inputs;
  for (size_t i = 0; i < count; ++i) {
    const auto& kind = kinds[i % std::size(kinds)];
    const auto round = static_cast<int64_t>(i / std::size(kinds));
    const auto name = round == 0 ? std::string(kind.name) : text(kind.name, " ", round + 1);
    inputs.push_back({name, fill(shape, range, kind, static_cast<int64_t>(i) + 3 * round)});
  }
  return inputs;
}

}  // namespace es::verify
