// SPDX-License-Identifier: Apache-2.0
#include "edge_impulse/tree.h"

#include <gmock/gmock.h>
#include <zip.h>

#include "edge_impulse/fixtures.h"
#include "testing/matchers.h"
#include "testing/scratch_folder.h"

namespace es::edge_impulse {
namespace {

using fixtures::ZipEntry;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> names_in(const FileTree& tree) {
  std::vector<std::string> names;
  for (const auto& entry : tree.entries()) names.push_back(entry.name);
  return names;
}

// A zip whose entry is deflated, by a library that is not ours.
std::string deflated(const std::string& name, const std::string& content) {
  zip_source_t* out = zip_source_buffer_create(nullptr, 0, 0, nullptr);
  zip_t* archive = zip_open_from_source(out, ZIP_TRUNCATE, nullptr);
  zip_source_keep(out);
  zip_source_t* entry = zip_source_buffer(archive, content.data(), content.size(), 0);
  zip_set_file_compression(archive, static_cast<zip_uint64_t>(zip_file_add(archive, name.c_str(), entry, 0)),
                           ZIP_CM_DEFLATE, 9);
  zip_close(archive);
  zip_source_open(out);
  zip_source_seek(out, 0, SEEK_END);
  std::string bytes(static_cast<size_t>(zip_source_tell(out)), '\0');
  zip_source_seek(out, 0, SEEK_SET);
  zip_source_read(out, bytes.data(), bytes.size());
  zip_source_free(out);
  return bytes;
}

TEST(ZipTree, ListsFilesInOrderAndLeavesTheSdkOut) {
  const auto zip = fixtures::zip_of({{.name = "b/"},
                                     {.name = "b/y.h", .content = "yy"},
                                     {.name = "a.h", .content = "a"},
                                     {.name = "edge-impulse-sdk/x.h", .content = "x"},
                                     {.name = "Lib_inferencing/src/edge-impulse-sdk/x.h", .content = "x"}});
  const auto tree = open_zip(as_bytes_view(zip), "x.zip");
  EXPECT_THAT(names_in(*tree), ElementsAre("a.h", "b/y.h"));
  EXPECT_EQ(tree->entries()[1].size, 2U);
  EXPECT_EQ(as_text(tree->read(1)), "yy");
  EXPECT_EQ(as_text(tree->read_start(1, 1)), "y");
}

TEST(ZipTree, TakesBackslashesDotSlashAndForeignLetters) {
  const auto zip = fixtures::zip_of(
      {{.name = "src\\tflite-model\\a.h"}, {.name = "./b.h"}, {.name = "paździoch/c.h", .flags = 0x800}});
  EXPECT_THAT(names_in(*open_zip(as_bytes_view(zip), "x.zip")),
              ElementsAre("b.h", "paździoch/c.h", "src/tflite-model/a.h"));
}

TEST(ZipTree, UnpacksDeflatedEntries) {
  std::string content;
  for (int i = 0; i < 100000; ++i) content += text("0x", i % 251, ", ");
  const auto zip = deflated("a.h", content);
  ASSERT_LT(zip.size(), content.size() / 2);
  EXPECT_EQ(as_text(open_zip(as_bytes_view(zip), "x.zip")->read(0)), content);
}

TEST(ZipTree, RefusesNamesThatLeadOutside) {
  const std::pair<std::string, std::string> names[] = {
      {"../evil", "leads outside the archive"},
      {"a/../../evil", "leads outside the archive"},
      {"/etc/passwd", "is absolute"},
      {"\\evil", "is absolute"},
      {"C:\\evil", "names a drive"},
      {"a\\..\\evil", "leads outside the archive"},
      {"..", "leads outside the archive"},
      {"edge-impulse-sdk/../../evil", "leads outside the archive"},
  };
  for (const auto& [name, fault] : names) {
    const auto zip = fixtures::zip_of({{.name = "fine.h"}, {.name = name}});
    EXPECT_ERROR(open_zip(as_bytes_view(zip), "x.zip"), ErrorKind::malformed,
                 text("x.zip: the entry name '", name, "' ", fault,
                      ", a name inside the archive is needed; the zip is "
                      "not read further"));
  }
  const auto dots = fixtures::zip_of({{.name = "a..b/..c"}});
  EXPECT_THAT(names_in(*open_zip(as_bytes_view(dots), "x.zip")), ElementsAre("a..b/..c"));
}

TEST(ZipTree, DoesNotFollowLinks) {
  const auto zip =
      fixtures::zip_of({{.name = "model.tflite", .content = "/etc/passwd", .unix_mode = 0120777}, {.name = "a.h"}});
  EXPECT_THAT(names_in(*open_zip(as_bytes_view(zip), "x.zip")), ElementsAre("a.h"));
}

TEST(ZipTree, RefusesTheSameNameTwice) {
  const auto zip = fixtures::zip_of({{.name = "a.h", .content = "1"}, {.name = "./a.h", .content = "2"}});
  EXPECT_ERROR(open_zip(as_bytes_view(zip), "x.zip"), ErrorKind::malformed,
               "x.zip: holds two entries named 'a.h', one is needed; pack it again");
}

TEST(ZipTree, RefusesABombBeforeItIsUnpacked) {
  const auto zip = deflated("a.h", std::string(20 << 20, '0'));
  const auto tree = open_zip(as_bytes_view(zip), "x.zip");
  EXPECT_ERROR_THAT(tree->read(0), ErrorKind::malformed, HasSubstr("x.zip: a.h: would unpack 20"));
  EXPECT_THAT(tree->read_start(0, 10), ::testing::SizeIs(10));
}

TEST(ZipTree, RefusesAnEntryBeyondTheLimits) {
  const auto zip = fixtures::zip_of(
      {{.name = "a", .content = std::string(100, 'x')}, {.name = "b", .content = std::string(100, 'x')}});
  EXPECT_ERROR(open_zip(as_bytes_view(zip), "x.zip", {.file_size = 99})->read(0), ErrorKind::malformed,
               "x.zip: a: would unpack to 100 bytes, at most 99 are read; no export holds such a file");
  const auto tree = open_zip(as_bytes_view(zip), "x.zip", {.total_size = 150});
  tree->read(0);
  EXPECT_ERROR(tree->read(1), ErrorKind::malformed,
               "x.zip: what was read from it exceeds 150 bytes, far more than an export holds; it is refused");
  EXPECT_ERROR(open_zip(as_bytes_view(zip), "x.zip", {.entries = 1}), ErrorKind::malformed,
               "x.zip: holds 2 entries, at most 1 are read; give the zip of one export");
}

TEST(ZipTree, RefusesSizesThatLie) {
  const auto larger = fixtures::zip_of({{.name = "a", .content = "12345", .claimed_size = 9}});
  EXPECT_ERROR_THAT(open_zip(as_bytes_view(larger), "x.zip")->read(0), ErrorKind::malformed, HasSubstr("x.zip: a: "));
  const auto smaller = fixtures::zip_of({{.name = "a", .content = "12345", .claimed_size = 2}});
  EXPECT_ERROR_THAT(open_zip(as_bytes_view(smaller), "x.zip")->read(0), ErrorKind::malformed, HasSubstr("x.zip: a: "));
  const auto huge = fixtures::zip_of({{.name = "a", .content = "12345", .claimed_size = 200 << 20}});
  EXPECT_ERROR(open_zip(as_bytes_view(huge), "x.zip")->read(0), ErrorKind::malformed,
               "x.zip: a: would unpack 5 bytes to 209715200, at most 200 times as many are read; no export is packed "
               "like this");
}

TEST(ZipTree, RefusesADamagedEntry) {
  auto zip = fixtures::zip_of({{.name = "a", .content = "12345"}});
  zip[zip.find("12345")] = '9';
  EXPECT_ERROR(open_zip(as_bytes_view(zip), "x.zip")->read(0), ErrorKind::malformed,
               "x.zip: a: cannot be unpacked (CRC error); download the zip again");
}

TEST(ZipTree, RefusesATruncatedZipAtAnyLength) {
  const auto zip = fixtures::zip_of({{.name = "a.h", .content = "12345"}, {.name = "b.h", .content = "678"}});
  for (size_t length = 4; length < zip.size(); ++length) {
    const auto cut = zip.substr(0, length);
    EXPECT_ERROR_THAT(open_zip(as_bytes_view(cut), "x.zip"), ErrorKind::malformed,
                      ::testing::StartsWith("x.zip: the zip's directory cannot be read ("));
  }
}

TEST(ZipTree, RefusesEncryptionAndForeignMethods) {
  const auto secret = fixtures::zip_of({{.name = "a", .content = "0123456789abcdef", .flags = 1}});
  EXPECT_ERROR(open_zip(as_bytes_view(secret), "x.zip")->read(0), ErrorKind::unsupported,
               "x.zip: a: is encrypted, a zip without a password is needed; unpack it and give the folder");
  const auto foreign = fixtures::zip_of({{.name = "a", .content = "x", .method = 97}});
  EXPECT_ERROR(open_zip(as_bytes_view(foreign), "x.zip")->read(0), ErrorKind::unsupported,
               "x.zip: a: is packed by a method that is not read, store or deflate is needed; pack it again");
}

// One bit changed anywhere: an error or the same files, never anything else.
TEST(ZipTree, SurvivesEveryBitFlip) {
  const auto zip = fixtures::zip_of({{.name = "a.h", .content = "12345"}, {.name = "b.h", .content = "678"}});
  int opened = 0;
  for (size_t bit = 0; bit < zip.size() * 8; ++bit) {
    auto flipped = zip;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    try {
      const auto tree = open_zip(as_bytes_view(flipped), "x.zip");
      for (size_t i = 0; i < tree->entries().size(); ++i) tree->read(i);
      ++opened;
    } catch (const Error&) {
    }
  }
  EXPECT_GT(opened, 0);
}

TEST(FolderTree, ListsFilesAndLeavesLinksHiddenFoldersAndTheSdkOut) {
  const testing::ScratchFolder scratch;
  for (const auto* name : {"b/y.h", "a.h", ".git/z.h", "edge-impulse-sdk/x.h", "b/edge-impulse-sdk/x.h"}) {
    fixtures::write_file(scratch.path() / name, "12");
  }
  std::filesystem::create_symlink("/etc/passwd", scratch.path() / "link.h");
  std::filesystem::create_directory_symlink("/etc", scratch.path() / "links");
  const auto tree = open_folder(scratch.path());
  EXPECT_THAT(names_in(*tree), ElementsAre("a.h", "b/y.h"));
  EXPECT_EQ(as_text(tree->read(1)), "12");
  EXPECT_EQ(as_text(tree->read_start(1, 1)), "1");
  EXPECT_ERROR(open_folder(scratch.path(), {.entries = 1}), ErrorKind::usage,
               scratch.path().string() + ": holds more than 1 files; give the folder of one export");
  EXPECT_ERROR(open_folder(scratch.path(), {.total_size = 1})->read(0), ErrorKind::malformed,
               scratch.path().string() + ": its models hold more than 1 bytes; give the folder of one export");
  EXPECT_THAT(names_in(*open_folder(scratch.path() / "b" / "edge-impulse-sdk")), ElementsAre("x.h"));
}

TEST(Names, SplitAtTheLastSlash) {
  EXPECT_EQ(base_name("a/b\\c.h"), "c.h");
  EXPECT_EQ(base_name("c.h"), "c.h");
  EXPECT_EQ(folder_name("a/b/c.h"), "a/b");
  EXPECT_EQ(folder_name("c.h"), "");
}

}  // namespace
}  // namespace es::edge_impulse
