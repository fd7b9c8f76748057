// SPDX-License-Identifier: Apache-2.0
//
// Tests as text: a title line "# ...", an input, a line of dashes, what comes out; cases stand one after the other,
// separated by a blank line. ES_UPDATE_CASES=1 in the environment rewrites the answers; the difference is then reviewed
// like code.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace es::testing {

struct TextCase {
  std::string title;
  std::string input;
  std::string expected;
  int line = 0;
};

std::vector<TextCase> read_text_cases(const std::filesystem::path& file);

// Runs `answer` on the input of every case of `file` and compares; an es::Error becomes the line "error: <message>".
void run_text_cases(const std::filesystem::path& file, const std::function<std::string(const std::string&)>& answer);

}  // namespace es::testing
