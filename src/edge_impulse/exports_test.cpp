// SPDX-License-Identifier: Apache-2.0
//
// Exports of other people, as they lie in public repositories. Expected values come from the index that stands beside
// them, made by an independent reader; the networks' bytes from its decoded copies.
#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "base/file.h"
#include "base/text.h"
#include "edge_impulse/import.h"
#include "testing/matchers.h"

namespace es::edge_impulse {
namespace {

using ::testing::StartsWith;

// What the index says of an export; empty and 0 where it says nothing.
struct Expected {
  std::string path;  // below the folder of exports
  std::string impulse;
  std::string container;
  std::string decoded;  // the network's bytes, below the folder of exports
  std::string name;
  std::string labels;  // joined by "|"
  std::string head;
  int64_t width, height, features;
  std::string color, resize;
  double threshold;  // 0: none stated
  std::string studio;
};

const Expected imports[] = {
    {"ard-mask-rgb96-i8", "", "Arduino library (folder)",
     "ard-mask-rgb96-i8/_decoded/src__tflite-model__tflite_learn_5.h__tflite_learn_5.tflite", "Mask Detection", "0|1",
     "classification", 96, 96, 27648, "rgb", "", 0.6, "1.49.11"},
    {"pigeon-fomo-gray96-i8", "", "C++ library (folder)",
     "pigeon-fomo-gray96-i8/_decoded/tflite-model__tflite_learn_3.h__tflite_learn_3.tflite", "Paper roll",
     "toiletpapier", "fomo", 96, 96, 9216, "grayscale", "fit-shortest", 0.5, "1.60.1"},
    {"nano33-2020-f32", "", "C++ library (folder)",
     "nano33-2020-f32/_decoded/tflite-model__tflite-trained.h__trained_tflite.tflite", "nano33-2020-f32",
     "idle|snake|updown|wave", "classification", 0, 0, 33, "", "", 0, ""},
    {"sinewave-regression", "", "C++ library (folder)",
     "sinewave-regression/_decoded/tflite-model__tflite_learn_6.h__tflite_learn_6.tflite", "Sinewave", "value",
     "regression", 0, 0, 1, "", "", 0, ""},
    {"multi-impulse-v2", "8_5", "C++ library (folder)",
     "multi-impulse-v2/_decoded/tflite-model__tflite-trained_8_5.h__trained_tflite.tflite",
     "selenium-automated-project-5", "idle|snake|updown|wave", "classification", 0, 0, 54, "", "", 0, ""},
    {"multi-impulse-v2", "selenium-automated-project-9", "C++ library (folder)",
     "multi-impulse-v2/_decoded/tflite-model__tflite-trained_12_10.h__trained_tflite.tflite",
     "selenium-automated-project-9", "faucet|noise", "classification", 0, 0, 650, "", "", 0, ""},
    {"hpss-fomo-rgb240-f32", "", "TFLite file (in a folder)", "hpss-fomo-rgb240-f32/fomo01.tflite", "fomo01", "", "", 0,
     0, 0, "", "", 0, ""},
    {"linux-ssd-beer-i8", "", "TFLite file (in a folder)", "linux-ssd-beer-i8/beer-i8.lite", "beer-i8", "", "", 0, 0, 0,
     "", "", 0, ""},
    {"linux-yolov5-jan-160/jan.lite", "", "TFLite file", "linux-yolov5-jan-160/jan.lite", "jan", "", "", 0, 0, 0, "",
     "", 0, ""},
    {"mj-imgclass-rgb160-i8", "", "TFLite file (in a folder)",
     "mj-imgclass-rgb160-i8/ei-raspi-img-class-int8-quantized-model.tflite", "raspi-img-class-int8-quantized-model", "",
     "", 0, 0, 0, "", "", 0, ""},
    {"bench-image96-rgb/image-96-96-mobilenet-f32", "", "TFLite file (in a folder)",
     "bench-image96-rgb/image-96-96-mobilenet-f32/"
     "ei-benchmark-image-96x96-0.35-color-transfer-learning-tensorflow-lite-float32-model.lite",
     "benchmark-image-96x96-0.35-color-transfer-learning-tensorflow-lite-float32-model", "", "", 0, 0, 0, "", "", 0,
     ""},
    {"bench-keywords-mfcc/keywords-2d-i8", "", "TFLite file (in a folder)",
     "bench-keywords-mfcc/_decoded/keywords-2d-i8__tflite-trained.h__trained_tflite_keywords_i8.tflite",
     "benchmark-keywords-2d-nn-classifier-tensorflow-lite-int8-quantized-model", "", "", 0, 0, 0, "", "", 0, ""},
    {"bench-keywords-mfcc/keywords-2d-f32/onnx-trained.h", "", "C array",
     "bench-keywords-mfcc/_decoded/keywords-2d-f32__onnx-trained.h__trained_onnx_keywords_f32.onnx", "onnx-trained", "",
     "", 0, 0, 0, "", "", 0, ""},
    {"bench-keywords-mfcc/keywords-2d-f32/tflite-trained.h", "", "C array",
     "bench-keywords-mfcc/_decoded/keywords-2d-f32__tflite-trained.h__trained_tflite_keywords_f32.tflite",
     "tflite-trained", "", "", 0, 0, 0, "", "", 0, ""},
    {"deepstream-candy", "", "ONNX file (in a folder)", "deepstream-candy/models/edgeimpulse_candy_classify.onnx",
     "edgeimpulse_candy_classify", "", "", 0, 0, 0, "", "", 0, ""},
};

struct Refused {
  std::string path;
  ErrorKind kind;
  std::string sentence;  // how it goes on behind the path
};

const Refused refusals[] = {
    {"linux-eon-image32", ErrorKind::unsupported, ": the network was compiled to C++ by the EON Compiler ("},
    {"zip-arduino-flames-eon/ei-flames-arduino-1.0.3.zip", ErrorKind::unsupported,
     ": flames_inferencing/src: the network was compiled to C++ by the EON Compiler ("},
    {"zip-arduino-flames-eon", ErrorKind::unsupported,
     "/ei-flames-arduino-1.0.3.zip: flames_inferencing/src: the network was compiled to C++ by the EON Compiler ("},
    {"linux-yolov5-drpai-empty-array", ErrorKind::unsupported, ": this export was built for Renesas DRP-AI ("},
    {"vela-fomo-ethosu/2026-05-08_ei-mark1-object-detection-tensorflow-lite-int8-quantized-model_vela.tflite",
     ErrorKind::unsupported, ": the network was compiled for Arm Ethos-U by Vela"},
    {"vela-fomo-ethosu", ErrorKind::unsupported,
     ": 2026-05-08_ei-mark1-object-detection-tensorflow-lite-int8-quantized-model_vela.tflite: the network was "
     "compiled for Arm"},
    {"hpss-fomo-rgb240-f32/model.h5", ErrorKind::unsupported, ": is a Keras model"},
    {"hpss-fomo-rgb240-f32/ei-rocksetta-1lines-fomo-part1-object-detection-tensorflow-savedmodel-model.zip",
     ErrorKind::unsupported, ": saved_model/saved_model.pb: is a TensorFlow SavedModel"},
    {"linux-yolov5-jan-160/jan.jpg", ErrorKind::malformed,
     ": is neither an Edge Impulse export nor a TFLite or ONNX model"},
    {"multi-impulse-v2", ErrorKind::usage,
     ": holds 2 impulses, one is needed: '12_10' (selenium-automated-project-9: faucet, noise), '8_5' "
     "(selenium-automated-project-5: idle, snake, updown, wave); choose one with --impulse"},
    {"bench-image96-rgb", ErrorKind::usage, ": holds 2 networks and no model_metadata.h; give one of them instead: "},
    {"bench-keywords-mfcc", ErrorKind::usage, ": holds 3 networks and no model_metadata.h; give one of them instead: "},
    {"deepstream-candy/utils/carray2bin.py", ErrorKind::malformed,
     ": holds no byte array that is a TFLite or ONNX model ("},
};

class Exports : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::exports_folder();
    if (folder_.empty()) GTEST_SKIP() << "EDGESTREAM_EXPORTS is unset";
  }
  std::filesystem::path folder_;
};

template <typename T>
std::string word_or_nothing(const Fact<T>& fact) {
  return fact ? word_for(*fact) : std::string();
}

TEST_F(Exports, AreReadAsTheIndexSays) {
  for (const auto& expected : imports) {
    SCOPED_TRACE(expected.path + " " + expected.impulse);
    const auto import = open(folder_ / expected.path, {.impulse = expected.impulse});
    const auto& p = import.project;
    EXPECT_EQ(import.container, expected.container);
    EXPECT_EQ(import.model.bytes, read_file(folder_ / expected.decoded));
    EXPECT_EQ(*p.name, expected.name);
    EXPECT_EQ(join(p.labels.value_or({}), "|"), expected.labels);
    EXPECT_EQ(word_or_nothing(p.head), expected.head);
    EXPECT_EQ(p.input_width.value_or(0), expected.width);
    EXPECT_EQ(p.input_height.value_or(0), expected.height);
    EXPECT_EQ(p.input_features.value_or(0), expected.features);
    EXPECT_EQ(word_or_nothing(p.color), expected.color);
    EXPECT_EQ(word_or_nothing(p.resize_mode), expected.resize);
    EXPECT_EQ(p.threshold.value_or(0), expected.threshold);
    EXPECT_EQ(p.studio_version.value_or(""), expected.studio);
  }
}

TEST_F(Exports, AreRefusedWithTheirOwnSentence) {
  for (const auto& expected : refusals) {
    SCOPED_TRACE(expected.path);
    EXPECT_ERROR_THAT(open(folder_ / expected.path), expected.kind,
                      StartsWith((folder_ / expected.path).string() + expected.sentence));
  }
}

TEST_F(Exports, TellTheEonCompilersOutputByItsText) {
  const auto source = folder_ / "linux-eon-image32/tflite-model/trained_model_compiled.cpp";
  EXPECT_ERROR_THAT(extract(source), ErrorKind::unsupported,
                    StartsWith(source.string() + ": the network was compiled to C++ by the EON Compiler (it declares "
                                                 "used_operators_e, TfLiteAffineQuantization, kTensorArenaSize)"));
}

// Every array that somebody else's reader decoded is among those that ours extracts from the same header.
TEST_F(Exports, GiveTheBytesThatAnotherReaderDecoded) {
  int compared = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_)) {
    if (!entry.is_regular_file() || entry.path().parent_path().filename() != "_decoded") continue;
    auto name = entry.path().filename().string();  // <folder>__<header>__<symbol>.<ending>
    const size_t symbol = name.rfind("__");
    auto header = name.substr(0, symbol);
    for (size_t at; (at = header.find("__")) != std::string::npos;) header.replace(at, 2, "/");
    const auto root = entry.path().parent_path().parent_path();
    const auto path = std::filesystem::exists(root / header) ? root / header : root / "src" / header;
    const auto models = extract(path);
    const auto same = std::ranges::find(models, read_file(entry.path()), &ModelFile::bytes);
    ASSERT_NE(same, models.end()) << path;
    EXPECT_EQ(same->name, entry.path().stem().string().substr(symbol + 2));
    ++compared;
  }
  EXPECT_GE(compared, 8);
}

// Whatever folder there is, known to the tables above or not: an import or a sentence, never anything else.
TEST_F(Exports, AreAllKnownHere) {
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    if (!entry.is_directory()) continue;
    const auto name = entry.path().filename().string();
    const auto is_of = [&](const auto& row) { return row.path == name || row.path.starts_with(name + "/"); };
    EXPECT_TRUE(std::ranges::any_of(imports, is_of) || std::ranges::any_of(refusals, is_of))
        << name << " is in no table";
    try {
      EXPECT_FALSE(open(entry.path()).model.bytes.empty());
    } catch (const Error& error) {
      EXPECT_NE(error.kind(), ErrorKind::internal) << error.what();
      EXPECT_THAT(std::string(error.what()), StartsWith(entry.path().string()));
    }
  }
}

}  // namespace
}  // namespace es::edge_impulse
