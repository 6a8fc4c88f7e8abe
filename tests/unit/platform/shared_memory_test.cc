// What creating shared memory refuses. What it promises is in
// tests/conformance/shared_memory_conformance.h.
#include <baton/platform/shared_memory.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>

#include "tests/support/leak_check.h"
#include "tests/support/must.h"

namespace baton::platform {
namespace {

using baton::testing::LeakCheck;
using baton::testing::Must;

constexpr std::uint64_t kMost = std::uint64_t{1} << 47;

std::string OwnMappings() {
  std::ifstream maps("/proc/self/maps");
  return {std::istreambuf_iterator<char>(maps), {}};
}

TEST_CASE("Memory of an impossible size is refused") {
  const LeakCheck leak_check;
  const auto size =
      GENERATE(std::uint64_t{0}, kMost + 1, std::numeric_limits<std::uint64_t>::max());
  CAPTURE(size);
  CHECK(SharedMemory::Create("impossible", size).error() == std::errc::invalid_argument);
}

TEST_CASE("More memory than the machine has is a shortage, reported at once") {
  const LeakCheck leak_check;
  const auto size = GENERATE(std::uint64_t{kMost}, kMost - 1, kMost / 2);
  CAPTURE(size);
  CHECK(SharedMemory::Create("enormous", size).error() == Cause::kExhausted);
}

TEST_CASE("The name shows in the system's lists, as far as it fits") {
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
