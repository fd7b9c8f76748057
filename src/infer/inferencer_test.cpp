// SPDX-License-Identifier: Apache-2.0
//
// The models are backend/testdata/make_models.py's, whose head says what each computes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <thread>

#include "backend/worker_pool.h"
#include "infer/infer.h"
#include "infer/infer_testing.h"
#include "testing/matchers.h"

namespace es::infer {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

using Results = std::vector<RegionResult>;

Results infer_all(Inferencer& inferencer, std::vector<Region> regions) {
  return inferencer.submit(std::move(regions), nullptr).get();
}

// --- Classifiers ---------------------------------------------------------------------------------------------------

const std::string classifier_keys = "network-type=1\nlabelfile-path=labels.txt\n";

std::unique_ptr<Inferencer> open_colors(const TestProject& project, const std::string& keys = "") {
  project.write("labels.txt", "red;green;blue\n");
  return Inferencer::open(project.config(classifier_keys + keys));
}

TEST(Classifier, NamesTheStrongestColour) {
  const TestProject project("colors");
  const auto inferencer = open_colors(project);
  const TestPicture red(20, 20, {250, 10, 20}), blue(9, 33, {0, 40, 200});
  const auto results = infer_all(*inferencer, {red.whole(), blue.whole()});
  ASSERT_THAT(results, SizeIs(2));
  EXPECT_EQ(results[0].label, "red ");
  EXPECT_EQ(results[1].label, "blue ");
  ASSERT_THAT(results[0].attributes, SizeIs(1));
  const double e[] = {std::exp(0.05 * 250), std::exp(0.05 * 10), std::exp(0.05 * 20)};
  EXPECT_NEAR(results[0].attributes[0].probability, e[0] / (e[0] + e[1] + e[2]), 1e-6);
  EXPECT_EQ(results[0].tensors, nullptr);
}

TEST(Classifier, LooksAtTheObjectOnly) {
  const TestProject project("colors");
  const auto inferencer = open_colors(project);
  TestPicture picture(64, 48, {0, 0, 255});
  picture.paint({20, 10, 16, 12}, {0, 255, 0});
  const auto results = infer_all(*inferencer, {picture.part({20, 10, 16, 12}), picture.part({40, 10, 16, 12})});
  EXPECT_EQ(results[0].label, "green ");
  EXPECT_EQ(results[1].label, "blue ");
  EXPECT_EQ(results[0].placement.source, (PixelRect{20, 10, 16, 12}));
}

TEST(Classifier, AnObjectWithoutPixelsHasNoResultAndTheOthersKeepTheirPlaces) {
  const TestProject project("colors");
  const TestPicture red(20, 20, {250, 10, 20});
  for (const std::string batch : {"items", "whole"}) {
    const auto inferencer = open_colors(project, "batch-size=3\ndynamic-properties=edgestream-batch=" + batch);
    const auto results = infer_all(*inferencer, {red.part({5, 5, 1, 9}), red.whole(), red.part({50, 50, 9, 9})});
    EXPECT_FALSE(results[0].inferred);
    EXPECT_EQ(results[0].label, "");
    EXPECT_TRUE(results[1].inferred);
    EXPECT_EQ(results[1].label, "red ");
    EXPECT_FALSE(results[2].inferred);
  }
}

TEST(Classifier, OfAGrayNetworkSeesLuma) {
  const TestProject project("colors_gray");
  project.write("labels.txt", "dark;bright\n");
  const auto inferencer = Inferencer::open(project.config(classifier_keys + "model-color-format=2"));
  const TestPicture green(16, 16, {0, 255, 0}), blue(16, 16, {0, 0, 255});
  const auto results = infer_all(*inferencer, {green.whole(), blue.whole()});
  EXPECT_EQ(results[0].label, "bright ");  // 0.587 * 255 = 150 of 255, the middle is 128
  EXPECT_EQ(results[1].label, "dark ");    // 0.114 * 255 = 29
}

TEST(Classifier, OfABgrNetworkSeesBlueFirst) {
  const TestProject project("colors");
  const auto inferencer = open_colors(project, "model-color-format=1");
  const TestPicture red(16, 16, {255, 0, 0});
  EXPECT_EQ(infer_all(*inferencer, {red.whole()})[0].label, "blue ");
}

TEST(Classifier, OfAnNhwcNetworkNeedsInferDims) {
  const TestProject project("colors_nhwc");
  const TestPicture green(16, 16, {0, 255, 0});
  const auto inferencer = open_colors(project, "network-input-order=1\ninfer-dims=3;8;8");
  EXPECT_EQ(infer_all(*inferencer, {green.whole()})[0].label, "green ");
  EXPECT_ERROR(
      open_colors(project, "network-input-order=1"), ErrorKind::mismatch,
      "colors_nhwc.onnx: has 8 input channels; an NHWC network needs infer-dims=channels;height;width [RGB/BGR input "
      "format specified but network input channels is not 3]");
}

TEST(Classifier, ScaleAndOffsetsReachTheNetwork) {
  const TestProject project("colors");
  // 0.5 * (200 - 180) = 10 for red, 0.5 * (100 - 20) = 40 for green.
  const auto inferencer = open_colors(project, "net-scale-factor=0.5\noffsets=180;20;0");
  const TestPicture picture(16, 16, {200, 100, 0});
  EXPECT_EQ(infer_all(*inferencer, {picture.whole()})[0].label, "green ");
  // A factor of 0 switches both off.
  const auto plain = open_colors(project, "net-scale-factor=0\noffsets=180;20;0");
  EXPECT_EQ(infer_all(*plain, {picture.whole()})[0].label, "red ");
}

// --- Detectors -----------------------------------------------------------------------------------------------------

const std::string detector_keys =
    "network-type=0\nnum-detected-classes=2\ncluster-mode=2\nparse-bbox-func-name=NvDsInferParseYolo\n"
    "labelfile-path=labels.txt\n";
const std::string detector_classes = "[class-attrs-all]\npre-cluster-threshold=0.5\nnms-iou-threshold=0.5\n";

std::unique_ptr<Inferencer> open_cells(const TestProject& project, const std::string& keys = "",
                                       const Options& options = {}) {
  project.write("labels.txt", "strawberry\nlime\n");
  return Inferencer::open(project.config(detector_keys + keys, detector_classes), options);
}

TEST(Detector, FindsTheCellsThatAreRedOrGreen) {
  const TestProject project("cells");
  const auto inferencer = open_cells(project);
  TestPicture picture(32, 32);
  picture.paint({8, 16, 8, 8}, {255, 0, 0}).paint({24, 0, 8, 8}, {0, 255, 0});
  const auto results = infer_all(*inferencer, {picture.whole()});
  // The boxes are 8 x 6 around the centres (12, 20) and (28, 4) of the cells.
  EXPECT_THAT(results[0].detections, ElementsAre(Detection{{8, 17, 8, 6}, 0, 1.0f, 0, "strawberry"},
                                                 Detection{{24, 1, 8, 6}, 1, 1.0f, 0, "lime"}));
}

TEST(Detector, MapsBoxesBackThroughALetterbox) {
  const TestProject project("cells");
  const auto inferencer = open_cells(project, "maintain-aspect-ratio=1\nsymmetric-padding=1\nscaling-filter=3");
  // 128 x 64 becomes 32 x 16 at row 8, a quarter in size. The network's cell at (8, 8) is the picture's square at (32,
  // 0).
  TestPicture picture(128, 64);
  picture.paint({32, 0, 32, 32}, {255, 0, 0});
  const auto results = infer_all(*inferencer, {picture.whole()});
  EXPECT_THAT(results[0].detections, ElementsAre(Detection{{32, 4, 32, 24}, 0, 1.0f, 0, "strawberry"}));
}

TEST(Detector, InsideAnObjectAddsTheObjectsCorner) {
  const TestProject project("cells");
  const auto inferencer = open_cells(project);
  TestPicture picture(100, 80);
  picture.paint({50, 36, 8, 8}, {0, 255, 0});
  const auto results = infer_all(*inferencer, {picture.part({41.5f, 20.25f, 32, 32})});
  // The crop begins at (42, 20), rounded to even numbers: its cell (1, 2) is at (50, 36). Back from the unrounded
  // corner: (8, 17) + (41.5, 20.25).
  EXPECT_EQ(results[0].placement.source, (PixelRect{42, 20, 32, 32}));
  ASSERT_THAT(results[0].detections, SizeIs(1));
  EXPECT_EQ(results[0].detections[0].box, (FrameBox{49.5f, 37.25f, 8, 6}));
}

// --- Batches: one by one, together, padded -------------------------------------------------------------------------

std::vector<TestPicture> random_pictures(size_t count) {
  std::mt19937 random(3);
  std::vector<TestPicture> pictures;
  for (size_t i = 0; i < count; ++i) {
    pictures.emplace_back(40, 30);
    for (auto& byte : pictures.back().pixels()) byte = static_cast<uint8_t>(random());
  }
  return pictures;
}

std::vector<float> raw(const RegionResult& result) {
  const auto values = result.tensors->layers[0].floats();
  return {values.begin(), values.end()};
}

TEST(Batch, EveryWayOfRunningABatchGivesTheRowsOfSingleRuns) {
  struct Row {
    const char *model, *keys;
  };
  const Row rows[] = {{"colors", "batch-size=1"},
                      {"colors", "batch-size=8"},
                      {"colors", "batch-size=2\ndynamic-properties=edgestream-batch=whole"},
                      {"colors", "batch-size=3\ndynamic-properties=edgestream-batch=whole"},
                      {"colors", "batch-size=8\ndynamic-properties=edgestream-batch=whole"},
                      {"colors", "batch-size=8\ndynamic-properties=edgestream-intra-op-threads=2"},
                      {"colors_fixed_1", "batch-size=8"},
                      {"colors_fixed_1", "batch-size=8\ndynamic-properties=edgestream-batch=whole"},
                      {"colors_fixed_4", "batch-size=8"}};
  const auto pictures = random_pictures(11);
  std::vector<Region> regions;
  for (const auto& picture : pictures) regions.push_back(picture.whole());

  const TestProject single("colors");
  const auto reference = open_colors(single, "output-tensor-meta=1");
  for (const Row& row : rows) {
    const TestProject project(row.model);
    const LogCapture log;
    const auto inferencer = open_colors(project, std::string("output-tensor-meta=1\n") + row.keys);
    const auto results = infer_all(*inferencer, regions);
    ASSERT_THAT(results, SizeIs(11));
    for (size_t i = 0; i < regions.size(); ++i) {
      const auto alone = infer_all(*reference, {regions[i]});
      EXPECT_LE(testing::max_difference(raw(results[i]), raw(alone[0])), 1e-6)
          << row.model << ' ' << row.keys << ' ' << i;
      EXPECT_EQ(results[i].label, alone[0].label);
    }
  }
}

TEST(Batch, AFixedBatchSaysWhatItCosts) {
  const TestProject project("colors_fixed_4");
  const LogCapture log;
  const auto inferencer = open_colors(project, "batch-size=2");
  EXPECT_THAT(log.lines(),
              Contains("warning: colors_fixed_4.onnx: the model has a fixed batch of 4: every run computes 4 items, "
                       "and a smaller batch costs as much as 4"));
  EXPECT_EQ(inferencer->info().items_per_run, 4);
}

TEST(Batch, OfNothingIsDoneAtOnce) {
  const TestProject project("colors");
  EXPECT_THAT(infer_all(*open_colors(project), {}), IsEmpty());
}

// --- Raw tensors ---------------------------------------------------------------------------------------------------

TEST(RawTensors, OutliveTheNetwork) {
  const TestProject project("cells");
  Results results;
  {
    auto inferencer = open_cells(project, "output-tensor-meta=1");
    TestPicture picture(32, 32);
    picture.paint({0, 0, 8, 8}, {255, 0, 0});
    results = infer_all(*inferencer, {picture.whole(), picture.whole()});
    infer_all(*inferencer, {TestPicture(32, 32).whole()});
  }
  EXPECT_EQ(results[1].tensors->layers[0].shape, (Shape{16, 7}));
  const auto row = raw(results[1]);
  EXPECT_THAT(std::vector<float>(row.begin(), row.begin() + 7), ElementsAre(4, 4, 8, 6, 1, 1, 0));
  EXPECT_THAT(results[1].detections, SizeIs(1));
}

TEST(RawTensors, AreAllThatNetworkType100Gives) {
  const TestProject project("argmax");
  const auto inferencer = Inferencer::open(project.config("network-type=100"));
  const TestPicture green(8, 8, {0, 255, 0});
  const auto results = infer_all(*inferencer, {green.whole()});
  ASSERT_NE(results[0].tensors, nullptr);
  EXPECT_EQ(results[0].tensors->layers[0].dtype, DType::i64);
  EXPECT_EQ(*static_cast<const int64_t*>(results[0].tensors->layers[0].data), 1);
  EXPECT_THAT(results[0].detections, IsEmpty());
  EXPECT_THAT(results[0].attributes, IsEmpty());
}

TEST(Layers, AreShownWithoutTheBatch) {
  const TestProject project("cells");
  const auto inferencer = open_cells(project, "batch-size=4");
  EXPECT_THAT(inferencer->input_layers(), ElementsAre(TensorSpec{"images", {3, 32, 32}, DType::f32}));
  EXPECT_THAT(inferencer->output_layers(), ElementsAre(TensorSpec{"output0", {16, 7}, DType::f32}));
}

// --- What does not fit ---------------------------------------------------------------------------------------------

TEST(Open, RefusesNetworksThatDoNotFitTheirConfiguration) {
  struct Row {
    const char *model, *keys;
    ErrorKind kind;
    const char* sentence;
  };
  const Row rows[] = {
      {"colors", "model-color-format=2", ErrorKind::mismatch,
       "colors.onnx: has 3 input channels; set model-color-format=0 for a network of 3 channels [GRAY input format "
       "specified but "
       "network input channels is not 1.]"},
      {"colors_gray", "", ErrorKind::mismatch,
       "colors_gray.onnx: has 1 input channels; set model-color-format=2 for a network of 1 channel [RGB/BGR input "
       "format "
       "specified but network input channels is not 3]"},
      {"colors", "offsets=1;2", ErrorKind::mismatch,
       "colors.onnx: has 3 input channels, offsets=1;2 has 2 [Preprocessor set scale and offsets failed.]"},
      {"flat", "", ErrorKind::mismatch,
       "flat.onnx: input 'row' is [12] without its batch, a picture of 3 dimensions is needed [Infer Context default "
       "input_layer "
       "is not a image[CHW]]"},
      {"two_inputs", "", ErrorKind::unsupported,
       "two_inputs.onnx: has 2 inputs, networks with one are run here; build the other inputs into the model as "
       "constants"},
      {"colors", "mean-file=none.ppm", ErrorKind::unreadable,
       "@/none.ppm: No such file or directory [Cannot access mean image file '@/none.ppm']"},
      {"any_size", "", ErrorKind::mismatch,
       "@/any_size.onnx: input 'picture' is [N, 3, N, N], a dimension besides the batch is open; give "
       "infer-dims=channels;height;width (Explicit config dims is invalid)"},
      {"colors", "infer-dims=3;16;16", ErrorKind::mismatch,
       "@/colors.onnx: input 'picture' is [N, 3, 8, 8], infer-dims asks for 1x3x16x16 (explict dims.nbDims in config "
       "does not "
       "match model dims.)"},
      {"colors", "dynamic-properties=edgestream-provider=cuda", ErrorKind::environment, nullptr},
      {"colors", "input-tensor-from-meta=1", ErrorKind::unsupported,
       "@/infer.txt: input-tensor-from-meta=1 needs nvdspreprocess, which this release does not have; a network of "
       "pixels runs without the key, one of features in DeepStream or in a program of your own"},
  };
  for (const Row& row : rows) {
    const TestProject project(row.model);
    project.write("labels.txt", "a;b;c\n");
    const auto open = [&] { return Inferencer::open(project.config(std::string("network-type=1\n") + row.keys)); };
    const LogCapture log;
    if (!row.sentence) {
      EXPECT_ERROR_THAT(open(), row.kind, StartsWith("colors.onnx: provider 'cuda' cannot be used with "));
      continue;
    }
    std::string sentence = row.sentence;
    for (size_t at; (at = sentence.find('@')) != std::string::npos;) sentence.replace(at, 1, project.path().string());
    EXPECT_ERROR(open(), row.kind, sentence);
  }
}

TEST(Open, SegmentationIsRefusedWithTheWayOut) {
  const TestProject project("colors");
  EXPECT_ERROR(Inferencer::open(project.config("network-type=2")), ErrorKind::unsupported,
               (project.path() / "infer.txt").string() +
                   ": network-type=2 (segmentation) is not decoded by this release; "
                   "network-type=100 with output-tensor-meta=1 gives the raw tensors");
}

TEST(Open, AnOpenSizeIsClosedByInferDims) {
  const TestProject project("any_size");
  const auto inferencer = Inferencer::open(project.config("network-type=100\ninfer-dims=3;10;20"));
  EXPECT_EQ(inferencer->info().height, 10);
  EXPECT_EQ(inferencer->info().width, 20);
  const TestPicture picture(20, 10, {30, 60, 90});
  EXPECT_THAT(raw(infer_all(*inferencer, {picture.whole()})[0]), ElementsAre(30, 60, 90));
}

TEST(Open, KeysThatDoNothingYetAreNamedInOneWarning) {
  const TestProject project("colors");
  const LogCapture log;
  open_colors(project, "dump-input-tensor=1\noverwrite-output-tensor=1");
  EXPECT_THAT(log.lines(), Contains("warning: " + (project.path() / "infer.txt").string() +
                                    ": dump-input-tensor, overwrite-output-tensor do nothing in this release; "
                                    "output-tensor-meta=1 gives the raw tensors"));
}

TEST(Open, AScalingFilterWithoutATwinIsSaidOnce) {
  const TestProject project("colors");
  const LogCapture log;
  open_colors(project, "scaling-filter=4");
  EXPECT_THAT(log.lines(), Contains("info: scaling-filter=4 (Lanczos on a GPU) runs as bilinear here"));
}

// --- Threads -------------------------------------------------------------------------------------------------------

TEST(Submit, KeepsThePixelsUntilTheyAreNoLongerNeeded) {
  const TestProject project("colors");
  const auto inferencer = open_colors(project);
  auto picture = std::make_shared<TestPicture>(16, 16, std::array<uint8_t, 3>{0, 255, 0});
  const std::weak_ptr<TestPicture> watched = picture;
  std::vector<Region> regions{picture->whole()};
  auto future = inferencer->submit(std::move(regions), std::move(picture));
  EXPECT_EQ(future.get()[0].label, "green ");
  EXPECT_TRUE(watched.expired());
}

TEST(Submit, WhatFailsIsThrownByTheFutureAndTheNextOneWorks) {
  const TestProject project("colors");
  const auto inferencer = open_colors(project);
  const TestPicture green(16, 16, {0, 255, 0});
  Region broken = green.whole();
  broken.image.planes[0].data = nullptr;
  EXPECT_ERROR(inferencer->submit({green.whole(), broken}, nullptr).get(), ErrorKind::internal,
               "preprocess: plane 0 of a RGB picture has no pixels");
  EXPECT_EQ(infer_all(*inferencer, {green.whole()})[0].label, "green ");
}

TEST(Submit, TheNetworkMayGoWhileResultsAreOutstanding) {
  const TestProject project("cells");
  const auto pictures = random_pictures(20);
  std::vector<std::future<Results>> futures;
  {
    const auto inferencer = open_cells(project);
    for (const auto& picture : pictures) futures.push_back(inferencer->submit({picture.whole()}, nullptr));
  }
  for (auto& future : futures) EXPECT_TRUE(future.get()[0].inferred);
}

// Two networks on one pool, four threads that submit, results compared with those of single runs.
TEST(Submit, FromManyThreadsToTwoNetworksGivesWhatSingleRunsGive) {
  const TestProject detector_project("cells"), classifier_project("colors");
  const Options options{.pool = std::make_shared<backend::WorkerPool>(3, 4)};
  const auto detector = open_cells(detector_project, "output-tensor-meta=1\nbatch-size=4", options);
  const auto classifier = open_colors(classifier_project, "output-tensor-meta=1\nbatch-size=4");
  const auto pictures = random_pictures(8);
  std::vector<std::vector<float>> of_detector, of_classifier;
  for (const auto& picture : pictures) {
    of_detector.push_back(raw(infer_all(*detector, {picture.whole()})[0]));
    of_classifier.push_back(raw(infer_all(*classifier, {picture.whole()})[0]));
  }
  std::vector<std::thread> threads;
  for (size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      Inferencer& network = t % 2 ? *detector : *classifier;
      const auto& expected = t % 2 ? of_detector : of_classifier;
      for (size_t round = 0; round < 10; ++round) {
        std::vector<Region> regions;
        for (size_t i = 0; i < 1 + round % 4; ++i) regions.push_back(pictures[(t + round + i) % 8].whole());
        const auto results = infer_all(network, regions);
        for (size_t i = 0; i < results.size(); ++i) EXPECT_EQ(raw(results[i]), expected[(t + round + i) % 8]);
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

// --- The table at start --------------------------------------------------------------------------------------------

TEST(Info, TellsWhereTheEngineCameFrom) {
  const TestProject project("colors");
  const auto first = open_colors(project)->info();
  EXPECT_EQ(first.model, "colors.onnx");
  EXPECT_EQ(first.engine, Info::Engine::built);
  EXPECT_EQ(first.engine_file, project.engine());
  EXPECT_GT(first.built_at, 1600000000);
  EXPECT_EQ(first.provider, "cpu");
  EXPECT_EQ(first.precision, "fp32");
  const auto second = open_colors(project, "model-engine-file=colors.onnx_b1_gpu0_fp32.engine")->info();
  EXPECT_EQ(second.engine, Info::Engine::loaded);
  EXPECT_EQ(second.built_at, first.built_at);
}

TEST(Describe, IsOneLine) {
  Info info{.model = "candy.onnx",
            .engine = Info::Engine::loaded,
            .seconds = 0.014,
            .built_at = 1000,
            .provider = "cpu",
            .precision = "fp32",
            .workers = 2,
            .width = 320,
            .height = 240,
            .channels = 3};
  EXPECT_EQ(describe(info, 1000 + 3 * 86400 + 5),
            "candy.onnx: cpu fp32, 320x240x3, engine loaded in 0.01 s, 3 days old, 2 workers of 1 thread");
  EXPECT_THAT(describe(info, 1060), HasSubstr(", 1 minute old,"));
  EXPECT_THAT(describe(info, 0), HasSubstr(", 0 seconds old,"));
  info.engine = Info::Engine::built;
  EXPECT_THAT(describe(info, 0), HasSubstr("engine built in 0.01 s, not saved,"));
  info.engine_file = "x.engine";
  EXPECT_THAT(describe(info, 0), HasSubstr("engine built in 0.01 s, 2 workers"));
}

}  // namespace
}  // namespace es::infer
