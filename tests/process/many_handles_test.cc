// As many handles as a message takes, and one more.
#include <fcntl.h>

#include <catch2/catch.hpp>
#include <vector>

#include "tests/process/load_actors.h"
#include "tests/support/guarded.h"
#include "tests/support/many_files.h"
#include "tests/support/skip.h"

namespace baton::testing {
namespace {

constexpr std::size_t kMostHandles = 1024;

TEST_CASE("a message takes 1024 handles, which arrive in one piece, and no more") {
  const Path path = EachPath();
  const Guarded guarded;
  if (!AllowManyFiles()) SKIP_TEST("this process may not open enough files");
  LoadPair pair(path);
  std::vector<FileDescriptor> files;
  for (std::size_t i = 0; i < kMostHandles + 1; ++i) {
    files.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  }
  CHECK(pair.parent->SendFiles(0, files, {}).error() == Errc::kTooManyHandles);
  CHECK(files.back());
  files.pop_back();
  for (std::uint64_t number = 0; number < 3; ++number) {
    Must(pair.parent->SendFiles(number, files, ContentOf(number, 100)));
    pair.RunUntil([&] { return pair.child->received == number + 1; });
  }
  CHECK(pair.child->files_received == 3 * kMostHandles);
  pair.parent->Close();
  pair.RunToTheEnd();
  ReportRecordedFailures();
}

}  // namespace
}  // namespace baton::testing
