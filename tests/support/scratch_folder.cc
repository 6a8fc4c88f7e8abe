#include "tests/support/scratch_folder.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>
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

}  // namespace baton::testing
