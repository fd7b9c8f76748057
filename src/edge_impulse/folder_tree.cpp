// SPDX-License-Identifier: Apache-2.0
//
// A folder on disk. Links and hidden folders are stepped over, and a folder far larger than an export is refused
// before it is walked to its end.
#include <algorithm>
#include <fstream>
#include <system_error>

#include "base/error.h"
#include "base/file.h"
#include "edge_impulse/tree.h"

namespace es::edge_impulse {
namespace {

namespace fs = std::filesystem;

class FolderTree final : public FileTree {
 public:
  FolderTree(fs::path folder, const TreeLimits& limits) : folder_(std::move(folder)), limits_(limits) {
    std::error_code error;
    auto walk = fs::recursive_directory_iterator(folder_, fs::directory_options::skip_permission_denied, error);
    require(!error, ErrorKind::unreadable, folder_.string(), ": ", error.message(), "; a readable folder is needed");
    for (; walk != fs::recursive_directory_iterator(); walk.increment(error)) visit(walk);
    std::ranges::sort(entries_, {}, &TreeEntry::name);
  }

  const std::vector<TreeEntry>& entries() const override { return entries_; }

  Bytes read(size_t index) const override {
    const auto& entry = entries_.at(index);
    total_ += entry.size;
    require(total_ <= limits_.total_size, ErrorKind::malformed, folder_.string(), ": its models hold more than ",
            limits_.total_size, " bytes; give the folder of one export");
    return read_file(folder_ / entry.name, limits_.file_size);
  }

  Bytes read_start(size_t index, size_t count) const override {
    std::ifstream file(folder_ / entries_.at(index).name, std::ios::binary);
    Bytes start(count);
    file.read(reinterpret_cast<char*>(start.data()), static_cast<std::streamsize>(count));
    start.resize(static_cast<size_t>(std::max<std::streamsize>(file.gcount(), 0)));
    return start;
  }

 private:
  void visit(fs::recursive_directory_iterator& walk) {
    std::error_code error;
    const auto status = walk->symlink_status(error);
    const std::string name = walk->path().lexically_relative(folder_).generic_string();
    if (error) return;
    if (fs::is_directory(status)) {
      const bool hidden = walk->path().filename().string().starts_with('.');
      if (hidden || belongs_to_sdk(name + "/") || walk.depth() >= max_depth) walk.disable_recursion_pending();
    } else if (fs::is_regular_file(status)) {
      require(++seen_ <= limits_.entries, ErrorKind::usage, folder_.string(), ": holds more than ", limits_.entries,
              " files; give the folder of one export");
      const auto size = walk->file_size(error);
      if (!error) entries_.push_back({name, size});
    }
  }

  static constexpr int max_depth = 16;
  fs::path folder_;
  TreeLimits limits_;
  size_t seen_ = 0;
  std::vector<TreeEntry> entries_;
  mutable uint64_t total_ = 0;
};

}  // namespace

std::unique_ptr<FileTree> open_folder(const fs::path& folder, const TreeLimits& limits) {
  return std::make_unique<FolderTree>(folder, limits);
}

bool belongs_to_sdk(std::string_view name) {
  constexpr std::string_view folder = "edge-impulse-sdk/";
  return name.starts_with(folder) || name.find("/edge-impulse-sdk/") != std::string_view::npos;
}

std::string_view base_name(std::string_view name) { return name.substr(name.find_last_of("/\\") + 1); }

std::string_view folder_name(std::string_view name) {
  const size_t slash = name.find_last_of('/');
  return slash == std::string_view::npos ? std::string_view() : name.substr(0, slash);
}

}  // namespace es::edge_impulse
