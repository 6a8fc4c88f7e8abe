// What lies around the bytes of a mapping, and faults on their account.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>

#include <baton/platform/shared_memory.h>
#include "tests/support/leak_check.h"
#include "tests/support/must.h"
#include "tests/support/toucher.h"

namespace baton::platform {
namespace {

using baton::testing::LeakCheck;
using baton::testing::Must;
using baton::testing::Toucher;

TEST_CASE("The reach of a mapping is its bytes and the inaccessible pages around them") {
  const auto options = GENERATE(values<MapOptions>({{.way = RevocationWay::kInPlace},
                                                    {.way = RevocationWay::kMoved},
                                                    {.revocation = Revocation::kUnmap},
                                                    {.revocation = Revocation::kNone}}));
  const std::uint64_t size = GENERATE(1, 4096, 3 << 20);
  const LeakCheck leak_check;
  const auto page = static_cast<std::ptrdiff_t>(::sysconf(_SC_PAGESIZE));
  Mapping mapping = Must(Must(SharedMemory::Create("reach", size)).Map(options));
  const std::span<std::byte> reach = mapping.reach();
  const std::span<std::byte> bytes = mapping.bytes();
  CHECK(bytes.data() - reach.data() >= page);
  CHECK((reach.data() + reach.size()) - (bytes.data() + bytes.size()) >= page);
  Toucher toucher;
  CHECK(toucher.TryRead(reach.data()) == EFAULT);
  CHECK(toucher.TryRead(bytes.data() - 1) == EFAULT);
  CHECK(toucher.TryRead(&reach.back()) == EFAULT);
  CHECK(toucher.TryRead(bytes.data()) == 0);
  Must(mapping.Revoke());
  CHECK(mapping.reach().data() == reach.data());
  CHECK(mapping.reach().size() == reach.size());
}

TEST_CASE("Where nothing is mapped there is no reach") {
  CHECK(Mapping().reach().empty());
}

}  // namespace
}  // namespace baton::platform
