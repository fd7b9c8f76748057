// SPDX-License-Identifier: Apache-2.0
//
// Sound models of every family with one byte set to an extreme, and cut short: an Error that says which file, or a
// graph, but never a crash and never a defect of ours.
#include <gtest/gtest.h>

#include "testing/recorded_cases.h"
#include "translate/translate.h"

namespace es::translate {
namespace {

void expect_no_harm(BytesView bytes, const std::string& how) {
  try {
    Notes notes;
    static_cast<void>(to_graph(tflite::Model::parse(bytes, "m.tflite"), {}, notes));
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).rfind("m.tflite: ", 0), 0u) << how << ": " << error.what();
    EXPECT_NE(error.kind(), ErrorKind::internal) << how << ": " << error.what();
  }
}

class Damage : public ::testing::TestWithParam<std::string> {};

TEST_P(Damage, OfOneByteIsAnErrorOrHarmless) {
  const auto sound = testing::read_cases(GetParam())[0].model;
  for (size_t i = 0; i < sound.size(); ++i) {
    for (const uint8_t value : {0x00, 0x01, 0x7f, 0x80, 0xff}) {
      auto damaged = sound;
      damaged[i] = value;
      expect_no_harm(damaged, text("byte ", i, " set to ", int{value}));
    }
  }
}

TEST_P(Damage, ByCuttingIsAnError) {
  const auto sound = testing::read_cases(GetParam())[0].model;
  for (size_t length = 0; length < sound.size(); ++length) {
    expect_no_harm(BytesView(sound).first(length), text("cut to ", length, " bytes"));
  }
}

INSTANTIATE_TEST_SUITE_P(Families, Damage,
                         ::testing::Values("batch_space", "conv", "dense", "elementwise", "fill", "index", "join",
                                           "normalize", "pad", "pool", "reduce", "resize", "shape", "slice"),
                         [](const auto& family) { return family.param; });

}  // namespace
}  // namespace es::translate
