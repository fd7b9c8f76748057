// SPDX-License-Identifier: Apache-2.0
//
// The guide author's own folder, run as he published it: files that he left out are added, none is edited.
#include <gmock/gmock.h>

#include "pipeline/deployed.h"
#include "testing/matchers.h"

namespace es::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

size_t count_of(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

TEST(GuideFolder, RunsAsItIsPublished) {
  if (exports_folder().empty()) GTEST_SKIP() << "EDGESTREAM_EXPORTS is unset";
  const ScratchFolder scratch;
  const auto folder = scratch.path() / "guide", root = scratch.path() / "deepstream";
  fs::copy(exports_folder() / "deepstream-candy", folder, fs::copy_options::recursive);
  fs::permissions(folder, fs::perms::owner_all, fs::perm_options::add);
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    fs::permissions(entry.path(),
                    fs::perms::owner_write | (entry.is_directory() ? fs::perms::owner_exec : fs::perms::none),
                    fs::perm_options::add);
  }
  // The detector, as an engine where his file looks for one (its onnx-file is commented out), and the clip.
  const auto engines = folder / "models/trt_engines/Jetson_Nano";
  fs::create_directories(engines);
  const auto engine = engines / "edgeimpulse_candy_objectdet.onnx_b1_gpu0_fp32.engine";
  const auto onnx = Deployed::get().detector() + "/candy-detector.onnx";
  ASSERT_EQ(
      run_command({edgestream, "build-engine", "--onnx=" + onnx, "--saveEngine=" + engine.string(), "--skipInference"})
          .code,
      0);
  fs::create_directories(root / "samples/streams");
  fs::copy_file(Deployed::get().clip(), root / "samples/streams/candy.mp4");

  const auto result = run_command(
      {edgestream, "run", folder / "deepstream_app_edgeimpulse.txt"},
      {.environment = {{"EDGESTREAM_DEEPSTREAM_ROOT", root.string()}, {"DISPLAY", ""}, {"WAYLAND_DISPLAY", ""}}});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr(text(clip_frames(), " frames")));
  EXPECT_THAT(result.out, ::testing::Not(HasSubstr(", 0 objects")));
  // What differs from a folder of ours is said at the start, once each.
  EXPECT_EQ(count_of(result.err, "libnvdsinfer_custom_impl_Yolo.so"), 1u) << result.err;
  EXPECT_THAT(result.err, HasSubstr("net-scale-factor"));
  EXPECT_THAT(result.err, HasSubstr("classifier-threshold"));
  EXPECT_THAT(result.err, HasSubstr("num-detected-classes"));
}

}  // namespace
}  // namespace es::testing
