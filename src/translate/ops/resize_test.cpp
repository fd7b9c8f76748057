// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "testing/recorded_cases.h"
#include "translate/ops/print_test.h"

namespace es::testing {
namespace {
ES_RECORDED_CASES(resize);
}
}  // namespace es::testing

namespace es::translate {
namespace {

template <typename Options>
ModelBuilder resize(schema::BuiltinOperator code, int from, int to, Options options) {
  ModelBuilder m;
  m.input("x", {1, from, from, 1});
  m.ints("size", {to, to});
  m.tensor("y", {1, to, to, 1});
  m.op(code, {0, 1}, {2}, options);
  m.output(2);
  return m;
}

ModelBuilder nearest(int from, int to, bool align_corners = false, bool half_pixel_centers = false) {
  schema::ResizeNearestNeighborOptionsT options;
  options.align_corners = align_corners;
  options.half_pixel_centers = half_pixel_centers;
  return resize(schema::BuiltinOperator_RESIZE_NEAREST_NEIGHBOR, from, to, options);
}

struct Modes {
  std::string coordinates, nearest;
};

Modes modes(const ModelBuilder& m) {
  const auto graph = translated(m);
  const auto& node = node_of(graph, "Resize");
  return {node.get_string("coordinate_transformation_mode", ""), node.get_string("nearest_mode", "")};
}

TEST(Resize, NamesTheCoordinatesThatTheFlagsMean) {
  EXPECT_EQ(modes(nearest(4, 8)).coordinates, "asymmetric");
  EXPECT_EQ(modes(nearest(4, 8)).nearest, "floor");
  EXPECT_EQ(modes(nearest(4, 8, true, false)).coordinates, "align_corners");
  EXPECT_EQ(modes(nearest(4, 8, true, false)).nearest, "round_prefer_ceil");
  EXPECT_EQ(modes(nearest(4, 8, false, true)).coordinates, "half_pixel");
  EXPECT_EQ(modes(nearest(4, 8, false, true)).nearest, "round_prefer_ceil");
}

TEST(Resize, WritesScalesSoThatAnyBatchFits) {
  const auto graph = translated(nearest(4, 8));
  EXPECT_THAT(graph.constant(node_of(graph, "Resize").input(2))->as_floats(), ::testing::ElementsAre(1, 1, 2, 2));
}

TEST(Resize, RoundsNoScaleBelowTheSizeItMustMake) {
  for (const auto& [from, to] : {std::pair{11, 13}, {11, 26}, {11, 52}, {5, 7}, {49, 50}}) {
    schema::ResizeBilinearOptionsT options;
    const auto graph = translated(resize(schema::BuiltinOperator_RESIZE_BILINEAR, from, to, options));
    const float scale = graph.constant(node_of(graph, "Resize").input(2))->as_floats()[2];
    EXPECT_EQ(std::floor(scale * static_cast<float>(from)), to) << from << " to " << to;
    EXPECT_EQ(std::floor(static_cast<double>(scale) * from), to) << from << " to " << to;
  }
}

TEST(Resize, GathersPixelsWhereRuntimesWouldPickOthers) {
  const auto graph = translated(nearest(14, 2));
  EXPECT_THAT(graph.constant(node_of(graph, "Gather").input(1))->as_ints(), ::testing::ElementsAre(0, 7));
}

TEST(Resize, LeavesNothingWhereTheSizeStays) { EXPECT_EQ(node_names(nearest(5, 5)), "Identity"); }

TEST(Resize, RefusesBothFlags) {
  schema::ResizeBilinearOptionsT options;
  options.align_corners = options.half_pixel_centers = true;
  expect_refused(resize(schema::BuiltinOperator_RESIZE_BILINEAR, 4, 8, options), ErrorKind::unsupported,
                 "op 0 RESIZE_BILINEAR ('y'): its corners are aligned and its pixels' centres half a pixel off, which "
                 "the runtime refuses as well");
}

}  // namespace
}  // namespace es::translate
