// SPDX-License-Identifier: Apache-2.0
#include "translate/names.h"

#include <gtest/gtest.h>

namespace es::translate {
namespace {

TEST(Names, StayAsTheyAreWhereTheyAreText) {
  EXPECT_EQ(utf8_name("dense/bias;dense/MatMul:0 \xc3\xa4"), "dense/bias;dense/MatMul:0 \xc3\xa4");
}

TEST(Names, LoseTheBytesThatAreNoText) { EXPECT_EQ(utf8_name("a\xff\xc3 b"), "a__ b"); }

TEST(Names, TellUtf8FromOtherBytes) {
  EXPECT_TRUE(is_utf8("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80"));
  EXPECT_FALSE(is_utf8("\xff"));
  EXPECT_FALSE(is_utf8("\xc3"));
  EXPECT_FALSE(is_utf8("\xc0\x80"));
}

}  // namespace
}  // namespace es::translate
