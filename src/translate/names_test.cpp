// SPDX-License-Identifier: Apache-2.0
#include "translate/names.h"

#include <gtest/gtest.h>

namespace es::translate {
namespace {

TEST(Names, KeepWhatEveryToolTakes) { EXPECT_EQ(clean_name("serving_default/x.1-2"), "serving_default/x.1-2"); }

TEST(Names, NeverHoldASemicolon) {
  EXPECT_EQ(clean_name("dense/bias;dense/MatMul:0 \xc3\xa4"), "dense/bias_dense/MatMul_0___");
}

TEST(Names, EndAtSixtyThreeCharacters) { EXPECT_EQ(clean_name(std::string(100, 'a')), std::string(63, 'a')); }

TEST(Names, TellUtf8FromOtherBytes) {
  EXPECT_TRUE(is_utf8("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80"));
  EXPECT_FALSE(is_utf8("\xff"));
  EXPECT_FALSE(is_utf8("\xc3"));
  EXPECT_FALSE(is_utf8("\xc0\x80"));
}

}  // namespace
}  // namespace es::translate
