// Every system call of freezing memory fails once: what is left is frozen, or as it was, or gone.
#include <sys/mman.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cerrno>
#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include <baton/platform/fault_injection.h>
#include <baton/platform/frozen_memory.h>
#include <baton/platform/shared_memory.h>

#include "tests/fault/sweep_errors.h"
#include "tests/process/load_actors.h"
#include "tests/support/byte_content.h"
#include "tests/support/must.h"
#include "tests/support/watchdog.h"

namespace baton::testing {
namespace {

using platform::FrozenMemory;
using platform::MapOptions;
using platform::Revocation;
using platform::RevocationWay;
using platform::SharedMemory;

constexpr std::uint64_t kSize = 300'001;

// A mapping of somebody else's, while this exists.
class Other {
 public:
  explicit Other(const SharedMemory& memory)
      : place_(::mmap(nullptr, 1, PROT_READ | PROT_WRITE, MAP_SHARED, memory.handle().get(), 0)) {
    CHECK(place_ != MAP_FAILED);
  }
  Other(const Other&) = delete;
  Other& operator=(const Other&) = delete;
  ~Other() { ::munmap(place_, 1); }

 private:
  void* const place_;
};

// Whether all went as if nothing had failed.
bool FreezeAndRead(const MapOptions& options) {
  auto memory = SharedMemory::Create("fault", kSize);
  if (!memory) return false;
  auto mapping = memory->Map(options);
  if (!mapping) return false;
  std::ranges::fill(mapping->bytes(), std::byte{5});
  if (!mapping->Revoke() || !mapping->Grant()) return false;
  auto frozen = FrozenMemory::Freeze(*memory, *mapping);
  const bool is_whole = frozen.has_value();
  if (!frozen && *mapping) {
    CHECK(HoldsOnly(mapping->bytes(), 5));
    frozen = FrozenMemory::Freeze(*memory, *mapping);
    CHECK(frozen);
  }
  if (!frozen) return false;
  const auto view = frozen->Map();
  if (view) CHECK(HoldsOnly(view->bytes(), 5));
  return is_whole && view;
}

bool IsRefusedWithoutLoss(const MapOptions& options) {
  auto memory = SharedMemory::Create("fault", kSize);
  if (!memory) return false;
  auto mapping = memory->Map(options);
  if (!mapping) return false;
  std::ranges::fill(mapping->bytes(), std::byte{5});
  const auto* const place = mapping->bytes().data();
  const Other other(*memory);
  const auto refused = FrozenMemory::Freeze(*memory, *mapping);
  CHECK_FALSE(refused);
  if (!*mapping) return false;
  CHECK(mapping->bytes().data() == place);
  CHECK(HoldsOnly(mapping->bytes(), 5));
  return refused.error() == std::errc::device_or_resource_busy;
}

TEST_CASE(
    "faults: freezing whose n-th system call fails is an error, and loses no more than it says") {
  const Watchdog watchdog;
  const MapOptions options =
      GENERATE(MapOptions{.way = RevocationWay::kInPlace}, MapOptions{.way = RevocationWay::kMoved},
               MapOptions{.revocation = Revocation::kUnmap});
  REQUIRE(FreezeAndRead(options));  // what the probes keep for good is there now
  SweepErrors([&] { return FreezeAndRead(options); });
  REQUIRE(IsRefusedWithoutLoss(options));
  SweepErrors([&] { return IsRefusedWithoutLoss(options); });
}

TEST_CASE("faults: memory that no peer has had is frozen although the kernel has a page in hand") {
  const Watchdog watchdog;
  bool was_busy = false;
  for (int nth = 1; !was_busy; ++nth) {
    LoadPair pair(Path::kInProcess);
    Shmem memory = Must(pair.parent->AllocShmem(kSize));
    std::ranges::fill(memory.bytes(), std::byte{5});
    platform::testing::FailNthCall fault(nth, EBUSY);
    const auto frozen = pair.parent->Freeze(std::move(memory));
    REQUIRE(fault.failed_call() != nullptr);
    was_busy = fault.failed_call() == std::string("fcntl(F_ADD_SEALS)");
    if (!was_busy) continue;
    REQUIRE(frozen);
    CHECK(HoldsOnly(frozen->bytes(), 5));
  }
}

}  // namespace
}  // namespace baton::testing
