#include "tests/support/scratch_folder.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <system_error>

namespace baton::testing {

ScratchFolder::ScratchFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "baton-test-XXXXXX").string();
  const bool made = ::mkdtemp(name.data()) != nullptr;
  REQUIRE(made);
  path_ = name;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;  // a folder that stays in /tmp fails no test
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path ScratchFolder::Write(const std::string& name,
                                           std::span<const std::byte> content) const {
  return Write(name, {reinterpret_cast<const char*>(content.data()), content.size()});
}

std::filesystem::path ScratchFolder::Write(const std::string& name,
                                           std::string_view content) const {
  const std::filesystem::path path = path_ / name;
  std::filesystem::create_directories(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.close();
  REQUIRE(file.good());
  return path;
}

std::vector<std::string> ScratchFolder::NamesIn(const std::string& name) const {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(path_ / name, error)) {
    names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace baton::testing
