// SPDX-License-Identifier: Apache-2.0
#include "verify/verify.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/error.h"
#include "base/text.h"
#include "verify/network.h"

namespace es::verify {
namespace {

constexpr double sensitivity_step = 1e-6;  // relative, of an input
constexpr double sensitivity_factor = 4;   // how many times the sensitivity an error may be
constexpr double most_steps = 48;          // between two kernel sets of the same integers (LiteRT's own: up to 42)
constexpr double near_steps = 8;           // of two classes that either kernel set may put first
constexpr double layer_tolerance = 1e-4;   // of a value in the middle, which is rounded with all before it

std::string shown(const Dims& dims) { return "[" + join(dims, ", ") + "]"; }

// --- layouts

// Which axes of the source's array make the network's, or nothing where no order of channels does.
std::optional<Dims> axes_between(const Dims& from, const Dims& to) {
  if (from == to) {
    Dims same;
    for (size_t axis = 0; axis < from.size(); ++axis) same.push_back(static_cast<int64_t>(axis));
    return same;
  }
  if (from.size() != to.size() || from.size() < 3) return std::nullopt;
  Dims first{0, static_cast<int64_t>(from.size()) - 1};
  for (size_t axis = 1; axis + 1 < from.size(); ++axis) first.push_back(static_cast<int64_t>(axis));
  Dims moved;
  for (const auto axis : first) moved.push_back(from[static_cast<size_t>(axis)]);
  return moved == to ? std::optional(first) : std::nullopt;
}

Array permuted(const Array& array, const Dims& axes) {
  Array result{.type = array.type, .shape = {}, .values = {}};
  for (const auto axis : axes) result.shape.push_back(array.shape[static_cast<size_t>(axis)]);
  result.values.reserve(array.values.size());
  reference::for_each(result.shape, [&](const reference::Index& index) {
    reference::Index from(index.size());
    for (size_t i = 0; i < axes.size(); ++i) from[static_cast<size_t>(axes[i])] = index[i];
    result.values.push_back(reference::at(array, from));
  });
  return result;
}

// Arrays of one row each, one behind the other.
Array stacked(const std::vector<const Array*>& rows) {
  Array result = *rows[0];
  if (rows.size() == 1) return result;
  result.shape[0] = static_cast<int64_t>(rows.size());
  for (size_t i = 1; i < rows.size(); ++i) {
    result.values.insert(result.values.end(), rows[i]->values.begin(), rows[i]->values.end());
  }
  return result;
}

// Row `row` of `rows`; an array without rows of its own is every row's.
Array row_of(const Array& array, int64_t row, int64_t rows) {
  if (array.shape.empty() || rows == 1) return array;
  const size_t each = array.values.size() / static_cast<size_t>(rows);
  Array result{.type = array.type, .shape = array.shape, .values = {}};
  result.shape[0] /= rows;
  const auto begin = array.values.begin() + static_cast<std::ptrdiff_t>(each * static_cast<size_t>(row));
  result.values.assign(begin, begin + static_cast<std::ptrdiff_t>(each));
  return result;
}

// --- numbers

double largest(const Array& array) {
  double most = 0;
  for (const double value : array.values) most = std::max(most, std::abs(value));
  return most;
}

// NaN counts as an infinite difference unless both sides have it.
double difference(double a, double b) {
  if (a == b || (std::isnan(a) && std::isnan(b))) return 0;
  const double d = std::abs(a - b);
  return std::isnan(d) ? INFINITY : d;
}

double max_difference(const Array& a, const Array& b) {
  double most = 0;
  for (size_t i = 0; i < a.values.size(); ++i) most = std::max(most, difference(a.values[i], b.values[i]));
  return most;
}

double relative(double error, double range) { return error == 0 ? 0 : range == 0 ? INFINITY : error / range; }

// --- the proof

class Proof {
 public:
  Proof(const Source& source, BytesView onnx, const std::string& name, const Options& options)
      : source_(source), options_(options), network_(onnx, name), name_(name) {}

  Report run() {
    const auto start = std::chrono::steady_clock::now();
    report_.network = name_;
    report_.source_arithmetic = source_.arithmetic();
    report_.network_arithmetic = backend::runtime_version();
    report_.tolerance = options_.tolerance;
    match_outputs();
    make_inputs();
    if (incomparable_.empty()) {
      ask_source();
      compare_outputs();
      compare_batches();
      judge();
      compare_integers();
    } else {
      report_.verdict = incomparable_;
    }
    if (options_.layers) compare_layers();
    report_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return std::move(report_);
  }

 private:
  void progress(const std::string& step, double share) const {
    if (options_.progress) options_.progress(step, share);
  }

  // Which output of the network each of the source's is, and where both are cut.
  void match_outputs() {
    const auto& wanted = source_.outputs();
    require(network_.output_count() == wanted.size(), ErrorKind::mismatch, name_, ": has ", network_.output_count(),
            " outputs, the source has ", wanted.size());
    as_logits_.assign(wanted.size(), false);
    for (size_t i = 0; i < wanted.size(); ++i) {
      size_t place = i;
      for (size_t k = 0; k < network_.output_count(); ++k) {
        if (!wanted[i].wanted_name.empty() && network_.output_name(k) == wanted[i].wanted_name) place = k;
      }
      places_.push_back(place);
      if (wanted[i].is_logits) {
        if (!network_.has_logits(place) && incomparable_.empty()) {
          incomparable_ =
              text("output '", network_.output_name(place), "' does not come from a Softmax, the source's does");
        }
        as_logits_[place] = true;
      }
    }
  }

  // One row as the network takes it.
  Dims network_row() const {
    Dims dims(network_.input().shape.dims().begin(), network_.input().shape.dims().end());
    for (size_t axis = 0; axis < dims.size(); ++axis) {
      if (dims[axis] >= 0) continue;
      dims[axis] = axis == 0 ? 1 : axis < source_.input_shape().size() ? source_.input_shape()[axis] : 1;
    }
    return dims;
  }

  // The network may begin with what turns a picture of three channels into the source's one.
  Array for_network(const Array& input) const {
    const Dims row = network_row();
    Array array = input;
    if (array.shape.size() == 4 && row.size() == 4) {
      const size_t channels = source_.is_channels_first() ? 1 : 3;
      const bool is_gray = array.shape[channels] == 1 && row[1] == 3 && array.shape != row;
      if (is_gray) array = tripled(array, channels);
    }
    const auto inner = options_.window ? inner_row(array, row) : row;
    const auto axes = axes_between(array.shape, inner);
    require(axes.has_value(), ErrorKind::mismatch, name_, ": input '", network_.input().name, "' is ", shown(row),
            ", the source's is ", shown(source_.input_shape()));
    array = permuted(array, *axes);
    return options_.window ? placed(array, row) : array;
  }

  // [1, C, h, w] of the source's size.
  Dims inner_row(const Array& array, const Dims& row) const {
    const bool first = source_.is_channels_first();
    return {1, row[1], array.shape[first ? 2 : 1], array.shape[first ? 3 : 2]};
  }

  // In the middle of a picture of other things.
  Array placed(const Array& array, const Dims& row) const {
    Array result = structured_inputs({1, row[2], row[3], row[1]}, options_.range, 2)[1].values;
    result = permuted(result, {0, 3, 1, 2});
    const auto [left, top] = *options_.window;
    require(array.shape[2] + top <= row[2] && array.shape[3] + left <= row[3], ErrorKind::mismatch, name_, ": input '",
            network_.input().name, "' is ", shown(row), ", a picture of ", shown(array.shape), " has no place in it");
    reference::for_each(array.shape, [&, x = left, y = top](const reference::Index& index) {
      reference::at(result, {index[0], index[1], index[2] + y, index[3] + x}) = reference::at(array, index);
    });
    return result;
  }

  static Array tripled(const Array& array, size_t axis) {
    Array result = array;
    result.shape[axis] = 3;
    result.values.clear();
    reference::for_each(result.shape, [&](reference::Index index) {
      index[axis] = 0;
      result.values.push_back(reference::at(array, index));
    });
    return result;
  }

  void make_inputs() {
    inputs_ = options_.more_inputs;
    for (auto& input : structured_inputs(source_.input_shape(), options_.range, options_.inputs)) {
      inputs_.push_back(std::move(input));
    }
    require(!inputs_.empty(), ErrorKind::usage, "no input to verify with");
    for (auto& input : inputs_) {
      report_.inputs.push_back(input.name);
      if (source_.takes_integers()) {
        for (double& value : input.values.values) value = std::round(value);
      }
      rows_.push_back(for_network(input.values));
      if (options_.pixels) options_.pixels(input.values);
    }
  }

  void ask_source() {
    for (size_t i = 0; i < inputs_.size(); ++i) {
      progress("source", static_cast<double>(i) / static_cast<double>(inputs_.size()));
      answers_.push_back(source_.run(inputs_[i].values));
    }
    for (size_t k = 0; k < source_.outputs().size(); ++k) {
      double range = 0;
      for (const auto& answer : answers_) range = std::max(range, largest(answer[k]));
      ranges_.push_back(range);
    }
  }

  // The network's answers to rows [first, first + batch), brought into the source's layout, one list for each row.
  std::vector<std::vector<Array>> ask_network(size_t first, int64_t batch) const {
    std::vector<const Array*> rows;
    for (int64_t i = 0; i < batch; ++i) rows.push_back(&rows_[(first + static_cast<size_t>(i)) % rows_.size()]);
    const auto outputs = network_.run(stacked(rows), as_logits_);
    std::vector<std::vector<Array>> result(static_cast<size_t>(batch));
    for (int64_t i = 0; i < batch; ++i) {
      for (size_t k = 0; k < places_.size(); ++k) {
        const auto& expected = answers_[(first + static_cast<size_t>(i)) % rows_.size()][k];
        result[static_cast<size_t>(i)].push_back(
            in_source_layout(outputs[places_[k]], i, batch, expected, k, as_logits_[places_[k]]));
      }
    }
    return result;
  }

  Array in_source_layout(const Array& output, int64_t row, int64_t batch, const Array& expected, size_t k,
                         bool is_cut) const {
    const bool divides = output.shape.empty() || output.shape[0] % batch == 0;
    require(divides && output.values.size() % static_cast<size_t>(batch) == 0, ErrorKind::mismatch, name_, ": output '",
            network_.output_name(places_[k]), "' is ", shown(output.shape), " at batch ", batch);
    auto one = row_of(output, row, batch);
    // Logits stand in front of what moves an output.
    if (options_.restore && !is_cut) options_.restore(network_.output_name(places_[k]), one);
    if (one.shape == expected.shape) return one;
    // Back from channels first.
    if (const auto axes = axes_between(expected.shape, one.shape)) {
      Dims back(axes->size());
      for (size_t i = 0; i < back.size(); ++i) back[static_cast<size_t>((*axes)[i])] = static_cast<int64_t>(i);
      return permuted(one, back);
    }
    require(one.values.size() == expected.values.size(), ErrorKind::mismatch, name_, ": output '",
            network_.output_name(places_[k]), "' is ", shown(one.shape), ", the source's is ", shown(expected.shape));
    one.shape = expected.shape;  // the same numbers under other axes: [1] and [1, 1]
    return one;
  }

  void compare_outputs() {
    for (size_t k = 0; k < places_.size(); ++k) {
      const auto& wanted = source_.outputs()[k];
      report_.outputs.push_back(
          {.name = wanted.name, .is_logits = wanted.is_logits, .step = wanted.step, .range = ranges_[k]});
    }
    std::vector<double> sums(places_.size(), 0), counts(places_.size(), 0);
    for (size_t i = 0; i < rows_.size(); ++i) {
      progress("network", static_cast<double>(i) / static_cast<double>(rows_.size()));
      auto actual = ask_network(i, 1)[0];
      for (size_t k = 0; k < places_.size(); ++k) {
        auto& result = report_.outputs[k];
        const auto& expected = answers_[i][k];
        const double error = relative(max_difference(expected, actual[k]), ranges_[k]);
        for (size_t n = 0; n < expected.values.size(); ++n) {
          sums[k] += difference(expected.values[n], actual[k].values[n]);
        }
        counts[k] += static_cast<double>(expected.values.size());
        count_top1(expected, actual[k], result);
        if (i > 0 && error <= result.max_error) continue;
        result.max_error = error;
        result.worst_input = i;
        result.shape = expected.shape;
        result.expected = expected;
        result.actual = std::move(actual[k]);
      }
    }
    for (size_t k = 0; k < places_.size(); ++k) {
      if (counts[k] > 0) report_.outputs[k].mean_error = relative(sums[k] / counts[k], ranges_[k]);
    }
  }

  // Of scores in front of a Softmax, over the last axis. Two that are as good as equal are no disagreement.
  void count_top1(const Array& expected, const Array& actual, OutputResult& result) const {
    if (!result.is_logits || expected.shape.empty() || expected.shape.back() < 2) return;
    const auto classes = static_cast<size_t>(expected.shape.back());
    const double equal = std::max(2 * options_.tolerance * result.range, near_steps * result.step);
    for (size_t row = 0; row + classes <= expected.values.size(); row += classes) {
      const auto best = [&](const Array& a) {
        return static_cast<size_t>(std::max_element(a.values.begin() + static_cast<std::ptrdiff_t>(row),
                                                    a.values.begin() + static_cast<std::ptrdiff_t>(row + classes)) -
                                   a.values.begin());
      };
      const size_t theirs = best(expected), ours = best(actual);
      ++result.top1_total;
      if (expected.values[theirs] - expected.values[ours] <= equal) ++result.top1_equal;
    }
  }

  bool is_batch_fixed() const {
    const auto& dims = network_.input().shape.dims();
    return dims.empty() || dims[0] >= 0;
  }

  void compare_batches() {
    for (const auto batch : options_.batches) {
      const auto& dims = network_.input().shape.dims();
      if (is_batch_fixed() && (dims.empty() || batch != dims[0])) continue;
      progress(text("batch ", batch), 0);
      BatchResult result{.batch = batch, .max_error = 0, .passed = true, .problem = ""};
      try {
        for (size_t first = 0; first < rows_.size(); first += static_cast<size_t>(batch)) compare_batch(first, result);
      } catch (const Error& error) {
        result.passed = false;
        result.problem = error.what();
      }
      report_.batches.push_back(std::move(result));
    }
  }

  void compare_batch(size_t first, BatchResult& result) {
    const auto rows = ask_network(first, result.batch);
    for (size_t i = 0; i < rows.size(); ++i) {
      for (size_t k = 0; k < places_.size(); ++k) {
        const auto& expected = answers_[(first + i) % rows_.size()][k];
        const double error = relative(max_difference(expected, rows[i][k]), ranges_[k]);
        result.max_error = std::max(result.max_error, error);
        if (error > allowed(k)) result.passed = false;
      }
    }
  }

  // The tolerance, or what the source's own rounding makes of it.
  double allowed(size_t k) {
    auto& result = report_.outputs[k];
    if (result.step > 0) return relative(most_steps * result.step, result.range);
    if (result.max_error <= options_.tolerance) return options_.tolerance;
    if (!result.sensitivity) result.sensitivity = sensitivity(k, result.worst_input);
    return std::max(options_.tolerance, sensitivity_factor * *result.sensitivity);
  }

  double sensitivity(size_t k, size_t input) const {
    Array moved = inputs_[input].values;
    for (size_t i = 0; i < moved.values.size(); ++i) {
      moved.values[i] *= 1 + (i * 2654435761u >> 7 & 1 ? sensitivity_step : -sensitivity_step);
    }
    return relative(max_difference(answers_[input][k], source_.run(moved)[k]), ranges_[k]);
  }

  // A sum that lies between two steps may go either way, and with it what follows.
  static int64_t least_top1(const OutputResult& output) {
    return output.step > 0 ? output.top1_total - output.top1_total / 100 : output.top1_total;
  }

  void judge() {
    report_.passed = true;
    const auto blame = [&](const std::string& sentence) {
      report_.passed = false;
      if (report_.verdict.empty()) report_.verdict = sentence;
    };
    for (size_t k = 0; k < report_.outputs.size(); ++k) {
      auto& output = report_.outputs[k];
      output.passed = output.max_error <= allowed(k) && output.top1_equal >= least_top1(output);
      if (output.passed) continue;
      if (output.max_error <= allowed(k)) {
        blame(text("output '", output.name, "' puts another class first in ", output.top1_total - output.top1_equal,
                   " of ", output.top1_total, " rows"));
        continue;
      }
      blame(text("output '", output.name, "' differs by ", output.max_error, " of its range of ", output.range,
                 " for the input '", report_.inputs[output.worst_input], "'; ", allowed(k), " is allowed"));
    }
    for (const auto& batch : report_.batches) {
      if (batch.passed) continue;
      blame(batch.problem.empty()
                ? text("at batch ", batch.batch, " a row differs by ", batch.max_error, " from the row alone")
                : text("at batch ", batch.batch, ": ", batch.problem));
    }
  }

  // --- the export's own integers

  void compare_integers() {
    std::vector<std::vector<Array>> integers;
    for (size_t i = 0; i < inputs_.size(); ++i) {
      progress("integers", static_cast<double>(i) / static_cast<double>(inputs_.size()));
      integers.push_back(source_.run_integers(inputs_[i].values));
      if (integers.back().empty()) return;
    }
    const std::vector<bool> uncut(as_logits_.size(), false);
    for (size_t k = 0; k < places_.size(); ++k) {
      report_.agreements.push_back({.name = source_.outputs()[k].name});
    }
    Agreement found{.name = "boxes"};
    const auto detections = detection_places();
    for (size_t i = 0; i < rows_.size(); ++i) {
      const auto outputs = network_.run(stacked({&rows_[i]}), uncut);
      std::vector<Array> actual;
      for (size_t k = 0; k < places_.size(); ++k) {
        actual.push_back(in_source_layout(outputs[places_[k]], 0, 1, integers[i][k], k, false));
        if (!detections) compare_numbers(integers[i][k], actual[k], k);
      }
      if (detections) find_boxes_again(*detections, integers[i], actual, found);
    }
    if (detections) report_.agreements = {found};
  }

  void compare_numbers(const Array& expected, const Array& actual, size_t k) {
    auto& result = report_.agreements[k];
    result.max_shift = std::max(result.max_shift, max_difference(expected, actual));
    const bool are_scores = source_.outputs()[k].is_logits && !expected.shape.empty() && expected.shape.back() > 1;
    const size_t classes = are_scores ? static_cast<size_t>(expected.shape.back()) : 0;
    for (size_t row = 0; are_scores && row + classes <= expected.values.size(); row += classes) {
      ++result.top1_total;
      if (best_of(expected, row, classes) == best_of(actual, row, classes)) ++result.top1_equal;
    }
  }

  static size_t best_of(const Array& array, size_t first, size_t count) {
    const auto begin = array.values.begin() + static_cast<std::ptrdiff_t>(first);
    return static_cast<size_t>(std::max_element(begin, begin + static_cast<std::ptrdiff_t>(count)) - begin);
  }

  // Which outputs are a detector's boxes, classes and scores.
  struct DetectionPlaces {
    size_t boxes = 0, classes = 0, scores = 0;
  };
  std::optional<DetectionPlaces> detection_places() const {
    DetectionPlaces places;
    int seen = 0;
    for (size_t k = 0; k < source_.outputs().size(); ++k) {
      const auto& name = source_.outputs()[k].wanted_name;
      if (name == "detection_boxes") places.boxes = k, ++seen;
      if (name == "detection_classes") places.classes = k, ++seen;
      if (name == "detection_scores") places.scores = k, ++seen;
    }
    return seen == 3 ? std::optional(places) : std::nullopt;
  }

  static double overlap(const double* a, const double* b) {
    const double height = std::min(a[2], b[2]) - std::max(a[0], b[0]);
    const double width = std::min(a[3], b[3]) - std::max(a[1], b[1]);
    const double shared = std::max(height, 0.0) * std::max(width, 0.0);
    const double both = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared;
    return both > 0 ? shared / both : 0;
  }

  // The source's boxes of some certainty, each by its best overlap among the network's of the same class.
  static void find_boxes_again(const DetectionPlaces& places, const std::vector<Array>& expected,
                               const std::vector<Array>& actual, Agreement& found) {
    constexpr double certain = 0.3, same = 0.5;
    const auto& scores = expected[places.scores].values;
    for (size_t i = 0; i < scores.size(); ++i) {
      if (scores[i] < certain) continue;
      ++found.top1_total;
      double best = 0;
      for (size_t k = 0; k < actual[places.scores].values.size(); ++k) {
        if (actual[places.classes].values[k] != expected[places.classes].values[i]) continue;
        best = std::max(best, overlap(&expected[places.boxes].values[4 * i], &actual[places.boxes].values[4 * k]));
      }
      if (best < same) continue;
      ++found.top1_equal;
      found.max_shift = std::max(found.max_shift, 1 - best);
    }
  }

  void compare_layers() {
    progress("layers", 0);
    const size_t input = report_.outputs.empty() ? 0 : report_.outputs[0].worst_input;
    const auto layers = source_.layers(inputs_[input].values);
    std::vector<std::string> prefixes, names;
    for (const auto& layer : layers) {
      prefixes.push_back(layer.node_prefix);
      names.push_back(layer.value_name);
    }
    const auto values = network_.values(rows_[input], prefixes, names);
    for (size_t i = 0; i < layers.size(); ++i) {
      const auto found = values.find(i);
      if (found == values.end()) continue;
      const auto& expected = layers[i].values;
      double least = INFINITY;
      bool comparable = false;
      for (const auto& actual : found->second) {
        if (actual.values.size() != expected.values.size()) continue;  // fused with another: not the same value
        comparable = true;
        least = std::min(least, layer_difference(expected, actual, layers[i].node_prefix.ends_with("_RESHAPE")));
      }
      if (!comparable) continue;
      LayerResult result{.name = layers[i].name, .range = largest(expected)};
      result.max_error = relative(least, result.range);
      result.passed = result.max_error <= layer_tolerance;
      if (!result.passed && !report_.passed && !report_.first_parted) report_.first_parted = result;
      report_.layers.push_back(std::move(result));
    }
    if (report_.first_parted) {
      report_.verdict += text("; the first operator that differs is ", report_.first_parted->name);
    }
  }

  // The network may hold the same numbers channels first, a matrix of pixels too: the smaller difference counts.
  static double layer_difference(const Array& expected, const Array& actual, bool only_moves) {
    double least = max_difference(expected, actual);
    if (actual.shape.size() >= 3) {
      Dims last{0};
      for (size_t axis = 2; axis < actual.shape.size(); ++axis) last.push_back(static_cast<int64_t>(axis));
      last.push_back(1);
      least = std::min(least, max_difference(expected, permuted(actual, last)));
    }
    if (!only_moves) return least;
    // A flatten of channels-first maps has another order, which the weights behind it have as well: theirs is the
    // blame.
    Array a = expected, b = actual;
    std::ranges::sort(a.values);
    std::ranges::sort(b.values);
    return std::min(least, max_difference(a, b));
  }

  const Source& source_;
  const Options& options_;
  Network network_;
  std::string name_;
  std::vector<Input> inputs_;
  std::vector<Array> rows_;                  // the same as the network takes them
  std::vector<std::vector<Array>> answers_;  // the source's, by input and output
  std::vector<double> ranges_;               // by output
  std::vector<size_t> places_;               // of the source's outputs among the network's
  std::vector<bool> as_logits_;              // by the network's outputs
  std::string incomparable_;                 // why outputs cannot even be compared; empty where they can
  Report report_;
};

}  // namespace

Report verify(const Source& source, BytesView onnx, const std::string& name, const Options& options) {
  return Proof(source, onnx, name, options).run();
}

}  // namespace es::verify
