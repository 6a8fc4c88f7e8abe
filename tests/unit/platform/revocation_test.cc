// How access to memory is taken away and given back: by which means, at what cost in addresses, and
// what is left when the system says no on the way. What holds for all of it is in
// tests/conformance/shared_memory_conformance.h.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cerrno>
#include <cstdlib>
#include <functional>
#include <string>

#include <baton/platform/fault_injection.h>
#include <baton/platform/memory_capabilities.h>
#include <baton/platform/shared_memory.h>
#include "tests/support/guarded.h"
#include "tests/support/memory_areas.h"
#include "tests/support/must.h"
#include "tests/support/peer.h"
#include "tests/support/sanitizer.h"
#include "tests/support/sealed_memory.h"
#include "tests/support/skip.h"
#include "tests/support/toucher.h"

namespace baton::testing {
namespace {

using platform::FindMemoryCapabilities;
using platform::MapOptions;
using platform::Mapping;
using platform::Placement;
using platform::Revocation;
using platform::RevocationWay;
using platform::SharedMemory;

constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kMiB = 1024 * kKiB;
constexpr MapOptions kMoved{.way = RevocationWay::kMoved};
constexpr MapOptions kInPlace{.way = RevocationWay::kInPlace};
constexpr MapOptions kUnmapped{.revocation = Revocation::kUnmap};

bool CanMove() {
  return FindMemoryCapabilities().constant_cost_revocation;
}

SharedMemory MakeMemory(std::uint64_t size) {
  return Must(SharedMemory::Create("revocation", size));
}

bool IsWorthMoving(std::uint64_t size) {
  return size >= 256 * kKiB;
}

TEST_CASE("Revoking moves the pages of large memory, and leaves small memory where it is") {
  if (!CanMove()) SKIP_TEST("a kernel that does not move shared memory");
  if (std::getenv("BATON_REVOKE") != nullptr) SKIP_TEST("BATON_REVOKE decides otherwise");
  const LeakCheck leak_check;
  const auto size = GENERATE(as<std::uint64_t>(), 1, 64 * kKiB, 256 * kKiB - 1, 256 * kKiB, kMiB,
                             2 * kMiB, 5 * kMiB);
  CAPTURE(size);
  const SharedMemory memory = MakeMemory(size);
  Mapping mapping = Must(memory.Map());
  CHECK(AreasOf(memory).size() == 1);
  Must(mapping.Revoke());
  const auto areas = AreasOf(memory);
  REQUIRE(areas.size() == (IsWorthMoving(size) ? 2 : 1));
  for (const MemoryArea& area : areas) {
    const bool is_home = area.begin == mapping.bytes().data();
    CHECK(area.access == (is_home ? "---s" : "rw-s"));
    CHECK_THAT(area.flags, Catch::Contains(" dc "));
  }
}

// BATON_REVOKE is read once in a process.
PEER(IsToldHowToRevoke) {
  const std::string wish = std::getenv("BATON_REVOKE");
  const SharedMemory memory = MakeMemory(4096);
  Mapping free_to_choose = Must(memory.Map());
  Must(free_to_choose.Revoke());
  const std::size_t expected = wish == "move" ? 2 : wish == "unmap" ? 0 : 1;
  PEER_EXPECT(AreasOf(memory).size() == expected);
  Mapping has_chosen = Must(memory.Map(kInPlace));
  Must(has_chosen.Revoke());
  PEER_EXPECT(AreasOf(memory).size() == expected + 1);
}

TEST_CASE("BATON_REVOKE chooses for those who have not chosen") {
  if (!CanMove()) SKIP_TEST("a kernel that does not move shared memory");
  const char* const before = std::getenv("BATON_REVOKE");
  const std::string restored = before == nullptr ? "" : before;
  const Guarded guarded;
  ::setenv("BATON_REVOKE", GENERATE("protect", "move", "unmap", "nonsense"), 1);
  Peer peer = START_PEER(PeerKind::kProcess, IsToldHowToRevoke);
  peer.Join();
  before == nullptr ? ::unsetenv("BATON_REVOKE") : ::setenv("BATON_REVOKE", restored.c_str(), 1);
}

TEST_CASE("Large memory lies in ranges as wide and as aligned as a table of page tables") {
  if (!CanMove() || !FindMemoryCapabilities().wide_ranges) SKIP_TEST("no room for such ranges");
  const SharedMemory memory = MakeMemory(3 * kMiB);
  const Mapping mapping = Must(memory.Map(kMoved));
  const auto areas = AreasOf(memory);
  REQUIRE(areas.size() == 1);
  CHECK(reinterpret_cast<std::uintptr_t>(areas[0].begin) % (kMiB * kKiB) == 0);
  CHECK(areas[0].size == kMiB * kKiB);
}

TEST_CASE("Thousands of hand-overs leave as many areas of addresses as the first") {
  const Guarded guarded;
  const MapOptions options = GENERATE(kMoved, kInPlace, kUnmapped);
  for (const std::uint64_t size : {4 * kKiB, kMiB, 5 * kMiB}) {
    const SharedMemory memory = MakeMemory(size);
    Mapping mapping = Must(memory.Map(options));
    std::ranges::fill(mapping.bytes(), std::byte{0x66});
    Must(mapping.Revoke());
    Must(mapping.Grant());
    const auto before = CountAreas();
    for (int round = 0; round < 2000; ++round) {
      Must(mapping.Revoke());
      Must(mapping.Grant());
      mapping.bytes().front() = std::byte{0x67};
    }
    CHECK(CountAreas() <= before);
    CHECK(mapping.bytes().back() == std::byte{0x66});
  }
}

TEST_CASE("Only memory that is unmapped can be frozen by others while it is revoked") {
  SKIP_UNLESS_SEALED();
  const MapOptions options = GENERATE(kMoved, kInPlace, kUnmapped);
  const bool is_unmapped = options.revocation == Revocation::kUnmap;
  const LeakCheck leak_check;
  const SharedMemory memory = MakeMemory(kMiB);
  Mapping mapping = Must(memory.Map(options));
  Must(mapping.Revoke());
  const int sealed = ::fcntl(memory.handle().get(), F_ADD_SEALS, F_SEAL_WRITE);
  CHECK((sealed == 0) == is_unmapped);
  if (!is_unmapped) CHECK(errno == EBUSY);
  // Then nobody can give back the right to write, and that is a value.
  const auto granted = mapping.Grant();
  CHECK(granted.has_value() != is_unmapped);
  if (!is_unmapped) return;
  CHECK(granted.error() == std::errc::operation_not_permitted);
  Toucher toucher;
  CHECK(toucher.TryRead(mapping.bytes().data()) == EFAULT);
}

TEST_CASE("At the end of its pages, memory ends where the next byte faults, in every size") {
  const LeakCheck leak_check;
  const RevocationWay way = GENERATE(RevocationWay::kInPlace, RevocationWay::kMoved);
  const auto size =
      GENERATE(as<std::uint64_t>(), 1, 3, 4095, 4096, 4097, 300 * kKiB + 7, 3 * kMiB + 1);
  CAPTURE(size);
  Mapping mapping = Must(MakeMemory(size).Map({.way = way, .placement = Placement::kAtEnd}));
  Toucher toucher;
  std::byte* const last = &mapping.bytes().back();
  for (int round = 0; round < 2; ++round) {
    CHECK(toucher.TryWrite(mapping.bytes().data()) == 0);
    CHECK(toucher.TryWrite(last) == 0);
    CHECK(toucher.TryRead(last + 1) == EFAULT);
    CHECK(toucher.TryWrite(last + 1) == EFAULT);
    Must(mapping.Revoke());
    CHECK(toucher.TryRead(last) == EFAULT);
    CHECK(toucher.TryRead(last + 1) == EFAULT);
    Must(mapping.Grant());
  }
  CHECK(mapping.bytes().size() == size);
  CHECK(*last == std::byte{0x5a});
}

bool IsThere(const std::byte* page) {
  unsigned char resident = 0;
  return ::mincore(const_cast<std::byte*>(page), 1, &resident) == 0;
}

PEER(ForksWithMemory) {
  for (const bool is_revoked : {false, true}) {
    const SharedMemory memory = MakeMemory(3 * kMiB);
    Mapping mapping = Must(memory.Map(kMoved));
    if (is_revoked) Must(mapping.Revoke());
    const auto areas = AreasOf(memory);
    const pid_t child = ::fork();
    if (child == 0) {
      const bool inherits =
          std::ranges::any_of(areas, [](const MemoryArea& area) { return IsThere(area.begin); });
      ::_exit(inherits ? 1 : 0);
    }
    int status = -1;
    PEER_EXPECT(child > 0 && ::waitpid(child, &status, 0) == child);
    PEER_EXPECT(status == 0);
    PEER_EXPECT(IsThere(areas.at(0).begin));
  }
}

TEST_CASE("A forked child has neither of the two ranges of moved memory") {
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, ForksWithMemory);
  peer.Join();
}

void LimitAddresses(rlim_t bytes) {
  const rlimit limit = {bytes, RLIM_INFINITY};
  PEER_EXPECT(::setrlimit(RLIMIT_AS, &limit) == 0);
}

// Without memory of its own, of which there is none to be had.
bool FaultsWithin(int pipe_end, const std::byte* address) {
  return ::write(pipe_end, address, 1) == -1 && errno == EFAULT;
}

// The kernel unmaps the target of a move before it finds out that it has no addresses to give.
PEER(LosesItsAddresses) {
  int ends[2] = {-1, -1};
  PEER_EXPECT(::pipe2(ends, O_CLOEXEC) == 0);
  const platform::Handle reader(ends[0]);
  const platform::Handle writer(ends[1]);
  for (const std::uint64_t size : {kMiB, 3 * kMiB}) {
    const SharedMemory memory = MakeMemory(size);
    Mapping mapping = Must(memory.Map(kMoved));
    std::byte* const first = mapping.bytes().data();
    std::ranges::fill(mapping.bytes(), std::byte{0x44});
    Must(mapping.Revoke());

    LimitAddresses(4096);
    const auto refused = mapping.Grant();
    const bool faults = FaultsWithin(writer.get(), first);
    const auto refused_again = mapping.Grant();
    LimitAddresses(RLIM_INFINITY);
    PEER_EXPECT(refused.has_error() && refused.error() == std::errc::not_enough_memory);
    PEER_EXPECT(refused_again.has_error());
    PEER_EXPECT(faults);
    // Whoever finds the addresses free meanwhile keeps them.
    void* const foreign = ::mmap(first, 4096, PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    PEER_EXPECT(foreign == first);
    *first = std::byte{0x45};
    PEER_EXPECT(mapping.Grant().has_error());
    PEER_EXPECT(*first == std::byte{0x45});
    ::munmap(foreign, 4096);
    Must(mapping.Grant());
    PEER_EXPECT(*first == std::byte{0x44} && mapping.bytes().back() == std::byte{0x44});

    LimitAddresses(4096);
    const auto revoked = mapping.Revoke();  // in place, then
    const bool faults_in_place = FaultsWithin(writer.get(), first);
    const auto granted = mapping.Grant();
    LimitAddresses(RLIM_INFINITY);
    PEER_EXPECT(revoked.has_value() && faults_in_place && granted.has_value());
    PEER_EXPECT(*first == std::byte{0x44});

    Must(mapping.Revoke());  // the vault is had back
    PEER_EXPECT(AreasOf(memory).size() == 2);
    PEER_EXPECT(FaultsWithin(writer.get(), first));
  }
}

TEST_CASE("Where addresses run out in the middle of a move, memory is whole and can be had back") {
  if (IsSanitized()) SKIP_TEST("a sanitizer needs addresses of its own");
  if (!CanMove()) SKIP_TEST("a kernel that does not move shared memory");
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, LosesItsAddresses);
  peer.Join();
}

PEER(HasFewAddresses) {
  int ends[2] = {-1, -1};
  PEER_EXPECT(::pipe2(ends, O_CLOEXEC) == 0);
  const platform::Handle reader(ends[0]);
  const platform::Handle writer(ends[1]);
  LimitAddresses(2 * kMiB * kKiB);                   // too few for ranges of 1 GiB
  const SharedMemory memory = MakeMemory(4 * kMiB);  // would fill two tables
  Mapping mapping = Must(memory.Map(kMoved));
  PEER_EXPECT(AreasOf(memory).at(0).size == 6 * kMiB);
  std::byte* const behind = mapping.bytes().data() + mapping.bytes().size();
  for (int round = 0; round < 2; ++round) {
    PEER_EXPECT(FaultsWithin(writer.get(), behind));
    Must(mapping.Revoke());
    PEER_EXPECT(FaultsWithin(writer.get(), behind));
    PEER_EXPECT(FaultsWithin(writer.get(), behind - 1));
    Must(mapping.Grant());
    mapping.bytes().back() = std::byte{1};
  }
}

TEST_CASE("Where there is no room for wide ranges, narrower ones do") {
  if (IsSanitized()) SKIP_TEST("a sanitizer needs addresses of its own");
  if (!CanMove()) SKIP_TEST("a kernel that does not move shared memory");
  const Guarded guarded;
  Peer peer = START_PEER(PeerKind::kProcess, HasFewAddresses);
  peer.Join();
}

// Fails the n-th call of `step`, on memory that `before` has prepared, until there are no more.
void FailEachCall(const MapOptions& options, int error, const std::function<void(Mapping&)>& before,
                  const std::function<void(Mapping&)>& step) {
  constexpr int kMostCalls = 10;
  bool met = true;
  for (int nth = 1; met; ++nth) {
    REQUIRE(nth < kMostCalls);
    const LeakCheck leak_check;
    Mapping mapping = Must(MakeMemory(3 * kMiB).Map(options));
    std::ranges::fill(mapping.bytes(), std::byte{0x55});
    before(mapping);
    {
      platform::testing::FailNthCall fault(nth, error);
      step(mapping);
      met = fault.failed_call() != nullptr;
    }
    Must(mapping.Revoke());
    Must(mapping.Grant());
    CHECK(std::ranges::count(mapping.bytes(), std::byte{0x55}) ==
          static_cast<std::ptrdiff_t>(mapping.bytes().size()));
  }
}

TEST_CASE("Whatever call fails, memory is as accessible as before or revoked, never half") {
  if (!platform::testing::kCanInjectFaults) {
    SKIP_TEST("a build in which no system call can be made to fail");
  }
  const MapOptions options = GENERATE(kMoved, kInPlace, kUnmapped);
  const int error = GENERATE(ENOMEM, EINVAL, EPERM);
  Toucher toucher;
  const auto is_accessible = [&](const Mapping& mapping) {
    const bool first = toucher.TryRead(&mapping.bytes().front()) == 0;
    const bool last = toucher.TryRead(&mapping.bytes().back()) == 0;
    CHECK(first == last);
    return first;
  };
  SECTION("revoking") {
    FailEachCall(
        options, error, [](Mapping&) {},
        [&](Mapping& mapping) {
          const auto revoked = mapping.Revoke();
          CHECK(is_accessible(mapping) == revoked.has_error());
        });
  }
  SECTION("granting") {
    FailEachCall(
        options, error, [](Mapping& mapping) { Must(mapping.Revoke()); },
        [&](Mapping& mapping) {
          const auto granted = mapping.Grant();
          CHECK(is_accessible(mapping) == granted.has_value());
        });
  }
}

TEST_CASE("What the machine can do with shared memory is found out and said") {
  const LeakCheck leak_check;
  const auto found = FindMemoryCapabilities();
  CHECK(found.sealed == baton::testing::OwnMemory().sealed);
  const std::string name = baton::testing::OwnMemory().name;
  if (IsSanitized()) CHECK_FALSE(found.wide_ranges);
  if (found.huge_pages_policy == "never") CHECK_FALSE(found.huge_pages_seen);
  CHECK_THAT(ToString(found), Catch::Contains(name + ", sealed " + (found.sealed ? "yes" : "no") +
                                              ", constant-cost revocation "));
}

}  // namespace
}  // namespace baton::testing
