// SPDX-License-Identifier: Apache-2.0
#include "verify/pictures.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace es::verify {
namespace {

constexpr size_t most_bars = 40, most_points = 3000;
constexpr int64_t most_cells = 64;

std::string svg(int width, int height, const std::string& body, const std::string& title) {
  return text("<svg viewBox=\"0 0 ", width, " ", height, "\" width=\"", width, "\" height=\"", height,
              "\" role=\"img\"><title>", title, "</title>", body, "</svg>");
}

std::string coordinate(double value) { return number_text(static_cast<float>(std::round(value * 100) / 100)); }

struct Span {
  double least = 0, most = 0;
  double share(double value) const { return most == least ? 0.5 : (value - least) / (most - least); }
};

Span span_of(const Array& a, const Array& b) {
  Span span{INFINITY, -INFINITY};
  for (const auto* array : {&a, &b}) {
    for (const double value : array->values) {
      if (!std::isfinite(value)) continue;
      span.least = std::min(span.least, value);
      span.most = std::max(span.most, value);
    }
  }
  return span.least > span.most ? Span{} : span;
}

// Pairs of bars from zero upwards and downwards.
std::string bars(const OutputResult& output) {
  auto span = span_of(output.expected, output.actual);
  span.least = std::min(span.least, 0.0);
  span.most = std::max(span.most, 0.0);
  constexpr int height = 160, step = 26, bar = 10;
  const int width = static_cast<int>(output.expected.values.size()) * step + 8;
  const auto y = [&](double value) { return 8 + (height - 16) * (1 - span.share(value)); };
  std::string body;
  for (size_t i = 0; i < output.expected.values.size(); ++i) {
    for (const bool theirs : {true, false}) {
      const double value = theirs ? output.expected.values[i] : output.actual.values[i];
      if (!std::isfinite(value)) continue;
      const double top = std::min(y(value), y(0)), bottom = std::max(y(value), y(0));
      body += text("<rect class=\"", theirs ? "source" : "network", "\" x=\"",
                   static_cast<int>(i) * step + (theirs ? 6 : 6 + bar), "\" y=\"", coordinate(top), "\" width=\"", bar,
                   "\" height=\"", coordinate(std::max(bottom - top, 1.0)), "\"/>");
    }
  }
  body += text("<line class=\"axis\" x1=\"0\" x2=\"", width, "\" y1=\"", coordinate(y(0)), "\" y2=\"", coordinate(y(0)),
               "\"/>");
  return svg(width, height, body, "scores of the source and of the network, side by side");
}

// One map: the darker a cell, the larger the number.
std::string map_of(const std::vector<double>& values, int64_t rows, int64_t columns, Span span, int x0, int side,
                   const char* kind) {
  std::string body;
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t column = 0; column < columns; ++column) {
      const double share = span.share(values[static_cast<size_t>(row * columns + column)]);
      if (!(share > 0.004)) continue;
      body += text("<rect class=\"", kind, "\" x=\"", x0 + static_cast<int>(column) * side, "\" y=\"",
                   static_cast<int>(row) * side, "\" width=\"", side, "\" height=\"", side, "\" opacity=\"",
                   coordinate(std::min(share, 1.0)), "\"/>");
    }
  }
  return body + text("<rect class=\"frame\" x=\"", x0, "\" y=\"0\" width=\"", columns * side, "\" height=\"",
                     rows * side, "\"/>");
}

// The largest score but the first class's (the background) above it, for each cell.
std::vector<double> margin(const Array& array) {
  const auto classes = static_cast<size_t>(array.shape.back());
  std::vector<double> margins;
  for (size_t at = 0; at + classes <= array.values.size(); at += classes) {
    double best = -INFINITY;
    for (size_t c = 1; c < classes; ++c) best = std::max(best, array.values[at + c]);
    margins.push_back(classes == 1 ? array.values[at] : best - array.values[at]);
  }
  return margins;
}

std::string maps(const OutputResult& output) {
  const auto rows = output.expected.shape[1], columns = output.expected.shape[2];
  const int side = static_cast<int>(std::clamp<int64_t>(192 / std::max(rows, columns), 3, 16));
  const int width = static_cast<int>(columns) * side, gap = 14;
  Array expected, actual, error;
  expected.values = margin(output.expected);
  actual.values = margin(output.actual);
  for (size_t i = 0; i < expected.values.size(); ++i) {
    error.values.push_back(std::abs(expected.values[i] - actual.values[i]));
  }
  const auto span = span_of(expected, actual);
  const Span error_span{0, std::max(output.range, 1e-30)};
  const std::string body = map_of(expected.values, rows, columns, span, 0, side, "source") +
                           map_of(actual.values, rows, columns, span, width + gap, side, "network") +
                           map_of(error.values, rows, columns, error_span, 2 * (width + gap), side, "error");
  return svg(3 * width + 2 * gap, static_cast<int>(rows) * side, body,
             "best class against the background: source, network, difference");
}

// The source's number to the right, the network's upwards: a proof is a diagonal.
std::string scatter(const OutputResult& output) {
  const auto span = span_of(output.expected, output.actual);
  constexpr int side = 220;
  const size_t step = output.expected.values.size() / most_points + 1;
  std::string body = text("<line class=\"axis\" x1=\"6\" y1=\"", side - 6, "\" x2=\"", side - 6, "\" y2=\"6\"/>");
  const auto place = [&](double value) { return 6 + (side - 12) * span.share(value); };
  std::string last;
  for (size_t i = 0; i < output.expected.values.size(); i += step) {
    const double x = output.expected.values[i], y = output.actual.values[i];
    if (!std::isfinite(x) || !std::isfinite(y)) continue;
    const auto point = text("<circle class=\"network\" cx=\"", coordinate(std::round(place(x))), "\" cy=\"",
                            coordinate(std::round(side - place(y))), "\" r=\"2\"/>");
    if (point != last) body += point;
    last = point;
  }
  return svg(side, side, body, "each number: the source's to the right, the network's upwards");
}

}  // namespace

std::string picture_of(const OutputResult& output) {
  const auto& shape = output.expected.shape;
  if (output.expected.values.empty()) return "";
  if (shape.size() == 4 && shape[1] <= most_cells && shape[2] <= most_cells && shape[1] * shape[2] > 1) {
    return maps(output);
  }
  return output.expected.values.size() <= most_bars ? bars(output) : scatter(output);
}

}  // namespace es::verify
