#include "samples/decoder/thumbnail_folder.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "tests/support/leak_check.h"
#include "tests/support/must.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/watchdog.h"

namespace samples::testing {
namespace {

using baton::testing::LeakCheck;
using baton::testing::Must;
using baton::testing::ScratchFolder;
using baton::testing::Watchdog;
using Names = std::vector<std::string>;

baton::Result<void> Write(const std::filesystem::path& path, std::string_view content) {
  return WriteThumbnail(path, std::as_bytes(std::span(content)));
}

std::string ContentOf(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// No file of this process may grow beyond so many bytes.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before_) == 0);
    const rlimit limit = {.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_ = {};
  void (*handler_)(int);
};

TEST_CASE("a thumbnail replaces an older one, and is as readable as any file") {
  const LeakCheck leak_check;
  const ScratchFolder scratch;
  const auto path = scratch.Write("out/a.png.png", "the old one");
  Must(Write(path, "new"));
  REQUIRE(ContentOf(path) == "new");
  REQUIRE(scratch.NamesIn("out") == Names{"a.png.png"});
  const auto other = scratch.Write("out/other", "x");
  REQUIRE(std::filesystem::status(path).permissions() ==
          std::filesystem::status(other).permissions());
}

TEST_CASE("a pipe with the name of a thumbnail is replaced, not written to") {
  const LeakCheck leak_check;
  const Watchdog watchdog;
  const ScratchFolder scratch;
  const auto path = scratch.path() / "a.png.png";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  Must(Write(path, "thumb"));
  REQUIRE(std::filesystem::is_regular_file(path));
  REQUIRE(ContentOf(path) == "thumb");
}

TEST_CASE("a link with the name of a thumbnail is replaced, not followed") {
  const LeakCheck leak_check;
  const ScratchFolder scratch;
  const auto precious = scratch.Write("elsewhere/precious", "precious");
  const auto path = scratch.path() / "out/a.png.png";
  std::filesystem::create_directory(path.parent_path());
  std::filesystem::create_symlink(GENERATE(0, 1) == 0 ? precious : scratch.path() / "elsewhere/new",
                                  path);
  Must(Write(path, "thumb"));
  REQUIRE(std::filesystem::is_regular_file(std::filesystem::symlink_status(path)));
  REQUIRE(ContentOf(path) == "thumb");
  REQUIRE(ContentOf(precious) == "precious");
  REQUIRE(scratch.NamesIn("elsewhere") == Names{"precious"});
}

TEST_CASE("a thumbnail that cannot be written leaves the older one, and nothing else") {
  const LeakCheck leak_check;
  const ScratchFolder scratch;
  const auto path = scratch.Write("out/a.png.png", "the old one");
  const auto written = [&] {
    const FileSizeLimit limit(5);
    return Write(path, "longer than that");
  }();
  REQUIRE(!written);
  REQUIRE(written.error() == std::errc::file_too_large);
  REQUIRE(ContentOf(path) == "the old one");
  REQUIRE(scratch.NamesIn("out") == Names{"a.png.png"});
}

TEST_CASE("a folder with the name of a thumbnail stays") {
  const LeakCheck leak_check;
  const ScratchFolder scratch;
  std::filesystem::create_directories(scratch.path() / "out/a.png.png");
  const auto written = Write(scratch.path() / "out/a.png.png", "thumb");
  REQUIRE(!written);
  REQUIRE(written.error() == std::errc::is_a_directory);
  REQUIRE(scratch.NamesIn("out") == Names{"a.png.png"});
}

}  // namespace
}  // namespace samples::testing
