// Reads below one folder of this tree, so that messages show the same paths on every machine.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "compiler/source/file_reader.h"

namespace batonc {

class FolderReader final : public FileReader {
 public:
  explicit FolderReader(std::filesystem::path folder) : folder_(std::move(folder)) {}

  baton::Result<std::string> Read(const std::string& path) override {
    return disk_.Read((folder_ / path).string());
  }
  std::string Identity(const std::string& path) override {
    return disk_.Identity((folder_ / path).string());
  }

 private:
  std::filesystem::path folder_;
  DiskReader disk_;
};

// The names of the .idl and .ipdl files right in `folder`, sorted.
inline std::vector<std::string> IdlFilesIn(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto ending = entry.path().extension();
    if (ending == ".idl" || ending == ".ipdl") names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace batonc
