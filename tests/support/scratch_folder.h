// A folder that a test may fill, and that goes away with all that is in it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace baton::testing {

class ScratchFolder {
 public:
  // Fails the test when there can be no such folder.
  ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder();

  const std::filesystem::path& path() const { return path_; }

  // Each makes the file, and the folders it is in, and returns its path.
  std::filesystem::path Write(const std::string& name, std::span<const std::byte> content) const;
  std::filesystem::path Write(const std::string& name, std::string_view content) const;

  // The names of what is in the folder `name` below this one, sorted; none if there is none.
  std::vector<std::string> NamesIn(const std::string& name) const;

 private:
  std::filesystem::path path_;
};

}  // namespace baton::testing
