// SPDX-License-Identifier: Apache-2.0
//
// A zip in memory, read entry by entry. Its central directory decides; an entry is unpacked only when it is asked for,
// never to disk, and never beyond the size that its directory entry promises.
#include <zip.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "edge_impulse/tree.h"

namespace es::edge_impulse {
namespace {

struct CloseArchive {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct CloseFile {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using Archive = std::unique_ptr<zip_t, CloseArchive>;
using File = std::unique_ptr<zip_file_t, CloseFile>;

// What is wrong with an entry's name, or nothing. Backslashes are "/" by now, and a zero byte has ended the name.
std::string_view fault_of_name(std::string_view name) {
  if (name.empty()) return "has no name";
  if (name.front() == '/') return "is absolute";
  if (name.size() > 1 && name[1] == ':') return "names a drive";
  for (const auto& part : split(name, '/')) {
    if (part == "..") return "leads outside the archive";
  }
  return {};
}

class ZipTree final : public FileTree {
 public:
  ZipTree(BytesView content, std::string name, const TreeLimits& limits)
      : name_(std::move(name)), limits_(limits), packed_size_(content.size()) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* source = zip_source_buffer_create(content.data(), content.size(), 0, &error);
    require(source != nullptr, ErrorKind::internal, name_, ": ", zip_error_strerror(&error));
    archive_.reset(zip_open_from_source(source, ZIP_RDONLY, &error));
    if (!archive_) {
      zip_source_free(source);
      const std::string reason = zip_error_strerror(&error);
      zip_error_fini(&error);
      fail(ErrorKind::malformed, name_, ": the zip's directory cannot be read (", reason,
           "), a whole zip is needed; download it again");
    }
    list();
  }

  const std::vector<TreeEntry>& entries() const override { return entries_; }

  Bytes read(size_t index) const override {
    const Listed& listed = listed_.at(index);
    const std::string where = name_ + ": " + printable(entries_[index].name);
    check_size(where, listed);
    total_ += listed.size;
    require(total_ <= limits_.total_size, ErrorKind::malformed, name_, ": what was read from it exceeds ",
            limits_.total_size, " bytes, far more than an export holds; it is refused");
    Bytes content = unpack(where, listed, static_cast<size_t>(listed.size) + 1);
    require(content.size() == listed.size, ErrorKind::malformed, where, ": holds ",
            content.size() > listed.size ? "more than " : text(content.size(), " of "), listed.size,
            " bytes that the zip's directory promises; download it again");
    return content;
  }

  Bytes read_start(size_t index, size_t count) const override {
    const Listed& listed = listed_.at(index);
    return unpack(name_ + ": " + printable(entries_[index].name), listed, std::min<uint64_t>(count, listed.size));
  }

 private:
  struct Listed {
    zip_uint64_t index;
    uint64_t size, packed_size;
    uint16_t encryption;
  };

  void list() {
    const auto count = zip_get_num_entries(archive_.get(), 0);
    require(static_cast<uint64_t>(count) <= limits_.entries, ErrorKind::malformed, name_, ": holds ", count,
            " entries, at most ", limits_.entries, " are read; give the zip of one export");
    struct Row {
      TreeEntry entry;
      Listed listed;
    };
    std::vector<Row> rows;
    for (zip_uint64_t i = 0; i < static_cast<zip_uint64_t>(count); ++i) {
      zip_stat_t stat;
      if (zip_stat_index(archive_.get(), i, ZIP_FL_ENC_RAW, &stat) != 0 || !(stat.valid & ZIP_STAT_NAME)) continue;
      auto name = checked_name(stat.name);
      if (name.ends_with('/') || is_link(i) || belongs_to_sdk(name)) continue;
      rows.push_back({{std::move(name), stat.size}, {i, stat.size, stat.comp_size, stat.encryption_method}});
    }
    std::ranges::sort(rows, {}, [](const Row& row) -> const std::string& { return row.entry.name; });
    for (auto& row : rows) {
      require(entries_.empty() || entries_.back().name != row.entry.name, ErrorKind::malformed, name_,
              ": holds two entries named '", printable(row.entry.name), "', one is needed; pack it again");
      entries_.push_back(std::move(row.entry));
      listed_.push_back(row.listed);
    }
  }

  std::string checked_name(const char* raw) const {
    std::string name(raw);
    std::ranges::replace(name, '\\', '/');
    while (name.starts_with("./")) name.erase(0, 2);
    const auto fault = fault_of_name(name);
    require(fault.empty(), ErrorKind::malformed, name_, ": the entry name '", printable(raw), "' ", fault,
            ", a name inside the archive is needed; the zip is not read further");
    return name;
  }

  // Unix keeps the file's mode in the upper half of the attributes.
  bool is_link(zip_uint64_t index) const {
    zip_uint8_t system = 0;
    zip_uint32_t attributes = 0;
    if (zip_file_get_external_attributes(archive_.get(), index, 0, &system, &attributes) != 0) return false;
    return system == ZIP_OPSYS_UNIX && ((attributes >> 16) & 0170000) == 0120000;
  }

  void check_size(const std::string& where, const Listed& listed) const {
    require(listed.size <= limits_.file_size, ErrorKind::malformed, where, ": would unpack to ", listed.size,
            " bytes, at most ", limits_.file_size, " are read; no export holds such a file");
    require(listed.packed_size <= packed_size_, ErrorKind::malformed, where, ": is said to take ", listed.packed_size,
            " bytes of a zip of ", packed_size_, "; download it again");
    const uint64_t most = (listed.packed_size + small_file) * limits_.ratio;
    require(listed.size <= most, ErrorKind::malformed, where, ": would unpack ", listed.packed_size, " bytes to ",
            listed.size, ", at most ", limits_.ratio, " times as many are read; no export is packed like this");
  }

  // At most `most` bytes. Memory grows with what is really there, not with what the directory says.
  Bytes unpack(const std::string& where, const Listed& listed, uint64_t most) const {
    require(listed.encryption == ZIP_EM_NONE, ErrorKind::unsupported, where,
            ": is encrypted, a zip without a password is needed; unpack it and give the folder");
    const File file(zip_fopen_index(archive_.get(), listed.index, 0));
    if (!file) fail_reading(where, *zip_get_error(archive_.get()));
    Bytes content;
    while (content.size() < most) {
      const size_t begin = content.size();
      const size_t step = std::min<uint64_t>(most - begin, chunk);
      content.resize(begin + step);
      const auto count = zip_fread(file.get(), content.data() + begin, step);
      if (count < 0) fail_reading(where, *zip_file_get_error(file.get()));
      content.resize(begin + static_cast<size_t>(count));
      if (count == 0) break;
    }
    return content;
  }

  [[noreturn]] static void fail_reading(const std::string& where, zip_error_t& error) {
    if (zip_error_code_zip(&error) == ZIP_ER_COMPNOTSUPP) {
      fail(ErrorKind::unsupported, where,
           ": is packed by a method that is not read, store or deflate is needed; pack it again");
    }
    fail(ErrorKind::malformed, where, ": cannot be unpacked (", zip_error_strerror(&error),
         "); download the zip again");
  }

  static constexpr uint64_t small_file = 4096;  // below it, any ratio is harmless
  static constexpr uint64_t chunk = 1 << 20;
  std::string name_;
  TreeLimits limits_;
  uint64_t packed_size_;
  Archive archive_;
  std::vector<TreeEntry> entries_;
  std::vector<Listed> listed_;  // beside entries_
  mutable uint64_t total_ = 0;
};

}  // namespace

std::unique_ptr<FileTree> open_zip(BytesView content, std::string name, const TreeLimits& limits) {
  return std::make_unique<ZipTree>(content, std::move(name), limits);
}

}  // namespace es::edge_impulse
