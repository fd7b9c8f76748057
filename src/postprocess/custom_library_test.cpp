// SPDX-License-Identifier: Apache-2.0
//
// Parsers from shared libraries: one of the user's, and those that deployment folders carry. Numbers in names are those
// of the statements about nvinfer that a test holds us to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>

#include "base/log.h"
#include "postprocess/postprocess.h"
#include "postprocess/testdata/recorded_cases.h"
#include "testing/matchers.h"
#include "testing/scratch_folder.h"

namespace es::postprocess {
namespace {

using es::testing::read_recorded_cases;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const std::string users_library = ES_BINARY_DIR "/parsers/custom_parsers.so";

// What the log is told as long as the object lives.
class Log {
 public:
  Log() {
    set_log_sink([this](LogLevel, const std::string& message) {
      const std::lock_guard lock(mutex_);
      lines.push_back(message);
    });
  }
  ~Log() { set_log_sink({}); }
  std::vector<std::string> lines;

 private:
  std::mutex mutex_;
};

const std::vector<TensorSpec> two_outputs{{"first", {-1, 2, 3}, DType::f32}, {"second", {-1, 1}, DType::i64}};

DetectorParams detector_params(const std::string& function, const std::string& library) {
  DetectorParams params{640, 480, 3, std::vector<ClassAttributes>(2), ClusterMode::none, function, library};
  return params;
}

std::vector<ModelDetection> run(const Detector& detector) {
  const std::vector<float> first{0.75f, 1, 2, 3, 4, 5};
  const int64_t second = 7;
  const TensorView views[] = {{first.data(), {2, 3}, DType::f32}, {&second, {1}, DType::i64}};
  return detector.run(views);
}

TEST(CustomLibrary, AParserSeesLayersNetworkAndThresholds_105) {
  EXPECT_THAT(run(Detector(two_outputs, detector_params("ParseEcho", users_library))),
              ElementsAre(ModelDetection{{2, 6, 640, 480}, 1, 0.75f, 0.2f}))
      << "objects of classes beyond the configured ones are gone";
}

TEST(CustomLibrary, AParserThatFailsGivesNothingAndAnError_119) {
  const Log log;
  EXPECT_THAT(run(Detector(two_outputs, detector_params("ParseFailure", users_library))), IsEmpty());
  EXPECT_THAT(run(Detector(two_outputs, detector_params("ParseThrow", users_library))), IsEmpty());
  EXPECT_THAT(
      log.lines,
      ElementsAre("ParseFailure could not read the outputs (Failed to parse bboxes using custom parse function)",
                  "ParseThrow threw 'out of cheese' (Failed to parse bboxes using custom parse function)"));
}

TEST(CustomLibrary, AFunctionThatIsNowhereIsRefused) {
  EXPECT_ERROR_THAT(Detector(two_outputs, detector_params("ParseNothing", users_library)), ErrorKind::mismatch,
                    StartsWith(users_library + ": has no function 'ParseNothing', parse-bbox-func-name names it; "
                                               "'ParseNothing' is not built in, NvDsInferParseYolo,"));
  EXPECT_ERROR_THAT(Detector(two_outputs, detector_params("ParseNothing", "/no/such/lib.so")), ErrorKind::unreadable,
                    StartsWith("/no/such/lib.so: No such file or directory; 'ParseNothing' is not built in"));
}

TEST(CustomLibrary, AFileThatIsNoLibraryIsRefusedWithTheLoadersReason) {
  EXPECT_ERROR_THAT(Detector(two_outputs, detector_params("ParseNothing", __FILE__)), ErrorKind::environment,
                    HasSubstr("the loader refuses it: "));
}

const std::vector<TensorSpec> yolo_output{{"output0", {-1, 10, 6}, DType::f32}};

TEST(CustomLibrary, AnAbsentLibraryOfABuiltInParserCostsOneWarning) {
  const Log log;
  const Detector detector(yolo_output, detector_params("NvDsInferParseYolo", "/no/such/lib.so"));
  EXPECT_THAT(log.lines, ElementsAre("custom-lib-path: /no/such/lib.so: No such file or directory; the built-in "
                                     "'NvDsInferParseYolo' is used"));
  const std::vector<float> values(60);
  const TensorView view{values.data(), {10, 6}, DType::f32};
  EXPECT_THAT(detector.run({&view, 1}), IsEmpty());
  EXPECT_EQ(log.lines.size(), 1u);
}

TEST(CustomLibrary, ANameWithoutLibraryThatIsNotBuiltInFallsBackToTheDefaultParser) {
  const Log log;
  EXPECT_ERROR_THAT(Detector(yolo_output, detector_params("ParseNothing", "")), ErrorKind::mismatch,
                    HasSubstr("Could not find output coverage layer"));
  EXPECT_THAT(log.lines, ElementsAre(HasSubstr("like DeepStream, the default parser is used")));
}

TEST(CustomLibrary, ABuiltInNameNeedsNoLibrary) {
  const Log log;
  const Detector detector(yolo_output, detector_params("NvDsInferParseYolo", ""));
  EXPECT_THAT(log.lines, IsEmpty());
}

#ifndef __SANITIZE_ADDRESS__  // the vector's memory is freed with a size that its allocation did not have
TEST(CustomLibrary, ALibraryBuiltForAnOlderDeepStreamIsRecognised) {
  const Log log;
  EXPECT_THAT(run(Detector(two_outputs, detector_params("ParseOld", users_library))), IsEmpty());
  EXPECT_THAT(log.lines,
              ElementsAre("ParseOld hands over objects of another size than the 28 bytes of DeepStream 9; its "
                          "library was built for an older one: build it again"));
}
#endif

TEST(CustomLibrary, AClassifiersMissingLabelsAreFilledIn_135) {
  ClassifierParams params{.classifier_threshold = 0.25f, .labels = {{"x", "y", "z"}, {"u"}}};
  params.parse_classifier_func_name = "ParseAttributes";
  params.custom_lib_path = users_library;
  const std::vector<TensorSpec> outputs{{"p", {-1, 3}, DType::f32}};
  const std::vector<float> values{1, 2, 3};
  const TensorView view{values.data(), {3}, DType::f32};
  const auto result = Classifier(outputs, params).run({&view, 1});
  EXPECT_THAT(result.attributes, ElementsAre(Attribute{0, 2, 0.25f, "z"}, Attribute{1, 0, 1.0f, "own"}));
  EXPECT_EQ(result.label, "mine z ") << "the parser's own label is not appended";
}

// The parser that a deployment folder carries, built as there and loaded as there, against the one that is built in.
void expect_same_boxes(const std::string& function, const std::string& library, const std::string& recorded) {
  size_t boxes = 0;
  for (const auto& one : read_recorded_cases(std::string(ES_TEST_DATA) + "/" + recorded)) {
    const bool normalized = recorded == "sdk_yolov5.txt" && one["version"] == 6;
    if (normalized != function.ends_with("Normalized")) continue;
    const bool fomo = recorded == "sdk_fomo.txt";
    const Shape shape =
        fomo ? Shape{one["rows"], one["columns"], one["classes"] + 1} : Shape{one["rows"], one["columns"]};
    std::vector<int64_t> with_batch{-1};
    with_batch.insert(with_batch.end(), shape.dims().begin(), shape.dims().end());
    const std::vector<TensorSpec> outputs{{"output", Shape(with_batch), DType::f32}};
    const ClassAttributes attributes{.pre_cluster_threshold = static_cast<float>(one.facts.at("threshold"))};
    const auto classes = static_cast<size_t>(one["classes"]);
    DetectorParams params{one["size"],       one["size"], 3, std::vector<ClassAttributes>(classes, attributes),
                          ClusterMode::none, function,    ""};
    const Detector built_in(outputs, params);
    params.custom_lib_path = ES_BINARY_DIR "/parsers/" + library;
    const Detector loaded(outputs, params);
    const TensorView view{one.values.data(), shape, DType::f32};
    EXPECT_EQ(loaded.run({&view, 1}), built_in.run({&view, 1}));
    boxes += loaded.run({&view, 1}).size();
  }
  EXPECT_GT(boxes, 50u);
}

TEST(DeploymentParsers, GiveTheBoxesOfTheBuiltInOnes) {
  const Log log;
  expect_same_boxes("NvDsInferParseCustomEdgeImpulseFomo", "fomo_parser.so", "sdk_fomo.txt");
  expect_same_boxes("NvDsInferParseCustomEdgeImpulseYoloV5", "yolov5_parser.so", "sdk_yolov5.txt");
  expect_same_boxes("NvDsInferParseCustomEdgeImpulseYoloV5Normalized", "yolov5_parser.so", "sdk_yolov5.txt");
  expect_same_boxes("NvDsInferParseYolo", "yolov5_parser.so", "ort_yolov5.txt");
  EXPECT_THAT(log.lines, IsEmpty()) << "no library was missed and no built-in one took its place";
}

}  // namespace
}  // namespace es::postprocess
