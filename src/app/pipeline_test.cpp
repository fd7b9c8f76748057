// SPDX-License-Identifier: Apache-2.0
#include "app/pipeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/matchers.h"

namespace es::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* source_and_mux =
    "[source0]\nenable=1\ntype=2\nuri=file:///v.mp4\n[streammux]\nbatch-size=1\nwidth=640\nheight=360\n";

struct Built {
  std::string line;
  std::vector<std::string> warnings;
};

Built build(const std::string& content, const PipelineOptions& options = {}) {
  Built built;
  built.line = pipeline_text(parse_app_config(content, "/here/app.txt"), options, built.warnings);
  return built;
}

TEST(Pipeline, EnginesStandInLineAndThenTheTilerAndTheDrawing) {
  const auto built =
      build(std::string(source_and_mux) +
            "[primary-gie]\nenable=1\ngie-unique-id=1\nconfig-file=p.txt\ninterval=2\n"
            "[secondary-gie0]\nenable=1\ngie-unique-id=2\noperate-on-gie-id=1\noperate-on-class-ids=0;3\n"
            "config-file=s.txt\n[tiled-display]\nenable=1\n[osd]\nenable=1\n");
  EXPECT_THAT(
      built.line,
      HasSubstr("nvinfer name=primary_gie config-file-path=\"/here/p.txt\" process-mode=1 unique-id=1 interval=2"));
  EXPECT_THAT(built.line,
              HasSubstr("nvinfer name=secondary_gie_0 config-file-path=\"/here/s.txt\" process-mode=2 unique-id=2 "
                        "infer-on-gie-id=1 infer-on-class-ids=\"0:3:\""));
  const size_t mux = built.line.find("nvstreammux"), primary = built.line.find("primary_gie"),
               secondary = built.line.find("secondary_gie_0"), tiler = built.line.find("nvmultistreamtiler"),
               osd = built.line.find("nvdsosd"), sink = built.line.find("fakesink");
  EXPECT_TRUE(mux < primary && primary < secondary && secondary < tiler && tiler < osd && osd < sink) << built.line;
}

TEST(Pipeline, EveryQueueIsLimitedByBuffers) {
  const auto line = build(std::string(source_and_mux) + "[osd]\nenable=1\n").line;
  size_t queues = 0, limited = 0;
  for (size_t at = line.find("queue "); at != std::string::npos; at = line.find("queue ", at + 1)) {
    ++queues;
    limited += line.compare(at, 24, "queue max-size-buffers=4") == 0;
  }
  EXPECT_GE(queues, 3u);
  EXPECT_EQ(queues, limited) << line;
}

TEST(Pipeline, AMuxWithoutASizeAndAnAppWithoutASourceAreRefused) {
  EXPECT_ERROR(build("[source0]\nenable=1\ntype=2\nuri=file:///v.mp4\n"), ErrorKind::malformed,
               "/here/app.txt: [streammux] has no width and height; every frame is scaled to them, so both are needed");
  EXPECT_ERROR(build("[streammux]\nwidth=1\nheight=1\n"), ErrorKind::malformed,
               "/here/app.txt: no source is enabled; a [source0] group with enable=1 is needed");
}

TEST(Pipeline, ATooSmallGridGrowsAsDeepstreamAppGrowsIt) {
  std::string content = "[streammux]\nwidth=64\nheight=64\n[tiled-display]\nenable=1\nrows=1\ncolumns=2\n";
  for (int i = 0; i < 5; ++i) content += "[source" + std::to_string(i) + "]\nenable=1\ntype=2\nuri=file:///v.mp4\n";
  const auto built = build(content);
  EXPECT_THAT(built.line, HasSubstr("nvmultistreamtiler name=tiler rows=3 columns=2"));
  EXPECT_THAT(built.line, HasSubstr("nvstreammux name=mux batch-size=5"));
  EXPECT_THAT(built.warnings, ElementsAre(HasSubstr("too few tiles for 5 sources")));
}

TEST(Pipeline, AWindowWithoutADisplayIsReplacedAloud) {
  const auto built = build(std::string(source_and_mux) + "[sink0]\nenable=1\ntype=2\n", {.has_display = false});
  EXPECT_THAT(built.line, HasSubstr("fakesink"));
  EXPECT_THAT(built.line, Not(HasSubstr("autovideosink")));
  EXPECT_THAT(built.warnings, ElementsAre(HasSubstr("there is no display")));
}

TEST(Pipeline, WithATilerOnlySinksOfSourceZeroExist) {
  const auto built =
      build(std::string(source_and_mux) +
            "[tiled-display]\nenable=1\nrows=1\ncolumns=1\n[sink0]\nenable=1\ntype=3\noutput-file=a.mp4\n"
            "[sink1]\nenable=1\ntype=3\nsource-id=1\noutput-file=b.mp4\n");
  EXPECT_THAT(built.line, HasSubstr("a.mp4"));
  EXPECT_THAT(built.line, Not(HasSubstr("b.mp4")));
}

TEST(Pipeline, SeveralSinksHangOnATee) {
  const auto line = build(std::string(source_and_mux) +
                          "[sink0]\nenable=1\ntype=1\n[sink1]\nenable=1\ntype=3\ncodec=1\nbitrate=2000000\noutput-file="
                          "a.mkv\ncontainer=2\n")
                        .line;
  EXPECT_THAT(line, HasSubstr("tee name=sinks sinks. ! queue"));
  EXPECT_THAT(
      line,
      HasSubstr("x264enc bitrate=2000 speed-preset=superfast ! h264parse ! matroskamux ! filesink location=\"a.mkv\""));
}

TEST(Pipeline, AShellGetsParenthesesQuoted) {
  EXPECT_EQ(shell_text("a ! video/x-raw(memory:NVMM) ! b caps=\"video/x-raw(ANY)\""),
            "a ! 'video/x-raw(memory:NVMM)' ! b caps=\"video/x-raw(ANY)\"");
}

TEST(Pipeline, APathWithQuotesStaysOneValue) { EXPECT_EQ(launch_quoted("a \"b\" \\c"), "\"a \\\"b\\\" \\\\c\""); }

}  // namespace
}  // namespace es::app
