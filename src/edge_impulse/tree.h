// SPDX-License-Identifier: Apache-2.0
//
// An export as a tree of named files, whether it lies in a folder or in a zip. Nothing is ever unpacked to disk, and
// no link is followed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace es::edge_impulse {

// Limits that no export comes near, and that bound what a hostile one can cost.
struct TreeLimits {
  size_t entries = 10000;
  uint64_t file_size = uint64_t{256} << 20;   // of one file once it is unpacked
  uint64_t total_size = uint64_t{512} << 20;  // of all files read from one tree
  uint64_t ratio = 200;                       // unpacked to packed; the SDK's text reaches 8
};

struct TreeEntry {
  std::string name;   // relative, "/" between its parts
  uint64_t size = 0;  // as the tree says
};

class FileTree {
 public:
  virtual ~FileTree() = default;
  // Files only, in the order of their names. Files of the SDK are left out.
  virtual const std::vector<TreeEntry>& entries() const = 0;
  // The whole file; `index` is one of entries(). Throws malformed where it is damaged or larger than the limits.
  virtual Bytes read(size_t index) const = 0;
  // The file's first bytes, at most `count`.
  virtual Bytes read_start(size_t index, size_t count) const = 0;
};

// Throws unreadable, or malformed where it holds too many files.
std::unique_ptr<FileTree> open_folder(const std::filesystem::path& folder, const TreeLimits& limits = {});

// `name` is for messages. The bytes must outlive the tree. Throws malformed where it is no zip, is damaged, encrypted,
// or has a name that points outside; unsupported for a compression method that is not read.
std::unique_ptr<FileTree> open_zip(BytesView content, std::string name, const TreeLimits& limits = {});

// True for files of Edge Impulse's runtime, of which an export holds a thousand and an importer needs none.
bool belongs_to_sdk(std::string_view name);

// The part behind the last "/" or "\"; the folder part without its slash ("" at the top).
std::string_view base_name(std::string_view name);
std::string_view folder_name(std::string_view name);

}  // namespace es::edge_impulse
