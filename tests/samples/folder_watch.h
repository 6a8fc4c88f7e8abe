// Waits, without polling, until so many thumbnails are in their folder, and for a child to kill.
#pragma once

#include <cstddef>
#include <filesystem>
#include <vector>

#include <baton/platform/handle.h>

namespace samples::testing {

class FolderWatch {
 public:
  // Counts, from here on, what is moved into place there.
  explicit FolderWatch(const std::filesystem::path& folder);

  // False if fewer came within the test's patience.
  bool AwaitFiles(std::size_t count) const;

 private:
  baton::platform::Handle events_;
};

// The children that the process `pid` has at this moment.
std::vector<int> ChildrenOf(int pid);

// Kills them; returns how many there were.
std::size_t KillChildrenOf(int pid);

}  // namespace samples::testing
