// SPDX-License-Identifier: Apache-2.0
//
// Reads what record_sdk.py and record_nms.py wrote.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "vision/detection.h"

namespace es::testing {

struct RecordedCase {
  std::map<std::string, double> facts;  // rows, columns, classes, size, threshold, ...
  std::vector<float> values;
  std::vector<ModelDetection> boxes;

  int operator[](const std::string& name) const { return static_cast<int>(facts.at(name)); }
};

inline std::vector<RecordedCase> read_recorded_cases(const std::string& file) {
  std::ifstream in(file);
  EXPECT_TRUE(in) << file;
  std::vector<RecordedCase> cases;
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string word;
    words >> word;
    if (word == "case") {
      cases.emplace_back();
      while (words >> word)
        cases.back().facts[word.substr(0, word.find('='))] = std::stod(word.substr(word.find('=') + 1));
    } else if (word == "values") {
      for (float value; words >> value;) cases.back().values.push_back(value);
    } else if (word == "box") {
      ModelDetection one;
      words >> one.class_id >> one.box.left >> one.box.top >> one.box.width >> one.box.height >> one.score;
      cases.back().boxes.push_back(one);
    }
  }
  return cases;
}

}  // namespace es::testing
