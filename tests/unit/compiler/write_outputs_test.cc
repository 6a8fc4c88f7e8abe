#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "compiler/driver/write_outputs.h"
#include "tests/support/scratch_folder.h"

namespace batonc {
namespace {

namespace fs = std::filesystem;
using baton::testing::ScratchFolder;

std::string Content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_CASE("write outputs: makes the folders, and leaves alone what has not changed") {
  const ScratchFolder folder;
  const fs::path path = folder.path() / "a" / "b" / "c.h";
  REQUIRE(WriteIfChanged(path.string(), "one").has_value());
  CHECK(Content(path) == "one");

  const fs::file_time_type long_ago = fs::last_write_time(path) - std::chrono::hours(1);
  fs::last_write_time(path, long_ago);
  REQUIRE(WriteIfChanged(path.string(), "one").has_value());
  CHECK(fs::last_write_time(path) == long_ago);

  REQUIRE(WriteIfChanged(path.string(), "two").has_value());
  CHECK(Content(path) == "two");
  CHECK(fs::last_write_time(path) != long_ago);
  const fs::directory_iterator left(path.parent_path());
  CHECK(std::distance(begin(left), end(left)) == 1);
}

TEST_CASE("write outputs: an obstacle is told and nothing is left behind") {
  const ScratchFolder folder;
  std::ofstream(folder.path() / "file") << "x";
  CHECK_FALSE(WriteIfChanged((folder.path() / "file" / "c.h").string(), "one").has_value());
  fs::create_directory(folder.path() / "taken.h");
  CHECK_FALSE(WriteIfChanged((folder.path() / "taken.h").string(), "one").has_value());
  const fs::directory_iterator left(folder.path());
  CHECK(std::distance(begin(left), end(left)) == 2);
}

TEST_CASE("write outputs: a dependency file survives odd names") {
  CHECK(DependencyFile({"o/a.h", "o/b c.h"}, {"a.idl", "$x#y.idlh"}) ==
        "o/a.h o/b\\ c.h: \\\n  a.idl \\\n  $$x\\#y.idlh\n");
}

}  // namespace
}  // namespace batonc
