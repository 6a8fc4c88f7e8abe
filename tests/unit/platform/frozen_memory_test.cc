// Memory that is frozen where it is, and given back where it cannot be.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>

#include <baton/platform/frozen_memory.h>
#include <baton/platform/shared_memory.h>

#include "tests/support/byte_content.h"
#include "tests/support/leak_check.h"
#include "tests/support/must.h"
#include "tests/support/page_in_pipe.h"
#include "tests/support/skip_without_seals.h"
#include "tests/support/toucher.h"

namespace baton::platform {
namespace {

using baton::testing::FillWith;
using baton::testing::HoldsOnly;
using baton::testing::LeakCheck;
using baton::testing::Must;
using baton::testing::Toucher;

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

MapOptions EachWay() {
  return GENERATE(MapOptions{}, MapOptions{.way = RevocationWay::kInPlace},
                  MapOptions{.way = RevocationWay::kMoved},
                  MapOptions{.revocation = Revocation::kUnmap},
                  MapOptions{.revocation = Revocation::kNone});
}

std::uint64_t EachSize() {
  return GENERATE(as<std::uint64_t>(), 1, 4096, 300'001, 3 * kMiB + 1);
}

struct Filled {
  explicit Filled(std::uint64_t size, const MapOptions& options = {})
      : memory(Must(SharedMemory::Create("frozen_test", size))),
        mapping(Must(memory.Map(options))) {
    FillWith(mapping.bytes(), 5);
  }
  // What is moved has a second area of addresses from then on.
  void RevokeAndGrant() {
    Must(mapping.Revoke());
    Must(mapping.Grant());
  }

  SharedMemory memory;
  Mapping mapping;
};

TEST_CASE("Memory is frozen as it is, however it was mapped, and nobody writes any more") {
  SKIP_WITHOUT_SEALS("it cannot be frozen");
  const MapOptions options = EachWay();
  const std::uint64_t size = EachSize();
  const bool was_revoked = GENERATE(false, true);
  CAPTURE(size);
  const LeakCheck leak_check;
  Filled filled(size, options);
  if (was_revoked) filled.RevokeAndGrant();
  const std::byte* const place = filled.mapping.bytes().data();
  const int fd = filled.memory.handle().get();
  const auto frozen = Must(FrozenMemory::Freeze(filled.memory, filled.mapping));
  CHECK_FALSE(filled.mapping);
  CHECK_FALSE(filled.memory.handle());
  CHECK(frozen.handle().get() == fd);
  CHECK(frozen.size() == size);
  const auto view = Must(frozen.Map());
  CHECK(view.bytes().size() == size);
  CHECK(HoldsOnly(view.bytes(), 5));
  Toucher toucher;
  CHECK(toucher.TryWrite(const_cast<std::byte*>(view.bytes().data())) == EFAULT);
  if (view.bytes().data() != place) CHECK(toucher.TryRead(place) == EFAULT);
  CHECK(::pwrite(fd, "x", 1, 0) == -1);
  CHECK(::ftruncate(fd, 0) == -1);
  CHECK(::fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096) == -1);
  CHECK(::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
  // Whoever gets the handle finds it frozen.
  const auto theirs = Must(FrozenMapping::Map(Must(frozen.handle().Duplicate()), size));
  CHECK(HoldsOnly(theirs.bytes(), 5));
}

TEST_CASE("Memory that somebody maps writable is not frozen, and is given back in its place") {
  SKIP_WITHOUT_SEALS("it cannot be frozen");
  const MapOptions options = EachWay();
  const std::uint64_t size = EachSize();
  const auto others_protection = GENERATE(PROT_READ | PROT_WRITE, PROT_READ, PROT_NONE);
  CAPTURE(size);
  const LeakCheck leak_check;
  Filled filled(size, options);
  const int fd = filled.memory.handle().get();
  void* const others = ::mmap(nullptr, 1, others_protection, MAP_SHARED, fd, 0);
  REQUIRE(others != MAP_FAILED);
  const auto bytes = filled.mapping.bytes();
  Toucher toucher;
  for (int round = 0; round < 3; ++round) {
    const auto refused = FrozenMemory::Freeze(filled.memory, filled.mapping);
    REQUIRE_FALSE(refused);
    CHECK(refused.error() == std::errc::device_or_resource_busy);
    REQUIRE(filled.mapping);
    CHECK(filled.mapping.bytes().data() == bytes.data());
    CHECK(HoldsOnly(bytes, 5 + round));
    // And as good as before for handing over.
    Must(filled.mapping.Revoke());
    const bool is_revoked = options.revocation != Revocation::kNone;
    CHECK((toucher.TryRead(bytes.data()) == EFAULT) == is_revoked);
    Must(filled.mapping.Grant());
    CHECK(toucher.TryWrite(bytes.data()) == 0);
    FillWith(bytes, 6 + round);
  }
  ::munmap(others, 1);
  Must(FrozenMemory::Freeze(filled.memory, filled.mapping));
}

TEST_CASE("Memory of which somebody has a page in a pipe is not frozen before he lets go of it") {
  SKIP_WITHOUT_SEALS("it cannot be frozen");
  const LeakCheck leak_check;
  Filled filled(kMiB);
  Handle pipe = baton::testing::PipeWithPageOf(filled.memory.handle());
  const auto refused = FrozenMemory::Freeze(filled.memory, filled.mapping);
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == std::errc::device_or_resource_busy);
  CHECK(HoldsOnly(filled.mapping.bytes(), 5));
  pipe.Reset();
  Must(FrozenMemory::Freeze(filled.memory, filled.mapping));
}

TEST_CASE("Memory whose seals are closed is never frozen, and is given back as well") {
  SKIP_WITHOUT_SEALS("it cannot be frozen");
  const LeakCheck leak_check;
  Filled filled(kMiB);
  REQUIRE(::fcntl(filled.memory.handle().get(), F_ADD_SEALS, F_SEAL_SEAL) == 0);
  const auto refused = FrozenMemory::Freeze(filled.memory, filled.mapping);
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == std::errc::operation_not_permitted);
  CHECK(HoldsOnly(filled.mapping.bytes(), 5));
}

TEST_CASE("A copy is frozen from its birth") {
  const LeakCheck leak_check;
  const std::vector<std::byte> bytes(10'000, std::byte{7});
  const auto copy = Must(FrozenMemory::Create("frozen_test", bytes));
  CHECK(copy.size() == bytes.size());
  CHECK(HoldsOnly(Must(copy.Map()).bytes(), 7));
  CHECK(::pwrite(copy.handle().get(), "x", 1, 0) == -1);
  CHECK(FrozenMemory::Adopt(Must(copy.handle().Duplicate()), 10'001).error() == Rule::kHandleSize);
  Filled filled(10'000);
  CHECK(FrozenMemory::Adopt(Must(filled.memory.handle().Duplicate()), 10'000).error() ==
        Rule::kHandleSeals);
}

}  // namespace
}  // namespace baton::platform
