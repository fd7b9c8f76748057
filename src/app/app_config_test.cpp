// SPDX-License-Identifier: Apache-2.0
#include "app/app_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/matchers.h"

namespace es::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

AppConfig parse(const std::string& content) { return parse_app_config(content, "/here/app.txt"); }

TEST(AppConfig, ReadsSourcesThatAreEnabledInFileOrder) {
  const auto config = parse(
      "[source4]\nenable=1\ntype=2\nuri=file:///v/a.mp4\n"
      "[source1]\nenable=0\ntype=99\n"
      "[source2]\nenable=1\ntype=1\ncamera-v4l2-dev-node=3\n"
      "[source7]\ntype=2\n"
      "[source8]\nenable=true\n");
  ASSERT_EQ(config.sources.size(), 2u) << "no enable, or one that is no integer, means no";
  EXPECT_EQ(config.sources[0].number, 4);
  EXPECT_EQ(config.sources[1].type, SourceType::camera_v4l2);
  EXPECT_EQ(config.sources[1].camera_v4l2_dev_node, 3);
}

TEST(AppConfig, ARelativeUriIsRelativeToTheFile) {
  EXPECT_EQ(parse("[source0]\nenable=1\ntype=2\nuri=file://v.mp4\n").sources[0].uri, "file:///here/v.mp4");
  EXPECT_EQ(parse("[source0]\nenable=1\ntype=2\nuri=file:///v.mp4\n").sources[0].uri, "file:///v.mp4");
  EXPECT_EQ(parse("[source0]\nenable=1\ntype=4\nuri=rtsp://cam/1\n").sources[0].uri, "rtsp://cam/1");
}

TEST(AppConfig, AFileOfTheSdkIsLookedForWhereTheEnvironmentSays) {
  const std::string content =
      "[source0]\nenable=1\ntype=2\nuri=file:///opt/nvidia/deepstream/deepstream/samples/none.mp4\n";
  EXPECT_EQ(parse(content).sources[0].uri, "file:///opt/nvidia/deepstream/deepstream/samples/none.mp4");
  ::setenv("EDGESTREAM_DEEPSTREAM_ROOT", "/elsewhere", 1);
  const auto config = parse(content);
  ::unsetenv("EDGESTREAM_DEEPSTREAM_ROOT");
  EXPECT_EQ(config.sources[0].uri, "file:///elsewhere/samples/none.mp4");
  EXPECT_THAT(config.warnings, ElementsAre(HasSubstr("EDGESTREAM_DEEPSTREAM_ROOT gives /elsewhere/samples/none.mp4")));
}

TEST(AppConfig, ALoopThatIsNotRunIsSaid) {
  const std::string source = "[source0]\nenable=1\ntype=2\nuri=file:///a.mp4\n[tests]\nfile-loop=";
  EXPECT_THAT(parse(source + "1\n").warnings, ElementsAre(HasSubstr("file-loop=1 does nothing in this release")));
  EXPECT_THAT(parse(source + "0\n").warnings, ElementsAre());
}

TEST(AppConfig, CopiesOfASourceComeBehindAllOthers) {
  const auto config = parse(
      "[source0]\nenable=1\ntype=3\nuri=file:///a%d.mp4\nnum-sources=2\n"
      "[source1]\nenable=1\ntype=3\nuri=file:///b%20c.mp4\nnum-sources=2\n");
  std::vector<std::string> uris;
  for (const auto& source : config.sources) uris.push_back(source.uri);
  EXPECT_THAT(uris, ElementsAre("file:///a0.mp4", "file:///b%20c.mp4", "file:///a1.mp4", "file:///b%20c.mp4"));
}

TEST(AppConfig, AnIntegerMayBeFollowedByACommentAndASecondaryNeedsNoNumber) {
  const auto config = parse(
      "[primary-gie]\nenable=1 # yes\ngie-unique-id=1\nconfig-file=p.txt\n"
      "[secondary-gie]\nenable=1\ngie-unique-id=2\noperate-on-gie-id=1\noperate-on-class-ids=0;2;\nconfig-file=/abs/"
      "s.txt\n");
  ASSERT_TRUE(config.primary);
  EXPECT_EQ(config.primary->config_file, "/here/p.txt");
  ASSERT_EQ(config.secondaries.size(), 1u);
  EXPECT_EQ(config.secondaries[0].config_file, "/abs/s.txt");
  EXPECT_THAT(config.secondaries[0].operate_on_class_ids, ElementsAre(0, 2));
  EXPECT_THAT(config.warnings, IsEmpty());
}

TEST(AppConfig, ASecondaryStandsBehindTheOneWhoseObjectsItTakes) {
  const auto config = parse(
      "[primary-gie]\nenable=1\ngie-unique-id=1\nconfig-file=p\n"
      "[secondary-gie0]\nenable=1\ngie-unique-id=3\noperate-on-gie-id=2\nconfig-file=c\n"
      "[secondary-gie1]\nenable=1\ngie-unique-id=2\noperate-on-gie-id=1\nconfig-file=b\n");
  ASSERT_EQ(config.secondaries.size(), 2u);
  EXPECT_EQ(config.secondaries[0].gie_unique_id, 2);
  EXPECT_EQ(config.secondaries[1].gie_unique_id, 3);
}

TEST(AppConfig, ASecondaryThatReachesNobodyIsNamed) {
  const auto config = parse(
      "[primary-gie]\nenable=1\ngie-unique-id=1\nconfig-file=p\n"
      "[secondary-gie0]\nenable=1\ngie-unique-id=2\nconfig-file=s\n");
  EXPECT_THAT(config.secondaries, IsEmpty());
  EXPECT_THAT(config.warnings,
              ElementsAre("/here/app.txt: the secondary engine with gie-unique-id 2 is left out: operate-on-gie-id 0 "
                          "names no engine before it; the primary has gie-unique-id 1"));
}

TEST(AppConfig, TwoEnginesOfOneIdAreRefused) {
  EXPECT_ERROR(parse("[primary-gie]\nenable=1\nconfig-file=p\n[secondary-gie0]\nenable=1\nconfig-file=s\n"),
               ErrorKind::malformed,
               "/here/app.txt: Non unique gie ids found: two engines have gie-unique-id 0 (0 where the key is absent); "
               "give each its own");
}

TEST(AppConfig, UnknownGroupsAreSilentAndUnknownKeysAreNamedWithTheirLine) {
  const auto config = parse("[labels]\nx=1\n[osd]\nenable=1\nborder-widht=3\n");
  EXPECT_THAT(
      config.warnings,
      ElementsAre("/here/app.txt:5: [osd] Unknown key 'border-widht' for group [osd]; did you mean 'border-width'?"));
}

TEST(AppConfig, AGroupThatCannotRunHereIsRefusedOnlyWhenEnabled) {
  EXPECT_NO_THROW(parse("[tracker]\nenable=0\n"));
  EXPECT_ERROR_THAT(parse("[tracker]\nenable=1\n"), ErrorKind::unsupported,
                    HasSubstr("EdgeStream does not have this yet; set enable=0 to run without it"));
}

TEST(AppConfig, AValueOfTheWrongKindNamesItsLine) {
  EXPECT_ERROR_THAT(parse("[streammux]\nwidth=wide\n"), ErrorKind::malformed,
                    HasSubstr("/here/app.txt:2: [streammux]"));
  EXPECT_ERROR_THAT(parse("[osd]\nenable=1\ntext-color=1;1;1\n"), ErrorKind::malformed,
                    HasSubstr("text-color has 3 numbers, r;g;b;a are four"));
}

TEST(AppConfig, ColoursOfClassesArePartOfTheKey) {
  const auto config = parse(
      "[primary-gie]\nenable=1\ngie-unique-id=1\nconfig-file=p\nbbox-border-color=0;1;0;1\nbbox-border-color3=0;0;1;1\n"
      "bbox-bg-color3=1;0;0;0.5\n");
  ASSERT_TRUE(config.primary);
  ASSERT_EQ(config.primary->border_colors.size(), 2u);
  EXPECT_EQ(config.primary->border_colors[0].first + config.primary->border_colors[1].first, 2) << "-1 and 3";
  ASSERT_EQ(config.primary->fill_colors.size(), 1u);
  EXPECT_EQ(config.primary->fill_colors[0].second.alpha, 0.5);
  EXPECT_THAT(config.warnings, IsEmpty());
}

TEST(AppConfig, TheGuidesOwnFileIsReadWithoutAWarning) {
  const auto exports = testing::exports_folder();
  if (exports.empty()) GTEST_SKIP() << "EDGESTREAM_EXPORTS is unset";
  const auto config = read_app_config(exports / "deepstream-candy/deepstream_app_edgeimpulse.txt");
  EXPECT_THAT(config.warnings, IsEmpty());
  ASSERT_EQ(config.sources.size(), 1u);
  EXPECT_EQ(config.sources[0].uri, "file:///opt/nvidia/deepstream/deepstream/samples/streams/candy.mp4");
  EXPECT_EQ(config.streammux.width, 1920);
  EXPECT_EQ(config.secondaries.size(), 1u);
  EXPECT_EQ(config.tiler.mode, TilerMode::tiled);
  EXPECT_EQ(config.osd.border_width, 5);
}

}  // namespace
}  // namespace es::app
