// Waits, without polling, until so many files have been written in a folder.
#pragma once

#include <cstddef>
#include <filesystem>

#include <baton/platform/handle.h>

namespace samples::testing {

class FolderWatch {
 public:
  // Counts from here on.
  explicit FolderWatch(const std::filesystem::path& folder);

  // False if fewer came within the test's patience.
  bool AwaitFiles(std::size_t count) const;

 private:
  baton::platform::Handle events_;
};

// Kills the one child of the process `pid`, if there is one at this moment.
void KillChildOf(int pid);

}  // namespace samples::testing
