// SPDX-License-Identifier: Apache-2.0
//
// Files read whole, and written so that a crash leaves the old or the new, never a part.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace es {

// The largest file that we read into memory unless told otherwise: 2 GiB, the limit of FlatBuffers and protobuf.
inline constexpr uint64_t default_file_limit = uint64_t{2} << 30;

// The whole file. Throws unreadable where it is not there, not readable or a folder; malformed beyond `limit` bytes
// (the size is checked before memory is taken).
Bytes read_file(const std::filesystem::path& path, uint64_t limit = default_file_limit);
std::string read_text_file(const std::filesystem::path& path, uint64_t limit = default_file_limit);

// Writes beside `path`, flushes to disk and renames over it. A reader never sees a half-written file; after a crash
// the old file or the new one is there. Throws environment where the folder cannot be written or the disk is full.
void write_file_atomically(const std::filesystem::path& path, BytesView content);
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

// A folder that appears whole or not at all: files are added to a hidden sibling of `target`, and commit() renames
// that to `target`. Destroyed without commit(), nothing is left behind.
class StagedFolder {
 public:
  // `replace`: an existing `target` made by us may be replaced on commit(). Without it, an existing, non-empty target
  // is refused (usage) here, before any work was done.
  explicit StagedFolder(std::filesystem::path target, bool replace);
  ~StagedFolder();
  StagedFolder(const StagedFolder&) = delete;
  StagedFolder& operator=(const StagedFolder&) = delete;

  // `name` is relative; ".." and absolute names are refused (internal).
  void add(const std::filesystem::path& name, BytesView content);
  void add(const std::filesystem::path& name, std::string_view content);
  // Where the files lie until commit().
  const std::filesystem::path& path() const { return staging_; }
  void commit();

 private:
  std::filesystem::path target_;
  std::filesystem::path staging_;
  bool committed_ = false;
};

}  // namespace es
