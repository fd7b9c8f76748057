// SPDX-License-Identifier: Apache-2.0
//
// Detections held against the truth of a clip.
#pragma once

#include <string>
#include <vector>

namespace es::cli {

struct TrueObject {
  double left = 0, top = 0, width = 0, height = 0;  // pixels of the frame
  std::string state;                                // what a classifier should say
  bool counted = true;                              // false: cut off or covered; finding it is neither right nor wrong
};

// One list a frame. Throws malformed where the file is none of ours.
std::vector<std::vector<TrueObject>> read_truth(const std::string& file);

struct Score {
  size_t right = 0, wrong = 0, wanted = 0;
  size_t labelled = 0;  // of the right ones, those that a secondary classifier called by their state
  double precision() const { return right + wrong ? double(right) / double(right + wrong) : 0; }
  double recall() const { return wanted ? double(right) / double(wanted) : 0; }
  double f1() const { return 2.0 * double(right) / double(right + wrong + wanted); }
  double found_and_labelled() const { return wanted ? double(labelled) / double(wanted) : 0; }
};

enum class Match {
  box,       // intersection over union of at least 0.5
  centroid,  // the box's middle lies inside the object
};

// Detections in the order given, best first; each true object can be found once. `json_lines` is what esjson writes.
Score score(const std::string& json_lines, const std::vector<std::vector<TrueObject>>& truth, Match match);

}  // namespace es::cli
