// SPDX-License-Identifier: Apache-2.0
//
// Errors are asserted whole: the kind and every word of the message.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <string>

#include "base/error.h"

#define EXPECT_ERROR(statement, expected_kind, expected_message)                    \
  try {                                                                             \
    static_cast<void>(statement);                                                   \
    ADD_FAILURE() << #statement " threw nothing, expected: " << (expected_message); \
  } catch (const ::es::Error& error_caught) {                                       \
    EXPECT_EQ(std::string(error_caught.what()), std::string(expected_message));     \
    EXPECT_EQ(error_caught.kind(), (expected_kind));                                \
  }

// As above where the message holds something the test does not decide (an operating system's sentence).
#define EXPECT_ERROR_THAT(statement, expected_kind, message_matcher)  \
  try {                                                               \
    static_cast<void>(statement);                                     \
    ADD_FAILURE() << #statement " threw nothing";                     \
  } catch (const ::es::Error& error_caught) {                         \
    EXPECT_THAT(std::string(error_caught.what()), (message_matcher)); \
    EXPECT_EQ(error_caught.kind(), (expected_kind));                  \
  }

namespace es::testing {

// The largest |a - b|, or infinity where the lengths differ or a value is not a number.
inline double max_difference(std::span<const float> a, std::span<const float> b) {
  if (a.size() != b.size()) return INFINITY;
  double largest = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const double difference = std::abs(static_cast<double>(a[i]) - b[i]);
    if (!(difference <= largest)) largest = std::isnan(difference) ? INFINITY : difference;
  }
  return largest;
}

// The folder of real exports, or empty where EDGESTREAM_EXPORTS is unset. A test that needs it says so with
// GTEST_SKIP() << "EDGESTREAM_EXPORTS is unset".
inline std::filesystem::path exports_folder() {
  const char* folder = std::getenv("EDGESTREAM_EXPORTS");
  return folder ? folder : "";
}

}  // namespace es::testing
