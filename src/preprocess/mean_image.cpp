// SPDX-License-Identifier: Apache-2.0
#include "preprocess/mean_image.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "base/error.h"
#include "base/text.h"

namespace es::preprocess {
namespace {

bool is_blank(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

// The next word, and the one blank behind it, leave `rest`.
std::string_view next_word(std::string_view& rest) {
  while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
  size_t length = 0;
  while (length < rest.size() && !is_blank(rest[length])) ++length;
  const auto word = rest.substr(0, length);
  rest.remove_prefix(std::min(length + 1, rest.size()));
  return word;
}

long long next_number(std::string_view& rest, const std::string& name, std::string_view what) {
  const auto word = next_word(rest);
  const auto number = to_integer(word);
  require(number.has_value() && *number > 0, ErrorKind::malformed, name, ": the ", what, " of the mean image is '",
          printable(word, 20), "', a number above 0 is needed");
  return *number;
}

}  // namespace

std::vector<float> read_mean_image(BytesView file, const std::string& name, int width, int height, int channels) {
  std::string_view rest = as_text(file);
  const auto magic = next_word(rest);
  require(magic == "P6", ErrorKind::malformed, name, ": Magic PPM identifier check failed: begins with '",
          printable(magic, 20), "', a mean image is a binary PPM and begins with 'P6'");
  const auto picture_width = next_number(rest, name, "width");
  const auto picture_height = next_number(rest, name, "height");
  next_number(rest, name, "largest value");
  require(picture_width == width && picture_height == height, ErrorKind::mismatch, name,
          ": Mismatch between ppm mean image resolution(", picture_width, " x ", picture_height,
          ") and network resolution(", width, " x ", height, ")");
  const size_t plane = static_cast<size_t>(width) * static_cast<size_t>(height), depth = static_cast<size_t>(channels);
  require(rest.size() >= plane * depth, ErrorKind::malformed, name,
          ": Failed to read sufficient bytes from mean file: has ", rest.size(), " bytes of pixels, ", plane * depth,
          " are needed");
  std::vector<float> means(plane * depth);
  for (size_t pixel = 0; pixel < plane; ++pixel) {
    for (size_t k = 0; k < depth; ++k) means[k * plane + pixel] = static_cast<uint8_t>(rest[pixel * depth + k]);
  }
  return means;
}

}  // namespace es::preprocess
