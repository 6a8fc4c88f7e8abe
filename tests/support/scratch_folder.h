// A folder that a test may fill, and that goes away with all that is in it.
#pragma once

#include <filesystem>

namespace baton::testing {

class ScratchFolder {
 public:
  // Fails the test when there can be no such folder.
  ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder();

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace baton::testing
