// SPDX-License-Identifier: Apache-2.0
#include "infer/shapes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/matchers.h"

namespace es::infer {
namespace {

using backend::Profile;
using ::testing::ElementsAre;

TEST(ParseShapes, ReadsWhatTrtexecReads) {
  EXPECT_THAT(parse_shapes("x:1x3x224x224", "--shapes"), ElementsAre(NamedShape{"x", {1, 3, 224, 224}}));
  EXPECT_THAT(parse_shapes("a:2,b:3x4", "--shapes"), ElementsAre(NamedShape{"a", {2}}, NamedShape{"b", {3, 4}}));
  EXPECT_THAT(parse_shapes("serving_default_x:0:1x8", "--shapes"),
              ElementsAre(NamedShape{"serving_default_x:0", {1, 8}}));
  EXPECT_THAT(parse_shapes("'a,b:0':1x8", "--shapes"), ElementsAre(NamedShape{"a,b:0", {1, 8}}));
}

TEST(ParseShapes, NamesThePieceThatIsNoShape) {
  EXPECT_ERROR(parse_shapes("1x3x8x8", "--minShapes"), ErrorKind::usage,
               "--minShapes: '1x3x8x8' is no name and shape as in x:1x3x224x224");
  for (const std::string bad : {"x:", "x:1x", "x:1xax3", "x:-1x3", "x:0x3", "x:99999999999x3"}) {
    EXPECT_ERROR_THAT(parse_shapes(bad, "--shapes"), ErrorKind::usage,
                      ::testing::StartsWith("--shapes: '" + bad + "' has the dimension '"));
  }
}

const std::vector<TensorSpec> one_input{{"x", {-1, 3, 8, 8}, DType::f32}};
const std::vector<TensorSpec> open_input{{"x", {-1, 3, -1, -1}, DType::f32}};

TEST(ProfilesOfConfig, AreBatchesOneToBatchSize) {
  config::InferConfig config;
  config.batch_size = 4;
  EXPECT_THAT(profiles_of_config(one_input, config, "m"),
              ElementsAre(Profile{"x", {1, 3, 8, 8}, {4, 3, 8, 8}, {4, 3, 8, 8}}));
  config.infer_dims = {3, 16, 32};
  EXPECT_THAT(profiles_of_config(open_input, config, "m"),
              ElementsAre(Profile{"x", {1, 3, 16, 32}, {4, 3, 16, 32}, {4, 3, 16, 32}}));
  const std::vector<TensorSpec> nhwc{{"x", {-1, -1, -1, 3}, DType::f32}};
  config.network_input_order = config::TensorOrder::nhwc;
  EXPECT_EQ(profiles_of_config(nhwc, config, "m")[0].max, (Shape{4, 16, 32, 3}));
}

TEST(ProfilesOfShapes, FillTheGapsBetweenThreeLists) {
  const ShapeLists all{parse_shapes("x:1x3x8x8", ""), parse_shapes("x:2x3x8x8", ""), parse_shapes("x:6x3x8x8", "")};
  EXPECT_THAT(profiles_of_shapes(one_input, all, "m"),
              ElementsAre(Profile{"x", {1, 3, 8, 8}, {2, 3, 8, 8}, {6, 3, 8, 8}}));
  EXPECT_THAT(profiles_of_shapes(open_input, {{}, parse_shapes("x:2x3x9x9", ""), {}}, "m"),
              ElementsAre(Profile{"x", {2, 3, 9, 9}, {2, 3, 9, 9}, {2, 3, 9, 9}}));
}

TEST(ProfilesOfShapes, OfOneListServeItsBatchAndEverySmallerOne) {
  EXPECT_THAT(profiles_of_shapes(open_input, lists_of_shapes(parse_shapes("x:4x3x9x9", "--shapes")), "m"),
              ElementsAre(Profile{"x", {1, 3, 9, 9}, {4, 3, 9, 9}, {4, 3, 9, 9}}));
}

// The guide's line gives no shapes: nothing on a CPU depends on the largest batch, so the engine serves any.
TEST(ProfilesOfShapes, WithoutShapesServeEveryBatchThatNvinferCanAskFor) {
  EXPECT_THAT(profiles_of_shapes(one_input, {}, "m"),
              ElementsAre(Profile{"x", {1, 3, 8, 8}, {1, 3, 8, 8}, {1024, 3, 8, 8}}));
}

TEST(ProfilesOfShapes, RefuseWhatDoesNotFitTheModel) {
  EXPECT_ERROR(profiles_of_shapes(open_input, {}, "m.onnx"), ErrorKind::mismatch,
               "m.onnx: input 'x' is [N, 3, N, N], a dimension besides the batch is open; say which with "
               "--shapes=x:1x3x224x224");
  EXPECT_ERROR(profiles_of_shapes(one_input, {{}, parse_shapes("y:1x3x8x8", ""), {}}, "m.onnx"), ErrorKind::mismatch,
               "--optShapes: names the input 'y', m.onnx has x");
  EXPECT_ERROR(
      profiles_of_shapes(one_input, {{}, parse_shapes("x:1x3x9x8", ""), {}}, "m.onnx"), ErrorKind::mismatch,
      "m.onnx: input 'x' is [N, 3, 8, 8], an option asks for 1x3x9x8 (explict dims.nbDims in config does not match "
      "model dims.)");
  EXPECT_ERROR(
      profiles_of_shapes(one_input, {parse_shapes("x:4x3x8x8", ""), {}, parse_shapes("x:2x3x8x8", "")}, "m.onnx"),
      ErrorKind::usage,
      "--minShapes, --optShapes, --maxShapes: input 'x' has 4x3x8x8, 2x3x8x8, 2x3x8x8; each must not be above the "
      "next");
}

}  // namespace
}  // namespace es::infer
