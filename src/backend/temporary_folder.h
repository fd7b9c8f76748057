// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace es::backend {

// A folder that only this user can enter, gone with its content at the end of the scope. Throws environment where none
// can be made.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace es::backend
