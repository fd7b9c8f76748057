// SPDX-License-Identifier: Apache-2.0
#include "testing/text_cases.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/error.h"

namespace es::testing {
namespace {

constexpr std::string_view dashes = "----";

std::string without_trailing_newlines(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::string answer_or_error(const std::function<std::string(const std::string&)>& answer, const std::string& input) {
  try {
    return without_trailing_newlines(answer(input));
  } catch (const Error& error) {
    return std::string("error: ") + error.what();
  }
}

void write_text_cases(const std::filesystem::path& file, const std::vector<TextCase>& cases) {
  std::ofstream out(file);
  for (size_t i = 0; i < cases.size(); ++i) {
    out << (i ? "\n" : "") << "# " << cases[i].title << "\n"
        << cases[i].input << "\n"
        << dashes << "\n"
        << cases[i].expected << "\n";
  }
}

}  // namespace

std::vector<TextCase> read_text_cases(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw std::runtime_error(file.string() + " is not there");
  std::vector<TextCase> cases;
  std::string* part = nullptr;
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    // Inside an input a comment would be ambiguous: a title follows a blank line or starts the file.
    if (line.rfind("# ", 0) == 0 && (part == nullptr || part == &cases.back().expected)) {
      cases.push_back({line.substr(2), "", "", number});
      part = &cases.back().input;
    } else if (line == dashes && part != nullptr && part == &cases.back().input) {
      part = &cases.back().expected;
    } else if (part != nullptr) {
      *part += line + "\n";
    }
  }
  for (auto& text_case : cases) {
    text_case.input = without_trailing_newlines(text_case.input);
    text_case.expected = without_trailing_newlines(text_case.expected);
  }
  return cases;
}

void run_text_cases(const std::filesystem::path& file, const std::function<std::string(const std::string&)>& answer) {
  auto cases = read_text_cases(file);
  ASSERT_FALSE(cases.empty()) << file << " holds no case";
  const bool update = std::getenv("ES_UPDATE_CASES") != nullptr;
  for (auto& text_case : cases) {
    const std::string actual = answer_or_error(answer, text_case.input);
    if (update) {
      text_case.expected = actual;
    } else {
      EXPECT_EQ(actual, text_case.expected) << file.string() << ":" << text_case.line << ": " << text_case.title;
    }
  }
  if (update) write_text_cases(file, cases);
}

}  // namespace es::testing
