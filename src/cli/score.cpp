// SPDX-License-Identifier: Apache-2.0
#include "cli/score.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

namespace es::cli {
namespace {

using Json = nlohmann::json;

struct Box {
  double left, top, width, height;
};

// How close a detection is to an object; below `least` it is not that object.
double closeness(const Box& found, const TrueObject& object, Match match) {
  if (match == Match::centroid) {
    const double dx = found.left + found.width / 2 - object.left - object.width / 2;
    const double dy = found.top + found.height / 2 - object.top - object.height / 2;
    return 1 -
           std::max(std::abs(dx) / std::max(object.width / 2, 1e-9), std::abs(dy) / std::max(object.height / 2, 1e-9));
  }
  const double width =
      std::min(found.left + found.width, object.left + object.width) - std::max(found.left, object.left);
  const double height =
      std::min(found.top + found.height, object.top + object.height) - std::max(found.top, object.top);
  const double shared = std::max(width, 0.0) * std::max(height, 0.0);
  return shared / std::max(found.width * found.height + object.width * object.height - shared, 1e-9);
}

double least_of(Match match) { return match == Match::box ? 0.5 : 0.0; }

std::string label_of(const Json& object) {
  for (const auto& classifier : object.at("classifiers")) {
    for (const auto& label : classifier.at("labels")) return label.at("label").get<std::string>();
  }
  return "";
}

void score_frame(const Json& objects, std::vector<TrueObject> truth, Match match, Score& score) {
  std::vector<bool> used(truth.size(), false);
  for (const auto& object : objects) {
    const auto& b = object.at("box");
    const Box box{b.at("left"), b.at("top"), b.at("width"), b.at("height")};
    double best = -1;
    size_t index = 0;
    bool uncounted = false;
    for (size_t i = 0; i < truth.size(); ++i) {
      const double close = closeness(box, truth[i], match);
      if (close < least_of(match)) continue;
      if (!truth[i].counted) uncounted = true;
      if (truth[i].counted && !used[i] && close > best) best = close, index = i;
    }
    if (best >= 0) {
      used[index] = true;
      ++score.right;
      if (label_of(object) == truth[index].state) ++score.labelled;
    } else if (!uncounted) {
      ++score.wrong;
    }
  }
}

}  // namespace

std::vector<std::vector<TrueObject>> read_truth(const std::string& file) {
  try {
    std::vector<std::vector<TrueObject>> truth;
    const Json clip = Json::parse(read_text_file(file, 64 << 20));
    for (const auto& frame : clip.at("frames")) {
      auto& objects = truth.emplace_back();
      for (const auto& object : frame) {
        const auto& box = object.at("box");
        objects.push_back({box.at(0), box.at(1), box.at(2), box.at(3), object.at("state"), object.at("counted")});
      }
    }
    return truth;
  } catch (const Json::exception& error) {
    fail(ErrorKind::malformed, file, ": is no truth of a clip: ", error.what());
  }
}

Score score(const std::string& json_lines, const std::vector<std::vector<TrueObject>>& truth, Match match) {
  Score score;
  size_t frame = 0;
  for (const auto& line : split(json_lines, '\n')) {
    if (line.empty()) continue;
    require(frame < truth.size(), ErrorKind::mismatch, "the clip gave more frames than its truth has, ", truth.size());
    const Json found = Json::parse(line);
    score_frame(found.at("objects"), truth[frame], match, score);
    score.wanted += static_cast<size_t>(std::ranges::count_if(truth[frame], &TrueObject::counted));
    ++frame;
  }
  require(frame == truth.size(), ErrorKind::mismatch, "the clip gave ", frame, " frames and its truth has ",
          truth.size());
  return score;
}

}  // namespace es::cli
