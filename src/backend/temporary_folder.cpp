// SPDX-License-Identifier: Apache-2.0
#include "backend/temporary_folder.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>

#include "base/error.h"

namespace es::backend {

TemporaryFolder::TemporaryFolder() {
  std::error_code error;
  const auto parent = std::filesystem::temp_directory_path(error);
  require(!error, ErrorKind::environment, "TMPDIR: names no folder for temporary files (", error.message(), ")");
  std::string pattern = (parent / "edgestream.XXXXXX").string();
  require(::mkdtemp(pattern.data()) != nullptr, ErrorKind::environment, parent.string(),
          ": no temporary folder can be made there: ", std::strerror(errno),
          "; set TMPDIR to a folder that can be written");
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace es::backend
