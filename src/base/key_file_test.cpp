// SPDX-License-Identifier: Apache-2.0
//
// The numbers in the comments are those of the rules that nvinfer documents for its INI files.
#include "base/key_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "testing/matchers.h"
#include "testing/scratch_folder.h"

namespace es {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

KeyFile parse(std::string content) { return KeyFile::parse(std::move(content), "infer.txt"); }
KeyFile with(const std::string& line) { return parse("[p]\n" + line + "\n"); }

TEST(KeyFile, TextAfterABlankIsToleratedAfterAnInteger) {
  EXPECT_EQ(with("k=2 # comment").integer("p", "k"), 2);
  EXPECT_EQ(with("k= -7\tx").integer("p", "k"), -7);
}

TEST(KeyFile, OtherTextAfterAnIntegerIsRefused) {
  for (const char* value : {"2;3", "1.5", "0x10", "", "2147483648", "1;"}) {
    const auto file = with(std::string("k=") + value);
    EXPECT_ERROR_THAT(file.integer("p", "k"), ErrorKind::malformed,
                      StartsWith(text("infer.txt:2: [p] k is '", value, "', a whole number is needed (")));
  }
}

TEST(KeyFile, NothingMayFollowADouble) {
  EXPECT_EQ(with("k=1e-3").real("p", "k"), 0.001);
  EXPECT_EQ(with("k=.5").real("p", "k"), 0.5);
  for (const char* value : {"0.5 # x", "0.5 ", "", "half"}) {
    const auto file = with(std::string("k=") + value);
    EXPECT_ERROR_THAT(
        file.real("p", "k"), ErrorKind::malformed,
        StartsWith(text("infer.txt:2: [p] k is '", value, "', a number with nothing after it is needed (")));
  }
}

TEST(KeyFile, BooleansAreFourWordsAndTrailingBlanks) {
  EXPECT_TRUE(with("k=true").boolean("p", "k"));
  EXPECT_TRUE(with("k=1  ").boolean("p", "k"));
  EXPECT_FALSE(with("k=false").boolean("p", "k"));
  EXPECT_FALSE(with("k=0").boolean("p", "k"));
  for (const char* value : {"TRUE", "yes", "7", "1 # y", ""}) {
    const auto file = with(std::string("k=") + value);
    EXPECT_ERROR_THAT(file.boolean("p", "k"), ErrorKind::malformed,
                      StartsWith(text("infer.txt:2: [p] k is '", value, "', 1, 0, true or false is needed (")));
  }
}

TEST(KeyFile, AStringKeepsItsTrailingBlanksAndLosesItsLeadingOnes) {
  EXPECT_EQ(with("k =  a b # c ").string("p", "k"), "a b # c ");
  EXPECT_EQ(with(R"(k=a\sb\tc\\)").string("p", "k"), "a b\tc\\");
  EXPECT_EQ(with("k=").string("p", "k"), "");
  EXPECT_EQ(with("k=v\r").string("p", "k"), "v") << "the carriage return of a CRLF file goes";
}

TEST(KeyFile, AnUnknownEscapeIsRefused) {
  const auto file = with(R"(k=C:\models)");
  EXPECT_ERROR_THAT(
      file.string("p", "k"), ErrorKind::malformed,
      StartsWith(R"(infer.txt:2: [p] k is 'C:\models', UTF-8 text with no backslash but \s \n \t \r \\)"));
}

TEST(KeyFile, AListSplitsAtSemicolons) {
  EXPECT_THAT(with("k=a;b;").strings("p", "k"), ElementsAre("a", "b"));
  EXPECT_THAT(with("k=a;; b").strings("p", "k"), ElementsAre("a", "", " b"));
  EXPECT_THAT(with(R"(k=a\;b;c)").strings("p", "k"), ElementsAre("a;b", "c"));
  EXPECT_THAT(with("k=").strings("p", "k"), IsEmpty());
}

TEST(KeyFile, ElementsOfAListFollowTheRulesOfTheirType) {
  EXPECT_THAT(with("k=0;1 ;2 # z").integers("p", "k"), ElementsAre(0, 1, 2));
  EXPECT_THAT(with("k=").integers("p", "k"), IsEmpty());
  EXPECT_THAT(with("k=1;0;0;1;").reals("p", "k"), ElementsAre(1, 0, 0, 1));
  const auto empty_element = with("k=1;;2");
  EXPECT_ERROR_THAT(empty_element.integers("p", "k"), ErrorKind::malformed,
                    StartsWith("infer.txt:2: [p] k is '1;;2', a list of whole numbers '1;2;3' is needed ("));
  const auto blank = with("k=1 ;2");
  EXPECT_ERROR_THAT(blank.reals("p", "k"), ErrorKind::malformed,
                    StartsWith("infer.txt:2: [p] k is '1 ;2', a list of numbers '0.5;1;2' is needed ("));
}

TEST(KeyFile, GroupsAndKeysKeepTheirOrderAndStandOnce) {
  const auto file = parse("[b]\nz=1\na=2\n[a]\n[b]\nz=3\nk=4\n");
  EXPECT_THAT(file.groups(), ElementsAre("b", "a"));
  EXPECT_THAT(file.keys("b"), ElementsAre("z", "a", "k"));
  EXPECT_EQ(file.integer("b", "z"), 3) << "the last value wins";
  EXPECT_THAT(file.keys("none"), IsEmpty());
}

TEST(KeyFile, LinesAreCounted) {
  const auto file = parse("# head\n\n[property] \r\n  batch-size = 4\n\n[b]\nbatch-size=1\n[property]\nbatch-size=5\n");
  EXPECT_EQ(file.line("property"), 3);
  EXPECT_EQ(file.line("b", "batch-size"), 7);
  EXPECT_EQ(file.line("property", "batch-size"), 9);
  EXPECT_EQ(file.line("property", "none"), 0);
  EXPECT_EQ(file.where("property", "batch-size"), "infer.txt:9: [property] ");
  EXPECT_EQ(file.where("property", "none"), "infer.txt:3: [property] ");
}

TEST(KeyFile, AGroupLineThatGlibTakesInSpiteOfStrayBytesHasItsLine) {
  const auto file = parse("[p]\x9d \x9d\nk=1\n");
  EXPECT_THAT(file.groups(), ElementsAre("p"));
  EXPECT_EQ(file.line("p"), 1);
  EXPECT_EQ(file.line("p", "k"), 2);
}

TEST(KeyFile, AMessageQuotesTheLine) {
  const auto file = parse("[p]\n\n   batch-size = four  \n");
  EXPECT_ERROR(file.refuse("p", "batch-size", "x"), ErrorKind::malformed,
               "infer.txt:3: [p] x\n    batch-size = four\n    ^");
}

TEST(KeyFile, AMissingKeyIsNamedWithItsGroup) {
  const auto file = parse("[p]\nk=1\n");
  EXPECT_ERROR(file.integer("p", "j"), ErrorKind::malformed,
               "infer.txt:1: [p] has no key 'j', a whole number is needed");
}

TEST(KeyFile, ASemicolonIsNoComment) {
  EXPECT_ERROR_THAT(parse("[p]\nk=1\n; note\n"), ErrorKind::malformed,
                    StartsWith("infer.txt:3: ';' does not start a comment here; use '#' ("));
}

TEST(KeyFile, AKeyBeforeTheFirstGroupIsRefused) {
  EXPECT_ERROR_THAT(parse("# x\nk=1\n[p]\n"), ErrorKind::malformed,
                    StartsWith("infer.txt:2: 'k=1' stands before the first [group] ("));
}

TEST(KeyFile, ALineThatIsNothingIsRefusedAndQuoted) {
  EXPECT_ERROR_THAT(
      parse("[p]\nhello\n"), ErrorKind::malformed,
      StartsWith("infer.txt:2: 'hello' is neither a [group], nor key=value, nor a comment starting with '#' ("));
}

TEST(KeyFile, AByteOrderMarkIsNamed) {
  EXPECT_ERROR_THAT(parse("\xEF\xBB\xBF[p]\n"), ErrorKind::malformed,
                    StartsWith("infer.txt:1: starts with a byte order mark; save the file as UTF-8 without it ("));
}

TEST(KeyFile, AnEmptyFileHasNoGroups) {
  EXPECT_THAT(parse("").groups(), IsEmpty());
  EXPECT_THAT(parse("# only a comment").groups(), IsEmpty());
}

TEST(KeyFile, BytesThatAreNotTextAreRefusedOrShownEscaped) {
  EXPECT_ERROR(parse(std::string("[p]\nk=\0", 7)), ErrorKind::malformed,
               "infer.txt: has a zero byte at 6; a text file of [groups] and key=value lines is needed");
  const auto latin1 = with("k=caf\xE9");
  EXPECT_ERROR_THAT(latin1.string("p", "k"), ErrorKind::malformed, HasSubstr("UTF-8 text"));
  EXPECT_ERROR_THAT(parse("[p]\n\x1b[2J\n"), ErrorKind::malformed, HasSubstr("'\\x1b[2J' is neither"));
}

TEST(KeyFile, AFileBeyondTheLimitIsNotRead) {
  EXPECT_ERROR(parse(std::string(KeyFile::size_limit + 1, '#')), ErrorKind::malformed,
               "infer.txt: is 1048577 bytes, at most 1048576 are read here");
}

TEST(KeyFile, AFileIsReadFromDisk) {
  const testing::ScratchFolder scratch;
  write_file_atomically(scratch.path() / "a.txt", std::string_view("[p]\nk=7\n"));
  EXPECT_EQ(KeyFile::read(scratch.path() / "a.txt").integer("p", "k"), 7);
  EXPECT_ERROR_THAT(KeyFile::read(scratch.path() / "b.txt"), ErrorKind::unreadable, HasSubstr("b.txt"));
}

}  // namespace
}  // namespace es
