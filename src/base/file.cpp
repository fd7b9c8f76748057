// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace es {
namespace {

namespace fs = std::filesystem;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

uint64_t size_of_regular_file(const Descriptor& file, const fs::path& path) {
  struct stat status {};
  require(::fstat(file.get(), &status) == 0, ErrorKind::unreadable, path.string(), ": ", std::strerror(errno));
  require(!S_ISDIR(status.st_mode), ErrorKind::unreadable, path.string(), ": is a folder, a file is needed here");
  require(S_ISREG(status.st_mode), ErrorKind::unreadable, path.string(), ": is not a regular file");
  return static_cast<uint64_t>(status.st_size);
}

void write_all(int fd, BytesView content, const fs::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    require(written > 0, ErrorKind::environment, path.string(), ": cannot be written: ", std::strerror(errno));
    content = content.subspan(static_cast<size_t>(written));
  }
}

void flush_folder(const fs::path& folder) {
  const Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() >= 0) ::fsync(fd.get());
}

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

// mkstemp's file is private to its owner; a product of ours is as readable as any other new file.
void use_default_permissions(int fd) {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  ::fchmod(fd, 0666 & ~mask);
}

}  // namespace

Bytes read_file(const fs::path& path, uint64_t limit) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  require(file.get() >= 0, ErrorKind::unreadable, path.string(), ": ", std::strerror(errno));
  const uint64_t size = size_of_regular_file(file, path);
  require(size <= limit, ErrorKind::malformed, path.string(), ": is ", size, " bytes, at most ", limit,
          " are read here");
  Bytes content(size);
  size_t done = 0;
  while (done < content.size()) {
    const ssize_t got = ::read(file.get(), content.data() + done, content.size() - done);
    if (got < 0 && errno == EINTR) continue;
    require(got >= 0, ErrorKind::unreadable, path.string(), ": ", std::strerror(errno));
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  content.resize(done);
  return content;
}

std::string read_text_file(const fs::path& path, uint64_t limit) {
  return std::string(as_text(read_file(path, limit)));
}

void write_file_atomically(const fs::path& path, BytesView content) {
  std::string pattern = (folder_of(path) / ("." + path.filename().string() + ".XXXXXX")).string();
  const Descriptor file(::mkostemp(pattern.data(), O_CLOEXEC));
  require(file.get() >= 0, ErrorKind::environment, path.string(), ": cannot be written: ", std::strerror(errno));
  try {
    write_all(file.get(), content, path);
    use_default_permissions(file.get());
    require(::fsync(file.get()) == 0 && ::rename(pattern.c_str(), path.c_str()) == 0, ErrorKind::environment,
            path.string(), ": cannot be written: ", std::strerror(errno));
  } catch (...) {
    ::unlink(pattern.c_str());
    throw;
  }
  flush_folder(folder_of(path));
}

void write_file_atomically(const fs::path& path, std::string_view content) {
  write_file_atomically(path, as_bytes_view(content));
}

StagedFolder::StagedFolder(fs::path target, bool replace) : target_(std::move(target)) {
  if (!target_.has_filename()) target_ = target_.parent_path();
  std::error_code ignored;
  const bool occupied = fs::is_directory(target_, ignored) && !fs::is_empty(target_);
  const bool is_file = fs::exists(target_, ignored) && !fs::is_directory(target_, ignored);
  require(!is_file, ErrorKind::usage, target_.string(), ": is a file, a folder is written; give another name");
  require(!occupied || replace, ErrorKind::usage, target_.string(),
          ": is there already and is not empty; choose another folder or add --force");
  std::error_code error;
  fs::create_directories(folder_of(target_), error);
  require(!error, ErrorKind::environment, folder_of(target_).string(), ": cannot be made: ", error.message());
  std::string pattern = (folder_of(target_) / ("." + target_.filename().string() + ".XXXXXX")).string();
  require(::mkdtemp(pattern.data()) != nullptr, ErrorKind::environment, folder_of(target_).string(),
          ": cannot be written: ", std::strerror(errno));
  staging_ = pattern;
}

StagedFolder::~StagedFolder() {
  std::error_code ignored;
  if (!committed_) fs::remove_all(staging_, ignored);
}

void StagedFolder::add(const fs::path& name, BytesView content) {
  bool escapes = name.is_absolute() || name.empty();
  for (const auto& part : name) escapes = escapes || part == "..";
  require(!escapes, ErrorKind::internal, name.string(), ": would lie outside the output folder");
  fs::create_directories((staging_ / name).parent_path());
  write_file_atomically(staging_ / name, content);
}

void StagedFolder::add(const fs::path& name, std::string_view content) { add(name, as_bytes_view(content)); }

void StagedFolder::commit() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  ::chmod(staging_.c_str(), 0777 & ~mask);
  std::error_code error;
  fs::path retired;
  if (fs::exists(target_)) {
    retired = staging_.string() + ".old";
    fs::rename(target_, retired, error);
    require(!error, ErrorKind::environment, target_.string(), ": cannot be replaced: ", error.message());
  }
  fs::rename(staging_, target_, error);
  require(!error, ErrorKind::environment, target_.string(), ": cannot be written: ", error.message());
  committed_ = true;
  if (!retired.empty()) fs::remove_all(retired, error);
  flush_folder(folder_of(target_));
}

}  // namespace es
