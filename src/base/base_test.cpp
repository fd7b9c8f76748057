// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/bytes.h"
#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "testing/matchers.h"
#include "testing/scratch_folder.h"

namespace es {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using testing::ScratchFolder;

TEST(Text, SplitKeepsEmptyPieces) {
  EXPECT_THAT(split("a;;b;", ';'), ElementsAre("a", "", "b", ""));
  EXPECT_THAT(split("", ';'), ElementsAre(""));
}

TEST(Text, NumbersAreReadWholeOrNotAtAll) {
  EXPECT_EQ(to_integer("-12"), -12);
  EXPECT_EQ(to_integer("12 "), std::nullopt);
  EXPECT_EQ(to_double("1e-3"), 0.001);
  EXPECT_EQ(to_double("0.5x"), std::nullopt);
  EXPECT_EQ(to_integer("99999999999999999999"), std::nullopt);
}

TEST(Text, ASlipOfTheKeyboardIsRecognised) {
  constexpr std::string_view keys[] = {"net-scale-factor", "network-mode", "batch-size"};
  EXPECT_EQ(did_you_mean("net-scale-facter", keys), "net-scale-factor");
  EXPECT_EQ(did_you_mean("colour", keys), std::nullopt);
}

TEST(Text, UnprintableBytesOfAFileDoNotReachTheTerminal) {
  EXPECT_EQ(printable("a\x1b[2Jb"), "a\\x1b[2Jb");
  EXPECT_EQ(printable("abcdef", 3), "abc...");
}

TEST(Bytes, ReadingPastTheEndNamesTheOffset) {
  const Bytes bytes{1, 2, 3};
  ByteReader reader(bytes, "model.bin");
  EXPECT_EQ(reader.read<uint16_t>(), 0x0201);
  EXPECT_ERROR(reader.read<uint32_t>(), ErrorKind::malformed,
               "model.bin: ends at byte 3, 4 more are needed at byte 2; the file is truncated");
}

TEST(Error, ContextIsPutInFrontAndTheKindIsKept) {
  EXPECT_ERROR(with_context("a.tflite", [] { fail(ErrorKind::malformed, "op ", 3, ": x"); }), ErrorKind::malformed,
               "a.tflite: op 3: x");
}

TEST(File, AMissingFileAndAFolderAreUnreadable) {
  const ScratchFolder scratch;
  const auto missing = (scratch.path() / "none").string();
  EXPECT_ERROR(read_file(missing), ErrorKind::unreadable, missing + ": No such file or directory");
  EXPECT_ERROR(read_file(scratch.path()), ErrorKind::unreadable,
               scratch.path().string() + ": is a folder, a file is needed here");
}

TEST(File, TheSizeIsCheckedBeforeTheFileIsRead) {
  const ScratchFolder scratch;
  write_file_atomically(scratch.path() / "f", "12345");
  EXPECT_ERROR(read_file(scratch.path() / "f", 4), ErrorKind::malformed,
               (scratch.path() / "f").string() + ": is 5 bytes, at most 4 are read here");
}

TEST(File, WritingReplacesAndLeavesNothingElse) {
  const ScratchFolder scratch;
  write_file_atomically(scratch.path() / "f", "old");
  write_file_atomically(scratch.path() / "f", "new");
  EXPECT_EQ(read_text_file(scratch.path() / "f"), "new");
  EXPECT_EQ(std::distance(fs::directory_iterator(scratch.path()), {}), 1);
}

TEST(StagedFolder, AppearsOnCommitOnly) {
  const ScratchFolder scratch;
  const auto target = scratch.path() / "out";
  {
    StagedFolder folder(target, false);
    folder.add("a.txt", "a");
    EXPECT_FALSE(fs::exists(target));
  }
  EXPECT_TRUE(fs::is_empty(scratch.path()));
  StagedFolder folder(target, false);
  folder.add("sub/a.txt", "a");
  folder.commit();
  EXPECT_EQ(read_text_file(target / "sub/a.txt"), "a");
  EXPECT_ERROR(StagedFolder(target, false), ErrorKind::usage,
               target.string() + ": is there already and is not empty; choose another folder or add --force");
}

TEST(StagedFolder, NothingIsWrittenOutsideOfIt) {
  const ScratchFolder scratch;
  StagedFolder folder(scratch.path() / "out", false);
  EXPECT_ERROR(folder.add("../x", "x"), ErrorKind::internal, "../x: would lie outside the output folder");
}

TEST(Hash, Sha256OfTheTestVectorOfFips180) {
  EXPECT_EQ(sha256(as_bytes_view("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace es
