// SPDX-License-Identifier: Apache-2.0
//
// `edgestream run` as a user runs it: real exports, a real video through a real decoder.
#include <gmock/gmock.h>
#include <signal.h>

#include <chrono>
#include <thread>

#include "pipeline/deployed.h"

namespace es::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

TEST(Run, TwoStagesFindAndLabelTheCandies) {
  const ScratchFolder scratch;
  const auto& deployed = Deployed::get();
  const auto json = scratch.path() / "a.jsonl";
  const auto result = run_command(
      {edgestream, "run", deployed.detector(), deployed.clip(), "--secondary", deployed.classifier(), "--json", json});
  ASSERT_EQ(result.code, 0) << result.err;
  const auto lines = lines_of(json);
  ASSERT_EQ(lines.size(), clip_frames());
  // The clip's first frame shows four candies that count and two that are cut off.
  EXPECT_GE(lines[0].at("objects").size(), 4u);
  size_t labelled = 0;
  for (const auto& line : lines) {
    for (const auto& object : line.at("objects")) {
      if (object.at("classifiers").empty()) continue;  // below the classifier's threshold
      const std::string label = object.at("classifiers")[0].at("labels")[0].at("label");
      EXPECT_TRUE(label == "good" || label == "broken") << label;
      ++labelled;
    }
  }
  EXPECT_GE(labelled, objects_in(lines) * 9 / 10);
  EXPECT_THAT(result.out, HasSubstr(text(clip_frames(), " frames, ", objects_in(lines), " objects")));
}

TEST(Run, TheLineItPrintsGivesTheSameBytesUnderGstLaunch) {
  const ScratchFolder scratch;
  const auto& deployed = Deployed::get();
  const auto ours = scratch.path() / "ours.jsonl", theirs = scratch.path() / "theirs.jsonl";
  const auto words = [&](const fs::path& json) {
    return std::vector<std::string>{
        edgestream, "run", deployed.detector(), deployed.clip(), "--secondary", deployed.classifier(), "--json", json};
  };
  ASSERT_EQ(run_command(words(ours)).code, 0);
  auto printing = words(theirs);
  printing.push_back("--print-pipeline");
  const auto printed = run_command(printing);
  ASSERT_EQ(printed.code, 0) << printed.err;
  EXPECT_FALSE(fs::exists(theirs)) << "printing runs nothing";
  const auto launched = run_command(
      {"bash", "-c",
       "eval \"$(" + edgestream + " env)\" && env " ES_TOOL_ENVIRONMENT " gst-launch-1.0 -q " + printed.out});
  ASSERT_EQ(launched.code, 0) << launched.err;
  EXPECT_EQ(read_text_file(theirs), read_text_file(ours));
}

TEST(Run, TheFirstRunBuildsAnEngineAndTheSecondLoadsIt) {
  const ScratchFolder scratch;
  const auto folder = (scratch.path() / "fomo").string();
  ASSERT_EQ(run_command({edgestream, "convert", "--no-verify", candy + "ei-candy-fomo-arduino-1.0.1.zip", "-o", folder,
                         "--name", "dots"})
                .code,
            0);
  const auto first = run_command({edgestream, "run", folder, Deployed::get().clip(), "--json", scratch.path() / "1"});
  ASSERT_EQ(first.code, 0) << first.err;
  EXPECT_THAT(first.err, HasSubstr("engine built in"));
  EXPECT_TRUE(fs::exists(folder + "/dots.onnx_b1_gpu0_fp32.engine"));
  const auto second = run_command({edgestream, "run", folder, Deployed::get().clip(), "--json", scratch.path() / "2"});
  EXPECT_THAT(second.err, HasSubstr("engine loaded in"));
  EXPECT_THAT(second.err, Not(HasSubstr("engine built in")));
  EXPECT_EQ(read_text_file(scratch.path() / "1"), read_text_file(scratch.path() / "2"));
}

TEST(Run, AThresholdLeavesOutWhatIsBelowIt) {
  const ScratchFolder scratch;
  const auto json = scratch.path() / "a.jsonl";
  const auto run = [&](const std::string& threshold) {
    EXPECT_EQ(run_command({edgestream, "run", Deployed::get().detector(), Deployed::get().clip(), "--json", json,
                           "--threshold", threshold})
                  .code,
              0);
    return lines_of(json);
  };
  const auto high = run("0.99");
  for (const auto& line : high) {
    for (const auto& object : line.at("objects")) EXPECT_GE(object.at("confidence").get<double>(), 0.99);
  }
  EXPECT_LT(objects_in(high), objects_in(run("0.5")));
}

TEST(Run, WritesAVideoOfTheSameLength) {
  const ScratchFolder scratch;
  for (const char* name : {"out.mp4", "out.mkv"}) {
    const auto video = scratch.path() / name;
    const auto result =
        run_command({edgestream, "run", Deployed::get().detector(), Deployed::get().clip(), "-o", video});
    ASSERT_EQ(result.code, 0) << result.err;
    EXPECT_EQ(frames_in(video), clip_frames()) << name;
  }
}

// Encoders take no odd sizes.
TEST(Run, WritesAVideoOfAnOddSize) {
  const ScratchFolder scratch;
  const auto odd = scratch.path() / "odd.mkv", video = scratch.path() / "out.mp4";
  ASSERT_EQ(
      run_command({"gst-launch-1.0", "-q", "videotestsrc", "num-buffers=5", "!", "video/x-raw,width=639,height=361",
                   "!", "jpegenc", "!", "matroskamux", "!", "filesink", "location=" + odd.string()})
          .code,
      0);
  const auto result = run_command({edgestream, "run", Deployed::get().fomo(), odd, "--output", video});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(frames_in(video), 5u);
}

TEST(Run, PicturesOfAnyKindKeepTheirSize) {
  const ScratchFolder scratch;
  const auto pictures = scratch.path() / "pictures", out = scratch.path() / "out", json = scratch.path() / "a.jsonl";
  fs::create_directory(pictures);
  const auto make = [&](const std::string& caps, const std::string& encoder, const std::string& name) {
    ASSERT_EQ(run_command({"gst-launch-1.0", "-q", "videotestsrc", "num-buffers=1", "!", "video/x-raw," + caps, "!",
                           encoder, "!", "filesink", "location=" + (pictures / name).string()})
                  .code,
              0);
  };
  make("format=GRAY8,width=320,height=200", "pngenc", "gray.png");
  make("format=RGBA,width=501,height=333", "pngenc", "alpha.png");
  make("format=GRAY16_BE,width=64,height=64", "pngenc", "deep.png");
  make("format=I420,width=640,height=360", "jpegenc", "photo.jpg");
  make("format=I420,width=32,height=32", "jpegenc", "gray.jpg");
  write_file_atomically(pictures / "notes.txt", "no picture");
  fs::copy_file(Deployed::get().clip(), pictures / "video.mp4");
  const auto result = run_command({edgestream, "run", Deployed::get().detector(), pictures, "-o", out, "--json", json});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("notes.txt"));
  EXPECT_THAT(result.err, HasSubstr("video.mp4: is a video"));
  const size_t first = result.err.find("Load new model");
  EXPECT_EQ(result.err.find("Load new model", first + 1), std::string::npos) << "the second picture's is no news";
  std::vector<std::string> sizes;
  for (const auto& line : lines_of(json)) {
    sizes.push_back(
        text(line.at("file").get<std::string>(), " ", line.at("width").get<int>(), "x", line.at("height").get<int>()));
  }
  EXPECT_THAT(sizes, ::testing::ElementsAre("alpha.png 501x333", "deep.png 64x64", "gray.jpg 32x32", "gray.png 320x200",
                                            "photo.jpg 640x360"));
  for (const char* name : {"alpha.png", "deep.png", "gray.png.png", "gray.jpg.png", "photo.png"}) {
    EXPECT_EQ(as_text(read_file(out / name)).substr(1, 3), "PNG") << name;
  }
}

TEST(Run, AVideoThatIsNoneIsRefusedInOneSentence) {
  const ScratchFolder scratch;
  const auto video = (scratch.path() / "broken.mp4").string();
  write_file_atomically(video, std::string(5000, 'x'));
  const auto result = run_command({edgestream, "run", Deployed::get().detector(), video});
  EXPECT_EQ(result.code, 4);
  EXPECT_THAT(result.err,
              ::testing::MatchesRegex("error: file://.*broken.mp4: nothing in it can be decoded: [^\n]*\n"));
  const auto missing = run_command({edgestream, "run", Deployed::get().detector(), video + "x"});
  EXPECT_EQ(missing.code, 3);
  EXPECT_EQ(missing.err, "error: " + video + "x: No such file or directory\n");
}

TEST(Run, CtrlCEndsWithAPlayableFile) {
  const ScratchFolder scratch;
  const auto video = scratch.path() / "out.mp4";
  RunningCommand command({edgestream, "run", Deployed::get().detector(), candy + "clip.mp4", "-o", video, "--json",
                          scratch.path() / "a.jsonl"});
  for (int i = 0; i < 6000 && (!fs::exists(video) || fs::file_size(video) < 50000); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  command.send(SIGINT);
  const auto result = command.wait();
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("interrupted"));
  const size_t frames = frames_in(video);
  EXPECT_GT(frames, 0u);
  EXPECT_LT(frames, 450u) << "the signal came too late to show anything";
}

TEST(Run, AGeneratedAppFileRunsAsItStands) {
  const ScratchFolder scratch;
  const auto folder = scratch.path() / "d";
  ASSERT_EQ(run_command({edgestream, "convert", "--no-verify", candy + "ei-candy-fomo-arduino-1.0.1.zip", "-o", folder,
                         "--name", "dots"})
                .code,
            0);
  fs::copy_file(Deployed::get().clip(), folder / "video.mp4");
  const auto result = run_command({edgestream, "run", folder / "deepstream_app_dots.txt"}, {.folder = scratch.path()});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(frames_in(scratch.path() / "dots_out.mp4"), clip_frames());
}

// Builds of ONNX Runtime from Microsoft would otherwise keep a database of it there.
TEST(Run, LeavesNoUsageDataInTheHome) {
  const ScratchFolder home;
  const auto result = run_command({edgestream, "run", Deployed::get().fomo(), Deployed::get().clip()},
                                  {.environment = {{"HOME", home.path().string()},
                                                   {"XDG_CACHE_HOME", (home.path() / "cache").string()},
                                                   {"XDG_DATA_HOME", (home.path() / "data").string()}}});
  ASSERT_EQ(result.code, 0) << result.err;
  for (const auto& entry : fs::recursive_directory_iterator(home.path())) {
    EXPECT_THAT(entry.path().string(), Not(::testing::AnyOf(HasSubstr("Microsoft"), HasSubstr("onnxruntime"))));
  }
}

TEST(DeepstreamApp, KeepsDeepStreamsExitCodesAndLines) {
  const ScratchFolder scratch;
  const auto program = scratch.path() / "deepstream-app";
  fs::create_symlink(edgestream, program);
  const auto none = run_command({program, "-c", scratch.path() / "none.txt"});
  EXPECT_EQ(none.code, 255);
  EXPECT_THAT(none.err, HasSubstr("No such file or directory"));
  write_file_atomically(scratch.path() / "app.txt",
                        "[application]\nenable-perf-measurement=1\nperf-measurement-interval-sec=1\n"
                        "[source0]\nenable=1\ntype=2\nuri=file://" +
                            Deployed::get().clip() +
                            "\n[streammux]\nwidth=1280\nheight=720\n"
                            "[primary-gie]\nenable=1\ngie-unique-id=1\nconfig-file=" +
                            Deployed::get().detector() +
                            "/config_infer_primary_candy-detector.txt\n[sink0]\nenable=1\ntype=1\nsync=1\n");
  const auto ran = run_command({program, "-c", scratch.path() / "app.txt"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("App run successful"));
  EXPECT_THAT(ran.out, HasSubstr("**PERF:  FPS 0 (Avg)\t"));
}

TEST(Demo, LeavesVideoSheetLinesAndSummaryOfOnesOwnExportAndVideo) {
  const ScratchFolder scratch;
  const auto folder = scratch.path() / "out";
  const auto result = run_command(
      {edgestream, "demo", candy + "ei-candy-fomo-arduino-1.0.1.zip", Deployed::get().clip(), "-o", folder});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(frames_in(folder / "annotated.mp4"), clip_frames());
  EXPECT_THAT(lines_of(folder / "detections.jsonl"), SizeIs(clip_frames()));
  EXPECT_EQ(read_text_file(folder / "contact_sheet.png").substr(1, 3), "PNG");
  const auto summary = nlohmann::json::parse(read_text_file(folder / "summary.json"));
  const auto& run = summary.at("run (with drawing and encoding)");
  EXPECT_EQ(run.at("frames"), clip_frames());
  EXPECT_EQ(run.at("objects"), objects_in(lines_of(folder / "detections.jsonl")));
  EXPECT_EQ(run.at("engines"), "built");
  EXPECT_THAT(result.out, HasSubstr(read_text_file(folder / "summary.txt").substr(0, 40)));
}

}  // namespace
}  // namespace es::testing
