// What creating shared memory refuses. What it promises is in
// tests/conformance/shared_memory_conformance.h.
#include <baton/platform/shared_memory.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>

#include "tests/support/leak_check.h"
#include "tests/support/must.h"
#include "tests/support/sealed_memory.h"

namespace baton::platform {
namespace {

using baton::testing::LeakCheck;
using baton::testing::Must;

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 47;

std::string OwnMappings() {
  std::ifstream maps("/proc/self/maps");
  return {std::istreambuf_iterator<char>(maps), {}};
}

TEST_CASE("Memory of an impossible size is refused") {
  const LeakCheck leak_check;
  const auto size =
      GENERATE(std::uint64_t{0}, kMostBytes + 1, std::numeric_limits<std::uint64_t>::max());
  CAPTURE(size);
  CHECK(SharedMemory::Create("impossible", size).error() == std::errc::invalid_argument);
}

TEST_CASE("More memory than the machine has is a shortage, reported at once") {
  const LeakCheck leak_check;
  const auto size = GENERATE(std::uint64_t{kMostBytes}, kMostBytes - 1, kMostBytes / 2);
  CAPTURE(size);
  CHECK(SharedMemory::Create("enormous", size).error() == Cause::kExhausted);
}

std::int64_t BackedBytes(const SharedMemory& memory) {
  struct stat object = {};
  REQUIRE(::fstat(memory.handle().get(), &object) == 0);
  return std::int64_t{object.st_blocks} * 512;
}

TEST_CASE("Memory without backing is as any other, and backed by who reserves it") {
  const LeakCheck leak_check;
  constexpr std::uint64_t kSize = 3 << 20;
  const SharedMemory made = Must(SharedMemory::CreateUnbacked("later", kSize));
  CHECK(BackedBytes(made) == 0);
  const SharedMemory adopted = Must(SharedMemory::Adopt(Must(made.handle().Duplicate()), kSize));
  Must(adopted.Reserve());
  CHECK(BackedBytes(adopted) == kSize);
  const Mapping mapping = Must(adopted.Map());
  mapping.bytes()[kSize - 1] = std::byte{1};
  Must(adopted.Reserve());  // changes nothing
  CHECK(mapping.bytes()[kSize - 1] == std::byte{1});
  CHECK(SharedMemory::CreateUnbacked("impossible", 0).error() == std::errc::invalid_argument);
}

TEST_CASE("The name shows in the system's lists, as far as it fits") {
  if (!baton::testing::OwnMemory().is_anonymous) {
    SKIP_TEST("memory that had a name of its own does not show another");
  }
  const LeakCheck leak_check;
  const std::string name = GENERATE(as<std::string>(), "", "camera frame 7", std::string(200, 'n'),
                                    std::string(201, 'n'), std::string(5000, 'n'));
  CAPTURE(name.size());
  const SharedMemory memory = Must(SharedMemory::Create(name, 4096));
  const Mapping mapping = Must(memory.Map());
  CHECK_THAT(OwnMappings(), Catch::Contains("/memfd:" + name.substr(0, 200) + " (deleted)"));
}

}  // namespace
}  // namespace baton::platform
