// SPDX-License-Identifier: Apache-2.0
//
// Paths as nvinfer resolves them, with one difference: an absolute path whose folder is missing is kept whole,
// where nvinfer cuts it at the first missing part.
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/error.h"
#include "config/read.h"

namespace es::config {
namespace {

struct Free {
  void operator()(char* text) const { std::free(text); }
};

// The canonical form, or `path` itself where it does not exist.
std::filesystem::path canonical_if_there(const std::string& path) {
  const std::unique_ptr<char, Free> canonical(::realpath(path.c_str(), nullptr));
  if (canonical) return canonical.get();
  require(errno == ENOENT, ErrorKind::unreadable, printable(path), ": ", std::strerror(errno));
  return path;
}

}  // namespace

std::filesystem::path resolve_path(const std::filesystem::path& config_file, const std::string& value) {
  if (value.starts_with('/')) return canonical_if_there(value);
  const std::filesystem::path folder = canonical_if_there(config_file.string()).parent_path();
  return canonical_if_there(folder.empty() ? value : folder.string() + "/" + value);
}

}  // namespace es::config
