// SPDX-License-Identifier: Apache-2.0
//
// Decoders against what others make of the same tensors: Edge Impulse's own SDK, ONNX Runtime with NumPy, and numbers
// that can be worked out by hand. Numbers in names are those of the statements about nvinfer that a test holds us to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "base/log.h"
#include "postprocess/cluster.h"
#include "postprocess/decoder.h"
#include "postprocess/decoders/bbox_coverage.h"
#include "postprocess/testdata/recorded_cases.h"
#include "testing/matchers.h"

namespace es::postprocess {
namespace {

using es::testing::read_recorded_cases;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr auto sdk_yolov5 = "NvDsInferParseCustomEdgeImpulseYoloV5";
constexpr auto sdk_yolov5_normalized = "NvDsInferParseCustomEdgeImpulseYoloV5Normalized";
constexpr auto per_class_yolov5 = "NvDsInferParseYolo";
constexpr auto sdk_fomo = "NvDsInferParseCustomEdgeImpulseFomo";

DecoderParams params(int width, int height, size_t classes, float threshold) {
  return {width, height, 3, std::vector<float>(classes, threshold), std::vector<float>(classes, 0)};
}

std::unique_ptr<Decoder> open(const std::string& function, const std::vector<TensorSpec>& outputs,
                              const DecoderParams& facts) {
  const auto* row = find_decoder(function);
  EXPECT_NE(row, nullptr) << function;
  return row->open(function, outputs, facts);
}

// One output of the given shape (without batch), decoded.
std::vector<ModelDetection> decode(const std::string& function, const Shape& shape, const std::vector<float>& values,
                                   const DecoderParams& facts) {
  std::vector<int64_t> with_batch{-1};
  with_batch.insert(with_batch.end(), shape.dims().begin(), shape.dims().end());
  EXPECT_EQ(static_cast<size_t>(shape.elements()), values.size());
  const auto decoder = open(function, {{"output", Shape(with_batch), DType::f32}}, facts);
  const TensorView view{values.data(), shape, DType::f32};
  std::vector<ModelDetection> found;
  decoder->decode({&view, 1}, found);
  return found;
}

// ---- YOLOv5

TEST(Yolov5Sdk, GivesTheBoxesOfEdgeImpulsesSdk) {
  const auto cases = read_recorded_cases(ES_TEST_DATA "/sdk_yolov5.txt");
  ASSERT_EQ(cases.size(), 12u);
  for (size_t i = 0; i < cases.size(); ++i) {
    const auto& one = cases[i];
    const bool pixels = one["version"] == 5;
    EXPECT_EQ(decode(pixels ? sdk_yolov5 : sdk_yolov5_normalized, {one["rows"], one["columns"]}, one.values,
                     params(one["size"], one["size"], static_cast<size_t>(one["classes"]), 0.3f)),
              one.boxes)
        << "case " << i;
  }
}

TEST(Yolov5Sdk, ScoresByObjectnessAloneAndTakesTheFirstBestClass) {
  EXPECT_THAT(decode(sdk_yolov5, {1, 8}, {50, 40, 20, 10, 0.9f, 0.2f, 0.4f, 0.4f}, params(100, 100, 3, 0.5f)),
              ElementsAre(ModelDetection{{40, 35, 20, 10}, 1, 0.9f}));
}

TEST(Yolov5Sdk, ABoxCutAtTheLeftKeepsItsWidth) {
  EXPECT_THAT(decode(sdk_yolov5, {1, 6}, {5, 40, 20, 10, 0.9f, 1}, params(100, 100, 1, 0.5f)),
              ElementsAre(ModelDetection{{0, 35, 20, 10}, 0, 0.9f}));
}

TEST(Yolov5Sdk, RefusesAHeadThatDoesNotFitTheClasses) {
  EXPECT_ERROR(open(sdk_yolov5, {{"output0", {1, 6300, 7}, DType::f32}}, params(320, 320, 3, 0.5f)),
               ErrorKind::mismatch,
               "NvDsInferParseCustomEdgeImpulseYoloV5: output 'output0': the first output is [6300, 7]; YOLOv5 with 3 "
               "classes has [boxes, 8]");
  EXPECT_ERROR(open(sdk_yolov5, {}, params(320, 320, 1, 0.5f)), ErrorKind::mismatch,
               "NvDsInferParseCustomEdgeImpulseYoloV5: the model has no output");
  EXPECT_ERROR(open(sdk_yolov5, {{"o", {1, 6300, 6}, DType::f16}}, params(320, 320, 1, 0.5f)), ErrorKind::mismatch,
               "NvDsInferParseCustomEdgeImpulseYoloV5: output 'o' is float16, float32 is needed");
}

TEST(Yolov5PerClass, ClusteredGivesTheBoxesOfOnnxRuntime) {
  const auto cases = read_recorded_cases(ES_TEST_DATA "/ort_yolov5.txt");
  ASSERT_EQ(cases.size(), 3u);
  for (const auto& one : cases) {
    ClassAttributes attributes;
    attributes.nms_iou_threshold = static_cast<float>(one.facts.at("iou"));
    const std::vector<ClassAttributes> classes(static_cast<size_t>(one["classes"]), attributes);
    const auto found = decode(per_class_yolov5, {one["rows"], one["columns"]}, one.values,
                              params(one["size"], one["size"], classes.size(), 0.2f));
    const auto clustered = cluster(filter_before_clustering(found, classes), ClusterMode::nms, classes);
    ASSERT_EQ(clustered.size(), one.boxes.size());
    for (size_t i = 0; i < clustered.size(); ++i) {
      const auto &ours = clustered[i], &theirs = one.boxes[i];
      EXPECT_EQ(ours.class_id, theirs.class_id);
      EXPECT_NEAR(ours.score, theirs.score, 1e-6);
      EXPECT_NEAR(ours.box.left, theirs.box.left, 1e-3);
      EXPECT_NEAR(ours.box.top, theirs.box.top, 1e-3);
      EXPECT_NEAR(ours.box.width, theirs.box.width, 1e-3);
      EXPECT_NEAR(ours.box.height, theirs.box.height, 1e-3);
    }
  }
}

TEST(Yolov5PerClass, ReadsCornersScoreAndClassWhereThatIsWhatTheRowsAre) {
  const std::vector<float> rows{10, 20, 50,    60, 0.9f, 2,   //
                                -5, 0,  30,    40, 0.8f, 0,   // held inside the picture
                                40, 40, 40.5f, 90, 0.9f, 1,   // less than a pixel wide
                                0,  0,  0,     0,  0,    0,   // padding
                                1,  1,  9,     9,  0.1f, 1};  // below the threshold
  EXPECT_THAT(decode(per_class_yolov5, {5, 6}, rows, params(100, 100, 3, 0.2f)),
              ElementsAre(ModelDetection{{10, 20, 40, 40}, 2, 0.9f}, ModelDetection{{0, 0, 30, 40}, 0, 0.8f}));
}

TEST(Yolov5PerClass, ReadsOneClassWhereTheSixthColumnIsAProbability) {
  const std::vector<float> rows{50, 40, 20, 10, 0.5f, 0.5f,  //
                                50, 40, 20, 10, 0.9f, 1.0f};
  EXPECT_THAT(decode(per_class_yolov5, {2, 6}, rows, params(100, 100, 80, 0.2f)),
              ElementsAre(ModelDetection{{40, 35, 20, 10}, 0, 0.25f}, ModelDetection{{40, 35, 20, 10}, 0, 0.9f}))
      << "also with num-detected-classes=80, as in a published configuration";
}

TEST(Yolov5PerClass, DropsClassesBeyondTheConfiguredOnes) {
  EXPECT_THAT(decode(per_class_yolov5, {1, 6}, {10, 20, 50, 60, 0.9f, 7}, params(100, 100, 3, 0.2f)), IsEmpty());
}

TEST(Yolov5PerClass, HasTheNamesOfDeepStreamYolo) {
  for (const char* name : {"NvDsInferParseYolo", "NvDsInferParseYoloCuda", "NvDsInferParseYoloE"}) {
    EXPECT_THAT(decode(name, {1, 6}, {10, 20, 50, 60, 0.9f, 0}, params(100, 100, 1, 0.2f)),
                ElementsAre(ModelDetection{{10, 20, 40, 40}, 0, 0.9f}));
  }
  EXPECT_EQ(find_decoder("NvDsInferParseCustomResnet"), nullptr);
}

// ---- FOMO

// A map in which only the named cells are not background; [rows, columns, 1 + classes].
class Map {
 public:
  Map(int rows, int columns, int classes) : rows_(rows), columns_(columns), classes_(classes) {
    values_.resize(static_cast<size_t>(rows * columns * (classes + 1)));
  }
  Map& set(int x, int y, float score, int class_id = 0) {
    values_[static_cast<size_t>((y * columns_ + x) * (classes_ + 1) + class_id + 1)] = score;
    return *this;
  }
  std::vector<ModelDetection> decode_channels_last(int width, int height) const {
    return decode(sdk_fomo, {rows_, columns_, classes_ + 1}, values_,
                  params(width, height, static_cast<size_t>(classes_), 0.5f));
  }
  std::vector<ModelDetection> decode_channels_first(int width, int height) const {
    std::vector<float> turned;
    for (int k = 0; k <= classes_; ++k) {
      for (int cell = 0; cell < rows_ * columns_; ++cell) {
        turned.push_back(values_[static_cast<size_t>(cell * (classes_ + 1) + k)]);
      }
    }
    return decode(sdk_fomo, {classes_ + 1, rows_, columns_}, turned,
                  params(width, height, static_cast<size_t>(classes_), 0.5f));
  }

 private:
  int rows_, columns_, classes_;
  std::vector<float> values_;
};

TEST(Fomo, GivesTheBoxesOfEdgeImpulsesSdk) {
  const auto cases = read_recorded_cases(ES_TEST_DATA "/sdk_fomo.txt");
  ASSERT_EQ(cases.size(), 15u);
  for (size_t i = 0; i < cases.size(); ++i) {
    const auto& one = cases[i];
    EXPECT_EQ(decode(sdk_fomo, {one["rows"], one["columns"], one["classes"] + 1}, one.values,
                     params(one["size"], one["size"], static_cast<size_t>(one["classes"]), 0.5f)),
              one.boxes)
        << "case " << i;
  }
}

TEST(Fomo, ABoxThatGrowsToTheLeftDoesNotGetLarger) {
  const auto map = Map(8, 8, 1).set(5, 3, .9f).set(6, 3, .7f).set(4, 4, .6f);
  EXPECT_THAT(map.decode_channels_last(64, 64), ElementsAre(ModelDetection{{32, 24, 16, 16}, 0, .9f}));
}

TEST(Fomo, ABoxIsReportedAsItWasBeforeTheSecondPass) {
  EXPECT_THAT(Map(8, 8, 1).set(5, 3, .9f).set(7, 3, .6f).set(6, 4, .8f).decode_channels_last(64, 64),
              ElementsAre(ModelDetection{{40, 24, 16, 16}, 0, .9f}));
  EXPECT_THAT(Map(8, 8, 1).set(5, 3, .6f).set(7, 3, .9f).set(6, 4, .8f).decode_channels_last(64, 64),
              ElementsAre(ModelDetection{{40, 24, 16, 16}, 0, .8f}))
      << "the better score of the dropped box is lost";
}

TEST(Fomo, ClassesDoNotJoin) {
  EXPECT_THAT(Map(8, 8, 2).set(1, 1, .9f, 1).set(2, 1, .5f, 0).decode_channels_last(64, 64),
              ElementsAre(ModelDetection{{8, 8, 8, 8}, 1, .9f}, ModelDetection{{16, 8, 8, 8}, 0, .5f}))
      << "in the order of their making; a score equal to the threshold counts";
}

TEST(Fomo, BothMemoryLayoutsGiveTheSame) {
  const auto map = Map(4, 6, 2).set(0, 0, .9f).set(5, 3, .8f, 1).set(3, 2, .7f);
  const auto last = map.decode_channels_last(48, 32);
  EXPECT_THAT(last, ElementsAre(ModelDetection{{0, 0, 8, 8}, 0, .9f}, ModelDetection{{24, 16, 8, 8}, 0, .7f},
                                ModelDetection{{40, 24, 8, 8}, 1, .8f}));
  EXPECT_EQ(map.decode_channels_first(48, 32), last);
}

TEST(Fomo, AMapAsDeepAsWideIsReadWithSquareCells) {
  const auto map = Map(4, 3, 2).set(2, 3, .9f);  // [4, 3, 3] channels last, [3, 4, 3] channels first
  EXPECT_THAT(map.decode_channels_last(24, 32), ElementsAre(ModelDetection{{16, 24, 8, 8}, 0, .9f}));
  EXPECT_EQ(map.decode_channels_first(24, 32), map.decode_channels_last(24, 32));
  const auto cube = Map(3, 3, 2).set(2, 1, .9f);
  EXPECT_THAT(cube.decode_channels_first(24, 24), ElementsAre(ModelDetection{{16, 8, 8, 8}, 0, .9f}))
      << "of a cube, nothing tells the layouts apart: channels first";
}

TEST(Fomo, RefusesAMapThatDoesNotFitTheClasses) {
  EXPECT_ERROR(
      open(sdk_fomo, {{"heat", {1, 20, 20, 2}, DType::f32}}, params(160, 160, 3, 0.5f)), ErrorKind::mismatch,
      "NvDsInferParseCustomEdgeImpulseFomo: output 'heat': the first output is [20, 20, 2]; FOMO with 3 classes "
      "has [4, rows, columns] or [rows, columns, 4] with the background");
}

// ---- the default parser

std::vector<ModelDetection> decode_grid(const std::vector<float>& coverage, const std::vector<float>& boxes,
                                        int64_t rows, int64_t columns, const DecoderParams& facts) {
  const auto classes = static_cast<int64_t>(coverage.size()) / (rows * columns);
  const std::vector<TensorSpec> outputs{{"conv_bbox", {-1, 4 * classes, rows, columns}, DType::f32},
                                        {"conv_cov", {-1, classes, rows, columns}, DType::f32}};
  const TensorView views[] = {{boxes.data(), {4 * classes, rows, columns}, DType::f32},
                              {coverage.data(), {classes, rows, columns}, DType::f32}};
  std::vector<ModelDetection> found;
  open_bbox_coverage(outputs, facts)->decode(views, found);
  return found;
}

TEST(BboxCoverage, TheCellOfTheSpecificationDecodes_101_102_103) {
  constexpr int64_t rows = 34, columns = 60, grid = rows * columns, cell = 10 + 5 * columns;
  std::vector<float> coverage(grid), boxes(4 * grid);
  coverage[cell] = 0.5f;
  boxes[cell] = boxes[cell + grid] = 1.0f;
  boxes[cell + 2 * grid] = boxes[cell + 3 * grid] = 1.5f;
  const auto found = decode_grid(coverage, boxes, rows, columns, params(960, 544, 1, 0.5f));
  ASSERT_EQ(found.size(), 1u) << "a score equal to the threshold is kept";
  EXPECT_NEAR(found[0].box.left, 125.5, 1e-4);
  EXPECT_NEAR(found[0].box.left + found[0].box.width, 213.0, 1e-4);
  EXPECT_NEAR(found[0].box.top, 80.5 - 35, 1e-4);
}

TEST(BboxCoverage, CoordinatesAreHeldInsideTheNetwork_104) {
  const auto found = decode_grid({1}, {10, 10, 10, 10}, 1, 1, params(32, 16, 1, 0.5f));
  EXPECT_THAT(found, ElementsAre(ModelDetection{{0, 0, 31, 15}, 0, 1}));
}

TEST(BboxCoverage, ABoxTurnedInsideOutIsSkippedAndAnEmptyOneIsKept) {
  EXPECT_THAT(decode_grid({1}, {-0.2f, 0, -0.2f, 0}, 1, 1, params(32, 32, 1, 0.5f)), IsEmpty());
  EXPECT_THAT(decode_grid({1}, {0, 0, 0, 0}, 1, 1, params(32, 32, 1, 0.5f)),
              ElementsAre(ModelDetection{{0.5f, 0.5f, 0, 0}, 0, 1}));
}

TEST(BboxCoverage, OutputsAreFoundByPartsOfTheirNames) {
  const DecoderParams facts = params(32, 32, 1, 0.5f);
  EXPECT_ERROR(open_bbox_coverage(std::vector<TensorSpec>{{"output0", {1, 6300, 6}, DType::f32}}, facts),
               ErrorKind::mismatch,
               "the model has the output 'output0', an output named '...cov...' is needed by the default parser; name "
               "another by parse-bbox-func-name (Could not find output coverage layer for parsing objects)");
  EXPECT_ERROR(
      open_bbox_coverage(std::vector<TensorSpec>{{"cov", {1, 1, 4, 4}, DType::f32}}, facts), ErrorKind::mismatch,
      "the model has the output 'cov', an output named '...bbox...' is needed by the default parser; name another "
      "by parse-bbox-func-name (Could not find output bbox layer for parsing objects)");
}

// ---- hostile tensors

TEST(Decoders, AnyValuesAndAnyShapeAreSafe) {
  std::mt19937 random(20240609);  // the seed of every run
  constexpr float odd[] = {0,
                           1,
                           -1,
                           0.5f,
                           1e30f,
                           -1e30f,
                           std::numeric_limits<float>::quiet_NaN(),
                           std::numeric_limits<float>::infinity(),
                           1e-40f,
                           4294967296.0f};
  const Shape shapes[] = {{10, 7}, {10, 6}, {3, 4, 4}, {4, 4, 3}, {3, 3, 3}, {0, 7}, {7}, {}, {1, 1, 10, 7}, {2, 0, 3}};
  set_log_sink([](LogLevel, const std::string&) {});
  size_t finite = 0;
  for (const auto& row : decoder_table()) {
    const DecoderParams facts = params(32, 32, 2, 0.0f);
    const auto decoder = row.open(row.function, std::vector<TensorSpec>{{"o", {-1, -1, -1}, DType::f32}}, facts);
    for (const auto& shape : shapes) {
      for (int round = 0; round < 20; ++round) {
        std::vector<float> values(static_cast<size_t>(shape.elements()) + 1);
        for (auto& value : values) value = odd[random() % std::size(odd)];
        const TensorView view{values.data(), shape, DType::f32};
        std::vector<ModelDetection> found;
        decoder->decode({&view, 1}, found);
        for (const auto& one : found) {
          EXPECT_TRUE(one.class_id == 0 || one.class_id == 1) << row.function;
          finite += std::isfinite(one.box.left) && std::isfinite(one.score);
        }
      }
    }
    std::vector<ModelDetection> found;
    decoder->decode({}, found);
    EXPECT_THAT(found, IsEmpty());
  }
  set_log_sink({});
  EXPECT_GT(finite, 0u);
}

}  // namespace
}  // namespace es::postprocess
